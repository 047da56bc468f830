package model_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"jiamenkou/model"
)

// drawID is an id that sorts by its number.
func drawID(n int) string { return fmt.Sprintf("01KC0000000000000000%06d", n) }

// aDraw is the draw of docs/draw.md.
func aDraw() model.DrawDocument {
	return model.DrawDocument{
		Algorithm: model.DrawAlgorithm, SlotID: "01KC00000000000000000000ZZ", DrawAt: "2026-11-24T01:00:00.000Z",
		Source: "中国福利彩票双色球第2026136期开奖号", Nonce: strings.Repeat("00112233445566778899aabbccddeeff", 2),
		Randomness: "02 09 13 18 25 31 + 07", Places: 2, DrawnAt: "2026-11-24T13:30:00.000Z",
		Applications: []model.DrawApplicant{
			{ID: drawID(1), Visited: true}, {ID: drawID(2)}, {ID: drawID(3), Out: true}, {ID: drawID(4)}, {ID: drawID(5), Visited: true},
		},
	}
}

func computed(t interface {
	Helper()
	Fatal(...any)
}, d model.DrawDocument) model.DrawDocument {
	t.Helper()
	full, err := d.Computed()
	if err != nil {
		t.Fatal(err)
	}
	return full
}

// The algorithm cannot change unnoticed: what was published can be recomputed for good. These are the vectors of
// docs/draw.md, where they were computed with sha256sum.
func TestDrawGoldenVectors(t *testing.T) {
	want := aDraw()
	want.Commitment = "4773d12e2371bb935b9a0f5439b4a1c3ad3f2414b86980f8418d1cfabdfadfef"
	want.Digest = "b2e562fb1347f0f400b043b49adae99d3719149deeba5b48fdee56cc049871e2"
	want.Seed = "3ba49241b0d7465bbeac7900af19bd75ab01f2e1a767e99da53ef3d81a9dd983"
	want.Order = []string{drawID(2), drawID(3), drawID(4), drawID(1), drawID(5)}
	want.Winners = []string{drawID(2), drawID(4)}
	want.Result = "e84deee46201a96d1fe1aded3da61ab76249084829383d0852bee6a10f3491ac"
	if diff := cmp.Diff(want, computed(t, aDraw())); diff != "" {
		t.Errorf("the algorithm has changed (-want +got):\n%s", diff)
	}
	page, err := os.ReadFile("../docs/draw.md")
	must(t, err)
	_, rest, _ := strings.Cut(string(page), "```json\n")
	example, _, _ := strings.Cut(rest, "```")
	explained, err := model.ReadDrawDocument([]byte(example))
	must(t, err)
	if diff := cmp.Diff(want, explained); diff != "" {
		t.Errorf("docs/draw.md explains another draw (-want +docs):\n%s", diff)
	}
	bare := computed(t, model.DrawDocument{
		Algorithm: model.DrawAlgorithm, SlotID: drawID(9), DrawAt: "2026-11-24T01:00:00.000Z", DrawnAt: "2026-11-24T01:00:00.000Z",
		Nonce: strings.Repeat("00", 32),
	})
	if bare.Seed != "f33d16c0cedaea82f0edf40b1f49b351009c18896274e3afaedc0ca7d1a9c5a6" || bare.Result != "ac0ec7af13fa4c06685431916ab9c7c957d69d5e18a3e9fcdec82066c5dbd77e" || len(bare.Order) != 0 || len(bare.Winners) != 0 {
		t.Errorf("a draw of nobody comes to seed %s and result %s", bare.Seed, bare.Result)
	}
}

