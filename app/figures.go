package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"jiamenkou/model"
	"jiamenkou/service/work"
)

// meter counts what this server's runner does.
type meter struct{ seconds *prometheus.HistogramVec }

func newMeter() *meter {
	return &meter{prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "jiamenkou_work_attempt_seconds", Help: "Time of an attempt at owed work on this server, by kind and outcome.",
		Buckets: []float64{.005, .025, .1, .5, 1, 5, 15, 60, 300},
	}, []string{"kind", "outcome"})}
}

// Attempted counts one attempt.
func (m *meter) Attempted(kind model.WorkKind, outcome work.Outcome, took time.Duration) {
	m.seconds.WithLabelValues(string(kind), string(outcome)).Observe(took.Seconds())
}

// sowFigures makes every figure there is stand at zero from the start, so that its first rise is seen.
func (m *meter) sowFigures(kinds map[model.WorkKind]work.Handler) {
	for kind := range kinds {
		for _, outcome := range work.Outcomes {
			m.seconds.WithLabelValues(string(kind), string(outcome))
		}
	}
}

const (
	figuresAge  = 10 * time.Second // a scrape may get figures as old
	figuresTime = 2 * time.Second  // and waits no longer for newer ones
)

// figures are what the database says of owed work and the last audit, the same on every server. However often they are
// scraped, they are read once in figuresAge; when they cannot be read in time, readable is 0 and the others are missing.
type figures struct {
	store *model.Store
	kinds map[model.WorkKind]work.Handler // that stand at zero when nothing of them is owed
	now   func() time.Time
	log   *slog.Logger

	mu      sync.Mutex
	last    reading
	lastErr error
}

type reading struct {
	at     time.Time
	work   []model.WorkFigure
	drifts map[string]int
	run    model.AuditRun
	ran    bool
}

var (
	owedFigure     = describe("jiamenkou_work_owed", "Pieces of owed work, due or not yet due.", "kind")
	dueFigure      = describe("jiamenkou_work_due", "Pieces of owed work whose time has come.", "kind")
	oldestFigure   = describe("jiamenkou_work_oldest_due_seconds", "How long the oldest piece of owed work has been due.", "kind")
	failingFigure  = describe("jiamenkou_work_failing", "Pieces of owed work whose last attempt failed.", "kind")
	deadFigure     = describe("jiamenkou_work_dead", "Dead letters: owed work that failed too often.", "kind")
	driftFigure    = describe("jiamenkou_audit_drifts", "Counters and ledgers that the last audit found not to add up.", "rule")
	auditFigure    = describe("jiamenkou_audit_last_run_timestamp_seconds", "When the last audit ended.")
	readableFigure = describe("jiamenkou_work_figures_readable", "Whether the figures of owed work could be read from the database.")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// Describe names the figures.
func (f *figures) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{owedFigure, dueFigure, oldestFigure, failingFigure, deadFigure, driftFigure, auditFigure, readableFigure} {
		to <- d
	}
}

// Collect gives the figures.
func (f *figures) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	r, err := f.read()
	if err != nil {
		gauge(readableFigure, 0)
		return
	}
	gauge(readableFigure, 1)
	for kind, w := range f.byKind(r) {
		gauge(owedFigure, float64(w.Owed), string(kind))
		gauge(dueFigure, float64(w.Due), string(kind))
		gauge(failingFigure, float64(w.Failing), string(kind))
		gauge(deadFigure, float64(w.Dead), string(kind))
		gauge(oldestFigure, w.Overdue(r.at).Seconds(), string(kind))
	}
	for _, rule := range model.AuditRules() {
		gauge(driftFigure, float64(r.drifts[rule]), rule)
	}
	if r.ran {
		gauge(auditFigure, float64(r.run.EndedAt.UnixMilli())/1000)
	}
}

func (f *figures) byKind(r reading) map[model.WorkKind]model.WorkFigure {
	all := map[model.WorkKind]model.WorkFigure{}
	for kind := range f.kinds {
		all[kind] = model.WorkFigure{Kind: kind}
	}
	for _, w := range r.work {
		all[w.Kind] = w
	}
	return all
}

// read gives the last reading while it is fresh, also when it failed: a database in trouble is not asked by every scrape.
func (f *figures) read() (reading, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := f.now()
	if age := at.Sub(f.last.at); age >= 0 && age < figuresAge {
		return f.last, f.lastErr
	}
	ctx, cancel := context.WithTimeout(context.Background(), figuresTime)
	defer cancel()
	f.last, f.lastErr = f.readStore(ctx, at)
	if f.lastErr != nil {
		f.log.WarnContext(ctx, "figures of owed work could not be read", "cause", f.lastErr)
	}
	return f.last, f.lastErr
}

func (f *figures) readStore(ctx context.Context, at time.Time) (r reading, err error) {
	r.at = at
	if r.work, err = f.store.WorkFigures(ctx, at); err != nil {
		return r, err
	}
	if r.drifts, err = f.store.CountFindings(ctx); err != nil {
		return r, err
	}
	r.run, r.ran, err = f.store.FindAuditRun(ctx)
	return r, err
}
