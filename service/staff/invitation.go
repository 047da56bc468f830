package staff

import (
	"context"
	"errors"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

// Issued is an invitation as it is handed on; only its hash is kept.
type Issued struct {
	Code      string
	ExpiresAt time.Time
}

// Opened is what an invitation shows to whoever opens it, which does not use it up.
type Opened struct {
	Ticket string
	Kind   model.InvitationKind
	Name   string
	Login  string // what it was before; empty the first time
	Secret string // for the authenticator
	URI    string
}

// invite writes an invitation, in the transaction of what makes it necessary.
func (s *Service) invite(ctx context.Context, tx *model.Store, staffID string, kind model.InvitationKind) (Issued, error) {
	now := s.Now()
	issued := Issued{model.NewCode(codeLength), now.Add(s.Rules.InvitationLife)}
	return issued, tx.AddInvitation(ctx, model.Invitation{
		Hash: model.HashSecret(issued.Code), StaffID: staffID, Kind: kind, CreatedAt: now, ExpiresAt: issued.ExpiresAt,
	})
}

// OpenInvitation shows what an invitation is for. Small letters, spaces and hyphens in the code do not matter.
func (s *Service) OpenInvitation(ctx context.Context, code string) (o Opened, err error) {
	hash := model.HashSecret(model.ReadCode(code))
	invitation, err := s.Store.FindInvitation(ctx, hash, s.Now())
	if err != nil {
		return o, err
	}
	who, err := s.Store.FindStaff(ctx, invitation.StaffID)
	if err != nil {
		return o, err
	}
	if who.Status != model.StaffActive {
		return o, model.ErrStaffDisabled
	}
	credential, _, err := s.Store.FindCredential(ctx, who.ID)
	if err != nil {
		return o, err
	}
	o = Opened{Kind: invitation.Kind, Name: who.Name, Login: credential.Login, Secret: newTOTPSecret()}
	o.URI = totpURI(o.Secret, who.Name)
	o.Ticket, _ = model.NewToken("")
	t := ticket{For: toInvitation, StaffID: who.ID, Epoch: who.Epoch, Code: hash}
	t.Sealed, err = s.Box.Seal("staff_tickets", "totp", model.HashSecret(o.Ticket), []byte(o.Secret))
	if err != nil {
		return o, err
	}
	return o, s.issue(ctx, t, o.Ticket)
}

// CompleteInvitation sets what somebody signs in with, uses the invitation up, and signs in. What is wrong may be mended
// and sent again with the same ticket.
func (s *Service) CompleteInvitation(ctx context.Context, shown, login, password, code string, from Visitor) (token string, err error) {
	t, err := s.take(ctx, toInvitation, shown)
	if err != nil {
		return "", err
	}
	token, err = s.complete(ctx, t, login, model.NormalPassword(password), code, from)
	if f := fault.Of(err); f != nil && f.Kind != fault.NotFound && !errors.Is(err, ErrTicket) && !errors.Is(err, model.ErrInvitation) {
		return "", errors.Join(err, s.putBack(ctx, t))
	}
	return token, err
}

func (s *Service) complete(ctx context.Context, t ticket, login, password, code string, from Visitor) (string, error) {
	invitation, err := s.Store.FindInvitation(ctx, t.Code, s.Now())
	if err != nil {
		return "", err
	}
	secret, err := s.Box.Open("staff_tickets", "totp", t.name, t.Sealed)
	if err != nil {
		return "", err
	}
	if login, err = model.NormalLogin(login); err != nil {
		return "", at(err, "body.login")
	}
	step, right := stepOf(string(secret), code, s.Now())
	if !right {
		return "", at(ErrCodeWrong, "body.code")
	}
	now := s.Now()
	c := model.Credential{ID: t.StaffID, Login: login, PasswordSetAt: now, TOTPStep: step, CreatedAt: now, UpdatedAt: now}
	if c.TOTPSealed, err = model.Seal(s.Box, "staff_credentials", "totp_sealed", c.ID, string(secret)); err != nil {
		return "", err
	}
	if invitation.Kind == model.InviteSecondFactor {
		err = s.proveOwn(ctx, c, password, from)
	} else {
		c.PasswordHash, err = s.newPassword(ctx, c, password)
	}
	if err != nil {
		return "", err
	}
	return s.settle(ctx, t, invitation.Kind, c, from)
}

// proveOwn demands the login name and password of the very person whose second factor is set.
func (s *Service) proveOwn(ctx context.Context, c model.Credential, password string, from Visitor) error {
	own, found, err := s.Store.FindLogin(ctx, c.Login)
	if err != nil {
		return err
	}
	if !found || own.ID != c.ID {
		own = model.Credential{}
	}
	return s.prove(ctx, own, c.Login, password, byInvitation, from)
}

// settle writes it all at once; of two hands with one invitation one gets through.
func (s *Service) settle(ctx context.Context, t ticket, kind model.InvitationKind, c model.Credential, from Visitor) (string, error) {
	err := s.Store.InTx(ctx, func(tx *model.Store) error {
		if err := s.stillThere(ctx, tx, t); err != nil {
			return err
		}
		if err := tx.TakeInvitation(ctx, t.Code, s.Now()); err != nil {
			return err
		}
		store := tx.PutCredential
		if kind == model.InviteSecondFactor {
			store = tx.SaveTOTP
		}
		if err := store(ctx, c); err != nil {
			return err
		}
		if err := tx.EndEpoch(ctx, t.StaffID, s.Now()); err != nil {
			return err
		}
		if err := tx.ForgetTries(ctx, triesOf(c.Login)); err != nil {
			return err
		}
		if err := tx.AddEvents(ctx, s.event(t.StaffID, t.StaffID, "", didSetUp, "设置登录方式")); err != nil {
			return err
		}
		return s.noteArrival(ctx, tx, t.StaffID, byInvitation, from)
	})
	if err != nil {
		return "", err
	}
	s.forget(ctx, t.StaffID)
	return s.start(ctx, t.StaffID, t.Epoch+1, from)
}

// at names the field a refusal is about.
func at(err error, field string) error {
	if f := fault.Of(err); f != nil && len(f.Fields) == 0 {
		return f.WithField(field, f.Message)
	}
	return err
}

// renamed names the one field of a refusal anew.
func renamed(err error, field string) error {
	if f := fault.Of(err); f != nil && len(f.Fields) == 1 {
		again := *f
		again.Fields = nil
		return again.WithField(field, f.Fields[0].Message)
	}
	return err
}