// outsider computes a draw by the words of docs/draw.md alone, and shares nothing with the house's own code.
func outsider(d model.DrawDocument) model.DrawDocument {
	sum := func(text string) string {
		h := sha256.New()
		h.Write([]byte(text))
		return hex.EncodeToString(h.Sum(nil))
	}
	nonce, _ := hex.DecodeString(d.Nonce)
	d.Commitment = sum(string(nonce))
	text := "jiamenkou-draw-1/applications\n" + d.SlotID + "\n" + d.DrawAt + "\n" + sum(d.Source) + "\n"
	digit := map[bool]string{false: "0", true: "1"}
	for _, a := range d.Applications {
		text += a.ID + " " + digit[a.Visited] + "\n"
	}
	d.Digest = sum(text)
	d.Seed = sum("jiamenkou-draw-1/seed\n" + d.Nonce + "\n" + sum(d.Randomness) + "\n" + d.Digest + "\n")
	rows := append([]model.DrawApplicant{}, d.Applications...)
	sort.Slice(rows, func(i, j int) bool {
		key := func(a model.DrawApplicant) string {
			return digit[a.Visited] + sum("jiamenkou-draw-1/rank\n"+d.Seed+"\n"+a.ID+"\n")
		}
		return key(rows[i]) < key(rows[j])
	})
	d.Order, d.Winners = []string{}, []string{}
	text = "jiamenkou-draw-1/result\n" + d.Seed + "\n" + fmt.Sprint(d.Places) + "\n" + d.DrawnAt + "\n"
	for _, a := range rows {
		d.Order = append(d.Order, a.ID)
		won := !a.Out && len(d.Winners) < d.Places
		if won {
			d.Winners = append(d.Winners, a.ID)
		}
		text += a.ID + " " + digit[a.Visited] + " " + digit[a.Out] + " " + digit[won] + "\n"
	}
	d.Result = sum(text)
	return d
}

// anyDraw draws a draw.
func anyDraw(t *rapid.T) model.DrawDocument {
	d := model.DrawDocument{
		Algorithm: model.DrawAlgorithm, SlotID: drawID(rapid.IntRange(0, 999).Draw(t, "slot")), DrawAt: "2026-11-24T01:00:00.000Z",
		Nonce:  hex.EncodeToString(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "nonce")),
		Source: rapid.String().Draw(t, "source"), Randomness: rapid.String().Draw(t, "randomness"),
		Places: rapid.IntRange(0, 12).Draw(t, "places"), DrawnAt: "2026-11-24T13:30:00.000Z",
	}
	for i := range rapid.IntRange(0, 20).Draw(t, "applications") {
		d.Applications = append(d.Applications, model.DrawApplicant{
			ID: drawID(i * 7), Visited: rapid.Bool().Draw(t, "visited"), Out: rapid.Bool().Draw(t, "out"),
		})
	}
	return d
}

// Whatever is drawn, an outsider comes to the same, and the house finds nothing wrong with it, also after a way through a
// file.
func TestEveryDrawVerifies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := computed(t, anyDraw(t))
		if diff := cmp.Diff(outsider(d), d); diff != "" {
			t.Fatalf("an outsider comes to something else (-outsider +house):\n%s", diff)
		}
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		read, err := model.ReadDrawDocument(text)
		if err != nil {
			t.Fatal(err)
		}
		if wrong := mismatches(read); len(wrong) > 0 {
			t.Fatalf("what does not match: %v", wrong)
		}
	})
}

// mismatches are the parts that do not match, or the error that ended the verification.
func mismatches(d model.DrawDocument) (wrong []string) {
	findings, err := d.Verify()
	if err != nil {
		return []string{err.Error()}
	}
	for _, f := range findings {
		if !f.Matches() {
			wrong = append(wrong, f.Part)
		}
	}
	return wrong
}

