package staff

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

var (
	ErrSignInNeeded    = fault.New(fault.Unauthenticated, "staff_sign_in_needed", "请先登录工作台。")
	ErrSessionEnded    = fault.New(fault.Unauthenticated, "staff_session_ended", "工作台登录已失效，请重新登录。")
	ErrSessionNotFound = fault.New(fault.NotFound, "staff_session_not_found", "没有找到这个登录设备，可能已经退出。")
	ErrSessionsDown    = fault.New(fault.Unavailable, "staff_session_store_unavailable", "工作台登录服务暂时不可用，请稍后再试。").WithRetryAfter(time.Second)
	ErrTooManyRequests = fault.New(fault.TooMany, "staff_too_many_requests", fault.TooOften)
	ErrPasswordDue     = fault.New(fault.Forbidden, "staff_password_change_needed", "请先修改密码，再继续工作。")
)

// Session is one signed-in device of a member of staff.
type Session struct {
	ID          string
	Duty        model.OnDuty
	Login       string
	PasswordDue bool // nothing but a new password is allowed
}

// Device is a session as its owner sees it.
type Device struct {
	ID        string
	Name      string
	Address   string
	CreatedAt time.Time
}

// Visitor is where a request comes from.
type Visitor struct {
	Address string
	Device  string               // what its browser calls itself, shortened
	TriedAs func(staffID string) // hears whose account is tried; nil: nobody listens
}

type stored struct {
	Epoch     int       `json:"epoch"`
	Device    string    `json:"device"`
	Address   string    `json:"address"`
	CreatedAt time.Time `json:"created_at"`
}

// start opens a session of the epoch and gives its token.
func (s *Service) start(ctx context.Context, staffID string, epoch int, from Visitor) (token string, err error) {
	token, id := model.NewToken(staffID)
	value, err := json.Marshal(stored{epoch, from.Device, from.Address, s.Now()})
	if err != nil {
		return "", err
	}
	if err := s.Sessions.Add(ctx, staffID, id, value); err != nil {
		return "", ErrSessionsDown.WithCause(err)
	}
	return token, nil
}

// Enter finds the session of a token and counts the request against the limits of its owner and address. What the person
// may do is read afresh: a grant that is taken away, or an account that is stopped, counts from the next request on.
func (s *Service) Enter(ctx context.Context, token, limit, ip string) (Session, error) {
	if token == "" {
		return Session{}, ErrSignInNeeded
	}
	id, session, ok := model.SplitToken(token)
	if !ok {
		return Session{}, ErrSessionEnded
	}
	value, found, wait, err := s.Gate.Enter(ctx, id, session, limit, ip)
	switch {
	case err != nil:
		return Session{}, ErrSessionsDown.WithCause(err)
	case wait > 0:
		return Session{}, ErrTooManyRequests.WithRetryAfter(wait)
	case !found:
		return Session{}, ErrSessionEnded
	}
	var device stored
	if err := json.Unmarshal(value, &device); err != nil {
		return Session{}, ErrSessionEnded.WithCause(err)
	}
	return s.onDuty(ctx, id, session, device.Epoch)
}

// onDuty judges a session by the database: one of an earlier epoch has ended, whatever Redis says.
func (s *Service) onDuty(ctx context.Context, id, session string, epoch int) (Session, error) {
	who, err := s.Store.FindStaff(ctx, id)
	if err != nil {
		return Session{}, err
	}
	if who.Status != model.StaffActive || who.Epoch != epoch {
		return Session{}, ErrSessionEnded
	}
	credential, found, err := s.Store.FindCredential(ctx, id)
	if err != nil {
		return Session{}, err
	}
	if !found {
		return Session{}, ErrSessionEnded
	}
	grants, err := s.Store.ListGrants(ctx, id)
	return Session{
		ID: session, Login: credential.Login, PasswordDue: credential.PasswordDue(s.Rules.PasswordAge, s.Now()),
		Duty: model.OnDuty{StaffID: id, Name: who.Name, Grants: grants, Split: s.Rules.SplitDuties},
	}, err
}

// Admit counts a request of nobody in particular against its address's limit.
func (s *Service) Admit(ctx context.Context, limit, ip string) error {
	wait, err := s.Gate.Allow(ctx, limit+"/ip", ip)
	switch {
	case err != nil:
		return ErrSessionsDown.WithCause(err)
	case wait > 0:
		return ErrTooManyRequests.WithRetryAfter(wait)
	}
	return nil
}

// SignOut ends a session.
func (s *Service) SignOut(ctx context.Context, session Session) error {
	err := s.endDevice(ctx, session.Duty.StaffID, session.ID)
	if errors.Is(err, ErrSessionNotFound) { // two tabs at once
		return nil
	}
	return err
}

// ListDevices gives where somebody is signed in, newest first.
func (s *Service) ListDevices(ctx context.Context, staffID string) ([]Device, error) {
	who, err := s.Store.FindStaff(ctx, staffID)
	if err != nil {
		return nil, err
	}
	values, err := s.Sessions.List(ctx, staffID)
	if err != nil {
		return nil, ErrSessionsDown.WithCause(err)
	}
	var list []Device
	for id, value := range values {
		var one stored
		if json.Unmarshal(value, &one) == nil && one.Epoch == who.Epoch {
			list = append(list, Device{id, one.Device, one.Address, one.CreatedAt})
		}
	}
	slices.SortFunc(list, func(a, b Device) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return list, nil
}

// EndDevice signs one of somebody's own devices out.
func (s *Service) EndDevice(ctx context.Context, session Session, id string) error {
	return s.endDevice(ctx, session.Duty.StaffID, id)
}

func (s *Service) endDevice(ctx context.Context, staffID, id string) error {
	found, err := s.Sessions.End(ctx, staffID, id)
	switch {
	case err != nil:
		return ErrSessionsDown.WithCause(err)
	case !found:
		return ErrSessionNotFound
	}
	return nil
}

// EndOtherDevices signs all of somebody's own devices out but the one that asks.
func (s *Service) EndOtherDevices(ctx context.Context, session Session) error {
	if _, err := s.Sessions.EndAll(ctx, session.Duty.StaffID, session.ID); err != nil {
		return ErrSessionsDown.WithCause(err)
	}
	return nil
}

// forget tidies sessions away that a new epoch has ended already; with Redis away they fall out by themselves.
func (s *Service) forget(ctx context.Context, staffID string) {
	if _, err := s.Sessions.EndAll(ctx, staffID, ""); err != nil {
		s.Log.WarnContext(ctx, "ended sessions still lie in Redis", "cause", err)
	}
}

// ListSignIns gives somebody's last tries to sign in, newest first.
func (s *Service) ListSignIns(ctx context.Context, staffID string, most int) ([]model.SignIn, error) {
	return s.Store.ListSignIns(ctx, staffID, most)
}

// codeLength makes 80 bits of it.
const codeLength = 16
