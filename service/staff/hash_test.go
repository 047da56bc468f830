package staff_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/model/modeltest"
	"jiamenkou/service/staff"
)

// Hashes as they are made in earnest: what the settings say stands in them.
func TestHashes(t *testing.T) {
	ctx, h := context.Background(), staff.NewHasher(staff.Cost{Memory: 19 << 10, Passes: 2, Lanes: 1}, 2)
	hash, err := h.Hash(ctx, password)
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%s, %v", hash, err)
	}
	for text, want := range map[string]bool{password: true, password + " ": false, "": false} {
		if right, err := h.Verify(ctx, hash, text); right != want || err != nil {
			t.Errorf("%q: %v, %v", text, right, err)
		}
	}
	if right, err := h.Verify(ctx, "", ""); right || err != nil {
		t.Errorf("nobody's password: %v, %v", right, err)
	}
	dearer := staff.NewHasher(staff.Cost{Memory: 20 << 10, Passes: 2, Lanes: 1}, 2)
	if right, err := dearer.Verify(ctx, hash, password); !right || err != nil || dearer.Current(hash) || !h.Current(hash) {
		t.Errorf("an older hash: %v, %v", right, err)
	}
}

// A name nobody has takes as long as one somebody has: both hash once.
func TestNobodyTakesAsLong(t *testing.T) {
	ctx, h := context.Background(), staff.NewHasher(staff.Cost{Memory: 32 << 10, Passes: 3, Lanes: 1}, 1)
	hash, err := h.Hash(ctx, password)
	if err != nil {
		t.Fatal(err)
	}
	took := func(hash string) (best time.Duration) {
		for i := range 5 {
			start := time.Now()
			_, _ = h.Verify(ctx, hash, "wrong")
			if d := time.Since(start); i == 0 || d < best {
				best = d
			}
		}
		return best
	}
	if somebody, nobody := took(hash), took(""); nobody < somebody/2 || nobody > somebody*2 {
		t.Errorf("somebody %v, nobody %v", somebody, nobody)
	}
}

// Whoever waits too long for a turn is told so; no more than allowed hash at a time.
func TestHashingWaitsForItsTurn(t *testing.T) {
	h := staff.NewHasher(staff.Cost{Memory: 64 << 10, Passes: 8, Lanes: 1}, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	var refused atomic.Int64
	modeltest.TogetherErrors(8, func(int) error {
		if _, err := h.Hash(ctx, password); err != nil {
			refused.Add(1)
		}
		return nil
	})
	if refused.Load() < 5 {
		t.Errorf("%d of 8 did not wait", 8-refused.Load())
	}
}

func FuzzHashes(f *testing.F) {
	h := staff.NewHasher(staff.Cost{Memory: 64, Passes: 1, Lanes: 1}, 1)
	f.Add("$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=64,t=1,p=1$AAAA$AAAA")
	f.Add("$argon2i$v=19$m=64,t=1,p=1$$")
	f.Add("$argon2id$v=19$m=4294967295,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AA")
	f.Fuzz(func(t *testing.T, hash string) {
		if len(hash) > 200 || strings.Contains(hash, "m=") && !strings.Contains(hash, "m=64,t=1,") {
			return // what a costly hash costs is not the question
		}
		if right, err := h.Verify(context.Background(), hash, password); right && err == nil {
			t.Errorf("%q is the password's", hash)
		}
	})
}
