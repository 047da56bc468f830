package model

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// secretBytes is the strength of a token: 256 bits.
const secretBytes = 32

// secretText is how a secret is written.
var secretText = base64.RawURLEncoding

// NewToken makes the token of a session: the owner's id, a dot, a secret. The session's id is the secret's hash, so that
// whoever reads the sessions cannot sign in.
func NewToken(owner string) (token, session string) {
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // never fails: the program would end
	text := secretText.EncodeToString(secret)
	return owner + "." + text, HashSecret(text)
}

// SplitToken takes a token apart; ok is false for anything that cannot be one of ours.
func SplitToken(token string) (owner, session string, ok bool) {
	owner, secret, found := strings.Cut(token, ".")
	if !found || !ValidID(owner) {
		return "", "", false
	}
	raw, err := secretText.DecodeString(secret)
	if err != nil || secretText.EncodeToString(raw) != secret || len(raw) != secretBytes { // a decoder passes over line ends
		return "", "", false
	}
	return owner, HashSecret(secret), true
}

// HashSecret is what is kept of a secret that only has to be recognised: the hex SHA-256.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// codeLetters leaves out what is easily misread or misheard as another of them.
const codeLetters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// NewCode makes a code for people to read out or type: each letter makes five bits.
func NewCode(length int) string {
	random := make([]byte, length)
	_, _ = rand.Read(random) // never fails: the program would end
	for i, b := range random {
		random[i] = codeLetters[int(b)%len(codeLetters)] // 256 is a multiple of 32: no letter is likelier
	}
	return string(random)
}

// ReadCode is the code that a person typed: small letters, spaces and hyphens do not matter.
func ReadCode(typed string) string {
	return strings.NewReplacer(" ", "", "-", "").Replace(strings.ToUpper(typed))
}