// tampering are ways to change one thing in a document that is otherwise right.
var tampering = map[string]func(t *rapid.T, d *model.DrawDocument){
	"algorithm":  func(_ *rapid.T, d *model.DrawDocument) { d.Algorithm += "0" },
	"slot":       func(_ *rapid.T, d *model.DrawDocument) { d.SlotID = drawID(123456) },
	"draw_at":    func(_ *rapid.T, d *model.DrawDocument) { d.DrawAt = "2026-11-24T01:00:00.001Z" },
	"drawn_at":   func(_ *rapid.T, d *model.DrawDocument) { d.DrawnAt = "2026-11-24T13:30:00.001Z" },
	"source":     func(_ *rapid.T, d *model.DrawDocument) { d.Source += "x" },
	"randomness": func(_ *rapid.T, d *model.DrawDocument) { d.Randomness += "0" },
	"places":     func(_ *rapid.T, d *model.DrawDocument) { d.Places++ },
	"nonce":      func(t *rapid.T, d *model.DrawDocument) { d.Nonce = flipped(t, d.Nonce) },
	"commitment": func(t *rapid.T, d *model.DrawDocument) { d.Commitment = flipped(t, d.Commitment) },
	"digest":     func(t *rapid.T, d *model.DrawDocument) { d.Digest = flipped(t, d.Digest) },
	"seed":       func(t *rapid.T, d *model.DrawDocument) { d.Seed = flipped(t, d.Seed) },
	"result":     func(t *rapid.T, d *model.DrawDocument) { d.Result = flipped(t, d.Result) },
	"one more": func(_ *rapid.T, d *model.DrawDocument) {
		d.Applications = append(d.Applications, model.DrawApplicant{ID: drawID(900_000)})
	},
	"one less": func(t *rapid.T, d *model.DrawDocument) {
		i := someone(t, d)
		d.Applications = slices.Delete(d.Applications, i, i+1)
	},
	"visited": func(t *rapid.T, d *model.DrawDocument) { a := &d.Applications[someone(t, d)]; a.Visited = !a.Visited },
	"out":     func(t *rapid.T, d *model.DrawDocument) { a := &d.Applications[someone(t, d)]; a.Out = !a.Out },
	"id":      func(t *rapid.T, d *model.DrawDocument) { d.Applications[someone(t, d)].ID = drawID(900_000) },
	"order": func(t *rapid.T, d *model.DrawDocument) {
		i, j := someone(t, d), someone(t, d)
		if i == j {
			d.Order = append(d.Order, drawID(900_000))
			return
		}
		d.Order[i], d.Order[j] = d.Order[j], d.Order[i]
	},
	"winners": func(_ *rapid.T, d *model.DrawDocument) { d.Winners = append(d.Winners, drawID(900_000)) },
	"fewer winners": func(_ *rapid.T, d *model.DrawDocument) {
		d.Winners = append([]string{drawID(900_000)}, d.Winners[min(1, len(d.Winners)):]...)
	},
}

func someone(t *rapid.T, d *model.DrawDocument) int {
	return rapid.IntRange(0, len(d.Applications)-1).Draw(t, "someone")
}

func flipped(t *rapid.T, text string) string {
	at := rapid.IntRange(0, len(text)-1).Draw(t, "digit")
	other := "0"
	if text[at] == '0' {
		other = "1"
	}
	return text[:at] + other + text[at+1:]
}

// Nothing in a document can be changed without its being found.
func TestNoTamperedDrawVerifies(t *testing.T) {
	for what, tamper := range tampering {
		t.Run(what, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				d := anyDraw(t)
				if len(d.Applications) == 0 {
					d.Applications = []model.DrawApplicant{{ID: drawID(1)}}
				}
				d = computed(t, d)
				tamper(t, &d)
				if len(mismatches(d)) == 0 {
					t.Fatalf("nobody notices: %+v", d)
				}
			})
		})
	}
}

// Over many seeds every child of a class wins about equally often, and no child that has been there wins while one that
// has not goes without.
func TestDrawIsFair(t *testing.T) {
	const rounds, fresh, back, places = 4000, 8, 6, 5
	won := map[string]int{}
	d := aDraw()
	d.Places, d.Applications = places, nil
	for i := range fresh + back {
		d.Applications = append(d.Applications, model.DrawApplicant{ID: drawID(i), Visited: i >= fresh})
	}
	for round := range rounds {
		d.Randomness = fmt.Sprint(round)
		for _, id := range computed(t, d).Winners {
			won[id]++
		}
	}
	for i := range fresh {
		// 2,500 expected, with a deviation of about 31: five of them either way.
		if n := won[drawID(i)]; n < 2345 || n > 2655 {
			t.Errorf("child %d of the first class won %d times of %d", i, n, rounds)
		}
	}
	for i := fresh; i < fresh+back; i++ {
		if n := won[drawID(i)]; n != 0 {
			t.Errorf("child %d has been there this month and won %d times", i, n)
		}
	}
}

