package router

import (
	"context"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/desk"
)

type openAppealView struct {
	ID        string       `json:"id"`
	Reason    string       `json:"reason" enum:"unwell,came,site,emergency,other_cause"`
	HasNote   bool         `json:"has_note"`
	CreatedAt time.Time    `json:"created_at"`
	Site      string       `json:"site_id"`
	Booking   string       `json:"booking_id"`
	StartAt   time.Time    `json:"start_at" doc:"那次时段的开始"`
	Status    string       `json:"status" enum:"open,upheld,rejected"`
	Mark      deskMarkView `json:"mark"`
}

func (a *API) viewOpenAppeal(p desk.AppealSeen) openAppealView {
	return openAppealView{
		ID: p.ID, Reason: string(p.Reason), HasNote: !p.NoteSealed.IsZero(), CreatedAt: p.Appeal.CreatedAt.In(a.Zone), Site: p.SiteID,
		Booking: p.BookingID, StartAt: p.Booking.StartAt.In(a.Zone), Status: string(p.Appeal.Status), Mark: a.viewDeskMark(p.Mark),
	}
}

// Onward asks for a part of a list, oldest first.
type Onward struct {
	After string `query:"after" maxLength:"26" doc:"上一页最后一条的编号；不填从头开始"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

func (a *API) openAppeals(ctx context.Context, in *Onward) (*list[openAppealView], error) {
	appeals, err := a.Desk.OpenAppeals(ctx, dutyOf(ctx), in.After, in.Limit)
	return listed(a.viewOpenAppeal, appeals, err)
}

type openAppealOutput struct {
	Body struct {
		Appeal openAppealView `json:"appeal"`
		Child  string         `json:"child_name"`
		Note   string         `json:"note"`
	}
}

func (a *API) openAppeal(ctx context.Context, in *ByID) (*openAppealOutput, error) {
	appeal, err := a.Desk.OpenAppeal(ctx, dutyOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out := &openAppealOutput{}
	out.Body.Appeal, out.Body.Child, out.Body.Note = a.viewOpenAppeal(appeal.AppealSeen), appeal.ChildName, appeal.Note
	return out, nil
}

type answerAppealInput struct {
	ByID
	Body struct {
		Outcome string `json:"outcome" enum:"upheld,rejected" doc:"通过（撤销失约记录）或不通过"`
		Reason  string `json:"reason" doc:"给家长的答复，不超过200个字；不要写孩子的病情"`
	}
}

func (a *API) answerAppeal(ctx context.Context, in *answerAppealInput) (*one[appealView], error) {
	return a.appealed(a.Desk.Answer(ctx, dutyOf(ctx), in.ID, model.AppealStatus(in.Body.Outcome), in.Body.Reason))
}

type liftMarkInput struct {
	ByID
	Body struct {
		Reason string `json:"reason" doc:"原因，不超过200个字，家长看得到"`
	}
}

func (a *API) liftMark(ctx context.Context, in *liftMarkInput) (*one[deskMarkView], error) {
	mark, err := a.Desk.LiftMark(ctx, dutyOf(ctx), in.ID, in.Body.Reason)
	return shown(a.viewDeskMark, mark, err)
}
