package desk_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/account"
	"jiamenkou/service/desk"
)

var ctx = context.Background()

func TestArrivalAndHandOver(t *testing.T) {
	onBoth(t, func(d *door) {
		b := d.book()
		person, err := d.account.AddPickupPerson(ctx, b.ResidentID, b.ChildID, account.PickupForm{Name: "示例外婆", Relation: model.RelationGrandparent, Phone: "13800138000"})
		d.must(err)
		d.clock.set(b.StartAt.Add(-10 * time.Minute))
		code, err := d.NewCode(ctx, b.ResidentID, b.ID, false)
		d.must(err)
		if !code.ExpiresAt.Equal(d.clock.now().Add(10*time.Minute)) || !strings.HasSuffix(code.QR, code.Text) {
			t := d.t
			t.Errorf("the code is %+v", code)
		}
		arrival := desk.Arrival{Code: strings.ToLower(code.QR), Temperature: "36.5", Remark: "有点咳嗽"}
		key := d.key()
		opened, err := d.CheckIn(ctx, d.keeper, key, arrival)
		d.must(err)
		if opened.Booking.Status != model.BookingCheckedIn || opened.AgeMonths != d.ageIn(opened.Booking) || !strings.HasPrefix(opened.ChildName, "示例宝宝") ||
			opened.Temperature != "36.5" || opened.Remark != "有点咳嗽" || opened.Attendance == nil || !opened.Attendance.ByCode {
			d.t.Errorf("opened %+v", opened)
		}
		if len(opened.PickupPersons) != 1 || opened.PickupPersons[0] != (desk.Escort{ID: person.ID, Name: "示例外婆", Relation: model.RelationGrandparent, PhoneTail: "8000"}) {
			d.t.Errorf("pick-up persons %+v", opened.PickupPersons)
		}
		d.clock.set(b.StartAt) // the answer was lost: the same key again, though the code is used up
		again, err := d.CheckIn(ctx, d.keeper, key, arrival)
		if err != nil || !again.Attendance.CheckedInAt.Equal(opened.Attendance.CheckedInAt) {
			d.t.Errorf("again %+v, %v", again, err)
		}
		_, err = d.CheckIn(ctx, d.keeper, d.key(), arrival)
		d.want(err, model.ErrCheckInCode)
		_, err = d.CheckIn(ctx, d.keeper, key, desk.Arrival{Code: code.Text, Temperature: "40"})
		d.want(err, model.ErrKeyReused)
		_, err = d.NewCode(ctx, b.ResidentID, b.ID, false)
		d.want(err, model.ErrAlreadyCheckedIn)

		d.clock.set(b.EndAt.Add(20 * time.Minute)) // late, and all the same
		_, err = d.HandOver(ctx, d.keeper, d.key(), b.ID, d.Store.NewID())
		d.want(err, model.ErrPickupPersonNotFound)
		d.want(d.account.RemoveChild(ctx, b.ResidentID, b.ChildID), model.ErrChildHasBookings)
		d.want(d.account.Close(ctx, b.ResidentID), model.ErrChildHasBookings)
		key = d.key()
		stay, err := d.HandOver(ctx, d.keeper, key, b.ID, person.ID)
		if err != nil || stay.Ending != model.EndingPickupPerson || !stay.EndedAt.Equal(d.clock.now()) {
			d.t.Errorf("handed over %+v, %v", stay, err)
		}
		if same, err := d.HandOver(ctx, d.keeper, key, b.ID, person.ID); err != nil || same != stay {
			d.t.Errorf("again %+v, %v", same, err)
		}
		_, err = d.HandOver(ctx, d.keeper, d.key(), b.ID, "")
		d.want(err, model.ErrAlreadyLeft)
		d.stands(b.ID, model.BookingCompleted)
		if got := d.notices(b.ResidentID); got[model.NoticeCheckedIn] != 1 || got[model.NoticeHandedOver] != 1 {
			d.t.Errorf("told %v", got)
		}
		accesses, err := d.Store.ListAccesses(ctx, b.ID)
		if err != nil || len(accesses) != 2 || accesses[0].StaffID != d.keeper.StaffID || accesses[0].Reason != "check_in" {
			d.t.Errorf("accesses %+v, %v", accesses, err)
		}
		d.w.Sound()
	})
}

