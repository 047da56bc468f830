package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"jiamenkou/model"
)

const (
	// soonPoll is the shortest wait of a server that has nothing to do: what is measured is work, not waiting for it.
	soonPoll = "JMK_JOBS_POLL=50ms"
	// hands is how many work by hand, as many as a lane of the server has.
	hands = 4
	// byHandFor is how long nobody else takes what is done by hand.
	byHandFor = time.Hour
	// oftenLook is how often it is looked whether a server is done; seldomLook, where it takes long.
	oftenLook  = 10 * time.Millisecond
	seldomLook = 250 * time.Millisecond
	// drainTime is the longest that a server may take for what it owes.
	drainTime = 15 * time.Minute
)

// batch is an amount of owed work. It is laid down in one transaction, and worked through from then on.
type batch struct {
	size    int
	lay     func(ctx context.Context) error
	work    func(ctx context.Context) error
	cpu     func() time.Duration // of its server; nil when it has none
	queries int                  // counted so far, the first round's not among them
}

// exhaust lets both sides work through a batch in turn, after a round that does not count; which of them begins alternates.
// Whatever else the server then still owes is waited for.
func (d *district) exhaust(ctx context.Context, e effort, ours, beside *batch) (result, error) {
	var a, b []turn
	for round := range e.rounds + 1 {
		order := []*batch{ours, beside}
		if round%2 == 1 {
			slices.Reverse(order)
		}
		took := map[*batch]turn{}
		for _, side := range order {
			t, queries, err := d.workThrough(ctx, side)
			if err != nil {
				return result{}, err
			}
			took[side] = t
			if round > 0 {
				side.queries += queries
			}
		}
		if round > 0 {
			a, b = append(a, took[ours]), append(b, took[beside])
		}
	}
	r := judged(a, b)
	r.oursQueries = float64(ours.queries) / float64(e.rounds*ours.size)
	r.besideQueries = float64(beside.queries) / float64(e.rounds*beside.size)
	return r, nil
}

// workThrough is one side's turn. The statements are those of all that follows from the batch, too.
func (d *district) workThrough(ctx context.Context, b *batch) (t turn, queries int, err error) {
	if err := b.lay(ctx); err != nil {
		return t, 0, err
	}
	began, used, counted := time.Now(), d.cpu(), counted{db: d.db}
	before, err := counted.questions(ctx)
	if err != nil {
		return t, 0, err
	}
	if err := b.work(ctx); err != nil {
		return t, 0, err
	}
	t.rate = float64(b.size) / time.Since(began).Seconds()
	if b.cpu != nil {
		t.cpu = (b.cpu() - used) / time.Duration(b.size)
	}
	if err := errors.Join(d.settled(ctx, model.LaneHouse, oftenLook), d.settled(ctx, model.LaneMessages, oftenLook)); err != nil {
		return t, 0, err
	}
	after, err := counted.questions(ctx)
	return t, after - before - 1, err
}

// settled waits until nothing of a lane is due any more, and insists that nothing has failed.
func (d *district) settled(ctx context.Context, lane model.Lane, every time.Duration) error {
	const due = "SELECT id FROM owed_work WHERE lane = ? AND status = 'owed' AND due_at <= ? AND every_seconds = 0 LIMIT 1"
	look, err := d.db.PrepareContext(ctx, due)
	if err != nil {
		return err
	}
	defer func() { _ = look.Close() }()
	ctx, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	for {
		var id string
		switch err := look.QueryRowContext(ctx, lane, now()).Scan(&id); {
		case errors.Is(err, sql.ErrNoRows):
			return d.noneDead(ctx)
		case err != nil:
			return err
		}
		time.Sleep(every)
	}
}

// noneDead tells of work that could not be done.
func (d *district) noneDead(ctx context.Context) error {
	var n int
	var reason sql.NullString
	err := d.db.QueryRowContext(ctx, "SELECT COUNT(*), MIN(last_error) FROM owed_work WHERE status = 'dead' OR attempts > 0").Scan(&n, &reason)
	if err == nil && n > 0 {
		err = fmt.Errorf("%d pieces of work failed: %s", n, reason.String)
	}
	return err
}

// byHand lets the hands work through n pieces.
func byHand(n int, do func(i int) error) error {
	var next atomic.Int64
	return together(hands, func(int) error {
		for i := int(next.Add(1) - 1); i < n; i = int(next.Add(1) - 1) {
			if err := do(i); err != nil {
				return err
			}
		}
		return nil
	})
}

// inTx runs statements in a transaction as the house has them.
func (d *district) inTx(ctx context.Context, do func(tx *sql.Tx) error) error {
	tx, err := d.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// owe lays down work about the subjects for the server, or leased to us under the given lease.
func (d *district) owe(ctx context.Context, kind model.WorkKind, lease string, subjects []string) (ids []string, err error) {
	for range subjects {
		ids = append(ids, d.store.NewID())
	}
	due, until := now(), (*time.Time)(nil)
	if lease != "" {
		later := due.Add(byHandFor)
		until = &later
	}
	return ids, insert(ctx, d.db, intoOwed, len(subjects), func(i int) []any {
		values := owedValues(ids[i], kind, subjects[i], due, due)
		values[8], values[9] = lease, until
		return values
	})
}

// work by hand begins and ends like this.
const (
	holdWork   = "SELECT id FROM owed_work WHERE id = ? AND lease = ? LIMIT 1 FOR UPDATE"
	finishWork = "DELETE FROM owed_work WHERE id = ? AND lease = ?"
)
