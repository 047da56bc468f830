package planning

import (
	"context"
	"errors"
	"strings"
	"time"

	"jiamenkou/model"
)

// Exception is what staff decide for some days.
type Exception struct {
	SiteID      string              `json:"site"`
	Kind        model.ExceptionKind `json:"kind"`
	From        model.Date          `json:"from"`
	Until       model.Date          `json:"until"`
	TemplateID  string              `json:"template"`
	ServiceID   string              `json:"service"`
	CarerID     string              `json:"carer"`
	Room        string              `json:"room"`
	StartMinute int                 `json:"start"`
	EndMinute   int                 `json:"end"`
	Capacity    int                 `json:"capacity"`
	Reason      string              `json:"reason"`
}

// record is the exception as it is written.
func (w Exception) record() model.PlanException {
	return model.PlanException{
		SiteID: w.SiteID, Kind: w.Kind, FromDate: w.From, UntilDate: w.Until, TemplateID: w.TemplateID, ServiceID: w.ServiceID,
		CarerID: w.CarerID, Room: strings.TrimSpace(w.Room), StartMinute: w.StartMinute, EndMinute: w.EndMinute,
		Capacity: w.Capacity, Reason: strings.TrimSpace(w.Reason),
	}
}

// AddException decides that some days differ from the weekly plans. What opens or changes the number of places is done
// in the one transaction. What closes is owed in it, and tried at once: what is left of it the jobs do.
func (s *Service) AddException(ctx context.Context, by model.OnDuty, key string, wish Exception) (Outcome, error) {
	if _, err := s.site(ctx, by, wish.SiteID); err != nil {
		return Outcome{}, err
	}
	return s.decide(ctx, by, s.request(by, key, "add_exception", wish), func(tx *model.Store) (model.PlanException, error) {
		e := wish.record()
		if err := e.Check(s.today()); err != nil {
			return e, err
		}
		if _, err := tx.LockSite(ctx, e.SiteID); err != nil {
			return e, err
		}
		return e, s.carryOut(ctx, tx, by, &e)
	})
}

// CloseSlot closes one slot of the site.
func (s *Service) CloseSlot(ctx context.Context, by model.OnDuty, key, slotID, reason string) (Outcome, error) {
	slot, err := s.slot(ctx, by, slotID)
	if err != nil {
		return Outcome{}, err
	}
	asked := [2]string{slotID, reason}
	return s.decide(ctx, by, s.request(by, key, "close_slot", asked), func(tx *model.Store) (model.PlanException, error) {
		e := model.PlanException{
			SiteID: slot.SiteID, Kind: model.ExceptionClose, FromDate: slot.Date, UntilDate: slot.Date, SlotID: slot.ID, Reason: strings.TrimSpace(reason),
		}
		if err := e.Check(slot.Date); err != nil { // of the reason: a slot that is over says so itself
			return e, err
		}
		if _, err := tx.LockSite(ctx, e.SiteID); err != nil {
			return e, err
		}
		if err := s.checkClosable(ctx, tx, slot.ID); err != nil {
			return e, err
		}
		return e, s.addException(ctx, tx, by, &e)
	})
}

// checkClosable refuses what can be seen to end in a refusal.
func (s *Service) checkClosable(ctx context.Context, tx *model.Store, slotID string) error {
	slot, err := tx.FindPlannedSlot(ctx, slotID)
	if err != nil {
		return err
	}
	if err := slot.CallOff("", s.Now()); err != nil {
		return err
	}
	present, err := tx.CountBookings(ctx, []string{slotID}, model.BookingCheckedIn)
	if err == nil && present[slotID] > 0 {
		return model.ErrSlotInSession
	}
	return err
}

// decide writes an exception once, brings what is there in line, and says what came of it.
func (s *Service) decide(ctx context.Context, by model.OnDuty, request model.Request, write func(tx *model.Store) (model.PlanException, error)) (Outcome, error) {
	e, err := model.Once(ctx, s.Store, request, write)
	if err != nil {
		return Outcome{}, err
	}
	if e.Kind == model.ExceptionClose {
		s.applyAtOnce(ctx, e)
	}
	return s.FindException(ctx, by, e.ID)
}

// LiftException takes a closing or another number of places back. Slots that are there stay as they are, since families
// have been told; those that it kept from being made are made.
func (s *Service) LiftException(ctx context.Context, by model.OnDuty, key, id string) (Outcome, error) {
	found, err := s.FindException(ctx, by, id)
	if err != nil {
		return Outcome{}, err
	}
	_, err = model.Once(ctx, s.Store, s.request(by, key, "lift_exception", id), func(tx *model.Store) (model.PlanException, error) {
		return s.lift(ctx, tx, by, found.PlanException)
	})
	if err != nil {
		return Outcome{}, err
	}
	s.generateSoon(ctx, found.SiteID)
	return s.FindException(ctx, by, id)
}

