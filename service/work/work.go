package work

import (
	"context"
	"log/slog"
	"time"

	"jiamenkou/model"
)

// Service is what staff see of owed work, and the nightly audit. It needs all its fields filled in.
type Service struct {
	Store *model.Store
	Now   func() time.Time // UTC, whole milliseconds
	Log   *slog.Logger
	Zone  *time.Location
	// AuditMinute is when everything is added up: minutes after midnight in the zone.
	AuditMinute int
}

// operates lets those pass whose role is held in the whole district: owed work belongs to no site.
func operates(by model.OnDuty) error {
	if !by.CoversDistrict() {
		return model.ErrNotPermitted
	}
	return nil
}

// Figures says how much is owed, by kind.
func (s *Service) Figures(ctx context.Context, by model.OnDuty) ([]model.WorkFigure, error) {
	if err := operates(by); err != nil {
		return nil, err
	}
	return s.Store.WorkFigures(ctx, s.Now())
}

// ListDead gives the dead letters, the latest owed first, from below the id after on.
func (s *Service) ListDead(ctx context.Context, by model.OnDuty, after string, limit int) ([]model.Work, error) {
	if err := operates(by); err != nil {
		return nil, err
	}
	return s.Store.ListDeadWork(ctx, after, limit)
}

// Retry makes a dead letter owed again, all its attempts before it. Asked for again, it does nothing more.
func (s *Service) Retry(ctx context.Context, by model.OnDuty, id, reason string) error {
	if err := operates(by); err != nil {
		return err
	}
	if err := model.CheckReason(reason); err != nil {
		return err
	}
	now := s.Now()
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		revived, err := tx.ReviveWork(ctx, id, now)
		if err != nil || !revived {
			return err
		}
		return tx.AddEvents(ctx, model.Event{
			Subject: "work", SubjectID: id, FromState: string(model.WorkDead), ToState: string(model.WorkOwed),
			Actor: model.ActorStaff, ActorID: by.StaffID, Reason: reason, CreatedAt: now,
		})
	})
}
