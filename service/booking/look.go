package booking

import (
	"context"

	"jiamenkou/model"
)

// Seen is a booking with the slot, site and service it is for, so that a page needs no further question.
type Seen struct {
	model.Booking
	Slot    model.Slot
	Site    model.Site
	Service model.CareService
}

// ListOf gives a resident's bookings, newest first, from below the id after on.
func (s *Service) ListOf(ctx context.Context, resident string, f model.BookingFilter, after string, limit int) ([]Seen, error) {
	list, err := s.Store.ListBookingsOf(ctx, resident, f, after, limit)
	if err != nil {
		return nil, err
	}
	return s.see(ctx, list)
}

// FindOf gives one booking of the resident's own.
func (s *Service) FindOf(ctx context.Context, resident, id string) (Seen, error) {
	b, err := s.Store.FindBookingOf(ctx, resident, id)
	if err != nil {
		return Seen{}, err
	}
	return s.See(ctx, b)
}

// See puts one booking together with what it is for.
func (s *Service) See(ctx context.Context, b model.Booking) (Seen, error) {
	seen, err := s.see(ctx, []model.Booking{b})
	if err != nil {
		return Seen{}, err
	}
	return seen[0], nil
}

// SeeAll puts bookings together with what they are for.
func (s *Service) SeeAll(ctx context.Context, list []model.Booking) ([]Seen, error) {
	return s.see(ctx, list)
}

func (s *Service) see(ctx context.Context, list []model.Booking) ([]Seen, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var slotIDs []string
	for _, b := range list {
		slotIDs = append(slotIDs, b.SlotID)
	}
	slotOf, places, err := s.around(ctx, slotIDs)
	if err != nil {
		return nil, err
	}
	seen := make([]Seen, len(list))
	for i, b := range list {
		seen[i] = Seen{b, slotOf[b.SlotID], places.sites[b.SiteID], places.services[b.ServiceID]}
	}
	return seen, nil
}

// Place is a child's entry on a waiting list as the guardian sees it.
type Place struct {
	model.WaitingEntry
	Rank    int // 1 is next; 0 when it does not wait (any longer)
	Slot    model.Slot
	Site    model.Site
	Service model.CareService
}

// ListWaitingOf gives a resident's entries on waiting lists, newest first, from below the id after on.
func (s *Service) ListWaitingOf(ctx context.Context, resident string, live bool, after string, limit int) ([]Place, error) {
	list, err := s.Store.ListWaitingOf(ctx, resident, live, after, limit)
	if err != nil {
		return nil, err
	}
	return s.seePlaces(ctx, list)
}

// FindWaitingOf gives one entry of the resident's own.
func (s *Service) FindWaitingOf(ctx context.Context, resident, id string) (Place, error) {
	w, err := s.Store.FindWaitingOf(ctx, resident, id)
	if err != nil {
		return Place{}, err
	}
	return s.SeePlace(ctx, w)
}

// SeePlace puts one entry together with its rank and what it is for.
func (s *Service) SeePlace(ctx context.Context, w model.WaitingEntry) (Place, error) {
	seen, err := s.seePlaces(ctx, []model.WaitingEntry{w})
	if err != nil {
		return Place{}, err
	}
	return seen[0], nil
}

func (s *Service) seePlaces(ctx context.Context, list []model.WaitingEntry) ([]Place, error) {
	var ids, slotIDs []string
	for _, w := range list {
		ids, slotIDs = append(ids, w.ID), append(slotIDs, w.SlotID)
	}
	ahead, err := s.Store.ListAhead(ctx, ids)
	if err != nil {
		return nil, err
	}
	slotOf, places, err := s.around(ctx, slotIDs)
	if err != nil {
		return nil, err
	}
	seen := make([]Place, len(list))
	for i, w := range list {
		seen[i] = Place{WaitingEntry: w, Slot: slotOf[w.SlotID], Site: places.sites[w.SiteID], Service: places.services[w.ServiceID]}
		if w.Status == model.WaitingInLine {
			seen[i].Rank = ahead[w.ID] + 1
		}
	}
	return seen, nil
}

// around reads what bookings and entries point to: their slots, and the directory.
func (s *Service) around(ctx context.Context, slotIDs []string) (map[string]model.Slot, *places, error) {
	slots, err := s.Store.ListSlotsByID(ctx, slotIDs)
	if err != nil {
		return nil, nil, err
	}
	slotOf := map[string]model.Slot{}
	for _, slot := range slots {
		slotOf[slot.ID] = slot
	}
	places, err := s.directory(ctx)
	return slotOf, places, err
}

// SlotsOf gives a site's slots from one day to another, both included.
func (s *Service) SlotsOf(ctx context.Context, siteID string, from, to model.Date) ([]model.Slot, error) {
	if _, err := s.Store.FindSite(ctx, siteID); err != nil {
		return nil, err
	}
	slots, err := s.Store.ListSlots(ctx, siteID, from, to)
	if err != nil {
		return nil, err
	}
	return s.asOffered(ctx, slots)
}

// asOffered shows slots as closed while their site or service takes no children.
func (s *Service) asOffered(ctx context.Context, slots []model.Slot) ([]model.Slot, error) {
	places, err := s.directory(ctx)
	if err != nil {
		return nil, err
	}
	for i := range slots {
		if slots[i].Status == model.SlotOpen && !places.takes(slots[i]) {
			slots[i].Status = model.SlotClosed
		}
	}
	return slots, nil
}

// FindSlot gives one slot.
func (s *Service) FindSlot(ctx context.Context, id string) (model.Slot, error) {
	slot, err := s.Store.FindSlot(ctx, id)
	if err != nil {
		return slot, err
	}
	seen, err := s.asOffered(ctx, []model.Slot{slot})
	if err != nil {
		return slot, err
	}
	return seen[0], nil
}

// SiteDetail is everything a guardian wants to know of a site.
type SiteDetail struct {
	model.Site
	Subdistrict  model.Subdistrict
	Carers       []model.Carer
	Certificates map[string][]model.CarerCertificate // by carer
	Services     []model.CareService
	Policies     map[string]model.ServicePolicy // by service
	OpenDays     []model.OpenPlaces
}

// FindSite gives one site in full.
func (s *Service) FindSite(ctx context.Context, id string) (d SiteDetail, err error) {
	if d.Site, err = s.Store.FindSite(ctx, id); err != nil {
		return d, err
	}
	if d.Subdistrict, err = s.Store.FindSubdistrict(ctx, d.SubdistrictCode); err != nil {
		return d, err
	}
	if d.Services, err = s.Store.ListServicesAt(ctx, id, s.today()); err != nil {
		return d, err
	}
	if d.Policies, err = s.Store.ListCurrentPolicies(ctx, s.Now()); err != nil {
		return d, err
	}
	if d.Status == model.SiteOpen {
		open, err := s.openPlaces(ctx, model.Date{}, "")
		if err != nil {
			return d, err
		}
		d.OpenDays = open[id]
	}
	return s.withCarers(ctx, d)
}

func (s *Service) withCarers(ctx context.Context, d SiteDetail) (SiteDetail, error) {
	carers, err := s.Store.ListCarers(ctx, d.ID)
	if err != nil {
		return d, err
	}
	var ids []string
	for _, c := range carers {
		ids = append(ids, c.ID)
	}
	certificates, err := s.Store.ListCertificates(ctx, ids)
	d.Carers, d.Certificates = carers, map[string][]model.CarerCertificate{}
	for _, c := range certificates {
		if c.ValidOn(s.today()) {
			d.Certificates[c.CarerID] = append(d.Certificates[c.CarerID], c)
		}
	}
	return d, err
}
