package staff

import (
	"context"
	"slices"

	"jiamenkou/model"
)

// scope tells what lies within a manager's grants, looking each site up once.
type scope struct {
	store *model.Store
	by    model.OnDuty
	sites map[string]model.Site
}

func newScope(store *model.Store, by model.OnDuty) *scope {
	return &scope{store, by, map[string]model.Site{}}
}

func (c *scope) siteOf(ctx context.Context, g model.Grant) (site model.Site, err error) {
	if g.Scope != model.ScopeSite {
		return site, nil
	}
	site, known := c.sites[g.ScopeID]
	if !known {
		site, err = c.store.FindSite(ctx, g.ScopeID)
		c.sites[g.ScopeID] = site
	}
	return site, err
}

// coversAll: whoever has no role at all belongs to the district.
func (c *scope) coversAll(ctx context.Context, grants []model.Grant) (bool, error) {
	if len(grants) == 0 {
		return c.by.CoversDistrict(), nil
	}
	for _, g := range grants {
		site, err := c.siteOf(ctx, g)
		if err != nil {
			return false, err
		}
		if !c.by.CoversGrant(g, site) {
			return false, nil
		}
	}
	return true, nil
}

// reach gives an account that lies within the manager's scope with all its roles: any other does not exist.
func (s *Service) reach(ctx context.Context, store *model.Store, by model.OnDuty, id string) (who model.Staff, grants []model.Grant, err error) {
	if who, err = store.FindStaff(ctx, id); err != nil {
		return who, nil, err
	}
	if grants, err = store.ListGrants(ctx, id); err != nil {
		return who, nil, err
	}
	within, err := newScope(store, by).coversAll(ctx, grants)
	if err == nil && !within {
		err = model.ErrStaffNotFound
	}
	return who, grants, err
}

// reachOther is reach for a change: it holds the account, and nobody changes himself.
func (s *Service) reachOther(ctx context.Context, tx *model.Store, by model.OnDuty, id string) (model.Staff, []model.Grant, error) {
	if id == by.StaffID {
		return model.Staff{}, nil, model.ErrOwnAccount
	}
	if _, err := tx.LockStaff(ctx, id); err != nil {
		return model.Staff{}, nil, err
	}
	return s.reach(ctx, tx, by, id)
}

// Invite adds somebody to the staff, with an invitation to set what to sign in with. The link is given this once, and
// cannot be given again to a manager who did not hear the answer: somebody of that name who has not accepted yet is taken
// for the same person, and refused. The command line answers where it is asked, and is believed.
func (s *Service) Invite(ctx context.Context, by model.OnDuty, name string, grants ...model.Grant) (who model.Staff, issued Issued, err error) {
	return s.takeOn(ctx, by, name, by.StaffID == "", grants)
}

// InviteNamesake is Invite for somebody when another of the same name was invited before and has not accepted yet.
func (s *Service) InviteNamesake(ctx context.Context, by model.OnDuty, name string, grants ...model.Grant) (who model.Staff, issued Issued, err error) {
	return s.takeOn(ctx, by, name, true, grants)
}

func (s *Service) takeOn(ctx context.Context, by model.OnDuty, name string, namesake bool, grants []model.Grant) (who model.Staff, issued Issued, err error) {
	now := s.Now()
	who = model.Staff{ID: s.Store.NewID(), Name: name, Status: model.StaffActive, CreatedAt: now, UpdatedAt: now}
	grants = slices.Clone(grants)
	for i, g := range grants {
		if err := mayGrant(ctx, s.Store, by, g); err != nil {
			return who, issued, err
		}
		grants[i].CreatedAt = now
	}
	if s.Rules.SplitDuties && model.DutiesExclude(grants) {
		return who, issued, model.ErrDutiesExclude
	}
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		if !namesake {
			if err := s.notInvitedYet(ctx, tx, by, name); err != nil {
				return err
			}
		}
		if err := tx.AddStaff(ctx, who, grants); err != nil {
			return err
		}
		if issued, err = s.invite(ctx, tx, who.ID, model.InviteEverything); err != nil {
			return err
		}
		return tx.AddEvents(ctx, s.event(who.ID, by.StaffID, "", string(who.Status), ""))
	})
	return who, issued, err
}

