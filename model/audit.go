package model

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Drift is a counter or ledger that does not add up: always a fault of ours, never mended silently.
type Drift struct {
	Rule      string
	SubjectID string
}

// audits are the sums that must hold at every committed moment; each query lists what breaks its rule.
var audits = map[string]string{
	"slot places equal its live bookings": `
		SELECT s.id FROM slots s LEFT JOIN (
			SELECT slot_id, COUNT(*) AS places FROM bookings
			WHERE status IN ('confirmed', 'checked_in', 'completed', 'no_show') GROUP BY slot_id) b ON b.slot_id = s.id
		WHERE s.booked <> COALESCE(b.places, 0)`,
	"slot places within capacity": `
		SELECT id FROM slots WHERE booked < 0 OR held < 0 OR booked + held > capacity`,
	"allowance used equals its ledger": `
		SELECT a.id FROM allowances a LEFT JOIN (
			SELECT allowance_id, SUM(amount) AS total FROM allowance_entries GROUP BY allowance_id) e ON e.allowance_id = a.id
		WHERE a.used <> COALESCE(e.total, 0)`,
	"allowance used within granted": `
		SELECT id FROM allowances WHERE used < 0 OR used > granted`,
	"allowance used equals its bookings": `
		SELECT a.id FROM allowances a LEFT JOIN (
			SELECT b.allowance_id, SUM(b.allowance_units) AS units FROM bookings b
			LEFT JOIN allowance_entries e ON e.booking_id = b.id AND e.kind = 'return'
			WHERE e.id IS NULL AND b.status <> 'cancelled' AND b.status <> 'site_cancelled'
			GROUP BY b.allowance_id) held ON held.allowance_id = a.id
		WHERE a.used <> COALESCE(held.units, 0)`,
	"one live booking a child and time": `
		SELECT x.id FROM bookings x JOIN bookings y ON y.child_id = x.child_id AND y.id > x.id
			AND x.start_at < y.end_at AND y.start_at < x.end_at
		WHERE x.status IN ('confirmed', 'checked_in') AND y.status IN ('confirmed', 'checked_in')`,
	"no live booking in a cancelled slot": `
		SELECT b.id FROM bookings b JOIN slots s ON s.id = b.slot_id
		WHERE s.status = 'cancelled' AND b.status IN ('confirmed', 'checked_in')`,
	"every booking has its slot": `
		SELECT b.id FROM bookings b LEFT JOIN slots s ON s.id = b.slot_id WHERE s.id IS NULL`,
	"every booking has told its beginning": `
		SELECT b.id FROM bookings b LEFT JOIN events e ON e.subject_id = b.id AND e.from_state = '' WHERE e.id IS NULL`,
	"every booking stands as its last event says": `
		SELECT b.id FROM bookings b WHERE b.status <> COALESCE((
			SELECT e.to_state FROM events e WHERE e.subject_id = b.id ORDER BY e.id DESC LIMIT 1), '')`,
	"every change of a booking was noticed": `
		SELECT e.subject_id FROM events e LEFT JOIN notices n ON n.subject_id = e.subject_id
		WHERE e.subject = 'booking' AND e.to_state IN ('confirmed', 'cancelled', 'late_cancelled', 'site_cancelled') AND n.id IS NULL`,
	"whoever is there or was there has an attendance": `
		SELECT b.id FROM bookings b LEFT JOIN attendances a ON a.booking_id = b.id
		WHERE (b.status IN ('checked_in', 'completed')) <> (a.id IS NOT NULL)`,
	"an attendance has ended when its booking is complete": `
		SELECT a.id FROM attendances a JOIN bookings b ON b.id = a.booking_id WHERE (b.status = 'completed') <> (a.ended_at IS NOT NULL)`,
	"every attendance has its booking": `
		SELECT a.id FROM attendances a LEFT JOIN bookings b ON b.id = a.booking_id AND b.child_id = a.child_id WHERE b.id IS NULL`,
	"a child goes with nobody but its own pick-up persons": `
		SELECT a.id FROM attendances a LEFT JOIN pickup_persons p ON p.id = a.pickup_person_id AND p.child_id = a.child_id
		WHERE a.pickup_person_id IS NOT NULL AND p.id IS NULL`,
	"every no-show has its mark": `
		SELECT b.id FROM bookings b JOIN service_policies p ON p.id = b.policy_id LEFT JOIN marks m ON m.booking_id = b.id
		WHERE b.status = 'no_show' AND p.no_show_points > 0 AND (m.id IS NULL OR m.kind <> 'no_show')`,
	"every mark has its booking": `
		SELECT m.id FROM marks m LEFT JOIN bookings b ON b.id = m.booking_id AND b.child_id = m.child_id WHERE b.id IS NULL`,
	"a mark that counts is for a place that was wasted": `
		SELECT m.id FROM marks m JOIN bookings b ON b.id = m.booking_id
		WHERE m.lifted_at IS NULL AND b.status NOT IN ('no_show', 'late_cancelled')`,
	"an appeal that was upheld has lifted its mark": `
		SELECT a.id FROM appeals a LEFT JOIN marks m ON m.id = a.mark_id
		WHERE m.id IS NULL OR (a.status = 'upheld' AND m.lifted_at IS NULL) OR (a.status = 'open' AND m.lifted_at IS NOT NULL)`,
	"nothing of a removed child is left from the door": `
		SELECT c.id FROM children c WHERE c.status = 'removed' AND (
			EXISTS (SELECT 1 FROM pickup_persons p WHERE p.child_id = c.id AND p.status = 'listed')
			OR EXISTS (SELECT 1 FROM attendances a WHERE a.child_id = c.id AND (a.temperature_sealed IS NOT NULL OR a.remark_sealed IS NOT NULL))
			OR EXISTS (SELECT 1 FROM appeals p WHERE p.child_id = c.id AND p.note_sealed IS NOT NULL))`,
	"a room has one planned slot at a time": `
		SELECT x.id FROM slots x JOIN slots y ON y.site_id = x.site_id AND y.date = x.date AND y.room = x.room AND y.id > x.id
			AND x.start_at < y.end_at AND y.start_at < x.end_at
		WHERE x.status <> 'cancelled' AND y.status <> 'cancelled'
			AND (x.template_id IS NOT NULL OR x.exception_id IS NOT NULL) AND (y.template_id IS NOT NULL OR y.exception_id IS NOT NULL)`,
	"a room has one weekly plan at a time": `
		SELECT x.id FROM weekly_templates x JOIN weekly_templates y ON y.site_id = x.site_id AND y.weekday = x.weekday
			AND y.room = x.room AND y.id > x.id AND x.start_minute < y.end_minute AND y.start_minute < x.end_minute
			AND (x.valid_until IS NULL OR x.valid_until >= y.valid_from) AND (y.valid_until IS NULL OR y.valid_until >= x.valid_from)
		WHERE (x.valid_until IS NULL OR x.valid_until >= x.valid_from) AND (y.valid_until IS NULL OR y.valid_until >= y.valid_from)`,
	"a closing is carried out or owed": `
		SELECT e.id FROM plan_exceptions e LEFT JOIN owed_work w ON w.subject_id = e.id AND w.kind = 'apply_exception'
		WHERE e.applied_at IS NULL AND w.id IS NULL`,
	"no planned slot is open on a closed day": `
		SELECT s.id FROM plan_exceptions e JOIN slots s ON s.site_id = e.site_id AND s.date BETWEEN e.from_date AND e.until_date
			AND (e.slot_id = '' OR e.slot_id = s.id) AND (e.template_id = '' OR e.template_id = s.template_id)
			AND (e.room = '' OR e.room = s.room)
		LEFT JOIN plan_exceptions o ON o.id = s.exception_id
		WHERE e.kind = 'close' AND e.applied_at IS NOT NULL AND e.lifted_at IS NULL AND s.status = 'open' AND s.end_at > e.applied_at
			AND (o.number IS NULL OR o.number < e.number) AND NOT EXISTS (
				SELECT 1 FROM bookings b JOIN events v ON v.subject_id = b.id WHERE b.slot_id = s.id AND v.to_state = 'checked_in')`,
	"held places equal the offers": `
		SELECT s.id FROM slots s LEFT JOIN (
			SELECT slot_id, COUNT(*) AS offers FROM waiting_entries WHERE status = 'offered' GROUP BY slot_id) w ON w.slot_id = s.id
		WHERE s.held <> COALESCE(w.offers, 0)`,
	"children counted as waiting are those who wait": `
		SELECT s.id FROM slots s LEFT JOIN (
			SELECT slot_id, COUNT(*) AS children FROM waiting_entries WHERE status = 'waiting' GROUP BY slot_id) w ON w.slot_id = s.id
		WHERE s.waiting <> COALESCE(w.children, 0)`,
	"nobody waits at a cancelled slot": `
		SELECT w.id FROM waiting_entries w JOIN slots s ON s.id = w.slot_id
		WHERE s.status = 'cancelled' AND w.status IN ('waiting', 'offered')`,
	"nobody waits for the time of a live booking": `
		SELECT w.id FROM waiting_entries w JOIN bookings b ON b.child_id = w.child_id AND b.start_at < w.end_at AND w.start_at < b.end_at
		WHERE w.status IN ('waiting', 'offered') AND b.status IN ('confirmed', 'checked_in')`,
	"an accepted place is a booking in its slot": `
		SELECT w.id FROM waiting_entries w LEFT JOIN bookings b ON b.id = w.booking_id AND b.slot_id = w.slot_id AND b.child_id = w.child_id
		WHERE w.status = 'accepted' AND b.id IS NULL`,
	"turns are in the order they were given": `
		SELECT s.id FROM slots s JOIN waiting_entries w ON w.slot_id = s.id WHERE w.turn < 1 OR w.turn > s.waiting_turn`,
	"a vacant place that somebody waits for is owed": `
		SELECT s.id FROM slots s WHERE s.waiting > 0 AND s.booked + s.held < s.capacity AND s.status = 'open'
			AND NOT EXISTS (SELECT 1 FROM owed_work o WHERE o.subject_id = s.id AND o.kind IN ('promote', 'close_line'))`,
	"nobody waits beyond a cut-off that nobody minds": `
		SELECT w.id FROM waiting_entries w WHERE w.status IN ('waiting', 'offered')
			AND NOT EXISTS (SELECT 1 FROM owed_work o WHERE o.subject_id = w.slot_id AND o.kind = 'close_line')`,
	"every offer has its end": `
		SELECT w.id FROM waiting_entries w WHERE w.status = 'offered'
			AND NOT EXISTS (SELECT 1 FROM owed_work o WHERE o.subject_id = w.id AND o.kind = 'expire_offer')`,
	"every entry stands as its last event says": `
		SELECT w.id FROM waiting_entries w WHERE w.status <> COALESCE((
			SELECT e.to_state FROM events e WHERE e.subject_id = w.id ORDER BY e.id DESC LIMIT 1), '')`,
	"a moved booking has ended": `
		SELECT b.id FROM bookings b LEFT JOIN bookings o ON o.id = b.moved_from
		WHERE b.moved_from IS NOT NULL AND (o.id IS NULL OR o.status NOT IN ('cancelled', 'late_cancelled'))`,
	"a drawn slot has no application left to draw": `
		SELECT a.id FROM draw_applications a JOIN slots s ON s.id = a.slot_id
		WHERE a.status = 'applied' AND (s.drawn_at IS NOT NULL OR s.status = 'cancelled')`,
	"a draw that is over has no application left to draw": `
		SELECT a.id FROM draw_applications a JOIN draws d ON d.slot_id = a.slot_id
		WHERE a.status = 'applied' AND d.status IN ('drawn', 'void')`,
	"every application has its draw": `
		SELECT a.id FROM draw_applications a LEFT JOIN draws d ON d.slot_id = a.slot_id
		WHERE d.id IS NULL OR (a.status IN ('won', 'lost') AND d.status <> 'drawn')`,
	"a draw is drawn when its slot is": `
		SELECT d.id FROM draws d JOIN slots s ON s.id = d.slot_id
		WHERE (d.status = 'drawn' AND s.drawn_at IS NULL) OR (d.status <> 'drawn' AND s.drawn_at IS NOT NULL)`,
	"as many were drawn as there were places and children": `
		SELECT d.id FROM draws d LEFT JOIN (
			SELECT slot_id, SUM(CASE WHEN status = 'won' THEN 1 ELSE 0 END) AS won, COUNT(*) AS drawn FROM draw_applications
			WHERE status IN ('won', 'lost') GROUP BY slot_id) a ON a.slot_id = d.slot_id
		WHERE d.status = 'drawn' AND COALESCE(a.won, 0) <> CASE WHEN COALESCE(a.drawn, 0) < d.places THEN COALESCE(a.drawn, 0) ELSE d.places END`,
	"nobody who lost stands before who won": `
		SELECT l.id FROM draw_applications l JOIN draw_applications w ON w.slot_id = l.slot_id AND w.turn > l.turn
		WHERE l.status = 'lost' AND w.status = 'won'`,
	"everybody drawn is on the waiting list in the drawn order": `
		SELECT a.id FROM draw_applications a LEFT JOIN waiting_entries w ON w.id = a.waiting_id
		WHERE a.status IN ('won', 'lost') AND (w.id IS NULL OR w.child_id <> a.child_id OR w.slot_id <> a.slot_id OR w.turn < a.turn
			OR (a.status = 'won' AND w.offered_at IS NULL))`,
	"every draw to come has its work": `
		SELECT d.id FROM draws d LEFT JOIN owed_work w ON w.subject_id = d.slot_id AND w.kind = 'draw'
		WHERE d.status IN ('open', 'closed') AND w.id IS NULL`,
	"every application stands as its last event says": `
		SELECT a.id FROM draw_applications a WHERE a.status <> COALESCE((
			SELECT e.to_state FROM events e WHERE e.subject_id = a.id ORDER BY e.id DESC LIMIT 1), '')`,
	"every result of a draw was noticed": `
		SELECT a.id FROM draw_applications a LEFT JOIN notices n ON n.subject_id = a.id
		WHERE a.status IN ('won', 'lost', 'void') AND n.id IS NULL`,
	"consents set aside equal messages under way": `
		SELECT c.resident_id FROM message_consents c LEFT JOIN (
			SELECT resident_id, template_id, COUNT(*) AS messages FROM message_deliveries
			WHERE status = 'reserved' GROUP BY resident_id, template_id) d ON d.resident_id = c.resident_id AND d.template_id = c.template_id
		WHERE c.remaining < 0 OR c.reserved <> COALESCE(d.messages, 0)`,
	"every message has its notice": `
		SELECT d.notice_id FROM message_deliveries d LEFT JOIN notices n ON n.id = d.notice_id WHERE n.id IS NULL`,
	"every reminder has its notice": `
		SELECT r.booking_id FROM reminders r LEFT JOIN notices n ON n.subject_id = r.booking_id AND n.kind = 'reminder'
		WHERE n.id IS NULL`,
	"every stored answer is whole": `
		SELECT owner_id FROM idempotent_answers WHERE answer = ''`,
}

// Audit lists every counter and ledger that has drifted; an empty list is the only good one. It reads everything there is
// and takes the time it takes, on connections without limits of their own.
func (s *Store) Audit(ctx context.Context) (drifts []Drift, err error) {
	db, err := s.db.DB()
	if err != nil {
		return nil, err
	}
	on, done, err := s.engine.patient(ctx, db)
	if err != nil {
		return nil, s.fault(ctx, err, nil)
	}
	defer done()
	for rule, query := range audits {
		ids, err := listIDs(ctx, on, query)
		if err != nil {
			return nil, s.fault(ctx, fmt.Errorf("audit, %s: %w", rule, err), nil)
		}
		for _, id := range ids {
			drifts = append(drifts, Drift{rule, id})
		}
	}
	return drifts, nil
}

func listIDs(ctx context.Context, db *sql.DB, query string) (ids []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
