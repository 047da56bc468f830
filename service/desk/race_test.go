package desk_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/account"
	"jiamenkou/service/booking"
	"jiamenkou/service/desk"
)

func wish(slot, child string) booking.Wish { return booking.Wish{SlotID: slot, ChildID: child} }

// told demands what was said, to the number.
func (d *door) told(got, want map[string]int) {
	d.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		d.t.Errorf("told (-want +got):\n%s", diff)
	}
}

// among demands that nothing else was said.
func (d *door) among(got map[string]int, words ...string) {
	d.t.Helper()
	for word := range maps.Keys(got) {
		if !slices.Contains(words, word) {
			d.t.Errorf("told %s %d times", word, got[word])
		}
	}
}

// overdue are bookings of sessions that have just ended, and the leased sweep.
func (d *door) overdue(n int) ([]model.Booking, model.Work) {
	d.t.Helper()
	d.recur(d.clock.now())
	var all []model.Booking
	for range n {
		all = append(all, d.book())
	}
	d.clock.set(all[0].EndAt)
	return all, d.lease()
}

// markedOnce demands that each of the children has one mark.
func (d *door) markedOnce(all []model.Booking) {
	d.t.Helper()
	for _, b := range all {
		if n := len(d.marks(b.ChildID)); n != 1 {
			d.t.Errorf("%d marks", n)
		}
	}
}

// Eight tablets at once: one checks the child in, the others are told it is there.
func TestTwoTablets(t *testing.T) {
	d := openDoor(t)
	for range 5 {
		b := d.book()
		d.clock.set(b.StartAt)
		d.told(together(times(8, func() error {
			_, err := d.CheckIn(ctx, d.keeper, d.key(), desk.Arrival{BookingID: b.ID})
			return err
		})...), map[string]int{"ok": 1, "already_checked_in": 7})
	}
	d.w.Sound()
}

// One press that arrives eight times is one arrival.
func TestTappedTwice(t *testing.T) {
	d := openDoor(t)
	b := d.book()
	d.clock.set(b.StartAt)
	code, err := d.NewCode(ctx, b.ResidentID, b.ID, false)
	d.must(err)
	tap := func() error {
		_, err := d.CheckIn(ctx, d.keeper, "tap-00001", desk.Arrival{Code: code.Text, Temperature: "36.5"})
		return err
	}
	told := together(times(8, tap)...)
	d.among(told, "ok", "idempotency_in_progress")
	if told["ok"] == 0 {
		t.Error("nobody got through")
	}
	d.want(tap(), nil)
	d.w.Sound()
}

// A code opens the door once.
func TestCodeUsedTwice(t *testing.T) {
	d := openDoor(t)
	for range 5 {
		b := d.book()
		d.clock.set(b.StartAt)
		code, err := d.NewCode(ctx, b.ResidentID, b.ID, false)
		d.must(err)
		told := together(times(6, func() error {
			_, err := d.CheckIn(ctx, d.keeper, d.key(), desk.Arrival{Code: code.Text})
			return err
		})...)
		d.among(told, "ok", "already_checked_in", "check_in_code_invalid")
		if told["ok"] != 1 {
			t.Errorf("told %v", told)
		}
	}
	d.w.Sound()
}

// A child that comes at the last moment, while a server whose clock is ahead sweeps: it is there, or was marked.
func TestSweepRacesALateCheckIn(t *testing.T) {
	d := openDoor(t)
	all, w := d.overdue(10)
	early, ahead := d.at(all[0].EndAt.Add(-time.Millisecond)), d.at(all[0].EndAt)
	tasks := []func() error{func() error { return ahead.Sweep(ctx, w) }}
	for _, b := range all {
		tasks = append(tasks, func() error {
			_, err := early.CheckIn(ctx, d.keeper, d.key(), desk.Arrival{BookingID: b.ID})
			return err
		})
	}
	// Whoever was marked a moment before is let in again: the session still runs where the tablet is.
	d.told(together(tasks...), map[string]int{"ok": 11})
	for _, b := range all {
		d.stands(b.ID, model.BookingCheckedIn)
	}
	d.w.Sound()
}

// A guardian who cancels at the last moment by a slow clock, and a sweep by a fast one: one of them is it.
func TestSweepRacesACancel(t *testing.T) {
	d := openDoor(t)
	all, w := d.overdue(10)
	ahead := d.at(all[0].EndAt)
	d.clock.set(all[0].StartAt.Add(-time.Millisecond))
	tasks := []func() error{func() error { return ahead.Sweep(ctx, w) }}
	for _, b := range all {
		tasks = append(tasks, func() error {
			_, err := d.booking.Cancel(ctx, b.ResidentID, d.key(), b.ID, "")
			return err
		})
	}
	told := together(tasks...)
	d.among(told, "ok", "booking_ended")
	d.markedOnce(all)
	d.w.Sound()
}

