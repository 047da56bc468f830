package model_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
)

func TestBackoffWait(t *testing.T) {
	b := model.Backoff{First: 5 * time.Second, Most: time.Minute}
	for _, c := range []struct {
		every  int
		failed int
		want   time.Duration
	}{
		{0, 1, 5 * time.Second}, {0, 2, 10 * time.Second}, {0, 4, 40 * time.Second}, {0, 5, time.Minute}, {0, 1000, time.Minute},
		{30, 1, 5 * time.Second}, {30, 4, 30 * time.Second}, {30, 1000, 30 * time.Second}, {86400, 9, time.Minute},
	} {
		if got := b.Wait(model.Work{EverySeconds: c.every}, c.failed); got != c.want {
			t.Errorf("every %d s, failed %d times: it waits %s, want %s", c.every, c.failed, got, c.want)
		}
	}
}

func TestNextTimeOfDay(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	must(t, err)
	berlin, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	for _, c := range []struct {
		now    string
		minute int
		zone   *time.Location
		want   string
	}{
		{"2026-11-24T19:29:59Z", 3*60 + 30, shanghai, "2026-11-24T19:30:00Z"},
		{"2026-11-24T19:30:00Z", 3*60 + 30, shanghai, "2026-11-25T19:30:00Z"},
		{"2026-12-31T20:00:00Z", 3*60 + 30, shanghai, "2027-01-01T19:30:00Z"},
		{"2026-11-24T15:59:59Z", 0, shanghai, "2026-11-24T16:00:00Z"},
		{"2026-10-24T02:00:00Z", 3*60 + 30, berlin, "2026-10-25T02:30:00Z"}, // the night the clocks go back
		{"2026-10-25T02:30:00Z", 3*60 + 30, berlin, "2026-10-26T02:30:00Z"},
	} {
		if got := model.NextTimeOfDay(instant(c.now), c.minute, c.zone); !got.Equal(instant(c.want)) {
			t.Errorf("after %s it is %s, want %s", c.now, got, c.want)
		}
	}
}

func TestWornOut(t *testing.T) {
	for _, c := range []struct {
		work model.Work
		want bool
	}{
		{model.Work{Attempts: 2}, false}, {model.Work{Attempts: 3}, true}, {model.Work{Attempts: 4}, true},
		{model.Work{Attempts: 4, EverySeconds: 60}, false},
	} {
		if got := c.work.WornOut(3); got != c.want {
			t.Errorf("%+v worn out: %v", c.work, got)
		}
	}
}

// recurringWork is the one piece of a kind, leased.
func recurringWork(t *testing.T, store *model.Store, at time.Time) model.Work {
	t.Helper()
	taken, err := store.LeaseWork(context.Background(), model.LaneNight, at, time.Minute, 10)
	must(t, err)
	if len(taken) != 1 {
		t.Fatalf("leased %v", taken)
	}
	return taken[0]
}

// What recurs keeps its next time through restarts; another hour in the settings counts from the next start on; and what
// is overdue or failing is not put off.
func TestEnsureRecurring(t *testing.T) {
	ctx := context.Background()
	modeltest.OnBothFounded(t, founded, func(t *testing.T, d *modeltest.Database, store *model.Store) {
		now := instant("2026-01-01T00:00:00Z")
		ensure := func(first, at time.Time) {
			t.Helper()
			must(t, store.EnsureRecurring(ctx, model.WorkAudit, 24*time.Hour, first, at))
		}
		dueAt := func(want time.Time) {
			t.Helper()
			if d.Count(t, "SELECT COUNT(*) FROM owed_work") != 1 || d.Count(t, "SELECT COUNT(*) FROM owed_work WHERE due_at = ?", modeltest.Instant(want)) != 1 {
				t.Errorf("it is not due at %s", want)
			}
		}
		ensure(now.Add(3*time.Hour), now)
		ensure(now.Add(3*time.Hour), now)
		dueAt(now.Add(3 * time.Hour))
		ensure(now.Add(5*time.Hour), now)
		dueAt(now.Add(5 * time.Hour))
		ensure(now, now) // what comes round by the minute has no hour of its own
		dueAt(now.Add(5 * time.Hour))
		ensure(now.Add(29*time.Hour), now.Add(6*time.Hour)) // nobody was there at the fifth hour
		dueAt(now.Add(5 * time.Hour))
		w := recurringWork(t, store, now.Add(6*time.Hour))
		must(t, store.FailWork(ctx, w, model.WorkOwed, now.Add(7*time.Hour), "it fails", now.Add(6*time.Hour)))
		ensure(now.Add(29*time.Hour), now.Add(6*time.Hour))
		dueAt(now.Add(7 * time.Hour))
		w = recurringWork(t, store, now.Add(7*time.Hour))
		must(t, store.FinishWork(ctx, w, now.Add(60*time.Hour)))
		dueAt(now.Add(79 * time.Hour)) // from the seventh hour on, day by day, and none made up for
	})
}

// Whoever has not the lease any more changes nothing.
func TestLostLeaseChangesNothing(t *testing.T) {
	ctx := context.Background()
	modeltest.OnBothFounded(t, founded, func(t *testing.T, d *modeltest.Database, store *model.Store) {
		now := instant("2026-01-01T00:00:00Z")
		must(t, store.EnsureRecurring(ctx, model.WorkAudit, 24*time.Hour, now, now))
		lost := recurringWork(t, store, now)
		has := recurringWork(t, store, now.Add(2*time.Minute))
		before := rowsOf(t, d, "SELECT * FROM owed_work")
		for name, try := range map[string]func(tx *model.Store) error{
			"hold":     func(tx *model.Store) error { return tx.HoldWork(ctx, lost) },
			"finish":   func(tx *model.Store) error { return tx.FinishWork(ctx, lost, now) },
			"renew":    func(tx *model.Store) error { return tx.RenewWork(ctx, lost, now, now) },
			"postpone": func(tx *model.Store) error { return tx.PostponeWork(ctx, lost, now, now) },
			"fail":     func(tx *model.Store) error { return tx.FailWork(ctx, lost, model.WorkOwed, now, "it fails", now) },
		} {
			if err := store.InTx(ctx, try); !errors.Is(err, model.ErrLeaseLost) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if after := rowsOf(t, d, "SELECT * FROM owed_work"); after != before {
			t.Errorf("before %s\nafter  %s", before, after)
		}
		if taken, err := store.WorkTakenOver(ctx, lost); !taken || err != nil {
			t.Errorf("taken over: %v, %v", taken, err)
		}
		must(t, store.FinishWork(ctx, has, now.Add(3*time.Minute)))
		for _, w := range []model.Work{lost, has} {
			if taken, err := store.WorkTakenOver(ctx, w); taken || err != nil {
				t.Errorf("what is done: taken over %v, %v", taken, err)
			}
		}
	})
}

// An error of any length and in any letters is kept as far as there is room.
func TestLongErrorsAreCut(t *testing.T) {
	ctx := context.Background()
	modeltest.OnBothFounded(t, founded, func(t *testing.T, d *modeltest.Database, store *model.Store) {
		now := instant("2026-01-01T00:00:00Z")
		must(t, store.EnsureRecurring(ctx, model.WorkAudit, 24*time.Hour, now, now))
		must(t, store.FailWork(ctx, recurringWork(t, store, now), model.WorkOwed, now, "\xff"+strings.Repeat("错", 600), now))
		if n := d.Count(t, "SELECT COUNT(*) FROM owed_work WHERE last_error LIKE '%错'"); n != 1 {
			t.Error("the error is not kept")
		}
	})
}