func (s *Service) lift(ctx context.Context, tx *model.Store, by model.OnDuty, e model.PlanException) (model.PlanException, error) {
	if _, err := tx.LockSite(ctx, e.SiteID); err != nil {
		return e, err
	}
	e, err := tx.FindException(ctx, e.ID) // as it is behind the lock
	if err != nil {
		return e, err
	}
	if err := e.Lift(s.today(), s.Now()); err != nil {
		return e, err
	}
	if err := tx.SaveLifted(ctx, e); err != nil {
		return e, err
	}
	return e, tx.AddEvents(ctx, e.Decided(string(e.Kind), "lifted", model.ActorStaff, by.StaffID, s.Now()))
}

// carryOut judges the exception behind the lock on its site and writes it with what it brings.
func (s *Service) carryOut(ctx context.Context, tx *model.Store, by model.OnDuty, e *model.PlanException) error {
	if e.TemplateID != "" {
		t, err := tx.FindTemplate(ctx, e.TemplateID)
		if err != nil {
			return err
		}
		if t.SiteID != e.SiteID {
			return model.ErrTemplateNotFound
		}
	}
	switch e.Kind {
	case model.ExceptionOpen:
		return s.open(ctx, tx, by, e)
	case model.ExceptionCapacity:
		return s.changeDay(ctx, tx, by, e)
	case model.ExceptionClose:
	}
	return s.addException(ctx, tx, by, e)
}

// addException writes an exception and its event; what closes owes the closing.
func (s *Service) addException(ctx context.Context, tx *model.Store, by model.OnDuty, e *model.PlanException) error {
	now := s.Now()
	e.ID, e.StaffID, e.CreatedAt = tx.NewID(), by.StaffID, now
	if e.Kind != model.ExceptionClose {
		e.AppliedAt = &now
	}
	if err := tx.AddException(ctx, e); err != nil {
		return err
	}
	if err := tx.AddEvents(ctx, e.Decided("", string(e.Kind), model.ActorStaff, by.StaffID, now)); err != nil {
		return err
	}
	if e.Kind != model.ExceptionClose {
		return nil
	}
	return tx.Owe(ctx, model.Owed(model.WorkApplyException, e.ID, now, now))
}

// open makes the slot of a session beside the plans.
func (s *Service) open(ctx context.Context, tx *model.Store, by model.OnDuty, e *model.PlanException) error {
	if e.FromDate != e.UntilDate {
		return model.ErrPlanDates
	}
	if err := s.staffed(ctx, tx, e.SiteID, e.CarerID, e.ServiceID); err != nil {
		return err
	}
	plan, err := s.plan(ctx, tx, e.SiteID, e.FromDate, e.FromDate)
	if err != nil {
		return err
	}
	if err := tx.KeepRoom(ctx, e.SiteID, e.Room, s.Now()); err != nil {
		return err
	}
	if err := s.addException(ctx, tx, by, e); err != nil {
		return err
	}
	slot := e.Opening(tx.NewID(), plan.Policies[e.ServiceID], s.Zone)
	if !slot.StartAt.After(s.Now()) {
		return model.ErrSessionOver
	}
	if model.TakenBy(slot, append(plan.Slots, plan.Due(e.FromDate, e.FromDate)...)) != nil {
		return roomTaken(e.FromDate)
	}
	if err := s.addSlots(ctx, tx, []model.Slot{slot}); err != nil {
		return err
	}
	return tx.AddEvents(ctx, model.Event{
		Subject: "slot", SubjectID: slot.ID, ToState: string(slot.Status),
		Actor: model.ActorStaff, ActorID: by.StaffID, Reason: e.Reason, CreatedAt: e.CreatedAt,
	})
}

// changeDay changes the number of places of a template's session on a day, whether or not its slot is there.
func (s *Service) changeDay(ctx context.Context, tx *model.Store, by model.OnDuty, e *model.PlanException) error {
	if e.FromDate != e.UntilDate {
		return model.ErrPlanDates
	}
	plan, err := s.plan(ctx, tx, e.SiteID, e.FromDate, e.FromDate)
	if err != nil {
		return err
	}
	for _, session := range plan.On(e.FromDate) {
		if session.Template.ID != e.TemplateID {
			continue
		}
		if session.Verdict == model.SessionMade {
			if err := s.changeSlot(ctx, tx, session.Slot.ID, e.Capacity, by.StaffID, e.Reason); err != nil {
				return err
			}
		}
		return s.addException(ctx, tx, by, e)
	}
	return model.ErrNoSessionThen
}

