package account

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"jiamenkou/model"
)

// Field is a piece of sealed or personal data that staff may open by itself.
type Field string

const (
	FieldPhone       Field = "phone"
	FieldNickname    Field = "nickname"
	FieldChildName   Field = "child_name"
	FieldBirthDate   Field = "birth_date"
	FieldHealthNote  Field = "health_note"
	FieldPickupName  Field = "pickup_name"
	FieldPickupPhone Field = "pickup_phone"
)

// RevealReason is what a field is opened for; a word to choose from, beside which stands a sentence.
type RevealReason string

const (
	RevealContact   RevealReason = "contact_guardian"
	RevealRequest   RevealReason = "written_request"
	RevealVerify    RevealReason = "verify"
	RevealAppeal    RevealReason = "appeal"
	RevealEmergency RevealReason = "emergency"
	RevealOther     RevealReason = "other_reason"
)

// Opening asks for one field. Of is the child's or the pick-up person's id where the field is theirs.
type Opening struct {
	Field  Field
	Of     string
	Reason RevealReason
	Note   string // in words; nothing of the child's health
}

// Revealed is one field, and until when it may be shown.
type Revealed struct {
	Value string
	Until time.Time
}

// ShownFor is how long an opened field may stand on a screen.
const ShownFor = time.Minute

// How many characters staff have to say what a field is opened for, or which paper asks for it.
const shortestNote, longestNote = 2, 100

// checkNote gives what was written without blanks around it, and refuses what says nothing or too much.
func checkNote(note, field string) (string, error) {
	note = strings.TrimSpace(note)
	if length := utf8.RuneCountInString(note); length < shortestNote || length > longestNote {
		return "", model.ErrReasonInvalid.WithField(field, "请写明，2到100个字。")
	}
	return note, nil
}

// Reveal opens one field of an account within the scope. That it is opened, and for what, is written before anything is.
func (s *Service) Reveal(ctx context.Context, by model.OnDuty, resident string, o Opening) (Revealed, error) {
	note, err := checkNote(o.Note, "body.note")
	if err != nil {
		return Revealed{}, err
	}
	var found cell
	err = s.Store.InTx(ctx, func(tx *model.Store) (err error) {
		if found, err = s.findCell(ctx, tx, by, resident, o); err != nil {
			return err
		}
		return tx.NoteAccess(ctx, model.DataAccess{
			StaffID: by.StaffID, Subject: found.subject, SubjectID: found.id, Fields: found.name,
			Reason: string(o.Reason) + ": " + note, CreatedAt: s.Now(),
		})
	})
	if err != nil {
		return Revealed{}, err
	}
	value, err := found.open()
	return Revealed{value, s.Now().Add(ShownFor)}, err
}

// cell is where a field stands.
type cell struct {
	subject string // the record's kind
	id      string
	name    string // table and column
	open    func() (string, error)
}

// findCell refuses a field that holds nothing: there would be nothing to open.
func (s *Service) findCell(ctx context.Context, tx *model.Store, by model.OnDuty, resident string, o Opening) (cell, error) {
	who, err := tx.FindResidentWithin(ctx, by, resident)
	if err != nil {
		return cell{}, err
	}
	switch o.Field {
	case FieldPhone:
		return held(!who.PhoneSealed.IsZero(), cell{"resident", resident, "residents.phone", func() (string, error) { return who.Phone(s.Box) }})
	case FieldNickname:
		return held(who.Nickname != "", cell{"resident", resident, "residents.nickname", func() (string, error) { return who.Nickname, nil }})
	case FieldChildName, FieldBirthDate, FieldHealthNote:
		return s.findChildCell(ctx, tx, resident, o)
	case FieldPickupName, FieldPickupPhone:
		return s.findPickupCell(ctx, tx, resident, o)
	}
	return cell{}, model.ErrNothingHeld
}

func held(something bool, c cell) (cell, error) {
	if !something {
		return cell{}, model.ErrNothingHeld
	}
	return c, nil
}

func (s *Service) findChildCell(ctx context.Context, tx *model.Store, resident string, o Opening) (cell, error) {
	child, err := tx.FindChildOf(ctx, resident, o.Of)
	if err != nil {
		return cell{}, err
	}
	switch o.Field {
	case FieldChildName:
		return cell{"child", child.ID, "children.name", func() (string, error) { return child.Name(s.Box) }}, nil
	case FieldBirthDate:
		return cell{"child", child.ID, "children.birth_date", func() (string, error) {
			birth, err := child.BirthDate(s.Box)
			return birth.String(), err
		}}, nil
	default: // its health note
		return held(!child.HealthNoteSealed.IsZero(), cell{"child", child.ID, "children.health_note", func() (string, error) { return child.HealthNote(s.Box) }})
	}
}

func (s *Service) findPickupCell(ctx context.Context, tx *model.Store, resident string, o Opening) (cell, error) {
	person, err := tx.FindPickupPersonOf(ctx, resident, o.Of)
	if err != nil {
		return cell{}, err
	}
	if o.Field == FieldPickupName {
		return cell{"pickup_person", person.ID, "pickup_persons.name", func() (string, error) { return person.Name(s.Box) }}, nil
	}
	return cell{"pickup_person", person.ID, "pickup_persons.phone", func() (string, error) { return person.Phone(s.Box) }}, nil
}
