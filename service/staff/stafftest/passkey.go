// Package stafftest holds what a member of staff holds in hand: an authenticator with six digits, and one with passkeys.
package stafftest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/pquerna/otp/totp"
)

// Code is what an authenticator shows at a time.
func Code(t testing.TB, secret string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// Key is a passkey in somebody's device: ES256, without attestation, the person verified.
type Key struct {
	Origin  string
	Host    string
	Counter uint32 // goes up with each use, unless Still
	Still   bool
	Lax     bool // the person is not verified

	id     []byte
	handle string
	key    *ecdsa.PrivateKey
}

const (
	userPresent  = 0x01
	userVerified = 0x04
	attested     = 0x40
)

// Make answers the options for a new passkey.
func (k *Key) Make(t testing.TB, options map[string]any) map[string]any {
	t.Helper()
	k.Forge(t)
	if k.id == nil {
		k.id = make([]byte, 32)
		_, _ = rand.Read(k.id)
	}
	user, _ := options["user"].(map[string]any)
	k.handle, _ = user["id"].(string)
	public, err := k.key.PublicKey.Bytes() // 4, x, y
	must(t, err)
	cose, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: public[1:33], -3: public[33:]})
	must(t, err)
	data := append(k.authData(attested), make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(k.id)))
	data = append(append(data, k.id...), cose...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	must(t, err)
	return k.answer(map[string]any{"clientDataJSON": text(k.clientData(t, "webauthn.create", options)), "attestationObject": text(object)})
}

// Use answers the options for signing in.
func (k *Key) Use(t testing.TB, options map[string]any) map[string]any {
	t.Helper()
	if !k.Still {
		k.Counter++
	}
	data, client := k.authData(0), k.clientData(t, "webauthn.get", options)
	hash := sha256.Sum256(client)
	signed := sha256.Sum256(append(append([]byte(nil), data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.key, signed[:])
	must(t, err)
	return k.answer(map[string]any{
		"clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature), "userHandle": k.handle,
	})
}

// Forge gives the device another private key: whoever knows all of a passkey but its secret signs so.
func (k *Key) Forge(t testing.TB) {
	t.Helper()
	var err error
	k.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
}

func (k *Key) authData(more byte) []byte {
	host := sha256.Sum256([]byte(k.Host))
	flags := userPresent | userVerified | more
	if k.Lax {
		flags = userPresent | more
	}
	return binary.BigEndian.AppendUint32(append(host[:], flags), k.Counter)
}

func (k *Key) clientData(t testing.TB, kind string, options map[string]any) []byte {
	t.Helper()
	client, err := json.Marshal(map[string]any{"type": kind, "challenge": options["challenge"], "origin": k.Origin, "crossOrigin": false})
	must(t, err)
	return client
}

func (k *Key) answer(response map[string]any) map[string]any {
	id := text(k.id)
	return map[string]any{"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}}
}

func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(fmt.Errorf("the authenticator: %w", err))
	}
}
