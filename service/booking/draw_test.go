package booking_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jiamenkou/model"
	"jiamenkou/model/fault"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
)

// drawSlot adds a slot whose places are drawn so long before its start; it begins at nine, days ahead.
func (s *shop) drawSlot(ahead, capacity int, before time.Duration, change ...func(*model.Slot)) model.Slot {
	s.t.Helper()
	return s.world.AddSlot(ahead, capacity, append([]func(*model.Slot){func(slot *model.Slot) {
		at := slot.StartAt.Add(-before)
		slot.ReleaseMode, slot.DrawAt = model.ReleaseDraw, &at
	}}, change...)...)
}

func (s *shop) apply(f family, slot model.Slot) model.Application {
	s.t.Helper()
	a, err := s.tryToApply(f, slot)
	s.must(err)
	return a
}

func (s *shop) tryToApply(f family, slot model.Slot) (model.Application, error) {
	return s.Apply(context.Background(), f.resident, s.key(), booking.Wish{SlotID: slot.ID, ChildID: f.child})
}

// goTo moves the clock.
func (s *shop) goTo(at time.Time) { s.ahead.Store(int64(at.Sub(s.from))) }

// drawnBy goes to the slot's draw and does what is owed until then.
func (s *shop) drawnBy(slot model.Slot) {
	s.t.Helper()
	s.goTo(*slot.DrawAt)
	s.work()
}

// result is what became of an application.
func (s *shop) result(f family, a model.Application) model.Application {
	s.t.Helper()
	seen, err := s.ApplicationOf(context.Background(), f.resident, a.ID)
	s.must(err)
	return seen.Application
}

// verified gives the draw's document, having recomputed it.
func (s *shop) verified(slot model.Slot) model.DrawDocument {
	s.t.Helper()
	d, err := s.DrawDocumentOf(context.Background(), slot.ID)
	s.must(err)
	recomputed(s.t, d)
	return d
}

// recomputed fails the test unless a draw's document comes to what it states.
func recomputed(t rapid.TB, d model.DrawDocument) {
	t.Helper()
	findings, err := d.Verify()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if !f.Matches() {
			t.Errorf("%s of the draw is %s, and comes to %s", f.Part, f.Stated, f.Computed)
		}
	}
}

// hasNotice fails the test unless a resident was told of the subject in a notice of the kind.
func (s *shop) hasNotice(f family, kind model.NoticeKind, subject string) {
	s.t.Helper()
	list, err := s.Store.ListNotices(context.Background(), f.resident, "", 100)
	s.must(err)
	if !slices.ContainsFunc(list, func(n model.Notice) bool { return n.Kind == kind && n.SubjectID == subject }) {
		s.t.Errorf("nobody told of %s in %+v", kind, list)
	}
}

const threeDays = 72 * time.Hour

// Five families apply for two places: two are booked, three wait in the drawn order, all are told, and anyone can
// recompute it from what is published. The commitment was public from the beginning.
func TestDraw(t *testing.T) {
	onBothShops(t, func(s *shop) {
		slot := s.drawSlot(6, 2, threeDays)
		before, err := s.DrawOf(context.Background(), slot.ID)
		s.must(err)
		families, applications := map[string]family{}, map[string]model.Application{}
		for range 5 {
			f := s.family()
			a := s.apply(f, slot)
			families[a.ID], applications[a.ID] = f, a
		}
		_, err = s.DrawDocumentOf(context.Background(), slot.ID)
		s.refused(err, model.ErrNotDrawn)
		s.drawnBy(slot)
		d := s.verified(slot)
		if d.Commitment != before.Commitment || before.Status != model.DrawOpen || len(d.Winners) != 2 || len(d.Order) != 5 {
			t.Errorf("committed to %s, drawn %+v", before.Commitment, d)
		}
		for i, id := range d.Order {
			f, a := families[id], s.result(families[id], applications[id])
			s.hasNotice(f, model.NoticeDrawResult, id)
			if won := slices.Contains(d.Winners, id); won != (a.Status == model.ApplicationWon) || a.Turn != i+1 {
				t.Errorf("number %d in order is %s with turn %d", i+1, a.Status, a.Turn)
			}
			entry := model.WaitingEntry{ID: *a.WaitingID}
			if a.Status == model.ApplicationWon {
				s.stands(f, entry, model.WaitingAccepted, 0)
				if held := liveBookings(t, s.Store, f.resident); held[slot.ID].ID == "" {
					t.Errorf("who won holds %v", held)
				}
			} else {
				s.stands(f, entry, model.WaitingInLine, i-1)
			}
		}
		s.counts(slot, 2, 0, 3)
	})
}

