package account

import (
	"context"
	"encoding/hex"

	"jiamenkou/model"
)

// Entry is a line of what a search for accounts found: masked.
type Entry struct {
	model.Resident
	Phone    string // the first three and the last four digits
	Children []MaskedChild
}

// AtDesk reports whether the person was registered at a desk, and does not sign in. A closed account does not tell.
func (e Entry) AtDesk() bool { return atDesk(e.Resident) }

func atDesk(r model.Resident) bool {
	return r.Status != model.ResidentClosed && r.OpenIDSealed.IsZero()
}

// Wanted is what staff look for an account by: one of its fields.
type Wanted struct {
	Phone     string // in full
	PhoneTail string // its last four digits
	Name      string // of a child of it, in full
	ID        string // of the account, of a child of it or of a booking of it
}

// maskedFields are what an account shows of itself before anything is opened, in the words of the record.
const maskedFields = "residents.phone, children.name, children.birth_date, pickup_persons.*: masked"

// Search gives a page of the accounts within the scope that fit, masked, and how many there are, and writes that they were
// looked for. There is no list of everybody.
func (s *Service) Search(ctx context.Context, by model.OnDuty, wanted Wanted, page, size int) ([]Entry, int64, error) {
	sought, err := s.sought(wanted)
	if err != nil {
		return nil, 0, err
	}
	if err := s.note(ctx, s.searched(by, wanted)); err != nil {
		return nil, 0, err
	}
	found, total, err := s.Store.SearchResidents(ctx, by, sought, page, size)
	if err != nil {
		return nil, 0, err
	}
	list, err := s.entries(ctx, found)
	return list, total, err
}

func (s *Service) sought(w Wanted) (model.Sought, error) {
	switch {
	case w.Phone != "":
		return model.Sought{Phone: model.PhoneIndex(s.Box, w.Phone)}, checkMobile(w.Phone, "body.phone")
	case w.PhoneTail != "":
		return model.Sought{Tail: model.PhoneTailIndex(s.Box, w.PhoneTail)}, nil
	case w.Name != "":
		return model.Sought{Name: model.ChildNameIndex(s.Box, plainName(w.Name))}, nil
	}
	return model.Sought{ID: w.ID}, nil
}

// searched is the record of a search: by an index of what was looked for, so that one made often can be seen, and the
// number cannot.
func (s *Service) searched(by model.OnDuty, w Wanted) model.DataAccess {
	const idSize = 26
	index := hex.EncodeToString(s.Box.Index("data_accesses.search", []byte(w.Phone+w.PhoneTail+plainName(w.Name)+w.ID)))
	return model.DataAccess{
		StaffID: by.StaffID, Subject: "search", SubjectID: index[:idSize], Fields: maskedFields, Reason: "list", CreatedAt: s.Now(),
	}
}

