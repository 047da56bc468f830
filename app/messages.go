package main

import (
	"strings"

	"jiamenkou/adapter/wechat"
	"jiamenkou/adapter/wechat/fake"
	"jiamenkou/conf"
	"jiamenkou/model"
	"jiamenkou/service/notice"
)

// openNotice wires inbox, messages and reminders. The settings have been validated.
func (h *house) openNotice() {
	m := h.settings.Messages
	h.notice = &notice.Service{
		Store: h.store, Box: h.box, WeChat: h.wechat.client, Now: now, Zone: h.zone, Log: h.log,
		Templates: chosenTemplates(h.settings.Templates, h.settings.WeChat.Mode), Fit: wechat.Fit,
		Messages:  model.MessageTimes{Quiet: quietHours(m), StaleAfter: m.StaleAfter},
		Reminders: model.ReminderTimes{Evening: minuteOr(m.RemindEvening, -1), Soon: m.RemindSoon},
		Limits:    notice.Limits{RetryAfter: m.RetryAfter, KeepAnswers: h.settings.Booking.IdempotencyKeep},
	}
}

// quietHours are the hours in which nobody is disturbed.
func quietHours(m conf.Messages) model.QuietHours {
	return model.QuietHours{From: minuteOr(m.QuietFrom, 0), Until: minuteOr(m.QuietUntil, 0)}
}

func minuteOr(c conf.Clock, none int) int {
	if minute, ok := c.Minute(); ok {
		return minute
	}
	return none
}

// chosenTemplates are the templates that have an id. The fake WeChat takes any, so in the demo every kind has one.
func chosenTemplates(templates conf.Templates, mode conf.WeChatMode) notice.Templates {
	chosen := notice.Templates{}
	for kind, t := range templates.ByKind() {
		if t.ID == "" && mode == conf.WeChatDemo {
			t.ID = "demo-" + kind
		}
		if t.ID == "" {
			continue
		}
		var fields model.TemplateFields
		for _, pair := range t.Fields {
			field, fact, _ := strings.Cut(pair, "=")
			fields = append(fields, model.FieldNamed(field, model.Fact(fact)))
		}
		chosen[model.NoticeKind(kind)] = model.Template{TemplateID: t.ID, Page: t.Page, Fields: fields}
	}
	return chosen
}

// showMessage lets whoever runs the demo see what a resident would have got. The person is left out.
func (h *house) showMessage(m fake.Message) {
	h.log.Info("the fake WeChat delivered a message", "template", m.Template, "page", m.Page, "data", m.Data)
}
