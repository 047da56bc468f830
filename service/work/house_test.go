package work_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/work"
)

// clock runs with the one of the tests, ahead of it as far as a test likes.
type clock struct{ ahead atomic.Int64 }

func (c *clock) Now() time.Time       { return modeltest.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) pass(d time.Duration) { c.ahead.Add(int64(d)) }

// tally counts what runners did, and lets a test wait for it.
type tally struct {
	mu   sync.Mutex
	told map[work.Outcome]int
	news chan work.Outcome
}

func newTally() *tally {
	return &tally{told: map[work.Outcome]int{}, news: make(chan work.Outcome, 100_000)}
}

func (c *tally) Attempted(_ model.WorkKind, outcome work.Outcome, _ time.Duration) {
	c.mu.Lock()
	c.told[outcome]++
	c.mu.Unlock()
	c.news <- outcome
}

func (c *tally) count(outcome work.Outcome) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.told[outcome]
}

const patience = time.Minute // on a machine busy with other tests

// await returns when the next attempt has ended so.
func (c *tally) await(t *testing.T, want work.Outcome) {
	t.Helper()
	select {
	case got := <-c.news:
		if got != want {
			t.Fatalf("an attempt ended as %s, want %s", got, want)
		}
	case <-time.After(patience):
		t.Fatalf("no attempt ended; want %s", want)
	}
}

// hold keeps a handler until it is let go; a test that has failed meanwhile does not wait for it for ever.
func hold(ctx context.Context, letGo <-chan struct{}) {
	select {
	case <-letGo:
	case <-ctx.Done():
	}
}

// bench is a database with what a test does to it.
type bench struct {
	*modeltest.Database
	t      *testing.T
	store  *model.Store
	clock  *clock
	tally  *tally
	logger *slog.Logger
	log    bytes.Buffer // to be read when the servers have stopped
}

func newBench(t *testing.T, d *modeltest.Database, store *model.Store) *bench {
	b := &bench{Database: d, t: t, store: store, clock: &clock{}, tally: newTally()}
	b.logger = slog.New(slog.NewJSONHandler(&b.log, nil))
	return b
}

func onBoth(t *testing.T, test func(b *bench)) {
	t.Helper()
	modeltest.OnBothFounded(t, modeltest.Now(), func(t *testing.T, d *modeltest.Database, store *model.Store) {
		test(newBench(t, d, store))
	})
}

func onMariaDB(t *testing.T) *bench {
	t.Helper()
	d := modeltest.EmptyMariaDB(t)
	return newBench(t, d, d.Found(t, modeltest.Now()))
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func testLimits() work.Limits {
	return work.Limits{
		Poll: 2 * time.Millisecond, Lease: time.Minute, NightLease: time.Minute, Batch: 10, Workers: 4, Attempts: 3,
		Backoff: model.Backoff{First: 5 * time.Second, Most: time.Minute}, Grace: 10 * time.Second,
	}
}

// server is a runner on a store of its own, as another server has.
func (b *bench) server(handlers map[model.WorkKind]work.Handler, changes ...func(*work.Runner)) *work.Runner {
	b.t.Helper()
	r := &work.Runner{
		Store: b.store, Handlers: handlers, Now: b.clock.Now, Log: b.logger, Meter: b.tally, Limits: testLimits(),
	}
	if b.Engine == "mysql" { // SQLite is for one process
		r.Store = b.Store(b.t)
	}
	for _, change := range changes {
		change(r)
	}
	return r
}

// start runs servers until stopped; stop waits for them.
func (b *bench) start(servers ...*work.Runner) (stop func()) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, r := range servers {
		running.Go(func() { r.Run(ctx) })
	}
	stop = func() { cancel(); running.Wait() }
	b.t.Cleanup(stop)
	return stop
}

// owe owes n pieces of a kind, due now.
func (b *bench) owe(kind model.WorkKind, n int) []model.Work {
	b.t.Helper()
	pieces := make([]model.Work, n)
	for i := range pieces {
		pieces[i] = model.Owed(kind, b.store.NewID(), b.clock.Now(), b.clock.Now())
	}
	b.must(b.store.InTx(context.Background(), func(tx *model.Store) error { return tx.Owe(context.Background(), pieces...) }))
	return pieces
}

// effect does a piece as handlers do: in one transaction that holds it and finishes it. Each doing is an event.
func (b *bench) effect(store *model.Store) work.Handler {
	return func(ctx context.Context, w model.Work) error {
		return store.InTx(ctx, func(tx *model.Store) error {
			if err := tx.HoldWork(ctx, w); err != nil {
				return err
			}
			event := model.Event{Subject: "effect", SubjectID: w.SubjectID, ToState: "done", Actor: model.ActorSystem, CreatedAt: b.clock.Now()}
			if err := tx.AddEvents(ctx, event); err != nil {
				return err
			}
			return tx.FinishWork(ctx, w, b.clock.Now())
		})
	}
}

// effects are how often anything was done, and on how many records.
func (b *bench) effects() (all, different int) {
	b.t.Helper()
	return b.Count(b.t, "SELECT COUNT(*) FROM events WHERE subject = 'effect'"), b.Count(b.t, "SELECT COUNT(DISTINCT subject_id) FROM events WHERE subject = 'effect'")
}

// stored is a piece as it stands.
func (b *bench) stored(id string) (w model.Work) {
	b.t.Helper()
	row := b.SQL.QueryRow("SELECT status, attempts, lease, last_error, due_at FROM owed_work WHERE id = ?", id)
	var due any
	b.must(row.Scan(&w.Status, &w.Attempts, &w.Lease, &w.LastError, &due))
	switch at := due.(type) {
	case time.Time:
		w.DueAt = at
	default:
		b.t.Fatalf("due_at is %T", due)
	}
	return w
}

func (b *bench) left() int {
	b.t.Helper()
	return b.Count(b.t, "SELECT COUNT(*) FROM owed_work")
}

// eventually waits for what other goroutines bring about.
func (b *bench) eventually(complaint string, holds func() bool) {
	b.t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatal(complaint)
		}
	}
}
