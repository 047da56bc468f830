package router

import (
	"context"

	"jiamenkou/model"
	"jiamenkou/service/account"
)

type phoneInput struct {
	Body struct {
		Phone string `json:"phone" maxLength:"20" doc:"11位手机号"`
	}
}

type metView struct {
	ID     string `json:"id"`
	Phone  string `json:"phone" doc:"只显示前三位和后四位"`
	AtDesk bool   `json:"at_desk" doc:"在宝宝屋登记，自己不用微信登录"`
}

func viewMet(m account.Met) metView { return metView{m.ID, model.MaskedPhone(m.Phone), m.AtDesk()} }

func (a *API) registerResident(ctx context.Context, in *phoneInput) (*one[metView], error) {
	met, err := a.Account.RegisterByStaff(ctx, dutyOf(ctx), in.Body.Phone)
	return shown(viewMet, met, err)
}

func (a *API) searchResidents(ctx context.Context, in *phoneInput) (*list[metView], error) {
	found, err := a.Account.FindByPhone(ctx, dutyOf(ctx), in.Body.Phone)
	return listed(viewMet, found, err)
}

type maskedChildView struct {
	ID            string `json:"id"`
	Name          string `json:"name" doc:"姓名的第一个字和星号"`
	AgeMonths     int    `json:"age_months" doc:"今天的足月龄"`
	HasHealthNote bool   `json:"has_health_note" doc:"有健康提示；内容在打开预约时查看"`
}

func viewMaskedChild(c account.MaskedChild) maskedChildView { return maskedChildView(c) }

func (a *API) residentChildren(ctx context.Context, in *ByID) (*list[maskedChildView], error) {
	children, err := a.Account.ChildrenByStaff(ctx, dutyOf(ctx), in.ID)
	return listed(viewMaskedChild, children, err)
}

func (a *API) addResidentChild(ctx context.Context, in *changeChildInput) (*one[childView], error) {
	form, err := in.Body.read()
	if err != nil {
		return nil, err
	}
	return child(a.Account.AddChildByStaff(ctx, dutyOf(ctx), in.ID, form))
}

type agreeOnPaperInput struct {
	ByID
	Document string `path:"document" doc:"文件编号"`
}

func (a *API) agreeOnPaper(ctx context.Context, in *agreeOnPaperInput) (*none, error) {
	return nil, a.Account.AgreeOnPaper(ctx, dutyOf(ctx), in.ID, in.Document)
}
