package booking

import (
	"context"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

// SettleDraw does the owed work of booking for a child who was drawn: the place is held for it, and taken as its guardian
// would take it, by the same rules. Where a rule refuses, the place stays held for the guardian until the offer expires,
// and the guardian is told why.
func (s *Service) SettleDraw(ctx context.Context, work model.Work) error {
	w, err := s.Store.FindWaiting(ctx, work.SubjectID)
	if err != nil {
		return err
	}
	p, err := s.planAcceptance(ctx, w, behalf{by: nobody, resident: w.ResidentID}, s.Now())
	if err == nil {
		err = s.Store.InTx(ctx, func(tx *model.Store) error { return s.settle(ctx, tx, work, p, w.ID) })
	}
	if refusal := fault.Of(err); refusal != nil && refusesPlace[refusal.Kind] && refusal.Code != model.ErrLeaseLost.Code {
		return s.leaveToGuardian(ctx, work, refusal.Message)
	}
	return err
}

// refusesPlace are the kinds of fault by which a rule refuses; any other is trouble, and passes.
var refusesPlace = map[fault.Kind]bool{fault.Conflict: true, fault.NotFound: true, fault.Invalid: true, fault.Forbidden: true}

func (s *Service) settle(ctx context.Context, tx *model.Store, work model.Work, p plan, entry string) error {
	if err := tx.HoldWork(ctx, work); err != nil {
		return err
	}
	if _, err := s.acceptHeld(ctx, tx, p, entry); err != nil {
		return err
	}
	return tx.FinishWork(ctx, work, s.Now())
}

func (s *Service) leaveToGuardian(ctx context.Context, work model.Work, why string) error {
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		if err := tx.HoldWork(ctx, work); err != nil {
			return err
		}
		now := s.Now()
		w, err := tx.FindWaiting(ctx, work.SubjectID)
		if err != nil {
			return err
		}
		if w.Accept(now) == nil { // else the guardian has been quicker, or the slot is off, and knows
			if err := tx.AddNotices(ctx, unsettledNotice(w, why, s.Zone)); err != nil {
				return err
			}
		}
		return tx.FinishWork(ctx, work, now)
	})
}
