package router

import (
	"context"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/planning"
)

// ExceptionView is an exception as staff see it.
type ExceptionView struct {
	ID        string     `json:"id"`
	Site      string     `json:"site_id"`
	Kind      string     `json:"kind" enum:"close,open,capacity" doc:"不开放、加开、改名额"`
	From      string     `json:"from" format:"date"`
	Until     string     `json:"until" format:"date"`
	Template  string     `json:"template_id,omitempty"`
	Slot      string     `json:"slot_id,omitempty"`
	Service   string     `json:"service_id,omitempty"`
	Carer     string     `json:"carer_id,omitempty"`
	Room      string     `json:"room,omitempty"`
	Start     string     `json:"start,omitempty" doc:"当地时间，如09:00"`
	End       string     `json:"end,omitempty"`
	Capacity  *int       `json:"capacity,omitempty"`
	Reason    string     `json:"reason"`
	Staff     string     `json:"staff_id"`
	CreatedAt time.Time  `json:"created_at"`
	AppliedAt *time.Time `json:"applied_at,omitempty" doc:"已有的时段何时处理完；没有则还在处理"`
	LiftedAt  *time.Time `json:"lifted_at,omitempty" doc:"何时撤回；已取消的时段不会恢复"`
}

func (a *API) viewException(e model.PlanException) ExceptionView {
	v := ExceptionView{
		ID: e.ID, Site: e.SiteID, Kind: string(e.Kind), From: e.FromDate.String(), Until: e.UntilDate.String(),
		Template: e.TemplateID, Slot: e.SlotID, Service: e.ServiceID, Carer: e.CarerID, Room: e.Room, Reason: e.Reason, Staff: e.StaffID,
		CreatedAt: e.CreatedAt.In(a.Zone), AppliedAt: a.local(e.AppliedAt), LiftedAt: a.local(e.LiftedAt),
	}
	if e.Kind == model.ExceptionOpen {
		v.Start, v.End = clock(e.StartMinute), clock(e.EndMinute)
	}
	if e.Kind != model.ExceptionClose {
		v.Capacity = &e.Capacity
	}
	return v
}

func (a *API) listExceptions(ctx context.Context, in *slotsInput) (*list[ExceptionView], error) {
	from, to, err := a.askedDates(in.From, in.To)
	if err != nil {
		return nil, err
	}
	found, err := a.Planning.Exceptions(ctx, dutyOf(ctx), in.ID, from, to)
	return listed(a.viewException, found, err)
}

type outcomeView struct {
	ExceptionView
	Pending bool            `json:"pending" doc:"还有时段要取消，后台会接着办完"`
	Slots   []staffSlotView `json:"slots" nullable:"false" doc:"涉及的时段；不开放时，仍为open的是已有孩子签到、不能取消的，或还没有处理到的"`
}

func (a *API) outcome(o planning.Outcome, err error) (*one[outcomeView], error) {
	if err != nil {
		return nil, err
	}
	return &one[outcomeView]{outcomeView{a.viewException(o.PlanException), o.Pending, each(o.Slots, a.viewStaffSlot)}}, nil
}

func (a *API) findException(ctx context.Context, in *ByID) (*one[outcomeView], error) {
	return a.outcome(a.Planning.FindException(ctx, dutyOf(ctx), in.ID))
}

type liftExceptionInput struct {
	ByID
	Keyed
}

func (a *API) liftException(ctx context.Context, in *liftExceptionInput) (*one[outcomeView], error) {
	return a.outcome(a.Planning.LiftException(ctx, dutyOf(ctx), in.Key, in.ID))
}

