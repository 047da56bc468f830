package booking_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
)

// beside is another server of the same house, whose clock stands elsewhere.
func (s *shop) beside(at time.Time) *booking.Service {
	return &booking.Service{
		Store: s.Store, Box: s.Box, Now: func() time.Time { return at }, Zone: s.Zone, Log: s.Log, Limits: s.Limits,
	}
}

// owedDraws leases the due draws of a slot for servers that do not wait for each other's lease to end.
func (s *shop) owedDraws(slot model.Slot, at time.Time) (draws []model.Work) {
	s.t.Helper()
	leased, err := s.Store.LeaseWork(context.Background(), model.LaneHouse, at, time.Minute, 100)
	s.must(err)
	for _, w := range leased {
		if w.Kind == model.WorkDraw && w.SubjectID == slot.ID {
			draws = append(draws, w)
		}
	}
	return draws
}

// settled fails the test unless the slot was drawn once, with every application that stood.
func (s *shop) settled(slot model.Slot, applied int) model.DrawDocument {
	s.t.Helper()
	d := s.verified(slot)
	counts, err := s.Store.CountApplications(context.Background(), slot.ID)
	s.must(err)
	if drawn := counts[model.ApplicationWon] + counts[model.ApplicationLost]; drawn != applied || counts[model.ApplicationWon] != len(d.Winners) {
		s.t.Errorf("of %d applications came %v and %d winners", applied, counts, len(d.Winners))
	}
	return d
}

// Two servers draw one slot at the same moment, each by work of its own: it is drawn once.
func TestDrawnTwiceAtOnce(t *testing.T) {
	s := openShop(t, modeltest.Open(t))
	for range 8 {
		slot := s.drawSlot(6, 2, threeDays)
		for range 4 {
			s.apply(s.family(), slot)
		}
		s.mustTx(func(tx *model.Store) error {
			return tx.Owe(context.Background(), model.Owed(model.WorkDraw, slot.ID, *slot.DrawAt, s.Now()))
		})
		works := s.owedDraws(slot, *slot.DrawAt)
		if len(works) != 2 {
			t.Fatalf("%d draws are owed", len(works))
		}
		servers := []*booking.Service{s.beside(*slot.DrawAt), s.beside(*slot.DrawAt)}
		modeltest.Together(4, func(i int) { // and each tries again, having heard nothing
			if err := servers[i%2].Draw(context.Background(), works[i%2]); err != nil && !isFault(err, model.ErrLeaseLost) {
				t.Error(err)
			}
		})
		s.settled(slot, 4)
		s.counts(slot, 0, 2, 2)
	}
	s.goTo(s.Now().Add(4 * 24 * time.Hour))
	s.work()
	s.world.Sound()
}

// Families apply while the slot is drawn: whoever is told so is in the draw, and nobody else is.
func TestApplyingAgainstTheDraw(t *testing.T) {
	s := openShop(t, modeltest.Open(t))
	var told modeltest.Tally
	for round := range 10 {
		slot := s.drawSlot(6, 3, threeDays)
		s.apply(s.family(), slot)
		in := atomic.Int64{}
		in.Store(1)
		early, late := s.beside(slot.DrawAt.Add(-time.Millisecond)), s.beside(*slot.DrawAt)
		work := s.owedDraws(slot, *slot.DrawAt)[0]
		families := []family{s.family(), s.family(), s.family(), s.family(), s.family()}
		modeltest.Together(6, func(i int) {
			if i == 5 {
				dawdle(t, s.Service, slot.ID, 4*round)
				if err := late.Draw(context.Background(), work); err != nil {
					t.Error(err)
				}
				return
			}
			_, err := early.Apply(context.Background(), families[i].resident, fmt.Sprintf("apply-%04d", i), booking.Wish{SlotID: slot.ID, ChildID: families[i].child})
			told.Add(err)
			if err == nil {
				in.Add(1)
			}
		})
		s.settled(slot, int(in.Load()))
	}
	told.Among(t, "draw_closed")
	s.world.Sound()
}

// Families withdraw while the slot is drawn: whoever is told so is not in the draw; whoever is in it is told that too.
func TestWithdrawingAgainstTheDraw(t *testing.T) {
	s := openShop(t, modeltest.Open(t))
	var told modeltest.Tally
	for round := range 10 {
		slot := s.drawSlot(6, 1, threeDays)
		var families []family
		var applications []model.Application
		for range 4 {
			f := s.family()
			families, applications = append(families, f), append(applications, s.apply(f, slot))
		}
		late := s.beside(*slot.DrawAt)
		work := s.owedDraws(slot, *slot.DrawAt)[0]
		stay := atomic.Int64{}
		modeltest.Together(5, func(i int) {
			if i == 4 {
				dawdle(t, s.Service, slot.ID, round%5)
				if err := late.Draw(context.Background(), work); err != nil {
					t.Error(err)
				}
				return
			}
			_, err := s.Withdraw(context.Background(), families[i].resident, fmt.Sprintf("withdraw-%04d", i), applications[i].ID)
			told.Add(err)
			if err != nil {
				stay.Add(1)
			}
		})
		s.settled(slot, int(stay.Load()))
	}
	told.Among(t, "application_ended")
	s.world.Sound()
}

