package model

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Owe writes work in the transaction that makes it necessary.
func (s *Store) Owe(ctx context.Context, work ...Work) error {
	if len(work) == 0 {
		return nil
	}
	for i := range work {
		work[i].ID = s.NewID()
	}
	return s.fault(ctx, s.db.WithContext(ctx).CreateInBatches(&work, 500).Error, nil)
}

// OwePromotion owes the offering of a slot's free places, if somebody waits for one. The caller has the slot locked.
func (s *Store) OwePromotion(ctx context.Context, slotID string, now time.Time) error {
	err := s.db.WithContext(ctx).Exec(`
		INSERT INTO owed_work (id, kind, lane, subject_id, due_at, every_seconds, status, attempts, lease, last_error, created_at, updated_at)
		SELECT ?, ?, ?, id, ?, 0, ?, 0, '', '', ?, ? FROM slots WHERE id = ? AND waiting > 0 AND booked + held < capacity`,
		s.NewID(), WorkPromote, LaneOf(WorkPromote), now, WorkOwed, now, now, slotID).Error
	return s.fault(ctx, err, nil)
}

// OweLineClosing owes the end of a slot's waiting list at its cut-off, unless that is owed already. The caller has the slot
// locked.
func (s *Store) OweLineClosing(ctx context.Context, slotID string, now time.Time) error {
	err := s.db.WithContext(ctx).Exec(`
		INSERT INTO owed_work (id, kind, lane, subject_id, due_at, every_seconds, status, attempts, lease, last_error, created_at, updated_at)
		SELECT ?, ?, ?, id, cutoff_at, 0, ?, 0, '', '', ?, ? FROM slots WHERE id = ?
			AND NOT EXISTS (SELECT 1 FROM owed_work AS owed WHERE owed.subject_id = slots.id AND owed.kind = ? AND owed.status = ?)`,
		s.NewID(), WorkCloseLine, LaneOf(WorkCloseLine), WorkOwed, now, now, slotID, WorkCloseLine, WorkOwed).Error
	return s.fault(ctx, err, nil)
}

// EnsureRecurring makes sure that work of the kind recurs every so often, from first on. What recurs already keeps its
// next time, unless first is still to come: then that is the next time, so that another hour in the settings counts from
// the next start on. What is overdue, failing or being done is left alone.
func (s *Store) EnsureRecurring(ctx context.Context, kind WorkKind, every time.Duration, first, now time.Time) error {
	w := Owed(kind, "", first, now)
	w.ID, w.EverySeconds = string(kind), max(1, int(every/time.Second))
	err := s.db.WithContext(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "id"}}, DoUpdates: clause.AssignmentColumns([]string{"every_seconds", "lane"}),
	}).Create(&w).Error
	if err != nil || !first.After(now) {
		return s.fault(ctx, err, nil)
	}
	err = s.db.WithContext(ctx).Model(&Work{}).
		Where("id = ? AND due_at > ? AND due_at <> ? AND attempts = 0 AND lease = ''", w.ID, now, first).
		Updates(map[string]any{"due_at": first, "updated_at": now}).Error
	return s.fault(ctx, err, nil)
}

// LeaseWork takes at most limit pieces of due work of a lane for the time of keep, the longest due first; with kinds
// named, only of those. Work whose lease has run out is taken again, and that its doing never ended counts as an attempt.
// Two servers never take the same piece, and a piece that another server has in a transaction holds up no other.
func (s *Store) LeaseWork(ctx context.Context, lane Lane, now time.Time, keep time.Duration, limit int, kinds ...WorkKind) ([]Work, error) {
	for range leaseTries {
		ids, err := s.listDue(ctx, lane, now, limit, kinds)
		if err != nil || len(ids) == 0 {
			return nil, err
		}
		lease := lease{s.NewID(), now, now.Add(keep)}
		if err := s.takeLeases(ctx, ids, lease); err != nil {
			return nil, err
		}
		var taken []Work
		err = s.db.WithContext(ctx).Where("lease = ?", lease.id).Order("due_at, id").Find(&taken).Error
		if err != nil || len(taken) > 0 {
			return taken, s.fault(ctx, err, nil)
		}
	}
	return nil, nil
}

// leaseTries is how often a server looks again when another one has taken all it saw.
const leaseTries = 3

