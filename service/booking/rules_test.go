package booking_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/fault"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
)

func (s *scene) want(what string, err, want error) {
	s.t.Helper()
	if (err == nil) != (want == nil) || !errors.Is(err, want) {
		s.t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// tryToBook books under a key of the slot's and child's own.
func (s *scene) tryToBook(resident, child, slot string, accept ...bool) (model.Booking, error) {
	wish := booking.Wish{SlotID: slot, ChildID: child, AcceptSelfPaid: len(accept) > 0 && accept[0]}
	return s.Book(context.Background(), resident, fmt.Sprintf("%s-%s-%v", slot, child, wish.AcceptSelfPaid), wish)
}

func (s *scene) book(resident, child, slot string) model.Booking {
	s.t.Helper()
	b, err := s.tryToBook(resident, child, slot)
	s.must(err)
	return b
}

func (s *scene) cancel(b model.Booking) model.Booking {
	s.t.Helper()
	ended, err := s.Cancel(context.Background(), b.ResidentID, "cancel-"+b.ID, b.ID, "plans_changed")
	s.must(err)
	return ended
}

// used is what the child has used of the year of the day, and what it was granted.
func (s *scene) wantUsed(resident, child string, day model.Date, used, granted int) {
	s.t.Helper()
	held, err := s.AllowanceOf(context.Background(), resident, child, day)
	if err != nil || held.Used != used || held.Granted != granted {
		s.t.Errorf("used %d of %d in %d, want %d of %d, %v", held.Used, held.Granted, held.Year, used, granted, err)
	}
}

func (s *scene) marksOf(child string) []model.Mark {
	s.t.Helper()
	marks, err := s.w.Store.ListMarks(context.Background(), child, time.Time{})
	s.must(err)
	return marks
}

// publishPolicy puts a next version of the morning service's rules in force now, different as the SET clause says.
func (s *scene) publishPolicy(set string) {
	s.t.Helper()
	const kept = `min_age_months, max_age_months, release_days, release_minute, cutoff_minutes, free_cancel_minutes, uses_allowance,
		late_cancel_debits, late_cancel_points, no_show_points, points_per_strike, strikes_to_block, strike_window_days, block_days`
	id := s.w.Store.NewID()
	s.db.Exec(s.t, `INSERT INTO service_policies (id, service_id, version, `+kept+`, published_at)
		SELECT ?, service_id, MAX(version) + 1, `+kept+`, ? FROM service_policies WHERE service_id = ? GROUP BY service_id, `+kept,
		id, modeltest.Instant(s.now()), s.w.Services["care-morning"].ID)
	s.db.Exec(s.t, "UPDATE service_policies SET "+set+" WHERE id = ?", id)
}

// publishAllowance does the same with the rule on free sessions.
func (s *scene) publishAllowance(set string) {
	s.t.Helper()
	id := s.w.Store.NewID()
	s.db.Exec(s.t, `INSERT INTO allowance_policies (id, version, unit, amount, year_start_month, year_start_day, beyond, self_paid_cents_per_hour, published_at)
		SELECT ?, 2, unit, amount, year_start_month, year_start_day, beyond, self_paid_cents_per_hour, ? FROM allowance_policies`,
		id, modeltest.Instant(s.now()))
	s.db.Exec(s.t, "UPDATE allowance_policies SET "+set+" WHERE id = ?", id)
}

// The window is judged to the millisecond, by the service and by the guard in the store alike.
func TestBookingWindow(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		slot := s.w.AddSlot(3, 10)
		for _, c := range []struct {
			name string
			at   time.Time
			want error
		}{
			{"before release", slot.ReleaseAt.Add(-time.Millisecond), model.ErrSlotNotReleased},
			{"at release", slot.ReleaseAt, nil},
			{"before the cut-off", slot.CutoffAt.Add(-time.Millisecond), nil},
			{"at the cut-off", slot.CutoffAt, model.ErrSlotCutOff},
			{"after the end", slot.EndAt, model.ErrSlotCutOff},
		} {
			resident, child := s.w.Family()
			s.goTo(c.at)
			_, err := s.tryToBook(resident, child, slot.ID)
			s.want(c.name, err, c.want)
			s.want(c.name+", the guard", s.w.Store.InTx(context.Background(), func(tx *model.Store) error {
				return errors.Join(tx.TakePlace(context.Background(), slot.ID, c.at), errOnlyTrying)
			}), either(c.want, errOnlyTrying))
		}
		s.w.Sound()
	})
}

