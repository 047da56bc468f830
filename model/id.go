package model

import (
	"crypto/rand"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// IDs makes ULIDs: 26 characters, opaque, sorted by the millisecond they were made in and, within one process,
// strictly increasing. It is safe for concurrent use.
type IDs struct {
	mu      sync.Mutex
	now     func() time.Time
	last    uint64 // millisecond of the last id
	entropy *ulid.MonotonicEntropy
}

// NewIDs makes a generator that reads the given clock.
func NewIDs(now func() time.Time) *IDs {
	return &IDs{now: now, entropy: ulid.Monotonic(rand.Reader, 0)}
}

// New returns the next id.
func (g *IDs) New() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last = max(g.last, ulid.Timestamp(g.now())) // a clock that is set back does not take the ids with it
	id, err := ulid.New(g.last, g.entropy)
	if err != nil { // the 80-bit tail of this millisecond is used up: go on in the next
		g.last++
		id = ulid.MustNew(g.last, g.entropy)
	}
	return id.String()
}

// ValidID reports whether s has the shape of an id of ours.
func ValidID(s string) bool {
	_, err := ulid.ParseStrict(s)
	return err == nil
}
