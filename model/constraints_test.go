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
	"weekly_templates_capacity":   {"UPDATE weekly_templates SET capacity = -1"},
	"residents_open_id_is_sealed": {"UPDATE residents SET open_id_sealed = 'openid'", "UPDATE residents SET open_id_sealed = ''"},
	"residents_phone_is_sealed":   {"UPDATE residents SET phone_sealed = '13800138000'"},
	"residents_closed_is_erased":  {"UPDATE residents SET status = 'closed'"},
	"residents_closed_has_no_tail": {
		"UPDATE residents SET status = 'closed', open_id_index = NULL, open_id_sealed = NULL, phone_sealed = NULL, phone_index = NULL, phone_tail_index = X'01'",
	},
	"children_name_is_sealed":       {"UPDATE children SET name_sealed = '示例宝宝'"},
	"children_birth_date_is_sealed": {"UPDATE children SET birth_date_sealed = '2025-01-01'"},
	"children_health_note_is_sealed": {
		"UPDATE children SET health_note_sealed = '花生过敏'", "UPDATE children SET health_note_sealed = ''",
	},
	"children_removed_has_no_name": {
		"UPDATE children SET status = 'removed', name_sealed = NULL, birth_date_sealed = NULL, health_note_sealed = NULL, name_index = X'01'",
	},
	"children_removed_is_erased": {"UPDATE children SET status = 'removed'"},
	"slots_times": {
		"UPDATE slots SET end_at = start_at", "UPDATE slots SET release_at = end_at", "UPDATE slots SET cutoff_at = end_at",
	},
	"slots_booked_in_capacity":   {"UPDATE slots SET booked = capacity + 1", "UPDATE slots SET booked = -1", "UPDATE slots SET capacity = 0"},
	"slots_held_in_capacity":     {"UPDATE slots SET held = -1", "UPDATE slots SET held = capacity"},
	"allowances_used_in_granted": {"UPDATE allowances SET used = granted + 1", "UPDATE allowances SET used = -1", "UPDATE allowances SET granted = 0"},
	"bookings_times":             {"UPDATE bookings SET end_at = start_at"},
	"owed_work_attempts":         {"UPDATE owed_work SET attempts = -1"},
	"owed_work_every":            {"UPDATE owed_work SET every_seconds = -1"},
	"plan_exceptions_dates":      {"UPDATE plan_exceptions SET until_date = '2000-01-01'"},
	"plan_exceptions_times": {
		"UPDATE plan_exceptions SET start_minute = -1", "UPDATE plan_exceptions SET start_minute = 1, end_minute = 0",
		"UPDATE plan_exceptions SET end_minute = 1441",
	},
	"plan_exceptions_capacity":   {"UPDATE plan_exceptions SET capacity = -1"},
	"waiting_entries_times":      {"UPDATE waiting_entries SET end_at = start_at"},
	"waiting_entries_offer":      {"UPDATE waiting_entries SET status = 'offered'"},
	"waiting_entries_accepted":   {"UPDATE waiting_entries SET status = 'accepted'"},
	"message_consents_remaining": {"UPDATE message_consents SET remaining = -1"},
	"message_consents_reserved":  {"UPDATE message_consents SET reserved = -1"},
	"bookings_units":             {"UPDATE bookings SET allowance_units = -1", "UPDATE bookings SET price_cents = -1"},
	"draws_nonce_is_sealed":      {"UPDATE draws SET nonce_sealed = '00'", "UPDATE draws SET nonce_sealed = NULL"},
	"draws_places":               {"UPDATE draws SET places = -1"},
	"draws_randomness_announced": {"UPDATE draws SET randomness = '08'", "UPDATE draws SET randomness = '08', source = '某日开奖号'"},
	"draws_closed_has_digest":    {"UPDATE draws SET status = 'closed'"},
	"draws_drawn_is_whole":       {"UPDATE draws SET status = 'drawn'", "UPDATE draws SET status = 'drawn', digest = 'd', seed = 's', result = 'r'"},
	"draw_applications_times":    {"UPDATE draw_applications SET end_at = start_at"},
	"draw_applications_drawn": {
		"UPDATE draw_applications SET status = 'won'", "UPDATE draw_applications SET status = 'lost', listed = TRUE, turn = 1",
	},
	"pickup_persons_name_is_sealed":     {"UPDATE pickup_persons SET name_sealed = '示例外婆'", "UPDATE pickup_persons SET name_sealed = ''"},
	"pickup_persons_phone_is_sealed":    {"UPDATE pickup_persons SET phone_sealed = '13800138000'"},
	"pickup_persons_removed_is_erased":  {"UPDATE pickup_persons SET status = 'removed'"},
	"attendances_temperature_is_sealed": {"UPDATE attendances SET temperature_sealed = '36.5'"},
	"attendances_remark_is_sealed":      {"UPDATE attendances SET remark_sealed = '有点咳嗽'"},
	"attendances_ending":                {"UPDATE attendances SET ending = 'guardian'", "UPDATE attendances SET ended_at = checked_in_at"},
	"attendances_pickup_person": {
		"UPDATE attendances SET pickup_person_id = id", "UPDATE attendances SET ending = 'pickup_person', ended_at = checked_in_at",
	},
	"appeals_note_is_sealed":           {"UPDATE appeals SET note_sealed = '发烧了'"},
	"appeals_answered":                 {"UPDATE appeals SET status = 'upheld'", "UPDATE appeals SET answered_at = created_at"},
	"staff_credentials_totp_is_sealed": {"UPDATE staff_credentials SET totp_sealed = 'JBSWY3DPEHPK3PXP'"},
	"staff_tries_count":                {"UPDATE staff_tries SET tries = -1", "UPDATE staff_tries SET locks = -1"},
	"staff_resets_by_two": {
		"UPDATE staff_resets SET status = 'approved'", "UPDATE staff_resets SET status = 'approved', decided_by = asked_by",
		"UPDATE staff_resets SET status = 'approved', decided_by = staff_id",
	},
	"trail_records_linked":      {"UPDATE trail_records SET seq = 1", "UPDATE trail_records SET hash = 'x'"},
	"trail_chains_order":        {"UPDATE trail_chains SET anchor_seq = -1", "UPDATE trail_chains SET anchor_seq = head_seq + 1"},
	"exports_dates":             {"UPDATE exports SET until_date = '2000-01-01'"},
	"exports_lines":             {"UPDATE exports SET done = -1", "UPDATE exports SET total = -1"},
	"message_templates_version": {"UPDATE message_templates SET version = 0"},
	"message_templates_source":  {"UPDATE message_templates SET source = 'off'", "UPDATE message_templates SET template_id = ''"},
	"export_parts_content":      {"UPDATE export_parts SET content = NULL"},
	"photo_files_content":       {"UPDATE photo_files SET content = NULL"},
	"staff_resets_of_another":   {"UPDATE staff_resets SET asked_by = staff_id"},
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
				if strings.HasSuffix(name, "_one_live") { // made of slot_id
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
	for _, row := range oneOfOthers(store, resident, child, slot) {
		must(t, store.DB().Create(row).Error)
	}
}

