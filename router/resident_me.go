package router

import (
	"context"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/fault"
	"jiamenkou/service/account"
)

// ErrClosureUnconfirmed keeps a slip of the finger from closing an account.
var ErrClosureUnconfirmed = fault.New(fault.Invalid, "closure_unconfirmed", "注销后无法恢复，请先确认。")

type subdistrictView struct {
	Code string `json:"code" example:"310104017"`
	Name string `json:"name" example:"漕河泾街道"`
}

func viewSubdistrict(s model.Subdistrict) subdistrictView { return subdistrictView{s.Code, s.Name} }

type profileView struct {
	ID            string           `json:"id"`
	Nickname      string           `json:"nickname"`
	Subdistrict   *subdistrictView `json:"subdistrict,omitempty"`
	Phone         string           `json:"phone" doc:"只显示前三位和后四位；没有填写时为空"`
	PhoneVerified bool             `json:"phone_verified" doc:"是否经微信核实"`
	CreatedAt     time.Time        `json:"created_at"`
}

func (a *API) viewProfile(p account.Profile) profileView {
	v := profileView{
		ID: p.ID, Nickname: p.Nickname, Phone: model.MaskedPhone(p.Phone), PhoneVerified: p.PhoneVerifiedAt != nil,
		CreatedAt: p.CreatedAt.In(a.Zone),
	}
	if p.SubdistrictCode != "" {
		subdistrict := viewSubdistrict(p.Subdistrict)
		v.Subdistrict = &subdistrict
	}
	return v
}

func (a *API) profile(p account.Profile, err error) (*one[profileView], error) {
	return shown(a.viewProfile, p, err)
}

func (a *API) me(ctx context.Context, _ *none) (*one[profileView], error) {
	return a.profile(a.Account.Me(ctx, sessionOf(ctx).Resident))
}

type changeMeInput struct {
	Body struct {
		Nickname    *string `json:"nickname,omitempty" maxLength:"20" doc:"称呼；空字符串表示清除"`
		Subdistrict *string `json:"subdistrict,omitempty" minLength:"9" maxLength:"9" doc:"所在街镇的代码"`
	}
}

func (a *API) changeMe(ctx context.Context, in *changeMeInput) (*one[profileView], error) {
	change := account.ProfileChange{Nickname: in.Body.Nickname, Subdistrict: in.Body.Subdistrict}
	return a.profile(a.Account.ChangeProfile(ctx, sessionOf(ctx).Resident, change))
}

type changePhoneInput struct {
	Body struct {
		Code   string `json:"code,omitempty" maxLength:"128" doc:"getPhoneNumber 得到的 code；与 number 二选一"`
		Number string `json:"number,omitempty" maxLength:"20" doc:"自己填写的手机号，未经核实"`
	}
}

func (a *API) changePhone(ctx context.Context, in *changePhoneInput) (*one[profileView], error) {
	who := sessionOf(ctx).Resident
	if in.Body.Code != "" {
		return a.profile(a.Account.VerifyPhone(ctx, who, in.Body.Code))
	}
	return a.profile(a.Account.TypePhone(ctx, who, in.Body.Number))
}

type closeMeInput struct {
	Body struct {
		Confirm bool `json:"confirm" doc:"确认注销，无法恢复"`
	}
}

func (a *API) closeMe(ctx context.Context, in *closeMeInput) (*none, error) {
	if !in.Body.Confirm {
		return nil, ErrClosureUnconfirmed
	}
	return nil, a.Account.Close(ctx, sessionOf(ctx).Resident)
}

func (a *API) local(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	local := t.In(a.Zone)
	return &local
}
