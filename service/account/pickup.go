package account

import (
	"context"

	"jiamenkou/model"
)

// PickupPerson is a pick-up person as the guardian sees one: opened.
type PickupPerson struct {
	model.PickupPerson
	Name  string
	Phone string // in full
}

// PickupForm is what a guardian states about a pick-up person.
type PickupForm struct {
	Name     string
	Relation model.Relation
	Phone    string
}

// ListPickupPersons gives those who may fetch a child of the resident's.
func (s *Service) ListPickupPersons(ctx context.Context, resident, child string) ([]PickupPerson, error) {
	if _, err := s.Store.FindChildOf(ctx, resident, child); err != nil {
		return nil, err
	}
	rows, err := s.Store.ListPickupPersons(ctx, child)
	if err != nil {
		return nil, err
	}
	list := make([]PickupPerson, len(rows))
	for i, row := range rows {
		if list[i], err = s.openPickupPerson(row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (s *Service) openPickupPerson(row model.PickupPerson) (p PickupPerson, err error) {
	p.PickupPerson = row
	if p.Name, err = row.Name(s.Box); err != nil {
		return p, err
	}
	p.Phone, err = row.Phone(s.Box)
	return p, err
}

// AddPickupPerson names somebody who may fetch the child.
func (s *Service) AddPickupPerson(ctx context.Context, resident, child string, form PickupForm) (PickupPerson, error) {
	p := model.PickupPerson{ID: s.Store.NewID(), ChildID: child, Status: model.PickupListed, CreatedAt: s.Now()}
	if err := s.fillPickupPerson(&p, form); err != nil {
		return PickupPerson{}, err
	}
	err := s.withChild(ctx, resident, child, func(tx *model.Store) error {
		listed, err := tx.ListPickupPersons(ctx, child)
		if err != nil {
			return err
		}
		if len(listed) >= s.MaxPickupPersons {
			return model.ErrTooManyPickupPersons
		}
		if err := tx.AddPickupPerson(ctx, p); err != nil {
			return err
		}
		return tx.AddEvents(ctx, p.Changed("", resident))
	})
	return PickupPerson{p, form.Name, form.Phone}, err
}

// RestatePickupPerson puts what the guardian now states in place of what was stated before.
func (s *Service) RestatePickupPerson(ctx context.Context, resident, child, id string, form PickupForm) (PickupPerson, error) {
	p, err := s.alterPickupPerson(ctx, resident, child, id, func(p *model.PickupPerson) error { return s.fillPickupPerson(p, form) })
	return PickupPerson{p, form.Name, form.Phone}, err
}

// RemovePickupPerson erases a pick-up person: from now on the child is not given to them.
func (s *Service) RemovePickupPerson(ctx context.Context, resident, child, id string) error {
	_, err := s.alterPickupPerson(ctx, resident, child, id, func(p *model.PickupPerson) error {
		p.Erase(s.Now())
		return nil
	})
	return err
}

func (s *Service) alterPickupPerson(ctx context.Context, resident, child, id string, alter func(*model.PickupPerson) error) (p model.PickupPerson, err error) {
	err = s.withChild(ctx, resident, child, func(tx *model.Store) error {
		if p, err = tx.FindPickupPerson(ctx, child, id); err != nil {
			return err
		}
		if err := alter(&p); err != nil {
			return err
		}
		if err := tx.SavePickupPerson(ctx, p); err != nil {
			return err
		}
		return tx.AddEvents(ctx, p.Changed(model.PickupListed, resident))
	})
	return p, err
}

// withChild runs a transaction that has the resident's child locked, under which its pick-up persons change and it is
// handed over.
func (s *Service) withChild(ctx context.Context, resident, child string, fn func(tx *model.Store) error) error {
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		if _, err := tx.LockChild(ctx, resident, child); err != nil {
			return err
		}
		return fn(tx)
	})
}

func (s *Service) fillPickupPerson(p *model.PickupPerson, form PickupForm) (err error) {
	if err := checkMobile(form.Phone, "body.phone"); err != nil {
		return err
	}
	p.Relation, p.UpdatedAt = form.Relation, s.Now()
	if p.NameSealed, err = model.Seal(s.Box, "pickup_persons", "name_sealed", p.ID, form.Name); err != nil {
		return err
	}
	p.PhoneSealed, err = model.Seal(s.Box, "pickup_persons", "phone_sealed", p.ID, form.Phone)
	return err
}

// DoorRecord is what is held of a child from the door, opened.
type DoorRecord struct {
	ChildID       string
	PickupPersons []PickupPerson
	Stays         []Stay
	Appeals       []Appeal
}

// Stay is a child's stay at a site.
type Stay struct {
	model.Attendance
	Temperature string
	Remark      string
}

// Appeal is an objection to a mark with its note.
type Appeal struct {
	model.Appeal
	Note string
}

func (s *Service) doorRecords(ctx context.Context, children []Child) ([]DoorRecord, error) {
	records := make([]DoorRecord, len(children))
	for i, child := range children {
		records[i].ChildID = child.ID
		var err error
		if records[i].PickupPersons, err = s.ListPickupPersons(ctx, child.ResidentID, child.ID); err != nil {
			return nil, err
		}
		if records[i].Stays, err = s.stays(ctx, child.ID); err != nil {
			return nil, err
		}
		if records[i].Appeals, err = s.appeals(ctx, child.ID); err != nil {
			return nil, err
		}
	}
	return records, nil
}

func (s *Service) stays(ctx context.Context, child string) ([]Stay, error) {
	rows, err := s.Store.ListAttendancesOf(ctx, child)
	if err != nil {
		return nil, err
	}
	list := make([]Stay, len(rows))
	for i, row := range rows {
		list[i].Attendance = row
		if list[i].Temperature, list[i].Remark, err = row.Health(s.Box); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (s *Service) appeals(ctx context.Context, child string) ([]Appeal, error) {
	rows, err := s.Store.ListAppealsOf(ctx, child)
	if err != nil {
		return nil, err
	}
	list := make([]Appeal, len(rows))
	for i, row := range rows {
		list[i].Appeal = row
		if list[i].Note, err = row.Note(s.Box); err != nil {
			return nil, err
		}
	}
	return list, nil
}
