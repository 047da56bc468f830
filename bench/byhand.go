package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"jiamenkou/model"
)

// hand books as service/booking does, statement by statement, prepared, without records, rules or HTTP. When that
// package's statements change, change these; the note below the table shows how many each side sends.
type hand struct {
	*rush
	policy    model.ServicePolicy
	allowance model.AllowancePolicy

	slot, child, servicePolicy, documents, marks, allowancePolicy, ofYear *sql.Stmt // before the transaction

	answered, claim, lockChild, live, debit, waiting, place, booking, entry, event, notice, owed, answer *sql.Stmt // in it

	slots *sql.Stmt // after it
}

func prepareHand(ctx context.Context, r *rush) (h *hand, err error) {
	h = &hand{rush: r}
	if h.policy, err = r.store.FindCurrentPolicy(ctx, r.services[0].ID, now()); err != nil {
		return nil, err
	}
	if h.allowance, err = r.store.FindAllowancePolicy(ctx, now()); err != nil {
		return nil, err
	}
	return h, prepareAll(ctx, r.db, h.statements())
}

type statement struct {
	into **sql.Stmt
	text string
}

func prepareAll(ctx context.Context, db *sql.DB, all []statement) (err error) {
	for _, one := range all {
		if *one.into, err = db.PrepareContext(ctx, one.text); err != nil { //nolint:sqlclosecheck // they live as long as the database is open
			return fmt.Errorf("%s: %w", one.text, err)
		}
	}
	return nil
}

func (h *hand) statements() []statement {
	return append(h.reads(), h.writes()...)
}

func (h *hand) reads() []statement {
	return []statement{
		{&h.slot, "SELECT * FROM slots WHERE id = ? AND status <> 'draft' LIMIT 1"},
		{&h.child, "SELECT * FROM children WHERE id = ? AND resident_id = ? AND status = 'listed' LIMIT 1"},
		{&h.servicePolicy, "SELECT * FROM service_policies WHERE service_id = ? AND published_at <= ? ORDER BY version DESC LIMIT 1"},
		{&h.documents, `SELECT * FROM documents WHERE published_at <= ? AND version = (
			SELECT MAX(newer.version) FROM documents AS newer WHERE newer.code = documents.code AND newer.published_at <= ?)
			AND needed_for IN ('child', 'booking')
			AND id NOT IN (SELECT document_id FROM consents WHERE resident_id = ? AND withdrawn_at IS NULL) ORDER BY code`},
		{&h.marks, "SELECT * FROM marks WHERE child_id = ? AND created_at > ? ORDER BY created_at, id"},
		{&h.allowancePolicy, "SELECT * FROM allowance_policies WHERE published_at <= ? ORDER BY version DESC LIMIT 1"},
		{&h.ofYear, "SELECT * FROM allowances WHERE child_id = ? AND year = ? LIMIT 1"},
		{&h.slots, "SELECT * FROM slots WHERE id IN (?)"},
	}
}

func (h *hand) writes() []statement {
	return []statement{
		{&h.answered, "SELECT * FROM idempotent_answers WHERE owner_id = ? AND idempotency_key = ? LIMIT 1 FOR UPDATE NOWAIT"},
		{&h.claim, "INSERT INTO idempotent_answers (owner_id, idempotency_key, operation, request_hash, answer, created_at, expires_at)" + marks(7)},
		{&h.lockChild, "SELECT * FROM children WHERE id = ? AND resident_id = ? AND status = 'listed' LIMIT 1 FOR UPDATE"},
		{&h.live, "SELECT * FROM bookings WHERE child_id = ? AND status IN ('confirmed', 'checked_in') AND end_at > ? ORDER BY start_at, id"},
		{&h.waiting, "SELECT * FROM waiting_entries WHERE child_id = ? AND status IN ('waiting', 'offered') ORDER BY slot_id, id"},
		{&h.debit, "UPDATE allowances SET used = used + ? WHERE id = ? AND used + ? <= granted"},
		{&h.place, `UPDATE slots SET booked = booked + 1, updated_at = ?
			WHERE id = ? AND status = 'open' AND release_at <= ? AND cutoff_at > ?
			AND booked + held + waiting < capacity AND (release_mode <> 'draw' OR drawn_at IS NOT NULL)`},
		{&h.booking, `INSERT INTO bookings (id, resident_id, child_id, slot_id, site_id, service_id, policy_id, policy_version, allowance_id,
			allowance_units, payment, price_cents, start_at, end_at, free_cancel_until, status, cancel_reason, moved_from, created_at, updated_at)` + marks(20)},
		{&h.entry, "INSERT INTO allowance_entries (id, allowance_id, booking_id, kind, amount, created_at)" + marks(6)},
		{&h.event, addEvent}, {&h.notice, addNotice}, {&h.owed, addOwed},
		{&h.answer, "UPDATE idempotent_answers SET answer = ? WHERE owner_id = ? AND idempotency_key = ?"},
	}
}

// The same for all that is done by hand.
var (
	addEvent  = "INSERT INTO events (id, subject, subject_id, from_state, to_state, actor, actor_id, reason, created_at)" + marks(9)
	addNotice = "INSERT INTO notices (id, resident_id, kind, title, body, subject_id, facts, useful_until, created_at, read_at)" + marks(10)
	addOwed   = "INSERT INTO " + intoOwed + marks(13)
)

const intoOwed = `owed_work (id, kind, lane, subject_id, due_at, every_seconds, status, attempts, lease, leased_until, last_error,
	created_at, updated_at)`

