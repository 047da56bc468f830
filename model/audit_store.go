package model

import (
	"context"
	"maps"
	"slices"
	"time"
)

// AuditRun is the last time that everything was added up.
type AuditRun struct {
	ID        string    `gorm:"type:char(26);primaryKey"`
	StartedAt time.Time `gorm:"precision:3"`
	EndedAt   time.Time `gorm:"precision:3"`
}

// AuditFinding is a drift that the last run found.
type AuditFinding struct {
	ID        string `gorm:"type:char(26);primaryKey"`
	Rule      string `gorm:"size:160;index:audit_findings_by_rule"`
	SubjectID string `gorm:"size:64"`
}

// AuditRules are the rules an audit judges by.
func AuditRules() []string { return slices.Sorted(maps.Keys(audits)) }

// ReplaceAudit writes a run and what it found in the place of the one before. The caller has the audit's work held.
func (s *Store) ReplaceAudit(ctx context.Context, run AuditRun, drifts []Drift) error {
	all := s.db.WithContext(ctx)
	for _, old := range []any{&AuditFinding{}, &AuditRun{}} {
		if err := all.Where("1 = 1").Delete(old).Error; err != nil {
			return s.fault(ctx, err, nil)
		}
	}
	if err := all.Create(&run).Error; err != nil || len(drifts) == 0 {
		return s.fault(ctx, err, nil)
	}
	findings := make([]AuditFinding, len(drifts))
	for i, d := range drifts {
		findings[i] = AuditFinding{s.NewID(), d.Rule, d.SubjectID}
	}
	return s.fault(ctx, all.CreateInBatches(&findings, 500).Error, nil)
}

// FindAuditRun gives the last run; there is none before the first night.
func (s *Store) FindAuditRun(ctx context.Context) (run AuditRun, ran bool, err error) {
	var runs []AuditRun
	err = s.db.WithContext(ctx).Order("id DESC").Limit(1).Find(&runs).Error
	if err != nil || len(runs) == 0 {
		return run, false, s.fault(ctx, err, nil)
	}
	return runs[0], true, nil
}

// ListFindings gives what the last run found, starting beyond the id after (all when empty).
func (s *Store) ListFindings(ctx context.Context, after string, limit int) ([]AuditFinding, error) {
	var list []AuditFinding
	err := s.db.WithContext(ctx).Where("id > ?", after).Order("id").Limit(limit).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// CountFindings says how many drifts the last run found, by rule; rules that hold are left out.
func (s *Store) CountFindings(ctx context.Context) (map[string]int, error) {
	var rows []struct {
		Rule  string
		Found int
	}
	err := s.db.WithContext(ctx).Model(&AuditFinding{}).Select("rule, COUNT(*) AS found").Group("rule").Scan(&rows).Error
	counts := map[string]int{}
	for _, row := range rows {
		counts[row.Rule] = row.Found
	}
	return counts, s.fault(ctx, err, nil)
}
