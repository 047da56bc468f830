// Package staff is who works for the district: accounts, roles in scopes, signing in to the console.
package staff

import (
	"context"
	"log/slog"
	"time"

	"jiamenkou/model"
)

// Service needs all its fields filled in.
type Service struct {
	Store    *model.Store
	Box      model.Box
	Sessions Sessions
	Gate     Gate
	Tickets  Tickets
	Hasher   *Hasher
	Passkeys *Passkeys
	Now      func() time.Time // UTC, whole milliseconds
	Log      *slog.Logger
	Rules    Rules
}

// Rules are what an operator chooses.
type Rules struct {
	SessionIdle    time.Duration // told to the page, so that it can warn; Sessions keeps it
	InvitationLife time.Duration
	TicketLife     time.Duration // between two steps of signing in
	ResetLife      time.Duration // between one manager's asking and another's approval
	Password       model.PasswordRules
	PasswordAge    time.Duration // 0: no periodic change
	PasswordKeep   int           // so many former passwords may not come back
	Account        model.Lock
	Address        model.Lock
	SplitDuties    bool // 三员分立
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

// Tickets keeps values that can be taken one time only.
type Tickets interface {
	Put(ctx context.Context, key, value string, ttl time.Duration) error
	Take(ctx context.Context, key string) (string, error)
}

// Operator is whoever stands at the command line: bound by no scope, since the whole database is theirs anyway.
var Operator = model.OnDuty{Grants: []model.Grant{{Role: model.RoleSecurityAdmin, Scope: model.ScopeDistrict}}}

// event says what happened to an account; by is the hand, empty for the command line.
func (s *Service) event(staffID, by, from, to, reason string) model.Event {
	return model.Event{
		Subject: "staff", SubjectID: staffID, FromState: from, ToState: to,
		Actor: model.StaffOrSystem(by), ActorID: by, Reason: reason, CreatedAt: s.Now(),
	}
}

// What happened to an account, as its events name it.
const (
	didInvite       = "invited"
	didSetUp        = "set_up"
	didSignIn       = "signed_in"
	didLock         = "locked"
	didRename       = "renamed"
	didGrant        = "granted"
	didUngrant      = "ungranted"
	didEndSessions  = "sessions_ended"
	didPassword     = "password_changed"
	didDemand       = "password_demanded"
	didAddPasskey   = "passkey_added"
	didDropPasskey  = "passkey_removed"
	didAskReset     = "reset_asked"
	didApproveReset = "reset_approved"
	didRefuseReset  = "reset_refused"
)

// Tidy removes invitations whose time is over and counts of wrong tries that no longer matter.
func (s *Service) Tidy(ctx context.Context) error {
	now := s.Now()
	if err := s.Store.DropExpiredInvitations(ctx, now); err != nil {
		return err
	}
	return s.Store.DropOldTries(ctx, now.Add(-max(s.Rules.Account.Window, s.Rules.Address.Window)), now)
}