// A place that a winner gives back goes to the next in the drawn order; at the cut-off the list ends.
func TestDrawnOrderIsTheWaitingList(t *testing.T) {
	onBothShops(t, func(s *shop) {
		slot := s.drawSlot(6, 1, threeDays)
		families := map[string]family{}
		for range 3 {
			f := s.family()
			families[s.apply(f, slot).ID] = f
		}
		s.drawnBy(slot)
		d := s.verified(slot)
		winner, next, last := families[d.Order[0]], families[d.Order[1]], families[d.Order[2]]
		s.cancel(winner, liveBookings(t, s.Store, winner.resident)[slot.ID])
		s.work()
		offered := s.result(next, model.Application{ID: d.Order[1]})
		s.stands(next, model.WaitingEntry{ID: *offered.WaitingID}, model.WaitingOffered, 0)
		late := s.wait(s.family(), slot)
		if late.Turn != 4 {
			t.Errorf("who comes after the draw has turn %d", late.Turn)
		}
		s.goTo(slot.CutoffAt)
		s.work()
		waited := s.result(last, model.Application{ID: d.Order[2]})
		s.stands(last, model.WaitingEntry{ID: *waited.WaitingID}, model.WaitingExpired, 0)
		s.counts(slot, 0, 0, 0)
	})
}

// Fewer children than places: all are booked, and what is left is for whoever comes first. So with nobody at all.
func TestDrawLeavesTheRestFirstCome(t *testing.T) {
	onBothShops(t, func(s *shop) {
		slot, empty := s.drawSlot(6, 3, threeDays), s.drawSlot(7, 2, 4*24*time.Hour)
		f, late := s.family(), s.family()
		s.apply(f, slot)
		_, err := s.DrawOf(context.Background(), empty.ID)
		s.must(err)
		_, err = s.Book(context.Background(), late.resident, s.key(), booking.Wish{SlotID: slot.ID, ChildID: late.child})
		s.refused(err, model.ErrSlotInDraw)
		s.drawnBy(slot)
		s.counts(slot, 1, 0, 0)
		s.verified(slot)
		if d := s.verified(empty); len(d.Order) != 0 {
			t.Errorf("nobody applied and %v were drawn", d.Order)
		}
		s.book(late, slot)
		s.book(late, empty)
		_, err = s.tryToApply(s.family(), slot)
		s.refused(err, model.ErrDrawClosed)
	})
}

// Children who have been at a site in the month of the session come after those who have not.
func TestWhoHasNotComeThisMonthIsFirst(t *testing.T) {
	onBothShops(t, func(s *shop) {
		slot := s.drawSlot(6, 2, threeDays)
		earlier := s.world.AddSlot(-1, 20, func(e *model.Slot) { // at another hour of the session's own day: surely that month
			e.Date, e.StartAt, e.EndAt = slot.Date, slot.StartAt.Add(-4*time.Hour), slot.StartAt.Add(-3*time.Hour)
			e.CutoffAt = e.StartAt
		})
		var back, fresh []string
		for i := range 6 {
			f := s.family()
			if i%3 != 0 {
				visit := s.book(f, earlier)
				visit.Status = model.BookingCheckedIn
				s.mustTx(func(tx *model.Store) error {
					if err := tx.EndBooking(context.Background(), visit, model.BookingConfirmed); err != nil {
						return err
					}
					if err := tx.AddAttendance(context.Background(), model.Attendance{
						ID: s.Store.NewID(), BookingID: visit.ID, ChildID: visit.ChildID, CheckedInAt: s.Now(), CheckedInBy: s.Store.NewID(),
					}); err != nil {
						return err
					}
					return tx.AddEvents(context.Background(), visit.Changed(model.BookingConfirmed, model.ActorSystem, ""))
				})
				back = append(back, s.apply(f, slot).ID)
			} else {
				fresh = append(fresh, s.apply(f, slot).ID)
			}
		}
		s.drawnBy(slot)
		d := s.verified(slot)
		for i, id := range d.Order {
			if slices.Contains(fresh, id) != (i < len(fresh)) || slices.Contains(back, id) != (i >= len(fresh)) {
				t.Errorf("number %d in order is of the wrong class", i+1)
			}
		}
	})
}

