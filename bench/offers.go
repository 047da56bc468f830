package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"jiamenkou/model"
)

// lineFamilies is how many families wait; each at many slots.
const lineFamilies = 1000

// lines are slots with children waiting. In every turn each slot gets some places more, and the work of offering them.
type lines struct {
	*district
	room  string // tells these slots from others
	slots []model.Slot
	more  int // places for each slot, each turn

	policyID string // under which everybody waits
	offered  int    // so far

	lease string
	ids   []string // of the work laid down last

	seen, hold, slot, next, policy, place, entry, event, owed, notice, finish *sql.Stmt
}

// measureOffers frees places, one in each of many slots and many in each of a few, and has the server's jobs offer them;
// beside it the same statements by hand. Meanwhile the server sees to the messages of both, for which nobody has left a
// consent.
func measureOffers(ctx context.Context, s *stage, e effort) (rows []row, err error) {
	d, err := s.settle(ctx, "offers", 9)
	if err != nil {
		return nil, err
	}
	if err := d.populate(ctx, lineFamilies); err != nil {
		return nil, err
	}
	if err := d.open(ctx, soonPoll); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	const many = 20
	one, err := d.offers(ctx, e, "one", e.batch, 1)
	if err != nil {
		return nil, err
	}
	all, err := d.offers(ctx, e, "many", e.batch/many, many)
	return []row{
		atLeast("offers/s through the jobs, one place a slot", "/s", one, 0.6),
		atLeast(fmt.Sprintf("offers/s through the jobs, %d places a slot", many), "/s", all, 0.6),
	}, errors.Join(err, d.drifts(ctx))
}

func (d *district) offers(ctx context.Context, e effort, room string, slots, more int) (result, error) {
	l := &lines{district: d, room: room, more: more}
	if err := l.form(ctx, slots, 2*(e.rounds+1)*more); err != nil {
		return result{}, err
	}
	if err := prepareAll(ctx, d.db, l.statements()); err != nil {
		return result{}, err
	}
	ours := &batch{size: slots * more, cpu: d.cpu, lay: func(ctx context.Context) error { return l.free(ctx, "") },
		work: func(ctx context.Context) error { return d.settled(ctx, model.LaneHouse, oftenLook) }}
	beside := &batch{size: slots * more, lay: func(ctx context.Context) error { return l.free(ctx, d.store.NewID()) },
		work: func(ctx context.Context) error {
			return byHand(len(l.slots), func(i int) error { return l.promote(ctx, i) })
		}}
	r, err := d.exhaust(ctx, e, ours, beside)
	return r, errors.Join(err, l.insist(ctx))
}

// form makes the slots, full, and so long a line at each.
func (l *lines) form(ctx context.Context, slots, long int) error {
	for i := range slots {
		slot := l.district.slot(2+i%20, 1)
		slot.Room, slot.Waiting, slot.WaitingTurn = l.room, long, long
		l.slots = append(l.slots, slot)
	}
	if err := l.store.InTx(ctx, func(tx *model.Store) error { return tx.AddSlots(ctx, l.slots) }); err != nil {
		return err
	}
	if err := l.oweEnds(ctx); err != nil {
		return err
	}
	policy, err := l.store.FindCurrentPolicy(ctx, l.services[0].ID, now())
	if err != nil {
		return err
	}
	l.policyID = policy.ID
	const into = `waiting_entries (id, resident_id, child_id, slot_id, site_id, service_id, policy_id, policy_version, turn, accept_self_paid,
		start_at, end_at, status, created_at, updated_at)`
	at, ids := now(), make([]string, slots*long)
	for i := range ids {
		ids[i] = l.store.NewID()
	}
	err = insert(ctx, l.db, into, len(ids), func(i int) []any {
		slot, f := l.slots[i/long], l.families[(i/long+i%long)%len(l.families)]
		return []any{ids[i], f.resident, f.child, slot.ID, slot.SiteID, slot.ServiceID, policy.ID, policy.Version, 1 + i%long, false,
			slot.StartAt, slot.EndAt, model.WaitingInLine, at, at}
	})
	if err != nil {
		return err
	}
	return insert(ctx, l.db, "events (id, subject, subject_id, from_state, to_state, actor, actor_id, reason, created_at)", len(ids), func(i int) []any {
		return []any{l.store.NewID(), "waiting", ids[i], "", model.WaitingInLine, model.ActorSystem, "", "", at}
	})
}

// oweEnds owes the end of every line at the cut-off, as joining it does.
func (l *lines) oweEnds(ctx context.Context) error {
	at := now()
	return insert(ctx, l.db, intoOwed, len(l.slots), func(i int) []any {
		return owedValues(l.store.NewID(), model.WorkCloseLine, l.slots[i].ID, l.slots[i].CutoffAt, at)
	})
}

