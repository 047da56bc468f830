package booking

import (
	"cmp"
	"context"
	"slices"

	"jiamenkou/model"
)

// ListWithin gives a page of the bookings that a resident within the scope has, or had, at sites within it: of one child, or
// of all when it is empty; the latest session first, and how many there are.
func (s *Service) ListWithin(ctx context.Context, by model.OnDuty, resident, child string, page, size int) ([]Seen, int64, error) {
	if _, err := s.Store.FindResidentWithin(ctx, by, resident); err != nil {
		return nil, 0, err
	}
	list, total, err := s.Store.ListBookingsWithin(ctx, by, resident, child, page, size)
	if err != nil {
		return nil, 0, err
	}
	seen, err := s.see(ctx, list)
	return seen, total, err
}

// LedgerLine is a line of an allowance's ledger with the booking it is for.
type LedgerLine struct {
	model.AllowanceEntry
	Booking model.Booking
	Site    model.Site // zero where it lies outside the scope
}

// LedgerWithin gives the allowance of a child of a resident within the scope for the year of the day, and its lines, newest
// first; a zero day means today.
func (s *Service) LedgerWithin(ctx context.Context, by model.OnDuty, resident, child string, day model.Date) (Allowance, []LedgerLine, error) {
	if _, err := s.Store.FindResidentWithin(ctx, by, resident); err != nil {
		return Allowance{}, nil, err
	}
	a, entries, err := s.LedgerOf(ctx, resident, child, day)
	if err != nil {
		return a, nil, err
	}
	lines, err := s.explain(ctx, by, entries)
	return a, lines, err
}

func (s *Service) explain(ctx context.Context, by model.OnDuty, entries []model.AllowanceEntry) ([]LedgerLine, error) {
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.BookingID
	}
	bookings, err := s.Store.ListBookingsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	sites, err := s.Store.MapSitesWithin(ctx, by)
	if err != nil {
		return nil, err
	}
	bookingOf := map[string]model.Booking{}
	for _, b := range bookings {
		bookingOf[b.ID] = b
	}
	lines := make([]LedgerLine, len(entries))
	for i, e := range entries {
		b := bookingOf[e.BookingID]
		lines[i] = LedgerLine{e, b, sites[b.SiteID]}
	}
	return lines, nil
}

// UnderWay is what a family has before it: bookings that have not begun, live turns on waiting lists, applications to draws
// that have no result yet.
type UnderWay struct {
	Bookings     []Seen
	Waiting      []Place
	Applications []AppliedFor
}

// mostUnderWay bounds each list of a family's; nobody has as many.
const mostUnderWay = 100

// UnderWayWithin gives what anybody's family has under way at the sites within the scope: whoever rings is served, wherever
// the family was before.
func (s *Service) UnderWayWithin(ctx context.Context, by model.OnDuty, resident string) (u UnderWay, err error) {
	if _, err := s.Store.FindResident(ctx, resident); err != nil {
		return u, err
	}
	sites, err := s.Store.MapSitesWithin(ctx, by)
	if err != nil {
		return u, err
	}
	if u.Bookings, err = s.upcomingAt(ctx, sites, resident); err != nil {
		return u, err
	}
	if u.Waiting, err = s.waitingAt(ctx, sites, resident); err != nil {
		return u, err
	}
	u.Applications, err = s.appliedAt(ctx, sites, resident)
	return u, err
}

func (s *Service) upcomingAt(ctx context.Context, sites map[string]model.Site, resident string) ([]Seen, error) {
	list, err := s.Store.ListUpcomingOf(ctx, resident, s.Now())
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(b model.Booking) bool { return sites[b.SiteID].ID == "" })
	slices.SortFunc(list, func(a, b model.Booking) int { return cmp.Or(a.StartAt.Compare(b.StartAt), cmp.Compare(a.ID, b.ID)) })
	return s.see(ctx, list)
}

func (s *Service) waitingAt(ctx context.Context, sites map[string]model.Site, resident string) ([]Place, error) {
	list, err := s.Store.ListWaitingOf(ctx, resident, true, "", mostUnderWay)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(w model.WaitingEntry) bool { return sites[w.SiteID].ID == "" })
	return s.seePlaces(ctx, list)
}

func (s *Service) appliedAt(ctx context.Context, sites map[string]model.Site, resident string) ([]AppliedFor, error) {
	list, err := s.Store.ListApplicationsOf(ctx, resident, true, "", mostUnderWay)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(a model.Application) bool { return sites[a.SiteID].ID == "" })
	return s.seeApplications(ctx, list)
}
