package main

import (
	"context"
	"fmt"
	"runtime/debug"
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
	}
}

// chores are what every server does for itself, whether or not it does jobs: one that missed a new key would go on
// sealing under the old.
func (h *house) chores() []job {
	return []job{{"reload keyring", time.Minute, func(context.Context) error { return h.keyring.Reload() }}}
}

func (h *house) dropAnswers(ctx context.Context) error {
	for {
		n, err := h.store.DropExpiredAnswers(ctx, now(), answersAtOnce)
		if err != nil || n < answersAtOnce {
			return err
		}
	}
}

// startJobs runs the chores, and the jobs if this server does any, and gives the way to stop them, which waits for those
// under way.
func (h *house) startJobs(ctx context.Context) (stop func() error) {
	work := h.chores()
	if h.settings.Jobs.Enabled {
		work = append(work, h.jobs()...)
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	for _, j := range work {
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
		if err := j.safely(ctx); err != nil && ctx.Err() == nil {
			h.log.ErrorContext(ctx, "job failed", "job", j.name, "cause", err)
		}
	}
}

// safely keeps one job's panic from ending the program; it is logged and the job comes round again.
func (j job) safely(ctx context.Context) (err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = fmt.Errorf("panic: %v\n%s", caught, debug.Stack())
		}
	}()
	return j.run(ctx)
}