var errOnlyTrying = errors.New("only trying")

func either(err, or error) error {
	if err == nil {
		return or
	}
	return err
}

// Age counts on the day of the session: not old enough the day before, old enough on the day, too old two years later.
func TestAgeOnTheDayOfTheSession(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		resident := s.w.AddResident()
		today := s.w.Day(0)
		firstOfNext := today.DaysUntil(model.Date{Year: today.Year, Month: today.Month, Day: 1}.AddDays(31))
		firstOfNext -= today.AddDays(firstOfNext).Day - 1
		for _, c := range []struct {
			name   string
			months int // on the first of this month
			ahead  int
			want   error
		}{
			{"the day before twelve months", 11, firstOfNext - 1, model.ErrTooYoung},
			{"twelve months", 11, firstOfNext, nil},
			{"the day before thirty-six months", 35, firstOfNext - 1, nil},
			{"thirty-six months", 35, firstOfNext, model.ErrTooOld},
		} {
			child := s.w.AddChild(resident, c.months)
			slot := s.w.AddSlot(c.ahead, 5)
			s.goTo(slot.ReleaseAt)
			_, err := s.tryToBook(resident, child, slot.ID)
			s.want(c.name, err, c.want)
		}
		s.w.Sound()
	})
}

// A late cancel leaves a mark; the allowance comes back, or does not, as the policy says.
func TestLateCancel(t *testing.T) {
	for name, c := range map[string]struct {
		set  string
		used int
	}{
		"gives the session back": {"late_cancel_debits = FALSE", 0}, "keeps the session": {"late_cancel_debits = TRUE", 1},
	} {
		t.Run(name, func(t *testing.T) {
			onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
				s.publishPolicy(c.set)
				resident, child := s.w.Family()
				slot := s.w.AddSlot(3, 2)
				b := s.book(resident, child, slot.ID)
				s.goTo(b.FreeCancelUntil.Add(time.Millisecond))
				if ended := s.cancel(b); ended.Status != model.BookingLateCancelled || ended.CancelReason != "plans_changed" {
					t.Errorf("it ended as %+v", ended)
				}
				s.wantUsed(resident, child, slot.Date, c.used, 12)
				marks := s.marksOf(child)
				if len(marks) != 1 || marks[0].Kind != model.MarkLateCancel || marks[0].Points != 1 || marks[0].BookingID != b.ID {
					t.Errorf("the marks are %+v", marks)
				}
				if found, err := s.w.Store.FindSlot(context.Background(), slot.ID); err != nil || found.Booked != 0 {
					t.Errorf("%d places taken, %v", found.Booked, err)
				}
				s.w.Sound()
			})
		})
	}
}

func TestFreeCancelLeavesNoMark(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		resident, child := s.w.Family()
		b := s.book(resident, child, s.w.AddSlot(3, 2).ID)
		s.goTo(b.FreeCancelUntil)
		if ended := s.cancel(b); ended.Status != model.BookingCancelled || len(s.marksOf(child)) != 0 {
			t.Errorf("it ended as %s with %d marks", ended.Status, len(s.marksOf(child)))
		}
		s.goTo(b.StartAt)
		started := s.w.AddSlot(4, 2)
		b = s.book(resident, child, started.ID)
		s.goTo(b.StartAt)
		_, err := s.Cancel(context.Background(), resident, "cancel-started", b.ID, "")
		s.want("cancelling what has begun", err, model.ErrBookingStarted)
		s.w.Sound()
	})
}