// What a stored answer, an event or a notice holds would stand there in plain text.
func TestNothingOfTheDoorStandsInPlainText(t *testing.T) {
	d := openDoor(t)
	b := d.book()
	d.clock.set(b.StartAt)
	key := d.key()
	_, err := d.CheckIn(ctx, d.keeper, key, desk.Arrival{BookingID: b.ID, Temperature: "38.9", Remark: "PLAINREMARK"})
	d.must(err)
	for _, guess := range []desk.Arrival{{BookingID: b.ID, Temperature: "38.8", Remark: "PLAINREMARK"}} {
		_, err := d.CheckIn(ctx, d.keeper, key, guess)
		d.want(err, model.ErrKeyReused) // the hash covers what is sealed
	}
}

func TestWhoMayBeCheckedInWhen(t *testing.T) {
	onBoth(t, func(d *door) {
		b := d.book()
		elsewhere, _ := d.w.AddSite("310104013", "示例别处", model.Point{Latitude: 31.13, Longitude: 121.42})
		stranger := d.keeperOf(elsewhere.ID)
		by := func(duty model.OnDuty, a desk.Arrival) error {
			_, err := d.CheckIn(ctx, duty, d.key(), a)
			return err
		}
		hand := desk.Arrival{BookingID: b.ID}
		d.want(by(d.keeper, hand), model.ErrCheckInOtherDay)
		d.clock.set(b.StartAt.Add(-61 * time.Minute))
		d.want(by(d.keeper, hand), model.ErrCheckInTooEarly)
		printed, err := d.NewCode(ctx, b.ResidentID, b.ID, true)
		d.must(err)
		if !printed.ExpiresAt.Equal(b.EndAt) {
			d.t.Errorf("printed until %v", printed.ExpiresAt)
		}
		shown, err := d.NewCode(ctx, b.ResidentID, b.ID, false)
		d.must(err)
		newer, err := d.NewCode(ctx, b.ResidentID, b.ID, false)
		d.must(err)
		d.clock.set(b.StartAt)
		d.want(by(stranger, hand), model.ErrBookingNotFound)
		d.want(by(stranger, desk.Arrival{Code: printed.Text}), model.ErrCheckInCode)
		d.want(by(d.keeper, desk.Arrival{Code: "222222"}), model.ErrCheckInCode)
		d.want(by(d.keeper, desk.Arrival{Code: shown.Text}), model.ErrCheckInCode) // the newer one took its place
		d.want(by(d.keeper, desk.Arrival{BookingID: d.Store.NewID()}), model.ErrBookingNotFound)
		d.clock.set(b.EndAt)
		d.want(by(d.keeper, desk.Arrival{Code: newer.Text}), model.ErrCheckInTooLate)
		_, err = d.NewCode(ctx, b.ResidentID, b.ID, false)
		d.want(err, model.ErrCheckInTooLate)
		d.clock.set(b.StartAt)
		_, err = d.NewCode(ctx, d.w.AddResident(), b.ID, false)
		d.want(err, model.ErrBookingNotFound)
		d.want(by(d.keeper, desk.Arrival{Code: printed.Text}), nil) // what was printed is still good
		_, err = d.HandOver(ctx, stranger, d.key(), b.ID, "")
		d.want(err, model.ErrBookingNotFound)
		_, err = d.MissOut(ctx, stranger, d.key(), b.ID)
		d.want(err, model.ErrBookingNotFound)
		_, err = d.Open(ctx, stranger, b.ID, desk.AccessOther)
		d.want(err, model.ErrBookingNotFound)
		d.w.Sound()
	})
}

// codes is a store of codes that fails, or in which every code is taken.
type codes struct{ err error }