func TestDrawClassesAndPlaces(t *testing.T) {
	applicants := func(classes string) (list []model.DrawApplicant) {
		for i, class := range classes {
			list = append(list, model.DrawApplicant{ID: drawID(i), Visited: class == 'v' || class == 'V', Out: class == 'N' || class == 'V'})
		}
		return list
	}
	for _, c := range []struct {
		name    string
		classes string // n: not visited, v: visited; capital: out by the time of the draw
		places  int
		winners int
		among   string // the classes that may win
	}{
		{"nobody", "", 3, 0, ""},
		{"no place", "nnv", 0, 0, ""},
		{"fewer than places", "nv", 5, 2, "nv"},
		{"as many as places", "nnv", 3, 3, "nv"},
		{"the first class fills it", "nnnnvv", 3, 3, "n"},
		{"the second class fills up", "nvvvv", 3, 3, "nv"},
		{"who is out takes no place", "NNnVv", 2, 2, "nv"},
		{"everybody is out", "NV", 2, 0, ""},
	} {
		d := aDraw()
		d.Places, d.Applications = c.places, applicants(c.classes)
		d = computed(t, d)
		if len(d.Winners) != c.winners || len(d.Order) != len(c.classes) {
			t.Errorf("%s: %d won of %d in order, want %d", c.name, len(d.Winners), len(d.Order), c.winners)
		}
		for _, id := range d.Winners {
			var n int
			_, _ = fmt.Sscanf(id[20:], "%d", &n)
			if !strings.ContainsRune(c.among, rune(c.classes[n])) {
				t.Errorf("%s: one of class %c won", c.name, c.classes[n])
			}
		}
	}
}

// A file is read as strictly as it was written.
func TestReadDrawDocument(t *testing.T) {
	text, err := json.Marshal(computed(t, aDraw()))
	must(t, err)
	good := string(text)
	if _, err := model.ReadDrawDocument([]byte(good + "\n")); err != nil {
		t.Errorf("the document itself: %v", err)
	}
	for name, bad := range map[string]string{
		"nothing":              "",
		"a list":               "[" + good + "]",
		"two of them":          good + good,
		"a part too many":      strings.Replace(good, `{"algorithm"`, `{"more":1,"algorithm"`, 1),
		"a part twice":         strings.Replace(good, `"places":2`, `"places":2,"places":2`, 1),
		"a part missing":       strings.Replace(good, `,"places":2`, ``, 1),
		"a name in capitals":   strings.Replace(good, `"seed"`, `"SEED"`, 1),
		"a number as text":     strings.Replace(good, `"places":2`, `"places":"2"`, 1),
		"a broken number":      strings.Replace(good, `"places":2`, `"places":2.5`, 1),
		"cut off":              good[:len(good)-9],
		"not UTF-8":            strings.Replace(good, "双", "\xff", 1),
		"an applicant's extra": strings.Replace(good, `"out":`, `"name":"x","out":`, 1),
		"an applicant's lack":  strings.Replace(good, `,"out":false`, ``, 1),
		"an applicant's twice": strings.Replace(good, `"out":false`, `"out":false,"out":true`, 1),
		"applicants no list":   strings.Replace(good, `"applications":[`, `"applications":{"a":[`, 1),
	} {
		if bad == good {
			t.Fatalf("%s changes nothing", name)
		}
		if _, err := model.ReadDrawDocument([]byte(bad)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

// What the algorithm is not defined for is no draw.
func TestNoDrawAtAll(t *testing.T) {
	for name, spoil := range map[string]func(d *model.DrawDocument){
		"another algorithm":   func(d *model.DrawDocument) { d.Algorithm = "jiamenkou-draw-2" },
		"no slot":             func(d *model.DrawDocument) { d.SlotID = "" },
		"a line break":        func(d *model.DrawDocument) { d.SlotID = "01KC000000000000000000\nZZZ" },
		"a short nonce":       func(d *model.DrawDocument) { d.Nonce = "00" },
		"a nonce in capitals": func(d *model.DrawDocument) { d.Nonce = strings.ToUpper(d.Nonce) },
		"negative places":     func(d *model.DrawDocument) { d.Places = -1 },
		"another moment":      func(d *model.DrawDocument) { d.DrawnAt = "2026-11-24 13:30" },
		"another zone":        func(d *model.DrawDocument) { d.DrawAt = "2026-11-24T09:00:00.000+08:00" },
		"no id":               func(d *model.DrawDocument) { d.Applications[0].ID = "me" },
		"twice":               func(d *model.DrawDocument) { d.Applications[1].ID = d.Applications[0].ID },
		"unsorted":            func(d *model.DrawDocument) { slices.Reverse(d.Applications) },
	} {
		d := aDraw()
		spoil(&d)
		if _, err := d.Verify(); err == nil {
			t.Errorf("%s is taken for a draw", name)
		}
	}
}
