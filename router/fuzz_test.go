package router

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"jiamenkou/model/fault"
)

func FuzzReadPlace(f *testing.F) {
	for _, seed := range []string{"", "31.1699,121.4035", "-90,180", "91,0", "NaN,NaN", "Inf,1", "0x1p-2,1", " 1 , 2 ", "1,2,3", "1e-400,1", "-0,0", "１,２"} {
		f.Add(seed, "gcj02")
		f.Add(seed, "wgs84")
	}
	f.Fuzz(func(t *testing.T, text, coord string) {
		p, err := readPlace(text, coord)
		switch {
		case err != nil && (p != nil || !errors.Is(err, ErrPlaceInvalid)):
			t.Errorf("%q gave %v and %v", text, p, err)
		case err == nil && (p == nil) != (text == ""):
			t.Errorf("%q gave %v", text, p)
		case p != nil && !onTheMap(p.Latitude, p.Longitude):
			t.Errorf("%q as %q is at %v", text, coord, *p)
		}
	})
}

// onTheMap allows for the offset between two systems of coordinates, which is far below a tenth of a degree.
func onTheMap(latitude, longitude float64) bool {
	return math.Abs(latitude) <= 90.1 && math.Abs(longitude) <= 180.1
}

// The pattern of the idempotency key, as it stands on the field.
func FuzzIdempotencyKey(f *testing.F) {
	field, _ := reflect.TypeFor[Keyed]().FieldByName("Key")
	pattern := regexp.MustCompile(field.Tag.Get("pattern"))
	for _, seed := range []string{"", "12345678", "short", strings.Repeat("x", 64), strings.Repeat("x", 65), "a b c d e", "钥匙钥匙钥匙", "key-0001\n", "\x00\x00\x00\x00\x00\x00\x00\x00"} {
		f.Add(seed)
	}
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"
	f.Fuzz(func(t *testing.T, key string) {
		want := len(key) >= 8 && len(key) <= 64 && strings.Trim(key, letters) == "" && !strings.ContainsFunc(key, func(r rune) bool { return !strings.ContainsRune(letters, r) })
		if got := pattern.MatchString(key); got != want {
			t.Errorf("%q passes: %v", key, got)
		}
	})
}

// What checkJSON lets pass is JSON, and what is JSON passes, unless a key is doubled or it goes too deep.
func FuzzCheckJSON(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"a":1,"a":2}`, `{"a":1,"A":2}`, `[1,2,]`, `{"a":[{"b":null}]} x`, `"\ud800"`, "\xff", `1e999`, `{"a"}`, `[1 2]`, `{"a":1,}`, "\ufeff1", strings.Repeat("[", 40) + strings.Repeat("]", 40)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		err := checkJSON(data)
		sound := json.Valid(data) && utf8.Valid(data)
		switch {
		case err == nil && !sound:
			t.Errorf("%q passes and is no JSON", data)
		case err != nil && fault.Of(err) == nil:
			t.Errorf("%q: %v is no fault", data, err)
		case err != nil && sound && !errors.Is(err, ErrDoubledKey) && depthOf(data) <= deepestJSON:
			t.Errorf("%q is JSON and is refused: %v", data, err)
		case errors.Is(err, ErrInvalidUTF8) == utf8.Valid(data):
			t.Errorf("%q: %v", data, err)
		}
	})
}

// depthOf is at least how deep the values in data lie.
func depthOf(data []byte) int {
	depth, deepest := 0, 0
	for _, c := range data {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		deepest = max(deepest, depth)
	}
	return deepest
}

// However a doubled key is written, the reader that comes after sees one value less than was sent.
func TestDoubledKeys(t *testing.T) {
	for text, want := range map[string]error{
		`{"a":1,"b":2}`:              nil,
		`{"a":{"a":1},"b":{"a":1}}`:  nil,
		`[{"a":1},{"a":1}]`:          nil,
		`{"a":1,"a":1}`:              ErrDoubledKey,
		`{"a":1,"\u0061":1}`:         ErrDoubledKey,
		`{"a":1,"b":{"c":1,"C":1}}`:  ErrDoubledKey,
		`{"":1,"":1}`:                ErrDoubledKey,
		`{"a":[1,{"b":1,"b":1}]}`:    ErrDoubledKey,
		strings.Repeat(`[`, 1000000): ErrMalformedBody,
	} {
		if err := checkJSON([]byte(text)); !errors.Is(err, want) {
			t.Errorf("%.40q: %v, want %v", text, err, want)
		}
	}
}
