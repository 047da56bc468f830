package staff

import (
	"context"
	"errors"

	"jiamenkou/model"
)

// OpenReset is a wish that nobody has decided, with the names of whom it is about and who asked.
type OpenReset struct {
	model.Reset
	Name  string
	Asker string
}

// AskReset says that somebody's second factor, or everything, has to be set anew: a lost telephone, a forgotten password.
// Nothing changes until another manager approves.
func (s *Service) AskReset(ctx context.Context, by model.OnDuty, id string, kind model.InvitationKind, reason string) (OpenReset, error) {
	now := s.Now()
	r := model.Reset{
		ID: s.Store.NewID(), StaffID: id, Kind: kind, Reason: reason, Status: model.ResetAsked, AskedBy: by.StaffID,
		CreatedAt: now, ExpiresAt: now.Add(s.Rules.ResetLife),
	}
	err := s.change(ctx, by, id, didAskReset, reason, func(tx *model.Store, _ []model.Grant) error {
		_, found, err := tx.FindCredential(ctx, id)
		if err != nil {
			return err
		}
		if !found {
			return model.ErrNotSignedUp
		}
		return tx.AddReset(ctx, r)
	})
	if err != nil {
		return OpenReset{}, err
	}
	return s.named(ctx, r)
}

func (s *Service) named(ctx context.Context, r model.Reset) (OpenReset, error) {
	who, err := s.Store.FindStaff(ctx, r.StaffID)
	if err != nil {
		return OpenReset{}, err
	}
	asker, err := s.Store.FindStaff(ctx, r.AskedBy)
	return OpenReset{r, who.Name, asker.Name}, err
}

// ListResets gives the wishes about people within the manager's scope that nobody has decided.
func (s *Service) ListResets(ctx context.Context, by model.OnDuty) (list []OpenReset, err error) {
	all, err := s.Store.ListResets(ctx, s.Now())
	if err != nil {
		return nil, err
	}
	scope := newScope(s.Store, by)
	for _, r := range all {
		grants, err := s.Store.ListGrants(ctx, r.StaffID)
		if err != nil {
			return nil, err
		}
		within, err := scope.coversAll(ctx, grants)
		if err != nil {
			return nil, err
		}
		if !within {
			continue
		}
		one, err := s.named(ctx, r)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// ApproveReset takes the old factors away, ends all sessions at once, and makes the invitation to set new ones. Whoever
// asked does not approve, and nobody approves what is about himself.
func (s *Service) ApproveReset(ctx context.Context, by model.OnDuty, id string) (r model.Reset, issued Issued, err error) {
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		if r, err = s.decide(ctx, tx, by, id, model.ResetApproved, didApproveReset); err != nil {
			return err
		}
		if err := s.keepFormer(ctx, tx, r); err != nil {
			return err
		}
		if err := tx.DropFactors(ctx, r.StaffID, r.Kind, s.Now()); err != nil {
			return err
		}
		if err := tx.EndEpoch(ctx, r.StaffID, s.Now()); err != nil {
			return err
		}
		issued, err = s.invite(ctx, tx, r.StaffID, r.Kind)
		return err
	})
	if err == nil {
		s.forget(ctx, r.StaffID)
	}
	return r, issued, err
}

// keepFormer remembers the password that a reset of everything takes away.
func (s *Service) keepFormer(ctx context.Context, tx *model.Store, r model.Reset) error {
	c, found, err := tx.FindCredential(ctx, r.StaffID)
	if err != nil || !found || c.PasswordHash == "" || r.Kind != model.InviteEverything {
		return err
	}
	return tx.AddFormerPassword(ctx, model.FormerPassword{ID: tx.NewID(), StaffID: c.ID, PasswordHash: c.PasswordHash, CreatedAt: s.Now()})
}

// RefuseReset decides that nothing changes; whoever asked may take it back so.
func (s *Service) RefuseReset(ctx context.Context, by model.OnDuty, id string) error {
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		_, err := s.decide(ctx, tx, by, id, model.ResetRefused, didRefuseReset)
		return err
	})
}

func (s *Service) decide(ctx context.Context, tx *model.Store, by model.OnDuty, id string, to model.ResetStatus, did string) (r model.Reset, err error) {
	if r, err = tx.FindReset(ctx, id, s.Now()); err != nil {
		return r, err
	}
	_, _, err = s.reachOther(ctx, tx, by, r.StaffID)
	switch {
	case errors.Is(err, model.ErrStaffNotFound):
		return r, model.ErrResetNotFound
	case err != nil:
		return r, err
	case to == model.ResetApproved && r.AskedBy == by.StaffID:
		return r, model.ErrResetByTwo
	}
	r.Status, r.DecidedBy = to, by.StaffID
	if err := tx.SaveReset(ctx, r, s.Now()); err != nil {
		return r, err
	}
	return r, tx.AddEvents(ctx, s.event(r.StaffID, by.StaffID, "", did, r.Reason))
}

// ResetAlone is for the operator at the command line, who stands alone, and whom the database would not stop anyway: the
// one way back when there is no second manager.
func (s *Service) ResetAlone(ctx context.Context, id string, kind model.InvitationKind, reason string) (issued Issued, err error) {
	err = s.change(ctx, Operator, id, didApproveReset, reason, func(tx *model.Store, _ []model.Grant) error {
		if err := s.keepFormer(ctx, tx, model.Reset{StaffID: id, Kind: kind}); err != nil {
			return err
		}
		if err := tx.DropFactors(ctx, id, kind, s.Now()); err != nil {
			return err
		}
		if err := tx.EndEpoch(ctx, id, s.Now()); err != nil {
			return err
		}
		issued, err = s.invite(ctx, tx, id, kind)
		return err
	})
	if err == nil {
		s.forget(ctx, id)
	}
	return issued, err
}
