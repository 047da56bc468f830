package desk

import (
	"context"
	"errors"
	"time"

	"jiamenkou/model"
)

// Arrival is what staff state of a child that has come: who, by a code or by hand, and how it is. One of Code and BookingID
// is given.
type Arrival struct {
	Code        string `json:"code"`
	BookingID   string `json:"booking"`
	Temperature string `json:"temperature"`
	Remark      string `json:"remark"`
}

// checkedIn is the stored answer to a check-in; it holds nothing personal.
type checkedIn struct {
	BookingID string
}

// CheckIn notes that a child has come and gives what the carer must know. The same key again gives the same answer, also
// when the code has been used up by then.
func (s *Service) CheckIn(ctx context.Context, by model.OnDuty, key string, arrival Arrival) (Opened, error) {
	request := s.request(by.StaffID, key, "check_in", arrival)
	id := arrival.BookingID
	if arrival.Code != "" {
		found, err := s.bookingOf(ctx, arrival.Code)
		if err != nil {
			return s.unlessCheckedIn(ctx, by, request, err)
		}
		id = found
	}
	done, err := model.Once(ctx, s.Store, request, func(tx *model.Store) (checkedIn, error) {
		return checkedIn{id}, s.checkIn(ctx, tx, by, id, arrival, request.At)
	})
	if err != nil {
		return Opened{}, hidden(err, arrival)
	}
	s.dropCode(ctx, arrival.Code, done.BookingID)
	return s.Open(ctx, by, done.BookingID, AccessCheckIn)
}

// unlessCheckedIn gives a refusal, except to a request that was carried out before its code was used up.
func (s *Service) unlessCheckedIn(ctx context.Context, by model.OnDuty, request model.Request, refusal error) (Opened, error) {
	earlier, err := model.Answered[checkedIn](ctx, s.Store, request)
	switch {
	case err == nil:
		return s.Open(ctx, by, earlier.BookingID, AccessCheckIn)
	case errors.Is(err, model.ErrKeyReused):
		return Opened{}, err
	}
	return Opened{}, refusal
}

// hidden keeps a code of another site's booking from telling that it is one.
func hidden(err error, arrival Arrival) error {
	if arrival.Code != "" && errors.Is(err, model.ErrBookingNotFound) {
		return model.ErrCheckInCode
	}
	return err
}

// checkIn is the transaction's body: the child, then its booking, are locked, so that of two tablets one comes second and
// is told when the first was there.
func (s *Service) checkIn(ctx context.Context, tx *model.Store, by model.OnDuty, id string, arrival Arrival, now time.Time) error {
	b, _, err := findBooking(ctx, tx, by, id)
	if err != nil {
		return err
	}
	if _, err := tx.HoldChild(ctx, b.ChildID); err != nil {
		return err
	}
	if b, err = s.lockToCheckIn(ctx, tx, id, by.StaffID); err != nil {
		return err
	}
	policy, err := tx.FindPolicy(ctx, b.PolicyID)
	if err != nil {
		return err
	}
	from := b.Status
	if err := b.CheckIn(policy, now, s.Zone); err != nil {
		return err
	}
	if from == model.BookingNoShow {
		if err := s.mend(ctx, tx, b, by.StaffID, now); err != nil {
			return err
		}
	}
	return s.writeArrival(ctx, tx, by, b, from, arrival)
}

// lockToCheckIn locks the booking; one that was marked as not coming gave the child's time away, and its slot may have been
// called off since, so the slot is locked before it, after those the child waits for meanwhile, and all is judged anew.
func (s *Service) lockToCheckIn(ctx context.Context, tx *model.Store, id, staff string) (model.Booking, error) {
	b, err := tx.FindBooking(ctx, id) // again, behind the lock on the child: nobody marks it from here on
	if err != nil {
		return b, err
	}
	if b.Status != model.BookingNoShow {
		return tx.LockBooking(ctx, id)
	}
	if err := s.Lines.LeaveFor(ctx, tx, b, staff); err != nil {
		return b, err
	}
	slot, err := tx.LockSlot(ctx, b.SlotID)
	if err != nil {
		return b, err
	}
	if slot.Status == model.SlotCancelled {
		return b, model.ErrSlotClosed
	}
	return tx.LockBooking(ctx, id)
}

// mend takes back that the child did not come, and tells so.
func (s *Service) mend(ctx context.Context, tx *model.Store, b model.Booking, staff string, now time.Time) error {
	live, err := tx.ListLiveOf(ctx, b.ChildID, now)
	if err != nil {
		return err
	}
	for _, other := range live {
		if other.StartAt.Before(b.EndAt) && b.StartAt.Before(other.EndAt) {
			return model.ErrOverlap
		}
	}
	mark, found, err := tx.FindMarkOf(ctx, b.ID)
	if err != nil || !found {
		return err
	}
	mark, err = s.lift(ctx, tx, mark.ID, "孩子后来到了", staff, now)
	if errors.Is(err, model.ErrMarkLifted) {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.AddNotices(ctx, liftedNotice(b, mark, s.Zone))
}

func (s *Service) writeArrival(ctx context.Context, tx *model.Store, by model.OnDuty, b model.Booking, from model.BookingStatus, arrival Arrival) error {
	if err := tx.EndBooking(ctx, b, from); err != nil {
		return err
	}
	a := model.Attendance{
		ID: tx.NewID(), BookingID: b.ID, ChildID: b.ChildID, CheckedInAt: b.UpdatedAt, CheckedInBy: by.StaffID, ByCode: arrival.Code != "",
	}
	var err error
	if a.TemperatureSealed, err = model.Seal(s.Box, "attendances", "temperature_sealed", a.ID, arrival.Temperature); err != nil {
		return err
	}
	if a.RemarkSealed, err = model.Seal(s.Box, "attendances", "remark_sealed", a.ID, arrival.Remark); err != nil {
		return err
	}
	if err := tx.AddAttendance(ctx, a); err != nil {
		return err
	}
	if err := tx.AddEvents(ctx, changed(b, from, by.StaffID, "")); err != nil {
		return err
	}
	return tx.AddNotices(ctx, arrivedNotice(b, s.Zone))
}

// changed is the event of a booking at the door: by staff, or by the system when there is none.
func changed(b model.Booking, from model.BookingStatus, staff, reason string) model.Event {
	e := b.Changed(from, model.StaffOrSystem(staff), staff)
	e.Reason = reason
	return e
}