// lease is a server's right to do work for a time.
type lease struct {
	id        string
	at, until time.Time
}

const workIsDue = "status = ? AND due_at <= ? AND (leased_until IS NULL OR leased_until <= ?)"

func (s *Store) listDue(ctx context.Context, lane Lane, now time.Time, limit int, kinds []WorkKind) (ids []string, err error) {
	q := s.db.WithContext(ctx).Model(&Work{}).Where("lane = ?", lane).Where(workIsDue, WorkOwed, now, now)
	if len(kinds) > 0 {
		q = q.Where("kind IN ?", kinds)
	}
	err = q.Order("due_at, id").Limit(limit).Pluck("id", &ids).Error
	return ids, s.fault(ctx, err, nil)
}

// takeLeases takes all at once; where another server has one of them in a transaction, one by one, past that one. Never
// waiting for a lock, so that a server that stopped inside a transaction keeps nobody from the rest.
func (s *Store) takeLeases(ctx context.Context, ids []string, l lease) error {
	err := s.takeLease(ctx, ids, l)
	if !errors.Is(err, ErrLeaseLost) {
		return err
	}
	for i := range ids {
		if err := s.takeLease(ctx, ids[i:i+1], l); err != nil && !errors.Is(err, ErrLeaseLost) {
			return err
		}
	}
	return nil
}

func (s *Store) takeLease(ctx context.Context, ids []string, l lease) error {
	return s.InTx(ctx, func(tx *Store) error {
		var free []string
		err := tx.engine.lockRows(tx.db.WithContext(ctx), true).Model(&Work{}).Where("id IN ?", ids).
			Where(workIsDue, WorkOwed, l.at, l.at).Pluck("id", &free).Error
		if kind := tx.engine.classify(err); kind == troubleLock || kind == troubleRetry { // MariaDB answers NOWAIT with 1205
			return ErrLeaseLost
		}
		if err != nil || len(free) == 0 {
			return tx.fault(ctx, err, nil)
		}
		// In the order of their names, as GORM writes them: attempts is counted by the lease that was there.
		err = tx.db.WithContext(ctx).Model(&Work{}).Where("id IN ?", free).Updates(map[string]any{
			"attempts": gorm.Expr("attempts + CASE WHEN lease <> '' THEN 1 ELSE 0 END"), "lease": l.id, "leased_until": l.until,
		}).Error
		return tx.fault(ctx, err, nil)
	})
}

// HoldWork makes sure, until the transaction ends, that the caller still has the lease: ErrLeaseLost when somebody else
// took it over. It comes before every other lock.
func (s *Store) HoldWork(ctx context.Context, w Work) error {
	var held Work
	err := s.engine.lockRows(s.db.WithContext(ctx), false).Select("id").Where("id = ? AND lease = ?", w.ID, w.Lease).Take(&held).Error
	return s.fault(ctx, err, ErrLeaseLost)
}

// FinishWork notes that leased work is done: it is gone, or due again at its next time. It is ErrLeaseLost when the lease
// has gone to somebody else, whose doing then counts.
func (s *Store) FinishWork(ctx context.Context, w Work, now time.Time) error {
	if w.EverySeconds > 0 {
		return s.RenewWork(ctx, w, w.NextTime(now), now)
	}
	return s.took(ctx, s.db.WithContext(ctx).Where("id = ? AND lease = ?", w.ID, w.Lease).Delete(&Work{}), ErrLeaseLost)
}

// RenewWork notes that leased work that recurs is done, and due again at a time of the caller's choice.
func (s *Store) RenewWork(ctx context.Context, w Work, due, now time.Time) error {
	done := s.db.WithContext(ctx).Model(&Work{}).Where("id = ? AND lease = ?", w.ID, w.Lease).Updates(map[string]any{
		"due_at": due, "attempts": 0, "lease": "", "leased_until": nil, "last_error": "", "updated_at": now,
	})
	return s.took(ctx, done, ErrLeaseLost)
}

// WorkTakenOver reports whether somebody else has the work by now: not when it is done and gone, or waits for its time.
func (s *Store) WorkTakenOver(ctx context.Context, w Work) (bool, error) {
	var n int64
	err := s.db.WithContext(ctx).Model(&Work{}).Where("id = ? AND lease NOT IN ?", w.ID, []string{"", w.Lease}).Count(&n).Error
	return n > 0, s.fault(ctx, err, nil)
}

