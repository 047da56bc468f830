package staff

import (
	"context"
	"errors"
	"strings"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

var (
	ErrPasswordWrong = fault.New(fault.Invalid, "staff_password_wrong", "登录名或密码不对。")
	ErrCodeWrong     = fault.New(fault.Invalid, "staff_code_wrong", "动态码不对，请看验证器上最新的六位数字。")
)

// How somebody tries to sign in.
const (
	byPassword   = "password"
	byTOTP       = "totp"
	byPasskey    = "passkey"
	byInvitation = "invitation"
)

// The second factors somebody may have.
const (
	FactorTOTP    = "totp"
	FactorPasskey = "passkey"
)

// SignIn is the first of two steps: a name and a password for a ticket to the second. Whether nobody has the name or the
// password is wrong, the answer and the time it takes are the same, the locks included.
func (s *Service) SignIn(ctx context.Context, login, password string, from Visitor) (shown string, factors []string, err error) {
	name, err := model.NormalLogin(login)
	if err != nil {
		name = strings.ToLower(strings.TrimSpace(login)) // nobody's; it counts all the same
	}
	credential, _, err := s.Store.FindLogin(ctx, name)
	if err != nil {
		return "", nil, err
	}
	if err := s.prove(ctx, credential, name, password, byPassword, from); err != nil {
		return "", nil, err
	}
	who, err := s.Store.FindStaff(ctx, credential.ID)
	if err != nil {
		return "", nil, err
	}
	if who.Status != model.StaffActive {
		return "", nil, errors.Join(model.ErrStaffDisabled, s.noteTry(ctx, who.ID, byPassword, model.SignInDisabled, from))
	}
	if factors, err = s.factorsOf(ctx, credential); err != nil {
		return "", nil, err
	}
	shown, _ = model.NewToken("")
	err = s.issue(ctx, ticket{For: toSecondFactor, StaffID: who.ID, Epoch: who.Epoch, Tries: triesOf(name)}, shown)
	if err != nil {
		return "", nil, err
	}
	return shown, factors, s.noteTry(ctx, who.ID, byPassword, model.SignInPassed, from)
}

func (s *Service) factorsOf(ctx context.Context, c model.Credential) (factors []string, err error) {
	if !c.TOTPSealed.IsZero() {
		factors = append(factors, FactorTOTP)
	}
	keys, err := s.Store.ListPasskeys(ctx, c.ID)
	if len(keys) > 0 {
		factors = append(factors, FactorPasskey)
	}
	return factors, err
}

// prove judges a password after counting the try; what is right is not counted after all. The zero credential is
// nobody's.
func (s *Service) prove(ctx context.Context, c model.Credential, login, password, method string, from Visitor) error {
	tries := triesOf(login)
	last, err := s.countTry(ctx, c.ID, tries, method, from)
	if err != nil {
		return err
	}
	password = model.NormalPassword(password)
	right, err := s.Hasher.Verify(ctx, c.PasswordHash, password)
	if err != nil {
		return err
	}
	if !right {
		return errors.Join(ErrPasswordWrong, s.noteWrong(ctx, c.ID, method, model.SignInWrong, last, from))
	}
	if err := s.returnTry(ctx, tries, from); err != nil {
		return err
	}
	return s.renewHash(ctx, c, password)
}

// renewHash hashes a password that was just proved once more, where hashes cost more by now.
func (s *Service) renewHash(ctx context.Context, c model.Credential, password string) error {
	if s.Hasher.Current(c.PasswordHash) {
		return nil
	}
	hash, err := s.Hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	from := c.PasswordHash
	c.PasswordHash = hash
	err = s.Store.SavePassword(ctx, c, from)
	if errors.Is(err, model.ErrStoreBusy) { // another request did
		return nil
	}
	return err
}

// SecondFactor is the second step: the six digits for a session.
func (s *Service) SecondFactor(ctx context.Context, shown, code string, from Visitor) (token string, err error) {
	t, err := s.take(ctx, toSecondFactor, shown)
	if err != nil {
		return "", err
	}
	last, err := s.countTry(ctx, t.StaffID, t.Tries, byTOTP, from)
	if err != nil {
		return "", errors.Join(err, s.putBack(ctx, t))
	}
	step, right, err := s.judgeCode(ctx, t.StaffID, code)
	if err != nil {
		return "", err
	}
	if !right {
		return "", errors.Join(ErrCodeWrong, s.noteWrong(ctx, t.StaffID, byTOTP, model.SignInCodeWrong, last, from), s.putBack(ctx, t))
	}
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		if err := s.stillThere(ctx, tx, t); err != nil {
			return err
		}
		if err := tx.TakeStep(ctx, t.StaffID, step); err != nil {
			return err
		}
		return s.arrive(ctx, tx, t.StaffID, t.Tries, byTOTP, from)
	})
	if errors.Is(err, model.ErrStepUsed) {
		return "", errors.Join(err, s.noteWrong(ctx, t.StaffID, byTOTP, model.SignInStepUsed, last, from), s.putBack(ctx, t))
	}
	if err != nil {
		return "", err
	}
	return s.start(ctx, t.StaffID, t.Epoch, from)
}

