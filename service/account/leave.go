package account

import (
	"context"
	"slices"
	"time"

	"jiamenkou/model"
)

// Export is everything we hold on a resident, opened (PIPL art. 45).
type Export struct {
	Profile    Profile
	Children   []Child
	Allowances []model.Allowance
	Marks      []model.Mark
	Consents   []model.Consent
	Bookings   []model.Booking
	Notices    []model.Notice
}

// exportPage is how many rows are read at a time.
const exportPage = 500

// ExportOf collects what we hold on the resident.
func (s *Service) ExportOf(ctx context.Context, resident string) (e Export, err error) {
	if e.Profile, err = s.Me(ctx, resident); err != nil {
		return e, err
	}
	if e.Children, err = s.ListChildren(ctx, resident); err != nil {
		return e, err
	}
	if e.Allowances, e.Marks, err = s.childRecords(ctx, e.Children); err != nil {
		return e, err
	}
	if e.Consents, err = s.Store.ListConsentsOf(ctx, resident); err != nil {
		return e, err
	}
	e.Bookings, err = allPages(func(after string) ([]model.Booking, error) {
		return s.Store.ListBookingsOf(ctx, resident, model.BookingFilter{}, after, exportPage)
	}, func(b model.Booking) string { return b.ID })
	if err != nil {
		return e, err
	}
	e.Notices, err = allPages(func(after string) ([]model.Notice, error) {
		return s.Store.ListNotices(ctx, resident, after, exportPage)
	}, func(n model.Notice) string { return n.ID })
	return e, err
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

// Close ends an account: places are given back, the person and the children are erased, sessions end at once. What
// remains are counts and lawful records that name nobody. Doing it again after a failure half-way finishes it. While a
// child is at a site nothing is touched: model.ErrChildHasBookings.
func (s *Service) Close(ctx context.Context, resident string) error {
	if err := s.refuseInSession(ctx, resident); err != nil {
		return err
	}
	if err := s.Bookings.CancelAll(ctx, resident, "注销账号"); err != nil {
		return err
	}
	if err := s.Store.InTx(ctx, func(tx *model.Store) error { return s.erase(ctx, tx, resident) }); err != nil {
		return err
	}
	_, err := s.EndSessions(ctx, resident, "")
	return err
}

// refuseInSession looks before anything is given back. A session that begins after this look stops the erasing.
func (s *Service) refuseInSession(ctx context.Context, resident string) error {
	children, err := s.Store.ListChildrenOf(ctx, resident)
	if err != nil {
		return err
	}
	for _, child := range children {
		live, err := s.Store.ListLiveOf(ctx, child.ID, s.Now())
		if err != nil {
			return err
		}
		if slices.ContainsFunc(live, func(b model.Booking) bool { return b.Status == model.BookingCheckedIn || !s.Now().Before(b.StartAt) }) {
			return model.ErrChildHasBookings
		}
	}
	return nil
}

func (s *Service) erase(ctx context.Context, tx *model.Store, resident string) error {
	who, err := tx.LockResident(ctx, resident)
	if err != nil || who.Status == model.ResidentClosed {
		return err
	}
	children, err := tx.ListChildrenOf(ctx, resident)
	if err != nil {
		return err
	}
	for _, child := range children {
		if err := s.eraseChild(ctx, tx, resident, child.ID); err != nil {
			return err
		}
	}
	from := who.Status
	who.Erase(s.Now())
	if err := tx.SaveResident(ctx, who, from); err != nil {
		return err
	}
	return tx.AddEvents(ctx, residentEvent(who, from, model.ActorResident, resident, "注销账号"))
}

// Block stops an account and ends its sessions at once; staff is who does it.
func (s *Service) Block(ctx context.Context, resident, reason, staff string) error {
	// First, so that with Redis away nothing is done; and again after, for a session begun in between.
	if _, err := s.EndSessions(ctx, resident, ""); err != nil {
		return err
	}
	err := s.Store.InTx(ctx, func(tx *model.Store) error {
		who, err := tx.LockResident(ctx, resident)
		if err != nil || who.Status != model.ResidentActive {
			return err
		}
		who.Status, who.UpdatedAt = model.ResidentBlocked, s.Now()
		if err := tx.SaveResident(ctx, who, model.ResidentActive); err != nil {
			return err
		}
		return tx.AddEvents(ctx, residentEvent(who, model.ResidentActive, model.ActorStaff, staff, reason))
	})
	if err != nil {
		return err
	}
	_, err = s.EndSessions(ctx, resident, "")
	return err
}

func residentEvent(who model.Resident, from model.ResidentStatus, actor model.Actor, actorID, reason string) model.Event {
	return model.Event{
		Subject: "resident", SubjectID: who.ID, FromState: string(from), ToState: string(who.Status),
		Actor: actor, ActorID: actorID, Reason: reason, CreatedAt: who.UpdatedAt,
	}
}