// owedValues are a piece of work as addOwed writes it.
func owedValues(id string, kind model.WorkKind, subject string, due, at time.Time) []any {
	return []any{id, kind, model.LaneOf(kind), subject, due, 0, model.WorkOwed, 0, "", nil, "", at, at}
}

func marks(n int) string { return " VALUES (?" + strings.Repeat(", ?", n-1) + ")" }

// read runs a query and takes in every row, undecoded.
func read(ctx context.Context, q *sql.Stmt, args ...any) error {
	rows, err := q.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	cells := make([]any, len(columns))
	for i := range cells {
		cells[i] = new(sql.RawBytes)
	}
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// step is a statement with what it asks for.
type step struct {
	statement *sql.Stmt
	args      []any
}

func (h *hand) book(ctx context.Context, a attempt) error {
	at := now()
	for _, q := range h.before(a, at) {
		if err := read(ctx, q.statement, q.args...); err != nil {
			return err
		}
	}
	tx, err := h.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return err
	}
	if err := h.within(ctx, tx, a, at); err != nil {
		_ = tx.Rollback()
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	return read(ctx, h.slots, a.slot.ID)
}

func (h *hand) before(a attempt, at time.Time) []step {
	f := a.family
	return []step{
		{h.slot, []any{a.slot.ID}},
		{h.child, []any{f.child, f.resident}},
		{h.servicePolicy, []any{a.slot.ServiceID, at}},
		{h.documents, []any{at, at, f.resident}},
		{h.marks, []any{f.child, at.AddDate(0, 0, -120)}},
		{h.allowancePolicy, []any{at}},
		{h.ofYear, []any{f.child, h.allowance.YearOf(a.slot.Date)}},
	}
}

func (h *hand) within(ctx context.Context, tx *sql.Tx, a attempt, at time.Time) error {
	f, key, b := a.family, fmt.Sprintf("by-hand-%08d", a.n), h.draft(a, at)
	answer, err := json.Marshal(b)
	if err != nil {
		return err
	}
	if err := read(ctx, tx.StmtContext(ctx, h.answered), f.resident, key); err != nil {
		return err
	}
	if err := execute(ctx, tx, step{h.claim, []any{f.resident, key, "book", strings.Repeat("0", 64), "", at, at.Add(24 * time.Hour)}}); err != nil {
		return err
	}
	if err := read(ctx, tx.StmtContext(ctx, h.lockChild), f.child, f.resident); err != nil {
		return err
	}
	if err := read(ctx, tx.StmtContext(ctx, h.documents), at, at, f.resident); err != nil {
		return err
	}
	if err := read(ctx, tx.StmtContext(ctx, h.live), f.child, at); err != nil {
		return err
	}
	if err := execute(ctx, tx, step{h.debit, []any{b.AllowanceUnits, b.AllowanceID, b.AllowanceUnits}}); err != nil {
		return err
	}
	if err := read(ctx, tx.StmtContext(ctx, h.waiting), f.child); err != nil {
		return err
	}
	return execute(ctx, tx, append(h.changes(b, at), step{h.answer, []any{string(answer), f.resident, key}})...)
}

func (h *hand) draft(a attempt, at time.Time) model.Booking {
	return model.Booking{
		ID: h.store.NewID(), ResidentID: a.family.resident, ChildID: a.family.child, SlotID: a.slot.ID, SiteID: a.slot.SiteID, ServiceID: a.slot.ServiceID,
		PolicyID: h.policy.ID, PolicyVersion: h.policy.Version, AllowanceID: a.family.allowance(h.allowance.YearOf(a.slot.Date)), AllowanceUnits: 1,
		Payment: model.PaymentAllowance, StartAt: a.slot.StartAt, EndAt: a.slot.EndAt, FreeCancelUntil: h.policy.FreeCancelUntil(a.slot.StartAt),
		Status: model.BookingConfirmed, CreatedAt: at, UpdatedAt: at,
	}
}

// What a notice about a booking says.
const (
	bookedNote = "11月23日周一 21:00前可免费取消"
	bookedBody = "已为孩子约好11月24日周二 9:00–11:30的宝宝屋。" + bookedNote + "。"
)

func (h *hand) changes(b model.Booking, at time.Time) []step {
	notice, facts := h.store.NewID(), model.SessionFacts(b.SiteID, b.StartAt, b.EndAt, bookedNote, h.zone)
	return []step{
		{h.place, []any{at, b.SlotID, at, at}},
		{h.booking, []any{
			b.ID, b.ResidentID, b.ChildID, b.SlotID, b.SiteID, b.ServiceID, b.PolicyID, b.PolicyVersion, b.AllowanceID, b.AllowanceUnits,
			b.Payment, b.PriceCents, b.StartAt, b.EndAt, b.FreeCancelUntil, b.Status, b.CancelReason, b.MovedFrom, at, at,
		}},
		{h.entry, []any{h.store.NewID(), b.AllowanceID, b.ID, "debit", b.AllowanceUnits, at}},
		{h.event, []any{h.store.NewID(), "booking", b.ID, "", b.Status, "resident", b.ResidentID, "", at}},
		{h.notice, []any{notice, b.ResidentID, "booked", "预约成功", bookedBody, b.ID, facts, b.StartAt, at, nil}},
		{h.owed, owedValues(h.store.NewID(), model.WorkDeliver, notice, at, at)},
	}
}

// execute runs statements that must each touch exactly one row.
func execute(ctx context.Context, tx *sql.Tx, steps ...step) error {
	for _, s := range steps {
		done, err := tx.StmtContext(ctx, s.statement).ExecContext(ctx, s.args...) //nolint:sqlclosecheck // ends with the transaction
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("a statement touched %d rows: %w", n, err)
		}
	}
	return nil
}
