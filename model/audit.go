package model

import "context"

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
	"every stored answer is whole": `
		SELECT owner_id FROM idempotent_answers WHERE answer = ''`,
}

// Audit lists every counter and ledger that has drifted; an empty list is the only good one.
func (s *Store) Audit(ctx context.Context) ([]Drift, error) {
	var drifts []Drift
	for rule, query := range audits {
		var ids []string
		if err := s.db.WithContext(ctx).Raw(query).Scan(&ids).Error; err != nil {
			return nil, s.fault(ctx, err, nil)
		}
		for _, id := range ids {
			drifts = append(drifts, Drift{rule, id})
		}
	}
	return drifts, nil
}
