package desk

import (
	"context"
	"time"

	"jiamenkou/model"
)

// Stay is a child's stay as far as it can be told without opening anything.
type Stay struct {
	BookingID      string
	Status         model.BookingStatus
	CheckedInAt    time.Time
	EndedAt        time.Time
	Ending         model.Ending
	PickupPersonID string
}

// HandOver notes that a child has been given to its guardian, or to one of its pick-up persons when one is named. It goes
// with nobody else. The same key again gives the same answer.
func (s *Service) HandOver(ctx context.Context, by model.OnDuty, key, id, pickupPerson string) (Stay, error) {
	asked := struct {
		ID   string `json:"id"`
		With string `json:"with"`
	}{id, pickupPerson}
	request := s.request(by.StaffID, key, "hand_over", asked)
	return model.Once(ctx, s.Store, request, func(tx *model.Store) (Stay, error) {
		return s.handOver(ctx, tx, by, id, pickupPerson, request.At)
	})
}

// handOver has the child locked, under which its pick-up persons change: one that is removed this moment is removed, or
// fetched the child before.
func (s *Service) handOver(ctx context.Context, tx *model.Store, by model.OnDuty, id, pickupPerson string, now time.Time) (Stay, error) {
	b, _, err := findBooking(ctx, tx, by, id)
	if err != nil {
		return Stay{}, err
	}
	if _, err := tx.HoldChild(ctx, b.ChildID); err != nil {
		return Stay{}, err
	}
	if b, err = tx.LockBooking(ctx, id); err != nil {
		return Stay{}, err
	}
	from := b.Status
	if err := b.HandOver(now, s.Zone); err != nil {
		return Stay{}, err
	}
	how := model.EndingGuardian
	if pickupPerson != "" {
		how = model.EndingPickupPerson
		if _, err := tx.FindPickupPerson(ctx, b.ChildID, pickupPerson); err != nil {
			return Stay{}, err
		}
	}
	return s.endStay(ctx, tx, b, from, how, pickupPerson, by.StaffID)
}

// endStay writes that the child went; staff is empty for the system.
func (s *Service) endStay(ctx context.Context, tx *model.Store, b model.Booking, from model.BookingStatus, how model.Ending, pickupPerson, staff string) (Stay, error) {
	if err := tx.EndBooking(ctx, b, from); err != nil {
		return Stay{}, err
	}
	a, found, err := tx.FindAttendance(ctx, b.ID)
	if err != nil {
		return Stay{}, err
	}
	if !found {
		return Stay{}, model.ErrNotCheckedIn
	}
	a.End(how, pickupPerson, staff, b.UpdatedAt)
	if err := tx.EndAttendance(ctx, a); err != nil {
		return Stay{}, err
	}
	if err := tx.AddEvents(ctx, changed(b, from, staff, endings[how])); err != nil {
		return Stay{}, err
	}
	return Stay{b.ID, b.Status, a.CheckedInAt, b.UpdatedAt, how, pickupPerson}, tx.AddNotices(ctx, leftNotice(b, how, s.Zone))
}

// endings are the words of the record.
var endings = map[model.Ending]string{
	model.EndingGuardian:     "交给家长",
	model.EndingPickupPerson: "交给接送人",
	model.EndingUnrecorded:   "没有登记接走",
}