// notInvitedYet refuses a name of somebody within the manager's scope who has not accepted yet. The manager's own account is
// held meanwhile, so that of two wishes at once one is second.
func (s *Service) notInvitedYet(ctx context.Context, tx *model.Store, by model.OnDuty, name string) error {
	if _, err := tx.LockStaff(ctx, by.StaffID); err != nil {
		return err
	}
	same, err := tx.ListInvited(ctx, name)
	if err != nil {
		return err
	}
	scope := newScope(tx, by)
	for _, who := range same {
		grants, err := tx.ListGrants(ctx, who.ID)
		if err != nil {
			return err
		}
		within, err := scope.coversAll(ctx, grants)
		if err != nil {
			return err
		}
		if within {
			return model.ErrAlreadyInvited
		}
	}
	return nil
}

// mayGrant judges a role that is to be given or taken: a sound one, of a place that is there, within one's own scope,
// and no more than one holds oneself.
func mayGrant(ctx context.Context, store *model.Store, by model.OnDuty, g model.Grant) error {
	if err := g.Check(); err != nil {
		return err
	}
	var err error
	var site model.Site
	switch g.Scope {
	case model.ScopeSite:
		site, err = store.FindSite(ctx, g.ScopeID)
	case model.ScopeSubdistrict:
		_, err = store.FindSubdistrict(ctx, g.ScopeID)
	case model.ScopeDistrict:
	}
	if err != nil {
		return err
	}
	if !by.CoversGrant(g, site) {
		return model.ErrGrantTooMuch
	}
	return by.MayGrant(g, site)
}

// Reinvite makes a new invitation for somebody who has not completed the first.
func (s *Service) Reinvite(ctx context.Context, by model.OnDuty, id string) (issued Issued, err error) {
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		who, _, err := s.reachOther(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if who.Status != model.StaffActive {
			return model.ErrStaffDisabled
		}
		_, found, err := tx.FindCredential(ctx, id)
		if err != nil {
			return err
		}
		if found {
			return model.ErrNotInvitable
		}
		if issued, err = s.invite(ctx, tx, id, model.InviteEverything); err != nil {
			return err
		}
		return tx.AddEvents(ctx, s.event(id, by.StaffID, "", didInvite, ""))
	})
	return issued, err
}

// Rename changes what somebody is called.
func (s *Service) Rename(ctx context.Context, by model.OnDuty, id, name string) error {
	return s.change(ctx, by, id, didRename, "修改姓名", func(tx *model.Store, _ []model.Grant) error {
		return tx.SaveStaffName(ctx, id, name, s.Now())
	})
}

// change is what most of what a manager does has in common: the account is held, the change is made, and told.
func (s *Service) change(ctx context.Context, by model.OnDuty, id, did, reason string, make func(tx *model.Store, grants []model.Grant) error) error {
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		_, grants, err := s.reachOther(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if err := make(tx, grants); err != nil {
			return err
		}
		return tx.AddEvents(ctx, s.event(id, by.StaffID, "", did, reason))
	})
}

// Grant gives somebody one more role; their sessions end.
func (s *Service) Grant(ctx context.Context, by model.OnDuty, g model.Grant) (model.Grant, error) {
	g.ID, g.CreatedAt = s.Store.NewID(), s.Now()
	err := s.change(ctx, by, g.StaffID, didGrant, describe(g), func(tx *model.Store, grants []model.Grant) error {
		if err := mayGrant(ctx, tx, by, g); err != nil {
			return err
		}
		if s.Rules.SplitDuties && model.DutiesExclude(append(grants, g)) {
			return model.ErrDutiesExclude
		}
		if err := tx.AddGrant(ctx, g); err != nil {
			return err
		}
		return tx.EndEpoch(ctx, g.StaffID, s.Now())
	})
	if err == nil {
		s.forget(ctx, g.StaffID)
	}
	return g, err
}