// Stricter rules published after a booking do not reach it; the next booking is made under them.
func TestPolicyVersionTravelsWithTheBooking(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		resident, child := s.w.Family()
		early, late := s.book(resident, child, s.w.AddSlot(5, 2).ID), s.book(resident, child, s.w.AddSlot(6, 2).ID)
		s.publishPolicy("late_cancel_debits = TRUE, late_cancel_points = 2, free_cancel_minutes = 7200")
		under := s.book(resident, child, s.w.AddSlot(7, 2).ID)
		if early.PolicyVersion != 1 || under.PolicyVersion != 2 || early.PolicyID == under.PolicyID {
			t.Errorf("made under %d and %d", early.PolicyVersion, under.PolicyVersion)
		}
		s.goTo(early.FreeCancelUntil)
		if ended := s.cancel(early); ended.Status != model.BookingCancelled {
			t.Errorf("free under version 1, yet %s", ended.Status)
		}
		s.goTo(late.FreeCancelUntil.Add(time.Millisecond))
		s.cancel(late)
		s.wantUsed(resident, child, model.DateOf(late.StartAt.In(s.Zone)), 1, 12) // version 1 gave it back
		if marks := s.marksOf(child); len(marks) != 1 || marks[0].Points != 1 {
			t.Errorf("the marks are %+v", marks)
		}
		if ended := s.cancel(under); ended.Status != model.BookingLateCancelled {
			t.Errorf("late under version 2, yet %s", ended.Status)
		}
		s.wantUsed(resident, child, model.DateOf(under.StartAt.In(s.Zone)), 1, 12) // version 2 keeps it
		if marks := s.marksOf(child); len(marks) != 2 || marks[1].Points != 2 {
			t.Errorf("the marks are %+v", marks)
		}
		s.w.Sound()
	})
}

// A narrower age range or an earlier cut-off published later leaves a booking that stands alone.
func TestBookingStandsUnderNewRules(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		resident, child := s.w.Family()
		slot, other := s.w.AddSlot(3, 2), s.w.AddSlot(4, 2)
		b := s.book(resident, child, slot.ID)
		s.publishPolicy("min_age_months = 24")
		if seen, err := s.FindOf(context.Background(), resident, b.ID); err != nil || seen.Status != model.BookingConfirmed {
			t.Errorf("it is %s, %v", seen.Status, err)
		}
		_, err := s.tryToBook(resident, child, other.ID)
		s.want("the next one", err, model.ErrTooYoung)
	})
}

// Six late cancels are three strikes: booking stops for thirty days, for this child alone, and lifting one ends it.
func TestStrikesBlockBooking(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		resident, child := s.w.Family()
		sibling := s.w.AddChild(resident, 20)
		for i := range 6 {
			slot := s.w.AddSlot(2+i, 5)
			s.goTo(slot.ReleaseAt)
			b := s.book(resident, child, slot.ID)
			s.goTo(b.FreeCancelUntil.Add(time.Millisecond))
			s.cancel(b)
		}
		blockedAt := s.now()
		wanted := s.w.AddSlot(10, 5)
		_, err := s.tryToBook(resident, child, wanted.ID)
		s.want("the child", err, model.ErrBookingIsBlocked)
		until := blockedAt.AddDate(0, 0, 30).In(s.Zone).Format("2006年1月2日15:04")
		if f := fault.Of(err); f == nil || !strings.Contains(f.Message, until) {
			t.Errorf("it is told %v, want the end %s", f, until)
		}
		s.wantUsed(resident, child, wanted.Date, 0, 12)
		_, err = s.tryToBook(resident, sibling, wanted.ID)
		s.want("its sibling", err, nil)

		s.db.Exec(t, "UPDATE marks SET lifted_at = ?, lifted_reason = '申诉成立' WHERE id = ?", modeltest.Instant(s.now()), s.marksOf(child)[0].ID)
		_, err = s.tryToBook(resident, child, wanted.ID)
		s.want("after an appeal", err, nil)
		s.db.Exec(t, "UPDATE marks SET lifted_at = NULL")
		for at, want := range map[time.Time]error{
			blockedAt.AddDate(0, 0, 30).Add(-time.Millisecond): model.ErrBookingIsBlocked, blockedAt.AddDate(0, 0, 30): nil,
		} {
			s.goTo(at)
			slot := s.w.AddSlot(60, 5, func(slot *model.Slot) { slot.ReleaseAt = blockedAt })
			_, err := s.tryToBook(resident, child, slot.ID)
			s.want(fmt.Sprintf("at %v", at), err, want)
		}
		s.w.Sound()
	})
}

