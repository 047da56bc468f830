package account

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

// ErrUsesWeChat keeps staff from stating for others what those can state themselves.
var ErrUsesWeChat = fault.New(fault.Conflict, "resident_uses_wechat", "这位家长自己用微信登录，请家长在小程序里填写和同意。")

// Met is somebody who came to a desk or rang, as staff see them.
type Met struct {
	model.Resident
	Phone string // in full
}

// AtDesk reports whether the person was registered at a desk, and does not sign in.
func (m Met) AtDesk() bool { return m.OpenIDSealed.IsZero() }

// RegisterByStaff gives the account of somebody without a smartphone, by their phone, and makes it when there is none. What
// stands for the open id is the phone: so the number has one such account, and a child added again under it is known. It counts
// to the subdistrict in which whoever registers it works, when that is one.
func (s *Service) RegisterByStaff(ctx context.Context, by model.OnDuty, phone string) (Met, error) {
	if err := checkMobile(phone, "body.phone"); err != nil {
		return Met{}, err
	}
	index := s.Box.Index("residents.desk_phone", []byte(phone))
	err := s.registerAtDesk(ctx, by, phone, index)
	if err != nil {
		return Met{}, err
	}
	who, err := s.Store.FindResidentByOpenID(ctx, index)
	if err != nil {
		return Met{}, err
	}
	if err := who.MayUse(); err != nil {
		return Met{}, err
	}
	return Met{who, phone}, s.noteAccess(ctx, by, who.ID, "residents.phone")
}

func (s *Service) registerAtDesk(ctx context.Context, by model.OnDuty, phone string, index []byte) error {
	now, id := s.Now(), s.Store.NewID()
	code, err := s.Store.FindSubdistrictOf(ctx, by)
	if err != nil {
		return err
	}
	who := model.Resident{ID: id, OpenIDIndex: index, SubdistrictCode: code, Status: model.ResidentActive, CreatedAt: now, UpdatedAt: now}
	if err := who.SealPhone(s.Box, phone); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		added, err := tx.AddResident(ctx, &who)
		if err != nil || !added {
			return err
		}
		return tx.AddEvents(ctx, residentEvent(who, "", model.ActorStaff, by.StaffID, "在宝宝屋登记"))
	})
}

// FindByPhone gives the accounts somebody who tells their number may be taken for, and writes that they were looked for.
func (s *Service) FindByPhone(ctx context.Context, by model.OnDuty, phone string) ([]Met, error) {
	found, err := s.Store.FindResidentsByPhone(ctx, model.PhoneIndex(s.Box, phone))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, s.noteSearch(ctx, by, phone)
	}
	list := make([]Met, len(found))
	for i, who := range found {
		if err := s.noteAccess(ctx, by, who.ID, "residents.phone"); err != nil {
			return nil, err
		}
		list[i] = Met{who, phone}
	}
	return list, nil
}

// noteSearch writes that a number was looked for that is nobody's: by an index, so that one asked for often can be seen, and
// the number cannot.
func (s *Service) noteSearch(ctx context.Context, by model.OnDuty, phone string) error {
	const idSize = 26
	index := hex.EncodeToString(s.Box.Index("data_accesses.search", []byte(phone)))
	return s.note(ctx, model.DataAccess{
		StaffID: by.StaffID, Subject: "search", SubjectID: index[:idSize], Fields: "residents.phone", Reason: "desk", CreatedAt: s.Now(),
	})
}

func (s *Service) noteAccess(ctx context.Context, by model.OnDuty, resident, fields string) error {
	return s.note(ctx, model.DataAccess{
		StaffID: by.StaffID, Subject: "resident", SubjectID: resident, Fields: fields, Reason: "desk", CreatedAt: s.Now(),
	})
}

func (s *Service) note(ctx context.Context, access model.DataAccess) error {
	return s.Store.InTx(ctx, func(tx *model.Store) error { return tx.NoteAccess(ctx, access) })
}

// MaskedChild is a child as staff choose it from a list; all of it is opened with a booking, for a reason.
type MaskedChild struct {
	ID            string
	Name          string // the first character and a star
	AgeMonths     int    // completed, today
	HasHealthNote bool
}

// ChildrenByStaff gives the children of somebody at the desk, masked, and writes that they were listed.
func (s *Service) ChildrenByStaff(ctx context.Context, by model.OnDuty, resident string) ([]MaskedChild, error) {
	who, err := s.Store.FindResident(ctx, resident)
	if err != nil {
		return nil, err
	}
	if who.Status == model.ResidentClosed {
		return nil, model.ErrResidentNotFound
	}
	if err := s.noteAccess(ctx, by, resident, "children.name, children.birth_date: masked"); err != nil {
		return nil, err
	}
	rows, err := s.Store.ListChildrenOf(ctx, resident)
	if err != nil {
		return nil, err
	}
	list := make([]MaskedChild, len(rows))
	for i, row := range rows {
		if list[i], err = s.mask(row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// mask does not open the health note.
func (s *Service) mask(row model.Child) (c MaskedChild, err error) {
	name, err := row.Name(s.Box)
	if err != nil {
		return c, err
	}
	birth, err := row.BirthDate(s.Box)
	return MaskedChild{row.ID, model.MaskedName(name), birth.MonthsUntil(s.today()), !row.HealthNoteSealed.IsZero()}, err
}

// AddChildByStaff puts a child on the list of somebody registered at a desk, by the same rules as their own.
func (s *Service) AddChildByStaff(ctx context.Context, by model.OnDuty, resident string, form ChildForm) (Child, error) {
	if err := model.CheckBirthDate(form.BirthDate, s.today()); err != nil {
		return Child{}, err
	}
	var added model.Child
	err := s.Store.InTx(ctx, func(tx *model.Store) error {
		who, err := lockAtDesk(ctx, tx, resident)
		if err != nil {
			return err
		}
		added, err = s.addChild(ctx, tx, who, form, hand{model.ActorStaff, by.StaffID})
		return err
	})
	if err != nil {
		return Child{}, err
	}
	return s.open(added)
}

// AgreeOnPaper records that somebody registered at a desk has signed a document, which must be the version in force. The
// event says who saw it.
func (s *Service) AgreeOnPaper(ctx context.Context, by model.OnDuty, resident, documentID string) error {
	document, err := s.currentDocument(ctx, documentID)
	if err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		who, err := lockAtDesk(ctx, tx, resident)
		if err != nil {
			return err
		}
		if err := tx.AddConsent(ctx, model.Consent{ResidentID: resident, DocumentID: documentID, AgreedAt: s.Now()}); err != nil {
			return err
		}
		e := residentEvent(who, who.Status, model.ActorStaff, by.StaffID, fmt.Sprintf("纸质签署《%s》第%d版", document.Title, document.Version))
		e.CreatedAt = s.Now()
		return tx.AddEvents(ctx, e)
	})
}

// lockAtDesk is lock for what staff do: for those only who do not sign in themselves.
func lockAtDesk(ctx context.Context, tx *model.Store, resident string) (model.Resident, error) {
	who, err := tx.LockResident(ctx, resident)
	if err != nil {
		return who, err
	}
	if err := who.MayUse(); err != nil {
		if errors.Is(err, model.ErrAccountClosed) {
			return who, model.ErrResidentNotFound
		}
		return who, err
	}
	if !who.OpenIDSealed.IsZero() {
		return who, ErrUsesWeChat
	}
	return who, nil
}
