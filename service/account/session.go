package account

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
	ErrSignInNeeded    = fault.New(fault.Unauthenticated, "sign_in_needed", "请先登录。")
	ErrSessionEnded    = fault.New(fault.Unauthenticated, "session_ended", "登录已失效，请重新登录。")
	ErrSessionNotFound = fault.New(fault.NotFound, "session_not_found", "没有找到这个登录。")
	ErrSessionsDown    = fault.New(fault.Unavailable, "session_store_unavailable", "登录服务暂时不可用，请稍后再试。").WithRetryAfter(time.Second)
	ErrTooManyRequests = fault.New(fault.TooMany, "too_many_requests", fault.TooOften)
)

// Session is one signed-in device.
type Session struct {
	ID        string
	Resident  string
	Device    string
	CreatedAt time.Time
}

// stored is what stands in the session store.
type stored struct {
	Device    string    `json:"device"`
	CreatedAt time.Time `json:"created_at"`
}

// start opens a session and gives its token.
func (s *Service) start(ctx context.Context, resident, device string) (token string, err error) {
	token, id := model.NewToken(resident)
	value, err := json.Marshal(stored{device, s.Now()})
	if err != nil {
		return "", err
	}
	if err := s.Sessions.Add(ctx, resident, id, value); err != nil {
		return "", ErrSessionsDown.WithCause(err)
	}
	return token, nil
}

// Enter finds the session of a token and counts the request against the limits of its owner and address; an empty
// limit counts nothing.
func (s *Service) Enter(ctx context.Context, token, limit, ip string) (Session, error) {
	if token == "" {
		return Session{}, ErrSignInNeeded
	}
	resident, id, ok := model.SplitToken(token)
	if !ok {
		return Session{}, ErrSessionEnded
	}
	value, found, wait, err := s.Gate.Enter(ctx, resident, id, limit, ip)
	switch {
	case err != nil:
		return Session{}, ErrSessionsDown.WithCause(err)
	case wait > 0: // also for tokens that open nothing: guessing is slowed down
		return Session{}, ErrTooManyRequests.WithRetryAfter(wait)
	case !found:
		return Session{}, ErrSessionEnded
	}
	return decode(resident, id, value)
}

// Visit is Enter for what anyone may call: whoever is not signed in comes as nobody in particular.
func (s *Service) Visit(ctx context.Context, token, limit, ip string) (Session, error) {
	if _, _, ok := model.SplitToken(token); !ok {
		return Session{}, s.Admit(ctx, limit, ip)
	}
	session, err := s.Enter(ctx, token, limit, ip)
	if errors.Is(err, ErrSessionEnded) { // the address has been counted all the same
		return Session{}, nil
	}
	return session, err
}

// Admit counts a request of nobody in particular against its address's limit.
func (s *Service) Admit(ctx context.Context, limit, ip string) error {
	return s.count(ctx, limit+"/ip", ip)
}

func (s *Service) count(ctx context.Context, limit, of string) error {
	wait, err := s.Gate.Allow(ctx, limit, of)
	switch {
	case err != nil:
		return ErrSessionsDown.WithCause(err)
	case wait > 0:
		return ErrTooManyRequests.WithRetryAfter(wait)
	}
	return nil
}

func decode(resident, id string, value []byte) (Session, error) {
	var st stored
	if err := json.Unmarshal(value, &st); err != nil {
		return Session{}, ErrSessionEnded.WithCause(err)
	}
	return Session{ID: id, Resident: resident, Device: st.Device, CreatedAt: st.CreatedAt}, nil
}

// ListSessions gives a resident's sessions, newest first.
func (s *Service) ListSessions(ctx context.Context, resident string) ([]Session, error) {
	values, err := s.Sessions.List(ctx, resident)
	if err != nil {
		return nil, ErrSessionsDown.WithCause(err)
	}
	var list []Session
	for id, value := range values {
		if one, err := decode(resident, id, value); err == nil {
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b Session) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return list, nil
}

// EndSession signs one of the resident's devices out.
func (s *Service) EndSession(ctx context.Context, resident, id string) error {
	found, err := s.Sessions.End(ctx, resident, id)
	if err != nil {
		return ErrSessionsDown.WithCause(err)
	}
	if !found {
		return ErrSessionNotFound
	}
	return nil
}

// EndSessions signs all of the resident's devices out, except the one named; an empty name spares none.
func (s *Service) EndSessions(ctx context.Context, resident, except string) (int, error) {
	n, err := s.Sessions.EndAll(ctx, resident, except)
	if err != nil {
		return 0, ErrSessionsDown.WithCause(err)
	}
	return n, nil
}
