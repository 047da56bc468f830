package account

import (
	"context"
	"time"

	"jiamenkou/model"
)

// Export is everything we hold on a resident, opened (PIPL art. 45).
type Export struct {
	Profile    Profile
	Children   []Child
	Allowances []model.Allowance
	Marks      []model.Mark
	Door       []DoorRecord // by child
	Consents   []model.Consent
	Bookings   []model.Booking
	Waiting    []model.WaitingEntry
	Applied    []model.Application
	Notices    []model.Notice
	Messages   []model.Delivery
	Agreed     []model.MessageConsent // to messages
}

// exportPage is how many rows are read at a time.
const exportPage = 500

// ExportOf collects what we hold on the resident.
func (s *Service) ExportOf(ctx context.Context, resident string) (Export, error) {
	who, err := s.active(ctx, resident)
	if err != nil {
		return Export{}, err
	}
	return s.collect(ctx, who)
}

func (s *Service) collect(ctx context.Context, who model.Resident) (e Export, err error) {
	if e.Profile, err = s.profileOf(ctx, who); err != nil {
		return e, err
	}
	for _, collect := range []func(context.Context, string, *Export) error{
		s.exportConsents, s.exportChildren, s.exportPlaces, s.exportNotices,
	} {
		if err := collect(ctx, who.ID, &e); err != nil {
			return e, err
		}
	}
	return e, nil
}

func (s *Service) exportConsents(ctx context.Context, resident string, e *Export) (err error) {
	e.Consents, err = s.Store.ListConsentsOf(ctx, resident)
	return err
}

func (s *Service) exportChildren(ctx context.Context, resident string, e *Export) (err error) {
	if e.Children, err = s.ListChildren(ctx, resident); err != nil {
		return err
	}
	if e.Allowances, e.Marks, err = s.childRecords(ctx, e.Children); err != nil {
		return err
	}
	e.Door, err = s.doorRecords(ctx, e.Children)
	return err
}

func (s *Service) exportPlaces(ctx context.Context, resident string, e *Export) (err error) {
	e.Bookings, err = allPages(func(after string) ([]model.Booking, error) {
		return s.Store.ListBookingsOf(ctx, resident, model.BookingFilter{}, after, exportPage)
	}, func(b model.Booking) string { return b.ID })
	if err != nil {
		return err
	}
	e.Waiting, err = allPages(func(after string) ([]model.WaitingEntry, error) {
		return s.Store.ListWaitingOf(ctx, resident, false, after, exportPage)
	}, func(w model.WaitingEntry) string { return w.ID })
	if err != nil {
		return err
	}
	e.Applied, err = allPages(func(after string) ([]model.Application, error) {
		return s.Store.ListApplicationsOf(ctx, resident, false, after, exportPage)
	}, func(a model.Application) string { return a.ID })
	return err
}

func (s *Service) exportNotices(ctx context.Context, resident string, e *Export) (err error) {
	e.Notices, err = allPages(func(after string) ([]model.Notice, error) {
		return s.Store.ListNotices(ctx, resident, after, exportPage)
	}, func(n model.Notice) string { return n.ID })
	if err != nil {
		return err
	}
	if e.Messages, err = s.Store.ListDeliveriesOf(ctx, resident); err != nil {
		return err
	}
	e.Agreed, err = s.Store.ListMessageConsents(ctx, resident)
	return err
}

func (s *Service) childRecords(ctx context.Context, children []Child) (allowances []model.Allowance, marks []model.Mark, err error) {
	for _, child := range children {
		granted, err := s.Store.ListAllowancesOf(ctx, child.ID)
		if err != nil {
			return nil, nil, err
		}
		given, err := s.Store.ListMarks(ctx, child.ID, time.Time{})
		if err != nil {
			return nil, nil, err
		}
		allowances, marks = append(allowances, granted...), append(marks, given...)
	}
	return allowances, marks, nil
}

func allPages[T any](page func(after string) ([]T, error), id func(T) string) ([]T, error) {
	var all []T
	for after := ""; ; {
		rows, err := page(after)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
		if len(rows) < exportPage {
			return all, nil
		}
		after = id(rows[len(rows)-1])
	}
}