func (s *shop) mustTx(fn func(tx *model.Store) error) {
	s.t.Helper()
	s.must(s.Store.InTx(context.Background(), fn))
}

// Rules are judged when a child applies, and again when the place it won is booked for it.
func TestApplyingIsJudged(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		slot := s.drawSlot(6, 2, threeDays)
		f := s.family()
		key := s.key()
		a, err := s.Apply(ctx, f.resident, key, booking.Wish{SlotID: slot.ID, ChildID: f.child})
		s.must(err)
		again, err := s.Apply(ctx, f.resident, key, booking.Wish{SlotID: slot.ID, ChildID: f.child})
		if err != nil || again.ID != a.ID {
			t.Errorf("the same key gives %s, %v", again.ID, err)
		}
		other := s.drawSlot(5, 2, threeDays)
		_, err = s.Apply(ctx, f.resident, key, booking.Wish{SlotID: other.ID, ChildID: f.child})
		s.refused(err, model.ErrKeyReused)
		resident := s.world.AddResident()
		for _, c := range []struct {
			name string
			slot model.Slot
			f    family
			want *fault.Error
		}{
			{"twice", slot, f, model.ErrAlreadyApplied},
			{"another's child", slot, family{resident, f.child}, model.ErrChildNotFound},
			{"too young", slot, family{resident, s.world.AddChild(resident, 6)}, model.ErrTooYoung},
			{"too old", slot, family{resident, s.world.AddChild(resident, 40)}, model.ErrTooOld},
			{"no draw", s.world.AddSlot(6, 2), f, model.ErrDrawNotFound},
			{"no slot", model.Slot{ID: s.Store.NewID()}, f, model.ErrSlotNotFound},
			{"not released", s.drawSlot(20, 2, threeDays), f, model.ErrSlotNotReleased},
			{"over", s.drawSlot(1, 2, threeDays), f, model.ErrDrawClosed},
			{"cut off", s.drawSlot(0, 2, threeDays, func(slot *model.Slot) {
				slot.CutoffAt = s.Now()
				slot.StartAt, slot.EndAt = s.Now(), s.Now().Add(time.Hour)
			}), f, model.ErrSlotCutOff},
			{"called off", s.drawSlot(6, 2, threeDays, func(slot *model.Slot) { slot.Status = model.SlotCancelled }), f, model.ErrSlotClosed},
		} {
			_, err := s.tryToApply(c.f, c.slot)
			if !isFault(err, c.want) {
				t.Errorf("%s: %v, want %v", c.name, err, c.want)
			}
		}
		busy := s.family()
		s.book(busy, s.world.AddSlot(6, 2))
		_, err = s.tryToApply(busy, slot)
		s.refused(err, model.ErrOverlap)
		s.refused(s.consentless(slot), model.ErrConsentNeeded)
	})
}

func isFault(err error, want *fault.Error) bool {
	f := fault.Of(err)
	return f != nil && f.Code == want.Code
}