// The site's doing never counts: whatever is closed, however late, returns whole and leaves no mark.
func TestCloseSlotReturnsEverything(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		ctx := context.Background()
		s.publishPolicy("late_cancel_debits = TRUE")
		slot := s.w.AddSlot(3, 3)
		var bookings []model.Booking
		for range 3 {
			resident, child := s.w.Family()
			bookings = append(bookings, s.book(resident, child, slot.ID))
		}
		s.goTo(slot.StartAt.Add(-time.Minute))
		closed, err := s.CloseSlot(ctx, slot.ID, "停电", s.w.Carer.ID)
		if err != nil || len(closed) != 3 {
			t.Fatalf("closed %d, %v", len(closed), err)
		}
		for _, b := range bookings {
			s.wantCalledOff(b)
		}
		found, err := s.w.Store.FindSlot(ctx, slot.ID)
		if err != nil || found.Booked != 0 || found.Status != model.SlotCancelled || found.CancelReason != "停电" {
			t.Errorf("the slot is %+v, %v", found, err)
		}
		_, err = s.CloseSlot(ctx, slot.ID, "停电", "")
		s.want("closing twice", err, model.ErrSlotClosed)
		_, err = s.CloseSlot(ctx, s.w.Store.NewID(), "停电", "")
		s.want("closing nothing", err, model.ErrSlotNotFound)
		resident, child := s.w.Family()
		_, err = s.tryToBook(resident, child, slot.ID)
		s.want("booking it", err, model.ErrSlotClosed)
		_, err = s.Cancel(ctx, bookings[0].ResidentID, "cancel-ended", bookings[0].ID, "")
		s.want("cancelling what was called off", err, model.ErrBookingEnded)
		s.w.Sound()
	})
}

func (s *scene) wantCalledOff(b model.Booking) {
	s.t.Helper()
	ctx := context.Background()
	seen, err := s.FindOf(ctx, b.ResidentID, b.ID)
	if err != nil || seen.Status != model.BookingSiteCancelled || seen.CancelReason != "停电" {
		s.t.Errorf("the booking is %+v, %v", seen.Booking, err)
	}
	s.wantUsed(b.ResidentID, b.ChildID, model.DateOf(b.StartAt.In(s.Zone)), 0, 12)
	if marks := s.marksOf(b.ChildID); len(marks) != 0 {
		s.t.Errorf("it left %d marks", len(marks))
	}
	told, err := s.w.Store.ListNotices(ctx, b.ResidentID, "", 9)
	if err != nil || len(told) != 2 || told[0].Kind != model.NoticeSiteCancelled || !strings.Contains(told[0].Body, "停电") {
		s.t.Errorf("the guardian was told %+v, %v", told, err)
	}
	events, err := s.w.Store.ListEvents(ctx, b.ID)
	if err != nil || len(events) != 2 || events[1].Actor != model.ActorStaff || events[1].ActorID != s.w.Carer.ID {
		s.t.Errorf("the history is %+v, %v", events, err)
	}
}

// With a child in the room the slot stays as it is.
func TestCloseSlotInSession(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		slot := s.w.AddSlot(3, 3)
		resident, child := s.w.Family()
		here := s.book(resident, child, slot.ID)
		resident, child = s.w.Family()
		expected := s.book(resident, child, slot.ID)
		s.db.Exec(t, "UPDATE bookings SET status = 'checked_in' WHERE id = ?", here.ID)
		s.db.Exec(t, "UPDATE events SET to_state = 'checked_in' WHERE subject_id = ?", here.ID)
		s.want("arriving", s.w.Store.AddAttendance(context.Background(), model.Attendance{
			ID: s.w.Store.NewID(), BookingID: here.ID, ChildID: here.ChildID, CheckedInAt: modeltest.Now(), CheckedInBy: s.w.Carer.ID,
		}), nil)
		_, err := s.CloseSlot(context.Background(), slot.ID, "停电", "")
		s.want("closing", err, model.ErrSlotInSession)
		if seen, err := s.FindOf(context.Background(), resident, expected.ID); err != nil || seen.Status != model.BookingConfirmed || seen.Slot.Status != model.SlotOpen {
			t.Errorf("half closed: %s in a slot %s, %v", seen.Status, seen.Slot.Status, err)
		}
		s.wantUsed(resident, child, slot.Date, 1, 12)
		s.w.Sound()
	})
}

