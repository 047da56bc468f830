package planning_test

import (
	"strings"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/fault"
	"jiamenkou/service/booking"
	"jiamenkou/service/planning"
)

func (s *scene) places(slotID string, n int) planning.Places {
	return planning.Places{SlotID: slotID, Capacity: n, Reason: "调整名额"}
}

// Up: what is new is owed to who waits. Down: as far as places are free.
func TestSetCapacity(t *testing.T) {
	onScenes(t, morning("2026-03-02"), func(t *testing.T, s *scene) {
		template := s.add(s.wish(3, func(w *planning.Template) { w.Capacity = 1 }))
		slot := s.slotsOf(template.ID)["2026-03-04"]
		s.book(slot.ID)
		resident, child := s.family()
		_, err := s.bookings.Wait(ctx, resident, s.key(), booking.Wish{SlotID: slot.ID, ChildID: child})
		s.must(err)
		counted, err := s.SetCapacity(ctx, s.by, "key-capacity", s.places(slot.ID, 3))
		if s.must(err); counted.Capacity != 3 || counted.Live != 1 || counted.Waiting != 1 {
			t.Errorf("it is %+v", counted)
		}
		if work := s.work(model.WorkPromote); len(work) != 1 || work[0].SubjectID != slot.ID {
			t.Errorf("owed is %+v", work)
		} else {
			s.must(s.bookings.Promote(ctx, work[0]))
		}
		if again, err := s.SetCapacity(ctx, s.by, "key-capacity", s.places(slot.ID, 3)); err != nil || again.Capacity != 3 {
			t.Errorf("the same key gave %+v, %v", again, err)
		}
		_, err = s.SetCapacity(ctx, s.by, s.key(), s.places(slot.ID, 1)) // one booked, one held
		s.wants("below what is taken", err, model.ErrCapacityTooSmall)
		if f := fault.Of(err); f == nil || !strings.Contains(f.Message, "共2人") {
			t.Errorf("it does not say how many are taken: %v", f)
		}
		counted, err = s.SetCapacity(ctx, s.by, s.key(), s.places(slot.ID, 2))
		if s.must(err); counted.Capacity != 2 || counted.Held != 1 {
			t.Errorf("it is %+v", counted)
		}
		_, err = s.SetCapacity(ctx, s.by, s.key(), s.places(slot.ID, -1))
		s.wants("minus one", err, model.ErrCapacityNegative)
		_, err = s.SetCapacity(ctx, s.by, s.key(), planning.Places{SlotID: slot.ID, Capacity: 2})
		s.wants("without a reason", err, model.ErrReasonInvalid)
		s.w.Sound()
		s.goTo(slot.StartAt)
		_, err = s.SetCapacity(ctx, s.by, s.key(), s.places(slot.ID, 9))
		s.wants("what has begun", err, model.ErrSessionOver)
		s.goTo(slot.StartAt.Add(-time.Hour))
		_, err = s.CloseSlot(ctx, s.by, s.key(), slot.ID, "老师生病")
		s.must(err)
		_, err = s.SetCapacity(ctx, s.by, s.key(), s.places(slot.ID, 9))
		s.wants("what is closed", err, model.ErrSlotClosed)
		s.w.Sound()
	})
}

// A session beside the plans has no plan to differ from.
func TestSetCapacityOfAnExtraSession(t *testing.T) {
	onScenes(t, morning("2026-03-02"), func(t *testing.T, s *scene) {
		o := s.decide(s.opening("2026-03-04"))
		counted, err := s.SetCapacity(ctx, s.by, s.key(), s.places(o.Slots[0].ID, 8))
		if s.must(err); counted.Capacity != 8 {
			t.Errorf("it is %+v", counted)
		}
		events, err := s.w.Store.ListEvents(ctx, o.Slots[0].ID)
		if s.must(err); len(events) != 2 || events[1].Subject != "slot_capacity" || events[1].FromState != "3" || events[1].ToState != "8" {
			t.Errorf("its events are %+v", events)
		}
	})
}
