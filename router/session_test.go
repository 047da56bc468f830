package router

import "testing"

func TestStandsFor(t *testing.T) {
	for address, want := range map[string]string{
		"203.0.113.7":              "203.0.113.7",
		"::ffff:203.0.113.7":       "203.0.113.7",
		"2001:db8:1:2::7":          "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff:1:2:3":  "2001:db8:1:2::/64",
		"2001:db8:1:3::7":          "2001:db8:1:3::/64",
		"fe80::1%eth0":             "fe80::/64",
		"::1":                      "::/64",
		"":                         "",
		"somebody behind a socket": "somebody behind a socket",
	} {
		if got := standsFor(address); got != want {
			t.Errorf("%q counts as %q, want %q", address, got, want)
		}
	}
}