// consentless applies for somebody who has withdrawn an agreement.
func (s *shop) consentless(slot model.Slot) error {
	s.t.Helper()
	f := s.family()
	documents, err := s.Store.ListCurrentDocuments(context.Background(), s.Now())
	s.must(err)
	s.mustTx(func(tx *model.Store) error {
		for _, d := range documents {
			if err := tx.WithdrawConsent(context.Background(), f.resident, d.ID, s.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	_, err = s.tryToApply(f, slot)
	return err
}

// An application can be taken back until the draw, and made again.
func TestWithdrawing(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		slot := s.drawSlot(6, 1, threeDays)
		f, other := s.family(), s.family()
		a := s.apply(f, slot)
		key := s.key()
		for range 2 {
			back, err := s.Withdraw(ctx, f.resident, key, a.ID)
			if err != nil || back.Status != model.ApplicationWithdrawn {
				t.Fatalf("withdrawn: %s, %v", back.Status, err)
			}
		}
		_, err := s.Withdraw(ctx, f.resident, s.key(), a.ID)
		s.refused(err, model.ErrApplicationEnded)
		_, err = s.Withdraw(ctx, other.resident, s.key(), a.ID)
		s.refused(err, model.ErrApplicationNotFound)
		gone, second := s.apply(f, slot), s.apply(other, slot)
		_, err = s.Withdraw(ctx, f.resident, s.key(), gone.ID)
		s.must(err)
		s.drawnBy(slot)
		if d := s.verified(slot); !slices.Equal(d.Order, []string{second.ID}) {
			t.Errorf("drawn were %v", d.Order)
		}
		_, err = s.Withdraw(ctx, other.resident, s.key(), second.ID)
		s.refused(err, model.ErrApplicationEnded)
	})
}

// Of children who have come to hold another place at that time, or are on no list any more, none is drawn.
func TestWhoCannotComeIsNotDrawn(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		slot, beside := s.drawSlot(6, 3, threeDays), s.world.AddSlot(6, 3)
		stays, booked, removed, closed := s.family(), s.family(), s.family(), s.family()
		a, b, c, d := s.apply(stays, slot), s.apply(booked, slot), s.apply(removed, slot), s.apply(closed, slot)
		s.book(booked, beside)
		accounts := accountsBeside(s.Service)
		s.must(accounts.RemoveChild(ctx, removed.resident, removed.child))
		s.must(accounts.Close(ctx, closed.resident))
		if x, y := s.result(removed, c), s.result(closed, d); x.Status != model.ApplicationWithdrawn || y.Status != model.ApplicationWithdrawn {
			t.Errorf("of those who left the applications are %s and %s", x.Status, y.Status)
		}
		s.drawnBy(slot)
		if drawn := s.verified(slot); !slices.Equal(drawn.Order, []string{a.ID}) {
			t.Errorf("drawn were %v", drawn.Order)
		}
		if x := s.result(booked, b); x.Status != model.ApplicationVoid {
			t.Errorf("who has another place is %s", x.Status)
		}
		s.hasNotice(booked, model.NoticeDrawResult, b.ID)
	})
}

// Where the allowance is used up and the guardian has not agreed to pay, the place stays held until it is accepted.
func TestWinnerWhoMustPay(t *testing.T) {
	founded := time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
	modeltest.OnBothFounded(t, founded, func(t *testing.T, db *modeltest.Database, store *model.Store) {
		s, ctx := openShop(t, store), context.Background()
		defer s.world.Sound()
		db.Exec(t, "UPDATE allowance_policies SET beyond = 'self_paid', self_paid_cents_per_hour = 5000")
		slot := s.drawSlot(6, 2, threeDays)
		shy, ready := s.family(), s.family()
		for _, f := range []family{shy, ready} {
			s.useUp(f, slot)
		}
		a := s.apply(shy, slot)
		b, err := s.Apply(ctx, ready.resident, s.key(), booking.Wish{SlotID: slot.ID, ChildID: ready.child, AcceptSelfPaid: true})
		s.must(err)
		s.drawnBy(slot)
		s.verified(slot)
		s.counts(slot, 1, 1, 0)
		if paid := liveBookings(t, s.Store, ready.resident)[slot.ID]; paid.Payment != model.PaymentSelfPaid {
			t.Errorf("who agreed pays %q", paid.Payment)
		}
		s.stands(ready, model.WaitingEntry{ID: *s.result(ready, b).WaitingID}, model.WaitingAccepted, 0)
		held := s.stands(shy, model.WaitingEntry{ID: *s.result(shy, a).WaitingID}, model.WaitingOffered, 0)
		s.hasNotice(shy, model.NoticePlaceOffered, held.ID)
		_, err = s.Accept(ctx, shy.resident, s.key(), held.ID, true)
		s.must(err)
		s.counts(slot, 2, 0, 0)
	})
}

// useUp leaves nothing of a child's allowance.
func (s *shop) useUp(f family, slot model.Slot) {
	s.t.Helper()
	ctx := context.Background()
	held, err := s.AllowanceOf(ctx, f.resident, f.child, slot.Date)
	s.must(err)
	s.must(s.Store.GrantAllowance(ctx, f.child, held.Year, model.AllowancePolicy{ID: held.Policy.ID, Unit: held.Policy.Unit, Amount: 0}))
}

