package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// DrawAlgorithm names what this file computes; docs/draw.md explains it to outsiders. Whatever would change one byte of
// a result gets another name, and what was drawn under the old one stays verifiable.
const DrawAlgorithm = "jiamenkou-draw-1"

// DrawNonceSize is how many random bytes a draw is committed to beforehand.
const DrawNonceSize = 32

// drawInstant is how a draw writes moments: UTC, whole milliseconds.
const drawInstant = "2006-01-02T15:04:05.000Z"

// DrawInstant is a moment as a draw's document has it.
func DrawInstant(t time.Time) string { return t.UTC().Format(drawInstant) }

// DrawDocument is a draw that anyone can recompute. It names nobody: applications are their ids, and a guardian knows
// the own one. Commitment and source were public before applications ended, the digest before the randomness was known.
type DrawDocument struct {
	Algorithm    string          `json:"algorithm" doc:"算法名称与版本；说明见 docs/draw.md"`
	SlotID       string          `json:"slot_id"`
	DrawAt       string          `json:"draw_at" doc:"报名截止的时刻"`
	Source       string          `json:"source" doc:"事先公布的公共随机数来源；没有公布则为空"`
	Commitment   string          `json:"commitment" doc:"事先公布的承诺：随机串的 SHA-256"`
	Applications []DrawApplicant `json:"applications" nullable:"false" doc:"截止时的全部报名，按编号排列"`
	Digest       string          `json:"digest" doc:"报名名单的摘要，截止时公布"`
	Nonce        string          `json:"nonce" doc:"摇号前保密的随机串，十六进制"`
	Randomness   string          `json:"randomness" doc:"工作人员填入的公共随机数；公布了来源却为空，说明等候期满没有填入"`
	Seed         string          `json:"seed" doc:"种子"`
	Order        []string        `json:"order" nullable:"false" doc:"摇出的次序，报名编号"`
	Places       int             `json:"places" doc:"摇号时的名额"`
	Winners      []string        `json:"winners" nullable:"false" doc:"中签的报名编号，按次序"`
	DrawnAt      string          `json:"drawn_at" doc:"摇号的时刻"`
	Result       string          `json:"result" doc:"结果的摘要"`
}

// DrawApplicant is an application that stood when applications ended.
type DrawApplicant struct {
	ID      string `json:"id" doc:"报名编号"`
	Visited bool   `json:"visited" doc:"孩子本月已来过宝宝屋；没来过的排在前面"`
	Out     bool   `json:"out" doc:"截止之后、摇号之前退出：有次序，不占名额"`
}

// Computed is the document with everything recomputed that follows from the rest. It is an error when the rest is no
// draw at all.
func (d DrawDocument) Computed() (DrawDocument, error) {
	if err := d.check(); err != nil {
		return d, err
	}
	nonce, err := hex.DecodeString(d.Nonce)
	if err != nil {
		return d, err
	}
	sum := sha256.Sum256(nonce)
	d.Commitment = hex.EncodeToString(sum[:])
	d.Digest = drawDigest(d.SlotID, d.DrawAt, d.Source, d.Applications)
	d.Seed = drawHash("seed", d.Nonce, hashOf(d.Randomness), d.Digest)
	ordered := drawOrder(d.Seed, d.Applications)
	d.Order, d.Winners = make([]string, 0, len(ordered)), make([]string, 0, min(d.Places, len(ordered)))
	if d.Applications == nil {
		d.Applications = []DrawApplicant{} // a file has a list, if an empty one
	}
	lines := []string{d.Seed, fmt.Sprint(d.Places), d.DrawnAt}
	for _, a := range ordered {
		won := !a.Out && len(d.Winners) < d.Places
		d.Order = append(d.Order, a.ID)
		if won {
			d.Winners = append(d.Winners, a.ID)
		}
		lines = append(lines, strings.Join([]string{a.ID, bit(a.Visited), bit(a.Out), bit(won)}, " "))
	}
	d.Result = drawHash("result", lines...)
	return d, nil
}

// check refuses what the algorithm is not defined for, so that two documents never mean the same.
func (d DrawDocument) check() error {
	switch {
	case d.Algorithm != DrawAlgorithm:
		return fmt.Errorf("the algorithm is %q; this program knows %s", d.Algorithm, DrawAlgorithm)
	case !ValidID(d.SlotID):
		return fmt.Errorf("slot_id %q is no id", d.SlotID)
	case !isDrawInstant(d.DrawAt) || !isDrawInstant(d.DrawnAt):
		return errors.New("draw_at and drawn_at must be moments like 2026-11-24T01:00:00.000Z")
	case !isHex(d.Nonce, DrawNonceSize):
		return fmt.Errorf("nonce must be %d bytes as small hexadecimal digits", DrawNonceSize)
	case d.Places < 0:
		return errors.New("places must not be negative")
	case !utf8.ValidString(d.Source) || !utf8.ValidString(d.Randomness):
		return errors.New("source and randomness must be UTF-8")
	}
	for i, a := range d.Applications {
		if !ValidID(a.ID) {
			return fmt.Errorf("application %q is no id", a.ID)
		}
		if i > 0 && d.Applications[i-1].ID >= a.ID {
			return fmt.Errorf("applications must ascend by id, each once: %s stands behind %s", a.ID, d.Applications[i-1].ID)
		}
	}
	return nil
}

