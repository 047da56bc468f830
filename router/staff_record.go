package router

import (
	"context"
	"strings"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/account"
	"jiamenkou/service/booking"
	"jiamenkou/service/desk"
)

type recordSearchInput struct {
	Body struct {
		Phone     string `json:"phone,omitempty" maxLength:"20" doc:"完整的手机号；四项填一项"`
		PhoneTail string `json:"phone_tail,omitempty" pattern:"^[0-9]{4}$" doc:"手机号后四位"`
		Name      string `json:"name,omitempty" maxLength:"40" doc:"孩子的完整姓名"`
		ID        string `json:"id,omitempty" maxLength:"26" doc:"账号、孩子或预约的编号"`
		Page      int    `json:"page,omitempty" minimum:"1" maximum:"100000" default:"1"`
		PageSize  int    `json:"page_size,omitempty" minimum:"1" maximum:"100" default:"20"`
	}
}

// RecordLineView is a family's account on a list: masked.
type RecordLineView struct {
	ID            string            `json:"id"`
	Status        string            `json:"status" enum:"active,blocked,closed"`
	AtDesk        bool              `json:"at_desk" doc:"在宝宝屋登记，自己不用微信登录"`
	Phone         string            `json:"phone" doc:"只显示前三位和后四位；没有时为空"`
	PhoneVerified bool              `json:"phone_verified" doc:"经微信核实，或在宝宝屋登记"`
	CreatedAt     time.Time         `json:"created_at"`
	Children      []maskedChildView `json:"children" nullable:"false"`
}

func (a *API) viewRecordLine(e account.Entry) RecordLineView {
	return RecordLineView{
		ID: e.ID, Status: string(e.Status), AtDesk: e.AtDesk(), Phone: e.Phone, PhoneVerified: e.AtDesk() || e.PhoneVerifiedAt != nil,
		CreatedAt: e.CreatedAt.In(a.Zone), Children: each(e.Children, viewMaskedChild),
	}
}

type recordsOutput struct {
	Body struct {
		Items []RecordLineView `json:"items" nullable:"false" doc:"新的在前"`
		Total int64            `json:"total"`
	}
}

const oneOfFour = "手机号、后四位、孩子的姓名和编号填一个，也只填一个。"

func (a *API) searchRecords(ctx context.Context, in *recordSearchInput) (*recordsOutput, error) {
	wanted := account.Wanted{Phone: in.Body.Phone, PhoneTail: in.Body.PhoneTail, Name: in.Body.Name, ID: in.Body.ID}
	if countSet(wanted.Phone, wanted.PhoneTail, strings.TrimSpace(wanted.Name), wanted.ID) != 1 {
		return nil, ErrInvalidRequest.WithField("body.phone", oneOfFour)
	}
	found, total, err := a.Account.Search(ctx, dutyOf(ctx), wanted, in.Body.Page, in.Body.PageSize)
	if err != nil {
		return nil, err
	}
	out := &recordsOutput{}
	out.Body.Items, out.Body.Total = each(found, a.viewRecordLine), total
	return out, nil
}

func countSet(texts ...string) (n int) {
	for _, text := range texts {
		if text != "" {
			n++
		}
	}
	return n
}

type maskedEscortView struct {
	ID        string `json:"id"`
	Child     string `json:"child_id"`
	Name      string `json:"name" doc:"姓名的第一个字和星号"`
	Relation  string `json:"relation" enum:"parent,grandparent,relative,nanny,other"`
	PhoneTail string `json:"phone_tail" doc:"手机号后四位"`
}

type agreedView struct {
	Document    string     `json:"document_id"`
	Title       string     `json:"title"`
	Version     int        `json:"version"`
	NeededFor   string     `json:"needed_for" enum:"child,booking"`
	InForce     bool       `json:"in_force" doc:"是现行版本"`
	AgreedAt    *time.Time `json:"agreed_at,omitempty" doc:"没有同意过时没有"`
	WithdrawnAt *time.Time `json:"withdrawn_at,omitempty" doc:"已撤回"`
}

func (a *API) viewAgreed(g account.Agreed) agreedView {
	v := agreedView{Document: g.ID, Title: g.Title, Version: g.Version, NeededFor: string(g.NeededFor), InForce: g.InForce}
	if g.Consent != nil {
		v.AgreedAt, v.WithdrawnAt = a.local(&g.Consent.AgreedAt), a.local(g.Consent.WithdrawnAt)
	}
	return v
}

type recordView struct {
	RecordLineView
	Nickname    string             `json:"nickname" doc:"第一个字和星号；没有时为空"`
	Subdistrict *subdistrictView   `json:"subdistrict,omitempty"`
	ClosedAt    *time.Time         `json:"closed_at,omitempty"`
	Escorts     []maskedEscortView `json:"pickup_persons" nullable:"false"`
	Agreements  []agreedView       `json:"agreements" nullable:"false" doc:"现行的文件，和同意过的旧版本"`
}

