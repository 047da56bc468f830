package model_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
)

// breakers are ways for a careless hand to break each CHECK of the schema, by its name.
var breakers = map[string][]string{
	"sites_latitude_on_earth":  {"UPDATE sites SET latitude = 90.01", "UPDATE sites SET latitude = -90.01"},
	"sites_longitude_on_earth": {"UPDATE sites SET longitude = 180.01", "UPDATE sites SET longitude = -180.01"},
	"service_policies_ages":    {"UPDATE service_policies SET min_age_months = -1", "UPDATE service_policies SET max_age_months = min_age_months"},
	"service_policies_release": {
		"UPDATE service_policies SET release_days = -1", "UPDATE service_policies SET release_minute = -1",
		"UPDATE service_policies SET release_minute = 1440",
	},
	"service_policies_strikes": {
		"UPDATE service_policies SET points_per_strike = 0", "UPDATE service_policies SET strikes_to_block = 0",
		"UPDATE service_policies SET late_cancel_points = -1", "UPDATE service_policies SET no_show_points = -1",
	},
	"service_policies_cancel":   {"UPDATE service_policies SET cutoff_minutes = -1", "UPDATE service_policies SET free_cancel_minutes = -1"},
	"allowance_policies_amount": {"UPDATE allowance_policies SET amount = -1"},
	"allowance_policies_price": {
		"UPDATE allowance_policies SET self_paid_cents_per_hour = -1", "UPDATE allowance_policies SET self_paid_cents_per_hour = 10001",
	},
	"weekly_templates_weekday": {"UPDATE weekly_templates SET weekday = 0", "UPDATE weekly_templates SET weekday = 8"},
	"weekly_templates_times": {
		"UPDATE weekly_templates SET start_minute = -1", "UPDATE weekly_templates SET start_minute = end_minute",
		"UPDATE weekly_templates SET end_minute = 1441",
	},
	"weekly_templates_capacity":     {"UPDATE weekly_templates SET capacity = -1"},
	"residents_open_id_is_sealed":   {"UPDATE residents SET open_id_sealed = 'openid'", "UPDATE residents SET open_id_sealed = ''"},
	"residents_phone_is_sealed":     {"UPDATE residents SET phone_sealed = '13800138000'"},
	"residents_closed_is_erased":    {"UPDATE residents SET status = 'closed'"},
	"children_name_is_sealed":       {"UPDATE children SET name_sealed = '示例宝宝'"},
	"children_birth_date_is_sealed": {"UPDATE children SET birth_date_sealed = '2025-01-01'"},
	"children_health_note_is_sealed": {
		"UPDATE children SET health_note_sealed = '花生过敏'", "UPDATE children SET health_note_sealed = ''",
	},
	"children_removed_is_erased": {"UPDATE children SET status = 'removed'"},
	"slots_times": {
		"UPDATE slots SET end_at = start_at", "UPDATE slots SET release_at = end_at", "UPDATE slots SET cutoff_at = end_at",
	},
	"slots_booked_in_capacity":   {"UPDATE slots SET booked = capacity + 1", "UPDATE slots SET booked = -1", "UPDATE slots SET capacity = 0"},
	"slots_held_in_capacity":     {"UPDATE slots SET held = -1", "UPDATE slots SET held = capacity"},
	"allowances_used_in_granted": {"UPDATE allowances SET used = granted + 1", "UPDATE allowances SET used = -1", "UPDATE allowances SET granted = 0"},
	"bookings_times":             {"UPDATE bookings SET end_at = start_at"},
	"bookings_units":             {"UPDATE bookings SET allowance_units = -1", "UPDATE bookings SET price_cents = -1"},
}

var checkName = regexp.MustCompile(`CONSTRAINT (\w+) CHECK`)

