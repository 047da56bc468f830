package staff

import (
	"context"

	"jiamenkou/model"
)

// newPassword judges a password somebody chose, in its normal form, and hashes it.
func (s *Service) newPassword(ctx context.Context, c model.Credential, password string) (hash string, err error) {
	who, err := s.Store.FindStaff(ctx, c.ID)
	if err != nil {
		return "", err
	}
	if err := s.Rules.Password.Check(password, c.Login, who.Name); err != nil {
		return "", at(err, "body.password")
	}
	former, err := s.Store.ListFormerPasswords(ctx, c.ID, s.Rules.PasswordKeep)
	if err != nil {
		return "", err
	}
	for _, one := range former {
		again, err := s.Hasher.Verify(ctx, one.PasswordHash, password)
		if err != nil {
			return "", err
		}
		if again {
			return "", at(model.ErrPasswordReused, "body.password")
		}
	}
	return s.Hasher.Hash(ctx, password)
}

// ChangePassword replaces somebody's own password: every session ends, and the one that asked begins anew under a new
// token.
func (s *Service) ChangePassword(ctx context.Context, session Session, old, fresh string, from Visitor) (token string, err error) {
	staffID := session.Duty.StaffID
	c, _, err := s.Store.FindCredential(ctx, staffID)
	if err != nil {
		return "", err
	}
	if err := s.prove(ctx, c, c.Login, old, byPassword, from); err != nil {
		return "", at(err, "body.old")
	}
	if c, _, err = s.Store.FindCredential(ctx, staffID); err != nil { // proving may have hashed the old one anew
		return "", err
	}
	fresh = model.NormalPassword(fresh)
	if fresh == model.NormalPassword(old) {
		return "", at(model.ErrPasswordReused, "body.new")
	}
	hash, err := s.newPassword(ctx, c, fresh)
	if err != nil {
		return "", renamed(err, "body.new")
	}
	epoch, err := s.replacePassword(ctx, c, hash)
	if err != nil {
		return "", err
	}
	s.forget(ctx, staffID)
	return s.start(ctx, staffID, epoch, from)
}

func (s *Service) replacePassword(ctx context.Context, c model.Credential, hash string) (epoch int, err error) {
	now, from := s.Now(), c.PasswordHash
	c.PasswordHash, c.PasswordSetAt, c.MustChange, c.UpdatedAt = hash, now, false, now
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		who, err := tx.LockStaff(ctx, c.ID)
		if err != nil {
			return err
		}
		epoch = who.Epoch + 1
		if err := tx.SavePassword(ctx, c, from); err != nil {
			return err
		}
		if err := tx.EndEpoch(ctx, c.ID, now); err != nil {
			return err
		}
		former := model.FormerPassword{ID: tx.NewID(), StaffID: c.ID, PasswordHash: from, CreatedAt: now}
		if err := tx.AddFormerPassword(ctx, former); err != nil {
			return err
		}
		return tx.AddEvents(ctx, s.event(c.ID, c.ID, "", didPassword, "修改密码"))
	})
	return epoch, err
}