// Two servers with one lease, and a third whose lease was taken over: every booking is marked once.
func TestTwoSweepsAtOnce(t *testing.T) {
	d := openDoor(t)
	all, stopped := d.overdue(12)
	d.clock.set(all[0].EndAt.Add(2 * time.Minute)) // the first server stopped for longer than its lease
	w := d.lease()
	d.want(d.Sweep(ctx, stopped), model.ErrLeaseLost)
	for _, b := range all {
		d.stands(b.ID, model.BookingConfirmed)
	}
	told := together(
		func() error { return d.Sweep(ctx, stopped) },
		func() error { return d.Sweep(ctx, w) },
		func() error { return d.Sweep(ctx, w) },
	)
	d.among(told, "ok", "lease_lost")
	if told["ok"] == 0 || told["lease_lost"] == 0 {
		t.Errorf("told %v", told)
	}
	for _, b := range all {
		d.stands(b.ID, model.BookingNoShow)
		if n := d.notices(b.ResidentID)[model.NoticeStrike]; n != 1 {
			t.Errorf("told %d times", n)
		}
	}
	d.markedOnce(all)
	d.w.Sound()
}

// Marked by hand while it is swept: one mark.
func TestNoShowByHandRacesTheSweep(t *testing.T) {
	d := openDoor(t)
	all, w := d.overdue(10)
	tasks := []func() error{func() error { return d.Sweep(ctx, w) }}
	for _, b := range all {
		tasks = append(tasks, func() error {
			_, err := d.MissOut(ctx, d.keeper, d.key(), b.ID)
			return err
		})
	}
	d.among(together(tasks...), "ok", "already_no_show")
	for _, b := range all {
		d.stands(b.ID, model.BookingNoShow)
	}
	d.markedOnce(all)
	d.w.Sound()
}

func TestHandedOverTwice(t *testing.T) {
	d := openDoor(t)
	b := d.book()
	d.arrive(b)
	d.told(together(times(8, func() error {
		_, err := d.HandOver(ctx, d.keeper, d.key(), b.ID, "")
		return err
	})...), map[string]int{"ok": 1, "already_left": 7})
	d.w.Sound()
}

// A pick-up person who is removed while the child is handed over has fetched it before, or does not get it.
func TestHandOverRacesTheRemoval(t *testing.T) {
	d := openDoor(t)
	for range 10 {
		b := d.book()
		person, err := d.account.AddPickupPerson(ctx, b.ResidentID, b.ChildID, account.PickupForm{Name: "示例阿姨", Relation: model.RelationNanny, Phone: "13800138000"})
		d.must(err)
		d.arrive(b)
		var removed, handed error
		together(
			func() error {
				removed = d.account.RemovePickupPerson(ctx, b.ResidentID, b.ChildID, person.ID)
				return nil
			},
			func() error { _, handed = d.HandOver(ctx, d.keeper, d.key(), b.ID, person.ID); return nil },
		)
		d.must(removed)
		switch modeltest.WordOf(handed) {
		case "ok":
			d.stands(b.ID, model.BookingCompleted)
		case "pickup_person_not_found":
			d.stands(b.ID, model.BookingCheckedIn)
		default:
			t.Error(handed)
		}
	}
	d.w.Sound()
}

// While a removal is being written, the hand-over waits for it; then the person is not one the child goes with.
func TestHandOverWaitsForTheRemoval(t *testing.T) {
	d := openDoor(t)
	b := d.book()
	person, err := d.account.AddPickupPerson(ctx, b.ResidentID, b.ChildID, account.PickupForm{Name: "示例阿姨", Relation: model.RelationNanny, Phone: "13800138000"})
	d.must(err)
	d.arrive(b)
	d.want(d.whileHeld(func(tx *model.Store) {
		_, err := tx.LockChild(ctx, b.ResidentID, b.ChildID)
		d.must(err)
		gone := person.PickupPerson
		gone.Erase(d.clock.now())
		d.must(tx.SavePickupPerson(ctx, gone))
	}, func() error {
		_, err := d.HandOver(ctx, d.keeper, d.key(), b.ID, person.ID)
		return err
	}), model.ErrPickupPersonNotFound)
	d.stands(b.ID, model.BookingCheckedIn)
	d.w.Sound()
}

// whileHeld starts a task while a transaction holds what it needs, demands that it waits, and gives its answer.
func (d *door) whileHeld(hold func(tx *model.Store), task func() error) error {
	d.t.Helper()
	done := make(chan error, 1)
	d.must(d.Store.InTx(ctx, func(tx *model.Store) error {
		hold(tx)
		go func() { done <- task() }()
		select {
		case err := <-done:
			d.t.Errorf("it did not wait: %v", err)
			done <- err
		case <-time.After(300 * time.Millisecond):
		}
		return nil
	}))
	return <-done
}

// Marks of a child are added up one after the other.
func TestMarkingWaitsForTheChild(t *testing.T) {
	d := openDoor(t)
	b := d.book()
	d.clock.set(b.EndAt)
	d.want(d.whileHeld(func(tx *model.Store) {
		_, err := tx.HoldChild(ctx, b.ChildID)
		d.must(err)
	}, func() error {
		_, err := d.MissOut(ctx, d.keeper, d.key(), b.ID)
		return err
	}), nil)
}

