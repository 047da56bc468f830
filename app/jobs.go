package main

import (
	"context"
	"sync"
	"time"
)

// job is work apart from requests, repeated as long as the program runs. Every job may run on several servers at
// once and may be killed at any moment.
type job struct {
	name  string
	every time.Duration
	run   func(context.Context) error
}

// answersAtOnce bounds one sweep of expired idempotency keys.
const answersAtOnce = 1000

func (h *house) jobs() []job {
	return []job{
		{"generate slots", 10 * time.Minute, func(ctx context.Context) error {
			_, err := h.booking.GenerateSlots(ctx)
			return err
		}},
		{"drop expired answers", time.Minute, h.dropAnswers},
		{"reload keyring", time.Minute, func(context.Context) error { return h.keyring.Reload() }},
	}
}

func (h *house) dropAnswers(ctx context.Context) error {
	for {
		n, err := h.store.DropExpiredAnswers(ctx, now(), answersAtOnce)
		if err != nil || n < answersAtOnce {
			return err
		}
	}
}

// startJobs runs all jobs and gives the way to stop them, which waits for those under way.
func (h *house) startJobs(ctx context.Context) (stop func() error) {
	if !h.settings.Jobs.Enabled {
		return func() error { return nil }
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	for _, j := range h.jobs() {
		running.Go(func() { h.repeat(ctx, j) })
	}
	return func() error {
		cancel()
		running.Wait()
		return nil
	}
}

func (h *house) repeat(ctx context.Context, j job) {
	ticker := time.NewTicker(j.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := j.run(ctx); err != nil && ctx.Err() == nil {
			h.log.ErrorContext(ctx, "job failed", "job", j.name, "cause", err)
		}
	}
}
