package work_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/work"
)

// Six servers at once: every piece is done, and no piece twice, whether handlers finish in their own transaction or leave
// it to the runner.
func TestManyServersDoNothingTwice(t *testing.T) {
	b := onMariaDB(t)
	const pieces = 1500
	b.owe(model.WorkDeliver, pieces)
	b.owe(model.WorkPromote, pieces)
	var promoted sync.Map
	var servers []*work.Runner
	for range 6 {
		r := b.server(nil)
		r.Handlers = map[model.WorkKind]work.Handler{
			model.WorkDeliver: b.effect(r.Store),
			model.WorkPromote: func(_ context.Context, w model.Work) error {
				if _, again := promoted.LoadOrStore(w.ID, true); again {
					t.Errorf("%s is done twice", w.ID)
				}
				return nil
			},
		}
		servers = append(servers, r)
	}
	stop := b.start(servers...)
	b.eventually("not all of it is done", func() bool { return b.left() == 0 })
	stop()
	if all, different := b.effects(); all != pieces || different != pieces || b.tally.count(work.Done) != 2*pieces {
		t.Errorf("%d doings of %d pieces, %v", all, different, b.tally.told)
	}
}

// A server is killed while doing a piece, and its batch with it: when the leases have run out another does all of it, and
// that an attempt never ended is counted.
func TestKilledServersWorkIsTakenOver(t *testing.T) {
	b := onMariaDB(t)
	w := b.owe(model.WorkDeliver, 3)[0]
	taken, err := b.store.LeaseWork(context.Background(), model.LaneMessages, b.clock.Now(), time.Minute, 3)
	b.must(err)
	if len(taken) != 3 { // and nothing more is ever heard of who has it
		t.Fatalf("leased %d", len(taken))
	}
	r := b.server(nil)
	r.Handlers = one(func(ctx context.Context, w model.Work) error {
		if w.Attempts != 1 {
			t.Errorf("%d attempts counted, want the one that never ended", w.Attempts)
		}
		return b.effect(r.Store)(ctx, w)
	})
	b.start(r)
	b.clock.pass(59 * time.Second)
	if again, err := b.store.LeaseWork(context.Background(), model.LaneMessages, b.clock.Now(), time.Minute, 3); err != nil || len(again) != 0 {
		t.Errorf("leased %v, %v though the leases still run", again, err)
	}
	if got := b.stored(w.ID); got.Attempts != 0 {
		t.Errorf("before the lease ran out: %+v", got)
	}
	b.clock.pass(2 * time.Second)
	for range 3 {
		b.tally.await(t, work.Done)
	}
	if all, different := b.effects(); all != 3 || different != 3 || b.left() != 0 {
		t.Errorf("%d doings of %d pieces, %d left", all, different, b.left())
	}
}

// A piece that kills every server that touches it is a dead letter in the end.
func TestPieceThatKillsServersDies(t *testing.T) {
	b := onMariaDB(t)
	w := b.owe(model.WorkDeliver, 1)[0]
	for range 4 { // the first attempt, and three counted by who comes next
		taken, err := b.store.LeaseWork(context.Background(), model.LaneMessages, b.clock.Now(), time.Minute, 1)
		b.must(err)
		if len(taken) != 1 {
			t.Fatalf("leased %v", taken)
		}
		b.clock.pass(61 * time.Second)
	}
	b.start(b.server(one(func(context.Context, model.Work) error {
		t.Error("it was begun once more")
		return nil
	})))
	b.tally.await(t, work.Failed)
	if got := b.stored(w.ID); got.Status != model.WorkDead || got.LastError == "" {
		t.Errorf("in the end: %+v", got)
	}
}

// A server stops for ten minutes in the middle of a piece and comes back, still holding its lease: another has done the
// piece, and what the first one then writes is void.
func TestServerThatStopsForTenMinutes(t *testing.T) {
	b := onMariaDB(t)
	b.owe(model.WorkDeliver, 1)
	stopped, back := make(chan struct{}), make(chan struct{})
	first, second := b.server(nil), b.server(nil)
	second.Handlers = one(b.effect(second.Store))
	first.Handlers = one(func(ctx context.Context, w model.Work) error {
		close(stopped)
		hold(ctx, back)
		return b.effect(first.Store)(ctx, w)
	})
	then := b.clock.Now()
	first.Now = func() time.Time { // time stands still for it, or it would take the lease anew itself
		select {
		case <-back:
			return b.clock.Now()
		default:
			return then
		}
	}
	b.start(first)
	<-stopped
	b.clock.pass(10 * time.Minute)
	b.start(second)
	b.tally.await(t, work.Done)
	close(back)
	b.tally.await(t, work.Lost)
	if all, _ := b.effects(); all != 1 || b.left() != 0 {
		t.Errorf("done %d times, %d left", all, b.left())
	}
}

