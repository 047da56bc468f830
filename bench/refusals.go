package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"jiamenkou/model"
)

// guests is how many signed-in families ask in turn.
const guests = 100

// measureRefusals has everyone ask for the one place that is taken, each time with a new key.
func measureRefusals(ctx context.Context, s *stage, e effort) (rows []row, err error) {
	d, err := s.gather(ctx, "full", 9)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	slot := d.slot(2, 1)
	if err := d.store.InTx(ctx, func(tx *model.Store) error { return tx.AddSlots(ctx, []model.Slot{slot}) }); err != nil {
		return nil, err
	}
	var n atomic.Int64
	ask := func() []byte {
		n := int(n.Add(1) - 1)
		return attempt{n, d.families[n%guests], slot}.request()
	}
	body, err := d.fill(ctx, ask)
	if err != nil {
		return nil, err
	}
	result, err := d.beside(ctx, e, http.StatusConflict, body, ask, compose(http.MethodPost, "/answer", d.families[0].token, "attempt-00000000", `{"child_id":"`+d.families[0].child+`"}`))
	return []row{atLeast("refusals/s, one full slot", "/s", result, 0.6)}, err
}

// gather is a district with guests signed in.
func (s *stage) gather(ctx context.Context, name string, sites int) (*district, error) {
	d, err := s.settle(ctx, name, sites)
	if err != nil {
		return nil, err
	}
	if err := d.populate(ctx, guests); err != nil {
		return nil, err
	}
	if err := d.open(ctx); err != nil {
		return nil, err
	}
	return d, d.signIn(ctx, guests)
}

// fill takes the only place and gives the refusal that the next one gets.
func (d *district) fill(ctx context.Context, ask func() []byte) ([]byte, error) {
	w, err := dial(ctx, d.addr)
	if err != nil {
		return nil, err
	}
	defer func() { _ = w.conn.Close() }()
	if _, err := w.want(http.StatusCreated, ask()); err != nil {
		return nil, err
	}
	body, err := w.want(http.StatusConflict, ask())
	if err == nil && !bytes.Contains(body, []byte(model.ErrSlotFull.Code)) {
		err = fmt.Errorf("refused for another reason: %s", body)
	}
	return bytes.Clone(body), err
}

// beside has the house answer with a status, and the bare counterpart with the same bytes.
func (d *district) beside(ctx context.Context, e effort, status int, body []byte, ask func() []byte, asked []byte) (result, error) {
	bare, err := d.bare(ctx, body)
	if err != nil {
		return result{}, err
	}
	r, err := d.against(ctx, bare, e, status, ask, asked)
	return r, errors.Join(err, bare.stop())
}

func (d *district) against(ctx context.Context, bare *server, e effort, status int, ask func() []byte, asked []byte) (result, error) {
	ours, err := d.wires(ctx, workers)
	if err != nil {
		return result{}, err
	}
	defer ours.close()
	theirs, err := bare.wires(ctx, workers)
	if err != nil {
		return result{}, err
	}
	defer theirs.close()
	counted := counted{db: d.db, do: func(_ context.Context, worker int) error {
		_, err := ours[worker].want(status, ask())
		return err
	}}
	r, err := contend(ctx, e, side{do: counted.do, cpu: d.cpu}, side{cpu: bare.cpu, do: func(_ context.Context, worker int) error {
		_, err := theirs[worker].want(http.StatusOK, asked)
		return err
	}})
	if err != nil {
		return result{}, err
	}
	r.oursQueries, err = counted.statements(ctx)
	return r, err
}