func (c codes) Add(context.Context, string, string, time.Duration) (bool, error) { return false, c.err }
func (c codes) Find(context.Context, string) (string, error)                     { return "", c.err }
func (c codes) Drop(context.Context, string, string) error                       { return c.err }

// Without Redis no code is made or read, and checking in by hand goes on; a request that was carried out keeps its answer.
func TestCodesAreAway(t *testing.T) {
	d := openDoor(t)
	b, other := d.book(), d.book()
	d.clock.set(b.StartAt)
	code, err := d.NewCode(ctx, b.ResidentID, b.ID, false)
	d.must(err)
	key := d.key()
	_, err = d.CheckIn(ctx, d.keeper, key, desk.Arrival{Code: code.Text})
	d.must(err)
	d.Codes = codes{errors.New("away")}
	_, err = d.CheckIn(ctx, d.keeper, key, desk.Arrival{Code: code.Text})
	d.want(err, nil)
	_, err = d.CheckIn(ctx, d.keeper, d.key(), desk.Arrival{Code: code.Text})
	d.want(err, desk.ErrCodesDown)
	_, err = d.NewCode(ctx, other.ResidentID, other.ID, false)
	d.want(err, desk.ErrCodesDown)
	d.arrive(other)
	d.Codes = codes{} // every code that is made stands for another child
	third := d.bookFor(other.ResidentID, other.ChildID, 3)
	_, err = d.NewCode(ctx, third.ResidentID, third.ID, false)
	d.want(err, desk.ErrCodesDown)
	d.w.Sound()
}

// A child that was marked comes after all: it is let in, the mark is lifted, and an appeal against it is settled.
func TestLateAndStillWelcome(t *testing.T) {
	onBoth(t, func(d *door) {
		b, mark := d.missed()
		if got := d.notices(b.ResidentID); got[model.NoticeStrike] != 1 || mark.Points != 2 || mark.Kind != model.MarkNoShow {
			d.t.Errorf("told %v of %+v", got, mark)
		}
		_, err := d.HandOver(ctx, d.keeper, d.key(), b.ID, "")
		d.want(err, model.ErrNotCheckedIn)
		d.strikeStands(b, true)
		appeal, err := d.Appeal(ctx, b.ResidentID, mark.ID, model.AppealCame, "已经在路上")
		d.must(err)
		code, err := d.NewCode(ctx, b.ResidentID, b.ID, false)
		d.must(err)
		_, err = d.CheckIn(ctx, d.keeper, d.key(), desk.Arrival{Code: code.Text})
		d.must(err)
		d.stands(b.ID, model.BookingCheckedIn)
		if after := d.marks(b.ChildID)[0]; after.LiftedAt == nil {
			d.t.Error("the mark still counts")
		}
		if got := d.notices(b.ResidentID); got[model.NoticeMarkLifted] != 1 {
			d.t.Errorf("told %v", got)
		}
		d.strikeStands(b, false)
		if settled, err := d.Store.FindAppeal(ctx, appeal.ID); err != nil || settled.Status != model.AppealUpheld {
			d.t.Errorf("the appeal is %+v, %v", settled, err)
		}
		d.w.Sound()
	})
}

// strikeStands demands whether the notice of the booking's mark is still true.
func (d *door) strikeStands(b model.Booking, want bool) {
	d.t.Helper()
	list, err := d.Store.ListNotices(ctx, b.ResidentID, "", 100)
	d.must(err)
	strikes := slices.DeleteFunc(list, func(n model.Notice) bool { return n.Kind != model.NoticeStrike })
	if len(strikes) != 1 {
		d.t.Fatalf("strikes told: %+v", strikes)
	}
	if got, err := d.Store.NoticeStands(ctx, strikes[0]); err != nil || got != want {
		d.t.Errorf("it stands: %v, %v", got, err)
	}
}

