package notice

import (
	"context"
	"errors"

	"jiamenkou/model"
)

// WeChat sends messages. Its errors may tell more: see judge.
type WeChat interface {
	Send(ctx context.Context, openID, templateID, page string, fields map[string]string) error
}

// wechatError is what the platform's errors tell by their methods, so that no rule depends on the adapter.
type wechatError interface {
	NoConsent() bool
	TooOften() bool
	Misconfigured() bool
	Invalid() bool
	Unsent() bool // it surely never left
}

// outcome is what came of trying to send a message.
type outcome struct {
	status  model.DeliveryStatus
	use     model.ConsentUse
	reason  string
	tooSoon bool // WeChat has had enough for now
}

// judge says what came of a try. Whatever does not surely say that nothing was sent may have been sent, and is never
// tried again: a doubled message uses up a consent that the person gave for another.
func judge(err error) outcome {
	var is wechatError
	switch {
	case err == nil:
		return outcome{status: model.DeliverySent, use: model.ConsentUsed}
	case !errors.As(err, &is):
		return outcome{status: model.DeliveryUnknown, use: model.ConsentUsed, reason: err.Error()}
	case is.NoConsent():
		return outcome{status: model.DeliveryNoConsent, use: model.ConsentRefused, reason: err.Error()}
	case is.TooOften():
		return outcome{status: model.DeliveryReturned, use: model.ConsentReturned, reason: err.Error(), tooSoon: true}
	case is.Misconfigured(), is.Invalid():
		return outcome{status: model.DeliveryRefused, use: model.ConsentReturned, reason: err.Error()}
	case is.Unsent():
		return outcome{status: model.DeliveryReturned, use: model.ConsentReturned, reason: err.Error()}
	}
	return outcome{status: model.DeliveryUnknown, use: model.ConsentUsed, reason: err.Error()}
}
