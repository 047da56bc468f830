package router

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/planning"
)

type siteInScopeView struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Subdistrict string `json:"subdistrict_code"`
	Open        bool   `json:"open" doc:"目前是否接待"`
}

func (a *API) listSitesInScope(ctx context.Context, _ *none) (*list[siteInScopeView], error) {
	sites, err := a.Planning.Sites(ctx, dutyOf(ctx))
	if err != nil {
		return nil, err
	}
	return listOf(each(sites, func(s model.Site) siteInScopeView {
		return siteInScopeView{s.ID, s.Name, s.SubdistrictCode, s.Status == model.SiteOpen}
	})), nil
}

type namedView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type choicesOutput struct {
	Body struct {
		Rooms    []string    `json:"rooms" nullable:"false" doc:"在用的活动室"`
		Carers   []namedView `json:"carers" nullable:"false" doc:"在岗的照护人员"`
		Services []namedView `json:"services" nullable:"false" doc:"开办的服务项目"`
	}
}

func (a *API) planChoices(ctx context.Context, in *ByID) (*choicesOutput, error) {
	c, err := a.Planning.Choices(ctx, dutyOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out := &choicesOutput{}
	out.Body.Rooms = each(c.Rooms, func(room string) string { return room })
	out.Body.Carers = each(c.Carers, func(c model.Carer) namedView { return namedView{c.ID, c.Name} })
	out.Body.Services = each(c.Services, func(s model.CareService) namedView { return namedView{s.ID, s.Name} })
	return out, nil
}

// clock writes a minute of the day as clocks show it; the last is 24:00.
func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// minuteOf reads what clock writes; huma has held it against the pattern.
func minuteOf(text string) int {
	hour, minute, _ := strings.Cut(text, ":")
	h, _ := strconv.Atoi(hour)
	m, _ := strconv.Atoi(minute)
	return h*60 + m
}

// dayOf reads a day that huma has held against its format; no day is the zero one.
func dayOf(text string) model.Date {
	day, _ := optionalDate(text)
	return day
}

// TemplateView is a weekly plan as staff see it.
type TemplateView struct {
	ID         string `json:"id"`
	Site       string `json:"site_id"`
	Service    string `json:"service_id"`
	Carer      string `json:"carer_id"`
	Room       string `json:"room"`
	Weekday    int    `json:"weekday" doc:"1为周一，7为周日"`
	Start      string `json:"start" doc:"当地时间，如09:00"`
	End        string `json:"end"`
	Capacity   int    `json:"capacity"`
	OnRestDays bool   `json:"on_rest_days" doc:"休息日也开放"`
	ValidFrom  string `json:"valid_from" format:"date"`
	ValidUntil string `json:"valid_until,omitempty" format:"date" doc:"最后一天（含）；没有则一直有效"`
}

func viewTemplate(t model.WeeklyTemplate) TemplateView {
	v := TemplateView{
		ID: t.ID, Site: t.SiteID, Service: t.ServiceID, Carer: t.CarerID, Room: t.Room, Weekday: t.Weekday,
		Start: clock(t.StartMinute), End: clock(t.EndMinute), Capacity: t.Capacity, OnRestDays: t.OnRestDays, ValidFrom: t.ValidFrom.String(),
	}
	if t.ValidUntil != nil {
		v.ValidUntil = t.ValidUntil.String()
	}
	return v
}

func (a *API) listTemplates(ctx context.Context, in *ByID) (*list[TemplateView], error) {
	templates, err := a.Planning.Templates(ctx, dutyOf(ctx), in.ID)
	return listed(viewTemplate, templates, err)
}

type addTemplateInput struct {
	ByID
	Keyed
	Body struct {
		Service    string `json:"service_id" maxLength:"26"`
		Carer      string `json:"carer_id" maxLength:"26"`
		Room       string `json:"room" maxLength:"40"`
		Weekday    int    `json:"weekday" minimum:"1" maximum:"7" doc:"1为周一，7为周日"`
		Start      string `json:"start" pattern:"^[0-2][0-9]:[0-5][0-9]$" doc:"当地时间，如09:00"`
		End        string `json:"end" pattern:"^[0-2][0-9]:[0-5][0-9]$"`
		Capacity   int    `json:"capacity" maximum:"999"`
		OnRestDays bool   `json:"on_rest_days,omitempty" doc:"休息日也开放"`
		ValidFrom  string `json:"valid_from" format:"date" doc:"从哪天起"`
		ValidUntil string `json:"valid_until,omitempty" format:"date" doc:"到哪天为止（含）；不填则一直有效"`
	}
}

func (a *API) addTemplate(ctx context.Context, in *addTemplateInput) (*one[TemplateView], error) {
	b := in.Body
	wish := planning.Template{
		SiteID: in.ID, ServiceID: b.Service, CarerID: b.Carer, Room: b.Room, Weekday: b.Weekday,
		StartMinute: minuteOf(b.Start), EndMinute: minuteOf(b.End), Capacity: b.Capacity, OnRestDays: b.OnRestDays, ValidFrom: dayOf(b.ValidFrom),
	}
	if until := dayOf(b.ValidUntil); !until.IsZero() {
		wish.ValidUntil = &until
	}
	t, err := a.Planning.AddTemplate(ctx, dutyOf(ctx), in.Key, wish)
	return shown(viewTemplate, t, err)
}

type changeTemplateInput struct {
	ByID
	Keyed
	Body struct {
		Capacity *int    `json:"capacity,omitempty" maximum:"999" doc:"名额；不填不变"`
		Carer    *string `json:"carer_id,omitempty" maxLength:"26" doc:"照护人员；不填不变"`
	}
}

type behindView struct {
	Slot     string    `json:"slot_id"`
	StartAt  time.Time `json:"start_at"`
	Capacity int       `json:"capacity" doc:"降到已约和已保留的人数为止"`
}

type changedTemplateOutput struct {
	Body struct {
		TemplateView
		Behind []behindView `json:"behind" nullable:"false" doc:"已约的人数多于新名额、没能完全跟着减少的时段"`
	}
}

func (a *API) changeTemplate(ctx context.Context, in *changeTemplateInput) (*changedTemplateOutput, error) {
	change := planning.Change{TemplateID: in.ID, Capacity: in.Body.Capacity, CarerID: in.Body.Carer}
	done, err := a.Planning.ChangeTemplate(ctx, dutyOf(ctx), in.Key, change)
	if err != nil {
		return nil, err
	}
	out := &changedTemplateOutput{}
	out.Body.TemplateView = viewTemplate(done.Template)
	out.Body.Behind = each(done.Behind, func(s model.Slot) behindView { return behindView{s.ID, s.StartAt.In(a.Zone), s.Capacity} })
	return out, nil
}

type endTemplateInput struct {
	ByID
	Keyed
	Body struct {
		LastDay string `json:"last_day" format:"date" doc:"最后一天（含），今天或以后"`
		Reason  string `json:"reason" maxLength:"200" doc:"这天以后已有的时段随之取消，这是给家长的说明"`
	}
}

type endedTemplateOutput struct {
	Body struct {
		TemplateView
		Exception string `json:"exception_id,omitempty" doc:"取消这天以后时段的例外安排；没有这样的时段则没有"`
	}
}

func (a *API) endTemplate(ctx context.Context, in *endTemplateInput) (*endedTemplateOutput, error) {
	ending := planning.Ending{TemplateID: in.ID, Last: dayOf(in.Body.LastDay), Reason: in.Body.Reason}
	done, err := a.Planning.EndTemplate(ctx, dutyOf(ctx), in.Key, ending)
	if err != nil {
		return nil, err
	}
	out := &endedTemplateOutput{}
	out.Body.TemplateView = viewTemplate(done.Template)
	if done.Exception != nil {
		out.Body.Exception = done.Exception.ID
	}
	return out, nil
}

type plannedView struct {
	Template string    `json:"template_id"`
	Date     string    `json:"date" format:"date"`
	Room     string    `json:"room"`
	StartAt  time.Time `json:"start_at"`
	EndAt    time.Time `json:"end_at"`
	Verdict  string    `json:"verdict" enum:"made,due,closed,room_taken,no_rules" doc:"已生成、待生成、因例外安排不开放、活动室已被占用而没有生成、服务未开办或没有规则"`
	Slot     string    `json:"slot_id,omitempty" doc:"已生成的时段"`
}

type planOutput struct {
	Body struct {
		Items       []plannedView `json:"items" nullable:"false"`
		Provisional []int         `json:"provisional_years" nullable:"false" doc:"还没有国务院办公厅放假通知的年份：按周末和法定日暂排"`
		MadeUntil   string        `json:"made_until" format:"date" doc:"时段生成到哪一天"`
	}
}

func (a *API) sitePlan(ctx context.Context, in *slotsInput) (*planOutput, error) {
	from, to, err := a.askedDates(in.From, in.To)
	if err != nil {
		return nil, err
	}
	p, err := a.Planning.Plan(ctx, dutyOf(ctx), in.ID, from, to)
	if err != nil {
		return nil, err
	}
	out := &planOutput{}
	out.Body.Items = each(p.Sessions, a.viewPlanned)
	out.Body.Provisional = each(p.Provisional, func(year int) int { return year })
	out.Body.MadeUntil = p.Horizon.String()
	return out, nil
}

func (a *API) viewPlanned(p model.Planned) plannedView {
	v := plannedView{
		Template: p.Template.ID, Date: p.Date.String(), Room: p.Slot.Room,
		StartAt: p.Slot.StartAt.In(a.Zone), EndAt: p.Slot.EndAt.In(a.Zone), Verdict: string(p.Verdict),
	}
	if p.Verdict == model.SessionMade {
		v.Slot = p.Slot.ID
	}
	return v
}

type staffSlotView struct {
	ID          string     `json:"id"`
	Site        string     `json:"site_id"`
	Service     string     `json:"service_id"`
	Carer       string     `json:"carer_id"`
	Template    string     `json:"template_id,omitempty" doc:"所属的每周计划"`
	Exception   string     `json:"exception_id,omitempty" doc:"加开它的例外安排"`
	Room        string     `json:"room"`
	Date        string     `json:"date" format:"date"`
	StartAt     time.Time  `json:"start_at"`
	EndAt       time.Time  `json:"end_at"`
	ReleaseAt   time.Time  `json:"release_at" doc:"开放预约的时间"`
	CutoffAt    time.Time  `json:"cutoff_at" doc:"预约截止的时间"`
	ReleaseMode string     `json:"release_mode" enum:"first_come,draw" doc:"先到先得、摇号"`
	DrawAt      *time.Time `json:"draw_at,omitempty" doc:"摇号报名截止"`
	Capacity    int        `json:"capacity"`
	Booked      int        `json:"booked" doc:"已占用的名额，含已结束的"`
	Held        int        `json:"held" doc:"为候补保留的名额"`
	Waiting     int        `json:"waiting" doc:"候补人数"`
	Live        int        `json:"live" doc:"未结束的预约"`
	Ended       int        `json:"ended_by_site" doc:"由宝宝屋取消的预约"`
	Status      string     `json:"status" enum:"draft,open,closed,done,cancelled"`
	State       string     `json:"state" enum:"upcoming,open,full,drawing,cut_off,done,closed,cancelled" doc:"居民此刻看到的状态"`
	Reason      string     `json:"reason,omitempty" doc:"取消的原因"`
}

func (a *API) viewStaffSlot(s planning.Counted) staffSlotView {
	v := staffSlotView{
		ID: s.ID, Site: s.SiteID, Service: s.ServiceID, Carer: s.CarerID, Room: s.Room, Date: s.Date.String(),
		StartAt: s.StartAt.In(a.Zone), EndAt: s.EndAt.In(a.Zone), ReleaseAt: s.ReleaseAt.In(a.Zone), CutoffAt: s.CutoffAt.In(a.Zone),
		ReleaseMode: string(s.ReleaseMode), DrawAt: a.local(s.DrawAt),
		Capacity: s.Capacity, Booked: s.Booked, Held: s.Held, Waiting: s.Waiting, Live: s.Live, Ended: s.Ended,
		Status: string(s.Status), State: string(s.State(a.Now())), Reason: s.CancelReason,
	}
	if s.TemplateID != nil {
		v.Template = *s.TemplateID
	}
	if s.ExceptionID != nil {
		v.Exception = *s.ExceptionID
	}
	return v
}

func (a *API) listStaffSlots(ctx context.Context, in *slotsInput) (*list[staffSlotView], error) {
	from, to, err := a.askedDates(in.From, in.To)
	if err != nil {
		return nil, err
	}
	slots, err := a.Planning.Slots(ctx, dutyOf(ctx), in.ID, from, to)
	return listed(a.viewStaffSlot, slots, err)
}

func (a *API) findStaffSlot(ctx context.Context, in *ByID) (*one[staffSlotView], error) {
	slot, err := a.Planning.FindSlot(ctx, dutyOf(ctx), in.ID)
	return shown(a.viewStaffSlot, slot, err)
}

type setCapacityInput struct {
	ByID
	Keyed
	Body struct {
		Capacity int    `json:"capacity" maximum:"999"`
		Reason   string `json:"reason" maxLength:"200"`
	}
}

func (a *API) setCapacity(ctx context.Context, in *setCapacityInput) (*one[staffSlotView], error) {
	wish := planning.Places{SlotID: in.ID, Capacity: in.Body.Capacity, Reason: in.Body.Reason}
	slot, err := a.Planning.SetCapacity(ctx, dutyOf(ctx), in.Key, wish)
	return shown(a.viewStaffSlot, slot, err)
}
