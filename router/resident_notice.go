package router

import (
	"context"
	"time"

	"jiamenkou/model"
)

type noticeView struct {
	ID          string     `json:"id"`
	Kind        string     `json:"kind"`
	Title       string     `json:"title"`
	Body        string     `json:"body"`
	Booking     string     `json:"booking_id,omitempty" doc:"说的是哪个预约"`
	Waiting     string     `json:"waiting_id,omitempty" doc:"说的是哪条候补"`
	Application string     `json:"application_id,omitempty" doc:"说的是哪份摇号报名"`
	CreatedAt   time.Time  `json:"created_at"`
	ReadAt      *time.Time `json:"read_at,omitempty"`
}

func (a *API) viewNotice(n model.Notice) noticeView {
	v := noticeView{ID: n.ID, Kind: string(n.Kind), Title: n.Title, Body: n.Body, CreatedAt: n.CreatedAt.In(a.Zone), ReadAt: a.local(n.ReadAt)}
	switch n.Kind.Subject() {
	case "waiting":
		v.Waiting = n.SubjectID
	case "application":
		v.Application = n.SubjectID
	default:
		v.Booking = n.SubjectID
	}
	return v
}

type inboxOutput struct {
	Body struct {
		Items  []noticeView `json:"items" nullable:"false"`
		Unread int          `json:"unread" doc:"全部未读通知的条数"`
	}
}

func (a *API) listNotices(ctx context.Context, in *Page) (*inboxOutput, error) {
	inbox, err := a.Notice.InboxOf(ctx, sessionOf(ctx).Resident, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &inboxOutput{}
	out.Body.Items, out.Body.Unread = each(inbox.Notices, a.viewNotice), inbox.Unread
	return out, nil
}

type readNoticesInput struct {
	Newest string `query:"newest" maxLength:"26" doc:"看到的最新一条的编号，之后到的仍为未读；不填则全部标为已读"`
}

func (a *API) readNotices(ctx context.Context, in *readNoticesInput) (*none, error) {
	return nil, a.Notice.ReadAll(ctx, sessionOf(ctx).Resident, in.Newest)
}

func (a *API) readNotice(ctx context.Context, in *ByID) (*none, error) {
	return nil, a.Notice.Read(ctx, sessionOf(ctx).Resident, in.ID)
}
