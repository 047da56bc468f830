package router

import (
	"context"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/booking"
)

type drawView struct {
	Slot         string     `json:"slot_id"`
	Status       string     `json:"status" enum:"open,closed,drawn,void" doc:"报名中、已截止等待随机数、已摇号、已取消"`
	Algorithm    string     `json:"algorithm"`
	DrawAt       *time.Time `json:"draw_at" doc:"报名截止的时刻"`
	Commitment   string     `json:"commitment" doc:"事先公布的承诺：随机串的 SHA-256。可抄下来，摇号后核对"`
	Source       string     `json:"source" doc:"将采用的公共随机数来源；为空则只用报名名单"`
	Digest       string     `json:"digest" doc:"报名名单的摘要，截止后公布"`
	WaitUntil    *time.Time `json:"wait_until,omitempty" doc:"公共随机数最迟等到何时；到时没有，只用报名名单"`
	Applications int        `json:"applications" doc:"有效的报名数"`
	Winners      int        `json:"winners" doc:"中签数"`
	DrawnAt      *time.Time `json:"drawn_at,omitempty"`
	Result       string     `json:"result" doc:"结果的摘要，摇号后公布"`
}

func (a *API) viewDraw(d booking.SlotDraw) drawView {
	won := d.Counts[model.ApplicationWon]
	return drawView{
		Slot: d.SlotID, Status: string(d.Status), Algorithm: d.Algorithm, DrawAt: a.local(d.Slot.DrawAt), Commitment: d.Commitment,
		Source: d.Source, Digest: d.Digest, WaitUntil: a.local(d.WaitUntil),
		Applications: d.Counts[model.ApplicationApplied] + d.Counts[model.ApplicationLost] + won, Winners: won,
		DrawnAt: a.local(d.DrawnAt), Result: d.Result,
	}
}

func (a *API) drawn(d booking.SlotDraw, err error) (*one[drawView], error) {
	return shown(a.viewDraw, d, err)
}

func (a *API) findDraw(ctx context.Context, in *ByID) (*one[drawView], error) {
	return a.drawn(a.Booking.DrawOf(ctx, in.ID))
}

// drawDocument answers with the document as `jiamenkou draw verify` reads it.
func (a *API) drawDocument(ctx context.Context, in *ByID) (*one[model.DrawDocument], error) {
	d, err := a.Booking.DrawDocumentOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &one[model.DrawDocument]{d}, nil
}

type applicationView struct {
	ID             string     `json:"id" doc:"摇号结果里凭它认出自己"`
	Child          string     `json:"child_id"`
	Slot           string     `json:"slot_id"`
	Site           string     `json:"site_id"`
	SiteName       string     `json:"site_name"`
	Room           string     `json:"room"`
	ServiceName    string     `json:"service_name"`
	StartAt        time.Time  `json:"start_at"`
	EndAt          time.Time  `json:"end_at"`
	DrawAt         *time.Time `json:"draw_at" doc:"报名截止的时刻"`
	Status         string     `json:"status" enum:"applied,withdrawn,won,lost,void" doc:"已报名、已撤回、中签、未中签、作废"`
	Turn           int        `json:"turn" doc:"摇出的次序；还没有摇号时为0"`
	Waiting        string     `json:"waiting_id,omitempty" doc:"摇号后的候补：中签的名额在那里保留和确认"`
	AcceptSelfPaid bool       `json:"accept_self_paid"`
	PolicyVersion  int        `json:"policy_version" doc:"报名时的规则版本"`
	CreatedAt      time.Time  `json:"created_at"`
}

func (a *API) viewApplication(p booking.AppliedFor) applicationView {
	v := applicationView{
		ID: p.ID, Child: p.ChildID, Slot: p.SlotID, Site: p.SiteID, SiteName: p.Site.Name, Room: p.Slot.Room, ServiceName: p.Service.Name,
		StartAt: p.StartAt.In(a.Zone), EndAt: p.EndAt.In(a.Zone), DrawAt: a.local(p.Slot.DrawAt), Status: string(p.Status), Turn: p.Turn,
		AcceptSelfPaid: p.AcceptSelfPaid, PolicyVersion: p.PolicyVersion, CreatedAt: p.CreatedAt.In(a.Zone),
	}
	if p.WaitingID != nil {
		v.Waiting = *p.WaitingID
	}
	return v
}

// appliedFor finishes an answer about one application; stored answers come out the same way as fresh ones.
func (a *API) appliedFor(ctx context.Context, p model.Application, err error) (*one[applicationView], error) {
	if err != nil {
		return nil, err
	}
	full, err := a.Booking.SeeApplication(ctx, p)
	return shown(a.viewApplication, full, err)
}

type applyInput struct {
	ByID
	Keyed
	Body struct {
		Child          string `json:"child_id" maxLength:"26" doc:"为哪个孩子报名"`
		AcceptSelfPaid bool   `json:"accept_self_paid,omitempty" doc:"中签时如免费次数已用完，同意到场自费"`
	}
}

func (a *API) apply(ctx context.Context, in *applyInput) (*one[applicationView], error) {
	wish := booking.Wish{SlotID: in.ID, ChildID: in.Body.Child, AcceptSelfPaid: in.Body.AcceptSelfPaid}
	p, err := a.Booking.Apply(ctx, sessionOf(ctx).Resident, in.Key, wish)
	return a.appliedFor(ctx, p, err)
}

type withdrawalInput struct {
	ByID
	Keyed
}

func (a *API) withdrawApplication(ctx context.Context, in *withdrawalInput) (*one[applicationView], error) {
	p, err := a.Booking.Withdraw(ctx, sessionOf(ctx).Resident, in.Key, in.ID)
	return a.appliedFor(ctx, p, err)
}

type applicationsInput struct {
	Page
	Live bool `query:"live" doc:"只看还没有结果的"`
}

func (a *API) listApplications(ctx context.Context, in *applicationsInput) (*list[applicationView], error) {
	found, err := a.Booking.ApplicationsOf(ctx, sessionOf(ctx).Resident, in.Live, in.After, in.Limit)
	return listed(a.viewApplication, found, err)
}

func (a *API) findApplication(ctx context.Context, in *ByID) (*one[applicationView], error) {
	full, err := a.Booking.ApplicationOf(ctx, sessionOf(ctx).Resident, in.ID)
	return shown(a.viewApplication, full, err)
}
