package notice

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"jiamenkou/model"
)

// trouble is an error of WeChat's that is all it is told to be.
type trouble map[string]bool

func (e trouble) Error() string       { return "trouble" }
func (e trouble) NoConsent() bool     { return e["no consent"] }
func (e trouble) TooOften() bool      { return e["too often"] }
func (e trouble) Misconfigured() bool { return e["misconfigured"] }
func (e trouble) Invalid() bool       { return e["invalid"] }
func (e trouble) Unsent() bool        { return e["unsent"] }

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name    string
		err     error
		status  model.DeliveryStatus
		use     model.ConsentUse
		tooSoon bool
	}{
		{"sent", nil, model.DeliverySent, model.ConsentUsed, false},
		{"no consent", trouble{"no consent": true, "unsent": true}, model.DeliveryNoConsent, model.ConsentRefused, false},
		{"too often", trouble{"too often": true, "unsent": true}, model.DeliveryReturned, model.ConsentReturned, true},
		{"misconfigured", trouble{"misconfigured": true, "unsent": true}, model.DeliveryRefused, model.ConsentReturned, false},
		{"invalid", trouble{"invalid": true, "unsent": true}, model.DeliveryRefused, model.ConsentReturned, false},
		{"unsent", trouble{"unsent": true}, model.DeliveryReturned, model.ConsentReturned, false},
		{"wrapped", fmt.Errorf("sending: %w", trouble{"unsent": true}), model.DeliveryReturned, model.ConsentReturned, false},
		{"says nothing", trouble{}, model.DeliveryUnknown, model.ConsentUsed, false},
		{"timed out", context.DeadlineExceeded, model.DeliveryUnknown, model.ConsentUsed, false},
		{"of unknown kind", errors.New("connection reset"), model.DeliveryUnknown, model.ConsentUsed, false},
	} {
		got := judge(c.err)
		if got.status != c.status || got.use != c.use || got.tooSoon != c.tooSoon || (got.reason == "") != (c.err == nil) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
