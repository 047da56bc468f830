package planning

import (
	"context"
	"fmt"
	"strings"

	"jiamenkou/model"
)

// Template is what staff say of a weekly plan.
type Template struct {
	SiteID      string      `json:"site"`
	ServiceID   string      `json:"service"`
	CarerID     string      `json:"carer"`
	Room        string      `json:"room"`
	Weekday     int         `json:"weekday"`
	StartMinute int         `json:"start"`
	EndMinute   int         `json:"end"`
	Capacity    int         `json:"capacity"`
	OnRestDays  bool        `json:"on_rest_days"`
	ValidFrom   model.Date  `json:"from"`
	ValidUntil  *model.Date `json:"until"`
}

// AddTemplate writes a weekly plan; its slots are made at once. Of two keepers who want the same room at the same time one
// is refused.
func (s *Service) AddTemplate(ctx context.Context, by model.OnDuty, key string, wish Template) (model.WeeklyTemplate, error) {
	if _, err := s.site(ctx, by, wish.SiteID); err != nil {
		return model.WeeklyTemplate{}, err
	}
	request := s.request(by, key, "add_template", wish)
	added, err := model.Once(ctx, s.Store, request, func(tx *model.Store) (model.WeeklyTemplate, error) {
		return s.addTemplate(ctx, tx, by, wish)
	})
	if err == nil {
		s.generateSoon(ctx, wish.SiteID)
	}
	return added, err
}

// generateSoon makes a site's slots while staff wait, if it can; else the job does when it comes round.
func (s *Service) generateSoon(ctx context.Context, siteID string) {
	if _, err := s.generateAt(ctx, siteID); err != nil {
		s.Log.WarnContext(ctx, "slots were not made at once", "site", siteID, "cause", err)
	}
}

func (s *Service) addTemplate(ctx context.Context, tx *model.Store, by model.OnDuty, wish Template) (model.WeeklyTemplate, error) {
	t := model.WeeklyTemplate{
		ID: tx.NewID(), SiteID: wish.SiteID, ServiceID: wish.ServiceID, CarerID: wish.CarerID, Room: strings.TrimSpace(wish.Room), Weekday: wish.Weekday,
		StartMinute: wish.StartMinute, EndMinute: wish.EndMinute, Capacity: wish.Capacity, OnRestDays: wish.OnRestDays,
		ValidFrom: wish.ValidFrom, ValidUntil: wish.ValidUntil,
	}
	if err := t.Check(s.today()); err != nil {
		return t, err
	}
	if _, err := tx.LockSite(ctx, t.SiteID); err != nil {
		return t, err
	}
	if err := s.staffed(ctx, tx, t.SiteID, t.CarerID, t.ServiceID); err != nil {
		return t, err
	}
	if err := s.hasRoom(ctx, tx, t); err != nil {
		return t, err
	}
	if err := tx.KeepRoom(ctx, t.SiteID, t.Room, s.Now()); err != nil {
		return t, err
	}
	if err := tx.AddTemplate(ctx, t); err != nil {
		return t, err
	}
	return t, tx.AddEvents(ctx, t.Changed("", "planned", by.StaffID, "", s.Now()))
}

// staffed refuses a carer who does not work at the site and a service that is not on offer.
func (s *Service) staffed(ctx context.Context, tx *model.Store, siteID, carerID, serviceID string) error {
	if _, err := tx.FindCarerAt(ctx, siteID, carerID); err != nil {
		return err
	}
	offered, err := tx.ListOfferedPolicies(ctx, s.Now())
	if err != nil {
		return err
	}
	if _, on := offered[serviceID]; !on {
		return model.ErrServiceNotFound
	}
	return nil
}

// hasRoom refuses a plan whose room is wanted by another plan, or taken by a slot that came from elsewhere.
func (s *Service) hasRoom(ctx context.Context, tx *model.Store, t model.WeeklyTemplate) error {
	until := endOfTime
	if t.ValidUntil != nil {
		until = *t.ValidUntil
	}
	plan, err := s.plan(ctx, tx, t.SiteID, t.ValidFrom, until)
	if err != nil {
		return err
	}
	for _, other := range plan.Templates {
		if t.Overlaps(other) {
			return model.ErrRoomTaken
		}
	}
	if slot := plan.Blocking(t); slot != nil {
		return roomTaken(slot.Date)
	}
	return nil
}

