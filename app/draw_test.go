package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jiamenkou/model"
)

// aDrawDocument is a draw as a server publishes it.
func aDrawDocument(t *testing.T) model.DrawDocument {
	t.Helper()
	d, err := model.DrawDocument{
		Algorithm: model.DrawAlgorithm, SlotID: "01KC00000000000000000000ZZ", DrawAt: "2026-11-24T01:00:00.000Z", Source: "某日开奖号",
		Nonce: strings.Repeat("5a", model.DrawNonceSize), Randomness: "02 09 13", Places: 1, DrawnAt: "2026-11-24T13:30:00.000Z",
		Applications: []model.DrawApplicant{{ID: "01KC0000000000000000000001"}, {ID: "01KC0000000000000000000002", Visited: true}},
	}.Computed()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// verify runs the command as people do, away from any settings, and gives what it says.
func verify(t *testing.T, d any, more ...string) (said string, err error) {
	t.Helper()
	text, isText := d.(string)
	if !isText {
		written, err := json.MarshalIndent(d, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		text = string(written)
	}
	t.Chdir(t.TempDir())
	file := filepath.Join(t.TempDir(), "draw.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	root := rootCommand()
	root.SetOut(&out)
	root.SetArgs(append([]string{"draw", "verify", file}, more...))
	err = root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestDrawVerify(t *testing.T) {
	d := aDrawDocument(t)
	said, err := verify(t, d, "--commitment", strings.ToUpper(d.Commitment), "--digest", d.Digest)
	if err != nil || strings.Count(said, "  matches ") != 8 || !strings.Contains(said, "The draw is right.") || !strings.Contains(said, "某日开奖号") {
		t.Errorf("%v:\n%s", err, said)
	}
}

// Whatever does not match is named, and nothing else is.
func TestDrawVerifyNamesWhatDoesNotMatch(t *testing.T) {
	for name, c := range map[string]struct {
		change func(d *model.DrawDocument)
		flags  []string
		want   []string // parts of what is said
		parts  string
	}{
		"another winner": {
			change: func(d *model.DrawDocument) { d.Winners = []string{d.Order[1]} },
			want:   []string{"winners: stated is \"01KC0000000000000000000002\", and it comes to \"01KC0000000000000000000001\""}, parts: "winners.",
		},
		"one more winner": {
			change: func(d *model.DrawDocument) { d.Winners = d.Order },
			want:   []string{"winners: stated are 2, and it comes to 1"}, parts: "winners.",
		},
		"another order": {
			change: func(d *model.DrawDocument) { d.Order = []string{d.Order[1], d.Order[0]} },
			want:   []string{"order: number 1 is stated as 01KC0000000000000000000002"}, parts: "order.",
		},
		"another list than was published": {
			flags: []string{"--digest", strings.Repeat("0", 64)},
			want:  []string{"digest as noted: stated is"}, parts: "digest as noted.",
		},
		"another nonce than was committed to": {
			flags: []string{"--commitment", strings.Repeat("0", 64)},
			want:  []string{"commitment as noted: stated is"}, parts: "commitment as noted.",
		},
		"other randomness": {
			change: func(d *model.DrawDocument) { d.Randomness = "02 09 14" },
			want:   []string{"seed: stated is", "result: stated is"}, parts: "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := aDrawDocument(t)
			if c.change != nil {
				c.change(&d)
			}
			said, err := verify(t, d, c.flags...)
			if err != errSaid { //nolint:errorlint // it is that very one
				t.Errorf("it ends with %v", err)
			}
			for _, want := range append(c.want, "The draw is NOT what was published: "+c.parts) {
				if !strings.Contains(said, want) {
					t.Errorf("it does not say %q:\n%s", want, said)
				}
			}
		})
	}
}

func TestDrawVerifyRefusesWhatIsNoDraw(t *testing.T) {
	d := aDrawDocument(t)
	d.Algorithm = "another"
	for name, text := range map[string]any{"nothing": "", "no JSON": "draw", "another algorithm": d, "half": `{"algorithm":"jiamenkou-draw-1"}`} {
		if said, err := verify(t, text); err == nil {
			t.Errorf("%s: %s", name, said)
		}
	}
}

func TestDrawVerifySaysWhereTheRandomnessCameFrom(t *testing.T) {
	for want, change := range map[string]func(d *model.DrawDocument){
		"No public randomness was announced": func(d *model.DrawDocument) { d.Source, d.Randomness = "", "" },
		"but nothing was entered in time":    func(d *model.DrawDocument) { d.Randomness = "" },
		"ATTENTION":                          func(d *model.DrawDocument) { d.Source = "" },
	} {
		d := aDrawDocument(t)
		change(&d)
		d, err := d.Computed()
		if err != nil {
			t.Fatal(err)
		}
		if said, err := verify(t, d); err != nil || !strings.Contains(said, want) {
			t.Errorf("it does not say %q, %v:\n%s", want, err, said)
		}
	}
}