func (s *Service) entries(ctx context.Context, found []model.Resident) ([]Entry, error) {
	ids := make([]string, len(found))
	for i, who := range found {
		ids[i] = who.ID
	}
	children, err := s.Store.ListChildrenOfMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]Entry, len(found))
	for i, who := range found {
		if list[i], err = s.entry(who, children[who.ID]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (s *Service) entry(who model.Resident, children []model.Child) (e Entry, err error) {
	phone, err := who.Phone(s.Box)
	if err != nil {
		return e, err
	}
	e = Entry{Resident: who, Phone: model.MaskedPhone(phone), Children: make([]MaskedChild, len(children))}
	for i, child := range children {
		if e.Children[i], err = s.mask(child); err != nil {
			return e, err
		}
	}
	return e, nil
}

// Record is one account as staff see it before they open anything.
type Record struct {
	Entry
	Subdistrict model.Subdistrict
	Nickname    string         // the first character and a star
	Pickups     []MaskedEscort // of all children
	Agreements  []Agreed
}

// MaskedEscort is a pick-up person, masked.
type MaskedEscort struct {
	ID        string
	ChildID   string
	Name      string // the first character and a star
	Relation  model.Relation
	PhoneTail string
}

// Agreed is a version of a document: agreed to, or in force and not agreed to.
type Agreed struct {
	model.Document
	InForce bool
	Consent *model.Consent // nil when it never was agreed to
}

// RecordOf gives one account within the scope, masked, and writes that it was looked at.
func (s *Service) RecordOf(ctx context.Context, by model.OnDuty, resident string) (r Record, err error) {
	who, err := s.Store.FindResidentWithin(ctx, by, resident)
	if err != nil {
		return r, err
	}
	if err := s.note(ctx, model.DataAccess{
		StaffID: by.StaffID, Subject: "resident", SubjectID: resident, Fields: maskedFields, Reason: "record", CreatedAt: s.Now(),
	}); err != nil {
		return r, err
	}
	children, err := s.Store.ListChildrenOf(ctx, resident)
	if err != nil {
		return r, err
	}
	if r.Entry, err = s.entry(who, children); err != nil {
		return r, err
	}
	if who.Nickname != "" {
		r.Nickname = model.MaskedName(who.Nickname)
	}
	return r, s.fillRecord(ctx, &r)
}

func (s *Service) fillRecord(ctx context.Context, r *Record) (err error) {
	if r.SubdistrictCode != "" {
		if r.Subdistrict, err = s.Store.FindSubdistrict(ctx, r.SubdistrictCode); err != nil {
			return err
		}
	}
	for _, child := range r.Children {
		if err := s.addEscorts(ctx, r, child.ID); err != nil {
			return err
		}
	}
	r.Agreements, err = s.agreed(ctx, r.ID)
	return err
}

func (s *Service) addEscorts(ctx context.Context, r *Record, child string) error {
	persons, err := s.Store.ListPickupPersons(ctx, child)
	if err != nil {
		return err
	}
	for _, p := range persons {
		opened, err := s.openPickupPerson(p)
		if err != nil {
			return err
		}
		r.Pickups = append(r.Pickups, MaskedEscort{p.ID, child, model.MaskedName(opened.Name), p.Relation, model.PhoneTail(opened.Phone)})
	}
	return nil
}

// agreed gives the documents in force, and the earlier ones that the resident has agreed to.
func (s *Service) agreed(ctx context.Context, resident string) (list []Agreed, err error) {
	agreements, err := s.Store.ListConsentsOf(ctx, resident)
	if err != nil {
		return nil, err
	}
	documents, err := s.Documents(ctx)
	if err != nil {
		return nil, err
	}
	byDocument := map[string]*model.Consent{}
	for i, c := range agreements {
		byDocument[c.DocumentID] = &agreements[i]
	}
	for _, d := range documents {
		list = append(list, Agreed{d, true, byDocument[d.ID]})
		delete(byDocument, d.ID)
	}
	for i, c := range agreements {
		if byDocument[c.DocumentID] == nil {
			continue
		}
		earlier, err := s.Store.FindDocument(ctx, c.DocumentID)
		if err != nil {
			return nil, err
		}
		list = append(list, Agreed{earlier, false, &agreements[i]})
	}
	return list, nil
}

// indexedAtOnce is how many rows are read at a time.
const indexedAtOnce = 500

// IndexForSearch makes what was stored before staff could search by it found: the last four digits of telephone numbers, and
// the names of children. It may be stopped at any moment, run on several servers, and run again.
func (s *Service) IndexForSearch(ctx context.Context) error {
	if err := s.indexPhoneTails(ctx); err != nil {
		return err
	}
	return s.indexChildNames(ctx)
}

func (s *Service) indexPhoneTails(ctx context.Context) error {
	for after := ""; ; {
		list, err := s.Store.ListTailless(ctx, after, indexedAtOnce)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, who := range list {
			if err := s.indexTail(ctx, who); err != nil {
				return err
			}
		}
		after = list[len(list)-1].ID
	}
}

func (s *Service) indexChildNames(ctx context.Context) error {
	for after := ""; ; {
		list, err := s.Store.ListNameless(ctx, after, indexedAtOnce)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, child := range list {
			if err := s.indexName(ctx, child); err != nil {
				return err
			}
		}
		after = list[len(list)-1].ID
	}
}

func (s *Service) indexName(ctx context.Context, child model.Child) error {
	name, err := child.Name(s.Box)
	if err != nil {
		return err
	}
	child.NameIndex = model.ChildNameIndex(s.Box, plainName(name))
	return s.Store.SaveChildName(ctx, child)
}

func (s *Service) indexTail(ctx context.Context, who model.Resident) error {
	phone, err := who.Phone(s.Box)
	if err != nil {
		return err
	}
	who.PhoneTailIndex = model.PhoneTailIndex(s.Box, model.PhoneTail(phone))
	return s.Store.SavePhoneTail(ctx, who)
}
