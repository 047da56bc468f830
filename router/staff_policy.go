package router

import (
	"context"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/district"
)

// ServiceNumbers are the numbers of a care service's policy.
type ServiceNumbers struct {
	MinAge       int    `json:"min_age_months" doc:"满多少个月起（含）"`
	MaxAge       int    `json:"max_age_months" doc:"满多少个月为止（不含）"`
	ReleaseDays  int    `json:"release_days" doc:"提前几天开放预约"`
	Release      int    `json:"release_minute" doc:"开放当天的第几分钟"`
	Cutoff       int    `json:"cutoff_minutes" doc:"开始前多少分钟截止预约"`
	FreeCancel   int    `json:"free_cancel_minutes" doc:"开始前多少分钟以外可以免责取消"`
	Allowance    bool   `json:"uses_allowance" doc:"用不用免费次数"`
	LateDebits   bool   `json:"late_cancel_debits" doc:"临时取消扣不扣免费次数"`
	LatePoints   int    `json:"late_cancel_points"`
	NoShowPoints int    `json:"no_show_points"`
	PerStrike    int    `json:"points_per_strike" doc:"几分算一次失约"`
	ToBlock      int    `json:"strikes_to_block" doc:"几次失约暂停预约"`
	Window       int    `json:"strike_window_days" doc:"多少天以内的失约算在一起"`
	Block        int    `json:"block_days" doc:"暂停多少天"`
	ReleaseMode  string `json:"release_mode" enum:"first_come,draw" doc:"先约先得、摇号"`
	Draw         int    `json:"draw_minutes" doc:"摇号：开始前多少分钟报名截止"`
	Offer        int    `json:"offer_minutes" doc:"候补轮到后保留多少分钟"`
	CheckIn      int    `json:"check_in_minutes" doc:"开始前多少分钟起可以签到"`
	NoShow       int    `json:"no_show_minutes" doc:"开始后多少分钟起可以登记未到"`
	Appeal       int    `json:"appeal_days" doc:"失约后几天内可以申诉"`
}

func viewServiceNumbers(p *model.ServicePolicy) *ServiceNumbers {
	if p == nil {
		return nil
	}
	return &ServiceNumbers{
		p.MinAgeMonths, p.MaxAgeMonths, p.ReleaseDays, p.ReleaseMinute, p.CutoffMinutes, p.FreeCancelMinutes, p.UsesAllowance, p.LateCancelDebits,
		p.LateCancelPoints, p.NoShowPoints, p.PointsPerStrike, p.StrikesToBlock, p.StrikeWindowDays, p.BlockDays, string(p.ReleaseMode),
		p.DrawMinutes, p.OfferMinutes, p.CheckInMinutes, p.NoShowMinutes, p.AppealDays,
	}
}

func (n *ServiceNumbers) policy() *model.ServicePolicy {
	if n == nil {
		return nil
	}
	return &model.ServicePolicy{
		MinAgeMonths: n.MinAge, MaxAgeMonths: n.MaxAge, ReleaseDays: n.ReleaseDays, ReleaseMinute: n.Release, CutoffMinutes: n.Cutoff,
		FreeCancelMinutes: n.FreeCancel, UsesAllowance: n.Allowance, LateCancelDebits: n.LateDebits, LateCancelPoints: n.LatePoints,
		NoShowPoints: n.NoShowPoints, PointsPerStrike: n.PerStrike, StrikesToBlock: n.ToBlock, StrikeWindowDays: n.Window, BlockDays: n.Block,
		ReleaseMode: model.ReleaseMode(n.ReleaseMode), DrawMinutes: n.Draw, OfferMinutes: n.Offer, CheckInMinutes: n.CheckIn,
		NoShowMinutes: n.NoShow, AppealDays: n.Appeal,
	}
}

// AllowanceNumbers are the numbers of the policy on free sessions.
type AllowanceNumbers struct {
	Unit       string `json:"unit" enum:"session,minute" doc:"按次、按时长"`
	Amount     int    `json:"amount" doc:"每个孩子每年多少次，或多少分钟"`
	StartMonth int    `json:"year_start_month"`
	StartDay   int    `json:"year_start_day"`
	Beyond     string `json:"beyond" enum:"refuse,self_paid" doc:"用完以后：不能再约、可以自费"`
	Price      int    `json:"self_paid_cents_per_hour" doc:"自费每小时多少分钱"`
}

func viewAllowanceNumbers(p *model.AllowancePolicy) *AllowanceNumbers {
	if p == nil {
		return nil
	}
	return &AllowanceNumbers{string(p.Unit), p.Amount, p.YearStartMonth, p.YearStartDay, string(p.Beyond), p.SelfPaidCentsPerHour}
}

func (n *AllowanceNumbers) policy() *model.AllowancePolicy {
	if n == nil {
		return nil
	}
	return &model.AllowancePolicy{
		Unit: model.AllowanceUnit(n.Unit), Amount: n.Amount, YearStartMonth: n.StartMonth, YearStartDay: n.StartDay,
		Beyond: model.Beyond(n.Beyond), SelfPaidCentsPerHour: n.Price,
	}
}

