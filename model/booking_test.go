package model_test

import (
	"testing"
	"time"

	"jiamenkou/model"
)

func TestBookingCancel(t *testing.T) {
	start, free := instant("2026-11-24T01:00:00Z"), instant("2026-11-23T13:00:00Z")
	for _, c := range []struct {
		name string
		from model.BookingStatus
		now  time.Time
		to   model.BookingStatus
		why  error
	}{
		{"long before", model.BookingConfirmed, free.AddDate(0, 0, -9), model.BookingCancelled, nil},
		{"at the last free moment", model.BookingConfirmed, free, model.BookingCancelled, nil},
		{"a millisecond later", model.BookingConfirmed, free.Add(time.Millisecond), model.BookingLateCancelled, nil},
		{"a millisecond before the start", model.BookingConfirmed, start.Add(-time.Millisecond), model.BookingLateCancelled, nil},
		{"at the start", model.BookingConfirmed, start, model.BookingConfirmed, model.ErrBookingStarted},
		{"checked in", model.BookingCheckedIn, free, model.BookingCheckedIn, model.ErrBookingEnded},
		{"completed", model.BookingCompleted, free, model.BookingCompleted, model.ErrBookingEnded},
		{"cancelled before", model.BookingCancelled, free, model.BookingCancelled, model.ErrBookingEnded},
		{"cancelled late before", model.BookingLateCancelled, free, model.BookingLateCancelled, model.ErrBookingEnded},
		{"cancelled by the site", model.BookingSiteCancelled, free, model.BookingSiteCancelled, model.ErrBookingEnded},
		{"not shown up", model.BookingNoShow, free, model.BookingNoShow, model.ErrBookingEnded},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := model.Booking{Status: c.from, StartAt: start, FreeCancelUntil: free}
			wantErr(t, b.Cancel("孩子感冒", c.now), c.why)
			if b.Status != c.to {
				t.Errorf("it is %s, want %s", b.Status, c.to)
			}
			if told := b.CancelReason == "孩子感冒" && b.UpdatedAt.Equal(c.now); told != (c.why == nil) {
				t.Errorf("reason %q at %v", b.CancelReason, b.UpdatedAt)
			}
		})
	}
}

func TestReturnsAllowance(t *testing.T) {
	strict := model.ServicePolicy{LateCancelDebits: true}
	for _, c := range []struct {
		status model.BookingStatus
		policy model.ServicePolicy
		units  int
	}{
		{model.BookingCancelled, model.ServicePolicy{}, 150},
		{model.BookingCancelled, strict, 150},
		{model.BookingLateCancelled, model.ServicePolicy{}, 150},
		{model.BookingLateCancelled, strict, 0},
		{model.BookingSiteCancelled, strict, 150},
	} {
		b := model.Booking{Status: c.status, AllowanceUnits: 150}
		if got := b.ReturnsAllowance(c.policy); got != c.units {
			t.Errorf("%s gives %d back, want %d", c.status, got, c.units)
		}
	}
}

func TestCheckRoom(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 11, 24, hour, 0, 0, 0, time.UTC) }
	booked := func(slot string, from, to int) model.Booking {
		return model.Booking{SlotID: slot, StartAt: at(from), EndAt: at(to), Status: model.BookingConfirmed}
	}
	wanted := model.Slot{ID: "wanted", StartAt: at(10), EndAt: at(12)}
	for _, c := range []struct {
		name string
		live []model.Booking
		most int
		want error
	}{
		{"nothing booked", nil, 20, nil},
		{"the same slot", []model.Booking{booked("wanted", 10, 12)}, 20, model.ErrAlreadyBooked},
		{"the same time elsewhere", []model.Booking{booked("other", 10, 12)}, 20, model.ErrOverlap},
		{"touching before", []model.Booking{booked("other", 8, 10)}, 20, nil},
		{"touching after", []model.Booking{booked("other", 12, 14)}, 20, nil},
		{"overlapping the beginning", []model.Booking{booked("other", 9, 11)}, 20, model.ErrOverlap},
		{"overlapping the end", []model.Booking{booked("other", 11, 13)}, 20, model.ErrOverlap},
		{"inside", []model.Booking{booked("other", 10, 11)}, 20, model.ErrOverlap},
		{"around", []model.Booking{booked("other", 9, 13)}, 20, model.ErrOverlap},
		{"the second of two", []model.Booking{booked("one", 8, 10), booked("two", 11, 12)}, 20, model.ErrOverlap},
		{"below the limit", []model.Booking{booked("one", 8, 10)}, 2, nil},
		{"at the limit", []model.Booking{booked("one", 8, 10), booked("two", 12, 14)}, 2, model.ErrTooManyBookings},
		{"at the limit and the same slot", []model.Booking{booked("wanted", 10, 12)}, 1, model.ErrAlreadyBooked},
	} {
		t.Run(c.name, func(t *testing.T) { wantErr(t, model.CheckRoom(c.live, wanted, c.most), c.want) })
	}
}

func TestLive(t *testing.T) {
	live := map[model.BookingStatus]bool{}
	for _, status := range model.LiveBookings {
		live[status] = true
	}
	for _, status := range []model.BookingStatus{
		model.BookingConfirmed, model.BookingCheckedIn, model.BookingCompleted, model.BookingCancelled,
		model.BookingLateCancelled, model.BookingSiteCancelled, model.BookingNoShow,
	} {
		if got := (model.Booking{Status: status}).Live(); got != live[status] {
			t.Errorf("%s: %v", status, got)
		}
	}
}