// The site calls a slot off while it is drawn, and children book another place at that time, and one leaves the house:
// whatever comes first, nothing is left half.
func TestEverythingAgainstTheDraw(t *testing.T) {
	s := openShop(t, modeltest.Open(t))
	accounts := accountsBeside(s.Service)
	var closed, told modeltest.Tally
	drawn := 0
	for round := range 12 {
		slot, other := s.drawSlot(6, 2, threeDays), s.world.AddSlot(6, 20)
		var families []family
		for range 4 {
			f := s.family()
			families = append(families, f)
			s.apply(f, slot)
		}
		late := s.beside(*slot.DrawAt)
		work := s.owedDraws(slot, *slot.DrawAt)[0]
		modeltest.Together(5, func(i int) {
			switch i {
			case 0:
				dawdle(t, s.Service, slot.ID, round%6)
				if _, err := s.CloseSlot(context.Background(), slot.ID, "停水", ""); round%2 == 0 {
					closed.Add(err)
				}
			case 1, 2:
				_, err := s.Book(context.Background(), families[i].resident, "elsewhere-1", booking.Wish{SlotID: other.ID, ChildID: families[i].child})
				told.Add(err)
			case 3:
				told.Add(accounts.Close(context.Background(), families[i].resident))
			case 4:
				if err := late.Draw(context.Background(), work); err != nil {
					t.Error(err)
				}
			}
		})
		if d, err := s.DrawOf(context.Background(), slot.ID); err != nil || d.Status == model.DrawOpen {
			t.Errorf("the draw is %s, %v", d.Status, err)
		} else if d.Status == model.DrawDrawn {
			drawn++
			s.verified(slot)
		}
		s.world.Sound()
	}
	closed.Among(t)
	told.Among(t)
	t.Logf("%d of 12 were drawn before they were called off", drawn)
}

// A server dies at every statement of a draw. What it did is undone or whole; another takes the work over and draws, once.
func TestServerDiesAtEveryStatementOfADraw(t *testing.T) {
	for name, v := range map[string]verdict{"before": dropAll, "after": cutAfter} {
		t.Run(name, func(t *testing.T) {
			far := newFar(t, nil)
			s := &shop{Service: far.Service, world: far.world, t: t, from: modeltest.Now()}
			s.Now = func() time.Time { return s.from.Add(time.Duration(s.ahead.Load())) }
			for k := int64(1); ; k++ {
				s.goTo(s.from)
				slot := s.drawSlot(6, 2, threeDays)
				for range 3 {
					s.apply(s.family(), slot)
				}
				s.goTo(*slot.DrawAt)
				work := s.owedDraws(slot, s.Now())[0]
				var seen atomic.Int64
				far.wire.let(func(st statement) verdict {
					if st.text == "" || seen.Add(1) != k {
						return pass
					}
					return v
				})
				_ = s.Draw(context.Background(), work) // what it says, nobody hears
				far.wire.let(nil)
				s.pass(2 * time.Minute) // its leases are over
				s.work()
				s.settled(slot, 3)
				s.counts(slot, 2, 0, 1)
				if seen.Load() < k {
					if k < 20 {
						t.Errorf("a draw has only %d statements", k-1)
					}
					break
				}
			}
			s.world.Sound()
		})
	}
}

// Over many draws nobody is drawn twice for one slot, and a child that wins at two places at one time is booked at one.
func TestOneChildInTwoDrawsAtOneTime(t *testing.T) {
	s := openShop(t, modeltest.Open(t))
	var slots []model.Slot
	for range 3 {
		slots = append(slots, s.drawSlot(6, 1, threeDays))
	}
	f := s.family()
	for _, slot := range slots {
		s.apply(f, slot)
	}
	s.goTo(*slots[0].DrawAt)
	modeltest.Together(3, func(int) { s.work() })
	s.work()
	booked := 0
	for _, slot := range slots {
		s.settled(slot, len(s.verified(slot).Order))
		if found, err := s.Store.FindSlot(context.Background(), slot.ID); err == nil {
			booked += found.Booked
		}
	}
	if held := liveBookings(t, s.Store, f.resident); booked != 1 || len(held) != 1 || !slices.ContainsFunc(slots, func(slot model.Slot) bool { return held[slot.ID].ID != "" }) {
		t.Errorf("booked %d places: %v", booked, held)
	}
	s.world.Sound()
}
