package account

import (
	"context"
	"errors"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

var (
	ErrLoginCode         = fault.New(fault.Invalid, "login_code_invalid", "登录凭证无效或已过期，请重新登录。")
	ErrPhoneCode         = fault.New(fault.Invalid, "phone_code_invalid", "手机号授权已过期，请重新授权。")
	ErrWeChatRefused     = fault.New(fault.Forbidden, "wechat_high_risk", "微信判断这个账号有风险，暂时不能登录。")
	ErrWeChatUnavailable = fault.New(fault.Unavailable, "wechat_unavailable", "微信服务暂时没有响应，请稍后再试。").WithRetryAfter(3 * time.Second)
)

// wechatFault turns the platform's refusal into ours. The adapter's errors tell what they are by methods, so that
// no rule depends on the adapter.
func wechatFault(err error, rejected *fault.Error) error {
	var is interface {
		Rejected() bool
		HighRisk() bool
	}
	switch {
	case errors.As(err, &is) && is.Rejected():
		return rejected.WithCause(err)
	case errors.As(err, &is) && is.HighRisk():
		return ErrWeChatRefused.WithCause(err)
	}
	return ErrWeChatUnavailable.WithCause(err)
}

// SignIn exchanges a WeChat login code for a session; a person who comes for the first time gets an account. device
// is a short description the person will recognise in the list of sessions.
func (s *Service) SignIn(ctx context.Context, code, device string) (token string, who model.Resident, err error) {
	openID, _, err := s.WeChat.Login(ctx, code)
	if err != nil {
		return "", who, wechatFault(err, ErrLoginCode)
	}
	if who, err = s.residentOf(ctx, openID); err != nil {
		return "", who, comeAgain(err)
	}
	if err := who.MayUse(); err != nil {
		return "", who, err
	}
	if err := s.count(ctx, "login", who.ID); err != nil {
		return "", who, err
	}
	if token, err = s.start(ctx, who.ID, device); err != nil {
		return "", who, err
	}
	if err := s.recheck(ctx, who.ID, token); err != nil {
		return "", who, comeAgain(err)
	}
	return token, who, nil
}

// comeAgain is for an account that is being closed on another device this very moment: the next sign-in opens a new one.
func comeAgain(err error) error {
	if errors.Is(err, model.ErrAccountClosed) || errors.Is(err, model.ErrResidentNotFound) {
		return ErrLoginCode.WithCause(err)
	}
	return err
}

// recheck ends the session just begun when the account was stopped meanwhile: stopping ended the sessions there were,
// and this one came after.
func (s *Service) recheck(ctx context.Context, resident, token string) error {
	who, err := s.Store.FindResident(ctx, resident)
	if err == nil {
		err = who.MayUse()
	}
	if err != nil {
		_, id, _ := model.SplitToken(token)
		err = errors.Join(err, s.EndSession(context.WithoutCancel(ctx), resident, id))
	}
	return err
}

func (s *Service) residentOf(ctx context.Context, openID string) (model.Resident, error) {
	index := s.Box.Index("residents.open_id", []byte(openID))
	who, err := s.Store.FindResidentByOpenID(ctx, index)
	if !errors.Is(err, model.ErrResidentNotFound) {
		return who, err
	}
	if err := s.register(ctx, openID, index); err != nil {
		return who, err
	}
	return s.Store.FindResidentByOpenID(ctx, index)
}

// register adds the account; of two first sign-ins at once, the unique key lets one through and the other finds it.
func (s *Service) register(ctx context.Context, openID string, index []byte) error {
	now, id := s.Now(), s.Store.NewID()
	sealed, err := model.Seal(s.Box, "residents", "open_id_sealed", id, openID)
	if err != nil {
		return err
	}
	who := model.Resident{
		ID: id, OpenIDIndex: index, OpenIDSealed: sealed, Status: model.ResidentActive, CreatedAt: now, UpdatedAt: now,
	}
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		added, err := tx.AddResident(ctx, &who)
		if err != nil || !added {
			return err
		}
		return tx.AddEvents(ctx, model.Event{
			Subject: "resident", SubjectID: id, ToState: string(who.Status), Actor: model.ActorResident, ActorID: id, CreatedAt: now,
		})
	})
}