// Its time may be taken by then, or its session called off.
func TestTooLateToMend(t *testing.T) {
	d := openDoor(t)
	b, _ := d.missed()
	d.clock.set(b.StartAt.Add(time.Hour))
	beside := d.w.AddSlot(1, 5, func(s *model.Slot) {
		s.StartAt = b.StartAt.Add(2 * time.Hour)
		s.EndAt, s.CutoffAt = s.StartAt.Add(time.Hour), s.StartAt
	})
	other, err := d.booking.Book(ctx, b.ResidentID, d.key(), wish(beside.ID, b.ChildID))
	d.must(err)
	_, err = d.CheckIn(ctx, d.keeper, d.key(), desk.Arrival{BookingID: b.ID})
	d.want(err, model.ErrOverlap)
	_, err = d.booking.Cancel(ctx, other.ResidentID, d.key(), other.ID, "")
	d.must(err)
	_, err = d.booking.CloseSlot(ctx, b.SlotID, "停水", "")
	d.must(err)
	_, err = d.CheckIn(ctx, d.keeper, d.key(), desk.Arrival{BookingID: b.ID})
	d.want(err, model.ErrSlotClosed)
	d.w.Sound()
}

// What it waits for at the same time is given up when it comes after all.
func TestMendLeavesTheLines(t *testing.T) {
	onBoth(t, func(d *door) {
		b, _ := d.missed()
		d.clock.set(b.StartAt.Add(time.Hour))
		full := d.w.AddSlot(1, 1, func(s *model.Slot) {
			s.StartAt = b.StartAt.Add(2 * time.Hour)
			s.EndAt, s.CutoffAt = s.StartAt.Add(time.Hour), s.StartAt
		})
		other, child := d.w.Family()
		_, err := d.booking.Book(ctx, other, d.key(), wish(full.ID, child))
		d.must(err)
		waiting, err := d.booking.Wait(ctx, b.ResidentID, d.key(), wish(full.ID, b.ChildID))
		d.must(err)
		_, err = d.CheckIn(ctx, d.keeper, d.key(), desk.Arrival{BookingID: b.ID})
		d.must(err)
		if place, err := d.booking.FindWaitingOf(ctx, b.ResidentID, waiting.ID); err != nil || place.Status != model.WaitingLeft {
			d.t.Errorf("it still waits: %+v, %v", place, err)
		}
		d.w.Sound()
	})
}

func TestSweep(t *testing.T) {
	onBoth(t, func(d *door) {
		missed, there, gone := d.book(), d.book(), d.book()
		future := d.bookFor(missed.ResidentID, missed.ChildID, 2)
		d.recur(d.clock.now())
		for _, b := range []model.Booking{there, gone} {
			d.arrive(b)
		}
		_, err := d.HandOver(ctx, d.keeper, d.key(), gone.ID, "")
		d.must(err)
		d.clock.set(missed.EndAt)
		d.must(d.Sweep(ctx, d.lease()))
		d.stands(missed.ID, model.BookingNoShow)
		d.stands(there.ID, model.BookingCheckedIn)
		d.stands(future.ID, model.BookingConfirmed)
		if slot, err := d.Store.FindSlot(ctx, missed.SlotID); err != nil || slot.Status != model.SlotDone || slot.Booked != 1 {
			d.t.Errorf("the slot is %+v, %v", slot, err)
		}
		d.clock.set(missed.EndAt.Add(12 * time.Hour))
		d.must(d.Sweep(ctx, d.lease()))
		d.stands(there.ID, model.BookingCompleted)
		stay, _, err := d.Store.FindAttendance(ctx, there.ID)
		if err != nil || stay.Ending != model.EndingUnrecorded || stay.EndedBy != "" {
			d.t.Errorf("the stay is %+v, %v", stay, err)
		}
		events, err := d.Store.ListEvents(ctx, there.ID)
		if last := events[len(events)-1]; err != nil || last.Actor != model.ActorSystem || last.Reason != "没有登记接走" {
			d.t.Errorf("the last event is %+v, %v", last, err)
		}
		if marks := d.marks(missed.ChildID); len(marks) != 1 {
			d.t.Errorf("marks %+v", marks)
		}
		d.w.Sound()
	})
}