// Whatever the code above does, the schema lets no counter out of its bounds and no plain text into a sealed column.
func TestChecksHold(t *testing.T) {
	modeltest.OnBothFounded(t, founded, func(t *testing.T, d *modeltest.Database, store *model.Store) {
		oneOfEach(t, d, store)
		for _, text := range migrationTexts(t) {
			for _, found := range checkName.FindAllStringSubmatch(text, -1) {
				if len(breakers[found[1]]) == 0 {
					t.Errorf("nobody has tried to break %s", found[1])
				}
			}
		}
		for name, statements := range breakers {
			for _, statement := range statements {
				if _, err := d.SQL.ExecContext(context.Background(), statement); err == nil || !strings.Contains(err.Error(), name) {
					t.Errorf("%s gave %v, want a refusal by %s", statement, err, name)
				}
			}
		}
	})
}

var (
	uniqueIndex = regexp.MustCompile(`CREATE UNIQUE INDEX (\w+) ON (\w+) \(([^)]*)\)`)
	tableName   = regexp.MustCompile(`CREATE TABLE (\w+) \(`)
)

// A row copied under another id is refused by every unique key; one copied as it is, by the primary key.
func TestUniqueKeysHold(t *testing.T) {
	modeltest.OnBothFounded(t, founded, func(t *testing.T, d *modeltest.Database, store *model.Store) {
		oneOfEach(t, d, store)
		for _, text := range migrationTexts(t) {
			for _, found := range tableName.FindAllStringSubmatch(text, -1) {
				refusesCopy(t, d, found[1], "its primary key", nil)
			}
			for _, found := range uniqueIndex.FindAllStringSubmatch(text, -1) {
				name, columns := found[1], strings.Split(found[3], ", ")
				if name == "bookings_one_live" { // made of slot_id
					columns = []string{"child_id", "slot_id"}
				}
				refusesCopy(t, d, found[2], name, columns)
			}
		}
	})
}

// refusesCopy copies one row, keeping the key's columns and making every other text that is an id or a code new. Without
// columns it keeps everything.
func refusesCopy(t *testing.T, d *modeltest.Database, table, key string, columns []string) {
	t.Helper()
	if d.Count(t, "SELECT COUNT(*) FROM "+table) == 0 {
		t.Errorf("%s is empty", table)
		return
	}
	err := copyRow(t, d, table, func(column string) bool { return columns == nil || slices.Contains(columns, column) }, nil)
	if err == nil || !containsAny(err.Error(), "Duplicate entry", "UNIQUE constraint failed") {
		t.Errorf("%s took a copy of a row, against %s: %v", table, key, err)
	}
}

