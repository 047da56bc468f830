package router

import (
	"context"
	"time"
)

type signInInput struct {
	Body struct {
		Code   string `json:"code" minLength:"1" maxLength:"128" doc:"wx.login 得到的 code"`
		Device string `json:"device,omitempty" maxLength:"40" doc:"设备名称，供本人辨认"`
	}
}

type signInOutput struct {
	Body struct {
		Token    string `json:"token" doc:"之后的请求放在 Authorization: Bearer 里"`
		Resident string `json:"resident_id"`
	}
}

func (a *API) signIn(ctx context.Context, in *signInInput) (*signInOutput, error) {
	token, who, err := a.Account.SignIn(ctx, in.Body.Code, in.Body.Device)
	if err != nil {
		return nil, err
	}
	out := &signInOutput{}
	out.Body.Token, out.Body.Resident = token, who.ID
	return out, nil
}

type sessionView struct {
	ID        string    `json:"id"`
	Device    string    `json:"device"`
	CreatedAt time.Time `json:"created_at"`
	Current   bool      `json:"current" doc:"是否就是本设备"`
}

func (a *API) listSessions(ctx context.Context, _ *none) (*list[sessionView], error) {
	mine := sessionOf(ctx)
	sessions, err := a.Account.ListSessions(ctx, mine.Resident)
	if err != nil {
		return nil, err
	}
	views := make([]sessionView, len(sessions))
	for i, s := range sessions {
		views[i] = sessionView{s.ID, s.Device, s.CreatedAt.In(a.Zone), s.ID == mine.ID}
	}
	return listOf(views), nil
}

func (a *API) endOtherSessions(ctx context.Context, _ *none) (*none, error) {
	mine := sessionOf(ctx)
	_, err := a.Account.EndSessions(ctx, mine.Resident, mine.ID)
	return nil, err
}

func (a *API) endThisSession(ctx context.Context, _ *none) (*none, error) {
	mine := sessionOf(ctx)
	return nil, a.Account.EndSession(ctx, mine.Resident, mine.ID)
}

func (a *API) endSession(ctx context.Context, in *ByID) (*none, error) {
	return nil, a.Account.EndSession(ctx, sessionOf(ctx).Resident, in.ID)
}
