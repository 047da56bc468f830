package main

import (
	"context"
	"fmt"
)

// Each family has ten past bookings, five in each of the two years before, and twenty families share a slot.
const (
	pastEach  = 10
	pastASlot = 20
)

// remember writes the past of all families: slots, bookings, ledgers, attendances, events, notices. The database makes the rows
// itself, from a sequence of numbers: a million bookings with all that belongs to them in about a minute. MariaDB only.
func (d *district) remember(ctx context.Context) error {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	for _, statement := range d.history() {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%.60s: %w", statement, err)
		}
	}
	return nil
}

func (d *district) history() []string {
	families, year := len(d.families), d.day(0).Year
	return []string{
		"SET SESSION sql_log_bin = 0, unique_checks = 0",
		d.pastSlots(families, year), d.pastBookings(families),
		"INSERT INTO allowance_entries (id, allowance_id, booking_id, kind, amount, created_at) SELECT id, allowance_id, id, 'debit', 1, created_at FROM bookings",
		"INSERT INTO events (id, subject, subject_id, from_state, to_state, actor, actor_id, reason, created_at) SELECT id, 'booking', id, '', 'completed', 'system', '', '', created_at FROM bookings",
		"INSERT INTO attendances (id, booking_id, child_id, checked_in_at, checked_in_by, by_code, ended_at, ended_by, ending) SELECT id, id, child_id, start_at, site_id, TRUE, end_at, site_id, 'guardian' FROM bookings",
		"INSERT INTO notices (id, resident_id, kind, title, body, subject_id, created_at) SELECT id, resident_id, 'booked', '预约成功', '" + bookedBody + "', id, created_at FROM bookings",
		fmt.Sprintf("UPDATE allowances SET used = 5 WHERE year BETWEEN %d AND %d", year-2, year-1),
		"ANALYZE TABLE residents, children, consents, allowances, allowance_entries, slots, bookings, attendances, events, notices",
		"SET SESSION sql_log_bin = 1, unique_checks = 1",
	}
}

// pastSlots: the families come in groups of twenty; slot p is where group p mod groups came the (p div groups)-th time.
func (d *district) pastSlots(families, year int) string {
	groups, sites := families/pastASlot, len(d.sites)
	return fmt.Sprintf(`
		INSERT INTO slots (id, site_id, service_id, carer_id, template_id, room, date, start_at, end_at, release_at, cutoff_at,
			capacity, booked, held, status, cancel_reason, created_at, updated_at)
		SELECT CONCAT('01', LPAD(p, 24, '0')), site, '%s', site, NULL, '活动室',
			day, day + INTERVAL 1 HOUR, day + INTERVAL 210 MINUTE, day, day, %d, %d, 0, 'done', '', day, day
		FROM (SELECT seq AS p, CONCAT('00', LPAD(MOD(seq, %d), 24, '0')) AS site,
			MAKEDATE(%d + seq DIV %d, 1 + MOD(seq DIV %d, 5) * 70 + MOD(MOD(seq, %d), 60)) AS day FROM seq_0_to_%d) AS past`,
		d.services[0].ID, pastASlot, pastASlot, sites, year-2, 5*groups, groups, groups, pastEach*groups-1)
}

// pastBookings: booking n is the (n div families)-th of family n mod families.
func (d *district) pastBookings(families int) string {
	return fmt.Sprintf(`
		INSERT INTO bookings (id, resident_id, child_id, slot_id, site_id, service_id, policy_id, policy_version, allowance_id, allowance_units,
			payment, price_cents, start_at, end_at, free_cancel_until, status, cancel_reason, created_at, updated_at)
		SELECT CONCAT('00', LPAD(n, 24, '0')), CONCAT(family, '0000'), CONCAT(family, '0000'), s.id, s.site_id, s.service_id, '%s', 1, CONCAT(family, YEAR(s.date)), 1,
			'allowance', 0, s.start_at, s.end_at, s.start_at, 'completed', '', s.start_at, s.start_at
		FROM (SELECT seq AS n, CONCAT('00', LPAD(MOD(seq, %d), 20, '0')) AS family,
			CONCAT('01', LPAD(seq DIV %d * %d + MOD(seq, %d) DIV %d, 24, '0')) AS slot FROM seq_0_to_%d) AS past
		JOIN slots AS s ON s.id = past.slot`,
		numbered(0), families, families, families/pastASlot, families, pastASlot, pastEach*families-1)
}