// Where a rule refuses for good, the place is held until the offer expires, and then the next in the drawn order has it.
func TestWinnerWhoIsRefused(t *testing.T) {
	onBothShops(t, func(s *shop) {
		slot := s.drawSlot(6, 1, threeDays)
		poor, other := s.family(), s.family()
		s.useUp(poor, slot)
		a := s.apply(poor, slot)
		s.drawnBy(slot)
		held := s.stands(poor, model.WaitingEntry{ID: *s.result(poor, a).WaitingID}, model.WaitingOffered, 0)
		s.hasNotice(poor, model.NoticePlaceOffered, held.ID)
		waits := s.wait(other, slot)
		s.goTo(*held.OfferExpiresAt)
		s.work()
		s.stands(poor, held.WaitingEntry, model.WaitingExpired, 0)
		s.stands(other, waits, model.WaitingOffered, 0)
		s.counts(slot, 0, 1, 0)
	})
}

// Where the source of public randomness was announced, the list is settled and its digest public when applications end,
// and the draw waits until the randomness is entered.
func TestDrawWithPublicRandomness(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx, slot := context.Background(), s.drawSlot(6, 1, threeDays)
		s.Limits.DrawWait, s.Limits.DrawKnown = 24*time.Hour, 12*time.Hour
		duty := s.keeperOf(slot)
		_, err := s.EnterRandomness(ctx, duty, slot.ID, "08")
		s.refused(err, model.ErrDrawSourceMissing)
		for range 2 {
			announced, err := s.AnnounceSource(ctx, duty, slot.ID, " 某日开奖号 ")
			if err != nil || announced.Source != "某日开奖号" {
				t.Fatalf("announced %q, %v", announced.Source, err)
			}
		}
		f, leaves := s.family(), s.family()
		a, b := s.apply(f, slot), s.apply(leaves, slot)
		_, err = s.EnterRandomness(ctx, duty, slot.ID, "08")
		s.refused(err, model.ErrRandomnessEarly)
		s.drawnBy(slot)
		waits, err := s.DrawOf(ctx, slot.ID)
		s.must(err)
		if waits.Status != model.DrawClosed || waits.Digest == "" || !waits.WaitUntil.Equal(slot.DrawAt.Add(24*time.Hour)) {
			t.Errorf("after applications ended the draw is %+v", waits.Draw)
		}
		_, err = s.AnnounceSource(ctx, duty, slot.ID, "另一种")
		s.refused(err, model.ErrDrawSourceLate)
		_, err = s.Withdraw(ctx, leaves.resident, s.key(), b.ID)
		s.must(err)
		for range 2 {
			_, err = s.EnterRandomness(ctx, duty, slot.ID, "02 09 13")
			s.must(err)
		}
		_, err = s.EnterRandomness(ctx, duty, slot.ID, "02 09 14")
		s.refused(err, model.ErrRandomnessGiven)
		s.work()
		d := s.verified(slot)
		if d.Digest != waits.Digest || d.Randomness != "02 09 13" || !slices.Equal(d.Winners, []string{a.ID}) || len(d.Order) != 2 {
			t.Errorf("drawn was %+v", d)
		}
		s.goTo(*waits.WaitUntil)
		s.work()
		if later := s.verified(slot); later.Result != d.Result {
			t.Errorf("the result was %s and is %s", d.Result, later.Result)
		}
	})
}

func (s *shop) keeperOf(slot model.Slot) model.OnDuty {
	return model.OnDuty{StaffID: s.Store.NewID(), Grants: []model.Grant{{Role: model.RoleKeeper, Scope: model.ScopeSite, ScopeID: slot.SiteID}}}
}

// When the announced randomness does not come in time, the list of applications alone decides, and the document says so.
func TestDrawWithoutTheAnnouncedRandomness(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx, slot := context.Background(), s.drawSlot(6, 1, threeDays)
		s.Limits.DrawWait, s.Limits.DrawKnown = 24*time.Hour, 12*time.Hour
		_, err := s.AnnounceSource(ctx, s.keeperOf(slot), slot.ID, "某日开奖号")
		s.must(err)
		a := s.apply(s.family(), slot)
		s.drawnBy(slot)
		s.goTo(slot.DrawAt.Add(24*time.Hour - time.Millisecond))
		s.work()
		_, err = s.DrawDocumentOf(ctx, slot.ID)
		s.refused(err, model.ErrNotDrawn)
		s.goTo(slot.DrawAt.Add(24 * time.Hour))
		s.work()
		if d := s.verified(slot); d.Source == "" || d.Randomness != "" || !slices.Equal(d.Winners, []string{a.ID}) {
			t.Errorf("drawn was %+v", d)
		}
		_, err = s.EnterRandomness(ctx, s.keeperOf(slot), slot.ID, "08")
		s.refused(err, model.ErrRandomnessGiven)
	})
}

