package router

import (
	"context"
	"maps"
	"slices"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/notice"
)

// TemplateLineView is a field of a message template, with what it shows of an invented notice.
type TemplateLineView struct {
	Name   string `json:"name" doc:"微信模板里的字段，如thing1"`
	Type   string `json:"type" doc:"字段的类型"`
	Number int    `json:"number"`
	Fact   string `json:"fact" enum:"site,session,start,until,result,note" doc:"显示什么：宝宝屋、起止时间、开始时间、最晚何时办理、摇号结果、提示"`
	Text   string `json:"text" doc:"用虚构的内容填上，裁成微信收得下的样子"`
}

func viewTemplateLine(l notice.Line) TemplateLineView {
	return TemplateLineView{l.Name(), l.Type, l.Number, string(l.Fact), l.Text}
}

// ShownTemplateView is a WeChat template, and what a message under it looks like.
type ShownTemplateView struct {
	TemplateID string             `json:"template_id" doc:"微信的模板ID；空：没有模板，只发小程序收件箱"`
	Page       string             `json:"page" doc:"点开消息打开的小程序页面；空：不打开"`
	Lines      []TemplateLineView `json:"lines" nullable:"false"`
}

func (a *API) showTemplate(kind model.NoticeKind, t model.Template) ShownTemplateView {
	return ShownTemplateView{t.TemplateID, t.Page, each(a.Notice.Preview(kind, t), viewTemplateLine)}
}

// MessageCardView is a kind of message in the list of them.
type MessageCardView struct {
	Kind    string            `json:"kind" enum:"booked,reminder,place_offered,site_cancelled,draw_result,strike" doc:"哪一类消息"`
	Source  string            `json:"source" enum:"settings,console,off" doc:"模板的来源：设置文件、工作台、关掉"`
	InForce ShownTemplateView `json:"in_force" doc:"现在发消息用的模板"`
	Version int               `json:"version" doc:"工作台设置的第几版，0为没有设置过；修改时带上"`
	Since   *time.Time        `json:"since,omitempty" doc:"从何时起；没有则从程序启动起"`
	Staff   string            `json:"staff_name,omitempty"`
	Reason  string            `json:"reason,omitempty"`
}

func (a *API) viewMessageCard(k notice.Kept) MessageCardView {
	v := MessageCardView{
		Kind: string(k.Kind), Source: string(k.Newest.Choice()), InForce: a.showTemplate(k.Kind, k.InForce),
		Version: k.Newest.Version, Staff: k.StaffName, Reason: k.Newest.Reason,
	}
	if k.Newest.Version > 0 {
		v.Since = a.local(&k.Newest.CreatedAt)
	}
	return v
}

func (a *API) listMessageTemplates(ctx context.Context, _ *none) (*list[MessageCardView], error) {
	found, err := a.Notice.KeptTemplates(ctx)
	return listed(a.viewMessageCard, found, err)
}

// MessageVersionView is one version of what the console has said of a kind of message.
type MessageVersionView struct {
	ShownTemplateView
	Version int       `json:"version"`
	Source  string    `json:"source" enum:"settings,console,off"`
	Since   time.Time `json:"since"`
	Staff   string    `json:"staff_name"`
	Reason  string    `json:"reason"`
}

func (a *API) viewMessageVersion(v notice.Version) MessageVersionView {
	return MessageVersionView{
		ShownTemplateView: a.showTemplate(v.Kind, v.Template), Version: v.Version, Source: string(v.Source),
		Since: v.CreatedAt.In(a.Zone), Staff: v.StaffName, Reason: v.Reason,
	}
}

// FieldChoiceView is a type of field, and what a kind of message can show in one.
type FieldChoiceView struct {
	Type  string             `json:"type"`
	Takes string             `json:"takes" doc:"放得下什么"`
	Lines []TemplateLineView `json:"lines" nullable:"false" doc:"能显示的各项，和裁好的样子"`
}

func viewFieldChoice(c notice.Choice) FieldChoiceView {
	return FieldChoiceView{c.Name, c.Takes, each(c.Lines, viewTemplateLine)}
}

type templateAgreementView struct {
	TemplateID string `json:"template_id"`
	Residents  int    `json:"residents" doc:"还同意收这个模板的消息的家长"`
}

