package model

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// AddInvitation writes an invitation; whoever had one before has only this one now.
func (s *Store) AddInvitation(ctx context.Context, i Invitation) error {
	err := s.db.WithContext(ctx).Where("staff_id = ? AND used_at IS NULL", i.StaffID).Delete(&Invitation{}).Error
	if err == nil {
		err = s.db.WithContext(ctx).Create(&i).Error
	}
	return s.fault(ctx, err, nil)
}

// FindInvitation gives an invitation that is still good, and does not use it up.
func (s *Store) FindInvitation(ctx context.Context, hash string, now time.Time) (Invitation, error) {
	var one Invitation
	err := s.db.WithContext(ctx).Where("hash = ? AND used_at IS NULL AND expires_at > ?", hash, now).Take(&one).Error
	return one, s.fault(ctx, err, ErrInvitation)
}

// ListInvitations gives the invitations nobody has used yet, by whose they are; they may be over.
func (s *Store) ListInvitations(ctx context.Context, staffIDs ...string) (map[string]Invitation, error) {
	byStaff := map[string]Invitation{}
	var rows []Invitation
	err := s.db.WithContext(ctx).Where("staff_id IN ? AND used_at IS NULL", staffIDs).Find(&rows).Error
	for _, one := range rows {
		byStaff[one.StaffID] = one
	}
	return byStaff, s.fault(ctx, err, nil)
}

// TakeInvitation uses an invitation up. Of two hands at once one gets it.
func (s *Store) TakeInvitation(ctx context.Context, hash string, now time.Time) error {
	done := s.db.WithContext(ctx).Model(&Invitation{}).Where("hash = ? AND used_at IS NULL AND expires_at > ?", hash, now).Update("used_at", now)
	return s.took(ctx, done, ErrInvitation)
}

// DropExpiredInvitations removes invitations whose time is over.
func (s *Store) DropExpiredInvitations(ctx context.Context, now time.Time) error {
	return s.fault(ctx, s.db.WithContext(ctx).Where("expires_at <= ?", now).Delete(&Invitation{}).Error, nil)
}

// FindCredential gives what a member of staff signs in with; found is false while nothing has been set.
func (s *Store) FindCredential(ctx context.Context, staffID string) (c Credential, found bool, err error) {
	return s.findCredential(ctx, "id = ?", staffID)
}

// FindLogin gives what the owner of a login name signs in with.
func (s *Store) FindLogin(ctx context.Context, login string) (c Credential, found bool, err error) {
	return s.findCredential(ctx, "login = ?", login)
}

func (s *Store) findCredential(ctx context.Context, where, value string) (Credential, bool, error) {
	var rows []Credential
	err := s.db.WithContext(ctx).Where(where, value).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return Credential{}, false, s.fault(ctx, err, nil)
	}
	return rows[0], true, nil
}

// ListCredentials gives what everybody who has set something signs in with, by whose it is.
func (s *Store) ListCredentials(ctx context.Context) (map[string]Credential, error) {
	var rows []Credential
	err := s.db.WithContext(ctx).Select("id", "login", "must_change", "password_set_at", "updated_at").Find(&rows).Error
	byStaff := map[string]Credential{}
	for _, c := range rows {
		byStaff[c.ID] = c
	}
	return byStaff, s.fault(ctx, err, nil)
}

// PutCredential writes what somebody signs in with from now on, in place of what was.
func (s *Store) PutCredential(ctx context.Context, c Credential) error {
	err := s.db.WithContext(ctx).Where("id = ?", c.ID).Delete(&Credential{}).Error
	if err == nil {
		err = s.db.WithContext(ctx).Create(&c).Error
	}
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrLoginTaken
	}
	return s.fault(ctx, err, nil)
}

// SavePassword stores a new password beside everything else as it is. from is the hash it was judged by: if somebody
// changed that meanwhile, nothing is stored.
func (s *Store) SavePassword(ctx context.Context, c Credential, from string) error {
	done := s.db.WithContext(ctx).Model(&Credential{}).Where("id = ? AND password_hash = ?", c.ID, from).Updates(map[string]any{
		"password_hash": c.PasswordHash, "password_set_at": c.PasswordSetAt, "must_change": c.MustChange, "updated_at": c.UpdatedAt,
	})
	return s.took(ctx, done, ErrStoreBusy)
}

// SaveMustChange demands a new password at the next request.
func (s *Store) SaveMustChange(ctx context.Context, staffID string, now time.Time) error {
	done := s.db.WithContext(ctx).Model(&Credential{}).Where("id = ?", staffID).Updates(map[string]any{"must_change": true, "updated_at": now})
	return s.took(ctx, done, ErrStaffNotFound)
}

// SaveTOTP stores a new secret, with the step that proved it.
func (s *Store) SaveTOTP(ctx context.Context, c Credential) error {
	done := s.db.WithContext(ctx).Model(&Credential{}).Where("id = ?", c.ID).
		Updates(map[string]any{"totp_sealed": c.TOTPSealed, "totp_step": c.TOTPStep, "updated_at": c.UpdatedAt})
	return s.took(ctx, done, ErrStaffNotFound)
}