// Twelve sessions and no thirteenth.
func TestAllowanceIsUsedUp(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		s.goTo(s.januaryOfNextYear().Add(-14 * 24 * time.Hour)) // all thirteen in one year
		resident := s.w.AddResident()
		child := s.childOf18Months(resident)
		for i := range 13 {
			slot := s.slotOn(model.DateOf(s.januaryOfNextYear().In(s.Zone)).AddDays(i))
			_, err := s.tryToBook(resident, child, slot.ID)
			s.want(fmt.Sprintf("session %d", i+1), err, map[bool]error{true: model.ErrAllowanceUsedUp}[i == 12])
			if i == 12 {
				s.wantUsed(resident, child, slot.Date, 12, 12)
				if found, err := s.w.Store.FindSlot(context.Background(), slot.ID); err != nil || found.Booked != 0 {
					t.Errorf("%d places taken by a refusal, %v", found.Booked, err)
				}
			}
		}
		s.w.Sound()
	})
}

// januaryOfNextYear is midnight in Shanghai, the beginning of 5 January.
func (s *scene) januaryOfNextYear() time.Time {
	return model.Date{Year: s.w.Day(0).Year + 1, Month: time.January, Day: 5}.In(s.Zone)
}

// childOf18Months is so old in next January.
func (s *scene) childOf18Months(resident string) string {
	today := s.w.Day(0)
	return s.w.AddChild(resident, 18-(13-int(today.Month)))
}

// slotOn is a released morning slot on a day.
func (s *scene) slotOn(day model.Date) model.Slot {
	return s.w.AddSlot(s.w.Day(0).DaysUntil(day), 5, func(slot *model.Slot) { slot.ReleaseAt = slot.StartAt.AddDate(0, 0, -60) })
}

// A session of next January, booked in December, is one of next year's twelve; cancelled in December, it returns there.
func TestTurnOfTheYear(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		resident := s.w.AddResident()
		child := s.childOf18Months(resident)
		january := model.DateOf(s.januaryOfNextYear().In(s.Zone))
		december := january.AddDays(-5)
		s.goTo(december.AddDays(-3).In(s.Zone).UTC())
		old, next := s.slotOn(december), s.slotOn(january)
		s.book(resident, child, old.ID)
		b := s.book(resident, child, next.ID)
		s.wantUsed(resident, child, december, 1, 12)
		s.wantUsed(resident, child, january, 1, 12)
		s.cancel(b)
		s.wantUsed(resident, child, december, 1, 12)
		s.wantUsed(resident, child, january, 0, 12)
		// Seven in the morning of New Year's Day: next year in Shanghai, still last year in Greenwich.
		newYear := s.w.AddSlot(s.w.Day(0).DaysUntil(january.AddDays(-4)), 5, func(slot *model.Slot) {
			slot.StartAt, slot.EndAt, slot.CutoffAt = slot.StartAt.Add(-2*time.Hour), slot.EndAt.Add(-2*time.Hour), slot.CutoffAt.Add(-2*time.Hour)
			slot.ReleaseAt = slot.StartAt.AddDate(0, 0, -60)
		})
		if newYear.StartAt.UTC().Year() != december.Year {
			t.Errorf("it begins at %v", newYear.StartAt)
		}
		s.book(resident, child, newYear.ID)
		s.wantUsed(resident, child, december, 1, 12)
		s.wantUsed(resident, child, january, 1, 12)
		s.w.Sound()
	})
}

