package router

import (
	"context"
	"time"

	"jiamenkou/model"
)

type noticeView struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind"`
	Title     string     `json:"title"`
	Body      string     `json:"body"`
	Booking   string     `json:"booking_id,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	ReadAt    *time.Time `json:"read_at,omitempty"`
}

func (a *API) viewNotice(n model.Notice) noticeView {
	return noticeView{n.ID, string(n.Kind), n.Title, n.Body, n.SubjectID, n.CreatedAt.In(a.Zone), a.local(n.ReadAt)}
}

func (a *API) listNotices(ctx context.Context, in *Page) (*list[noticeView], error) {
	found, err := a.Notice.ListOf(ctx, sessionOf(ctx).Resident, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	return listOf(each(found, a.viewNotice)), nil
}

func (a *API) readNotice(ctx context.Context, in *ByID) (*none, error) {
	return nil, a.Notice.Read(ctx, sessionOf(ctx).Resident, in.ID)
}
