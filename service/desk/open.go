package desk

import (
	"context"

	"jiamenkou/model"
)

// AccessReason is what staff open a family's data for; a word to choose from, so that the record of openings holds nothing
// personal itself.
type AccessReason string

const (
	AccessCheckIn   AccessReason = "check_in"
	AccessHandOver  AccessReason = "hand_over"
	AccessContact   AccessReason = "contact_guardian"
	AccessEmergency AccessReason = "emergency"
	AccessAppeal    AccessReason = "appeal"
	AccessList      AccessReason = "list"
	AccessOther     AccessReason = "other_reason"
)

// Opened is a booking with everything staff may know of it.
type Opened struct {
	Booking       model.Booking
	Site          model.Site
	ChildName     string
	BirthDate     model.Date
	AgeMonths     int // on the day of the session
	Gender        model.Gender
	HealthNote    string
	GuardianPhone string // in full
	Attendance    *model.Attendance
	Temperature   string
	Remark        string
	PickupPersons []Escort
	Mark          *model.Mark
}

// Escort is a pick-up person as staff see one.
type Escort struct {
	ID        string
	Name      string
	Relation  model.Relation
	PhoneTail string
}

// openedFields are what Open opens, in the words of the record.
const openedFields = "children.*, residents.phone, pickup_persons.*, attendances.*"

// Open gives one booking in full, and writes that it was opened and for what.
func (s *Service) Open(ctx context.Context, by model.OnDuty, id string, why AccessReason) (Opened, error) {
	b, site, err := findBooking(ctx, s.Store, by, id)
	if err != nil {
		return Opened{}, err
	}
	if err := s.note(ctx, by, "booking", id, openedFields, why); err != nil {
		return Opened{}, err
	}
	o := Opened{Booking: b, Site: site}
	for _, open := range []func(context.Context, *Opened) error{s.openChild, s.openGuardian, s.openEscorts, s.openStay} {
		if err := open(ctx, &o); err != nil {
			return Opened{}, err
		}
	}
	return o, nil
}

// note writes that staff open sealed data, before they see it.
func (s *Service) note(ctx context.Context, by model.OnDuty, subject, id, fields string, why AccessReason) error {
	return s.Store.InTx(ctx, func(tx *model.Store) error { return tx.NoteAccess(ctx, s.access(by, subject, id, fields, why)) })
}

// noteList writes that staff look at a list at the door, once for as long as that counts.
func (s *Service) noteList(ctx context.Context, by model.OnDuty, subject, id string) error {
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		return tx.NoteListAccess(ctx, s.access(by, subject, id, listedFields, AccessList))
	})
}

func (s *Service) access(by model.OnDuty, subject, id, fields string, why AccessReason) model.DataAccess {
	return model.DataAccess{StaffID: by.StaffID, Subject: subject, SubjectID: id, Fields: fields, Reason: string(why), CreatedAt: s.Now()}
}

// openChild opens nothing of a child that has been erased: there is nothing.
func (s *Service) openChild(ctx context.Context, o *Opened) error {
	children, err := s.Store.ListChildrenByID(ctx, []string{o.Booking.ChildID})
	if err != nil || len(children) == 0 || children[0].Status != model.ChildListed {
		return err
	}
	child := children[0]
	if o.ChildName, o.AgeMonths, err = s.childOn(child, o.Booking); err != nil {
		return err
	}
	if o.BirthDate, err = child.BirthDate(s.Box); err != nil {
		return err
	}
	o.Gender = child.Gender
	o.HealthNote, err = child.HealthNote(s.Box)
	return err
}

// childOn gives a listed child's name, and its age in months on the day of a booking.
func (s *Service) childOn(child model.Child, b model.Booking) (name string, months int, err error) {
	birth, err := child.BirthDate(s.Box)
	if err != nil {
		return "", 0, err
	}
	name, err = child.Name(s.Box)
	return name, birth.MonthsUntil(model.DateOf(b.StartAt.In(s.Zone))), err
}

func (s *Service) openGuardian(ctx context.Context, o *Opened) error {
	guardian, err := s.Store.FindResident(ctx, o.Booking.ResidentID)
	if err != nil {
		return err
	}
	o.GuardianPhone, err = guardian.Phone(s.Box)
	return err
}

func (s *Service) openEscorts(ctx context.Context, o *Opened) error {
	persons, err := s.Store.ListPickupPersons(ctx, o.Booking.ChildID)
	if err != nil {
		return err
	}
	for _, p := range persons {
		name, err := p.Name(s.Box)
		if err != nil {
			return err
		}
		phone, err := p.Phone(s.Box)
		if err != nil {
			return err
		}
		o.PickupPersons = append(o.PickupPersons, Escort{p.ID, name, p.Relation, model.PhoneTail(phone)})
	}
	return nil
}

func (s *Service) openStay(ctx context.Context, o *Opened) error {
	mark, marked, err := s.Store.FindMarkOf(ctx, o.Booking.ID)
	if err != nil {
		return err
	}
	if marked {
		o.Mark = &mark
	}
	a, came, err := s.Store.FindAttendance(ctx, o.Booking.ID)
	if err != nil || !came {
		return err
	}
	o.Attendance = &a
	o.Temperature, o.Remark, err = a.Health(s.Box)
	return err
}
