package booking

import (
	"context"
	"errors"
	"slices"
	"time"

	"jiamenkou/model"
)

// nobody is the house itself.
var nobody = hand{actor: model.ActorSystem}

// SlotDraw is the draw of a slot as everybody may see it.
type SlotDraw struct {
	model.Draw
	Slot   model.Slot
	Counts map[model.ApplicationStatus]int
}

// DrawOf gives the draw of a slot. Whoever looks first commits the house to a nonce.
func (s *Service) DrawOf(ctx context.Context, slotID string) (d SlotDraw, err error) {
	if d.Slot, err = s.Store.FindSlot(ctx, slotID); err != nil {
		return d, err
	}
	if d.Draw, err = s.findDraw(ctx, d.Slot); err != nil {
		return d, err
	}
	d.Counts, err = s.Store.CountApplications(ctx, slotID)
	return d, err
}

func (s *Service) findDraw(ctx context.Context, slot model.Slot) (d model.Draw, err error) {
	d, err = s.Store.FindDraw(ctx, slot.ID)
	now := s.Now()
	state := slot.State(now)
	if !errors.Is(err, model.ErrDrawNotFound) || slot.DrawAt == nil || state != model.SeenUpcoming && state != model.SeenDrawing {
		return d, err
	}
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		d, err = tx.EnsureDraw(ctx, s.Box, slot, now)
		return err
	})
	return d, err
}

// DrawDocumentOf gives what anyone needs to recompute the draw of a slot, once it has been drawn.
func (s *Service) DrawDocumentOf(ctx context.Context, slotID string) (model.DrawDocument, error) {
	slot, err := s.Store.FindSlot(ctx, slotID)
	if err != nil {
		return model.DrawDocument{}, err
	}
	d, err := s.findDraw(ctx, slot)
	if err != nil {
		return model.DrawDocument{}, err
	}
	if d.Status != model.DrawDrawn {
		return model.DrawDocument{}, model.ErrNotDrawn
	}
	listed, err := s.Store.ListListed(ctx, slotID)
	if err != nil {
		return model.DrawDocument{}, err
	}
	return d.Document(s.Box, slot, listed)
}

// Draw does the owed work of drawing a slot's places. Done twice, it draws once.
func (s *Service) Draw(ctx context.Context, w model.Work) error {
	for range closeAttempts {
		children, err := s.Store.ListApplicants(ctx, w.SubjectID)
		if err != nil {
			return err
		}
		err = s.Store.InTx(ctx, func(tx *model.Store) error { return s.drawOwed(ctx, tx, w, children) })
		if !errors.Is(err, errSlotMoved) {
			return err
		}
	}
	return model.ErrStoreBusy.WithCause(errSlotMoved)
}

// drawOwed knows beforehand which children it will lock, so that it can lock them before the slot as everyone else does;
// an application that came meanwhile undoes it.
func (s *Service) drawOwed(ctx context.Context, tx *model.Store, w model.Work, children []string) error {
	if err := tx.HoldWork(ctx, w); err != nil {
		return err
	}
	if err := tx.LockChildren(ctx, children); err != nil {
		return err
	}
	now := s.Now()
	again, err := s.draw(ctx, tx, w.SubjectID, children, now)
	switch {
	case err != nil:
		return err
	case !again.IsZero():
		return tx.PostponeWork(ctx, w, again, now)
	}
	return tx.FinishWork(ctx, w, now)
}

// draw takes the draw of a slot as far as it can go now, and says when to come again, if ever.
func (s *Service) draw(ctx context.Context, tx *model.Store, slotID string, children []string, now time.Time) (again time.Time, err error) {
	slot, err := tx.LockSlot(ctx, slotID)
	if err != nil || !slot.Drawing() || slot.DrawAt == nil {
		return again, err
	}
	d, err := tx.EnsureDraw(ctx, s.Box, slot, now)
	switch {
	case err != nil || d.Status == model.DrawDrawn || d.Status == model.DrawVoid:
		return again, err
	case slot.Status != model.SlotOpen:
		return again, s.voidDraw(ctx, tx, slot, d, "时段已关闭", nobody, now)
	case !now.Before(slot.CutoffAt):
		return again, s.voidDraw(ctx, tx, slot, d, "没能在预约截止前摇号", nobody, now)
	case now.Before(*slot.DrawAt):
		return *slot.DrawAt, nil
	}
	if err := s.dropHindered(ctx, tx, slot, children, now); err != nil {
		return again, err
	}
	if d.Status == model.DrawOpen {
		if err := s.closeDraw(ctx, tx, slot, &d, now); err != nil {
			return again, err
		}
	}
	if until := d.Waits(now); !until.IsZero() {
		return until, nil
	}
	return again, s.drawPlaces(ctx, tx, slot, d, now)
}

