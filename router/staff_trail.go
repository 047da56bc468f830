package router

import (
	"bytes"
	"context"
	"encoding/csv"
	"strconv"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/trail"
)

// trailOperations are for auditors. Looking is a POST, since names are looked for; it leaves a record like all else.
func (a *API) trailOperations(t *table) {
	const v1 = "/console/api/v1"
	audit := staffWho(model.MayAudit)
	asked := faults{ErrDateInvalid, model.ErrPeriod}
	t.section("工作台：审计")
	add(t, row{"POST", v1 + "/trail/search", audit, "read", 200, "查操作记录：谁在何时何地办了什么，结果怎样", asked}, a.searchTrail)
	add(t, row{"POST", v1 + "/trail/export", audit, "write", 200, "导出操作记录", append(faults{model.ErrTrailTooLong}, asked...)}, a.exportTrail)
	add(t, row{"POST", v1 + "/trail/verification", audit, "write", 200, "核对操作记录的哈希链", nil}, a.verifyTrail)
	add(t, row{"POST", v1 + "/accesses/search", audit, "read", 200, "查个人信息的查看记录：谁因为什么看了谁的哪些内容", asked}, a.searchAccesses)
}

// TrailAsked is what an auditor looks for.
type TrailAsked struct {
	Name      string `json:"name,omitempty" maxLength:"40" doc:"工作人员的姓名，要写全"`
	SubjectID string `json:"subject_id,omitempty" maxLength:"26" doc:"哪条记录的编号"`
	Site      string `json:"site,omitempty" maxLength:"26" doc:"发生在哪个宝宝屋"`
	Outcome   string `json:"outcome,omitempty" enum:"done,refused,under_way,unknown" doc:"办成、没有办、正在办、结果不明"`
	From      string `json:"from,omitempty" doc:"从哪一天起，默认六天前"`
	To        string `json:"to,omitempty" doc:"到哪一天，含当天，默认今天"`
	NumberedPage
}

type trailInput struct{ Body TrailAsked }

func (a *API) askedTrail(in TrailAsked) (q model.TrailQuery, err error) {
	q = model.TrailQuery{
		Name: in.Name, SubjectID: in.SubjectID, SiteID: in.Site, Outcome: model.TrailOutcome(in.Outcome), Page: in.Page, Size: in.PageSize, Now: a.Now(),
	}
	q.From, q.Until, err = a.askedPast(in.From, in.To)
	return q, err
}

// lookedBack is how many days back one looks who does not say from when on; longestLook is the most in one go.
const (
	lookedBack  = 6
	longestLook = 400
)

// askedPast reads days gone by as moments: from the beginning of the first to now, or the end of the last.
func (a *API) askedPast(from, to string) (first, until time.Time, err error) {
	since, err := optionalDate(from)
	if err != nil {
		return first, until, err
	}
	last, err := optionalDate(to)
	if err != nil {
		return first, until, err
	}
	if last.IsZero() {
		last = a.today()
	}
	if since.IsZero() {
		since = last.AddDays(-lookedBack)
	}
	if days := since.DaysUntil(last); days < 0 || days >= longestLook {
		return first, until, model.ErrPeriod
	}
	first, until = since.In(a.Zone).UTC(), last.AddDays(1).In(a.Zone).UTC()
	if now := a.Now(); now.Before(until) {
		until = now.Add(time.Millisecond)
	}
	return first, until, nil
}

// TrailView is one thing that was asked for, and how it ended.
type TrailView struct {
	ID        string     `json:"id"`
	At        time.Time  `json:"at"`
	EndedAt   *time.Time `json:"ended_at,omitempty" doc:"没有则没有办完，或没有开始"`
	Hand      string     `json:"hand" enum:"staff,command,nobody" doc:"工作人员、命令行、还没登录的人"`
	StaffID   string     `json:"staff_id" doc:"不知道是谁则为空"`
	Name      string     `json:"name" doc:"当时的姓名"`
	Operation string     `json:"operation" doc:"操作的代号"`
	Summary   string     `json:"summary" doc:"办什么；命令行没有"`
	Subject   string     `json:"subject" doc:"哪一类记录"`
	SubjectID string     `json:"subject_id"`
	SiteID    string     `json:"site_id" doc:"在哪个宝宝屋；不知道则为空"`
	Address   string     `json:"address" doc:"从哪个网络地址"`
	Device    string     `json:"device"`
	Outcome   string     `json:"outcome" enum:"done,refused,under_way,unknown" doc:"办成、没有办、正在办、结果不明"`
	Code      string     `json:"code" doc:"没有办的原因代码"`
	RequestID string     `json:"request_id"`
	Seq       int64      `json:"seq" doc:"在链里的序号；0表示还没有排上"`
}

func (a *API) viewTrail(e model.TrailEntry) TrailView {
	hand, id, name := e.Who()
	v := TrailView{
		ID: e.ID, At: e.HappenedAt.In(a.Zone), EndedAt: a.local(e.EndedAt), Hand: string(hand), StaffID: id, Name: name,
		Operation: e.Operation, Summary: a.summaries[e.Operation], Subject: e.Subject, SubjectID: e.SubjectID, SiteID: e.SiteID,
		Address: e.Address, Device: e.Device, Outcome: string(e.Outcome(a.Now())), Code: e.Refusal(), RequestID: e.RequestID,
	}
	if e.Seq != nil {
		v.Seq = *e.Seq
	}
	return v
}

