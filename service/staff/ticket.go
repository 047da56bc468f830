package staff

import (
	"context"
	"encoding/json"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

// ErrTicket is for whoever takes too long between two steps, or takes one twice.
var ErrTicket = fault.New(fault.Invalid, "staff_ticket_invalid", "这一步已超时或已经完成，请从头再来。")

// ticket is what has to be remembered between two steps of signing in.
type ticket struct {
	For     string          `json:"for"` // the step it leads to
	StaffID string          `json:"staff_id,omitempty"`
	Epoch   int             `json:"epoch,omitempty"`
	Tries   string          `json:"tries,omitempty"`   // whose wrong tries count, hashed
	Code    string          `json:"code,omitempty"`    // of an invitation, hashed
	Sealed  []byte          `json:"sealed,omitempty"`  // the secret for an authenticator
	Passkey json.RawMessage `json:"passkey,omitempty"` // what the protocol has to remember
	Until   time.Time       `json:"until"`

	name string // what it is kept under: the hash of what its owner shows
}

// The steps a ticket leads to.
const (
	toSecondFactor = "second_factor"
	toInvitation   = "invitation"
	toPasskey      = "passkey"
	toNewPasskey   = "new_passkey"
)

// issue keeps a ticket and gives what its owner shows; whoever reads Redis cannot show it.
func (s *Service) issue(ctx context.Context, t ticket, shown string) error {
	t.name, t.Until = model.HashSecret(shown), s.Now().Add(s.Rules.TicketLife)
	return s.putBack(ctx, t)
}

// putBack keeps a ticket for the rest of its time: what was shown with it was wrong and may be mended.
func (s *Service) putBack(ctx context.Context, t ticket) error {
	left := t.Until.Sub(s.Now())
	if left < time.Millisecond {
		return nil
	}
	value, err := json.Marshal(t)
	if err != nil {
		return err
	}
	if err := s.Tickets.Put(ctx, ticketKey(t.For, t.name), string(value), left); err != nil {
		return ErrSessionsDown.WithCause(err)
	}
	return nil
}

// take gives a ticket to one caller only.
func (s *Service) take(ctx context.Context, step, shown string) (t ticket, err error) {
	name := model.HashSecret(shown)
	value, err := s.Tickets.Take(ctx, ticketKey(step, name))
	if err != nil {
		return t, ErrSessionsDown.WithCause(err)
	}
	if value == "" || json.Unmarshal([]byte(value), &t) != nil || !s.Now().Before(t.Until) {
		return t, ErrTicket
	}
	t.name = name
	return t, nil
}

func ticketKey(step, name string) string { return "staff-ticket:" + step + ":" + name }