// One record that cannot be read keeps nobody else's from being brought in line, and is told of.
func TestSweepGoesOnPastABadRecord(t *testing.T) {
	onBothRaw(t, func(d *door, db *modeltest.Database) {
		bad, missed, there := d.book(), d.book(), d.book()
		d.recur(d.clock.now())
		d.arrive(there)
		db.Exec(d.t, "UPDATE bookings SET policy_id = 'none' WHERE id = ?", bad.ID)
		d.clock.set(missed.EndAt.Add(12 * time.Hour))
		d.want(d.Sweep(ctx, d.lease()), model.ErrServiceNotFound)
		d.stands(bad.ID, model.BookingConfirmed)
		d.stands(missed.ID, model.BookingNoShow)
		d.stands(there.ID, model.BookingCompleted)
		if slot, err := d.Store.FindSlot(ctx, missed.SlotID); err != nil || slot.Status != model.SlotDone {
			d.t.Errorf("the slot is %+v, %v", slot, err)
		}
	})
}

// A server that has lost its lease stops.
func TestSweepStopsWithoutItsLease(t *testing.T) {
	onBoth(t, func(d *door) {
		all, w := d.overdue(2)
		d.clock.set(d.clock.now().Add(2 * time.Minute))
		d.lease()
		d.want(d.Sweep(ctx, w), model.ErrLeaseLost)
		d.stands(all[0].ID, model.BookingConfirmed)
		d.w.Sound()
	})
}

// A site that takes no children lets nobody down: the place ends for the site, and the free session comes back.
func TestSweepAtASuspendedSite(t *testing.T) {
	onBothRaw(t, func(d *door, db *modeltest.Database) {
		b := d.book()
		d.recur(d.clock.now())
		db.Exec(d.t, "UPDATE sites SET status = 'suspended' WHERE id = ?", b.SiteID)
		d.clock.set(b.EndAt)
		d.must(d.Sweep(ctx, d.lease()))
		d.stands(b.ID, model.BookingSiteCancelled)
		if marks := d.marks(b.ChildID); len(marks) != 0 {
			d.t.Errorf("marks %+v", marks)
		}
		if n := db.Count(d.t, "SELECT used FROM allowances WHERE id = ?", b.AllowanceID); n != 0 {
			d.t.Errorf("%d units are used", n)
		}
		if got := d.notices(b.ResidentID); got[model.NoticeSiteCancelled] != 1 || got[model.NoticeStrike] != 0 {
			d.t.Errorf("told %v", got)
		}
		d.w.Sound()
	})
}

// Who judges an appeal is shown the child's name: nothing else of it is opened.
func TestAppealOpensTheNameAlone(t *testing.T) {
	onBothRaw(t, func(d *door, db *modeltest.Database) {
		b, mark := d.missed()
		appeal, err := d.Appeal(ctx, b.ResidentID, mark.ID, model.AppealUnwell, "示例说明")
		d.must(err)
		db.Exec(d.t, "UPDATE children SET birth_date_sealed = name_sealed, health_note_sealed = name_sealed WHERE id = ?", b.ChildID)
		if opened, err := d.OpenAppeal(ctx, d.keeper, appeal.ID); err != nil || opened.ChildName == "" {
			d.t.Errorf("opened %+v, %v", opened, err)
		}
	})
}

