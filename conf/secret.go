package conf

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a setting that must never be shown: however it is printed, logged or
// encoded it reads "***". Only Reveal gives the value.
type Secret string

const masked = "***"

// Reveal is the value, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// String masks the value.
func (Secret) String() string { return masked }

// Format masks the value under every verb; without it %d would print the text.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, masked) }

// LogValue masks the value in logs.
func (Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalJSON masks the value in JSON.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + masked + `"`), nil }

// MarshalText masks the value in YAML and XML.
func (Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }
