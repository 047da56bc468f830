package main

import (
	"bufio"
	"context"
	"database/sql"
	"log/slog"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/work"
)

// figuresOf are the figures of a server, by name with labels.
func (p *program) figuresOf() map[string]float64 {
	p.t.Helper()
	answer, err := http.Get("http://" + p.metrics + "/metrics")
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	figures := map[string]float64{}
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		text := lines.Text() // a label may hold spaces
		last := strings.LastIndex(text, " ") + 1
		if value, err := strconv.ParseFloat(text[last:], 64); err == nil && last > 0 {
			figures[text[:last-1]] = value
		}
	}
	return figures
}

// raw is the database past the store.
func (s *site) raw() *modeltest.Database {
	s.t.Helper()
	db, err := sql.Open("mysql", s.dsn)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { db.Close() })
	return &modeltest.Database{SQL: db}
}

// eventually waits until the servers have brought about what a query counts.
func eventually(t *testing.T, d *modeltest.Database, complaint, query string, want func(n int) bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !want(d.Count(t, query)); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(complaint)
		}
	}
}

func some(n int) bool { return n > 0 }
func none(n int) bool { return n == 0 }

// Two servers owe what recurs once, share the doing of it, and say the same of it. Slots are made, and what has served
// its time goes.
func TestTwoServersShareOwedWork(t *testing.T) {
	s := newSite(t, "JMK_JOBS_POLL=50ms", "JMK_JOBS_CLEAN_UP_EVERY=1s")
	begun := time.Now()
	pair, d := startTwo(s), s.raw()
	var recurring, kinds int
	query(t, s, "SELECT COUNT(*), COUNT(DISTINCT kind) FROM owed_work WHERE every_seconds > 0", &recurring, &kinds)
	if recurring != kinds || recurring < 3 {
		t.Errorf("%d pieces of %d kinds recur", recurring, kinds)
	}
	d.Exec(t, `INSERT INTO idempotent_answers (owner_id, idempotency_key, operation, request_hash, answer, created_at, expires_at)
		VALUES ('01EXAMPLE00000000000000OWN', 'key-00001', 'book', REPEAT('0', 64), '{}', '2026-01-01', '2026-01-02')`)
	d.Exec(t, "DELETE FROM slots")
	eventually(t, d, "no slots are made", "SELECT COUNT(*) FROM slots", func(n int) bool {
		// Again and again: a server that was generating already may have looked before the slots were gone.
		d.Exec(t, "UPDATE owed_work SET due_at = UTC_TIMESTAMP(3) WHERE kind = 'generate_slots' AND lease = ''")
		return n > 0
	})
	eventually(t, d, "old answers stay", "SELECT COUNT(*) FROM idempotent_answers", none)
	eventually(t, d, "the generator does not end", "SELECT COUNT(*) FROM owed_work WHERE kind = 'generate_slots' AND lease <> ''", none)
	var slots, different int
	query(t, s, "SELECT COUNT(*), COUNT(DISTINCT template_id, date) FROM slots", &slots, &different)
	if slots != different {
		t.Errorf("%d slots, %d of them different", slots, different)
	}
	d.Exec(t, "UPDATE owed_work SET due_at = UTC_TIMESTAMP(3) WHERE kind = 'audit' AND lease = ''")
	eventually(t, d, "nothing is audited", "SELECT COUNT(*) FROM audit_runs", some)
	s.sameFigures(pair, begun)
	s.sound(s.store())
}

// sameFigures checks what both servers say: each counts what it did itself, and both the same of what is owed.
func (s *site) sameFigures(pair [2]*program, begun time.Time) {
	s.t.Helper()
	cleaned := 0.0
	for _, p := range pair {
		told := p.figuresOf()
		for name, want := range map[string]float64{
			`jiamenkou_work_figures_readable`: 1, `jiamenkou_work_owed{kind="clean_up"}`: 1, `jiamenkou_work_dead{kind="audit"}`: 0,
			`jiamenkou_audit_drifts{rule="slot places within capacity"}`: 0,
		} {
			if got, there := told[name]; !there || got != want {
				s.t.Errorf("%s says %s is %v, want %v", p.addr, name, got, want)
			}
		}
		cleaned += told[`jiamenkou_work_attempt_seconds_count{kind="clean_up",outcome="done"}`]
	}
	if most := time.Since(begun).Seconds() + 1; cleaned < 1 || cleaned > most {
		s.t.Errorf("cleaned up %v times in %.0f seconds by two servers, want once a second at most", cleaned, most)
	}
}

// A server that does no jobs owes none and touches none.
func TestServerWithoutJobs(t *testing.T) {
	s := newSite(t, "JMK_JOBS_ENABLED=false", "JMK_JOBS_POLL=50ms")
	p := s.newProgram()
	p.start()
	p.awaitReady()
	var owed, slots int
	query(t, s, "SELECT (SELECT COUNT(*) FROM owed_work), (SELECT COUNT(*) FROM slots)", &owed, &slots)
	if owed != 0 || slots == 0 {
		t.Errorf("%d pieces owed, %d slots made at the start", owed, slots)
	}
	if told := p.figuresOf(); told["jiamenkou_work_figures_readable"] != 1 {
		t.Error("it tells nothing of what others have to do")
	}
}

// gathered are the figures by name and first label.
func gathered(t *testing.T, f *figures) map[string]float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(f)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			name := strings.TrimPrefix(family.GetName(), "jiamenkou_")
			for _, label := range m.GetLabel() {
				name += " " + label.GetValue()
			}
			all[name] = m.GetGauge().GetValue()
		}
	}
	return all
}

// However often they are scraped, the figures are read now and then; and a database that does not answer holds up one
// scrape for a moment and the next not at all.
func TestFiguresNeverHurt(t *testing.T) {
	ctx, d := context.Background(), modeltest.EmptyMariaDB(t)
	store := d.Found(t, now())
	var ahead atomic.Int64
	clock := func() time.Time { return now().Add(time.Duration(ahead.Load())) }
	f := &figures{
		store: store, now: clock, log: slog.New(slog.DiscardHandler),
		kinds: map[model.WorkKind]work.Handler{model.WorkAudit: nil},
	}
	if told := gathered(t, f); told["work_owed audit"] != 0 || told["work_figures_readable"] != 1 || len(told) < 6+len(model.AuditRules()) {
		t.Errorf("on an empty database: %v", told)
	}
	err := store.InTx(ctx, func(tx *model.Store) error { return tx.Owe(ctx, model.Owed(model.WorkDeliver, "", clock(), clock())) })
	if err != nil {
		t.Fatal(err)
	}
	if told := gathered(t, f); told["work_owed deliver"] != 0 {
		t.Errorf("read again at once: %v", told)
	}
	ahead.Add(int64(time.Minute))
	if told := gathered(t, f); told["work_owed deliver"] != 1 || told["work_due deliver"] != 1 || told["work_oldest_due_seconds deliver"] < 60 {
		t.Errorf("a minute later: %v", told)
	}
	holder, err := d.SQL.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	if _, err := holder.ExecContext(ctx, "LOCK TABLES owed_work WRITE"); err != nil {
		t.Fatal(err)
	}
	ahead.Add(int64(time.Minute))
	for _, most := range []time.Duration{2 * figuresTime, figuresTime / 2} {
		begun := time.Now()
		if told := gathered(t, f); told["work_figures_readable"] != 0 || len(told) != 1 {
			t.Errorf("of a database that does not answer: %v", told)
		}
		if took := time.Since(begun); took > most {
			t.Errorf("the scrape took %s", took)
		}
	}
}

func TestDoctorFindsDeadLettersAndOldWork(t *testing.T) {
	d := newDesk(t)
	d.mustRun("migrate up")
	store, err := model.Open(model.Options{Driver: "sqlite", Path: filepath.Join(d.folder, "jiamenkou.db"), MaxOpen: 8, Now: now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	ctx, early := context.Background(), now().Add(-time.Hour)
	err = store.InTx(ctx, func(tx *model.Store) error {
		return tx.Owe(ctx, model.Owed(model.WorkDeliver, "", early, early), model.Owed(model.WorkPromote, "", early, early))
	})
	if err != nil {
		t.Fatal(err)
	}
	taken, err := store.LeaseWork(ctx, model.LaneMessages, now(), time.Minute, 1)
	if err != nil || len(taken) != 1 {
		t.Fatal(taken, err)
	}
	if err := store.FailWork(ctx, taken[0], model.WorkDead, now(), "it fails", now()); err != nil {
		t.Fatal(err)
	}
	words, printed, healthy := d.diagnosed()
	if words["work"] != "warn" || !healthy || !strings.Contains(printed, "1 dead letter(s) of deliver") || !strings.Contains(printed, "promote has been due for 1h0m") {
		t.Errorf("healthy %v:\n%s", healthy, printed)
	}
}
