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

type profileOutput struct{ Body profileView }

func (a *API) viewProfile(p account.Profile) profileView {
	v := profileView{
		ID: p.ID, Nickname: p.Nickname, Phone: maskPhone(p.Phone), PhoneVerified: p.PhoneVerifiedAt != nil,
		CreatedAt: p.CreatedAt.In(a.Zone),
	}
	if p.SubdistrictCode != "" {
		subdistrict := viewSubdistrict(p.Subdistrict)
		v.Subdistrict = &subdistrict
	}
	return v
}

// maskPhone keeps the first three and the last four digits.
func maskPhone(number string) string {
	const kept = 3 + 4
	if len(number) <= kept {
		return ""
	}
	return number[:3] + "****" + number[len(number)-4:]
}

func (a *API) profile(p account.Profile, err error) (*profileOutput, error) {
	if err != nil {
		return nil, err
	}
	return &profileOutput{a.viewProfile(p)}, nil
}

func (a *API) me(ctx context.Context, _ *none) (*profileOutput, error) {
	return a.profile(a.Account.Me(ctx, sessionOf(ctx).Resident))
}

type changeMeInput struct {
	Body struct {
		Nickname    *string `json:"nickname,omitempty" maxLength:"20" doc:"称呼；空字符串表示清除"`
		Subdistrict *string `json:"subdistrict,omitempty" minLength:"9" maxLength:"9" doc:"所在街镇的代码"`
	}
}

func (a *API) changeMe(ctx context.Context, in *changeMeInput) (*profileOutput, error) {
	change := account.ProfileChange{Nickname: in.Body.Nickname, Subdistrict: in.Body.Subdistrict}
	return a.profile(a.Account.ChangeProfile(ctx, sessionOf(ctx).Resident, change))
}

type changePhoneInput struct {
	Body struct {
		Code   string `json:"code,omitempty" maxLength:"128" doc:"getPhoneNumber 得到的 code；与 number 二选一"`
		Number string `json:"number,omitempty" maxLength:"20" doc:"自己填写的手机号，未经核实"`
	}
}

func (a *API) changePhone(ctx context.Context, in *changePhoneInput) (*profileOutput, error) {
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

type exportOutput struct {
	Body struct {
		ExportedAt time.Time         `json:"exported_at"`
		Profile    profileView       `json:"profile"`
		Phone      string            `json:"phone" doc:"完整号码"`
		Children   []childView       `json:"children" nullable:"false"`
		Allowances []allowanceExport `json:"allowances" nullable:"false"`
		Marks      []markExport      `json:"marks" nullable:"false" doc:"失约记录"`
		Consents   []consentExport   `json:"consents" nullable:"false"`
		Bookings   []bookingExport   `json:"bookings" nullable:"false"`
		Notices    []noticeView      `json:"notices" nullable:"false"`
	}
}

type allowanceExport struct {
	Child   string `json:"child_id"`
	Year    int    `json:"year"`
	Unit    string `json:"unit"`
	Granted int    `json:"granted"`
	Used    int    `json:"used"`
}

type markExport struct {
	Child     string    `json:"child_id"`
	Booking   string    `json:"booking_id"`
	Kind      string    `json:"kind"`
	CreatedAt time.Time `json:"created_at"`
}

type consentExport struct {
	Document    string     `json:"document_id"`
	AgreedAt    time.Time  `json:"agreed_at"`
	WithdrawnAt *time.Time `json:"withdrawn_at,omitempty"`
}

type bookingExport struct {
	ID        string    `json:"id"`
	Child     string    `json:"child_id"`
	Site      string    `json:"site_id"`
	StartAt   time.Time `json:"start_at"`
	EndAt     time.Time `json:"end_at"`
	Status    string    `json:"status"`
	Reason    string    `json:"cancel_reason"`
	CreatedAt time.Time `json:"created_at"`
}

func (a *API) exportMe(ctx context.Context, _ *none) (*exportOutput, error) {
	held, err := a.Account.ExportOf(ctx, sessionOf(ctx).Resident)
	if err != nil {
		return nil, err
	}
	out := &exportOutput{}
	out.Body.ExportedAt = a.Now().In(a.Zone)
	out.Body.Profile, out.Body.Phone = a.viewProfile(held.Profile), held.Profile.Phone
	out.Body.Children = each(held.Children, viewChild)
	out.Body.Allowances = each(held.Allowances, func(l model.Allowance) allowanceExport {
		return allowanceExport{l.ChildID, l.Year, string(l.Unit), l.Granted, l.Used}
	})
	out.Body.Marks = each(held.Marks, func(m model.Mark) markExport {
		return markExport{m.ChildID, m.BookingID, string(m.Kind), m.CreatedAt.In(a.Zone)}
	})
	out.Body.Consents = each(held.Consents, func(c model.Consent) consentExport {
		return consentExport{c.DocumentID, c.AgreedAt.In(a.Zone), a.local(c.WithdrawnAt)}
	})
	out.Body.Bookings = each(held.Bookings, func(b model.Booking) bookingExport {
		return bookingExport{b.ID, b.ChildID, b.SiteID, b.StartAt.In(a.Zone), b.EndAt.In(a.Zone), string(b.Status), b.CancelReason, b.CreatedAt.In(a.Zone)}
	})
	out.Body.Notices = each(held.Notices, a.viewNotice)
	return out, nil
}

// each translates a list; the result is never null.
func each[T, V any](items []T, view func(T) V) []V {
	views := make([]V, len(items))
	for i, item := range items {
		views[i] = view(item)
	}
	return views
}

func (a *API) local(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	local := t.In(a.Zone)
	return &local
}