func (s *Service) changeSlot(ctx context.Context, tx *model.Store, slotID string, capacity int, staffID, reason string) error {
	slot, err := tx.LockSlot(ctx, slotID)
	if err != nil {
		return err
	}
	return s.setCapacity(ctx, tx, slot, capacity, staffID, reason)
}

// applyPatience is how long staff wait for the closing of many slots before they are told that it goes on.
const applyPatience = 5 * time.Second

// applyAtOnce tries to bring slots in line while staff wait; whatever stops it, the work is owed.
func (s *Service) applyAtOnce(ctx context.Context, e model.PlanException) {
	ctx, cancel := context.WithTimeout(ctx, applyPatience)
	defer cancel()
	err := s.closeAll(ctx, e.ID)
	if err == nil {
		err = s.Store.InTx(ctx, func(tx *model.Store) error { return s.noteApplied(ctx, tx, e) })
	}
	if err != nil {
		s.Log.WarnContext(ctx, "an exception is not yet applied", "exception", e.ID, "cause", err)
	}
}

// ApplyException is the handler of owed work model.WorkApplyException. Each slot is a transaction of its own, so that
// whoever is killed in between, or does it at the same time, leaves nothing half-done.
func (s *Service) ApplyException(ctx context.Context, w model.Work) error {
	e, err := s.Store.FindException(ctx, w.SubjectID)
	if err != nil {
		return err
	}
	if err := s.closeAll(ctx, e.ID); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		if err := tx.HoldWork(ctx, w); err != nil {
			return err
		}
		if err := s.noteApplied(ctx, tx, e); err != nil {
			return err
		}
		return tx.FinishWork(ctx, w, s.Now())
	})
}

// closeAll closes every slot of the exception that still stands. One with a child in it goes on, and is shown to staff.
func (s *Service) closeAll(ctx context.Context, id string) error {
	e, slots, err := s.toClose(ctx, id)
	if err != nil {
		return err
	}
	for _, slot := range slots {
		if slot.CallOff("", s.Now()) != nil {
			continue // called off or over
		}
		_, err := s.Closer.CloseSlot(ctx, slot.ID, e.Reason, e.StaffID)
		if err != nil && !errors.Is(err, model.ErrSlotClosed) && !errors.Is(err, model.ErrSlotInSession) {
			return err
		}
	}
	return nil
}

// toClose gives the exception with the slots it closes: none any more when it has been applied, as it must be before it is
// lifted. It looks behind the lock on the site, so that what is made after the lifting is never among them.
func (s *Service) toClose(ctx context.Context, id string) (e model.PlanException, slots []model.Slot, err error) {
	if e, err = s.Store.FindException(ctx, id); err != nil {
		return e, nil, err
	}
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		if _, err := tx.LockSite(ctx, e.SiteID); err != nil {
			return err
		}
		if e, err = tx.FindException(ctx, id); err != nil || e.AppliedAt != nil || e.LiftedAt != nil {
			return err
		}
		slots, err = s.affected(ctx, tx, e)
		return err
	})
	return e, slots, err
}

func (s *Service) noteApplied(ctx context.Context, tx *model.Store, e model.PlanException) error {
	first, err := tx.SaveApplied(ctx, e.ID, s.Now())
	if err != nil || !first {
		return err
	}
	return tx.AddEvents(ctx, e.Decided(string(e.Kind), "applied", model.ActorSystem, "", s.Now()))
}

// affected gives the slots an exception is about, whatever became of them.
func (s *Service) affected(ctx context.Context, store *model.Store, e model.PlanException) (hit []model.Slot, err error) {
	slots, err := store.ListPlannedSlots(ctx, e.SiteID, e.FromDate, e.UntilDate)
	if err != nil {
		return nil, err
	}
	exceptions, err := store.ListExceptions(ctx, e.SiteID, e.FromDate, e.UntilDate)
	if err != nil {
		return nil, err
	}
	opened := model.OpenedIn(exceptions)
	for _, slot := range slots {
		if e.Closes(slot, opened) || slot.ExceptionID != nil && *slot.ExceptionID == e.ID || s.isSessionOf(e, slot) {
			hit = append(hit, slot)
		}
	}
	return hit, nil
}

// isSessionOf reports whether the slot is the one whose number of places the exception changed.
func (s *Service) isSessionOf(e model.PlanException, slot model.Slot) bool {
	return e.Kind == model.ExceptionCapacity && slot.TemplateID != nil && *slot.TemplateID == e.TemplateID && slot.Date == e.FromDate
}
