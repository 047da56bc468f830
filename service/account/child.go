package account

import (
	"bytes"
	"context"
	"strings"

	"golang.org/x/text/unicode/norm"

	"jiamenkou/model"
)

// Child is a child as the guardian sees it: opened.
type Child struct {
	model.Child
	Name       string
	BirthDate  model.Date
	HealthNote string
	AgeMonths  int // completed, today
}

// ChildForm is what a guardian states about a child.
type ChildForm struct {
	Name       string
	BirthDate  model.Date
	Gender     model.Gender
	HealthNote string
}

// ListChildren gives the children on the resident's list.
func (s *Service) ListChildren(ctx context.Context, resident string) ([]Child, error) {
	rows, err := s.Store.ListChildrenOf(ctx, resident)
	if err != nil {
		return nil, err
	}
	list := make([]Child, len(rows))
	for i, row := range rows {
		if list[i], err = s.open(row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// FindChild gives one child on the resident's list.
func (s *Service) FindChild(ctx context.Context, resident, id string) (Child, error) {
	row, err := s.Store.FindChildOf(ctx, resident, id)
	if err != nil {
		return Child{}, err
	}
	return s.open(row)
}

func (s *Service) open(row model.Child) (c Child, err error) {
	c.Child = row
	if c.Name, err = row.Name(s.Box); err != nil {
		return c, err
	}
	if c.BirthDate, err = row.BirthDate(s.Box); err != nil {
		return c, err
	}
	c.AgeMonths = c.BirthDate.MonthsUntil(s.today())
	c.HealthNote, err = row.HealthNote(s.Box)
	return c, err
}

// AddChild puts a child on the resident's list, once the guardian has agreed to the children's privacy terms. A child
// that was removed earlier comes back as the same one, with what it has used of this year's allowance.
func (s *Service) AddChild(ctx context.Context, resident string, form ChildForm) (Child, error) {
	if err := model.CheckBirthDate(form.BirthDate, s.today()); err != nil {
		return Child{}, err
	}
	var added model.Child
	err := s.Store.InTx(ctx, func(tx *model.Store) (err error) {
		who, err := lock(ctx, tx, resident)
		if err != nil {
			return err
		}
		added, err = s.addChild(ctx, tx, who, form, own(resident))
		return err
	})
	if err != nil {
		return Child{}, err
	}
	return s.open(added)
}

// addChild has the account locked.
func (s *Service) addChild(ctx context.Context, tx *model.Store, who model.Resident, form ChildForm, by hand) (model.Child, error) {
	if err := s.mayAdd(ctx, tx, who.ID); err != nil {
		return model.Child{}, err
	}
	return s.listChild(ctx, tx, who, form, by)
}

// mayState says whether the guardian has agreed to the children's privacy terms in force.
func (s *Service) mayState(ctx context.Context, tx *model.Store, resident string) error {
	missing, err := tx.ListMissingDocuments(ctx, resident, s.Now(), model.NeededForChild)
	if err != nil {
		return err
	}
	return model.MissingConsent(missing)
}

// mayAdd judges the agreements and the number of children; the account is locked, so neither changes meanwhile.
func (s *Service) mayAdd(ctx context.Context, tx *model.Store, resident string) error {
	if err := s.mayState(ctx, tx, resident); err != nil {
		return err
	}
	listed, err := tx.ListChildrenOf(ctx, resident)
	if err == nil && len(listed) >= s.MaxChildren {
		return model.ErrTooManyChildren
	}
	return err
}

func (s *Service) listChild(ctx context.Context, tx *model.Store, who model.Resident, form ChildForm, by hand) (model.Child, error) {
	print := s.fingerprint(who, form)
	known, found, err := tx.FindChildByFingerprint(ctx, print)
	switch {
	case err != nil:
		return known, err
	case found && known.Status == model.ChildListed:
		return known, model.ErrChildExists
	case !found:
		known = model.Child{ID: tx.NewID(), Fingerprint: print, CreatedAt: s.Now()}
	}
	from := known.Status
	known.ResidentID, known.Status = who.ID, model.ChildListed
	if err := s.restate(ctx, tx, &known, print, form); err != nil {
		return known, err
	}
	if found {
		err = tx.SaveChild(ctx, known, from)
	} else {
		err = tx.AddChild(ctx, &known)
	}
	if err != nil {
		return known, err
	}
	return known, tx.AddEvents(ctx, s.childEvent(known, from, by))
}

func (s *Service) childEvent(c model.Child, from model.ChildStatus, by hand) model.Event {
	return model.Event{
		Subject: "child", SubjectID: c.ID, FromState: string(from), ToState: string(c.Status),
		Actor: by.actor, ActorID: by.id, CreatedAt: s.Now(),
	}
}

// fingerprint recognises the same child of the same person, by open id or by what stands for it, also after its data has
// been erased. It is a keyed hash: without the key it tells nothing.
func (s *Service) fingerprint(who model.Resident, form ChildForm) []byte {
	return s.Box.Index("children.fingerprint", []byte(string(who.OpenIDIndex)+"\x00"+plainName(form.Name)+"\x00"+form.BirthDate.String()))
}

// plainName is a name as it is compared: without blanks, and its characters in one form.
func plainName(name string) string { return strings.Join(strings.Fields(norm.NFKC.String(name)), "") }

// restate puts the form in place of what was stated before, and remembers as what: a child that is renamed and added
// again under its old name is not another child with another allowance.
func (s *Service) restate(ctx context.Context, tx *model.Store, c *model.Child, print []byte, form ChildForm) error {
	if !bytes.Equal(c.Fingerprint, print) {
		other, taken, err := tx.FindChildByFingerprint(ctx, print)
		if err != nil {
			return err
		}
		if taken && other.ID != c.ID {
			return model.ErrChildExists
		}
		if err := tx.AddFormerFingerprint(ctx, *c); err != nil {
			return err
		}
		c.Fingerprint = print
	}
	return s.fill(c, form)
}

func (s *Service) fill(c *model.Child, form ChildForm) (err error) {
	if c.NameSealed, err = model.Seal(s.Box, "children", "name_sealed", c.ID, form.Name); err != nil {
		return err
	}
	if c.BirthDateSealed, err = model.Seal(s.Box, "children", "birth_date_sealed", c.ID, form.BirthDate.String()); err != nil {
		return err
	}
	c.HealthNoteSealed, err = model.Seal(s.Box, "children", "health_note_sealed", c.ID, form.HealthNote)
	c.NameIndex = model.ChildNameIndex(s.Box, plainName(form.Name))
	c.Gender, c.UpdatedAt = form.Gender, s.Now()
	return err
}

// ChangeChild puts what the guardian now states in place of what was stated before. Bookings keep standing; the age
// was judged when they were made.
func (s *Service) ChangeChild(ctx context.Context, resident, id string, form ChildForm) (Child, error) {
	if err := model.CheckBirthDate(form.BirthDate, s.today()); err != nil {
		return Child{}, err
	}
	var changed model.Child
	err := s.Store.InTx(ctx, func(tx *model.Store) (err error) {
		who, err := lock(ctx, tx, resident)
		if err != nil {
			return err
		}
		if changed, err = tx.LockChild(ctx, resident, id); err != nil {
			return err
		}
		if err = s.mayState(ctx, tx, resident); err != nil {
			return err
		}
		if err = s.restate(ctx, tx, &changed, s.fingerprint(who, form), form); err != nil {
			return err
		}
		return tx.SaveChild(ctx, changed, model.ChildListed)
	})
	if err != nil {
		return Child{}, err
	}
	return s.open(changed)
}

// RemoveChild erases a child that holds no place.
func (s *Service) RemoveChild(ctx context.Context, resident, id string) error {
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		return s.eraseChild(ctx, tx, resident, id)
	})
}

func (s *Service) eraseChild(ctx context.Context, tx *model.Store, resident, id string) error {
	child, err := s.lockToErase(ctx, tx, resident, id)
	if err != nil {
		return err
	}
	return s.eraseLocked(ctx, tx, resident, own(resident), child)
}

// lockToErase locks a child that holds no place.
func (s *Service) lockToErase(ctx context.Context, tx *model.Store, resident, id string) (model.Child, error) {
	child, err := tx.LockChild(ctx, resident, id)
	if err != nil {
		return child, err
	}
	return child, s.refuseBusy(ctx, tx, id)
}

// eraseLocked erases children that are locked, all of them: the slots they wait for are locked after the last child.
func (s *Service) eraseLocked(ctx context.Context, tx *model.Store, resident string, by hand, children ...model.Child) error {
	var ids []string
	for _, child := range children {
		ids = append(ids, child.ID)
	}
	if err := s.Bookings.ForgetChildren(ctx, tx, resident, by.staff(), ids...); err != nil {
		return err
	}
	for _, child := range children {
		child.Erase(s.Now())
		if err := tx.SaveChild(ctx, child, model.ChildListed); err != nil {
			return err
		}
		if err := tx.EraseDoorRecords(ctx, child.ID, s.Now()); err != nil {
			return err
		}
		if err := tx.AddEvents(ctx, s.childEvent(child, model.ChildListed, by)); err != nil {
			return err
		}
	}
	return nil
}

// refuseBusy refuses while a locked child holds a place that is not over, or is still at a site, however late.
func (s *Service) refuseBusy(ctx context.Context, tx *model.Store, id string) error {
	live, err := tx.ListLiveOf(ctx, id, s.Now())
	if err != nil {
		return err
	}
	there, err := tx.ChildIsAtSite(ctx, id)
	if err == nil && (there || len(live) > 0) {
		return model.ErrChildHasBookings
	}
	return err
}
