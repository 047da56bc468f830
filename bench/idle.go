package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// restTime is how long a server is left alone before its memory is looked at.
const restTime = 3 * time.Second

const (
	mostMemory = 60.0 // MB
	mostStart  = 0.5  // seconds
)

// measureIdle starts the program again and again on a migrated database with nine sites, and leaves the last alone.
func measureIdle(ctx context.Context, s *stage, e effort) ([]row, error) {
	d, err := s.settle(ctx, "idle", 9)
	if err != nil {
		return nil, err
	}
	var starts, memory []float64
	for i := range e.starts + 1 { // the first generates the slots
		if err := d.open(ctx); err != nil {
			return nil, err
		}
		held, err := d.held(ctx)
		if err := errors.Join(err, d.stop()); err != nil {
			return nil, err
		}
		if i > 0 {
			starts, memory = append(starts, d.ready.Seconds()), append(memory, held)
		}
	}
	return []row{
		alone("idle memory of production mode", "%.0f MB", median(memory), mostMemory, ""),
		alone("start to ready, migrated database", "%.2f s", median(starts), mostStart, fmt.Sprintf("each of %.2f s", starts)),
	}, nil
}

// held is the memory of the idle server, in MB (10⁶ bytes).
func (d *district) held(ctx context.Context) (float64, error) {
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(restTime):
	}
	bytes, err := d.resident()
	return float64(bytes) / 1e6, err
}
