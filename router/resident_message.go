package router

import (
	"context"

	"jiamenkou/service/notice"
)

type messageConsentView struct {
	Kind      string `json:"kind" doc:"哪一类通知"`
	Template  string `json:"template_id" doc:"交给 wx.requestSubscribeMessage 的模板编号"`
	Remaining int    `json:"remaining" doc:"还可以收到几条；同一模板的各类通知共用"`
}

func viewMessageConsent(q notice.Question) messageConsentView {
	return messageConsentView{string(q.Kind), q.TemplateID, q.Remaining}
}

func (a *API) listMessageConsents(ctx context.Context, _ *none) (*list[messageConsentView], error) {
	questions, err := a.Notice.QuestionsFor(ctx, sessionOf(ctx).Resident)
	return listed(viewMessageConsent, questions, err)
}

type agreeToMessagesInput struct {
	Keyed
	Body struct {
		Templates []string `json:"templates" minItems:"1" maxItems:"10" uniqueItems:"true" nullable:"false" doc:"wx.requestSubscribeMessage 的结果为 accept 的模板编号；每个加一条"`
	}
}

func (a *API) agreeToMessages(ctx context.Context, in *agreeToMessagesInput) (*list[messageConsentView], error) {
	questions, err := a.Notice.Agree(ctx, sessionOf(ctx).Resident, in.Key, in.Body.Templates)
	return listed(viewMessageConsent, questions, err)
}
