package work_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/work"
)

var errFailing = errors.New("it fails")

// one is a handler for deliveries alone.
func one(h work.Handler) map[model.WorkKind]work.Handler {
	return map[model.WorkKind]work.Handler{model.WorkDeliver: h}
}

func failing(context.Context, model.Work) error { return errFailing }
func nothing(context.Context, model.Work) error { return nil }

func TestWorkIsDoneAndGone(t *testing.T) {
	onBoth(t, func(b *bench) {
		b.owe(model.WorkPromote, 15)
		b.owe(model.WorkDeliver, 15)
		later := b.owe(model.WorkDeliver, 1)[0]
		b.Exec(b.t, "UPDATE owed_work SET due_at = '2999-01-01 00:00:00.000' WHERE id = ?", later.ID)
		b.start(b.server(map[model.WorkKind]work.Handler{model.WorkPromote: nothing, model.WorkDeliver: b.effect(b.store)}))
		for range 30 {
			b.tally.await(b.t, work.Done)
		}
		if all, different := b.effects(); all != 15 || different != 15 || b.left() != 1 {
			b.t.Errorf("%d doings on %d records, %d pieces left", all, different, b.left())
		}
	})
}

func TestFailedWorkBacksOffAndDies(t *testing.T) {
	onBoth(t, func(b *bench) {
		w := b.owe(model.WorkDeliver, 1)[0]
		b.start(b.server(one(failing)))
		for attempt, most := range []time.Duration{5 * time.Second, 10 * time.Second} {
			b.tally.await(b.t, work.Failed)
			now, got := b.clock.Now(), b.stored(w.ID)
			if got.Status != model.WorkOwed || got.Attempts != attempt+1 || got.Lease != "" || got.LastError != errFailing.Error() {
				b.t.Fatalf("after attempt %d: %+v", attempt+1, got)
			}
			if wait := got.DueAt.Sub(now); wait < most/2-time.Second || wait > most {
				b.t.Errorf("after attempt %d it waits %s, want half of %s to the whole", attempt+1, wait, most)
			}
			b.clock.pass(most)
		}
		b.tally.await(b.t, work.Failed)
		if got := b.stored(w.ID); got.Status != model.WorkDead || got.Attempts != 3 {
			b.t.Errorf("in the end: %+v", got)
		}
		events, err := b.store.ListEvents(context.Background(), w.ID)
		if err != nil || len(events) != 1 || events[0].ToState != "dead" || events[0].Actor != model.ActorSystem {
			b.t.Errorf("events %+v, %v", events, err)
		}
		b.clock.pass(24 * time.Hour)
		b.owe(model.WorkDeliver, 1)
		b.tally.await(b.t, work.Failed)
		if got := b.stored(w.ID); got.Attempts != 3 {
			b.t.Error("a dead letter was tried again")
		}
	})
}

func TestPanicIsAFailedAttempt(t *testing.T) {
	onBoth(t, func(b *bench) {
		w := b.owe(model.WorkDeliver, 1)[0]
		stop := b.start(b.server(one(func(context.Context, model.Work) error { panic("out of order") })))
		b.tally.await(b.t, work.Failed)
		stop()
		if got := b.stored(w.ID); got.Attempts != 1 || got.LastError != "panic: out of order" || !strings.Contains(b.log.String(), "runner_test.go") {
			b.t.Errorf("after a panic: %+v", got)
		}
	})
}

func TestUnknownKindIsLeftAlone(t *testing.T) {
	onBoth(t, func(b *bench) {
		of := b.owe(model.WorkKind("from_a_newer_release"), 20) // in the lane of promotions, and due before them
		b.clock.pass(time.Second)
		b.owe(model.WorkPromote, 1)
		b.start(b.server(map[model.WorkKind]work.Handler{model.WorkPromote: nothing}))
		b.tally.await(b.t, work.Done)
		for _, w := range of {
			if got := b.stored(w.ID); got.Attempts != 0 || got.Lease != "" {
				b.t.Fatalf("work of an unknown kind: %+v", got)
			}
		}
	})
}

// What a handler has postponed is not finished by the runner.
func TestPostponedWorkStays(t *testing.T) {
	onBoth(t, func(b *bench) {
		w := b.owe(model.WorkDeliver, 1)[0]
		due := b.clock.Now().Add(time.Hour)
		b.start(b.server(one(func(ctx context.Context, w model.Work) error {
			return b.store.InTx(ctx, func(tx *model.Store) error { return tx.PostponeWork(ctx, w, due, b.clock.Now()) })
		})))
		b.tally.await(b.t, work.Done)
		if got := b.stored(w.ID); !got.DueAt.Equal(due) || got.Attempts != 0 || got.Status != model.WorkOwed {
			b.t.Errorf("postponed: %+v, want due %s", got, due)
		}
	})
}

func TestHandlerEndsBeforeItsLease(t *testing.T) {
	onBoth(t, func(b *bench) {
		b.owe(model.WorkDeliver, 1)
		b.start(b.server(one(func(ctx context.Context, w model.Work) error {
			deadline, has := ctx.Deadline()
			if left := w.LeasedUntil.Sub(b.clock.Now()) - time.Until(deadline); !has || left < 10*time.Second || left > 15*time.Second {
				b.t.Errorf("the handler's time ends %s before the lease", left)
			}
			return nil
		})))
		b.tally.await(b.t, work.Done)
	})
}

