package work_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/work"
)

var chief = model.OnDuty{StaffID: "01EXAMPLESTAFF000000000000", Grants: []model.Grant{{Role: model.RoleAdministrator, Scope: model.ScopeDistrict}}}

func (b *bench) service() *work.Service {
	b.t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	b.must(err)
	return &work.Service{Store: b.store, Now: b.clock.Now, Log: b.logger, Zone: zone, AuditMinute: 3*60 + 30}
}

func TestRetryGivesAllAttemptsAnew(t *testing.T) {
	ctx := context.Background()
	onBoth(t, func(b *bench) {
		s, w := b.service(), b.owe(model.WorkDeliver, 1)[0]
		var mended atomic.Bool
		b.start(b.server(one(func(context.Context, model.Work) error {
			if mended.Load() {
				return nil
			}
			return errFailing
		}), func(r *work.Runner) { r.Limits.Attempts = 1 }))
		b.tally.await(b.t, work.Failed)
		if dead, err := s.ListDead(ctx, chief, "", 10); err != nil || len(dead) != 1 || dead[0].ID != w.ID {
			b.t.Fatalf("dead letters %v, %v", dead, err)
		}
		for _, reason := range []string{"", " \u3000", strings.Repeat("长", 201)} {
			if err := s.Retry(ctx, chief, w.ID, reason); !errors.Is(err, model.ErrReasonInvalid) {
				b.t.Errorf("a reason of %d bytes: %v", len(reason), err)
			}
		}
		mended.Store(true)
		b.must(s.Retry(ctx, chief, w.ID, "微信已恢复"))
		b.tally.await(b.t, work.Done)
		if err := s.Retry(ctx, chief, w.ID, "微信已恢复"); !errors.Is(err, model.ErrWorkNotFound) || b.left() != 0 {
			b.t.Errorf("what is done: %v, %d left", err, b.left())
		}
	})
}

func TestFiguresOfWork(t *testing.T) {
	ctx := context.Background()
	onBoth(t, func(b *bench) {
		b.owe(model.WorkPromote, 2)
		b.clock.pass(time.Minute)
		b.owe(model.WorkPromote, 1)
		later := b.owe(model.WorkDeliver, 2)
		b.Exec(b.t, "UPDATE owed_work SET due_at = '2999-01-01 00:00:00.000', attempts = 1 WHERE id = ?", later[0].ID)
		b.Exec(b.t, "UPDATE owed_work SET status = 'dead' WHERE id = ?", later[1].ID)
		all, err := b.service().Figures(ctx, chief)
		b.must(err)
		if len(all) != 2 {
			b.t.Fatalf("figures %+v", all)
		}
		deliver, promote := all[0], all[1]
		if deliver.Kind != model.WorkDeliver || deliver.Owed != 1 || deliver.Due != 0 || deliver.Failing != 1 || deliver.Dead != 1 || deliver.OldestDueAt != nil {
			b.t.Errorf("deliver %+v", deliver)
		}
		if late := promote.Overdue(b.clock.Now()); promote.Owed != 3 || promote.Due != 3 || promote.Failing != 0 || late < time.Minute || late > 2*time.Minute {
			b.t.Errorf("promote %+v, late %s", promote, late)
		}
	})
}

// The audit tells of a drift and mends nothing; the next run takes its place; and it comes round at its hour.
func TestAuditIsKeptAndMendsNothing(t *testing.T) {
	ctx := context.Background()
	onBoth(t, func(b *bench) {
		s, slot := b.service(), modeltest.NewWorld(b.t, b.store, nil).AddSlot(3, 5)
		b.Exec(b.t, "UPDATE slots SET booked = 1 WHERE id = ?", slot.ID)
		b.recur(model.WorkAudit, 24*time.Hour)
		stop := b.start(b.server(map[model.WorkKind]work.Handler{model.WorkAudit: s.Audit}))
		b.tally.await(b.t, work.Done)
		last, err := s.FindAudit(ctx, chief, "", 10)
		if err != nil || !last.Ran || len(last.Findings) != 1 || last.Findings[0].SubjectID != slot.ID || last.Drifts[last.Findings[0].Rule] != 1 {
			b.t.Fatalf("found %+v, %v", last, err)
		}
		if n := b.Count(b.t, "SELECT booked FROM slots WHERE id = ?", slot.ID); n != 1 {
			b.t.Errorf("the audit has mended the counter: %d", n)
		}
		due := b.stored("audit").DueAt
		if at := due.In(s.Zone); at.Hour() != 3 || at.Minute() != 30 || !due.After(b.clock.Now()) || due.Sub(b.clock.Now()) > 24*time.Hour {
			b.t.Errorf("the next audit is due at %s", at)
		}
		b.Exec(b.t, "UPDATE slots SET booked = 0 WHERE id = ?", slot.ID)
		b.clock.pass(24 * time.Hour)
		b.tally.await(b.t, work.Done)
		again, err := s.FindAudit(ctx, chief, "", 10)
		if err != nil || len(again.Findings) != 0 || len(again.Drifts) != 0 || !again.Run.StartedAt.After(last.Run.StartedAt) {
			b.t.Errorf("the next night found %+v, %v", again, err)
		}
		stop()
		if strings.Count(b.log.String(), `"msg":"drift"`) != 1 || !strings.Contains(b.log.String(), slot.ID) {
			b.t.Errorf("the log says %s", b.log.String())
		}
	})
}

func TestOnlyTheWholeDistrictOperates(t *testing.T) {
	ctx := context.Background()
	onBoth(t, func(b *bench) {
		s := b.service()
		by := model.OnDuty{StaffID: chief.StaffID, Grants: []model.Grant{{Role: model.RoleAdministrator, Scope: model.ScopeSubdistrict, ScopeID: "310104017"}}}
		_, figures := s.Figures(ctx, by)
		_, dead := s.ListDead(ctx, by, "", 10)
		_, audit := s.FindAudit(ctx, by, "", 10)
		for what, err := range map[string]error{"figures": figures, "dead": dead, "audit": audit, "retry": s.Retry(ctx, by, "01X", "试试")} {
			if !errors.Is(err, model.ErrNotPermitted) {
				b.t.Errorf("%s: %v", what, err)
			}
		}
	})
}