// Ungrant takes a role away; the sessions of whoever had it end.
func (s *Service) Ungrant(ctx context.Context, by model.OnDuty, id, grantID string) error {
	err := s.Store.InTx(ctx, func(tx *model.Store) error {
		_, grants, err := s.reachOther(ctx, tx, by, id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(grants, func(g model.Grant) bool { return g.ID == grantID })
		if i < 0 {
			return model.ErrGrantNotFound
		}
		site, err := newScope(tx, by).siteOf(ctx, grants[i])
		if err != nil {
			return err
		}
		if err := by.MayGrant(grants[i], site); err != nil {
			return err
		}
		if err := tx.DropGrant(ctx, grants[i]); err != nil {
			return err
		}
		if err := tx.EndEpoch(ctx, id, s.Now()); err != nil {
			return err
		}
		return tx.AddEvents(ctx, s.event(id, by.StaffID, "", didUngrant, describe(grants[i])))
	})
	if err == nil {
		s.forget(ctx, id)
	}
	return err
}

// describe puts a role into an event: role, scope, and the place's id.
func describe(g model.Grant) string { return string(g.Role) + " " + string(g.Scope) + " " + g.ScopeID }

// Disable stops an account and ends its sessions at once.
func (s *Service) Disable(ctx context.Context, by model.OnDuty, id, reason string) error {
	return s.turn(ctx, by, id, reason, model.StaffActive, model.StaffDisabled)
}

// Enable lets an account that was stopped be used again.
func (s *Service) Enable(ctx context.Context, by model.OnDuty, id, reason string) error {
	return s.turn(ctx, by, id, reason, model.StaffDisabled, model.StaffActive)
}

func (s *Service) turn(ctx context.Context, by model.OnDuty, id, reason string, from, to model.StaffStatus) error {
	err := s.Store.InTx(ctx, func(tx *model.Store) error {
		who, _, err := s.reachOther(ctx, tx, by, id)
		if err != nil || who.Status == to {
			return err
		}
		who.Status, who.UpdatedAt = to, s.Now()
		if err := tx.SaveStaffStatus(ctx, who, from); err != nil {
			return err
		}
		if err := tx.EndEpoch(ctx, id, who.UpdatedAt); err != nil {
			return err
		}
		return tx.AddEvents(ctx, s.event(id, by.StaffID, string(from), string(to), reason))
	})
	if err == nil {
		s.forget(ctx, id)
	}
	return err
}

// DemandPassword makes somebody choose a new password before anything else.
func (s *Service) DemandPassword(ctx context.Context, by model.OnDuty, id string) error {
	return s.change(ctx, by, id, didDemand, "要求修改密码", func(tx *model.Store, _ []model.Grant) error {
		return tx.SaveMustChange(ctx, id, s.Now())
	})
}

// DevicesOf gives where somebody is signed in.
func (s *Service) DevicesOf(ctx context.Context, by model.OnDuty, id string) ([]Device, error) {
	if _, _, err := s.reach(ctx, s.Store, by, id); err != nil {
		return nil, err
	}
	return s.ListDevices(ctx, id)
}

// EndDevices signs somebody out everywhere, at once.
func (s *Service) EndDevices(ctx context.Context, by model.OnDuty, id string) error {
	err := s.change(ctx, by, id, didEndSessions, "退出所有设备", func(tx *model.Store, _ []model.Grant) error {
		return tx.EndEpoch(ctx, id, s.Now())
	})
	if err == nil {
		s.forget(ctx, id)
	}
	return err
}

// EndDeviceOf signs one of somebody's devices out.
func (s *Service) EndDeviceOf(ctx context.Context, by model.OnDuty, id, session string) error {
	err := s.change(ctx, by, id, didEndSessions, "退出一个设备", func(*model.Store, []model.Grant) error { return nil })
	if err != nil {
		return err
	}
	return s.endDevice(ctx, id, session)
}

// SignInsOf gives somebody's last tries to sign in, newest first.
func (s *Service) SignInsOf(ctx context.Context, by model.OnDuty, id string, most int) ([]model.SignIn, error) {
	if _, _, err := s.reach(ctx, s.Store, by, id); err != nil {
		return nil, err
	}
	return s.Store.ListSignIns(ctx, id, most)
}

// Unlock forgets somebody's wrong tries.
func (s *Service) Unlock(ctx context.Context, by model.OnDuty, id string) error {
	return s.change(ctx, by, id, "unlocked", "解除锁定", func(tx *model.Store, _ []model.Grant) error {
		credential, found, err := tx.FindCredential(ctx, id)
		if err != nil || !found {
			return err
		}
		return tx.ForgetTries(ctx, triesOf(credential.Login))
	})
}
