// Package seal keeps personal data unreadable in the database. A Box seals a field into a cell that opens only in the
// table, column and row it was sealed for, and computes blind indexes by which a sealed field can still be looked up.
//
// A cell is
//
//	format(1) | algorithm(1) | key id(4, big-endian) | nonce(12) | ciphertext | tag(16)
//
// so it is 34 bytes longer than what it holds. Nonces are random, 96 bits: under NIST SP 800-38D §8.3 one key may seal
// at most 2³² cells, all servers together. A community seals some millions a year; rotate the key every year and the
// limit is never near.
package seal

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/emmansun/gmsm/sm3"
)

// What Open may answer instead of the plain bytes. None carries anything of the cell's content.
var (
	// ErrFormat: these bytes are not a cell of a format and algorithm known here.
	ErrFormat = errors.New("seal: not a sealed cell")
	// ErrUnknownKey: the key that sealed the cell is not in the provider.
	ErrUnknownKey = errors.New("seal: unknown key")
	// ErrTampered: the cell was changed, or was sealed for another table, column or row.
	ErrTampered = errors.New("seal: cell does not open here")
)

const (
	formatV1   = 0x01
	prefixSize = 1 + 1 + 4
	nonceSize  = 12
	tagSize    = 16
	minCell    = prefixSize + nonceSize + tagSize

	minIndexKey = 32
)

// KeyProvider holds the keys. Its methods are called by many goroutines at once; *Keyring is one, a KMS may be another.
type KeyProvider interface {
	// ActiveKey is the key new cells are sealed under; never nil.
	ActiveKey() *Key
	// KeyByID finds the key that sealed an old cell.
	KeyByID(id uint32) (*Key, bool)
	// IndexKey is the secret of the blind indexes, at least 32 bytes. It never rotates: every index would have to be
	// computed again from opened cells.
	IndexKey() []byte
}

// Box seals and opens. It is safe for use by many goroutines.
type Box struct {
	keys KeyProvider
}

// NewBox refuses a provider without an active key or with an index key shorter than 32 bytes.
func NewBox(provider KeyProvider) (*Box, error) {
	if provider.ActiveKey() == nil {
		return nil, errors.New("seal: the provider has no active key")
	}
	if len(provider.IndexKey()) < minIndexKey {
		return nil, fmt.Errorf("seal: the index key is shorter than %d bytes", minIndexKey)
	}
	return &Box{keys: provider}, nil
}

// Seal makes the cell of plain for one table, column and row, under the active key. Two seals of the same bytes differ.
func (b *Box) Seal(table, column, row string, plain []byte) ([]byte, error) {
	key := b.keys.ActiveKey()
	cell := make([]byte, prefixSize+nonceSize, minCell+len(plain))
	copy(cell, key.prefix())
	nonce := cell[prefixSize:]
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("seal: random nonce: %w", err)
	}
	return key.aead.Seal(cell, nonce, plain, place(cell[:prefixSize], table, column, row)), nil
}

// Open returns what was sealed, never nil, or ErrFormat, ErrUnknownKey or ErrTampered (test with errors.Is).
func (b *Box) Open(table, column, row string, cell []byte) ([]byte, error) {
	if len(cell) < minCell || cell[0] != formatV1 || !known(cell[1]) {
		return nil, ErrFormat
	}
	id := binary.BigEndian.Uint32(cell[2:prefixSize])
	key, ok := b.keys.KeyByID(id)
	if !ok {
		return nil, fmt.Errorf("%w: id %d", ErrUnknownKey, id)
	}
	if key.algorithm != cell[1] {
		return nil, ErrTampered
	}
	return key.open(cell, place(cell[:prefixSize], table, column, row))
}

// Index is the 32-byte blind index of a value: equal values of one column have equal indexes, and without the index key
// nothing can be learnt from one, not even whether two columns hold the same value. The caller normalises the value.
//
// The HMAC is over SM3 (GB/T 32905): as strong as SHA-256 here, and 密评 (GB/T 39786) counts only commercial
// cryptography, so beside SM4 nothing else is needed to pass it.
func (b *Box) Index(column string, value []byte) []byte {
	columnKey := hmacSM3(b.keys.IndexKey(), []byte("jiamenkou blind index 1\x00"+column))
	return hmacSM3(columnKey, value)
}

// Current tells whether a cell was sealed under the active key; what is not current is to be sealed again.
func (b *Box) Current(cell []byte) bool {
	return len(cell) >= minCell && bytes.HasPrefix(cell, b.CurrentPrefix())
}

// CurrentPrefix is the six bytes every cell under the active key begins with, for SQL that looks for stale rows.
func (b *Box) CurrentPrefix() []byte {
	return b.keys.ActiveKey().prefix()
}

// place is the associated data: the cell's own prefix and where the cell belongs. Each name is preceded by its length,
// so that ("ab","c") and ("a","bc") differ.
func place(prefix []byte, table, column, row string) []byte {
	aad := make([]byte, 0, prefixSize+3*4+len(table)+len(column)+len(row))
	aad = append(aad, prefix...)
	for _, name := range [...]string{table, column, row} {
		aad = appendSized(aad, name)
	}
	return aad
}

func appendSized(aad []byte, name string) []byte {
	aad = binary.BigEndian.AppendUint32(aad, uint32(len(name)))
	return append(aad, name...)
}

func hmacSM3(key, message []byte) []byte {
	mac := hmac.New(sm3.New, key)
	mac.Write(message)
	return mac.Sum(nil)
}