type addExceptionInput struct {
	ByID
	Keyed
	Body struct {
		Kind     string `json:"kind" enum:"close,open,capacity" doc:"不开放；加开一个时段（休息日也可以）；改一条每周计划当天的名额"`
		From     string `json:"from" format:"date"`
		Until    string `json:"until,omitempty" format:"date" doc:"到哪天为止（含）；不填为当天。加开和改名额只能是一天"`
		Template string `json:"template_id,omitempty" maxLength:"26" doc:"不开放：只是这条每周计划。改名额：哪一条"`
		Service  string `json:"service_id,omitempty" maxLength:"26" doc:"加开的服务"`
		Carer    string `json:"carer_id,omitempty" maxLength:"26" doc:"加开时的照护人员"`
		Room     string `json:"room,omitempty" maxLength:"40" doc:"不开放：只是这个活动室。加开：在哪里"`
		Start    string `json:"start,omitempty" pattern:"^([0-2][0-9]:[0-5][0-9])?$" doc:"加开：当地时间，如09:00"`
		End      string `json:"end,omitempty" pattern:"^([0-2][0-9]:[0-5][0-9])?$"`
		Capacity int    `json:"capacity,omitempty" maximum:"999" doc:"加开或改名额"`
		Reason   string `json:"reason" maxLength:"200" doc:"不开放时，这是给家长的说明"`
	}
}

func (a *API) addException(ctx context.Context, in *addExceptionInput) (*one[outcomeView], error) {
	b := in.Body
	wish := planning.Exception{
		SiteID: in.ID, Kind: model.ExceptionKind(b.Kind), From: dayOf(b.From), Until: dayOf(b.Until), TemplateID: b.Template,
		ServiceID: b.Service, CarerID: b.Carer, Room: b.Room, StartMinute: minuteOf(b.Start), EndMinute: minuteOf(b.End),
		Capacity: b.Capacity, Reason: b.Reason,
	}
	if wish.Until.IsZero() {
		wish.Until = wish.From
	}
	return a.outcome(a.Planning.AddException(ctx, dutyOf(ctx), in.Key, wish))
}

// AffectedView is how many a closing reaches.
type AffectedView struct {
	Slots   int `json:"slots" doc:"要取消的时段"`
	Live    int `json:"live" doc:"要取消的预约"`
	Held    int `json:"held" doc:"要收回的保留名额"`
	Waiting int `json:"waiting" doc:"要结束的候补"`
	Applied int `json:"applied" doc:"要作废的摇号报名"`
}

func viewAffected(slots []planning.Counted) AffectedView {
	v := AffectedView{Slots: len(slots)}
	for _, s := range slots {
		v.Live, v.Held, v.Waiting, v.Applied = v.Live+s.Live, v.Held+s.Held, v.Waiting+s.Waiting, v.Applied+s.Applied
	}
	return v
}

type closurePreviewInput struct {
	ByID
	From     string `query:"from" format:"date" doc:"从哪天起；不填为今天"`
	Until    string `query:"until" format:"date" doc:"到哪天为止（含）；不填为当天"`
	Template string `query:"template_id" maxLength:"26" doc:"只是这条每周计划"`
	Room     string `query:"room" maxLength:"40" doc:"只是这个活动室"`
}

type closurePreviewOutput struct {
	Body struct {
		AffectedView
		Items []staffSlotView `json:"items" nullable:"false"`
	}
}

func (a *API) previewClosure(ctx context.Context, in *closurePreviewInput) (*closurePreviewOutput, error) {
	from, err := a.askedDate(in.From)
	if err != nil {
		return nil, err
	}
	until, err := a.askedDate(in.Until)
	if err != nil {
		return nil, err
	}
	if from.IsZero() {
		from = a.today()
	}
	if until.IsZero() {
		until = from
	}
	wish := planning.Exception{SiteID: in.ID, From: from, Until: until, TemplateID: in.Template, Room: in.Room}
	slots, err := a.Planning.Preview(ctx, dutyOf(ctx), wish)
	if err != nil {
		return nil, err
	}
	out := &closurePreviewOutput{}
	out.Body.AffectedView, out.Body.Items = viewAffected(slots), each(slots, a.viewStaffSlot)
	return out, nil
}

func (a *API) previewSlotClosure(ctx context.Context, in *ByID) (*one[AffectedView], error) {
	slots, err := a.Planning.PreviewSlot(ctx, dutyOf(ctx), in.ID)
	return shown(viewAffected, slots, err)
}

type closeSlotInput struct {
	ByID
	Keyed
	Body struct {
		Reason string `json:"reason" maxLength:"200" doc:"给家长的说明"`
	}
}

func (a *API) closeSlot(ctx context.Context, in *closeSlotInput) (*one[outcomeView], error) {
	return a.outcome(a.Planning.CloseSlot(ctx, dutyOf(ctx), in.Key, in.ID, in.Body.Reason))
}