// dropHindered ends the applications of children who by now could not take a place, so that none is held for them. The
// caller has the children locked: none of them gets another booking meanwhile.
func (s *Service) dropHindered(ctx context.Context, tx *model.Store, slot model.Slot, children []string, now time.Time) error {
	applied, err := tx.ListApplied(ctx, slot.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(applied, func(a model.Application) bool { return !slices.Contains(children, a.ChildID) }) {
		return errSlotMoved
	}
	hindered, err := tx.ListHindered(ctx, slot.ID)
	if err != nil {
		return err
	}
	applied = slices.DeleteFunc(applied, func(a model.Application) bool { return !hindered[a.ID] })
	const reason = "孩子在这段时间已有别的预约，或已不在名单上"
	return s.voidApplications(ctx, tx, applied, reason, nobody, now, func(a model.Application) model.Notice { return hinderedNotice(a, s.Zone) })
}

// closeDraw settles the list of applications and each child's class.
func (s *Service) closeDraw(ctx context.Context, tx *model.Store, slot model.Slot, d *model.Draw, now time.Time) error {
	applied, err := tx.ListApplied(ctx, slot.ID)
	if err != nil {
		return err
	}
	from, before := model.MonthOf(slot.Date, s.Zone)
	visited, err := tx.ListVisited(ctx, slot.ID, from, before)
	if err != nil {
		return err
	}
	for i := range applied {
		applied[i].Listed, applied[i].Visited = true, visited[applied[i].ID]
	}
	if err := tx.SaveApplications(ctx, applied); err != nil {
		return err
	}
	was := d.Status
	d.Close(slot, applied, slot.RandomnessUntil(s.Limits.DrawWait, s.Limits.DrawKnown), now)
	if err := tx.SaveDraw(ctx, *d, was); err != nil {
		return err
	}
	return tx.AddEvents(ctx, d.Changed(was, nobody.actor, nobody.id, ""))
}

// errListChanged says that applications are not what they were when the digest was published: a fault of ours, or of a
// hand in the database.
var errListChanged = errors.New("the applications of the draw do not match the digest that was published")

// drawPlaces is the draw itself: the order, the places that are held for those who won, and what everybody is told.
func (s *Service) drawPlaces(ctx context.Context, tx *model.Store, slot model.Slot, d model.Draw, now time.Time) error {
	listed, err := tx.ListListed(ctx, slot.ID)
	if err != nil {
		return err
	}
	d.Places, d.DrawnAt, d.UpdatedAt = max(slot.Vacant(), 0), &now, now
	document, err := d.Document(s.Box, slot, listed)
	if err != nil {
		return err
	}
	if document.Digest != d.Digest || document.Commitment != d.Commitment {
		return errListChanged
	}
	was := d.Status
	d.Seed, d.Result, d.Status = document.Seed, document.Result, model.DrawDrawn
	result, err := s.result(ctx, tx, slot, document, listed, now)
	if err != nil {
		return err
	}
	if err := tx.DrawPlaces(ctx, slot.ID, result.won, len(result.entries)-result.won, now); err != nil {
		return err
	}
	if err := tx.SaveDraw(ctx, d, was); err != nil {
		return err
	}
	if err := tx.AddEvents(ctx, d.Changed(was, nobody.actor, nobody.id, "")); err != nil {
		return err
	}
	if len(result.entries) > 0 {
		if err := tx.OweLineClosing(ctx, slot.ID, now); err != nil {
			return err
		}
	}
	return s.writeResult(ctx, tx, result, now)
}

// drawn is what a draw comes to: applications and entries on the waiting list in the drawn order, won of them first.
type drawn struct {
	applications []model.Application
	entries      []model.WaitingEntry
	won          int
}

func (s *Service) result(ctx context.Context, tx *model.Store, slot model.Slot, d model.DrawDocument, listed []model.Application, now time.Time) (r drawn, err error) {
	byID := map[string]model.Application{}
	for _, a := range listed {
		byID[a.ID] = a
	}
	policy, err := tx.FindCurrentPolicy(ctx, slot.ServiceID, now)
	if err != nil {
		return r, err
	}
	for _, id := range d.Order {
		a := byID[id]
		if a.Out() {
			continue
		}
		a.Turn, a.Status, a.UpdatedAt = len(r.entries)+1, model.ApplicationLost, now
		entry := a.Entry(tx.NewID(), slot.WaitingTurn+a.Turn)
		a.WaitingID = &entry.ID
		if r.won < len(d.Winners) {
			a.Status = model.ApplicationWon
			entry.Offer(s.offerUntil(policy, slot, now), now)
			r.won++
		}
		r.applications, r.entries = append(r.applications, a), append(r.entries, entry)
	}
	return r, nil
}

func (s *Service) writeResult(ctx context.Context, tx *model.Store, r drawn, now time.Time) error {
	if err := tx.AddDrawn(ctx, r.entries); err != nil {
		return err
	}
	if err := tx.SaveApplications(ctx, r.applications); err != nil {
		return err
	}
	var work []model.Work
	for _, entry := range r.entries[:r.won] {
		work = append(work, model.Owed(model.WorkSettleDraw, entry.ID, now, now), model.Owed(model.WorkExpireOffer, entry.ID, *entry.OfferExpiresAt, now))
	}
	var events []model.Event
	var notices []model.Notice
	for i, a := range r.applications {
		entry := r.entries[i]
		events = append(events, a.Changed(model.ApplicationApplied, nobody.actor, nobody.id, ""), entry.Changed("", nobody.actor, nobody.id, ""))
		if i < r.won {
			notices = append(notices, wonNotice(a, *entry.OfferExpiresAt, s.Zone))
		} else {
			notices = append(notices, lostNotice(a, i-r.won+1, s.Zone))
		}
	}
	if err := tell(ctx, tx, events, notices); err != nil {
		return err
	}
	return tx.Owe(ctx, work...)
}

func tell(ctx context.Context, tx *model.Store, events []model.Event, notices []model.Notice) error {
	if err := tx.AddEvents(ctx, events...); err != nil {
		return err
	}
	return tx.AddNotices(ctx, notices...)
}

// voidDraw ends a draw in which nothing will be drawn, and its applications with it. The caller has the slot locked.
func (s *Service) voidDraw(ctx context.Context, tx *model.Store, slot model.Slot, d model.Draw, reason string, by hand, now time.Time) error {
	applied, err := tx.ListApplied(ctx, slot.ID)
	if err != nil {
		return err
	}
	told := func(a model.Application) model.Notice { return voidNotice(a, reason, s.Zone) }
	if err := s.voidApplications(ctx, tx, applied, reason, by, now, told); err != nil {
		return err
	}
	was := d.Status
	d.Status, d.UpdatedAt = model.DrawVoid, now
	if err := tx.SaveDraw(ctx, d, was); err != nil {
		return err
	}
	return tx.AddEvents(ctx, d.Changed(was, by.actor, by.id, reason))
}

func (s *Service) voidApplications(ctx context.Context, tx *model.Store, applied []model.Application, reason string, by hand, now time.Time, told func(model.Application) model.Notice) error {
	var events []model.Event
	var notices []model.Notice
	for i := range applied {
		if err := applied[i].End(model.ApplicationVoid, now); err != nil {
			return err
		}
		events = append(events, applied[i].Changed(model.ApplicationApplied, by.actor, by.id, reason))
		notices = append(notices, told(applied[i]))
	}
	if err := tx.SaveApplications(ctx, applied); err != nil {
		return err
	}
	return tell(ctx, tx, events, notices)
}

// endDraw ends the draw of a slot that the site calls off, if it has one that is not over. The caller has the slot locked.
func (s *Service) endDraw(ctx context.Context, tx *model.Store, slot model.Slot, by hand) error {
	d, err := tx.FindDraw(ctx, slot.ID)
	if errors.Is(err, model.ErrDrawNotFound) || err == nil && d.Status != model.DrawOpen && d.Status != model.DrawClosed {
		return nil
	}
	if err != nil {
		return err
	}
	return s.voidDraw(ctx, tx, slot, d, slot.CancelReason, by, slot.UpdatedAt)
}