// free gives every slot more places and owes their offering: to the server, or to whoever has the lease.
func (l *lines) free(ctx context.Context, lease string) (err error) {
	if _, err := l.db.ExecContext(ctx, "UPDATE slots SET capacity = booked + held + ? WHERE room = ?", l.more, l.room); err != nil {
		return err
	}
	var subjects []string
	for _, slot := range l.slots {
		subjects = append(subjects, slot.ID)
	}
	l.offered += l.more * len(l.slots)
	l.lease = lease
	l.ids, err = l.owe(ctx, model.WorkPromote, lease, subjects)
	return err
}

func (l *lines) statements() []statement {
	return []statement{
		{&l.seen, "SELECT * FROM slots WHERE id = ? AND status <> 'draft' LIMIT 1"},
		{&l.hold, holdWork},
		{&l.slot, "SELECT * FROM slots WHERE id = ? LIMIT 1 FOR UPDATE"},
		{&l.next, "SELECT id, resident_id FROM waiting_entries WHERE slot_id = ? AND status = 'waiting' ORDER BY turn LIMIT ?"},
		{&l.policy, "SELECT * FROM service_policies WHERE id = ? LIMIT 1"},
		{&l.place, `UPDATE slots SET held = held + 1, waiting = waiting - 1, updated_at = ?
			WHERE id = ? AND waiting > 0 AND booked + held < capacity`},
		{&l.entry, `UPDATE waiting_entries SET status = 'offered', offered_at = ?, offer_expires_at = ?, booking_id = NULL, updated_at = ?
			WHERE id = ? AND status = 'waiting'`},
		{&l.event, addEvent}, {&l.owed, addOwed}, {&l.notice, addNotice}, {&l.finish, finishWork},
	}
}

// promote offers the places of a slot as service/booking does, statement by statement.
func (l *lines) promote(ctx context.Context, i int) error {
	at, slot := now(), l.slots[i]
	if err := read(ctx, l.seen, slot.ID); err != nil {
		return err
	}
	return l.inTx(ctx, func(tx *sql.Tx) error {
		if err := read(ctx, tx.StmtContext(ctx, l.hold), l.ids[i], l.lease); err != nil {
			return err
		}
		if err := read(ctx, tx.StmtContext(ctx, l.slot), slot.ID); err != nil {
			return err
		}
		entries, err := l.nextInLine(ctx, tx, slot.ID)
		if err != nil {
			return err
		}
		if err := read(ctx, tx.StmtContext(ctx, l.policy), l.policyID); err != nil {
			return err
		}
		for _, entry := range entries {
			if err := execute(ctx, tx, l.offer(slot, entry, at)...); err != nil {
				return err
			}
		}
		return execute(ctx, tx, step{l.finish, []any{l.ids[i], l.lease}})
	})
}

// waiter is an entry on a waiting list and whose it is.
type waiter struct{ id, resident string }

func (l *lines) nextInLine(ctx context.Context, tx *sql.Tx, slotID string) (all []waiter, err error) {
	rows, err := tx.StmtContext(ctx, l.next).QueryContext(ctx, slotID, l.more) //nolint:sqlclosecheck // ends with the transaction
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var one waiter
		if err := rows.Scan(&one.id, &one.resident); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

func (l *lines) offer(slot model.Slot, w waiter, at time.Time) []step {
	const body = "候补的11月24日周二 9:00–11:30有名额了，已为孩子保留，请在11月22日周日 10:30前确认。"
	notice, until := l.store.NewID(), at.Add(30*time.Minute)
	facts := model.SessionFacts(slot.SiteID, slot.StartAt, slot.EndAt, "已为孩子保留，请尽快确认", l.zone)
	facts[model.FactUntil] = model.TimeFact(until, l.zone)
	return []step{
		{l.place, []any{at, slot.ID}},
		{l.entry, []any{at, until, at, w.id}},
		{l.event, []any{l.store.NewID(), "waiting", w.id, model.WaitingInLine, model.WaitingOffered, model.ActorSystem, "", "", at}},
		{l.owed, owedValues(l.store.NewID(), model.WorkExpireOffer, w.id, until, at)},
		{l.notice, []any{notice, w.resident, model.NoticePlaceOffered, "候补有名额了", body, w.id, facts, until, at, nil}},
		{l.owed, owedValues(l.store.NewID(), model.WorkDeliver, notice, at, at)},
	}
}

// insist that every freed place has been offered, by either side.
func (l *lines) insist(ctx context.Context) error {
	var held, line int
	err := l.db.QueryRowContext(ctx, "SELECT SUM(held), SUM(waiting) FROM slots WHERE room = ?", l.room).Scan(&held, &line)
	if err == nil && held != l.offered {
		err = fmt.Errorf("%d places are offered, want %d; %d children still wait", held, l.offered, line)
	}
	return err
}