// PostponeWork gives leased work back until it is due; it counts as no attempt.
func (s *Store) PostponeWork(ctx context.Context, w Work, due, now time.Time) error {
	done := s.db.WithContext(ctx).Model(&Work{}).Where("id = ? AND lease = ?", w.ID, w.Lease).
		Updates(map[string]any{"due_at": due, "lease": "", "leased_until": nil, "updated_at": now})
	return s.took(ctx, done, ErrLeaseLost)
}

// FailWork gives leased work back after an attempt that failed: to be tried again when due, or as a dead letter.
func (s *Store) FailWork(ctx context.Context, w Work, status WorkStatus, due time.Time, reason string, now time.Time) error {
	done := s.db.WithContext(ctx).Model(&Work{}).Where("id = ? AND lease = ?", w.ID, w.Lease).Updates(map[string]any{
		"status": status, "attempts": w.Attempts + 1, "due_at": due, "lease": "", "leased_until": nil,
		"last_error": firstRunes(strings.ToValidUTF8(reason, "�"), longestError), "updated_at": now,
	})
	return s.took(ctx, done, ErrLeaseLost)
}

const longestError = 500

func firstRunes(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n])
	}
	return text
}

// ReviveWork makes a dead letter owed again, all its attempts before it, and reports whether it was dead. Of two hands at
// once one revives it. ErrWorkNotFound when it is neither dead nor owed any more.
func (s *Store) ReviveWork(ctx context.Context, id string, now time.Time) (revived bool, err error) {
	done := s.db.WithContext(ctx).Model(&Work{}).Where("id = ? AND status = ?", id, WorkDead).
		Updates(map[string]any{"status": WorkOwed, "attempts": 0, "due_at": now, "updated_at": now})
	if done.Error != nil || done.RowsAffected > 0 {
		return done.Error == nil, s.fault(ctx, done.Error, nil)
	}
	var owed Work
	err = s.db.WithContext(ctx).Select("id").Where("id = ?", id).Take(&owed).Error
	return false, s.fault(ctx, err, ErrWorkNotFound)
}

// ListDeadWork gives the dead letters, the latest owed first, starting below the id after (all when empty).
func (s *Store) ListDeadWork(ctx context.Context, after string, limit int) ([]Work, error) {
	q := s.db.WithContext(ctx).Where("lane IN ? AND status = ?", Lanes, WorkDead)
	if after != "" {
		q = q.Where("id < ?", after)
	}
	var list []Work
	err := q.Order("id DESC").Limit(limit).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// WorkFigures counts what is owed by kind; kinds of which nothing is there are left out.
func (s *Store) WorkFigures(ctx context.Context, now time.Time) ([]WorkFigure, error) {
	var all []WorkFigure
	err := s.db.WithContext(ctx).Model(&Work{}).Select(`kind, lane,
		SUM(CASE WHEN status = 'owed' THEN 1 ELSE 0 END) AS owed, SUM(CASE WHEN status = 'dead' THEN 1 ELSE 0 END) AS dead,
		SUM(CASE WHEN status = 'owed' AND due_at <= ? THEN 1 ELSE 0 END) AS due,
		SUM(CASE WHEN status = 'owed' AND attempts > 0 THEN 1 ELSE 0 END) AS failing`, now).
		Group("kind, lane").Order("kind, lane").Scan(&all).Error
	if err != nil {
		return nil, s.fault(ctx, err, nil)
	}
	for i := range all {
		if all[i].Due > 0 {
			if err := s.dateOldest(ctx, &all[i], now); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// dateOldest reads a column, not a MIN of it: SQLite gives the latter no type.
func (s *Store) dateOldest(ctx context.Context, f *WorkFigure, now time.Time) error {
	var oldest []Work
	err := s.db.WithContext(ctx).Select("due_at").Where("lane = ? AND status = ? AND kind = ? AND due_at <= ?", f.Lane, WorkOwed, f.Kind, now).
		Order("due_at").Limit(1).Find(&oldest).Error
	if err == nil && len(oldest) > 0 {
		f.OldestDueAt = &oldest[0].DueAt
	}
	return s.fault(ctx, err, nil)
}
