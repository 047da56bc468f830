package conf

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
)

func TestSecretIsNeverShown(t *testing.T) {
	const text = "c4n4ry"
	settings := Settings{Redis: Redis{Password: text}}
	var shown bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T%v"} {
		fmt.Fprintf(&shown, verb+verb, settings, Secret(text))
	}
	slog.New(slog.NewJSONHandler(&shown, nil)).Info("m", "a", Secret(text), "b", settings)
	slog.New(slog.NewTextHandler(&shown, nil)).Info("m", "a", Secret(text), "b", settings)
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, xml.Marshal} {
		encoded, err := marshal(settings.Redis)
		if err != nil {
			t.Fatal(err)
		}
		shown.Write(encoded)
	}
	if strings.Contains(shown.String(), text) || strings.Contains(shown.String(), fmt.Sprintf("%x", text)) {
		t.Errorf("shown in %s", shown.String())
	}
	if Secret(text).String() != "***" || Secret(text).Reveal() != text {
		t.Error("String must mask and Reveal must not")
	}
}

func TestSizes(t *testing.T) {
	tests := map[string]Size{"0": 0, "512": 512, "64KiB": 64 * KiB, " 1 MiB ": MiB, "1025KiB": 1025 * KiB}
	for text, want := range tests {
		got, err := parseSize(text)
		if err != nil || got != want {
			t.Errorf("%q: got %d, %v", text, got, err)
		}
		if again, err := parseSize(got.String()); err != nil || again != got {
			t.Errorf("%q: %s reads back as %d, %v", text, got, again, err)
		}
	}
	for _, text := range []string{"", "-1", "1.5KiB", "KiB", "1GB", "64kb", fmt.Sprint(math.MaxInt64) + "KiB"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q: got %d", text, got)
		}
	}
}

func TestKeyEncryptionKey(t *testing.T) {
	if key, err := (Seal{}).KeyEncryptionKey(); key != nil || err != nil {
		t.Errorf("none: got %v, %v", key, err)
	}
	if key, err := inService().Seal.KeyEncryptionKey(); len(key) != 32 || err != nil {
		t.Errorf("one: got %d bytes, %v", len(key), err)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"http.addr", "log.level"}
	for name, want := range map[string]string{"http.adr": "http.addr", "log.levle": "log.level", "quite.other": "", "": ""} {
		if got := nearest(name, known); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
