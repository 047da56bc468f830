package router

import (
	"context"
	"strings"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/desk"
)

type newCheckInCodeInput struct {
	ByID
	Body struct {
		Printed bool `json:"printed,omitempty" doc:"打印或抄下来用：到时段结束都有效"`
	}
}

type checkInCodeOutput struct {
	Body struct {
		Code      string    `json:"code" doc:"六位签到码，可以报给工作人员"`
		QR        string    `json:"qr" doc:"二维码的内容"`
		ExpiresAt time.Time `json:"expires_at"`
	}
}

func (a *API) newCheckInCode(ctx context.Context, in *newCheckInCodeInput) (*checkInCodeOutput, error) {
	code, err := a.Desk.NewCode(ctx, sessionOf(ctx).Resident, in.ID, in.Body.Printed)
	if err != nil {
		return nil, err
	}
	out := &checkInCodeOutput{}
	out.Body.Code, out.Body.QR, out.Body.ExpiresAt = code.Text, code.QR, code.ExpiresAt.In(a.Zone)
	return out, nil
}

// MarkView is a mark as its guardian sees it.
type MarkView struct {
	ID           string      `json:"id"`
	Booking      string      `json:"booking_id"`
	StartAt      time.Time   `json:"start_at" doc:"那次时段的开始"`
	Kind         string      `json:"kind" enum:"late_cancel,no_show"`
	Points       int         `json:"points"`
	CreatedAt    time.Time   `json:"created_at"`
	LapsesAt     time.Time   `json:"lapses_at" doc:"到时不再计入"`
	LiftedAt     *time.Time  `json:"lifted_at,omitempty" doc:"已撤销"`
	LiftedReason string      `json:"lifted_reason"`
	AppealUntil  time.Time   `json:"appeal_until" doc:"申诉的期限"`
	Appeal       *appealView `json:"appeal,omitempty"`
}

type appealView struct {
	ID         string     `json:"id"`
	Reason     string     `json:"reason" enum:"unwell,came,site,emergency,other_cause"`
	Status     string     `json:"status" enum:"open,upheld,rejected"`
	Answer     string     `json:"answer"`
	CreatedAt  time.Time  `json:"created_at"`
	AnsweredAt *time.Time `json:"answered_at,omitempty"`
}

func (a *API) viewAppeal(p model.Appeal) appealView {
	return appealView{p.ID, string(p.Reason), string(p.Status), p.Answer, p.CreatedAt.In(a.Zone), a.local(p.AnsweredAt)}
}

func (a *API) viewMark(m desk.MarkSeen) MarkView {
	v := MarkView{
		ID: m.ID, Booking: m.BookingID, StartAt: m.Booking.StartAt.In(a.Zone), Kind: string(m.Kind), Points: m.Points,
		CreatedAt: m.CreatedAt.In(a.Zone), LapsesAt: m.LapsesAt.In(a.Zone), LiftedAt: a.local(m.LiftedAt), LiftedReason: m.LiftedReason,
		AppealUntil: m.AppealUntil.In(a.Zone),
	}
	if m.Appeal != nil {
		appeal := a.viewAppeal(*m.Appeal)
		v.Appeal = &appeal
	}
	return v
}

type blockedView struct {
	Service     string    `json:"service_id"`
	ServiceName string    `json:"service_name"`
	Until       time.Time `json:"until"`
}

func (a *API) viewBlocked(b desk.Blocked) blockedView {
	return blockedView{b.Service.ID, b.Service.Name, b.Until.In(a.Zone)}
}

type marksOutput struct {
	Body struct {
		Items   []MarkView    `json:"items" nullable:"false" doc:"从新到旧"`
		Blocked []blockedView `json:"blocked" nullable:"false" doc:"暂停预约的服务和到什么时候"`
	}
}

func (a *API) listMarks(ctx context.Context, in *ByID) (*marksOutput, error) {
	standing, err := a.Desk.Marks(ctx, sessionOf(ctx).Resident, in.ID)
	if err != nil {
		return nil, err
	}
	out := &marksOutput{}
	out.Body.Items = each(standing.Marks, a.viewMark)
	out.Body.Blocked = each(standing.Blocked, a.viewBlocked)
	return out, nil
}

type appealInput struct {
	ByID
	Body struct {
		Reason string `json:"reason" enum:"unwell,came,site,emergency,other_cause" doc:"身体不适、其实到了、宝宝屋的原因、家有急事、其他"`
		Note   string `json:"note,omitempty" maxLength:"300" doc:"补充说明，只有处理申诉的工作人员看得到"`
	}
}

func (a *API) appeal(ctx context.Context, in *appealInput) (*one[appealView], error) {
	return a.appealed(a.Desk.Appeal(ctx, sessionOf(ctx).Resident, in.ID, model.AppealReason(in.Body.Reason), strings.TrimSpace(in.Body.Note)))
}

func (a *API) appealed(p model.Appeal, err error) (*one[appealView], error) {
	return shown(a.viewAppeal, p, err)
}
