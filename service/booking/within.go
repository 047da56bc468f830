package booking

import (
	"context"

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
