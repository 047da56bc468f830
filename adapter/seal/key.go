package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"

	"github.com/emmansun/gmsm/sm4"
)

// The names of the algorithms, as settings and the keyring file write them.
const (
	SM4GCM    = "SM4-GCM"     // GB/T 32907 in GCM, 16-byte keys
	AES256GCM = "AES-256-GCM" // 32-byte keys
)

// How a cell names its algorithm. These numbers are in stored data: never change one, never use one again.
const (
	algorithmSM4GCM    = 1
	algorithmAES256GCM = 2
)

// Key is one key, ready for use. It keeps no copy of its secret and prints only its id and algorithm.
type Key struct {
	id        uint32
	algorithm byte
	aead      cipher.AEAD
}

// NewKey makes a key of SM4GCM (16-byte secret) or AES256GCM (32-byte secret).
func NewKey(id uint32, algorithm string, secret []byte) (*Key, error) {
	number, size, err := algorithmOf(algorithm)
	if err != nil {
		return nil, err
	}
	if len(secret) != size {
		return nil, fmt.Errorf("seal: key %d: %s takes %d bytes, got %d", id, algorithm, size, len(secret))
	}
	aead, err := newAEAD(number, secret)
	if err != nil {
		return nil, fmt.Errorf("seal: key %d: %w", id, err)
	}
	return &Key{id: id, algorithm: number, aead: aead}, nil
}

// ID is the number by which cells name the key.
func (k *Key) ID() uint32 { return k.id }

// Algorithm is SM4GCM or AES256GCM.
func (k *Key) Algorithm() string {
	if k.algorithm == algorithmSM4GCM {
		return SM4GCM
	}
	return AES256GCM
}

// Format keeps the key schedule out of logs, whatever the verb.
func (k *Key) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "key %d (%s)", k.id, k.Algorithm())
}

func (k *Key) prefix() []byte {
	return binary.BigEndian.AppendUint32([]byte{formatV1, k.algorithm}, k.id)
}

// open expects a cell of at least minCell bytes.
func (k *Key) open(cell, aad []byte) ([]byte, error) {
	nonce, sealed := cell[prefixSize:prefixSize+nonceSize], cell[prefixSize+nonceSize:]
	plain, err := k.aead.Open(make([]byte, 0, len(sealed)-tagSize), nonce, sealed, aad)
	if err != nil {
		return nil, ErrTampered
	}
	return plain, nil
}

func known(algorithm byte) bool {
	return algorithm == algorithmSM4GCM || algorithm == algorithmAES256GCM
}

func algorithmOf(name string) (number byte, keySize int, err error) {
	switch name {
	case SM4GCM:
		return algorithmSM4GCM, sm4.BlockSize, nil
	case AES256GCM:
		return algorithmAES256GCM, 32, nil
	}
	return 0, 0, fmt.Errorf("seal: unknown algorithm %q, want %s or %s", name, SM4GCM, AES256GCM)
}

func newAEAD(algorithm byte, secret []byte) (cipher.AEAD, error) {
	newBlock := aes.NewCipher
	if algorithm == algorithmSM4GCM {
		newBlock = sm4.NewCipher
	}
	block, err := newBlock(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