func roomTaken(day model.Date) error {
	return model.ErrRoomTaken.WithMessage("%d月%d日这个活动室在这段时间已有时段。", int(day.Month), day.Day)
}

// Change is what staff change of a weekly plan; what is nil stays.
type Change struct {
	TemplateID string  `json:"template"`
	Capacity   *int    `json:"capacity"`
	CarerID    *string `json:"carer"`
}

// Changed is a weekly plan after a change. Behind are the slots that could not follow: more places are taken in them than
// the plan has by now, and they have exactly those that are taken.
type Changed struct {
	Template model.WeeklyTemplate
	Behind   []model.Slot
}

// ChangeTemplate changes a weekly plan and its slots that have not begun. Slots of days with a number of places of their
// own keep it.
func (s *Service) ChangeTemplate(ctx context.Context, by model.OnDuty, key string, change Change) (Changed, error) {
	if _, err := s.template(ctx, by, change.TemplateID); err != nil {
		return Changed{}, err
	}
	request := s.request(by, key, "change_template", change)
	return model.Once(ctx, s.Store, request, func(tx *model.Store) (Changed, error) {
		return s.changeTemplate(ctx, tx, by, change)
	})
}

func (s *Service) changeTemplate(ctx context.Context, tx *model.Store, by model.OnDuty, change Change) (done Changed, err error) {
	before, err := s.lockTemplate(ctx, tx, change.TemplateID)
	if err != nil {
		return done, err
	}
	done.Template = before
	if change.Capacity != nil {
		if done.Template.Capacity = *change.Capacity; *change.Capacity < 0 {
			return done, model.ErrCapacityNegative
		}
	}
	if change.CarerID != nil {
		if _, err := tx.FindCarerAt(ctx, before.SiteID, *change.CarerID); err != nil {
			return done, err
		}
		done.Template.CarerID = *change.CarerID
	}
	if err := tx.SaveTemplate(ctx, done.Template); err != nil {
		return done, err
	}
	if err := tx.AddEvents(ctx, done.Template.Changed("planned", "planned", by.StaffID, whatChanged(before, done.Template), s.Now())); err != nil {
		return done, err
	}
	done.Behind, err = s.follow(ctx, tx, by, before, done.Template)
	return done, err
}

// whatChanged says for the history what is different.
func whatChanged(before, after model.WeeklyTemplate) string {
	var parts []string
	if before.Capacity != after.Capacity {
		parts = append(parts, fmt.Sprintf("名额%d改为%d", before.Capacity, after.Capacity))
	}
	if before.CarerID != after.CarerID {
		parts = append(parts, "换照护人员")
	}
	return strings.Join(parts, "；")
}

// lockTemplate gives a plan that is not over, its site locked.
func (s *Service) lockTemplate(ctx context.Context, tx *model.Store, id string) (model.WeeklyTemplate, error) {
	t, err := tx.FindTemplate(ctx, id)
	if err != nil {
		return t, err
	}
	if _, err := tx.LockSite(ctx, t.SiteID); err != nil {
		return t, err
	}
	if t, err = tx.FindTemplate(ctx, id); err != nil { // as it is behind the lock
		return t, err
	}
	if t.ValidUntil != nil && t.ValidUntil.Before(s.today()) {
		return t, model.ErrTemplateEnded
	}
	return t, nil
}

