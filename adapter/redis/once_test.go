package redis

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A value is taken by one of many hands, and is gone when its time is over.
func TestOnce(t *testing.T) {
	ctx := context.Background()
	client, err := Open(ctx, Options{Mode: Embedded, Prefix: "test:"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	once := NewOnce(client)
	if err := once.Put(ctx, "k", "v", time.Minute); err != nil {
		t.Fatal(err)
	}
	var hands sync.WaitGroup
	var got atomic.Int64
	for range 8 {
		hands.Go(func() {
			value, err := once.Take(ctx, "k")
			if err != nil {
				t.Error(err)
			}
			if value == "v" {
				got.Add(1)
			}
		})
	}
	hands.Wait()
	if got.Load() != 1 {
		t.Errorf("%d hands took it", got.Load())
	}
	if err := once.Put(ctx, "k", "v", 0); err == nil {
		t.Error("kept for no time")
	}
}