// PolicyNumbers are those of one of the two kinds of policies.
type PolicyNumbers struct {
	Service   *ServiceNumbers   `json:"service,omitempty" doc:"一项服务的规则"`
	Allowance *AllowanceNumbers `json:"allowance,omitempty" doc:"免费次数的规则"`
}

func viewNumbers(n district.Numbers) PolicyNumbers {
	return PolicyNumbers{viewServiceNumbers(n.Service), viewAllowanceNumbers(n.Allowance)}
}

// PolicyLineView is one number of a policy in words.
type PolicyLineView struct {
	Key   string `json:"key"`
	Name  string `json:"name"`
	Text  string `json:"text"`
	Reach string `json:"reach" enum:"new_slots,new_bookings,at_once,new_grants" doc:"改了以后对什么有效：之后新建的场次、之后的预约、之后每一次预约时的判断、之后发放的免费次数"`
}

func viewPolicyLine(l model.PolicyLine) PolicyLineView {
	return PolicyLineView{l.Key, l.Name, l.Text, string(l.Reach)}
}

// PolicyVersionView is a published version of a policy.
type PolicyVersionView struct {
	PolicyNumbers
	Version   int              `json:"version"`
	Standing  string           `json:"standing" enum:"in_force,to_come,past,superseded" doc:"生效中、待生效、已过去、没有生效就被取代"`
	From      time.Time        `json:"effective_at"`
	DecidedAt *time.Time       `json:"decided_at,omitempty" doc:"何时发布；没有则为系统初始"`
	Staff     string           `json:"staff_name,omitempty"`
	Reason    string           `json:"reason,omitempty"`
	Lines     []PolicyLineView `json:"lines" nullable:"false"`
}

func (a *API) viewPolicyVersion(v district.Version) PolicyVersionView {
	return PolicyVersionView{
		PolicyNumbers: viewNumbers(v.Numbers), Version: v.Number, Standing: string(v.Standing), From: v.From.In(a.Zone),
		DecidedAt: a.local(v.DecidedAt), Staff: v.StaffName, Reason: v.Reason, Lines: each(v.Lines(), viewPolicyLine),
	}
}

type policyDraftView struct {
	PolicyNumbers
	Version   int       `json:"version" doc:"草稿的版本；修改和发布时带上"`
	BasedOn   int       `json:"based_on" doc:"写草稿时最新的一版规则"`
	Staff     string    `json:"staff_name"`
	UpdatedAt time.Time `json:"updated_at"`
}

// PolicyCardView is a policy in the list of them.
type PolicyCardView struct {
	ID       string     `json:"id" doc:"服务的编号；免费次数的规则为allowance"`
	Name     string     `json:"name"`
	Version  int        `json:"version" doc:"生效中的版本；没有则为0"`
	From     *time.Time `json:"effective_at,omitempty"`
	Newest   int        `json:"newest_version"`
	NewestAt time.Time  `json:"newest_effective_at"`
	Drafted  bool       `json:"drafted" doc:"有没有草稿"`
}

func (a *API) viewPolicyCard(p district.Policy) PolicyCardView {
	newest := p.Newest()
	v := PolicyCardView{ID: p.Subject, Name: "免费次数", Newest: newest.Number, NewestAt: newest.From.In(a.Zone), Drafted: p.Draft != nil}
	if p.Service != nil {
		v.Name = p.Service.Name
	}
	if holds, found := p.InForce(); found {
		v.Version, v.From = holds.Number, a.local(&holds.From)
	}
	return v
}

func (a *API) listPolicies(ctx context.Context, _ *none) (*list[PolicyCardView], error) {
	found, err := a.District.Policies(ctx)
	return listed(a.viewPolicyCard, found, err)
}

type policyOutput struct {
	Body struct {
		PolicyCardView
		Versions []PolicyVersionView `json:"versions" nullable:"false" doc:"最新的在前"`
		Draft    *policyDraftView    `json:"draft,omitempty"`
	}
}