// After the free sessions comes the paid one, if the guardian says so; it costs by the hour and takes no allowance.
func TestSelfPaid(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		s.publishAllowance("amount = 1, beyond = 'self_paid', self_paid_cents_per_hour = 8000")
		resident, child := s.w.Family()
		free := s.book(resident, child, s.w.AddSlot(3, 5).ID)
		if free.Payment != model.PaymentAllowance || free.PriceCents != 0 || free.AllowanceUnits != 1 {
			t.Errorf("the free one is %+v", free)
		}
		slot := s.sameYear(free)
		_, err := s.tryToBook(resident, child, slot.ID)
		s.want("unasked", err, model.ErrSelfPaidUnaccepted)
		paid, err := s.tryToBook(resident, child, slot.ID, true)
		s.must(err)
		if paid.Payment != model.PaymentSelfPaid || paid.PriceCents != 20000 || paid.AllowanceUnits != 0 { // two and a half hours
			t.Errorf("the paid one is %+v", paid)
		}
		s.wantUsed(resident, child, slot.Date, 1, 1)
		s.cancel(paid)
		s.wantUsed(resident, child, slot.Date, 1, 1)
		s.cancel(free)
		s.wantUsed(resident, child, slot.Date, 0, 1)
		again, err := s.tryToBook(resident, child, s.sameYear(free).ID, true) // the free one comes first, accepted or not
		if err != nil || again.Payment != model.PaymentAllowance {
			t.Errorf("with one free again it is %s, %v", again.Payment, err)
		}
		s.w.Sound()
	})
}

// sameYear is an afternoon slot on the day of a booking.
func (s *scene) sameYear(b model.Booking) model.Slot {
	return s.slotOnAfternoon(model.DateOf(b.StartAt.In(s.Zone)))
}

func (s *scene) slotOnAfternoon(day model.Date) model.Slot {
	return s.w.AddSlot(s.w.Day(0).DaysUntil(day), 5, func(slot *model.Slot) {
		slot.StartAt, slot.EndAt = slot.StartAt.Add(5*time.Hour), slot.EndAt.Add(5*time.Hour)
	})
}

// Twelve hours instead of twelve sessions: a session of two and a half takes 150 minutes, and half a session is not sold.
func TestAllowanceInMinutes(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		s.publishAllowance("unit = 'minute', amount = 400")
		resident := s.w.AddResident()
		child := s.childOf18Months(resident)
		january := model.DateOf(s.januaryOfNextYear().In(s.Zone))
		s.goTo(january.AddDays(-10).In(s.Zone).UTC())
		s.book(resident, child, s.slotOn(january).ID)
		b := s.book(resident, child, s.slotOn(january.AddDays(1)).ID)
		s.wantUsed(resident, child, january, 300, 400)
		third := s.slotOn(january.AddDays(2))
		_, err := s.tryToBook(resident, child, third.ID)
		s.want("the third", err, model.ErrAllowanceUsedUp)
		s.cancel(b)
		s.wantUsed(resident, child, january, 150, 400)
		s.book(resident, child, third.ID)
		s.wantUsed(resident, child, january, 300, 400)
		s.w.Sound()
	})
}

// What has been granted keeps its unit and amount for the year, whatever is published meanwhile; and looking at an
// allowance grants nothing.
func TestGrantedAllowanceKeepsItsUnit(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		resident, child := s.w.Family()
		first, second := s.w.AddSlot(3, 2), s.w.AddSlot(3, 2, func(slot *model.Slot) {
			slot.StartAt, slot.EndAt = slot.StartAt.Add(5*time.Hour), slot.EndAt.Add(5*time.Hour)
		})
		s.wantUsed(resident, child, first.Date, 0, 12)
		if n := s.db.Count(t, "SELECT COUNT(*) FROM allowances"); n != 0 {
			t.Errorf("looking granted %d allowances", n)
		}
		s.book(resident, child, first.ID)
		s.publishAllowance("unit = 'minute', amount = 400")
		s.book(resident, child, second.ID)
		s.wantUsed(resident, child, first.Date, 2, 12)
		s.w.Sound()
	})
}

// A withdrawn service is not booked any more, its slots are shown as closed, and past bookings keep its name.
func TestWithdrawnService(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		ctx := context.Background()
		resident, child := s.w.Family()
		b := s.book(resident, child, s.w.AddSlot(3, 2).ID)
		other := s.w.AddSlot(4, 2)
		s.db.Exec(t, "UPDATE care_services SET status = 'withdrawn' WHERE id = ?", b.ServiceID)
		s.goTo(s.now().Add(6 * time.Second))
		_, err := s.tryToBook(resident, child, other.ID)
		s.want("booking it", err, model.ErrSlotClosed)
		if slot, err := s.FindSlot(ctx, other.ID); err != nil || slot.State(s.now()) != model.SeenClosed {
			t.Errorf("its slot is %s, %v", slot.State(s.now()), err)
		}
		if seen, err := s.FindOf(ctx, resident, b.ID); err != nil || seen.Service.Name == "" {
			t.Errorf("the booking is for %q, %v", seen.Service.Name, err)
		}
	})
}

