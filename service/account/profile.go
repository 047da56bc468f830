package account

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

var (
	ErrPhoneInvalid    = fault.New(fault.Invalid, "phone_invalid", "手机号不对：请填写11位的大陆手机号。")
	ErrNicknameRefused = fault.New(fault.Invalid, "nickname_refused", "这个称呼没有通过内容检查，请换一个。")
)

// Profile is what a resident sees of the own account.
type Profile struct {
	model.Resident
	Subdistrict model.Subdistrict
	Phone       string // in full; the page masks it
}

// Me gives the resident's own profile.
func (s *Service) Me(ctx context.Context, resident string) (Profile, error) {
	who, err := s.active(ctx, resident)
	if err != nil {
		return Profile{}, err
	}
	return s.profileOf(ctx, who)
}

func (s *Service) profileOf(ctx context.Context, who model.Resident) (p Profile, err error) {
	p.Resident = who
	if p.SubdistrictCode != "" {
		if p.Subdistrict, err = s.Store.FindSubdistrict(ctx, p.SubdistrictCode); err != nil {
			return p, err
		}
	}
	p.Phone, err = who.Phone(s.Box)
	return p, err
}

// active finds the account behind a session; one that is gone or stopped has no session any more.
func (s *Service) active(ctx context.Context, resident string) (model.Resident, error) {
	who, err := s.Store.FindResident(ctx, resident)
	return who, mayEnter(who, err)
}

// lock is active for a transaction that rests on the account: nobody else changes it meanwhile.
func lock(ctx context.Context, tx *model.Store, resident string) (model.Resident, error) {
	who, err := tx.LockResident(ctx, resident)
	return who, mayEnter(who, err)
}

func mayEnter(who model.Resident, err error) error {
	if errors.Is(err, model.ErrResidentNotFound) || err == nil && who.MayUse() != nil {
		return ErrSessionEnded
	}
	return err
}

// ProfileChange names what to change; nil leaves it.
type ProfileChange struct {
	Nickname    *string
	Subdistrict *string
}

// contentScene is WeChat's scene number for personal data.
const contentScene = 1

// ChangeProfile changes what the resident says of himself. A nickname passes WeChat's content check first; when that
// does not clearly pass it, it is refused.
func (s *Service) ChangeProfile(ctx context.Context, resident string, change ProfileChange) (Profile, error) {
	if change.Nickname != nil {
		if err := s.checkNickname(ctx, resident, *change.Nickname); err != nil {
			return Profile{}, err
		}
	}
	if change.Subdistrict != nil {
		if _, err := s.Store.FindSubdistrict(ctx, *change.Subdistrict); err != nil {
			return Profile{}, err
		}
	}
	return s.change(ctx, resident, func(who *model.Resident) error {
		if change.Nickname != nil {
			who.Nickname = *change.Nickname
		}
		if change.Subdistrict != nil {
			who.SubdistrictCode = *change.Subdistrict
		}
		return nil
	})
}

// change alters the account while nobody else does.
func (s *Service) change(ctx context.Context, resident string, alter func(*model.Resident) error) (Profile, error) {
	err := s.Store.InTx(ctx, func(tx *model.Store) error {
		who, err := lock(ctx, tx, resident)
		if err != nil {
			return err
		}
		if err := alter(&who); err != nil {
			return err
		}
		who.UpdatedAt = s.Now()
		return tx.SaveResident(ctx, who, model.ResidentActive)
	})
	if err != nil {
		return Profile{}, err
	}
	return s.Me(ctx, resident)
}

func (s *Service) checkNickname(ctx context.Context, resident, nickname string) error {
	who, err := s.active(ctx, resident)
	if err != nil || nickname == "" || nickname == who.Nickname {
		return err
	}
	openID, err := who.OpenIDSealed.Open(s.Box, "residents", "open_id_sealed", who.ID)
	if err != nil {
		return err
	}
	suggest, err := s.WeChat.CheckText(ctx, openID, contentScene, nickname)
	switch {
	case err != nil: // another name would fare no better
		return ErrWeChatUnavailable.WithCause(err)
	case suggest != "pass":
		return ErrNicknameRefused
	}
	return nil
}

// mainland is the prefix that numbers are stored without, so that one typed and one vouched for are the same.
const mainland = "+86"

var mainlandMobile = regexp.MustCompile(`^1[3-9][0-9]{9}$`)

// checkMobile refuses what is no mobile number, and names the field it stands in.
func checkMobile(number, field string) error {
	if !mainlandMobile.MatchString(number) {
		return ErrPhoneInvalid.WithField(field, ErrPhoneInvalid.Message)
	}
	return nil
}

// VerifyPhone stores the number WeChat vouches for.
func (s *Service) VerifyPhone(ctx context.Context, resident, code string) (Profile, error) {
	number, err := s.WeChat.Phone(ctx, code)
	if err != nil {
		return Profile{}, wechatFault(err, ErrPhoneCode)
	}
	now := s.Now()
	return s.changePhone(ctx, resident, strings.TrimPrefix(number, mainland), &now)
}

// TypePhone stores a number the resident typed; it counts as unverified.
func (s *Service) TypePhone(ctx context.Context, resident, number string) (Profile, error) {
	if err := checkMobile(number, "body.number"); err != nil {
		return Profile{}, err
	}
	return s.changePhone(ctx, resident, number, nil)
}

func (s *Service) changePhone(ctx context.Context, resident, number string, verified *time.Time) (Profile, error) {
	return s.change(ctx, resident, func(who *model.Resident) error {
		who.PhoneVerifiedAt = verified
		return who.SealPhone(s.Box, number)
	})
}
