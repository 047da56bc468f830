package router

import (
	"context"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/booking"
)

// wishForForm is what staff ask for in a guardian's stead: a place, a turn on a waiting list, a part in a draw.
type wishForForm struct {
	Resident       string `json:"resident_id" maxLength:"26"`
	Child          string `json:"child_id" maxLength:"26"`
	AcceptSelfPaid bool   `json:"accept_self_paid,omitempty" doc:"免费次数用完时，家长同意到场自费"`
	Override       string `json:"override_reason,omitempty" maxLength:"200" doc:"破例的理由，只管这一步。写明后，预约不看开放和截止时间、月龄、失约和未结束预约数，候补和报名不看月龄、失约和候补数；名额、次序、时间冲突、免费次数和协议不能破例"`
}

type bookForInput struct {
	ByID
	Keyed
	Body wishForForm
}

func (in *bookForInput) wish() booking.Wish {
	return booking.Wish{SlotID: in.ID, ChildID: in.Body.Child, AcceptSelfPaid: in.Body.AcceptSelfPaid}
}

func (a *API) bookFor(ctx context.Context, in *bookForInput) (*one[bookingView], error) {
	b, err := a.Booking.BookFor(ctx, dutyOf(ctx), in.Key, in.Body.Resident, in.wish(), in.Body.Override)
	return a.seen(ctx, b, err)
}

func (a *API) waitFor(ctx context.Context, in *bookForInput) (*one[waitingView], error) {
	w, err := a.Booking.WaitFor(ctx, dutyOf(ctx), in.Key, in.Body.Resident, in.wish(), in.Body.Override)
	return a.place(ctx, w, err)
}

func (a *API) applyFor(ctx context.Context, in *bookForInput) (*one[applicationView], error) {
	p, err := a.Booking.ApplyFor(ctx, dutyOf(ctx), in.Key, in.Body.Resident, in.wish(), in.Body.Override)
	return a.appliedFor(ctx, p, err)
}

type acceptForInput struct {
	ByID
	Keyed
	Body struct {
		AcceptSelfPaid bool   `json:"accept_self_paid,omitempty" doc:"免费次数用完时，家长同意到场自费"`
		Override       string `json:"override_reason,omitempty" maxLength:"200" doc:"破例的理由。写明后不看月龄、失约和未结束预约数；保留的期限不能破例"`
	}
}

func (a *API) acceptFor(ctx context.Context, in *acceptForInput) (*one[bookingView], error) {
	b, err := a.Booking.AcceptFor(ctx, dutyOf(ctx), in.Key, in.ID, in.Body.AcceptSelfPaid, in.Body.Override)
	return a.seen(ctx, b, err)
}

func (a *API) leaveFor(ctx context.Context, in *leaveInput) (*one[waitingView], error) {
	w, err := a.Booking.LeaveLineFor(ctx, dutyOf(ctx), in.Key, in.ID)
	return a.place(ctx, w, err)
}

func (a *API) withdrawFor(ctx context.Context, in *withdrawalInput) (*one[applicationView], error) {
	p, err := a.Booking.WithdrawFor(ctx, dutyOf(ctx), in.Key, in.ID)
	return a.appliedFor(ctx, p, err)
}

type moveForInput struct {
	ByID
	Keyed
	Body struct {
		Slot           string `json:"slot_id" maxLength:"26" doc:"改到哪个时段"`
		AcceptSelfPaid bool   `json:"accept_self_paid,omitempty" doc:"免费次数用完时，家长同意到场自费"`
		Override       string `json:"override_reason,omitempty" maxLength:"200" doc:"破例的理由，与替人预约相同，只管新的时段"`
	}
}

func (a *API) moveFor(ctx context.Context, in *moveForInput) (*one[bookingView], error) {
	wish := booking.Wish{SlotID: in.Body.Slot, AcceptSelfPaid: in.Body.AcceptSelfPaid}
	b, err := a.Booking.MoveFor(ctx, dutyOf(ctx), in.Key, in.ID, wish, in.Body.Override)
	return a.seen(ctx, b, err)
}

type underWayView struct {
	Bookings     []bookingView     `json:"bookings" nullable:"false" doc:"还没有开始的，时段早的在前"`
	Waiting      []waitingView     `json:"waiting" nullable:"false" doc:"候补中和已保留名额的"`
	Applications []applicationView `json:"applications" nullable:"false" doc:"还没有摇号的报名"`
}

func (a *API) underWay(ctx context.Context, in *ByID) (*one[underWayView], error) {
	u, err := a.Booking.UnderWayWithin(ctx, dutyOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &one[underWayView]{underWayView{
		each(u.Bookings, a.viewBooking), each(u.Waiting, a.viewWaiting), each(u.Applications, a.viewApplication),
	}}, nil
}

func (a *API) cancelFor(ctx context.Context, in *cancelInput) (*one[bookingView], error) {
	b, err := a.Booking.CancelFor(ctx, dutyOf(ctx), in.Key, in.ID, in.Body.Reason)
	return a.seen(ctx, b, err)
}

type lineView struct {
	ID             string     `json:"id"`
	Turn           int        `json:"turn" doc:"候补序号，先到先得"`
	Status         string     `json:"status" enum:"waiting,offered"`
	OfferExpiresAt *time.Time `json:"offer_expires_at,omitempty"`
	CreatedAt      time.Time  `json:"created_at"`
}

func (a *API) lineOf(ctx context.Context, in *ByID) (*list[lineView], error) {
	found, err := a.Booking.LineOf(ctx, dutyOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return listOf(each(found, func(w model.WaitingEntry) lineView {
		return lineView{w.ID, w.Turn, string(w.Status), a.local(w.OfferExpiresAt), w.CreatedAt.In(a.Zone)}
	})), nil
}