// What has waited for its turn until half the lease was gone is leased anew, and that counts as no attempt.
func TestLateTurnIsGivenBack(t *testing.T) {
	onBoth(t, func(b *bench) {
		b.owe(model.WorkDeliver, 2)
		turns := 0
		b.start(b.server(one(func(_ context.Context, w model.Work) error {
			if turns++; turns == 1 {
				b.clock.pass(31 * time.Second)
			}
			if left := w.TimeLeft(b.clock.Now()); turns == 2 && left < 59*time.Second || w.Attempts != 0 {
				b.t.Errorf("turn %d begins with %s left and %d attempts", turns, left, w.Attempts)
			}
			return nil
		}), func(r *work.Runner) { r.Limits.Workers = 1 }))
		b.tally.await(b.t, work.Done)
		b.tally.await(b.t, work.Done)
	})
}

func TestStopWaitsAndGivesBack(t *testing.T) {
	onBoth(t, func(b *bench) {
		b.owe(model.WorkDeliver, 5)
		begun, letGo := make(chan struct{}), make(chan struct{})
		ctx, cancel := context.WithCancel(context.Background())
		stopped := make(chan struct{})
		r := b.server(one(func(ctx context.Context, w model.Work) error {
			close(begun)
			hold(ctx, letGo)
			return b.effect(b.store)(ctx, w)
		}), func(r *work.Runner) { r.Limits.Workers = 1 })
		go func() { defer close(stopped); r.Run(ctx) }()
		<-begun
		cancel()
		b.eventually("what was not begun is not given back", func() bool {
			return b.Count(b.t, "SELECT COUNT(*) FROM owed_work WHERE lease = '' AND attempts = 0") == 4
		})
		select {
		case <-stopped:
			b.t.Fatal("it has not waited for what was being done")
		default:
		}
		close(letGo)
		<-stopped
		if all, _ := b.effects(); all != 1 || b.left() != 4 || b.tally.count(work.Done) != 1 {
			b.t.Errorf("%d done, %d left", all, b.left())
		}
	})
}

// Whoever does not end within the time of grace is cut off, and it is not the work's fault.
func TestStopCutsOffAfterGrace(t *testing.T) {
	onBoth(t, func(b *bench) {
		w := b.owe(model.WorkDeliver, 1)[0]
		begun := make(chan struct{})
		stop := b.start(b.server(one(func(ctx context.Context, _ model.Work) error {
			close(begun)
			<-ctx.Done()
			return ctx.Err()
		}), func(r *work.Runner) { r.Limits.Grace = 10 * time.Millisecond }))
		<-begun
		stop()
		b.tally.await(b.t, work.GivenBack)
		if got := b.stored(w.ID); got.Attempts != 0 || got.Lease != "" || got.Status != model.WorkOwed {
			b.t.Errorf("cut off: %+v", got)
		}
	})
}

func (b *bench) recur(kind model.WorkKind, every time.Duration) {
	b.t.Helper()
	b.must(b.store.EnsureRecurring(context.Background(), kind, every, b.clock.Now(), b.clock.Now()))
}

func TestRecurringWorkNeverDies(t *testing.T) {
	onBoth(t, func(b *bench) {
		b.recur(model.WorkRemind, 10*time.Second)
		var works atomic.Bool
		b.start(b.server(map[model.WorkKind]work.Handler{model.WorkRemind: func(context.Context, model.Work) error {
			if works.Load() {
				return nil
			}
			return errFailing
		}}))
		for attempt := range 8 { // more than a piece owed once may have
			b.tally.await(b.t, work.Failed)
			got := b.stored("remind")
			if wait := got.DueAt.Sub(b.clock.Now()); got.Status != model.WorkOwed || got.Attempts != attempt+1 || wait > 10*time.Second {
				b.t.Fatalf("after attempt %d: %+v, waiting %s", attempt+1, got, wait)
			}
			works.Store(attempt == 7)
			b.clock.pass(10 * time.Second)
		}
		b.tally.await(b.t, work.Done)
		if got := b.stored("remind"); got.Attempts != 0 || got.LastError != "" || !got.DueAt.After(b.clock.Now()) {
			b.t.Errorf("after a success: %+v", got)
		}
	})
}

// A long pause is not made up for one by one.
func TestRecurringWorkIsDoneOnceATime(t *testing.T) {
	onBoth(t, func(b *bench) {
		b.recur(model.WorkRemind, time.Minute)
		b.start(b.server(map[model.WorkKind]work.Handler{model.WorkRemind: nothing}))
		b.tally.await(b.t, work.Done)
		b.clock.pass(10 * time.Minute)
		b.tally.await(b.t, work.Done)
		b.owe(model.WorkDeliver, 1) // nothing of it is known here
		if got := b.stored("remind"); !got.DueAt.After(b.clock.Now()) || b.tally.count(work.Done) != 2 {
			b.t.Errorf("done %d times, due at %s", b.tally.count(work.Done), got.DueAt)
		}
	})
}
