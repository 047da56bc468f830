package booking_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/account"
	"jiamenkou/service/booking"
)

// shortSlots are n sessions of one day, one after the other, so that one child can have them all: in three days, or as
// many ahead as is said.
func shortSlots(w *modeltest.World, n, capacity int, ahead ...int) (slots []model.Slot) {
	const session = 20 * time.Minute
	day := append(ahead, 3)[0]
	for i := range n {
		slots = append(slots, w.AddSlot(day, capacity, func(s *model.Slot) {
			s.StartAt = w.Day(day).At(8, 0, w.Zone).UTC().Add(time.Duration(i) * session)
			s.EndAt, s.CutoffAt = s.StartAt.Add(session), s.StartAt.Add(-2*time.Hour)
		}))
	}
	return slots
}

// liveBookings gives what a resident holds, by slot.
func liveBookings(t testing.TB, s *model.Store, resident string) map[string]model.Booking {
	t.Helper()
	list, err := s.ListBookingsOf(context.Background(), resident, model.BookingFilter{LiveAt: modeltest.Now()}, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]model.Booking{}
	for _, b := range list {
		held[b.SlotID] = b
	}
	return held
}

// Every child tries twenty-four slots at once with twelve free sessions: exactly twelve are booked, never thirteen.
func TestAllowanceUnderARush(t *testing.T) {
	const wanted, granted = 24, 12
	for _, children := range []int{1, 64} {
		t.Run(fmt.Sprintf("%d children", children), func(t *testing.T) {
			s, w := newService(t, modeltest.Open(t))
			slots := shortSlots(w, wanted, children)
			residents, kids := make([]string, children), make([]string, children)
			for i := range children {
				residents[i], kids[i] = w.Family()
			}
			var told modeltest.Tally
			modeltest.Together(children*wanted, func(i int) {
				who, slot := i%children, i/children
				wish := booking.Wish{SlotID: slots[slot].ID, ChildID: kids[who]}
				_, err := s.Book(context.Background(), residents[who], fmt.Sprintf("rush-%04d", slot), wish)
				told.Add(err)
			})
			told.Exactly(t, map[string]int{"ok": children * granted, "allowance_used_up": children * (wanted - granted)})
			for i := range children {
				held, err := s.AllowanceOf(context.Background(), residents[i], kids[i], slots[0].Date)
				if live := len(liveBookings(t, s.Store, residents[i])); err != nil || held.Used != granted || live != granted {
					t.Errorf("child %d: used %d, holds %d, %v; want %d", i, held.Used, live, err, granted)
				}
			}
			w.Sound()
		})
	}
}

// guardian books and cancels at random and remembers what it was told.
type guardian struct {
	resident, child string
	held            map[string]model.Booking // by slot
	steps           int
}

func (g *guardian) step(s *booking.Service, slots []model.Slot, chance *rand.Rand) error {
	g.steps++
	key, slot := fmt.Sprintf("step-%04d", g.steps), slots[chance.IntN(len(slots))].ID
	if b, holds := g.held[slot]; holds {
		_, err := s.Cancel(context.Background(), g.resident, key, b.ID, "")
		if err == nil || errors.Is(err, model.ErrBookingEnded) {
			delete(g.held, slot)
		}
		return err
	}
	b, err := s.Book(context.Background(), g.resident, key, booking.Wish{SlotID: slot, ChildID: g.child})
	if err == nil {
		g.held[slot] = b
	}
	return err
}

