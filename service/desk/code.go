package desk

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

// ErrCodesDown says that no code can be made or read for the moment; checking in by hand needs none.
var ErrCodesDown = fault.New(fault.Unavailable, "check_in_codes_unavailable", "签到码暂时用不了，请稍后再试，或请工作人员从名单上手工签到。").WithRetryAfter(time.Second)

const (
	codeLength   = 6 // thirty bits
	codeAttempts = 8 // a code that stands for another child is never given out: another is made
	qrMark       = "JMK1:"
)

// Code is what a guardian shows at the door.
type Code struct {
	Text      string
	QR        string // what a QR code of it should contain
	ExpiresAt time.Time
}

// NewCode makes a code for a booking of the resident's: good for a few minutes, or until the session ends when it is to be
// printed. It takes the place of the one of the same kind before it. Only its keyed hash is kept.
func (s *Service) NewCode(ctx context.Context, resident, id string, printed bool) (Code, error) {
	b, err := s.Store.FindBookingOf(ctx, resident, id)
	if err != nil {
		return Code{}, err
	}
	now := s.Now()
	if err := b.MayShowCode(now, s.Zone); err != nil {
		return Code{}, err
	}
	expires, owner := now.Add(s.Limits.CodeLife), ownerOf(b.ID, printed)
	if printed || expires.After(b.EndAt) {
		expires = b.EndAt
	}
	for range codeAttempts {
		text := model.NewCode(codeLength)
		added, err := s.Codes.Add(ctx, s.hashOf(text), owner, expires.Sub(now))
		if err != nil {
			return Code{}, ErrCodesDown.WithCause(err)
		}
		if added {
			return Code{text, qrMark + text, expires}, nil
		}
	}
	return Code{}, ErrCodesDown
}

// ownerOf tells a booking's two kinds of codes apart: what the phone shows does not end what was printed.
func ownerOf(booking string, printed bool) string {
	if printed {
		return booking + "/printed"
	}
	return booking + "/shown"
}

// bookingOf gives the booking a code stands for: whoever typed or scanned it, in whatever letters.
func (s *Service) bookingOf(ctx context.Context, code string) (booking string, err error) {
	owner, err := s.Codes.Find(ctx, s.hashOf(readCode(code)))
	if err != nil {
		return "", ErrCodesDown.WithCause(err)
	}
	booking, _, found := strings.Cut(owner, "/")
	if !found {
		return "", model.ErrCheckInCode
	}
	return booking, nil
}

// dropCode forgets the code a child was checked in by. It opens nothing any more: the booking's state sees to that.
func (s *Service) dropCode(ctx context.Context, code, booking string) {
	if code == "" {
		return
	}
	for _, printed := range []bool{true, false} {
		if err := s.Codes.Drop(ctx, s.hashOf(readCode(code)), ownerOf(booking, printed)); err != nil {
			s.Log.WarnContext(ctx, "a used check-in code was not dropped", "cause", err)
		}
	}
}

func readCode(typed string) string { return strings.TrimPrefix(model.ReadCode(typed), qrMark) }

// hashOf is what is kept of a code. A plain hash of thirty bits would be guessed in seconds by whoever reads Redis.
func (s *Service) hashOf(code string) string {
	return hex.EncodeToString(s.Box.Index("bookings.check_in_code", []byte(code)))
}
