package desk

import (
	"context"
	"errors"
	"time"

	"jiamenkou/model"
)

// Standing is what a child's marks come to.
type Standing struct {
	Marks   []MarkSeen // newest first
	Blocked []Blocked
}

// MarkSeen is a mark as the guardian sees it.
type MarkSeen struct {
	model.Mark
	Booking     model.Booking
	LapsesAt    time.Time
	AppealUntil time.Time
	Appeal      *model.Appeal
}

// Blocked is a service the child cannot be booked for, and until when. Services have rules of their own.
type Blocked struct {
	Service model.CareService
	Until   time.Time
}

// Marks gives the marks of a child of the resident's and what they come to.
func (s *Service) Marks(ctx context.Context, resident, childID string) (st Standing, err error) {
	if _, err := s.Store.FindChildOf(ctx, resident, childID); err != nil {
		return st, err
	}
	marks, err := s.Store.ListMarks(ctx, childID, time.Time{})
	if err != nil {
		return st, err
	}
	if st.Blocked, err = s.blocked(ctx, marks); err != nil {
		return st, err
	}
	st.Marks, err = s.seen(ctx, childID, marks)
	return st, err
}

// StaffStanding is what a child's marks come to, as staff see it.
type StaffStanding struct {
	Standing
	Sites map[string]model.Site // by id: those within the scope, at which marks may be lifted
}

// MarksWithin gives the marks of a child of a resident within the scope, and what they come to. All marks count together,
// wherever they were given; where those outside the scope were given stays untold.
func (s *Service) MarksWithin(ctx context.Context, by model.OnDuty, resident, childID string) (st StaffStanding, err error) {
	if _, err := s.Store.FindResidentWithin(ctx, by, resident); err != nil {
		return st, err
	}
	if st.Standing, err = s.Marks(ctx, resident, childID); err != nil {
		return st, err
	}
	st.Sites, err = s.Store.MapSitesWithin(ctx, by)
	return st, err
}

func (s *Service) blocked(ctx context.Context, marks []model.Mark) (list []Blocked, err error) {
	services, err := s.Store.ListServices(ctx)
	if err != nil {
		return nil, err
	}
	policies, err := s.Store.ListCurrentPolicies(ctx, s.Now())
	if err != nil {
		return nil, err
	}
	for _, service := range services {
		policy, known := policies[service.ID]
		if !known {
			continue
		}
		if until := policy.BlockedUntil(marks, s.Now()); !until.IsZero() {
			list = append(list, Blocked{service, until})
		}
	}
	return list, nil
}

func (s *Service) seen(ctx context.Context, childID string, marks []model.Mark) ([]MarkSeen, error) {
	var ids []string
	for _, m := range marks {
		ids = append(ids, m.BookingID)
	}
	bookings, err := s.Store.ListBookingsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	appeals, err := s.Store.ListAppealsOf(ctx, childID)
	if err != nil {
		return nil, err
	}
	current, err := s.Store.ListCurrentPolicies(ctx, s.Now())
	if err != nil {
		return nil, err
	}
	bookingOf := byKey(bookings, func(b model.Booking) string { return b.ID })
	appealOf := byKey(appeals, func(a model.Appeal) string { return a.MarkID })
	list := make([]MarkSeen, len(marks))
	for i, m := range marks {
		b := bookingOf[m.BookingID]
		policy, err := s.Store.FindPolicy(ctx, b.PolicyID)
		if err != nil {
			return nil, err
		}
		one := MarkSeen{Mark: m, Booking: b, LapsesAt: current[b.ServiceID].LapsesAt(m), AppealUntil: policy.AppealUntil(m)}
		if a, appealed := appealOf[m.ID]; appealed {
			one.Appeal = &a
		}
		list[len(marks)-1-i] = one
	}
	return list, nil
}

// Appeal objects to a mark of a child of the resident's. A mark can be appealed once, within the days of the policy it was
// given by. The note stays in the house: it may tell of illness.
func (s *Service) Appeal(ctx context.Context, resident, markID string, reason model.AppealReason, note string) (model.Appeal, error) {
	var appeal model.Appeal
	err := s.Store.InTx(ctx, func(tx *model.Store) (err error) {
		appeal, err = s.appeal(ctx, tx, resident, markID, reason, note)
		return err
	})
	return appeal, err
}

// appeal has the child locked: whoever erases it takes the note out, or is done before there is one.
func (s *Service) appeal(ctx context.Context, tx *model.Store, resident, markID string, reason model.AppealReason, note string) (model.Appeal, error) {
	mark, err := tx.FindMark(ctx, markID)
	if err != nil {
		return model.Appeal{}, err
	}
	if _, err := tx.LockChild(ctx, resident, mark.ChildID); err != nil {
		return model.Appeal{}, absent(err)
	}
	if mark, err = tx.LockMark(ctx, markID); err != nil {
		return model.Appeal{}, err
	}
	b, err := tx.FindBooking(ctx, mark.BookingID)
	if err != nil {
		return model.Appeal{}, err
	}
	policy, err := tx.FindPolicy(ctx, b.PolicyID)
	if err != nil {
		return model.Appeal{}, err
	}
	if err := s.mayAppeal(ctx, tx, policy, mark); err != nil {
		return model.Appeal{}, err
	}
	a := model.Appeal{
		ID: tx.NewID(), MarkID: mark.ID, ChildID: mark.ChildID, ResidentID: resident, BookingID: b.ID, SiteID: b.SiteID,
		Reason: reason, Status: model.AppealOpen, CreatedAt: s.Now(),
	}
	if a.NoteSealed, err = model.Seal(s.Box, "appeals", "note_sealed", a.ID, note); err != nil {
		return a, err
	}
	if err := tx.AddAppeal(ctx, a); err != nil {
		return a, err
	}
	return a, tx.AddEvents(ctx, a.Changed("", model.ActorResident, resident, a.CreatedAt))
}

func (s *Service) mayAppeal(ctx context.Context, tx *model.Store, policy model.ServicePolicy, mark model.Mark) error {
	_, appealed, err := tx.FindAppealOf(ctx, mark.ID)
	switch {
	case err != nil:
		return err
	case appealed:
		return model.ErrAppealExists
	}
	return policy.MayAppeal(mark, s.Now())
}

// absent hides that a mark is somebody else's.
func absent(err error) error {
	if errors.Is(err, model.ErrChildNotFound) {
		return model.ErrMarkNotFound
	}
	return err
}