// Guardians book and cancel while the site closes half of the slots, two hands at a time.
func TestBookingAgainstCancellingAgainstClosing(t *testing.T) {
	const guardians, steps, shut = 32, 24, 4
	s, w := newService(t, modeltest.Open(t))
	slots := shortSlots(w, 2*shut, guardians/4)
	families := make([]*guardian, guardians)
	for i := range families {
		families[i] = &guardian{held: map[string]model.Booking{}}
		families[i].resident, families[i].child = w.Family()
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var told, closing modeltest.Tally
	var done atomic.Int64
	reached := make([]chan struct{}, shut) // closed when it is that slot's turn to be closed
	for i := range reached {
		reached[i] = make(chan struct{})
	}
	var closers sync.WaitGroup
	for i := range 2 * shut {
		closers.Go(func() {
			<-reached[i/2]
			_, err := s.CloseSlot(context.Background(), slots[i/2].ID, "老师生病", "")
			closing.Add(err)
		})
	}
	modeltest.Together(guardians, func(i int) {
		chance := rand.New(rand.NewPCG(seed, uint64(i)))
		for range steps {
			told.Add(families[i].step(s, slots, chance))
			if n := done.Add(1); n%(guardians*steps/(shut+1)) == 0 && int(n) <= guardians*steps*shut/(shut+1) {
				close(reached[int(n)/(guardians*steps/(shut+1))-1])
			}
		}
	})
	closers.Wait()
	told.Among(t, "slot_full", "slot_closed", "booking_ended", "allowance_used_up")
	closing.Exactly(t, map[string]int{"ok": shut, "slot_closed": shut})
	for i, g := range families {
		g.agrees(t, s.Store, i, slots[:shut])
	}
	w.Sound()
}

// agrees fails the test unless the house has the guardian's bookings as the guardian was told, less those in slots
// that the site has closed.
func (g *guardian) agrees(t *testing.T, s *model.Store, number int, closed []model.Slot) {
	t.Helper()
	for _, slot := range closed {
		b, held := g.held[slot.ID]
		if !held {
			continue
		}
		if now, err := s.FindBookingOf(context.Background(), g.resident, b.ID); err != nil || now.Status != model.BookingSiteCancelled {
			t.Errorf("guardian %d: booking in a closed slot: %s, %v", number, now.Status, err)
		}
		delete(g.held, slot.ID)
	}
	live := liveBookings(t, s, g.resident)
	for slot, b := range g.held {
		if live[slot].ID != b.ID {
			t.Errorf("guardian %d was told of %s in slot %s, the house has %q", number, b.ID, slot, live[slot].ID)
		}
	}
	if len(live) != len(g.held) {
		t.Errorf("guardian %d was told of %d bookings, the house has %d", number, len(g.held), len(live))
	}
}

// An empty slot can be closed as well, and once only.
func TestClosingAnEmptySlot(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		s, w := newService(t, store)
		slot := w.AddSlot(3, 2)
		if closed, err := s.CloseSlot(context.Background(), slot.ID, "停水", ""); err != nil || len(closed) != 0 {
			t.Fatalf("closed %v, %v", closed, err)
		}
		if _, err := s.CloseSlot(context.Background(), slot.ID, "停水", ""); !errors.Is(err, model.ErrSlotClosed) {
			t.Errorf("closing it again: %v", err)
		}
		if _, err := s.CloseSlot(context.Background(), store.NewID(), "停水", ""); !errors.Is(err, model.ErrSlotNotFound) {
			t.Errorf("closing what is not there: %v", err)
		}
		w.Sound()
	})
}

// One request sent sixteen times at once is carried out once; every try hears of that one booking, or that another
// try is on its way.
func TestSameKeySixteenTimesAtOnce(t *testing.T) {
	const tries = 16
	s, w := newService(t, modeltest.Open(t))
	for _, slot := range shortSlots(w, 6, tries) {
		resident, child := w.Family()
		var told modeltest.Tally
		answers := make([]model.Booking, tries)
		modeltest.Together(tries, func(i int) {
			var err error
			answers[i], err = s.Book(context.Background(), resident, "same-key-1", booking.Wish{SlotID: slot.ID, ChildID: child})
			if err != nil {
				answers[i] = model.Booking{}
			}
			told.Add(err)
		})
		told.Among(t, "idempotency_in_progress")
		held := liveBookings(t, s.Store, resident)
		for i, b := range answers {
			if b.ID != "" && b.ID != held[slot.ID].ID {
				t.Errorf("try %d was told of booking %s, the house has %s", i, b.ID, held[slot.ID].ID)
			}
		}
		if len(held) != 1 {
			t.Errorf("%d bookings came of one request", len(held))
		}
	}
	w.Sound()
}