// More than a batch is taken on bit by bit, and what ended before the house first swept is left as it stands.
func TestSweepInBatches(t *testing.T) {
	onBoth(t, func(d *door) {
		d.Limits.SweepBatch = 2
		var all []model.Booking
		for range 5 {
			all = append(all, d.book())
		}
		d.clock.set(all[0].EndAt)
		d.recur(all[0].EndAt)
		d.must(d.Sweep(ctx, d.lease()))
		for _, b := range all {
			d.stands(b.ID, model.BookingConfirmed)
		}
		d.must(d.Store.InTx(ctx, func(tx *model.Store) error { return nil }))
		late := d.bookFor(all[0].ResidentID, all[0].ChildID, 4)
		more := []model.Booking{late, d.bookFor(all[1].ResidentID, all[1].ChildID, 4), d.bookFor(all[2].ResidentID, all[2].ChildID, 4)}
		d.clock.set(late.EndAt)
		sweeps := 0
		for ; sweeps < 10; sweeps++ {
			taken, err := d.Store.LeaseWork(ctx, model.LaneHouse, d.clock.now(), time.Minute, 1)
			d.must(err)
			if len(taken) == 0 {
				break
			}
			d.must(d.Sweep(ctx, taken[0]))
		}
		for _, b := range more {
			d.stands(b.ID, model.BookingNoShow)
		}
		if sweeps < 2 || sweeps == 10 {
			d.t.Errorf("%d sweeps", sweeps)
		}
		d.w.Sound()
	})
}

// A late cancel is told by its own notice; only the one that makes a strike is told of again.
func TestStrikesAreTold(t *testing.T) {
	onBoth(t, func(d *door) {
		resident, child := d.w.Family()
		for i := range 6 {
			b := d.bookFor(resident, child, i+1)
			d.clock.set(b.StartAt.Add(-3 * time.Hour))
			_, err := d.booking.Cancel(ctx, resident, d.key(), b.ID, "")
			d.must(err)
			if got := d.notices(resident)[model.NoticeStrike]; got != (i+1)/2 {
				d.t.Errorf("after %d late cancels told %d times", i+1, got)
			}
		}
		standing, err := d.Marks(ctx, resident, child)
		d.must(err)
		if len(standing.Marks) != 6 || len(standing.Blocked) == 0 || !standing.Blocked[0].Until.After(d.clock.now()) {
			d.t.Errorf("standing %+v", standing)
		}
		first := standing.Marks[0]
		if !first.LapsesAt.Equal(first.CreatedAt.AddDate(0, 0, 90)) || !first.AppealUntil.Equal(first.CreatedAt.AddDate(0, 0, 14)) {
			d.t.Errorf("the newest mark %+v", first)
		}
		_, err = d.LiftMark(ctx, d.keeper, first.ID, "示例原因")
		d.must(err)
		if standing, err = d.Marks(ctx, resident, child); err != nil || len(standing.Blocked) != 0 {
			d.t.Errorf("blocked %+v, %v", standing.Blocked, err)
		}
		d.w.Sound()
	})
}

