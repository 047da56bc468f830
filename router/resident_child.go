package router

import (
	"context"
	"strings"
	"time"
	"unicode"

	"jiamenkou/model"
	"jiamenkou/service/account"
)

type childView struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	BirthDate  string `json:"birth_date" format:"date"`
	AgeMonths  int    `json:"age_months" doc:"今天的足月龄"`
	Gender     string `json:"gender" enum:"female,male,unstated"`
	HealthNote string `json:"health_note"`
}

func viewChild(c account.Child) childView {
	return childView{c.ID, c.Name, c.BirthDate.String(), c.AgeMonths, string(c.Gender), c.HealthNote}
}

type childForm struct {
	Name       string `json:"name" minLength:"1" maxLength:"40" doc:"孩子的姓名"`
	BirthDate  string `json:"birth_date" format:"date" doc:"出生日期" example:"2025-01-20"`
	Gender     string `json:"gender,omitempty" enum:"female,male,unstated" default:"unstated"`
	HealthNote string `json:"health_note,omitempty" maxLength:"300" doc:"过敏、用药等需要照护人员知道的事"`
}

func (f childForm) read() (account.ChildForm, error) {
	birth, err := model.ParseDate(f.BirthDate)
	if err != nil {
		return account.ChildForm{}, errBirthDateUnreadable.WithField("body.birth_date", ErrDateInvalid.Message)
	}
	if !strings.ContainsFunc(f.Name, visible) {
		return account.ChildForm{}, ErrInvalidRequest.WithField("body.name", blank)
	}
	return account.ChildForm{
		Name: strings.TrimSpace(f.Name), BirthDate: birth, Gender: model.Gender(f.Gender), HealthNote: strings.TrimSpace(f.HealthNote),
	}, nil
}

func visible(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }

func child(c account.Child, err error) (*one[childView], error) {
	return shown(viewChild, c, err)
}

func (a *API) listChildren(ctx context.Context, _ *none) (*list[childView], error) {
	children, err := a.Account.ListChildren(ctx, sessionOf(ctx).Resident)
	return listed(viewChild, children, err)
}

func (a *API) findChild(ctx context.Context, in *ByID) (*one[childView], error) {
	return child(a.Account.FindChild(ctx, sessionOf(ctx).Resident, in.ID))
}

type addChildInput struct{ Body childForm }

func (a *API) addChild(ctx context.Context, in *addChildInput) (*one[childView], error) {
	form, err := in.Body.read()
	if err != nil {
		return nil, err
	}
	return child(a.Account.AddChild(ctx, sessionOf(ctx).Resident, form))
}

type changeChildInput struct {
	ByID
	Body childForm
}

func (a *API) changeChild(ctx context.Context, in *changeChildInput) (*one[childView], error) {
	form, err := in.Body.read()
	if err != nil {
		return nil, err
	}
	return child(a.Account.ChangeChild(ctx, sessionOf(ctx).Resident, in.ID, form))
}

func (a *API) removeChild(ctx context.Context, in *ByID) (*none, error) {
	return nil, a.Account.RemoveChild(ctx, sessionOf(ctx).Resident, in.ID)
}

type allowanceInput struct {
	ByID
	Date string `query:"date" format:"date" doc:"看哪一天所在的年度；不填为今天"`
}

type allowanceOutput struct {
	Body struct {
		Year      int    `json:"year"`
		Unit      string `json:"unit" enum:"session,minute" doc:"session 按次，minute 按分钟"`
		Granted   int    `json:"granted"`
		Used      int    `json:"used"`
		Remaining int    `json:"remaining"`
		Beyond    string `json:"beyond" enum:"refuse,self_paid" doc:"用完之后：不能再约，或到场自费"`
	}
}

func (a *API) allowance(ctx context.Context, in *allowanceInput) (*allowanceOutput, error) {
	day, err := a.askedDate(in.Date)
	if err != nil {
		return nil, err
	}
	held, err := a.Booking.AllowanceOf(ctx, sessionOf(ctx).Resident, in.ID, day)
	if err != nil {
		return nil, err
	}
	out := &allowanceOutput{}
	out.Body.Year, out.Body.Unit = held.Year, string(held.Unit)
	out.Body.Granted, out.Body.Used, out.Body.Remaining = held.Granted, held.Used, held.Remaining()
	out.Body.Beyond = string(held.Policy.Beyond)
	return out, nil
}

type entryView struct {
	Booking   string    `json:"booking_id"`
	Kind      string    `json:"kind" enum:"debit,return" doc:"用掉、退回"`
	Amount    int       `json:"amount" doc:"次数或分钟数；退回为负"`
	CreatedAt time.Time `json:"created_at"`
}

type entriesOutput struct {
	Body struct {
		Year  int         `json:"year"`
		Unit  string      `json:"unit" enum:"session,minute"`
		Used  int         `json:"used" doc:"各条之和"`
		Items []entryView `json:"items" nullable:"false" doc:"新的在前"`
	}
}

func (a *API) allowanceEntries(ctx context.Context, in *allowanceInput) (*entriesOutput, error) {
	day, err := a.askedDate(in.Date)
	if err != nil {
		return nil, err
	}
	held, lines, err := a.Booking.LedgerOf(ctx, sessionOf(ctx).Resident, in.ID, day)
	if err != nil {
		return nil, err
	}
	out := &entriesOutput{}
	out.Body.Year, out.Body.Unit, out.Body.Used = held.Year, string(held.Unit), held.Used
	out.Body.Items = each(lines, func(e model.AllowanceEntry) entryView {
		return entryView{e.BookingID, string(e.Kind), e.Amount, e.CreatedAt.In(a.Zone)}
	})
	return out, nil
}

func optionalDate(text string) (model.Date, error) {
	if text == "" {
		return model.Date{}, nil
	}
	day, err := model.ParseDate(text)
	if err != nil {
		return day, ErrDateInvalid
	}
	return day, nil
}
