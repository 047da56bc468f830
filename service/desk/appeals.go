package desk

import (
	"context"
	"errors"
	"time"

	"jiamenkou/model"
)

// AppealSeen is an appeal as staff see it: whose it is stays closed.
type AppealSeen struct {
	model.Appeal
	Mark    model.Mark
	Booking model.Booking
}

// OpenAppeals gives the open appeals within the scope, oldest first, from above the id after on.
func (s *Service) OpenAppeals(ctx context.Context, by model.OnDuty, after string, limit int) ([]AppealSeen, error) {
	sites, err := s.Store.ListSites(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, site := range sites {
		if by.Covers(site) {
			ids = append(ids, site.ID)
		}
	}
	appeals, err := s.Store.ListOpenAppeals(ctx, ids, after, limit)
	if err != nil {
		return nil, err
	}
	return s.seeAppeals(ctx, appeals)
}

func (s *Service) seeAppeals(ctx context.Context, appeals []model.Appeal) ([]AppealSeen, error) {
	var markIDs, bookingIDs []string
	for _, a := range appeals {
		markIDs, bookingIDs = append(markIDs, a.MarkID), append(bookingIDs, a.BookingID)
	}
	marks, err := s.Store.ListMarksByID(ctx, markIDs)
	if err != nil {
		return nil, err
	}
	bookings, err := s.Store.ListBookingsByID(ctx, bookingIDs)
	if err != nil {
		return nil, err
	}
	markOf := byKey(marks, func(m model.Mark) string { return m.ID })
	bookingOf := byKey(bookings, func(b model.Booking) string { return b.ID })
	list := make([]AppealSeen, len(appeals))
	for i, a := range appeals {
		list[i] = AppealSeen{a, markOf[a.MarkID], bookingOf[a.BookingID]}
	}
	return list, nil
}

// AppealOpened is an appeal with what the guardian wrote and of whom.
type AppealOpened struct {
	AppealSeen
	ChildName string
	Note      string
}

// OpenAppeal gives one appeal in full, and writes that it was opened.
func (s *Service) OpenAppeal(ctx context.Context, by model.OnDuty, id string) (AppealOpened, error) {
	appeal, err := s.Store.FindAppeal(ctx, id)
	if err != nil {
		return AppealOpened{}, err
	}
	if err := covered(ctx, s.Store, by, appeal.SiteID, model.ErrAppealNotFound); err != nil {
		return AppealOpened{}, err
	}
	if err := s.note(ctx, by, "appeal", id, "appeals.note, children.name", AccessAppeal); err != nil {
		return AppealOpened{}, err
	}
	seen, err := s.seeAppeals(ctx, []model.Appeal{appeal})
	if err != nil {
		return AppealOpened{}, err
	}
	name, err := s.nameOf(ctx, appeal.ChildID)
	if err != nil {
		return AppealOpened{}, err
	}
	note, err := appeal.Note(s.Box)
	return AppealOpened{seen[0], name, note}, err
}

// nameOf opens a child's name alone; one that has been erased has none.
func (s *Service) nameOf(ctx context.Context, id string) (string, error) {
	children, err := s.Store.ListChildrenByID(ctx, []string{id})
	if err != nil || len(children) == 0 || children[0].Status != model.ChildListed {
		return "", err
	}
	return children[0].Name(s.Box)
}

// Answer settles an appeal: upheld, the mark is lifted.
func (s *Service) Answer(ctx context.Context, by model.OnDuty, id string, outcome model.AppealStatus, reason string) (model.Appeal, error) {
	if err := checkReason(reason); err != nil {
		return model.Appeal{}, err
	}
	var appeal model.Appeal
	err := s.Store.InTx(ctx, func(tx *model.Store) (err error) {
		if appeal, err = tx.FindAppeal(ctx, id); err != nil {
			return err
		}
		if err := covered(ctx, tx, by, appeal.SiteID, model.ErrAppealNotFound); err != nil {
			return err
		}
		if outcome == model.AppealRejected {
			appeal, err = s.reject(ctx, tx, appeal, reason, by.StaffID)
			return err
		}
		if appeal.Status != model.AppealOpen {
			return model.ErrAppealAnswered
		}
		if _, err := s.lift(ctx, tx, appeal.MarkID, reason, by.StaffID, s.Now()); err != nil {
			return settledMeanwhile(err)
		}
		appeal, err = tx.FindAppeal(ctx, id)
		return err
	})
	return appeal, err
}

// settledMeanwhile is for an appeal whose mark was lifted between reading and locking it, which settled the appeal.
func settledMeanwhile(err error) error {
	if errors.Is(err, model.ErrMarkLifted) {
		return model.ErrAppealAnswered
	}
	return err
}

// reject has the mark locked, under which its appeal is settled.
func (s *Service) reject(ctx context.Context, tx *model.Store, appeal model.Appeal, reason, staff string) (model.Appeal, error) {
	if _, err := tx.LockMark(ctx, appeal.MarkID); err != nil {
		return appeal, err
	}
	appeal, err := tx.FindAppeal(ctx, appeal.ID)
	if err != nil {
		return appeal, err
	}
	err = s.settle(ctx, tx, &appeal, model.AppealRejected, reason, staff, s.Now())
	return appeal, err
}

// LiftMark takes a mark back without an appeal; an appeal that is open is thereby upheld.
func (s *Service) LiftMark(ctx context.Context, by model.OnDuty, id, reason string) (model.Mark, error) {
	if err := checkReason(reason); err != nil {
		return model.Mark{}, err
	}
	var mark model.Mark
	err := s.Store.InTx(ctx, func(tx *model.Store) (err error) {
		if mark, err = tx.FindMark(ctx, id); err != nil {
			return err
		}
		b, _, err := findBooking(ctx, tx, by, mark.BookingID)
		if errors.Is(err, model.ErrBookingNotFound) {
			return model.ErrMarkNotFound
		}
		if err != nil {
			return err
		}
		if mark, err = s.lift(ctx, tx, id, reason, by.StaffID, s.Now()); err != nil {
			return err
		}
		return tx.AddNotices(ctx, liftedNotice(b, mark, s.Zone))
	})
	return mark, err
}

// lift takes a mark back, once, and settles its appeal if there is an open one.
func (s *Service) lift(ctx context.Context, tx *model.Store, id, reason, staff string, now time.Time) (model.Mark, error) {
	mark, err := tx.LockMark(ctx, id)
	if err != nil {
		return mark, err
	}
	if err := mark.Lift(reason, now); err != nil {
		return mark, err
	}
	if err := tx.LiftMark(ctx, mark); err != nil {
		return mark, err
	}
	if err := tx.AddEvents(ctx, mark.Lifted(staff)); err != nil {
		return mark, err
	}
	appeal, appealed, err := tx.FindAppealOf(ctx, id)
	if err != nil || !appealed || appeal.Status != model.AppealOpen {
		return mark, err
	}
	return mark, s.settle(ctx, tx, &appeal, model.AppealUpheld, reason, staff, now)
}

func (s *Service) settle(ctx context.Context, tx *model.Store, appeal *model.Appeal, outcome model.AppealStatus, reason, staff string, now time.Time) error {
	if err := appeal.Settle(outcome, reason, staff, now); err != nil {
		return err
	}
	if err := tx.SettleAppeal(ctx, *appeal); err != nil {
		return err
	}
	if err := tx.AddEvents(ctx, appeal.Changed(model.AppealOpen, model.ActorStaff, staff, now)); err != nil {
		return err
	}
	b, err := tx.FindBooking(ctx, appeal.BookingID)
	if err != nil {
		return err
	}
	return tx.AddNotices(ctx, answeredNotice(b, *appeal, s.Zone))
}