// MessageDetailView is a kind of message with all there is to it.
type MessageDetailView struct {
	MessageCardView
	Settings ShownTemplateView       `json:"settings" doc:"设置文件里的模板"`
	Versions []MessageVersionView    `json:"versions" nullable:"false" doc:"最新的在前"`
	Choices  []FieldChoiceView       `json:"choices" nullable:"false" doc:"可用的字段类型"`
	Agreed   []templateAgreementView `json:"agreed" nullable:"false" doc:"没有列出的模板：还没有家长同意"`
}

func (a *API) viewMessageDetail(d notice.KeptDetail) MessageDetailView {
	v := MessageDetailView{
		MessageCardView: a.viewMessageCard(d.Kept), Settings: a.showTemplate(d.Kind, d.Settings),
		Versions: each(d.Versions, a.viewMessageVersion), Choices: each(a.Notice.Choices(d.Kind), viewFieldChoice),
		Agreed: []templateAgreementView{},
	}
	for _, id := range slices.Sorted(maps.Keys(d.Agreed)) {
		v.Agreed = append(v.Agreed, templateAgreementView{id, d.Agreed[id]})
	}
	return v
}

// ByMessageKind names a kind of message in the address.
type ByMessageKind struct {
	Kind string `path:"kind" maxLength:"32" doc:"哪一类消息"`
}

func (a *API) findMessageTemplate(ctx context.Context, in *ByMessageKind) (*one[MessageDetailView], error) {
	d, err := a.Notice.KeptTemplate(ctx, model.NoticeKind(in.Kind))
	return shown(a.viewMessageDetail, d, err)
}

// TemplateFieldForm is a field as staff fill it in.
type TemplateFieldForm struct {
	Type   string `json:"type" maxLength:"20"`
	Number int    `json:"number"`
	Fact   string `json:"fact" maxLength:"16" doc:"显示什么"`
}

// TemplateForm is a message template as staff fill it in.
type TemplateForm struct {
	TemplateID string              `json:"template_id" maxLength:"128" doc:"从微信公众平台复制"`
	Page       string              `json:"page" maxLength:"256" doc:"小程序的页面；{id}是消息所说的那条记录；可以不填"`
	Fields     []TemplateFieldForm `json:"fields" maxItems:"30" nullable:"false" doc:"模板的每个字段，照显示的次序"`
}

func (f TemplateForm) template() model.Template {
	t := model.Template{TemplateID: f.TemplateID, Page: f.Page}
	for _, field := range f.Fields {
		t.Fields = append(t.Fields, model.TemplateField{Type: field.Type, Number: field.Number, Fact: model.Fact(field.Fact)})
	}
	return t
}

type changeMessageTemplateInput struct {
	ByMessageKind
	Body struct {
		Seen
		TemplateForm
		Reason string `json:"reason" maxLength:"200"`
	}
}

func (a *API) changeMessageTemplate(ctx context.Context, in *changeMessageTemplateInput) (*one[MessageDetailView], error) {
	b := in.Body
	return a.setTemplate(ctx, in.ByMessageKind, notice.TemplateWish{
		Seen: b.Version, Source: model.TemplateOfConsole, Template: b.template(), Reason: b.Reason,
	})
}

type turnMessageTemplateInput struct {
	ByMessageKind
	Body struct {
		Seen
		Reason string `json:"reason" maxLength:"200"`
	}
}

func (a *API) withdrawMessageTemplate(ctx context.Context, in *turnMessageTemplateInput) (*one[MessageDetailView], error) {
	return a.setTemplate(ctx, in.ByMessageKind, notice.TemplateWish{Seen: in.Body.Version, Source: model.TemplateOff, Reason: in.Body.Reason})
}

func (a *API) revertMessageTemplate(ctx context.Context, in *turnMessageTemplateInput) (*one[MessageDetailView], error) {
	return a.setTemplate(ctx, in.ByMessageKind, notice.TemplateWish{Seen: in.Body.Version, Source: model.TemplateOfSettings, Reason: in.Body.Reason})
}

// setTemplate does what was wished for the kind in the address, and shows what holds then.
func (a *API) setTemplate(ctx context.Context, of ByMessageKind, wish notice.TemplateWish) (*one[MessageDetailView], error) {
	wish.Kind = model.NoticeKind(of.Kind)
	if err := a.Notice.SetTemplate(ctx, dutyOf(ctx), wish); err != nil {
		return nil, err
	}
	return a.findMessageTemplate(ctx, &of)
}
