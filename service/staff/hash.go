package staff

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strings"

	"golang.org/x/crypto/argon2"

	"jiamenkou/model"
)

// Cost is what hashing one password takes. It stands in every hash, so that it can be raised: older hashes are judged by
// their own and replaced when their owner signs in.
type Cost struct {
	Memory uint32 // KiB
	Passes uint32
	Lanes  uint8
}

// Hasher hashes passwords with Argon2id (RFC 9106), so many at once and no more: each takes its memory.
type Hasher struct {
	cost  Cost
	slots chan struct{}
	dummy string // looks like a hash and is of nothing; made without the memory that a real one takes
}

const (
	saltBytes = 16
	hashBytes = 32
	mostCost  = 1 << 20 // KiB; a hash that asks for more is none of ours
)

// NewHasher hashes at most atOnce passwords at a time.
func NewHasher(cost Cost, atOnce int) *Hasher {
	return &Hasher{cost: cost, slots: make(chan struct{}, atOnce), dummy: cost.write(random(saltBytes), random(hashBytes))}
}

func random(n int) []byte {
	bytes := make([]byte, n)
	_, _ = rand.Read(bytes) // never fails: the program would end
	return bytes
}

// Hash waits for its turn and hashes a password in its normal form.
func (h *Hasher) Hash(ctx context.Context, password string) (hash string, err error) {
	err = h.inTurn(ctx, func() { hash = h.hash(password) })
	return hash, err
}

// Verify waits for its turn and tells whether it is the password. An empty hash takes as long as any and is no password's.
func (h *Hasher) Verify(ctx context.Context, hash, password string) (right bool, err error) {
	nobody := hash == ""
	if nobody {
		hash = h.dummy
	}
	cost, salt, want, err := readHash(hash)
	if err != nil {
		return false, err
	}
	err = h.inTurn(ctx, func() {
		got := argon2.IDKey([]byte(password), salt, cost.Passes, cost.Memory, cost.Lanes, uint32(len(want)))
		right = subtle.ConstantTimeCompare(got, want) == 1 && !nobody
	})
	return right, err
}

// Current reports whether a hash costs what a new one would.
func (h *Hasher) Current(hash string) bool {
	cost, _, _, err := readHash(hash)
	return err == nil && cost == h.cost
}

func (h *Hasher) inTurn(ctx context.Context, work func()) error {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return model.ErrTooSlow.WithCause(ctx.Err())
	}
	defer func() { <-h.slots }()
	work()
	return nil
}

func (h *Hasher) hash(password string) string {
	salt := random(saltBytes)
	return h.cost.write(salt, argon2.IDKey([]byte(password), salt, h.cost.Passes, h.cost.Memory, h.cost.Lanes, hashBytes))
}

// write is the text form that the reference implementation of Argon2 writes.
func (c Cost) write(salt, sum []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Passes, c.Lanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
}

var errNoHash = errors.New("this is no argon2id hash") // which is not shown

// readHash reads the text form that the reference implementation of Argon2 writes.
func readHash(text string) (cost Cost, salt, sum []byte, err error) {
	parts := splitHash(text)
	if len(parts) != 5 || parts[0] != "argon2id" || parts[1] != fmt.Sprintf("v=%d", argon2.Version) {
		return cost, nil, nil, errNoHash
	}
	if cost, err = readCost(parts[2]); err != nil {
		return cost, nil, nil, err
	}
	salt, err = base64.RawStdEncoding.Strict().DecodeString(parts[3])
	if err != nil || len(salt) < saltBytes {
		return cost, nil, nil, errNoHash
	}
	sum, err = base64.RawStdEncoding.Strict().DecodeString(parts[4])
	if err != nil || len(sum) < hashBytes || len(sum) > 2*hashBytes {
		return cost, nil, nil, errNoHash
	}
	return cost, salt, sum, nil
}

func readCost(text string) (cost Cost, err error) {
	if _, err := fmt.Sscanf(text, "m=%d,t=%d,p=%d", &cost.Memory, &cost.Passes, &cost.Lanes); err != nil {
		return cost, errNoHash
	}
	if cost.Memory < 8 || cost.Memory > mostCost || cost.Passes < 1 || cost.Passes > math.MaxUint8 || cost.Lanes < 1 {
		return cost, errNoHash
	}
	return cost, nil
}

func splitHash(text string) []string {
	if text == "" || text[0] != '$' {
		return nil
	}
	return strings.Split(text[1:], "$")
}