// The end of a stay that nobody recorded takes its turn with whatever else is done with the child.
func TestClosingAStayWaitsForTheChild(t *testing.T) {
	d := openDoor(t)
	d.recur(d.clock.now())
	b := d.book()
	d.arrive(b)
	d.clock.set(b.EndAt.Add(d.Limits.CloseAfter))
	w := d.lease()
	d.want(d.whileHeld(func(tx *model.Store) {
		_, err := tx.HoldChild(ctx, b.ChildID)
		d.must(err)
	}, func() error { return d.Sweep(ctx, w) }), nil)
	d.stands(b.ID, model.BookingCompleted)
	d.w.Sound()
}

// Whoever lifts a mark waits for the appeal that is being written, and settles it.
func TestLiftingWaitsForTheAppeal(t *testing.T) {
	d := openDoor(t)
	b, mark := d.missed()
	appeal := model.Appeal{
		ID: d.Store.NewID(), MarkID: mark.ID, ChildID: b.ChildID, ResidentID: b.ResidentID, BookingID: b.ID, SiteID: b.SiteID,
		Reason: model.AppealOther, Status: model.AppealOpen, CreatedAt: d.clock.now(),
	}
	d.want(d.whileHeld(func(tx *model.Store) {
		_, err := tx.LockMark(ctx, mark.ID)
		d.must(err)
		d.must(tx.AddAppeal(ctx, appeal))
	}, func() error {
		_, err := d.LiftMark(ctx, d.keeper, mark.ID, "示例")
		return err
	}), nil)
	if settled, err := d.Store.FindAppeal(ctx, appeal.ID); err != nil || settled.Status != model.AppealUpheld {
		t.Errorf("the appeal is %+v, %v", settled, err)
	}
	d.w.Sound()
}

// A mark is lifted while it is appealed: the appeal is settled with it, or comes too late.
func TestAppealRacesTheLifting(t *testing.T) {
	d := openDoor(t)
	for range 10 {
		b, mark := d.missed()
		d.among(together(
			func() error { _, err := d.Appeal(ctx, b.ResidentID, mark.ID, model.AppealOther, ""); return err },
			func() error { _, err := d.LiftMark(ctx, d.keeper, mark.ID, "示例"); return err },
		), "ok", "mark_lifted")
	}
	d.w.Sound()
}

func TestAppealedAndLiftedTwice(t *testing.T) {
	d := openDoor(t)
	b, mark := d.missed()
	d.told(together(times(6, func() error {
		_, err := d.Appeal(ctx, b.ResidentID, mark.ID, model.AppealOther, "示例")
		return err
	})...), map[string]int{"ok": 1, "appeal_exists": 5})
	appeal, _, err := d.Store.FindAppealOf(ctx, mark.ID)
	d.must(err)
	told := together(slices.Concat(
		times(3, func() error { _, err := d.LiftMark(ctx, d.keeper, mark.ID, "示例"); return err }),
		times(3, func() error { _, err := d.Answer(ctx, d.keeper, appeal.ID, model.AppealUpheld, "示例"); return err }),
	)...)
	d.among(told, "ok", "mark_lifted", "appeal_answered")
	if told["ok"] != 1 {
		t.Errorf("told %v", told)
	}
	d.w.Sound()
}

// Upheld by one and rejected by another, while the family leaves: one answer, and nothing left of the child.
func TestAppealsRaceTheErasure(t *testing.T) {
	d := openDoor(t)
	for range 5 {
		b, mark := d.missed()
		d.clock.set(b.EndAt)
		appeal, err := d.Appeal(ctx, b.ResidentID, mark.ID, model.AppealOther, "示例")
		d.must(err)
		told := together(
			func() error { _, err := d.Answer(ctx, d.keeper, appeal.ID, model.AppealUpheld, "示例"); return err },
			func() error { _, err := d.Answer(ctx, d.keeper, appeal.ID, model.AppealRejected, "示例"); return err },
			func() error { return d.account.RemoveChild(ctx, b.ResidentID, b.ChildID) },
			func() error {
				_, err := d.Appeal(ctx, b.ResidentID, mark.ID, model.AppealOther, "又一次")
				return err
			},
		)
		d.among(told, "ok", "appeal_answered", "appeal_exists", "mark_not_found")
		d.w.Sound()
	}
}

// A session is called off while a child that was marked comes after all: it is let in and the site cannot close, or it is
// closed and the child is not.
func TestMendRacesTheClosing(t *testing.T) {
	d := openDoor(t)
	for range 5 {
		b, _ := d.missed()
		told := together(
			func() error { _, err := d.CheckIn(ctx, d.keeper, d.key(), desk.Arrival{BookingID: b.ID}); return err },
			func() error { _, err := d.booking.CloseSlot(ctx, b.SlotID, "停水", ""); return err },
		)
		d.among(told, "ok", "slot_in_session", "slot_closed")
		if told["ok"] != 1 {
			t.Errorf("told %v", told)
		}
		d.w.Sound()
	}
}