// The same for a request that is refused: nothing is stored, everyone hears the refusal.
func TestSameKeySixteenTimesAtOnceOnAFullAllowance(t *testing.T) {
	s, w := newService(t, modeltest.Open(t))
	resident, child := w.Family()
	slots := shortSlots(w, 13, 2)
	for i, slot := range slots[:12] {
		if _, err := s.Book(context.Background(), resident, fmt.Sprintf("before-%02d", i), booking.Wish{SlotID: slot.ID, ChildID: child}); err != nil {
			t.Fatal(err)
		}
	}
	var told modeltest.Tally
	modeltest.Together(16, func(int) {
		_, err := s.Book(context.Background(), resident, "same-key-2", booking.Wish{SlotID: slots[12].ID, ChildID: child})
		told.Add(err)
	})
	if told.Told()["allowance_used_up"] == 0 || told.Told()["allowance_used_up"]+told.Told()["idempotency_in_progress"] != 16 {
		t.Errorf("told %v", told.Told())
	}
	w.Sound()
}

// One key for two things at once: one of them is carried out, the other is refused as the key's second meaning.
func TestSameKeyForTwoThingsAtOnce(t *testing.T) {
	s, w := newService(t, modeltest.Open(t))
	slots := shortSlots(w, 2, 8)
	for range 6 {
		resident, child := w.Family()
		var told modeltest.Tally
		modeltest.Together(8, func(i int) {
			_, err := s.Book(context.Background(), resident, "same-key-3", booking.Wish{SlotID: slots[i%2].ID, ChildID: child})
			told.Add(err)
		})
		told.Among(t, "idempotency_in_progress", "idempotency_key_reused")
		if held := liveBookings(t, s.Store, resident); len(held) != 1 {
			t.Errorf("%d bookings came of one key", len(held))
		}
	}
	w.Sound()
}

// Two hands cancel one booking: one gives the place back, the other hears that it has ended; with one key both hear
// the same answer.
func TestTwoCancelOneBooking(t *testing.T) {
	s, w := newService(t, modeltest.Open(t))
	var apart, alike modeltest.Tally
	for i, slot := range shortSlots(w, 12, 4) {
		resident, child := w.Family()
		booked, err := s.Book(context.Background(), resident, "book-00001", booking.Wish{SlotID: slot.ID, ChildID: child})
		if err != nil {
			t.Fatal(err)
		}
		modeltest.Together(2, func(hand int) {
			if i%2 == 0 {
				_, err := s.Cancel(context.Background(), resident, fmt.Sprintf("hand-%04d", hand), booked.ID, "")
				apart.Add(err)
				return
			}
			ended, err := s.Cancel(context.Background(), resident, "both-hands", booked.ID, "")
			if err == nil && ended.Status != model.BookingCancelled {
				t.Errorf("cancelled as %s", ended.Status)
			}
			alike.Add(err)
		})
		if held, err := s.AllowanceOf(context.Background(), resident, child, slot.Date); err != nil || held.Used != 0 {
			t.Errorf("allowance after both: %d, %v", held.Used, err)
		}
	}
	apart.Exactly(t, map[string]int{"ok": 6, "booking_ended": 6})
	alike.Among(t, "idempotency_in_progress")
	w.Sound()
}

// A child cannot be at two sites at one time, however closely the requests race.
func TestOverlapAcrossTwoSites(t *testing.T) {
	s, w := newService(t, modeltest.Open(t))
	here := w.AddSlot(3, 64)
	other, carer := w.AddSite("310104011", "另一个示例宝宝屋", model.Point{Latitude: 31.1759, Longitude: 121.4211})
	later := func(by time.Duration) func(*model.Slot) {
		return func(slot *model.Slot) {
			slot.SiteID, slot.CarerID = other.ID, carer.ID
			slot.StartAt, slot.EndAt = slot.StartAt.Add(by), slot.EndAt.Add(by)
		}
	}
	slots := []model.Slot{here, w.AddSlot(3, 64, later(0)), w.AddSlot(3, 64, later(149*time.Minute))}
	var told modeltest.Tally
	for range 12 {
		resident, child := w.Family()
		modeltest.Together(2, func(i int) {
			_, err := s.Book(context.Background(), resident, fmt.Sprintf("site-%04d", i), booking.Wish{SlotID: slots[i].ID, ChildID: child})
			told.Add(err)
		})
		modeltest.Together(2, func(i int) {
			_, err := s.Book(context.Background(), resident, fmt.Sprintf("site-%04d", 2+i), booking.Wish{SlotID: slots[2].ID, ChildID: child})
			told.Add(err)
		})
	}
	// A morning here and a morning there exclude each other; the late morning there overlaps both by a minute.
	told.Exactly(t, map[string]int{"ok": 12, "booking_overlap": 36})
	w.Sound()
}

