package router

import (
	"context"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/booking"
)

type bookForInput struct {
	ByID
	Keyed
	Body struct {
		Resident       string `json:"resident_id" maxLength:"26"`
		Child          string `json:"child_id" maxLength:"26"`
		AcceptSelfPaid bool   `json:"accept_self_paid,omitempty" doc:"免费次数用完时，家长同意到场自费"`
		Override       string `json:"override_reason,omitempty" maxLength:"200" doc:"破例的理由。写明后不看开放和截止时间、月龄、失约和未结束预约数；名额、时间冲突、免费次数和协议不能破例"`
	}
}

func (a *API) bookFor(ctx context.Context, in *bookForInput) (*one[bookingView], error) {
	wish := booking.Wish{SlotID: in.ID, ChildID: in.Body.Child, AcceptSelfPaid: in.Body.AcceptSelfPaid}
	b, err := a.Booking.BookFor(ctx, dutyOf(ctx), in.Key, in.Body.Resident, wish, in.Body.Override)
	return a.seen(ctx, b, err)
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
