package desk

import (
	"context"

	"jiamenkou/model"
)

// SlotCount is a slot with how many of its bookings stand how.
type SlotCount struct {
	model.Slot
	Service model.CareService
	Counts  map[model.BookingStatus]int
}

// Day gives the slots of a site on a day, the zero day being today.
func (s *Service) Day(ctx context.Context, by model.OnDuty, siteID string, day model.Date) ([]SlotCount, error) {
	if err := covered(ctx, s.Store, by, siteID, model.ErrSiteNotFound); err != nil {
		return nil, err
	}
	slots, ids, err := s.slotsOn(ctx, siteID, day)
	if err != nil {
		return nil, err
	}
	counts, err := s.Store.CountByStatus(ctx, ids)
	if err != nil {
		return nil, err
	}
	services, err := s.Store.ListServices(ctx)
	if err != nil {
		return nil, err
	}
	byID := map[string]model.CareService{}
	for _, service := range services {
		byID[service.ID] = service
	}
	list := make([]SlotCount, len(slots))
	for i, slot := range slots {
		list[i] = SlotCount{slot, byID[slot.ServiceID], counts[slot.ID]}
	}
	return list, nil
}

func (s *Service) slotsOn(ctx context.Context, siteID string, day model.Date) (slots []model.Slot, ids []string, err error) {
	if day.IsZero() {
		day = s.today()
	}
	slots, err = s.Store.ListSlots(ctx, siteID, day, day)
	for _, slot := range slots {
		ids = append(ids, slot.ID)
	}
	return slots, ids, err
}

// covered gives absent for a site outside the scope.
func covered(ctx context.Context, store *model.Store, by model.OnDuty, siteID string, absent error) error {
	_, err := store.FindSiteWithin(ctx, by, siteID, absent)
	return err
}

// Line is one booking on a list at the door: masked.
type Line struct {
	model.Booking
	ChildName     string // the first character and a star; empty when the child has been erased
	AgeMonths     int
	PhoneTail     string
	HasHealthNote bool
	Attendance    *model.Attendance
}

// Bookings gives a slot's bookings, masked, and writes that the list was opened.
func (s *Service) Bookings(ctx context.Context, by model.OnDuty, slotID string) ([]Line, error) {
	slot, err := s.Store.FindSlot(ctx, slotID)
	if err != nil {
		return nil, err
	}
	if err := covered(ctx, s.Store, by, slot.SiteID, model.ErrSlotNotFound); err != nil {
		return nil, err
	}
	if err := s.noteList(ctx, by, "slot", slotID); err != nil {
		return nil, err
	}
	bookings, err := s.Store.ListBookingsIn(ctx, []string{slotID})
	if err != nil {
		return nil, err
	}
	return s.lines(ctx, bookings)
}

const listedFields = "children.name, children.birth_date, residents.phone: masked"

// ByPhoneTail gives a site's bookings of the day whose guardian's number ends so, masked, and writes that they were looked
// for.
func (s *Service) ByPhoneTail(ctx context.Context, by model.OnDuty, siteID string, day model.Date, tail string) ([]Line, error) {
	if err := covered(ctx, s.Store, by, siteID, model.ErrSiteNotFound); err != nil {
		return nil, err
	}
	if err := s.noteList(ctx, by, "site", siteID); err != nil {
		return nil, err
	}
	_, ids, err := s.slotsOn(ctx, siteID, day)
	if err != nil {
		return nil, err
	}
	bookings, err := s.Store.ListBookingsIn(ctx, ids)
	if err != nil {
		return nil, err
	}
	all, err := s.lines(ctx, bookings)
	if err != nil {
		return nil, err
	}
	var found []Line
	for _, line := range all {
		if line.PhoneTail == tail {
			found = append(found, line)
		}
	}
	return found, nil
}

// lines puts bookings together with what a list shows of them, in three reads however many they are.
func (s *Service) lines(ctx context.Context, bookings []model.Booking) ([]Line, error) {
	known, err := s.know(ctx, bookings)
	if err != nil {
		return nil, err
	}
	list := make([]Line, len(bookings))
	for i, b := range bookings {
		if list[i], err = s.line(b, known); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// known is what lists are put together from.
type known struct {
	children    map[string]model.Child
	residents   map[string]model.Resident
	attendances map[string]model.Attendance // by booking
}

func (s *Service) know(ctx context.Context, bookings []model.Booking) (k known, err error) {
	var children, residents, ids []string
	for _, b := range bookings {
		children, residents, ids = append(children, b.ChildID), append(residents, b.ResidentID), append(ids, b.ID)
	}
	kids, err := s.Store.ListChildrenByID(ctx, children)
	if err != nil {
		return k, err
	}
	people, err := s.Store.ListResidents(ctx, residents)
	if err != nil {
		return k, err
	}
	stays, err := s.Store.ListAttendances(ctx, ids)
	k.children = byKey(kids, func(c model.Child) string { return c.ID })
	k.residents = byKey(people, func(r model.Resident) string { return r.ID })
	k.attendances = byKey(stays, func(a model.Attendance) string { return a.BookingID })
	return k, err
}

func byKey[T any](list []T, key func(T) string) map[string]T {
	all := make(map[string]T, len(list))
	for _, one := range list {
		all[key(one)] = one
	}
	return all
}

func (s *Service) line(b model.Booking, k known) (l Line, err error) {
	l.Booking = b
	if child := k.children[b.ChildID]; child.Status == model.ChildListed {
		name, months, err := s.childOn(child, b)
		if err != nil {
			return l, err
		}
		l.ChildName, l.AgeMonths, l.HasHealthNote = model.MaskedName(name), months, !child.HealthNoteSealed.IsZero()
	}
	phone, err := k.residents[b.ResidentID].Phone(s.Box)
	l.PhoneTail = model.PhoneTail(phone)
	if a, came := k.attendances[b.ID]; came {
		l.Attendance = &a
	}
	return l, err
}