// copyRow copies one row of a table; ids that are not kept are made new, columns in change get that expression.
func copyRow(t *testing.T, d *modeltest.Database, table string, keep func(column string) bool, change map[string]string) error {
	t.Helper()
	var names, values []string
	for _, column := range columnsOf(t, d, table) {
		value := column
		switch {
		case change[column] != "":
			value = change[column]
		case column == "id" && !keep(column):
			value = "'" + modelIDs.New() + "'"
		}
		names, values = append(names, column), append(values, value)
	}
	_, err := d.SQL.ExecContext(context.Background(),
		fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %[1]s LIMIT 1", table, strings.Join(names, ", "), strings.Join(values, ", ")))
	return err
}

var modelIDs = model.NewIDs(time.Now)

func columnsOf(t *testing.T, d *modeltest.Database, table string) []string {
	t.Helper()
	rows, err := d.SQL.QueryContext(context.Background(), "SELECT * FROM "+table+" LIMIT 0")
	must(t, err)
	defer func() { must(t, rows.Close()) }()
	must(t, rows.Err())
	names, err := rows.Columns()
	must(t, err)
	return slices.DeleteFunc(names, func(name string) bool { return name == "live_slot_id" })
}

// A unique key is about what lives: ended bookings, slots without a plan and erased people may be many.
func TestUniqueKeysLetTheRestLive(t *testing.T) {
	none := func(string) bool { return false }
	modeltest.OnBothFounded(t, founded, func(t *testing.T, d *modeltest.Database, store *model.Store) {
		oneOfEach(t, d, store)
		for _, ended := range []string{"cancelled", "late_cancelled", "site_cancelled", "no_show", "completed"} {
			must(t, copyRow(t, d, "bookings", none, map[string]string{"status": "'" + ended + "'"}))
		}
		if err := copyRow(t, d, "bookings", none, map[string]string{"status": "'checked_in'"}); err == nil {
			t.Error("two live bookings of one child in one slot")
		}
		d.Exec(t, "UPDATE bookings SET status = 'cancelled'")
		must(t, copyRow(t, d, "bookings", none, map[string]string{"status": "'confirmed'"}))
		for range 2 {
			must(t, copyRow(t, d, "slots", none, map[string]string{"template_id": "NULL"}))
			must(t, copyRow(t, d, "residents", none, map[string]string{"open_id_index": "NULL"}))
		}
	})
}

// oneOfEach writes at least one row into every table.
func oneOfEach(t *testing.T, d *modeltest.Database, store *model.Store) {
	t.Helper()
	ctx, w := context.Background(), modeltest.NewWorld(t, store, plainBox{})
	resident, child := w.Family()
	template := store.NewID()
	slot := w.AddSlot(3, 10, func(s *model.Slot) { s.TemplateID = &template })
	policy, err := store.FindAllowancePolicy(ctx, modeltest.Now())
	must(t, err)
	must(t, store.GrantAllowance(ctx, child, 2026, policy))
	allowance, _, err := store.FindAllowance(ctx, child, 2026)
	must(t, err)
	request := model.Request{OwnerID: resident, Key: "key-00001", Operation: "book", At: modeltest.Now(), Keep: time.Hour}
	_, err = model.Once(ctx, store, request, func(tx *model.Store) (string, error) {
		return "booked", bookByHand(ctx, tx, resident, child, slot, allowance)
	})
	must(t, err)
}

func bookByHand(ctx context.Context, tx *model.Store, resident, child string, slot model.Slot, allowance model.Allowance) error {
	now := modeltest.Now()
	b := model.Booking{
		ID: tx.NewID(), ResidentID: resident, ChildID: child, SlotID: slot.ID, SiteID: slot.SiteID, ServiceID: slot.ServiceID,
		AllowanceID: allowance.ID, AllowanceUnits: 1, Payment: model.PaymentAllowance, StartAt: slot.StartAt, EndAt: slot.EndAt,
		FreeCancelUntil: slot.StartAt, Status: model.BookingConfirmed, CreatedAt: now, UpdatedAt: now,
	}
	for _, write := range []func() error{
		func() error { return tx.TakeAllowance(ctx, allowance.ID, 1) },
		func() error { return tx.TakePlace(ctx, slot.ID, now) },
		func() error { return tx.AddBooking(ctx, &b) },
		func() error { return tx.AddEntry(ctx, allowance.ID, b.ID, model.EntryDebit, 1, now) },
		func() error {
			return tx.AddFormerFingerprint(ctx, model.Child{ID: child, Fingerprint: model.Index(child)})
		},
		func() error {
			return tx.AddMark(ctx, model.Mark{ChildID: child, BookingID: b.ID, Kind: model.MarkNoShow, Points: 2, CreatedAt: now})
		},
		func() error {
			return tx.AddEvents(ctx, model.Event{Subject: "booking", SubjectID: b.ID, ToState: "confirmed", Actor: model.ActorSystem, CreatedAt: now})
		},
		func() error {
			return tx.AddNotices(ctx, model.Notice{ResidentID: resident, Kind: model.NoticeBooked, Title: "预约成功", SubjectID: b.ID, CreatedAt: now})
		},
	} {
		if err := write(); err != nil {
			return err
		}
	}
	return nil
}