// Whoever books after the free time is told so at once.
func TestBookedAfterTheFreeTime(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		resident, child := s.w.Family()
		slot := s.w.AddSlot(3, 2)
		s.goTo(slot.StartAt.Add(-3 * time.Hour))
		s.book(resident, child, slot.ID)
		list, err := s.Store.ListNotices(context.Background(), resident, "", 1)
		s.must(err)
		if len(list) != 1 || !strings.Contains(list[0].Body, "免费取消的时间已过") {
			t.Errorf("told %+v", list)
		}
	})
}

// Guardians are told why; no reason, or a novel, is refused.
func TestClosingNeedsAReason(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		slot := s.w.AddSlot(3, 2)
		for _, reason := range []string{"", " \u3000", strings.Repeat("停", model.LongestReason+1)} {
			_, err := s.CloseSlot(context.Background(), slot.ID, reason, "")
			s.want("closing", err, model.ErrReasonInvalid)
		}
		_, err := s.CloseSlot(context.Background(), slot.ID, strings.Repeat("停", model.LongestReason), "")
		s.want("closing", err, nil)
	})
}

// A service that is free for all takes nothing from the allowance, also when there is nothing left.
func TestFreeService(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		s.publishAllowance("amount = 0")
		resident, child := s.w.Family()
		guidance := s.w.AddSlot(3, 5, func(slot *model.Slot) { slot.ServiceID = s.w.Services["parenting"].ID })
		b := s.book(resident, child, guidance.ID)
		if b.Payment != model.PaymentFree || b.AllowanceUnits != 0 || b.PriceCents != 0 {
			t.Errorf("it is %+v", b)
		}
		if n := s.db.Count(t, "SELECT COUNT(*) FROM allowance_entries"); n != 0 {
			t.Errorf("%d lines in the ledger", n)
		}
		_, err := s.tryToBook(resident, child, s.w.AddSlot(4, 5).ID)
		s.want("what does use it", err, model.ErrAllowanceUsedUp)
		if s.cancel(b).Status != model.BookingCancelled {
			t.Error("it cannot be cancelled")
		}
		if _, err := s.CloseSlot(context.Background(), guidance.ID, "停电", ""); err != nil {
			t.Errorf("closing it: %v", err)
		}
		s.w.Sound()
	})
}

// What was carried out is the answer to every later try, also when by then there is a reason to refuse.
func TestReplayAfterAReasonToRefuse(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		s, w := newService(t, store)
		ctx := context.Background()
		resident, child := w.Family()
		wish := booking.Wish{SlotID: w.AddSlot(3, 2).ID, ChildID: child}
		booked, err := s.Book(ctx, resident, "key-00001", wish)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.InTx(ctx, func(tx *model.Store) error {
			documents, err := tx.ListCurrentDocuments(ctx, modeltest.Now())
			if err != nil {
				return err
			}
			return tx.WithdrawConsent(ctx, resident, documents[0].ID, modeltest.Now())
		}); err != nil {
			t.Fatal(err)
		}
		again, err := s.Book(ctx, resident, "key-00001", wish)
		if err != nil || again.ID != booked.ID {
			t.Errorf("the same key gave %q, %v; want %q", again.ID, err, booked.ID)
		}
		if _, err := s.Book(ctx, resident, "key-00002", wish); !errors.Is(err, model.ErrConsentNeeded) {
			t.Errorf("another key gave %v", err)
		}
	})
}

// A site that takes no children for the time being is not booked at, although its slots stand.
func TestSuspendedSiteIsNotBooked(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		resident, child := s.w.Family()
		slot := s.w.AddSlot(3, 2)
		s.db.Exec(t, "UPDATE sites SET status = 'suspended' WHERE id = ?", s.w.Site.ID)
		_, err := s.tryToBook(resident, child, slot.ID)
		s.want("booking there", err, model.ErrSlotClosed)
	})
}
