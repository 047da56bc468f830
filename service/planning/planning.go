// Package planning is the week of a 宝宝屋: weekly templates, what differs from them on some days, the slots that come
// of both, and how many places they have. Whoever changes a site's plan has the site locked, so that two who do so at
// once take turns. The rules stand in model; this package is their order.
package planning

import (
	"context"
	"log/slog"
	"time"

	"jiamenkou/model"
)

// Service needs all its fields filled in.
type Service struct {
	Store  *model.Store
	Closer Closer
	Now    func() time.Time // UTC, whole milliseconds
	Zone   *time.Location   // where the district's days begin
	Log    *slog.Logger
	Limits Limits
}

// Closer calls a slot off for the site: its bookings end, its waiting list too, and everybody is told. Calling off what
// is called off already, or over, is model.ErrSlotClosed; with a child in it, model.ErrSlotInSession.
type Closer interface {
	CloseSlot(ctx context.Context, slotID, reason, staffID string) ([]model.Booking, error)
}

// Limits are the house's own numbers, all of them settings.
type Limits struct {
	SlotsAhead  int           // days of slots generated ahead, today not counted
	KeepAnswers time.Duration // how long an idempotency key is remembered
}

func (s *Service) today() model.Date { return model.DateOf(s.Now().In(s.Zone)) }

// horizon is the last day slots are made for.
func (s *Service) horizon() model.Date { return s.today().AddDays(s.Limits.SlotsAhead) }

// request identifies one intention of a member of staff.
func (s *Service) request(by model.OnDuty, key, operation string, asked any) model.Request {
	return model.NewRequest(by.StaffID, key, operation, asked, s.Now(), s.Limits.KeepAnswers)
}

// site gives a site within the scope of whoever asks; another does not exist.
func (s *Service) site(ctx context.Context, by model.OnDuty, id string) (model.Site, error) {
	return s.Store.FindSiteWithin(ctx, by, id, model.ErrSiteNotFound)
}

// within refuses what belongs to a site outside of the scope, as if it were not there.
func (s *Service) within(ctx context.Context, by model.OnDuty, siteID string, absent error) error {
	_, err := s.Store.FindSiteWithin(ctx, by, siteID, absent)
	return err
}

func (s *Service) template(ctx context.Context, by model.OnDuty, id string) (model.WeeklyTemplate, error) {
	t, err := s.Store.FindTemplate(ctx, id)
	if err != nil {
		return t, err
	}
	return t, s.within(ctx, by, t.SiteID, model.ErrTemplateNotFound)
}

func (s *Service) slot(ctx context.Context, by model.OnDuty, id string) (model.Slot, error) {
	slot, err := s.Store.FindPlannedSlot(ctx, id)
	if err != nil {
		return slot, err
	}
	return slot, s.within(ctx, by, slot.SiteID, model.ErrSlotNotFound)
}

// plan reads a site's plan for some days.
func (s *Service) plan(ctx context.Context, store *model.Store, siteID string, from, to model.Date) (model.SitePlan, error) {
	p, err := store.LoadSitePlan(ctx, siteID, from, to, s.Now())
	p.Zone = s.Zone
	return p, err
}

// endOfTime is later than any day that is planned for.
var endOfTime = model.Date{Year: 9999, Month: 12, Day: 31}