type trailOutput struct{ Body struct{ Counted[TrailView] } }

func (a *API) searchTrail(ctx context.Context, in *trailInput) (*trailOutput, error) {
	q, err := a.askedTrail(in.Body)
	if err != nil {
		return nil, err
	}
	page, total, err := a.Trail.List(ctx, dutyOf(ctx), q)
	if err != nil {
		return nil, err
	}
	out := &trailOutput{}
	out.Body.Items, out.Body.Total = each(page, a.viewTrail), total
	return out, nil
}

// exportTrail writes the file that it answers with; paging is not asked.
func (a *API) exportTrail(ctx context.Context, in *trailInput) (*sheetOutput, error) {
	q, err := a.askedTrail(in.Body)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	file.WriteString("\ufeff") // by which Excel knows UTF-8
	w := csv.NewWriter(&file)
	w.UseCRLF = true
	_ = w.Write([]string{"时间", "结束", "谁", "工作人员编号", "操作", "代号", "记录", "记录编号", "宝宝屋编号", "网络地址", "设备", "结果", "原因代码", "请求编号", "链中序号"})
	err = a.Trail.Each(ctx, dutyOf(ctx), q, func(e model.TrailEntry) error { return w.Write(a.trailLine(e)) })
	if w.Flush(); err != nil {
		return nil, err
	}
	return &sheetOutput{(*sheetOutput)(nil).mediaType(), `attachment; filename="trail.csv"`, "no-store", nothingRuns, file.Bytes()}, w.Error()
}

func (a *API) trailLine(e model.TrailEntry) []string {
	v, ended := a.viewTrail(e), ""
	if v.EndedAt != nil {
		ended = v.EndedAt.Format(time.RFC3339Nano)
	}
	return each([]string{
		v.At.Format(time.RFC3339Nano), ended, v.Name, v.StaffID, v.Summary, v.Operation, v.Subject, v.SubjectID, v.SiteID,
		v.Address, v.Device, v.Outcome, v.Code, v.RequestID, strconv.FormatInt(v.Seq, 10),
	}, model.Harmless)
}

type verificationOutput struct {
	Body struct {
		Whole     bool   `json:"whole" doc:"从头到尾都对得上"`
		WrongSeq  int64  `json:"wrong_seq" doc:"从哪个序号开始对不上；都对得上为0"`
		Why       string `json:"why" enum:",changed,missing,foreign,head" doc:"被改过、少了、多了、末尾不对；都对得上为空"`
		HeadSeq   int64  `json:"head_seq" doc:"最后一个序号"`
		HeadHash  string `json:"head_hash" doc:"最后一个哈希；抄在别处，以后可以核对"`
		AnchorSeq int64  `json:"anchor_seq" doc:"到这个序号为止的已到期清除"`
		Loose     int64  `json:"loose" doc:"还没有排进链里的，几秒内会排上"`
	}
}

func (a *API) verifyTrail(ctx context.Context, _ *struct{ Body struct{} }) (*verificationOutput, error) {
	v, err := a.Trail.Verify(ctx, trail.Noted{})
	if err != nil {
		return nil, err
	}
	out := &verificationOutput{}
	b := &out.Body
	b.Whole, b.HeadSeq, b.HeadHash, b.AnchorSeq, b.Loose = v.Break == nil, v.Chain.HeadSeq, v.Chain.HeadHash, v.Chain.AnchorSeq, v.Loose
	if v.Break != nil {
		b.WrongSeq, b.Why = v.Break.Seq, string(v.Break.Why)
	}
	return out, nil
}

// AccessAsked is what an auditor looks for among the openings of personal data.
type AccessAsked struct {
	Name      string `json:"name,omitempty" maxLength:"40" doc:"工作人员的姓名，要写全"`
	SubjectID string `json:"subject_id,omitempty" maxLength:"26" doc:"看的是哪条记录"`
	From      string `json:"from,omitempty" doc:"从哪一天起，默认六天前"`
	To        string `json:"to,omitempty" doc:"到哪一天，含当天，默认今天"`
	NumberedPage
}

// AccessView is one opening of personal data.
type AccessView struct {
	ID        string    `json:"id"`
	At        time.Time `json:"at"`
	StaffID   string    `json:"staff_id"`
	Name      string    `json:"name"`
	Subject   string    `json:"subject" doc:"哪一类记录"`
	SubjectID string    `json:"subject_id"`
	Fields    string    `json:"fields" doc:"看了哪些内容"`
	Reason    string    `json:"reason"`
}

func (a *API) viewAccess(e model.AccessEntry) AccessView {
	return AccessView{e.ID, e.CreatedAt.In(a.Zone), e.StaffID, e.StaffName, e.Subject, e.SubjectID, e.Fields, e.Reason}
}

type accessesOutput struct{ Body struct{ Counted[AccessView] } }

func (a *API) searchAccesses(ctx context.Context, in *struct{ Body AccessAsked }) (*accessesOutput, error) {
	b := in.Body
	from, until, err := a.askedPast(b.From, b.To)
	if err != nil {
		return nil, err
	}
	page, total, err := a.Trail.ListAccesses(ctx, dutyOf(ctx), model.AccessQuery{
		Name: b.Name, SubjectID: b.SubjectID, From: from, Until: until, Page: b.Page, Size: b.PageSize,
	})
	if err != nil {
		return nil, err
	}
	out := &accessesOutput{}
	out.Body.Items, out.Body.Total = each(page, a.viewAccess), total
	return out, nil
}