func (a *API) findPolicy(ctx context.Context, in *ByID) (*policyOutput, error) {
	p, err := a.District.Policy(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &policyOutput{}
	out.Body.PolicyCardView = a.viewPolicyCard(p)
	out.Body.Versions = make([]PolicyVersionView, len(p.Versions))
	for i, v := range p.Versions {
		out.Body.Versions[len(p.Versions)-1-i] = a.viewPolicyVersion(v)
	}
	if d := p.Draft; d != nil {
		out.Body.Draft = &policyDraftView{viewNumbers(d.Numbers), d.Version, d.BasedOn, d.StaffName, d.UpdatedAt.In(a.Zone)}
	}
	return out, nil
}

type compareInput struct {
	ByID
	From int `query:"from" required:"true" minimum:"1" doc:"前一版"`
	To   int `query:"to" minimum:"0" doc:"后一版；不填为草稿"`
}

type policyDifferenceView struct {
	PolicyLineView
	Before  string `json:"before"`
	Changed bool   `json:"changed"`
}

func viewPolicyDifference(d model.PolicyDifference) policyDifferenceView {
	return policyDifferenceView{viewPolicyLine(d.PolicyLine), d.Before, d.Changed()}
}

func (a *API) comparePolicies(ctx context.Context, in *compareInput) (*list[policyDifferenceView], error) {
	found, err := a.District.Compare(ctx, in.ID, in.From, in.To)
	return listed(viewPolicyDifference, found, err)
}

type draftInput struct {
	ByID
	Body struct {
		Seen
		BasedOn int `json:"based_on" minimum:"0" doc:"看到的最新一版规则"`
		PolicyNumbers
	}
}

func (a *API) savePolicyDraft(ctx context.Context, in *draftInput) (*policyOutput, error) {
	numbers := district.Numbers{Service: in.Body.Service.policy(), Allowance: in.Body.Allowance.policy()}
	if err := a.District.SaveDraft(ctx, dutyOf(ctx), in.ID, in.Body.Version, in.Body.BasedOn, numbers); err != nil {
		return nil, err
	}
	return a.findPolicy(ctx, &in.ByID)
}

type dropDraftInput struct {
	ByID
	Version int `query:"version" required:"true" minimum:"1" doc:"看到的草稿的版本"`
}

func (a *API) dropPolicyDraft(ctx context.Context, in *dropDraftInput) (*none, error) {
	return nil, a.District.DropDraft(ctx, dutyOf(ctx), in.ID, in.Version)
}

type publishInput struct {
	ByID
	Keyed
	Body struct {
		Seen
		Reason      string    `json:"reason" maxLength:"200"`
		EffectiveAt time.Time `json:"effective_at,omitempty" doc:"从何时起生效；不填为立即"`
	}
}

func (a *API) publishPolicy(ctx context.Context, in *publishInput) (*policyOutput, error) {
	wish := district.Publication{Subject: in.ID, Seen: in.Body.Version, Reason: in.Body.Reason, EffectiveAt: in.Body.EffectiveAt}
	if err := a.District.Publish(ctx, dutyOf(ctx), in.Key, wish); err != nil {
		return nil, err
	}
	return a.findPolicy(ctx, &in.ByID)
}

// KeptServiceView is a care service as staff see it.
type KeptServiceView struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Intro    string `json:"intro"`
	Position int    `json:"position" doc:"居民看到的次序，小的在前"`
	Status   string `json:"status" enum:"offered,withdrawn" doc:"提供、停办"`
	Version  int    `json:"version"`
}

func viewKeptService(c model.CareService) KeptServiceView {
	return KeptServiceView{c.ID, c.Name, c.Intro, c.Position, string(c.Status), c.Version}
}

func (a *API) listKeptServices(ctx context.Context, _ *none) (*list[KeptServiceView], error) {
	found, err := a.District.Services(ctx)
	return listed(viewKeptService, found, err)
}

func serviceAfter(c model.CareService, err error) (*one[KeptServiceView], error) {
	return shown(viewKeptService, c, err)
}

// ServiceForm is what staff fill in of a care service.
type ServiceForm struct {
	Name     string `json:"name" maxLength:"40"`
	Intro    string `json:"intro" maxLength:"400" doc:"介绍，居民看得到"`
	Position int    `json:"position" minimum:"0" maximum:"999" doc:"居民看到的次序，小的在前"`
}

func (f ServiceForm) form() district.Form {
	return district.Form{Name: f.Name, Intro: f.Intro, Position: f.Position}
}

type addServiceInput struct {
	Keyed
	Body struct {
		ServiceForm
		Like string `json:"policy_like" maxLength:"26" doc:"第一版规则照哪一项服务的"`
	}
}

func (a *API) addService(ctx context.Context, in *addServiceInput) (*one[KeptServiceView], error) {
	return serviceAfter(a.District.AddService(ctx, dutyOf(ctx), in.Key, in.Body.form(), in.Body.Like))
}

type changeServiceInput struct {
	ByID
	Body struct {
		Seen
		ServiceForm
	}
}

func (a *API) changeService(ctx context.Context, in *changeServiceInput) (*one[KeptServiceView], error) {
	return serviceAfter(a.District.ChangeService(ctx, dutyOf(ctx), in.ID, in.Body.Version, in.Body.form()))
}

type turnServiceInput struct {
	ByID
	Body struct {
		Seen
		Reason string `json:"reason" maxLength:"200"`
	}
}

func (a *API) withdrawService(ctx context.Context, in *turnServiceInput) (*one[KeptServiceView], error) {
	return serviceAfter(a.District.TurnService(ctx, dutyOf(ctx), in.ID, in.Body.Version, model.ServiceWithdrawn, in.Body.Reason))
}

func (a *API) offerService(ctx context.Context, in *turnServiceInput) (*one[KeptServiceView], error) {
	return serviceAfter(a.District.TurnService(ctx, dutyOf(ctx), in.ID, in.Body.Version, model.ServiceOffered, in.Body.Reason))
}
