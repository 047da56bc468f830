// Package sealtest gives tests a box to seal with.
package sealtest

import (
	"path/filepath"
	"testing"

	"jiamenkou/adapter/seal"
)

// NewBox makes a box with a keyring of its own.
func NewBox(t testing.TB) *seal.Box {
	t.Helper()
	ring, err := seal.CreateKeyring(filepath.Join(t.TempDir(), "keyring.json"), nil, seal.SM4GCM)
	if err != nil {
		t.Fatal(err)
	}
	box, err := seal.NewBox(ring)
	if err != nil {
		t.Fatal(err)
	}
	return box
}