// Staff see and change draws of their own sites only.
func TestDrawsOutsideTheScope(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx, slot := context.Background(), s.drawSlot(6, 1, threeDays)
		stranger := s.keeperOf(model.Slot{SiteID: s.Store.NewID()})
		_, looked := s.StaffDrawOf(ctx, stranger, slot.ID)
		_, read := s.StaffDrawDocumentOf(ctx, stranger, slot.ID)
		_, announced := s.AnnounceSource(ctx, stranger, slot.ID, "某日开奖号")
		_, entered := s.EnterRandomness(ctx, stranger, slot.ID, "08")
		for _, err := range []error{looked, read, announced, entered} {
			s.refused(err, model.ErrSlotNotFound)
		}
	})
}

// When the site calls the slot off nothing is drawn, and who applied is told.
func TestClosingASlotEndsItsDraw(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx, slot := context.Background(), s.drawSlot(6, 1, threeDays)
		f := s.family()
		a := s.apply(f, slot)
		_, err := s.CloseSlot(ctx, slot.ID, "停水", "")
		s.must(err)
		if x := s.result(f, a); x.Status != model.ApplicationVoid {
			t.Errorf("the application is %s", x.Status)
		}
		s.hasNotice(f, model.NoticeDrawResult, a.ID)
		s.drawnBy(slot)
		d, err := s.DrawOf(ctx, slot.ID)
		if err != nil || d.Status != model.DrawVoid {
			t.Errorf("the draw is %s, %v", d.Status, err)
		}
		_, err = s.DrawDocumentOf(ctx, slot.ID)
		s.refused(err, model.ErrNotDrawn)
	})
}

// A house that slept past the cut-off draws nothing, and says so.
func TestTooLateToDraw(t *testing.T) {
	onBothShops(t, func(s *shop) {
		slot := s.drawSlot(6, 1, threeDays)
		f := s.family()
		a := s.apply(f, slot)
		s.goTo(slot.CutoffAt)
		s.work()
		if x := s.result(f, a); x.Status != model.ApplicationVoid {
			t.Errorf("the application is %s", x.Status)
		}
		s.hasNotice(f, model.NoticeDrawResult, a.ID)
	})
}

// The draw of a slot is owed once, whoever owes it first.
func TestDrawIsOwedOnce(t *testing.T) {
	onBothShops(t, func(s *shop) {
		slot := s.drawSlot(6, 1, threeDays)
		s.mustTx(func(tx *model.Store) error { return tx.OweDraw(context.Background(), slot, s.Now()) })
		s.apply(s.family(), slot)
		s.apply(s.family(), slot)
		_, err := s.DrawOf(context.Background(), slot.ID)
		s.must(err)
		if works := s.owedDraws(slot, *slot.DrawAt); len(works) != 1 {
			t.Errorf("%d draws are owed", len(works))
		}
	})
}

// When a hand in the database changes the list after its digest was published, nothing is drawn.
func TestDrawStopsAtAChangedList(t *testing.T) {
	founded := time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
	for name, change := range map[string]string{
		"another class": "UPDATE draw_applications SET visited = TRUE",
		"one less":      "UPDATE draw_applications SET listed = FALSE",
		"another end":   "UPDATE slots SET draw_at = release_at WHERE draw_at IS NOT NULL",
	} {
		t.Run(name, func(t *testing.T) {
			modeltest.OnBothFounded(t, founded, func(t *testing.T, db *modeltest.Database, store *model.Store) {
				s, ctx := openShop(t, store), context.Background()
				s.Limits.DrawWait = time.Hour
				slot := s.drawSlot(6, 1, threeDays)
				_, err := s.AnnounceSource(ctx, s.keeperOf(slot), slot.ID, "某日开奖号")
				s.must(err)
				s.apply(s.family(), slot)
				s.drawnBy(slot)
				db.Exec(t, change)
				s.pass(time.Hour)
				if err := s.Draw(ctx, s.owedDraws(slot, s.Now())[0]); err == nil || fault.Of(err) != nil {
					t.Errorf("drawing says %v", err)
				}
				_, err = s.DrawDocumentOf(ctx, slot.ID)
				s.refused(err, model.ErrNotDrawn)
				s.counts(slot, 0, 0, 0)
			})
		})
	}
}
