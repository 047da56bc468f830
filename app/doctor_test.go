package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var findingLine = regexp.MustCompile(`^(ok   |warn |FAIL ) ([a-z]+) +\S`)

// diagnosed gives the doctor's word on each thing, and whether he let the program pass.
func (d *desk) diagnosed() (words map[string]string, printed string, healthy bool) {
	d.t.Helper()
	printed, err := d.run("doctor")
	if err != nil && !errors.Is(err, errSaid) {
		d.t.Fatalf("he says nothing and ends with %v", err)
	}
	words = map[string]string{}
	for line := range strings.Lines(printed) {
		found := findingLine.FindStringSubmatch(line)
		if found == nil {
			d.t.Errorf("not a finding: %q", line)
			continue
		}
		words[found[2]] = strings.TrimSpace(found[1])
	}
	return words, printed, err == nil
}

func TestDoctorFindsAllWell(t *testing.T) {
	d := newDesk(t)
	d.mustRun("migrate up")
	words, printed, healthy := d.diagnosed()
	for thing, want := range map[string]string{
		"settings": "ok", "database": "ok", "redis": "ok", "messages": "ok", "policies": "ok", "work": "ok", "trail": "ok",
		"keys": "warn", "wechat": "warn", // in plain text, and a fake: fine here, never in production
	} {
		if words[thing] != want {
			t.Errorf("%s: %s, want %s", thing, words[thing], want)
		}
	}
	if !healthy || words["calendar"] == "FAIL" || len(words) != 10 || strings.Count(printed, "\n") != 10 {
		t.Errorf("healthy %v:\n%s", healthy, printed)
	}
}

func TestDoctorFindsWhatIsWrong(t *testing.T) {
	nowhere := "127.0.0.1:" + closedPort(t)
	for name, c := range map[string]struct {
		settings []string
		migrated bool
		prepare  func(d *desk)
		fails    string
		says     string
	}{
		"no schema":         {nil, false, nil, "database", "migrate up"},
		"no database":       {[]string{"JMK_DATABASE_DRIVER=mysql", "JMK_DATABASE_DSN=root:geheim@tcp(" + nowhere + ")/x"}, false, nil, "database", "database_unavailable"},
		"no Redis":          {[]string{"JMK_REDIS_MODE=single", "JMK_REDIS_ADDRS=" + nowhere}, true, nil, "redis", "refused"},
		"wrong settings":    {[]string{"JMK_HTTP_ADDR=everywhere"}, false, nil, "settings", "http.addr"},
		"unknown setting":   {[]string{"JMK_HTTP_PLACE=127.0.0.1:8080"}, false, nil, "settings", "JMK_HTTP_PLACE"},
		"a damaged keyring": {nil, true, (*desk).damageKeyring, "start", "keyring"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			if c.migrated {
				d.mustRun("migrate up")
			}
			for _, variable := range c.settings {
				key, value, _ := strings.Cut(variable, "=")
				t.Setenv(key, value)
			}
			if c.prepare != nil {
				c.prepare(d)
			}
			printed, err := d.run("doctor")
			if !errors.Is(err, errSaid) || lineCount(printed, "FAIL  "+c.fails) != 1 || !strings.Contains(printed, c.says) {
				t.Errorf("%v:\n%s", err, printed)
			}
			if strings.Contains(printed, "geheim") {
				t.Errorf("he tells the password:\n%s", printed)
			}
		})
	}
}

func closedPort(t *testing.T) string {
	t.Helper()
	_, port, _ := strings.Cut(freeAddress(t), ":")
	return port
}

func (d *desk) damageKeyring() {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.folder, "keyring.json"), []byte(`{"keys":`), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

func TestAliveAddress(t *testing.T) {
	for addr, want := range map[string]string{
		":8080":              "http://127.0.0.1:8080/livez",
		"0.0.0.0:8080":       "http://127.0.0.1:8080/livez",
		"[::]:8080":          "http://[::1]:8080/livez",
		"127.0.0.1:8080":     "http://127.0.0.1:8080/livez",
		"10.1.2.3:8080":      "http://10.1.2.3:8080/livez",
		"[fd00::1]:8080":     "http://[fd00::1]:8080/livez",
		"server.inside:8080": "http://server.inside:8080/livez",
	} {
		if got, err := aliveAddress(addr); got != want || err != nil {
			t.Errorf("%s: asked at %q, %v; want %q", addr, got, err, want)
		}
	}
	if got, err := aliveAddress("8080"); err == nil {
		t.Errorf("an address without a port: %q", got)
	}
}
