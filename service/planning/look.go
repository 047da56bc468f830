package planning

import (
	"context"

	"jiamenkou/model"
)

// Counted is a slot with what its bookings have come to: Live hold a place now, Ended were called off by the site. Applied
// wait for its draw.
type Counted struct {
	model.Slot
	Live    int
	Ended   int
	Applied int
}

// Outcome is an exception with the slots it is about. Pending says that the jobs still have to close some of them.
type Outcome struct {
	model.PlanException
	Slots   []Counted
	Pending bool
}

// Sites gives the sites within the scope of whoever asks.
func (s *Service) Sites(ctx context.Context, by model.OnDuty) (mine []model.Site, err error) {
	all, err := s.Store.ListSites(ctx)
	for _, site := range all {
		if by.Covers(site) {
			mine = append(mine, site)
		}
	}
	return mine, err
}

// Choices is what a plan of a site is made of.
type Choices struct {
	Rooms    []string // in use
	Carers   []model.Carer
	Services []model.CareService // on offer
}

// Choices gives what a site's plans can be made of.
func (s *Service) Choices(ctx context.Context, by model.OnDuty, siteID string) (c Choices, err error) {
	if _, err := s.site(ctx, by, siteID); err != nil {
		return c, err
	}
	if c.Rooms, err = s.Store.ListRooms(ctx, siteID); err != nil {
		return c, err
	}
	if c.Carers, err = s.Store.ListCarers(ctx, siteID); err != nil {
		return c, err
	}
	services, err := s.Store.ListServices(ctx)
	for _, service := range services {
		if service.Status == model.ServiceOffered {
			c.Services = append(c.Services, service)
		}
	}
	return c, err
}

// Templates gives a site's weekly plans that are not over.
func (s *Service) Templates(ctx context.Context, by model.OnDuty, siteID string) ([]model.WeeklyTemplate, error) {
	if _, err := s.site(ctx, by, siteID); err != nil {
		return nil, err
	}
	return s.Store.ListTemplatesAt(ctx, siteID, s.today())
}

// Exceptions gives a site's exceptions about some days.
func (s *Service) Exceptions(ctx context.Context, by model.OnDuty, siteID string, from, to model.Date) ([]model.PlanException, error) {
	if _, err := s.site(ctx, by, siteID); err != nil {
		return nil, err
	}
	return s.Store.ListExceptions(ctx, siteID, from, to)
}

// FindException gives an exception with the slots it is about.
func (s *Service) FindException(ctx context.Context, by model.OnDuty, id string) (o Outcome, err error) {
	if o.PlanException, err = s.Store.FindException(ctx, id); err != nil {
		return o, err
	}
	if err := s.within(ctx, by, o.SiteID, model.ErrExceptionNotFound); err != nil {
		return Outcome{}, err
	}
	o.Pending = o.AppliedAt == nil
	hit, err := s.affected(ctx, s.Store, o.PlanException)
	if err != nil {
		return o, err
	}
	o.Slots, err = s.count(ctx, hit)
	return o, err
}

// Preview says which slots an exception that closes would reach, before it is decided.
func (s *Service) Preview(ctx context.Context, by model.OnDuty, wish Exception) ([]Counted, error) {
	if _, err := s.site(ctx, by, wish.SiteID); err != nil {
		return nil, err
	}
	e := wish.record()
	e.Kind, e.Number = model.ExceptionClose, undecided
	if e.UntilDate.Before(e.FromDate) {
		return nil, model.ErrPlanDates
	}
	if e.TemplateID != "" && e.Room != "" {
		return nil, model.ErrExceptionScope
	}
	hit, err := s.affected(ctx, s.Store, e)
	if err != nil {
		return nil, err
	}
	var still []model.Slot
	for _, slot := range hit {
		if slot.CallOff("", s.Now()) == nil {
			still = append(still, slot)
		}
	}
	return s.count(ctx, still)
}

// PreviewSlot gives the slot if closing it would reach anything: none when it is called off already, or over.
func (s *Service) PreviewSlot(ctx context.Context, by model.OnDuty, id string) ([]Counted, error) {
	slot, err := s.slot(ctx, by, id)
	if err != nil || slot.CallOff("", s.Now()) != nil {
		return nil, err
	}
	return s.count(ctx, []model.Slot{slot})
}

// undecided is later than every exception there is.
const undecided = 1 << 30

// Slots gives a site's slots of some days, whatever state they are in.
func (s *Service) Slots(ctx context.Context, by model.OnDuty, siteID string, from, to model.Date) ([]Counted, error) {
	if _, err := s.site(ctx, by, siteID); err != nil {
		return nil, err
	}
	slots, err := s.Store.ListPlannedSlots(ctx, siteID, from, to)
	if err != nil {
		return nil, err
	}
	return s.count(ctx, slots)
}

// FindSlot gives one slot.
func (s *Service) FindSlot(ctx context.Context, by model.OnDuty, id string) (Counted, error) {
	slot, err := s.slot(ctx, by, id)
	if err != nil {
		return Counted{}, err
	}
	counted, err := s.count(ctx, []model.Slot{slot})
	if err != nil {
		return Counted{}, err
	}
	return counted[0], nil
}

func (s *Service) count(ctx context.Context, slots []model.Slot) ([]Counted, error) {
	var ids []string
	for _, slot := range slots {
		ids = append(ids, slot.ID)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	live, err := s.Store.CountBookings(ctx, ids, model.LiveBookings...)
	if err != nil {
		return nil, err
	}
	ended, err := s.Store.CountBookings(ctx, ids, model.BookingSiteCancelled)
	if err != nil {
		return nil, err
	}
	applied, err := s.Store.CountApplied(ctx, ids)
	if err != nil {
		return nil, err
	}
	counted := make([]Counted, len(slots))
	for i, slot := range slots {
		counted[i] = Counted{slot, live[slot.ID], ended[slot.ID], applied[slot.ID]}
	}
	return counted, nil
}

// Plan is what a site's weekly plans come to on some days. Provisional are the years among them without their notice.
type Plan struct {
	Sessions    []model.Planned
	Provisional []int
	Horizon     model.Date // slots are made up to this day
}

// Plan gives every session the weekly plans ask for on some days, with what became of it: nothing is lost silently.
func (s *Service) Plan(ctx context.Context, by model.OnDuty, siteID string, from, to model.Date) (p Plan, err error) {
	if _, err := s.site(ctx, by, siteID); err != nil {
		return p, err
	}
	plan, err := s.plan(ctx, s.Store, siteID, from, to)
	if err != nil {
		return p, err
	}
	p.Horizon = s.horizon()
	for day := from; !day.After(to); day = day.AddDays(1) {
		p.Sessions = append(p.Sessions, plan.On(day)...)
		if plan.Calendar.Status(day.Year) != model.YearOfficial && (len(p.Provisional) == 0 || p.Provisional[len(p.Provisional)-1] != day.Year) {
			p.Provisional = append(p.Provisional, day.Year)
		}
	}
	return p, nil
}