func isDrawInstant(text string) bool {
	t, err := time.Parse(drawInstant, text)
	return err == nil && t.Format(drawInstant) == text
}

func isHex(text string, size int) bool {
	raw, err := hex.DecodeString(text)
	return err == nil && len(raw) == size && hex.EncodeToString(raw) == text
}

// drawDigest binds whatever is settled when applications end: which slot, when, from where the randomness will come, and
// who is in.
func drawDigest(slotID, drawAt, source string, applications []DrawApplicant) string {
	lines := []string{slotID, drawAt, hashOf(source)}
	for _, a := range applications {
		lines = append(lines, a.ID+" "+bit(a.Visited))
	}
	return drawHash("applications", lines...)
}

// drawOrder puts children without a visit this month first, and otherwise goes by a hash that nobody can choose.
func drawOrder(seed string, applications []DrawApplicant) []DrawApplicant {
	rank := make(map[string]string, len(applications))
	for _, a := range applications {
		rank[a.ID] = drawHash("rank", seed, a.ID)
	}
	ordered := slices.Clone(applications)
	slices.SortFunc(ordered, func(a, b DrawApplicant) int {
		if a.Visited != b.Visited {
			return strings.Compare(bit(a.Visited), bit(b.Visited))
		}
		return strings.Compare(rank[a.ID], rank[b.ID])
	})
	return ordered
}

// drawHash is the hash of lines for one purpose: SHA-256 in hexadecimal. No line holds a line break, so that lines never
// run into each other.
func drawHash(purpose string, lines ...string) string {
	return hashOf(DrawAlgorithm + "/" + purpose + "\n" + strings.Join(lines, "\n") + "\n")
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// DrawFinding is one part of a document beside what it comes to when it is recomputed.
type DrawFinding struct {
	Part             string
	Stated, Computed string
}

// Matches reports whether the part is right.
func (f DrawFinding) Matches() bool { return f.Stated == f.Computed }

// Verify recomputes a draw and puts every part that follows beside what the document states. It is an error when the
// document is no draw at all.
func (d DrawDocument) Verify() ([]DrawFinding, error) {
	right, err := d.Computed()
	if err != nil {
		return nil, err
	}
	list := func(ids []string) string { return strings.Join(ids, " ") }
	return []DrawFinding{
		{"commitment", d.Commitment, right.Commitment},
		{"digest", d.Digest, right.Digest},
		{"seed", d.Seed, right.Seed},
		{"order", list(d.Order), list(right.Order)},
		{"winners", list(d.Winners), list(right.Winners)},
		{"result", d.Result, right.Result},
	}, nil
}

// ReadDrawDocument reads a document as strictly as it was written: every part once, under its own name, and nothing else.
func ReadDrawDocument(text []byte) (d DrawDocument, err error) {
	if !utf8.Valid(text) {
		return d, errors.New("the file is not UTF-8")
	}
	names := json.NewDecoder(bytes.NewReader(text))
	if err := checkDrawNames(names); err != nil {
		return d, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return d, fmt.Errorf("the file is not the document of a draw: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return d, errors.New("something stands behind the document")
	}
	return d, nil
}

// drawNames is how often each name stands in a whole document besides its applications.
var drawNames = []string{
	"algorithm", "slot_id", "draw_at", "source", "commitment", "applications", "digest", "nonce", "randomness", "seed", "order",
	"places", "winners", "drawn_at", "result",
}

var drawApplicantNames = []string{"id", "visited", "out"}

// checkDrawNames walks the file for names that are doubled, missing or written otherwise, which encoding/json lets pass.
func checkDrawNames(decoder *json.Decoder) error {
	return checkObject(decoder, drawNames, func(name string) error {
		if name != "applications" {
			var other any
			return decoder.Decode(&other)
		}
		if t, err := decoder.Token(); err != nil || t != json.Delim('[') {
			return errors.New("applications must be a list")
		}
		for decoder.More() {
			err := checkObject(decoder, drawApplicantNames, func(string) error {
				var other any
				return decoder.Decode(&other)
			})
			if err != nil {
				return err
			}
		}
		_, err := decoder.Token()
		return err
	})
}

func checkObject(decoder *json.Decoder, want []string, value func(name string) error) error {
	if t, err := decoder.Token(); err != nil || t != json.Delim('{') {
		return errors.New("the file is not the document of a draw: an object was expected")
	}
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return fmt.Errorf("the file is not JSON: %w", err)
		}
		name, _ := token.(string)
		if seen[name] || !slices.Contains(want, name) {
			return fmt.Errorf("%q is doubled or does not belong there", name)
		}
		seen[name] = true
		if err := value(name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(seen) != len(want) {
		missing := slices.DeleteFunc(slices.Clone(want), func(name string) bool { return seen[name] })
		return fmt.Errorf("missing: %s", strings.Join(missing, ", "))
	}
	_, err := decoder.Token()
	return err
}