// follow brings a plan's slots in line with it, and gives those that could not follow.
func (s *Service) follow(ctx context.Context, tx *model.Store, by model.OnDuty, before, after model.WeeklyTemplate) (behind []model.Slot, err error) {
	slots, err := tx.ListSlotsOfTemplate(ctx, after.ID, s.Now())
	if err != nil {
		return nil, err
	}
	exceptions, err := tx.ListExceptions(ctx, after.SiteID, s.today(), endOfTime)
	if err != nil {
		return nil, err
	}
	plan := model.SitePlan{Exceptions: exceptions}
	for _, slot := range slots { // ascending, as they are locked
		slot, err := tx.LockSlot(ctx, slot.ID)
		if err != nil {
			return nil, err
		}
		if before.CarerID != after.CarerID {
			if err := tx.SaveSlotCarer(ctx, slot.ID, after.CarerID, s.Now()); err != nil {
				return nil, err
			}
		}
		if before.Capacity == after.Capacity || !slot.Stands() {
			continue
		}
		changed, exact := slot.WithPlaces(plan.CapacityOn(after, slot.Date))
		if !exact {
			behind = append(behind, changed)
		}
		if err := s.setCapacity(ctx, tx, slot, changed.Capacity, by.StaffID, ""); err != nil {
			return nil, err
		}
	}
	return behind, nil
}

// setCapacity gives a locked slot another number of places.
func (s *Service) setCapacity(ctx context.Context, tx *model.Store, slot model.Slot, capacity int, staffID, reason string) error {
	if err := tx.SaveCapacity(ctx, slot.ID, capacity, s.Now()); err != nil || slot.Capacity == capacity {
		return err
	}
	return tx.AddEvents(ctx, model.CapacityChanged(slot.ID, slot.Capacity, capacity, staffID, reason, s.Now()))
}

// Ending is the last day of a weekly plan, and what guardians are told whose sessions lie beyond it.
type Ending struct {
	TemplateID string     `json:"template"`
	Last       model.Date `json:"last"`
	Reason     string     `json:"reason"`
}

// Ended is a weekly plan with its last day, and the exception that closes the slots beyond it, if there were any.
type Ended struct {
	Template  model.WeeklyTemplate
	Exception *model.PlanException
}

// EndTemplate gives a weekly plan its last day. Slots beyond it that are there already are closed.
func (s *Service) EndTemplate(ctx context.Context, by model.OnDuty, key string, ending Ending) (Ended, error) {
	if _, err := s.template(ctx, by, ending.TemplateID); err != nil {
		return Ended{}, err
	}
	request := s.request(by, key, "end_template", ending)
	done, err := model.Once(ctx, s.Store, request, func(tx *model.Store) (Ended, error) {
		return s.endTemplate(ctx, tx, by, ending)
	})
	if err == nil && done.Exception != nil {
		s.applyAtOnce(ctx, *done.Exception)
	}
	return done, err
}

func (s *Service) endTemplate(ctx context.Context, tx *model.Store, by model.OnDuty, ending Ending) (done Ended, err error) {
	t, err := s.lockTemplate(ctx, tx, ending.TemplateID)
	if err != nil {
		return done, err
	}
	if err := t.End(ending.Last, s.today()); err != nil {
		return done, err
	}
	if err := tx.SaveTemplate(ctx, t); err != nil {
		return done, err
	}
	e := model.PlanException{
		SiteID: t.SiteID, Kind: model.ExceptionClose, FromDate: ending.Last.AddDays(1), UntilDate: ending.Last.AddDays(1),
		TemplateID: t.ID, Reason: strings.TrimSpace(ending.Reason),
	}
	if err := e.Check(s.today()); err != nil { // the reason
		return done, err
	}
	done.Template = t
	if done.Exception, err = s.closeBeyond(ctx, tx, by, e); err != nil {
		return done, err
	}
	return done, tx.AddEvents(ctx, t.Changed("planned", "ended", by.StaffID, e.Reason, s.Now()))
}

// closeBeyond writes the exception if any slot of the plan stands on its first day or later, and stretches it to the last.
func (s *Service) closeBeyond(ctx context.Context, tx *model.Store, by model.OnDuty, e model.PlanException) (*model.PlanException, error) {
	slots, err := tx.ListSlotsOfTemplate(ctx, e.TemplateID, s.Now())
	if err != nil {
		return nil, err
	}
	beyond := false
	for _, slot := range slots {
		if slot.Date.Before(e.FromDate) {
			continue
		}
		if beyond = true; slot.Date.After(e.UntilDate) {
			e.UntilDate = slot.Date
		}
	}
	if !beyond {
		return nil, nil
	}
	return &e, s.addException(ctx, tx, by, &e)
}