// noSessions stands in for the sessions of people who never signed in.
type noSessions struct{ account.Sessions }

func (noSessions) EndAll(context.Context, string, string) (int, error) { return 0, nil }

func accountsBeside(s *booking.Service) *account.Service {
	return &account.Service{
		Store: s.Store, Box: s.Box, Sessions: noSessions{}, Bookings: s, Now: s.Now, Zone: s.Zone,
		Log: slog.New(slog.DiscardHandler), MaxChildren: 6,
	}
}

// A child is removed while a place is booked for it: either the child stays with its place, or it is gone and has none.
func TestRemovingAChildAgainstBooking(t *testing.T) {
	s, w := newService(t, modeltest.Open(t))
	accounts := accountsBeside(s)
	slots := shortSlots(w, 3, 64)
	var booked, removed modeltest.Tally
	for round := range 16 {
		resident, child := w.Family()
		modeltest.Together(4, func(i int) {
			if i == 3 {
				dawdle(t, s, slots[0].ID, round)
				removed.Add(accounts.RemoveChild(context.Background(), resident, child))
				return
			}
			_, err := s.Book(context.Background(), resident, fmt.Sprintf("remove-%04d", i), booking.Wish{SlotID: slots[i].ID, ChildID: child})
			booked.Add(err)
		})
		_, err := s.Store.FindChildOf(context.Background(), resident, child)
		gone, holds := errors.Is(err, model.ErrChildNotFound), len(liveBookings(t, s.Store, resident))
		if gone == (holds > 0) {
			t.Errorf("the child is gone: %t, and holds %d places (%v)", gone, holds, err)
		}
	}
	booked.Among(t, "child_not_found")
	removed.Among(t, "child_has_bookings")
	w.Sound()
}

// dawdle takes as long as so many reads: a removal asks much less of the database than a booking, and would win every
// race.
func dawdle(t *testing.T, s *booking.Service, slot string, reads int) {
	for range reads {
		if _, err := s.FindSlot(context.Background(), slot); err != nil {
			t.Error(err)
		}
	}
}

// An account is closed while places are booked and cancelled for its child and the site closes a slot. A booking that
// slips in stops the closing half-way, and asking again finishes it; nobody who is gone holds a place.
func TestClosingAnAccountAgainstBooking(t *testing.T) {
	s, w := newService(t, modeltest.Open(t))
	accounts := accountsBeside(s)
	var told, closed modeltest.Tally
	for range 12 {
		slots := shortSlots(w, 4, 8)
		resident, child := w.Family()
		first, err := s.Book(context.Background(), resident, "leave-first", booking.Wish{SlotID: slots[3].ID, ChildID: child})
		if err != nil {
			t.Fatal(err)
		}
		modeltest.Together(6, func(i int) {
			var err error
			switch i {
			case 3:
				_, err = s.Cancel(context.Background(), resident, "leave-cancel", first.ID, "")
			case 4:
				_, err = s.CloseSlot(context.Background(), slots[0].ID, "停水", "")
			case 5:
				err = accounts.Close(context.Background(), resident)
				closed.Add(err)
				if err == nil {
					wantGone(t, s, resident, child)
				}
				return
			default:
				_, err = s.Book(context.Background(), resident, fmt.Sprintf("leave-%04d", i), booking.Wish{SlotID: slots[i].ID, ChildID: child})
			}
			told.Add(err)
		})
		closed.Add(accounts.Close(context.Background(), resident))
		wantGone(t, s, resident, child)
	}
	told.Among(t, "child_not_found", "booking_ended", "slot_closed")
	closed.Among(t, "child_has_bookings")
	w.Sound()
}

func wantGone(t *testing.T, s *booking.Service, resident, child string) {
	t.Helper()
	if _, err := s.Store.FindChildOf(context.Background(), resident, child); !errors.Is(err, model.ErrChildNotFound) {
		t.Errorf("the account is closed and its child still there: %v", err)
	}
	if holds := liveBookings(t, s.Store, resident); len(holds) != 0 {
		t.Errorf("who is gone holds %d places", len(holds))
	}
}
