package router

import (
	"context"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/booking"
)

type bookingView struct {
	ID              string    `json:"id"`
	Child           string    `json:"child_id"`
	Slot            string    `json:"slot_id"`
	Site            string    `json:"site_id"`
	SiteName        string    `json:"site_name"`
	Address         string    `json:"address"`
	Room            string    `json:"room"`
	ServiceName     string    `json:"service_name"`
	StartAt         time.Time `json:"start_at"`
	EndAt           time.Time `json:"end_at"`
	Status          string    `json:"status" enum:"confirmed,checked_in,completed,cancelled,late_cancelled,site_cancelled,no_show"`
	FreeCancelUntil time.Time `json:"free_cancel_until"`
	Payment         string    `json:"payment" enum:"allowance,free,self_paid" doc:"用免费次数、服务免费、或到场自费"`
	AllowanceUnits  int       `json:"allowance_units" doc:"用掉的免费次数（按次）或分钟数"`
	PriceCents      int       `json:"price_cents" doc:"到场自费的金额，分"`
	PolicyVersion   int       `json:"policy_version" doc:"预约时的规则版本"`
	CancelReason    string    `json:"cancel_reason" doc:"居民取消时为所选原因；宝宝屋取消时为给家长的说明"`
	MovedFrom       string    `json:"moved_from,omitempty" doc:"由哪个预约改期而来"`
	CreatedAt       time.Time `json:"created_at"`
}

func (a *API) viewBooking(b booking.Seen) bookingView {
	v := bookingView{
		ID: b.ID, Child: b.ChildID, Slot: b.SlotID, Site: b.SiteID, SiteName: b.Site.Name, Address: b.Site.Address,
		Room: b.Slot.Room, ServiceName: b.Service.Name, StartAt: b.StartAt.In(a.Zone), EndAt: b.EndAt.In(a.Zone),
		Status: string(b.Status), FreeCancelUntil: b.FreeCancelUntil.In(a.Zone), Payment: string(b.Payment),
		AllowanceUnits: b.AllowanceUnits, PriceCents: b.PriceCents, PolicyVersion: b.PolicyVersion,
		CancelReason: b.CancelReason, CreatedAt: b.CreatedAt.In(a.Zone),
	}
	if b.MovedFrom != nil {
		v.MovedFrom = *b.MovedFrom
	}
	return v
}

// seen finishes an answer about one booking; stored answers come out the same way as fresh ones.
func (a *API) seen(ctx context.Context, b model.Booking, err error) (*one[bookingView], error) {
	if err != nil {
		return nil, err
	}
	full, err := a.Booking.See(ctx, b)
	return shown(a.viewBooking, full, err)
}

type bookInput struct {
	ByID
	Keyed
	Body struct {
		Child          string `json:"child_id" maxLength:"26" doc:"为哪个孩子预约"`
		AcceptSelfPaid bool   `json:"accept_self_paid,omitempty" doc:"免费次数用完时，同意到场自费"`
	}
}

func (a *API) book(ctx context.Context, in *bookInput) (*one[bookingView], error) {
	wish := booking.Wish{SlotID: in.ID, ChildID: in.Body.Child, AcceptSelfPaid: in.Body.AcceptSelfPaid}
	b, err := a.Booking.Book(ctx, sessionOf(ctx).Resident, in.Key, wish)
	return a.seen(ctx, b, err)
}

type cancelInput struct {
	ByID
	Keyed
	Body struct {
		Reason string `json:"reason,omitempty" enum:"unwell,plans_changed,mistake,other" doc:"原因，可不填：身体不适、计划有变、约错了、其他。只能选，不能写，免得留下孩子的病情"`
	}
}

func (a *API) cancelBooking(ctx context.Context, in *cancelInput) (*one[bookingView], error) {
	b, err := a.Booking.Cancel(ctx, sessionOf(ctx).Resident, in.Key, in.ID, in.Body.Reason)
	return a.seen(ctx, b, err)
}

type severalInput struct {
	Keyed
	Body struct {
		Child          string   `json:"child_id" maxLength:"26" doc:"为哪个孩子预约"`
		Slots          []string `json:"slot_ids" minItems:"1" maxItems:"100" nullable:"false" doc:"要预约的时段"`
		Mode           string   `json:"mode,omitempty" enum:"all,available" default:"all" doc:"all 要么都约上、要么都不约；available 能约几个约几个，时间早的优先"`
		AcceptSelfPaid bool     `json:"accept_self_paid,omitempty" doc:"免费次数用完时，同意到场自费"`
	}
}

type refusedView struct {
	Slot   string `json:"slot_id"`
	Code   string `json:"code" doc:"与单独预约这个时段时的错误码相同"`
	Detail string `json:"detail"`
}

type severalOutput struct {
	Body struct {
		Bookings []bookingView `json:"bookings" nullable:"false"`
		Refused  []refusedView `json:"refused" nullable:"false" doc:"没有约上的时段和原因"`
	}
}

func (a *API) bookSeveral(ctx context.Context, in *severalInput) (*severalOutput, error) {
	done, err := a.Booking.BookSeveral(ctx, sessionOf(ctx).Resident, in.Key, booking.Wishes{
		SlotIDs: in.Body.Slots, ChildID: in.Body.Child, All: in.Body.Mode != "available", AcceptSelfPaid: in.Body.AcceptSelfPaid,
	})
	if err != nil {
		return nil, err
	}
	full, err := a.Booking.SeeAll(ctx, done.Bookings)
	if err != nil {
		return nil, err
	}
	out := &severalOutput{}
	out.Body.Bookings = each(full, a.viewBooking)
	out.Body.Refused = each(done.Refused, func(r booking.Refusal) refusedView { return refusedView{r.SlotID, r.Code, r.Message} })
	return out, nil
}

type moveInput struct {
	ByID
	Keyed
	Body struct {
		Slot           string `json:"slot_id" maxLength:"26" doc:"改到哪个时段"`
		AcceptSelfPaid bool   `json:"accept_self_paid,omitempty" doc:"免费次数用完时，同意到场自费"`
	}
}

func (a *API) moveBooking(ctx context.Context, in *moveInput) (*one[bookingView], error) {
	wish := booking.Wish{SlotID: in.Body.Slot, AcceptSelfPaid: in.Body.AcceptSelfPaid}
	b, err := a.Booking.Move(ctx, sessionOf(ctx).Resident, in.Key, in.ID, wish)
	return a.seen(ctx, b, err)
}

type bookingsInput struct {
	Page
	Child string `query:"child" maxLength:"26" doc:"只看这个孩子的"`
	Live  bool   `query:"live" doc:"只看未结束的"`
}

func (a *API) listBookings(ctx context.Context, in *bookingsInput) (*list[bookingView], error) {
	filter := model.BookingFilter{ChildID: in.Child}
	if in.Live {
		filter.LiveAt = a.Now()
	}
	found, err := a.Booking.ListOf(ctx, sessionOf(ctx).Resident, filter, in.After, in.Limit)
	return listed(a.viewBooking, found, err)
}

func (a *API) findBooking(ctx context.Context, in *ByID) (*one[bookingView], error) {
	full, err := a.Booking.FindOf(ctx, sessionOf(ctx).Resident, in.ID)
	return shown(a.viewBooking, full, err)
}
