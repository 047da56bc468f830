package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/work"
)

// handlers are what this release can do of what is owed. Whoever brings a kind of work adds its line here; kinds without
// one are left to servers that know them.
func (h *house) handlers() map[model.WorkKind]work.Handler {
	return map[model.WorkKind]work.Handler{
		model.WorkPromote:        h.booking.Promote,
		model.WorkExpireOffer:    h.booking.ExpireOffer,
		model.WorkCloseLine:      h.booking.CloseLine,
		model.WorkDraw:           h.booking.Draw,
		model.WorkSettleDraw:     h.booking.SettleDraw,
		model.WorkApplyException: h.planning.ApplyException,
		model.WorkGenerateSlots:  h.generateSlots,
		model.WorkSweepSessions:  h.desk.Sweep,
		model.WorkCleanUp:        h.cleanUp,
		model.WorkDeliver:        h.notice.Deliver,
		model.WorkRemind:         h.notice.Remind,
		model.WorkAudit:          h.work.Audit,
		model.WorkExport:         h.overview.WriteExport,
	}
}

// recurrence is how often work comes round, and from when on.
type recurrence struct {
	kind  model.WorkKind
	every time.Duration
	first time.Time
}

// recurring is what comes round. Those without a handler yet are not owed.
func (h *house) recurring() []recurrence {
	j, first := h.settings.Jobs, now()
	return []recurrence{
		{model.WorkAudit, 24 * time.Hour, h.work.NextAudit()},
		{model.WorkCleanUp, j.CleanUpEvery, first},
		{model.WorkGenerateSlots, j.GenerateEvery, first},
		{model.WorkRemind, j.RemindEvery, first},
		{model.WorkSweepSessions, j.SweepEvery, first},
	}
}

// oweRecurring makes sure that what recurs is owed; servers that start together owe it once.
func (h *house) oweRecurring(ctx context.Context) error {
	known := h.handlers()
	return h.store.InTx(ctx, func(tx *model.Store) error {
		for _, r := range h.recurring() {
			if known[r.kind] == nil {
				continue
			}
			if err := tx.EnsureRecurring(ctx, r.kind, r.every, r.first, now()); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *house) generateSlots(ctx context.Context, _ model.Work) error {
	_, err := h.planning.GenerateSlots(ctx)
	return err
}

// answersAtOnce bounds one sweep of expired idempotency keys.
const answersAtOnce = 1000

// cleanUp removes what has served its time.
func (h *house) cleanUp(ctx context.Context, _ model.Work) error {
	for {
		n, err := h.store.DropExpiredAnswers(ctx, now(), answersAtOnce)
		if err != nil {
			return err
		}
		if n < answersAtOnce {
			break
		}
	}
	if _, err := h.trail.Purge(ctx); err != nil {
		return err
	}
	if err := h.overview.Tidy(ctx); err != nil {
		return err
	}
	return h.staff.Tidy(ctx)
}

// runner is this server's hand in what is owed.
func (h *house) runner() *work.Runner {
	j := h.settings.Jobs
	return &work.Runner{
		Store: h.store, Handlers: h.handlers(), Now: now, Log: h.log, Meter: h.meter,
		Limits: work.Limits{
			Poll: j.Poll, Lease: j.Lease, NightLease: j.NightLease, Batch: j.Batch, Workers: j.Workers, Attempts: j.Attempts,
			Backoff: model.Backoff{First: j.BackoffFirst, Most: j.BackoffMost}, Grace: h.settings.HTTP.ShutdownTimeout,
		},
	}
}

// chore is what every server does for itself, again and again, whether or not it does jobs.
type chore struct {
	name  string
	every time.Duration
	run   func(context.Context) error
}

// linkEvery is how long a record of what was done stands outside of the chain at most.
const linkEvery = 5 * time.Second

// A server that missed a new key would go on sealing under the old.
func (h *house) chores() []chore {
	return []chore{
		{"reload keyring", time.Minute, func(context.Context) error { return h.keyring.Reload() }},
		{"link the trail", linkEvery, h.trail.Link},
	}
}

// startJobs runs the chores, and what is owed if this server does any of it, and gives the way to stop them, which waits
// for those under way.
func (h *house) startJobs(ctx context.Context) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	for _, c := range h.chores() {
		running.Go(func() { h.repeat(ctx, c) })
	}
	if h.settings.Jobs.Enabled {
		running.Go(func() { h.runner().Run(ctx) })
	}
	return func() error {
		cancel()
		running.Wait()
		return nil
	}
}

func (h *house) repeat(ctx context.Context, c chore) {
	ticker := time.NewTicker(c.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := c.safely(ctx); err != nil && ctx.Err() == nil {
			h.log.ErrorContext(ctx, "chore failed", "chore", c.name, "cause", err)
		}
	}
}

// safely keeps one chore's panic from ending the program; it is logged and the chore comes round again.
func (c chore) safely(ctx context.Context) (err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = fmt.Errorf("panic: %v\n%s", caught, debug.Stack())
		}
	}()
	return c.run(ctx)
}
