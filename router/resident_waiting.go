package router

import (
	"context"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/booking"
)

type waitingView struct {
	ID             string     `json:"id"`
	Child          string     `json:"child_id"`
	Slot           string     `json:"slot_id"`
	Site           string     `json:"site_id"`
	SiteName       string     `json:"site_name"`
	Room           string     `json:"room"`
	ServiceName    string     `json:"service_name"`
	StartAt        time.Time  `json:"start_at"`
	EndAt          time.Time  `json:"end_at"`
	CutoffAt       time.Time  `json:"cutoff_at" doc:"候补到此为止"`
	Status         string     `json:"status" enum:"waiting,offered,accepted,declined,expired,left" doc:"候补中、已保留名额、已确认、已放弃、已过期、已退出"`
	Rank           int        `json:"rank" doc:"排在第几位；不在候补时为0"`
	OfferExpiresAt *time.Time `json:"offer_expires_at,omitempty" doc:"保留的名额请在此前确认"`
	Booking        string     `json:"booking_id,omitempty"`
	AcceptSelfPaid bool       `json:"accept_self_paid"`
	CreatedAt      time.Time  `json:"created_at"`
}

func (a *API) viewWaiting(w booking.Place) waitingView {
	v := waitingView{
		ID: w.ID, Child: w.ChildID, Slot: w.SlotID, Site: w.SiteID, SiteName: w.Site.Name, Room: w.Slot.Room, ServiceName: w.Service.Name,
		StartAt: w.StartAt.In(a.Zone), EndAt: w.EndAt.In(a.Zone), CutoffAt: w.Slot.CutoffAt.In(a.Zone), Status: string(w.Status), Rank: w.Rank,
		AcceptSelfPaid: w.AcceptSelfPaid, CreatedAt: w.CreatedAt.In(a.Zone),
	}
	if w.Status == model.WaitingOffered {
		v.OfferExpiresAt = a.local(w.OfferExpiresAt)
	}
	if w.BookingID != nil {
		v.Booking = *w.BookingID
	}
	return v
}

func (a *API) place(ctx context.Context, w model.WaitingEntry, err error) (*one[waitingView], error) {
	if err != nil {
		return nil, err
	}
	full, err := a.Booking.SeePlace(ctx, w)
	return shown(a.viewWaiting, full, err)
}

type waitInput struct {
	ByID
	Keyed
	Body struct {
		Child          string `json:"child_id" maxLength:"26" doc:"为哪个孩子候补"`
		AcceptSelfPaid bool   `json:"accept_self_paid,omitempty" doc:"轮到时如免费次数已用完，同意到场自费"`
	}
}

func (a *API) wait(ctx context.Context, in *waitInput) (*one[waitingView], error) {
	wish := booking.Wish{SlotID: in.ID, ChildID: in.Body.Child, AcceptSelfPaid: in.Body.AcceptSelfPaid}
	w, err := a.Booking.Wait(ctx, sessionOf(ctx).Resident, in.Key, wish)
	return a.place(ctx, w, err)
}

type waitingsInput struct {
	Page
	Live bool `query:"live" doc:"只看候补中和已保留名额的"`
}

func (a *API) listWaiting(ctx context.Context, in *waitingsInput) (*list[waitingView], error) {
	found, err := a.Booking.ListWaitingOf(ctx, sessionOf(ctx).Resident, in.Live, in.After, in.Limit)
	return listed(a.viewWaiting, found, err)
}

func (a *API) findWaiting(ctx context.Context, in *ByID) (*one[waitingView], error) {
	full, err := a.Booking.FindWaitingOf(ctx, sessionOf(ctx).Resident, in.ID)
	return shown(a.viewWaiting, full, err)
}

type acceptInput struct {
	ByID
	Keyed
	Body struct {
		AcceptSelfPaid bool `json:"accept_self_paid,omitempty" doc:"免费次数用完时，同意到场自费"`
	}
}

func (a *API) accept(ctx context.Context, in *acceptInput) (*one[bookingView], error) {
	b, err := a.Booking.Accept(ctx, sessionOf(ctx).Resident, in.Key, in.ID, in.Body.AcceptSelfPaid)
	return a.seen(ctx, b, err)
}

type leaveInput struct {
	ByID
	Keyed
}

func (a *API) leave(ctx context.Context, in *leaveInput) (*one[waitingView], error) {
	w, err := a.Booking.Leave(ctx, sessionOf(ctx).Resident, in.Key, in.ID)
	return a.place(ctx, w, err)
}
