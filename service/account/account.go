// Package account is who a resident is to us: signing in with WeChat, sessions, the profile, the children in one's
// care, and what one has agreed to.
package account

import (
	"context"
	"log/slog"
	"time"

	"jiamenkou/model"
)

// Service needs all its fields filled in.
type Service struct {
	Store            *model.Store
	Box              model.Box
	WeChat           WeChat
	Sessions         Sessions
	Gate             Gate
	Bookings         Bookings
	Now              func() time.Time // UTC, whole milliseconds
	Zone             *time.Location
	Log              *slog.Logger
	MaxChildren      int
	MaxPickupPersons int // of one child
}

// WeChat is what we ask of the platform. Its errors may tell more: see wechatFault.
type WeChat interface {
	Login(ctx context.Context, code string) (openID, unionID string, err error)
	Phone(ctx context.Context, code string) (number string, err error)
	CheckText(ctx context.Context, openID string, scene int, text string) (suggest string, err error)
}

// Sessions keeps opaque values by owner and id, forgetting them by itself when their time is over.
type Sessions interface {
	Add(ctx context.Context, owner, id string, value []byte) error
	List(ctx context.Context, owner string) (map[string][]byte, error)
	End(ctx context.Context, owner, id string) (bool, error)
	EndAll(ctx context.Context, owner, exceptID string) (int, error)
}

// Gate checks a session and the rate limits of its owner and address in one go. A wait above zero is a refusal.
type Gate interface {
	Enter(ctx context.Context, owner, id, limit, ip string) (value []byte, found bool, wait time.Duration, err error)
	Allow(ctx context.Context, limit, who string) (wait time.Duration, err error)
}

// Bookings gives a leaving resident's places back, and takes a child that leaves off every waiting list. Staff is who
// does it; empty, the resident.
type Bookings interface {
	CancelAll(ctx context.Context, residentID, staffID, reason string) error
	ForgetChildren(ctx context.Context, tx *model.Store, residentID, staffID string, childIDs ...string) error
}

// hand is who does something to an account: its owner, or a member of staff for somebody without a smartphone.
type hand struct {
	actor model.Actor
	id    string
}

func own(resident string) hand { return hand{model.ActorResident, resident} }

// staff is the member of staff whose hand it is; empty when it is the owner's.
func (h hand) staff() string {
	if h.actor == model.ActorStaff {
		return h.id
	}
	return ""
}

func (s *Service) today() model.Date { return model.DateOf(s.Now().In(s.Zone)) }
