package planning_test

import (
	"slices"
	"testing"

	"jiamenkou/adapter/seal/sealtest"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/planning"
)

// What a careless hand with SQL does to a plan is found.
func TestTheAuditFindsBrokenPlans(t *testing.T) {
	for rule, statement := range map[string]string{
		"a room has one planned slot at a time":   "UPDATE slots SET room = '新活动室' WHERE template_id IS NULL",
		"a room has one weekly plan at a time":    "UPDATE weekly_templates SET room = '一处', weekday = 1, start_minute = 540, end_minute = 600",
		"a closing is carried out or owed":        "DELETE FROM owed_work WHERE kind = 'apply_exception'",
		"no planned slot is open on a closed day": "UPDATE slots SET status = 'open' WHERE status = 'cancelled'",
	} {
		db := modeltest.EmptySQLite(t) // the queries run on both in every other test
		s := newScene(t, db, modeltest.NewWorld(t, db.Found(t, founded), sealtest.NewBox(t)), morning("2026-03-02"))
		s.add(s.wish(3))
		s.decide(s.closing("2026-03-11", "2026-03-11"))
		s.decide(s.opening("2026-03-04", func(e *planning.Exception) { e.Room, e.StartMinute, e.EndMinute = "阅读角", 10*60, 11*60 }))
		s.Closer = &tired{s.Closer, 0}
		s.decide(s.closing("2026-03-09", "2026-03-09"))
		s.w.Sound()
		s.db.Exec(t, statement)
		drifts, err := s.w.Store.Audit(ctx)
		s.must(err)
		var found []string
		for _, d := range drifts {
			found = append(found, d.Rule)
		}
		if !slices.Contains(found, rule) {
			t.Errorf("%s: found %v", rule, found)
		}
	}
}