func TestAppeals(t *testing.T) {
	onBoth(t, func(d *door) {
		b, mark := d.missed()
		elsewhere, _ := d.w.AddSite("310104013", "示例别处", model.Point{Latitude: 31.13, Longitude: 121.42})
		stranger := d.keeperOf(elsewhere.ID)
		_, err := d.Appeal(ctx, d.w.AddResident(), mark.ID, model.AppealOther, "")
		d.want(err, model.ErrMarkNotFound)
		appeal, err := d.Appeal(ctx, b.ResidentID, mark.ID, model.AppealUnwell, "示例说明")
		d.must(err)
		_, err = d.Appeal(ctx, b.ResidentID, mark.ID, model.AppealUnwell, "")
		d.want(err, model.ErrAppealExists)
		if list, err := d.OpenAppeals(ctx, d.keeper, "", 10); err != nil || len(list) != 1 || list[0].Mark.ID != mark.ID {
			d.t.Errorf("open %+v, %v", list, err)
		}
		if list, err := d.OpenAppeals(ctx, stranger, "", 10); err != nil || len(list) != 0 {
			d.t.Errorf("a stranger sees %+v, %v", list, err)
		}
		_, err = d.OpenAppeal(ctx, stranger, appeal.ID)
		d.want(err, model.ErrAppealNotFound)
		_, err = d.Answer(ctx, stranger, appeal.ID, model.AppealUpheld, "示例")
		d.want(err, model.ErrAppealNotFound)
		_, err = d.LiftMark(ctx, stranger, mark.ID, "示例")
		d.want(err, model.ErrMarkNotFound)
		opened, err := d.OpenAppeal(ctx, d.keeper, appeal.ID)
		if err != nil || opened.Note != "示例说明" || opened.ChildName == "" {
			d.t.Errorf("opened %+v, %v", opened, err)
		}
		if accesses, err := d.Store.ListAccesses(ctx, appeal.ID); err != nil || len(accesses) != 1 {
			d.t.Errorf("accesses %+v, %v", accesses, err)
		}
		for _, blank := range []string{"", " \u3000\n"} {
			_, err = d.Answer(ctx, d.keeper, appeal.ID, model.AppealUpheld, blank)
			d.want(err, model.ErrReasonInvalid)
			_, err = d.LiftMark(ctx, d.keeper, mark.ID, blank)
			d.want(err, model.ErrReasonInvalid)
		}
		answered, err := d.Answer(ctx, d.keeper, appeal.ID, model.AppealUpheld, "情况属实")
		if err != nil || answered.Status != model.AppealUpheld || answered.Answer != "情况属实" {
			d.t.Errorf("answered %+v, %v", answered, err)
		}
		_, err = d.Answer(ctx, d.keeper, appeal.ID, model.AppealRejected, "改主意")
		d.want(err, model.ErrAppealAnswered)
		_, err = d.LiftMark(ctx, d.keeper, mark.ID, "再撤一次")
		d.want(err, model.ErrMarkLifted)
		if got := d.notices(b.ResidentID); got[model.NoticeAppealAnswered] != 1 {
			d.t.Errorf("told %v", got)
		}

		late, lateMark := d.missed()
		d.clock.set(lateMark.CreatedAt.AddDate(0, 0, 15))
		_, err = d.Appeal(ctx, late.ResidentID, lateMark.ID, model.AppealOther, "")
		d.want(err, model.ErrAppealTooLate)
		rejected, rejectedMark := d.missed()
		appeal, err = d.Appeal(ctx, rejected.ResidentID, rejectedMark.ID, model.AppealOther, "")
		d.must(err)
		answered, err = d.Answer(ctx, d.keeper, appeal.ID, model.AppealRejected, "没有依据")
		if err != nil || answered.Status != model.AppealRejected {
			d.t.Errorf("answered %+v, %v", answered, err)
		}
		if d.marks(rejected.ChildID)[0].LiftedAt != nil {
			d.t.Error("rejected, and lifted all the same")
		}
		d.w.Sound()
	})
}

func TestListsAreMasked(t *testing.T) {
	onBoth(t, func(d *door) {
		resident, child := d.w.Family()
		_, err := d.account.TypePhone(ctx, resident, "13800138000")
		d.must(err)
		b := d.bookFor(resident, child, 1)
		d.arrive(b)
		elsewhere, _ := d.w.AddSite("310104013", "示例别处", model.Point{Latitude: 31.13, Longitude: 121.42})
		stranger := d.keeperOf(elsewhere.ID)
		lines, err := d.Bookings(ctx, d.keeper, b.SlotID)
		if err != nil || len(lines) != 1 || lines[0].ChildName != "示*" || lines[0].PhoneTail != "8000" || lines[0].AgeMonths != d.ageIn(b) ||
			lines[0].Attendance == nil || lines[0].HasHealthNote {
			d.t.Errorf("listed %+v, %v", lines, err)
		}
		day := model.DateOf(b.StartAt.In(d.Zone))
		for tail, want := range map[string]int{"8000": 1, "0000": 0} {
			if found, err := d.ByPhoneTail(ctx, d.keeper, d.w.Site.ID, day, tail); err != nil || len(found) != want {
				d.t.Errorf("%s found %+v, %v", tail, found, err)
			}
		}
		slots, err := d.Day(ctx, d.keeper, d.w.Site.ID, model.Date{})
		if err != nil || len(slots) != 1 || slots[0].Counts[model.BookingCheckedIn] != 1 {
			d.t.Errorf("the day %+v, %v", slots, err)
		}
		_, err = d.Bookings(ctx, stranger, b.SlotID)
		d.want(err, model.ErrSlotNotFound)
		_, err = d.Day(ctx, stranger, d.w.Site.ID, day)
		d.want(err, model.ErrSiteNotFound)
		_, err = d.ByPhoneTail(ctx, stranger, d.w.Site.ID, day, "8000")
		d.want(err, model.ErrSiteNotFound)
	})
}