func (s *Service) judgeCode(ctx context.Context, staffID, code string) (step int, right bool, err error) {
	c, found, err := s.Store.FindCredential(ctx, staffID)
	if err != nil || !found || c.TOTPSealed.IsZero() {
		return 0, false, err
	}
	secret, err := c.TOTPSealed.Open(s.Box, "staff_credentials", "totp_sealed", c.ID)
	if err != nil {
		return 0, false, err
	}
	step, right = stepOf(secret, code, s.Now())
	return step, right, nil
}

// stillThere holds the account a ticket was made for, and refuses when it was stopped or reset meanwhile.
func (s *Service) stillThere(ctx context.Context, tx *model.Store, t ticket) error {
	who, err := tx.LockStaff(ctx, t.StaffID)
	if err != nil {
		return err
	}
	if who.Status != model.StaffActive || who.Epoch != t.Epoch {
		return ErrTicket
	}
	return nil
}

// arrive writes that somebody has proved to be who they are: their wrong tries are forgotten, and the address's one is
// taken back.
func (s *Service) arrive(ctx context.Context, tx *model.Store, staffID, tries, method string, from Visitor) error {
	if err := tx.ReturnTry(ctx, triesOfAddress(from), s.Rules.Address, s.Now()); err != nil {
		return err
	}
	if err := tx.ForgetTries(ctx, tries); err != nil {
		return err
	}
	return s.noteArrival(ctx, tx, staffID, method, from)
}

func (s *Service) noteArrival(ctx context.Context, tx *model.Store, staffID, method string, from Visitor) error {
	err := tx.AddSignIn(ctx, s.trial(staffID, method, model.SignedIn, from))
	if err != nil {
		return err
	}
	return tx.AddEvents(ctx, s.event(staffID, staffID, "", didSignIn, "登录"))
}

// Wrong tries are counted by the hash of whose they are, so that neither login names nobody has nor addresses are kept.
func triesOf(login string) string        { return model.HashSecret("login:" + login) }
func triesOfAddress(from Visitor) string { return model.HashSecret("address:" + from.Address) }

// countTry counts a try against the address and the login name before anything is judged. last says that it has locked
// one of the two, should it be wrong.
func (s *Service) countTry(ctx context.Context, staffID, tries, method string, from Visitor) (last bool, err error) {
	var wait time.Duration
	now := s.Now()
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		var byAddress, byName bool
		if wait, byAddress, err = tx.TakeTry(ctx, triesOfAddress(from), s.Rules.Address, now); err != nil || wait > 0 {
			return err
		}
		wait, byName, err = tx.TakeTry(ctx, tries, s.Rules.Account, now)
		last = byAddress || byName
		return err
	})
	if err != nil {
		return false, err
	}
	if wait > 0 {
		return false, errors.Join(model.ErrLocked.WithRetryAfter(wait), s.noteTry(ctx, staffID, method, model.SignInLocked, from))
	}
	return last, nil
}

func (s *Service) returnTry(ctx context.Context, tries string, from Visitor) error {
	now := s.Now()
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		if err := tx.ReturnTry(ctx, triesOfAddress(from), s.Rules.Address, now); err != nil {
			return err
		}
		return tx.ReturnTry(ctx, tries, s.Rules.Account, now)
	})
}

func (s *Service) noteWrong(ctx context.Context, staffID, method string, how model.SignInOutcome, locked bool, from Visitor) error {
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		err := tx.AddSignIn(ctx, s.trial(staffID, method, how, from))
		if err != nil || !locked || staffID == "" {
			return err
		}
		return tx.AddEvents(ctx, s.event(staffID, "", "", didLock, "连续输错，暂时锁定"))
	})
}

func (s *Service) noteTry(ctx context.Context, staffID, method string, how model.SignInOutcome, from Visitor) error {
	return s.Store.InTx(ctx, func(tx *model.Store) error { return tx.AddSignIn(ctx, s.trial(staffID, method, how, from)) })
}

func (s *Service) trial(staffID, method string, how model.SignInOutcome, from Visitor) model.SignIn {
	if from.TriedAs != nil {
		from.TriedAs(staffID)
	}
	return model.SignIn{StaffID: staffID, Address: from.Address, Device: from.Device, Method: method, Outcome: how, CreatedAt: s.Now()}
}
