package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"jiamenkou/model"
)

// The rush: a thousand slots on ten days; a family books one a day.
const (
	rushSlots = 1000
	rushDays  = 10
)

// rush hands out attempts that all win: no child meets itself, no slot fills.
type rush struct {
	*district
	slots []model.Slot
	next  atomic.Int64
}

// attempt is one family and one slot.
type attempt struct {
	n      int
	family family
	slot   model.Slot
}

var errUsedUp = errors.New("there are not enough families for so many bookings; raise effort.families")

func (r *rush) attempt() (attempt, error) {
	n := int(r.next.Add(1) - 1)
	f, day := n%len(r.families), n/len(r.families)
	if day >= rushDays {
		return attempt{}, errUsedUp
	}
	aDay := rushSlots / rushDays
	return attempt{n, r.families[f], r.slots[day*aDay+f%aDay]}, nil
}

// noJobs leaves what is owed to another server, which is not there: messages about the bookings of both sides would
// otherwise go out meanwhile. What jobs can do is measured apart.
const noJobs = "JMK_JOBS_ENABLED=false"

func openRush(ctx context.Context, s *stage, e effort) (*rush, error) {
	d, err := s.settle(ctx, "rush", 9)
	if err != nil {
		return nil, err
	}
	r := &rush{district: d}
	for i := range rushSlots {
		r.slots = append(r.slots, d.slot(2+i/(rushSlots/rushDays), 10_000))
	}
	if err := d.store.InTx(ctx, func(tx *model.Store) error { return tx.AddSlots(ctx, r.slots) }); err != nil {
		return nil, err
	}
	if err := d.populate(ctx, e.families); err != nil {
		return nil, err
	}
	if err := d.open(ctx, noJobs); err != nil {
		return nil, err
	}
	return r, d.signIn(ctx, e.families)
}

func (a attempt) request() []byte {
	return compose(http.MethodPost, "/api/v1/slots/"+a.slot.ID+"/bookings", a.family.token, fmt.Sprintf("attempt-%08d", a.n), `{"child_id":"`+a.family.child+`"}`)
}

// measureBookings lets families book over HTTP, and beside it the same statements run by hand.
func measureBookings(ctx context.Context, s *stage, e effort) (rows []row, err error) {
	r, err := openRush(ctx, s, e)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.stop()) }()
	all, err := r.wires(ctx, workers)
	if err != nil {
		return nil, err
	}
	defer all.close()
	hand, err := prepareHand(ctx, r)
	if err != nil {
		return nil, err
	}
	ours := counted{db: r.db, do: func(_ context.Context, worker int) error {
		a, err := r.attempt()
		if err != nil {
			return err
		}
		_, err = all[worker].want(http.StatusCreated, a.request())
		return err
	}}
	beside := counted{db: r.db, do: func(ctx context.Context, _ int) error {
		a, err := r.attempt()
		if err != nil {
			return err
		}
		return hand.book(ctx, a)
	}}
	result, err := contend(ctx, e, side{do: ours.do, cpu: r.cpu}, side{do: beside.do})
	if err != nil {
		return nil, err
	}
	if result.oursQueries, err = ours.statements(ctx); err == nil {
		result.besideQueries, err = beside.statements(ctx)
	}
	return []row{atLeast("bookings/s, 1,000 slots, every attempt wins", "/s", result, 0.7)}, errors.Join(err, r.drifts(ctx))
}

// counted is something whose statements can be counted.
type counted struct {
	db *sql.DB
	do func(ctx context.Context, worker int) error
}

// statements does it a few times more and tells how many statements each takes, so that it can be seen that both
// sides do the same.
func (c counted) statements(ctx context.Context) (float64, error) {
	const times = 20
	before, err := c.questions(ctx)
	if err != nil {
		return 0, err
	}
	for range times {
		if err := c.do(ctx, 0); err != nil {
			return 0, err
		}
	}
	after, err := c.questions(ctx)
	return float64(after-before-1) / times, err
}

func (c counted) questions(ctx context.Context) (n int, err error) {
	var name string
	err = c.db.QueryRowContext(ctx, "SHOW GLOBAL STATUS LIKE 'Questions'").Scan(&name, &n)
	return n, err
}