// TakeStep uses a step of the time-based code up: of many hands with one code, one gets in.
func (s *Store) TakeStep(ctx context.Context, staffID string, step int) error {
	done := s.db.WithContext(ctx).Model(&Credential{}).Where("id = ? AND totp_step < ?", staffID, step).Update("totp_step", step)
	return s.took(ctx, done, ErrStepUsed)
}

// AddFormerPassword keeps the hash of a password that was replaced.
func (s *Store) AddFormerPassword(ctx context.Context, f FormerPassword) error {
	return s.fault(ctx, s.db.WithContext(ctx).Create(&f).Error, nil)
}

// ListFormerPasswords gives the last so many of somebody's replaced passwords.
func (s *Store) ListFormerPasswords(ctx context.Context, staffID string, most int) ([]FormerPassword, error) {
	if most <= 0 {
		return nil, nil
	}
	var list []FormerPassword
	err := s.db.WithContext(ctx).Where("staff_id = ?", staffID).Order("id DESC").Limit(most).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// AddPasskey registers a passkey.
func (s *Store) AddPasskey(ctx context.Context, p Passkey) error {
	err := s.db.WithContext(ctx).Create(&p).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrPasskeyExists
	}
	return s.fault(ctx, err, nil)
}

// ListPasskeys gives somebody's passkeys, oldest first.
func (s *Store) ListPasskeys(ctx context.Context, staffID string) ([]Passkey, error) {
	var list []Passkey
	err := s.db.WithContext(ctx).Where("staff_id = ?", staffID).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// TakePasskeyCount stores that a passkey was used. Its counter must go up, unless it has none: else there may be a copy.
func (s *Store) TakePasskeyCount(ctx context.Context, p Passkey, now time.Time) error {
	none := SpellCount(0)
	done := s.db.WithContext(ctx).Model(&Passkey{}).
		Where("id = ? AND (sign_count < ? OR (sign_count = ? AND ? = ?))", p.ID, p.SignCount, none, p.SignCount, none).
		Updates(map[string]any{"sign_count": p.SignCount, "last_used_at": now})
	return s.took(ctx, done, ErrPasskeyNotFound)
}

// DropPasskey removes one of somebody's passkeys.
func (s *Store) DropPasskey(ctx context.Context, staffID, id string) error {
	return s.took(ctx, s.db.WithContext(ctx).Where("id = ? AND staff_id = ?", id, staffID).Delete(&Passkey{}), ErrPasskeyNotFound)
}

// DropFactors takes somebody's second factors away; of everything, the password too.
func (s *Store) DropFactors(ctx context.Context, staffID string, kind InvitationKind, now time.Time) error {
	err := s.db.WithContext(ctx).Where("staff_id = ?", staffID).Delete(&Passkey{}).Error
	changes := map[string]any{"totp_sealed": nil, "updated_at": now}
	if kind == InviteEverything {
		changes["password_hash"] = "" // which no password proves
	}
	if err == nil {
		err = s.db.WithContext(ctx).Model(&Credential{}).Where("id = ?", staffID).Updates(changes).Error
	}
	return s.fault(ctx, err, nil)
}

// TakeTry counts a try before it is judged, so that however many come at once, no more than the lock allows are judged
// at all. The last that is allowed locks already; ReturnTry or ForgetTries undoes that when it was right. A wait above
// zero is a refusal.
func (s *Store) TakeTry(ctx context.Context, hash string, lock Lock, now time.Time) (wait time.Duration, last bool, err error) {
	taken, one, err := s.countTry(ctx, hash, lock, now)
	switch {
	case err != nil:
		return 0, false, s.fault(ctx, err, nil)
	case !taken && one.LockedUntil != nil:
		return one.LockedUntil.Sub(now), false, nil
	case one.Tries < lock.After:
		return 0, false, nil
	}
	err = s.db.WithContext(ctx).Model(&Tries{}).Where("hash = ?", hash).
		Updates(map[string]any{"tries": 0, "locks": one.Locks + 1, "locked_until": now.Add(lock.For(one.Locks))}).Error
	return 0, true, s.fault(ctx, err, nil)
}

func (s *Store) countTry(ctx context.Context, hash string, lock Lock, now time.Time) (taken bool, one Tries, err error) {
	db := s.db.WithContext(ctx)
	if err := db.Clauses(clause.OnConflict{DoNothing: true}).Create(&Tries{Hash: hash, Since: now}).Error; err != nil {
		return false, one, err
	}
	const free = "hash = ? AND (locked_until IS NULL OR locked_until <= ?)"
	err = db.Model(&Tries{}).Where(free+" AND since <= ?", hash, now, now.Add(-lock.Window)).
		Updates(map[string]any{"tries": 0, "locks": 0, "since": now}).Error
	if err != nil {
		return false, one, err
	}
	done := db.Model(&Tries{}).Where(free, hash, now).Updates(map[string]any{"tries": gorm.Expr("tries + 1"), "locked_until": nil})
	if done.Error != nil {
		return false, one, done.Error
	}
	err = s.engine.lockRows(db, false).Where("hash = ?", hash).Take(&one).Error
	return done.RowsAffected > 0, one, err
}

// ReturnTry takes back a try that was right and yet not the whole way in: what was wrong before it still counts.
func (s *Store) ReturnTry(ctx context.Context, hash string, lock Lock, now time.Time) error {
	db := s.db.WithContext(ctx)
	done := db.Model(&Tries{}).Where("hash = ? AND tries > 0", hash).Update("tries", gorm.Expr("tries - 1"))
	if done.Error != nil || done.RowsAffected > 0 {
		return s.fault(ctx, done.Error, nil)
	}
	err := db.Model(&Tries{}).Where("hash = ? AND tries = 0 AND locks > 0 AND locked_until > ?", hash, now). // it was the last, and locked
															Updates(map[string]any{"tries": lock.After - 1, "locks": gorm.Expr("locks - 1"), "locked_until": nil}).Error
	return s.fault(ctx, err, nil)
}

// ForgetTries begins anew: somebody has proved to be who they are.
func (s *Store) ForgetTries(ctx context.Context, hash string) error {
	return s.fault(ctx, s.db.WithContext(ctx).Where("hash = ?", hash).Delete(&Tries{}).Error, nil)
}

// ListLocks gives until when which of the hashes are locked.
func (s *Store) ListLocks(ctx context.Context, now time.Time, hashes ...string) (map[string]time.Time, error) {
	until := map[string]time.Time{}
	var rows []Tries
	err := s.db.WithContext(ctx).Where("hash IN ? AND locked_until > ?", hashes, now).Find(&rows).Error
	for _, one := range rows {
		until[one.Hash] = *one.LockedUntil
	}
	return until, s.fault(ctx, err, nil)
}

// DropOldTries removes counts that nothing was added to since, unless they still lock.
func (s *Store) DropOldTries(ctx context.Context, since, now time.Time) error {
	err := s.db.WithContext(ctx).Where("since <= ? AND (locked_until IS NULL OR locked_until <= ?)", since, now).Delete(&Tries{}).Error
	return s.fault(ctx, err, nil)
}

// AddSignIn writes down a try to sign in.
func (s *Store) AddSignIn(ctx context.Context, one SignIn) error {
	one.ID = s.NewID()
	return s.fault(ctx, s.db.WithContext(ctx).Create(&one).Error, nil)
}

// ListSignIns gives somebody's last tries to sign in, newest first.
func (s *Store) ListSignIns(ctx context.Context, staffID string, most int) ([]SignIn, error) {
	var list []SignIn
	err := s.db.WithContext(ctx).Where("staff_id = ?", staffID).Order("id DESC").Limit(most).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListArrivals gives the last time each of them got in, by whose it is.
func (s *Store) ListArrivals(ctx context.Context, staffIDs ...string) (map[string]SignIn, error) {
	byStaff := map[string]SignIn{}
	var rows []SignIn
	last := s.db.Model(&SignIn{}).Select("MAX(id)").Where("staff_id IN ? AND outcome = ?", staffIDs, SignedIn).Group("staff_id")
	err := s.db.WithContext(ctx).Where("id IN (?)", last).Find(&rows).Error
	for _, one := range rows {
		byStaff[one.StaffID] = one
	}
	return byStaff, s.fault(ctx, err, nil)
}

// AddReset writes a wish for a reset; an earlier one for the same person that nobody decided is refused by it.
func (s *Store) AddReset(ctx context.Context, r Reset) error {
	err := s.db.WithContext(ctx).Model(&Reset{}).Where("staff_id = ? AND status = ?", r.StaffID, ResetAsked).
		Updates(map[string]any{"status": ResetRefused, "decided_at": r.CreatedAt}).Error
	if err == nil {
		err = s.db.WithContext(ctx).Create(&r).Error
	}
	return s.fault(ctx, err, nil)
}

// FindReset gives a wish that is still to be decided.
func (s *Store) FindReset(ctx context.Context, id string, now time.Time) (Reset, error) {
	var one Reset
	err := s.db.WithContext(ctx).Where("id = ? AND status = ? AND expires_at > ?", id, ResetAsked, now).Take(&one).Error
	return one, s.fault(ctx, err, ErrResetNotFound)
}

// ListResets gives the wishes that are still to be decided, oldest first.
func (s *Store) ListResets(ctx context.Context, now time.Time) ([]Reset, error) {
	var list []Reset
	err := s.db.WithContext(ctx).Where("status = ? AND expires_at > ?", ResetAsked, now).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// SaveReset decides a wish, once.
func (s *Store) SaveReset(ctx context.Context, r Reset, now time.Time) error {
	done := s.db.WithContext(ctx).Model(&Reset{}).Where("id = ? AND status = ? AND expires_at > ?", r.ID, ResetAsked, now).
		Updates(map[string]any{"status": r.Status, "decided_by": r.DecidedBy, "decided_at": now})
	return s.took(ctx, done, ErrResetNotFound)
}