// oneOfOthers is a row for each of the tables that booking by hand leaves empty.
func oneOfOthers(store *model.Store, resident, child string, slot model.Slot) []any {
	now, staff := modeltest.Now(), store.NewID()
	work := model.Owed(model.WorkPromote, slot.ID, now, now)
	work.ID = store.NewID()
	person, booking := store.NewID(), store.NewID()
	sealed := func(table, column, row, plain string) model.Sealed {
		cell, _ := model.Seal(plainBox{}, table, column, row, plain) // this box refuses nothing
		return cell
	}
	draw, _ := model.NewDraw(plainBox{}, store.NewID(), slot.ID, now)
	return []any{
		&model.PolicyDraft{Subject: store.NewID(), BasedOn: 1, StaffID: staff, Version: 1, UpdatedAt: now},
		&model.PickupPerson{
			ID: person, ChildID: child, Relation: model.RelationGrandparent, NameSealed: sealed("pickup_persons", "name_sealed", person, "示例外婆"),
			Status: model.PickupListed, CreatedAt: now, UpdatedAt: now,
		},
		&model.Attendance{ID: store.NewID(), BookingID: booking, ChildID: child, CheckedInAt: now, CheckedInBy: staff},
		&model.Appeal{
			ID: store.NewID(), MarkID: store.NewID(), ChildID: child, ResidentID: resident, BookingID: booking, SiteID: slot.SiteID,
			Reason: model.AppealOther, Status: model.AppealOpen, CreatedAt: now,
		},
		&draw,
		&model.Application{
			ID: store.NewID(), ResidentID: resident, ChildID: child, SlotID: slot.ID, StartAt: slot.StartAt, EndAt: slot.EndAt,
			Status: model.ApplicationApplied, CreatedAt: now, UpdatedAt: now,
		},
		&work,
		&model.Staff{ID: staff, Name: "示例工作人员", Status: model.StaffActive, CreatedAt: now, UpdatedAt: now},
		&model.Grant{ID: store.NewID(), StaffID: staff, Role: model.RoleKeeper, Scope: model.ScopeSite, ScopeID: slot.SiteID, CreatedAt: now},
		&model.Invitation{Hash: model.HashSecret("示例"), StaffID: staff, Kind: model.InviteEverything, CreatedAt: now, ExpiresAt: now.Add(time.Hour)},
		&model.Credential{ID: staff, Login: "muster", PasswordHash: "x", PasswordSetAt: now, CreatedAt: now, UpdatedAt: now},
		&model.FormerPassword{ID: store.NewID(), StaffID: staff, PasswordHash: "x", CreatedAt: now},
		&model.Passkey{ID: store.NewID(), StaffID: staff, Name: "示例手机", CredentialHash: model.HashSecret("示例"), SignCount: model.SpellCount(1), CreatedAt: now},
		&model.Tries{Hash: model.HashSecret("示例"), Tries: 1, Since: now},
		&model.SignIn{ID: store.NewID(), StaffID: staff, Method: "password", Outcome: model.SignedIn, CreatedAt: now},
		&model.Reset{
			ID: store.NewID(), StaffID: staff, Kind: model.InviteSecondFactor, Reason: "换手机", Status: model.ResetAsked, AskedBy: store.NewID(),
			CreatedAt: now, ExpiresAt: now.Add(time.Hour),
		},
		&model.DataAccess{ID: store.NewID(), StaffID: staff, Subject: "child", SubjectID: child, CreatedAt: now},
		&model.AuditRun{ID: store.NewID(), StartedAt: now, EndedAt: now},
		&model.AuditFinding{ID: store.NewID(), Rule: "示例", SubjectID: slot.ID},
		&model.PlanException{
			ID: store.NewID(), SiteID: slot.SiteID, Number: 1, Kind: model.ExceptionClose, FromDate: slot.Date, UntilDate: slot.Date,
			StaffID: staff, CreatedAt: now,
		},
		&model.WaitingEntry{
			ID: store.NewID(), ResidentID: resident, ChildID: child, SlotID: slot.ID, Turn: 1, StartAt: slot.StartAt, EndAt: slot.EndAt,
			Status: model.WaitingInLine, CreatedAt: now, UpdatedAt: now,
		},
		&model.MessageTemplate{
			ID: store.NewID(), Kind: model.NoticeBooked, Version: 1, Source: model.TemplateOfConsole, Template: model.Template{TemplateID: "示例模板"},
			StaffID: staff, CreatedAt: now,
		},
		&model.MessageConsent{ResidentID: resident, TemplateID: "示例模板", Remaining: 1, UpdatedAt: now},
		&model.Delivery{NoticeID: store.NewID(), ResidentID: resident, TemplateID: "示例模板", Status: model.DeliverySent, CreatedAt: now, UpdatedAt: now},
		&model.Room{ID: store.NewID(), SiteID: slot.SiteID, Name: "示例活动室", Status: model.RoomActive, Version: 1, CreatedAt: now, UpdatedAt: now},
		&model.PhotoFile{ID: store.NewID(), SiteID: slot.SiteID, Digest: model.HashSecret("示例"), Width: 1, Height: 1, Content: []byte{0xFF}, CreatedAt: now},
		&model.TrailRecord{ID: store.NewID(), RequestID: store.NewID(), Part: model.TrailBegun, HappenedAt: now, Hand: model.HandNobody},
		&model.Export{
			ID: store.NewID(), StaffID: staff, Content: model.ExportFigures, Format: model.ExportCSV, FromDate: slot.Date, UntilDate: slot.Date,
			Sites: []string{slot.SiteID}, Status: model.ExportReady, CreatedAt: now, ExpiresAt: now.Add(time.Hour),
		},
		&model.ExportPart{ExportID: store.NewID(), Content: []byte{1}},
		&model.Reminder{BookingID: store.NewID(), Kind: model.RemindSoon, CreatedAt: now},
	}
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