// The same when the other one has it, but has not done it yet.
func TestServerComesBackWhileAnotherIsAtIt(t *testing.T) {
	b := onMariaDB(t)
	b.owe(model.WorkDeliver, 1)
	turns := make(chan chan struct{}, 2)
	handler := func(r *work.Runner) map[model.WorkKind]work.Handler {
		return one(func(ctx context.Context, w model.Work) error {
			mine := make(chan struct{})
			turns <- mine
			hold(ctx, mine)
			return b.effect(r.Store)(ctx, w)
		})
	}
	first, second := b.server(nil), b.server(nil)
	first.Handlers, second.Handlers = handler(first), handler(second)
	b.start(first)
	one := <-turns
	b.clock.pass(10 * time.Minute)
	b.start(second)
	two := <-turns
	close(one)
	b.tally.await(t, work.Lost)
	close(two)
	b.tally.await(t, work.Done)
	if all, _ := b.effects(); all != 1 || b.left() != 0 {
		t.Errorf("done %d times, %d left", all, b.left())
	}
}

// A server that stopped inside a transaction keeps others from that one piece and from no other, however long it stays
// away; and once its connection is gone, from none.
func TestServerStoppedInsideATransaction(t *testing.T) {
	b := onMariaDB(t)
	stuck := b.owe(model.WorkDeliver, 1)[0]
	_, err := b.store.LeaseWork(context.Background(), model.LaneMessages, b.clock.Now(), time.Minute, 1)
	b.must(err)
	tx, err := b.SQL.Begin()
	b.must(err)
	_, err = tx.Exec("SELECT id FROM owed_work WHERE id = ? FOR UPDATE", stuck.ID)
	b.must(err)
	b.clock.pass(10 * time.Minute)
	b.owe(model.WorkDeliver, 20)
	r := b.server(nil)
	r.Handlers = one(b.effect(r.Store))
	begun := time.Now()
	b.start(r)
	for range 20 {
		b.tally.await(t, work.Done)
	}
	if took := time.Since(begun); took > 20*time.Second { // waiting for the lock would take thirty
		t.Errorf("the others took %s", took)
	}
	if b.left() != 1 {
		t.Errorf("%d left, want the stuck one", b.left())
	}
	b.must(tx.Rollback())
	b.tally.await(t, work.Done)
	if all, different := b.effects(); all != 21 || different != 21 {
		t.Errorf("%d doings of %d pieces", all, different)
	}
}

// Servers that start together owe what recurs once, and share it.
func TestServersShareWhatRecurs(t *testing.T) {
	b := onMariaDB(t)
	var starting sync.WaitGroup
	for range 8 {
		starting.Go(func() {
			ctx := context.Background()
			err := b.store.InTx(ctx, func(tx *model.Store) error {
				for _, kind := range []model.WorkKind{model.WorkAudit, model.WorkRemind, model.WorkSweepSessions} {
					if err := tx.EnsureRecurring(ctx, kind, time.Minute, b.clock.Now(), b.clock.Now()); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	starting.Wait()
	if b.left() != 3 {
		t.Fatalf("%d pieces, want three", b.left())
	}
	var done atomic.Int64
	handlers := map[model.WorkKind]work.Handler{model.WorkRemind: func(context.Context, model.Work) error { done.Add(1); return nil }}
	b.start(b.server(handlers), b.server(handlers), b.server(handlers))
	for turn := range 5 {
		b.tally.await(t, work.Done)
		b.eventually("it is not put off until its next time", func() bool { return b.stored("remind").DueAt.After(b.clock.Now()) })
		if done.Load() != int64(turn)+1 {
			t.Errorf("done %d times in %d minutes", done.Load(), turn+1)
		}
		b.clock.pass(time.Minute)
	}
}

// Ten thousand pieces wait in the database and not in memory: a server never has more than a batch and what it does.
func TestDrainingHoldsLittle(t *testing.T) {
	b := onMariaDB(t)
	const pieces = 10_000
	b.owe(model.WorkDeliver, pieces)
	var done atomic.Int64
	r := b.server(one(func(context.Context, model.Work) error {
		if done.Add(1)%250 == 0 {
			if held := b.Count(t, "SELECT COUNT(*) FROM owed_work WHERE lease <> ''"); held > 50+4 {
				t.Errorf("%d pieces held", held)
			}
		}
		return nil
	}), func(r *work.Runner) { r.Limits.Batch = 50 })
	begun := time.Now()
	b.start(r)
	b.eventually("not all of it is done", func() bool { return b.left() == 0 })
	if done.Load() != pieces {
		t.Errorf("%d doings of %d pieces", done.Load(), pieces)
	}
	t.Logf("%.0f pieces a second", pieces/time.Since(begun).Seconds())
}
