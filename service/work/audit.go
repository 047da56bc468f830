package work

import (
	"context"
	"time"

	"jiamenkou/model"
)

// NextAudit is when everything is to be added up next.
func (s *Service) NextAudit() time.Time { return model.NextTimeOfDay(s.Now(), s.AuditMinute, s.Zone) }

// Audit adds everything up and keeps what it found in the place of what the last run found. It mends nothing: a drift is
// a fault of the program, and whoever looks into it needs the rows as they are.
func (s *Service) Audit(ctx context.Context, w model.Work) error {
	run := model.AuditRun{ID: s.Store.NewID(), StartedAt: s.Now()}
	drifts, err := s.Store.Audit(ctx)
	if err != nil {
		return err
	}
	run.EndedAt = s.Now()
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		if err := tx.HoldWork(ctx, w); err != nil {
			return err
		}
		if err := tx.ReplaceAudit(ctx, run, drifts); err != nil {
			return err
		}
		return tx.RenewWork(ctx, w, s.NextAudit(), run.EndedAt)
	})
	if err != nil {
		return err
	}
	for _, d := range drifts {
		s.Log.ErrorContext(ctx, "drift", "rule", d.Rule, "subject", d.SubjectID)
	}
	s.Log.InfoContext(ctx, "audited", "drifts", len(drifts), "ms", run.EndedAt.Sub(run.StartedAt).Milliseconds())
	return nil
}

// LastAudit is what the last run found.
type LastAudit struct {
	Run      model.AuditRun
	Ran      bool           // false before the first night
	Drifts   map[string]int // by rule; rules that hold are left out
	Findings []model.AuditFinding
}

// FindAudit gives the last run with a page of its findings, from beyond the id after on.
func (s *Service) FindAudit(ctx context.Context, by model.OnDuty, after string, limit int) (last LastAudit, err error) {
	if err := operates(by); err != nil {
		return last, err
	}
	if last.Run, last.Ran, err = s.Store.FindAuditRun(ctx); err != nil {
		return last, err
	}
	if last.Drifts, err = s.Store.CountFindings(ctx); err != nil {
		return last, err
	}
	last.Findings, err = s.Store.ListFindings(ctx, after, limit)
	return last, err
}