func (a *API) findRecord(ctx context.Context, in *ByID) (*one[recordView], error) {
	r, err := a.Account.RecordOf(ctx, dutyOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	v := recordView{
		RecordLineView: a.viewRecordLine(r.Entry), Nickname: r.Nickname, ClosedAt: a.local(r.ClosedAt),
		Escorts: each(r.Pickups, func(p account.MaskedEscort) maskedEscortView {
			return maskedEscortView{p.ID, p.ChildID, p.Name, string(p.Relation), p.PhoneTail}
		}),
		Agreements: each(r.Agreements, a.viewAgreed),
	}
	if r.SubdistrictCode != "" {
		subdistrict := viewSubdistrict(r.Subdistrict)
		v.Subdistrict = &subdistrict
	}
	return &one[recordView]{v}, nil
}

type recordBookingsInput struct {
	ByID
	Child    string `query:"child" maxLength:"26" doc:"只看一个孩子的；不填为所有"`
	Page     int    `query:"page" minimum:"1" maximum:"100000" default:"1"`
	PageSize int    `query:"page_size" minimum:"1" maximum:"100" default:"20"`
}

type recordBookingsOutput struct {
	Body struct {
		Items []bookingView `json:"items" nullable:"false" doc:"时段晚的在前；只有范围内宝宝屋的"`
		Total int64         `json:"total"`
	}
}

func (a *API) recordBookings(ctx context.Context, in *recordBookingsInput) (*recordBookingsOutput, error) {
	list, total, err := a.Booking.ListWithin(ctx, dutyOf(ctx), in.ID, in.Child, in.Page, in.PageSize)
	if err != nil {
		return nil, err
	}
	out := &recordBookingsOutput{}
	out.Body.Items, out.Body.Total = each(list, a.viewBooking), total
	return out, nil
}

// ByChild names a child of a resident.
type ByChild struct {
	ByID
	Child string `path:"child" doc:"孩子编号"`
}

type recordAllowanceInput struct {
	ByChild
	Date string `query:"date" format:"date" doc:"看哪一天所在的年度；不填为今天"`
}

type ledgerLineView struct {
	Booking   string    `json:"booking_id"`
	Kind      string    `json:"kind" enum:"debit,return" doc:"用掉、退回"`
	Amount    int       `json:"amount" doc:"次数或分钟数；退回为负"`
	CreatedAt time.Time `json:"created_at"`
	StartAt   time.Time `json:"start_at" doc:"那次时段的开始"`
	SiteName  string    `json:"site_name" doc:"范围外的为空"`
}

type recordAllowanceOutput struct {
	Body struct {
		Year      int              `json:"year"`
		Unit      string           `json:"unit" enum:"session,minute" doc:"session 按次，minute 按分钟"`
		Granted   int              `json:"granted"`
		Used      int              `json:"used" doc:"各条之和"`
		Remaining int              `json:"remaining"`
		Beyond    string           `json:"beyond" enum:"refuse,self_paid" doc:"用完之后：不能再约，或到场自费"`
		Items     []ledgerLineView `json:"items" nullable:"false" doc:"新的在前"`
	}
}

func (a *API) recordAllowance(ctx context.Context, in *recordAllowanceInput) (*recordAllowanceOutput, error) {
	day, err := a.askedDate(in.Date)
	if err != nil {
		return nil, err
	}
	held, lines, err := a.Booking.LedgerWithin(ctx, dutyOf(ctx), in.ID, in.Child, day)
	if err != nil {
		return nil, err
	}
	out := &recordAllowanceOutput{}
	out.Body.Year, out.Body.Unit, out.Body.Beyond = held.Year, string(held.Unit), string(held.Policy.Beyond)
	out.Body.Granted, out.Body.Used, out.Body.Remaining = held.Granted, held.Used, held.Remaining()
	out.Body.Items = each(lines, func(l booking.LedgerLine) ledgerLineView {
		return ledgerLineView{l.BookingID, string(l.Kind), l.Amount, l.CreatedAt.In(a.Zone), l.Booking.StartAt.In(a.Zone), l.Site.Name}
	})
	return out, nil
}

type recordMarkView struct {
	MarkView
	SiteName string `json:"site_name" doc:"范围外的为空"`
	MayLift  bool   `json:"may_lift" doc:"还可以撤销，并且在范围内"`
}

func (a *API) viewRecordMark(m desk.MarkSeen, sites map[string]model.Site) recordMarkView {
	site, within := sites[m.Booking.SiteID]
	return recordMarkView{a.viewMark(m), site.Name, within && m.LiftedAt == nil}
}

type recordMarksOutput struct {
	Body struct {
		Items   []recordMarkView `json:"items" nullable:"false" doc:"从新到旧"`
		Blocked []blockedView    `json:"blocked" nullable:"false" doc:"暂停预约的服务和到什么时候"`
	}
}

func (a *API) recordMarks(ctx context.Context, in *ByChild) (*recordMarksOutput, error) {
	standing, err := a.Desk.MarksWithin(ctx, dutyOf(ctx), in.ID, in.Child)
	if err != nil {
		return nil, err
	}
	out := &recordMarksOutput{}
	out.Body.Items = each(standing.Marks, func(m desk.MarkSeen) recordMarkView { return a.viewRecordMark(m, standing.Sites) })
	out.Body.Blocked = each(standing.Blocked, a.viewBlocked)
	return out, nil
}

type revealInput struct {
	ByID
	Body struct {
		Field  string `json:"field" enum:"phone,nickname,child_name,birth_date,health_note,pickup_name,pickup_phone" doc:"打开哪一项：手机号、称呼、孩子的姓名、出生日期、健康情况、接送人的姓名、手机号"`
		Of     string `json:"of,omitempty" maxLength:"26" doc:"孩子或接送人的编号；手机号和称呼不用填"`
		Reason string `json:"reason" enum:"contact_guardian,written_request,verify,appeal,emergency,other_reason" doc:"为什么查看：联系家长、家长书面申请、核实信息、处理申诉、紧急情况、其他；每次查看都有记录"`
		Note   string `json:"note" minLength:"1" doc:"写明为了什么事，2到100个字；会被记录，不要写孩子的病情"`
	}
}

type revealedOutput struct {
	Body struct {
		Field  string    `json:"field"`
		Value  string    `json:"value"`
		Until  time.Time `json:"until" doc:"到时收起"`
		Within int       `json:"seconds" doc:"可以显示多少秒"`
	}
}

func (a *API) reveal(ctx context.Context, in *revealInput) (*revealedOutput, error) {
	shown, err := a.Account.Reveal(ctx, dutyOf(ctx), in.ID, account.Opening{
		Field: account.Field(in.Body.Field), Of: in.Body.Of, Reason: account.RevealReason(in.Body.Reason), Note: in.Body.Note,
	})
	if err != nil {
		return nil, err
	}
	out := &revealedOutput{}
	out.Body.Field, out.Body.Value, out.Body.Until = in.Body.Field, shown.Value, shown.Until.In(a.Zone)
	out.Body.Within = int(account.ShownFor.Seconds())
	return out, nil
}

type paperInput struct {
	ByID
	Body struct {
		Reference string `json:"reference" minLength:"1" doc:"书面申请的编号或存放处，2到100个字"`
		Phone     string `json:"phone,omitempty" maxLength:"20" doc:"申请上写的手机号，和账号的核对；账号没有手机号时不用填"`
	}
}

func (in *paperInput) paper() account.Paper {
	return account.Paper{Reference: in.Body.Reference, Phone: in.Body.Phone}
}

type closingOutput struct {
	Body struct {
		Bookings     int64 `json:"bookings" doc:"会取消多少个还没开始的预约，所有宝宝屋的"`
		Waiting      int64 `json:"waiting" doc:"会退出多少个候补"`
		Applications int64 `json:"applications" doc:"会撤回多少个摇号报名"`
		Children     int   `json:"children" doc:"会删除多少个孩子的信息"`
		Busy         bool  `json:"busy" doc:"有孩子正在宝宝屋，或场次已经开始：要等结束后再注销"`
	}
}

func (a *API) previewClosing(ctx context.Context, in *ByID) (*closingOutput, error) {
	closing, err := a.Account.PreviewClosing(ctx, dutyOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out := &closingOutput{}
	out.Body.Bookings, out.Body.Waiting, out.Body.Applications = closing.Bookings, closing.Waiting, closing.Applications
	out.Body.Children, out.Body.Busy = closing.Children, closing.Busy
	return out, nil
}

type closedOutput struct {
	Body struct {
		ID       string     `json:"id"`
		Status   string     `json:"status" enum:"closed"`
		ClosedAt *time.Time `json:"closed_at"`
	}
}

func (a *API) closeOnRequest(ctx context.Context, in *paperInput) (*closedOutput, error) {
	who, err := a.Account.CloseOnRequest(ctx, dutyOf(ctx), in.ID, in.paper())
	if err != nil {
		return nil, err
	}
	out := &closedOutput{}
	out.Body.ID, out.Body.Status, out.Body.ClosedAt = who.ID, string(who.Status), a.local(who.ClosedAt)
	return out, nil
}

type handedExportOutput struct {
	Disposition string `header:"Content-Disposition"`
	Body        exportOutputBody
}

func (a *API) exportOnRequest(ctx context.Context, in *paperInput) (*handedExportOutput, error) {
	held, err := a.Account.ExportOnRequest(ctx, dutyOf(ctx), in.ID, in.paper())
	if err != nil {
		return nil, err
	}
	return &handedExportOutput{`attachment; filename="` + in.ID + `.json"`, a.viewExport(held)}, nil
}