// A desk reads its list with every change of the day: that is one opening for a while, by each who looks, and each list.
func TestAListThatFollowsTheDayIsOneOpening(t *testing.T) {
	onBoth(t, func(d *door) {
		b := d.book()
		start := d.clock.now()
		look := func(by model.OnDuty, after time.Duration) {
			d.t.Helper()
			d.clock.set(start.Add(after))
			_, err := d.Bookings(ctx, by, b.SlotID)
			d.must(err)
		}
		colleague := d.keeperOf(d.w.Site.ID)
		written := func(subject string, want int) {
			d.t.Helper()
			if accesses, err := d.Store.ListAccesses(ctx, subject); err != nil || len(accesses) != want {
				d.t.Errorf("%d openings are written, want %d: %+v, %v", len(accesses), want, accesses, err)
			}
		}
		for after := time.Duration(0); after < model.ListAccessLasts; after += model.ListAccessLasts / 10 {
			look(d.keeper, after)
		}
		written(b.SlotID, 1)
		look(colleague, time.Minute)
		written(b.SlotID, 2)
		look(d.keeper, model.ListAccessLasts-time.Millisecond)
		written(b.SlotID, 2)
		look(d.keeper, model.ListAccessLasts)
		written(b.SlotID, 3)
		for range 2 {
			_, err := d.ByPhoneTail(ctx, d.keeper, d.w.Site.ID, model.Date{}, "8000")
			d.must(err)
			_, err = d.Open(ctx, d.keeper, b.ID, desk.AccessContact)
			d.must(err)
		}
		written(d.w.Site.ID, 1)
		written(b.ID, 2)
	})
}

// Erased is erased: nothing of a child is left from the door, and its bookings still add up.
func TestErasureReachesTheDoor(t *testing.T) {
	onBoth(t, func(d *door) {
		b, mark := d.missed()
		_, err := d.account.AddPickupPerson(ctx, b.ResidentID, b.ChildID, account.PickupForm{Name: "示例外公", Relation: model.RelationOther, Phone: "13800138000"})
		d.must(err)
		_, err = d.Appeal(ctx, b.ResidentID, mark.ID, model.AppealUnwell, "示例说明")
		d.must(err)
		came := d.bookFor(b.ResidentID, b.ChildID, 3)
		d.clock.set(came.StartAt)
		_, err = d.CheckIn(ctx, d.keeper, d.key(), desk.Arrival{BookingID: came.ID, Temperature: "36.6", Remark: "示例"})
		d.must(err)
		_, err = d.HandOver(ctx, d.keeper, d.key(), came.ID, "")
		d.must(err)
		export, err := d.account.ExportOf(ctx, b.ResidentID)
		if door := export.Door; err != nil || len(door) != 1 || door[0].PickupPersons[0].Phone != "13800138000" ||
			door[0].Stays[0].Temperature != "36.6" || door[0].Appeals[0].Note != "示例说明" {
			d.t.Errorf("exported %+v, %v", door, err)
		}
		d.must(d.account.RemoveChild(ctx, b.ResidentID, b.ChildID))
		opened, err := d.Open(ctx, d.keeper, came.ID, desk.AccessOther)
		if err != nil || opened.ChildName != "" || opened.Temperature != "" || opened.Remark != "" || len(opened.PickupPersons) != 0 {
			d.t.Errorf("still there: %+v, %v", opened, err)
		}
		d.w.Sound()
	})
}
