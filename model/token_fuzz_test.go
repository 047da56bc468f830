package model

import (
	"encoding/base64"
	"strings"
	"testing"
)

func FuzzSplitToken(f *testing.F) {
	const id = "01M84AWKAYVNSRWRM3515BTQCB"
	secret := base64.RawURLEncoding.EncodeToString(make([]byte, secretBytes))
	for _, seed := range []string{"", ".", id, id + ".", id + "." + secret, id + "." + secret + "=", id + "." + secret + "x", strings.ToLower(id) + "." + secret, id + "\n." + secret, id + "." + secret[:20] + "\n" + secret[20:], "{" + id + "}." + secret, id + "." + secret + "." + secret} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		resident, session, ok := SplitToken(token)
		switch {
		case !ok && (resident != "" || session != ""):
			t.Errorf("%q is refused and gives %q, %q", token, resident, session)
		case ok && (!ValidID(resident) || len(session) != 64 || strings.Contains(token, session)):
			t.Errorf("%q gives %q, %q", token, resident, session)
		case ok && token != resident+"."+canonical(token):
			t.Errorf("%q and another token open the same session", token)
		}
	})
}

// canonical writes a token's secret as NewToken does.
func canonical(token string) string {
	_, secret, _ := strings.Cut(token, ".")
	raw, _ := base64.RawURLEncoding.DecodeString(secret)
	return base64.RawURLEncoding.EncodeToString(raw)
}
