package desk_test

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"jiamenkou/model"
)

// next waits for a revision.
func (d *door) next(listener <-chan string) string {
	d.t.Helper()
	select {
	case revision, open := <-listener:
		if !open {
			d.t.Fatal("the stream has ended")
		}
		return revision
	case <-time.After(10 * time.Second):
		d.t.Fatal("nothing came")
	}
	return ""
}

// over demands that a channel ends.
func (d *door) over(listener <-chan string) {
	d.t.Helper()
	for {
		select {
		case _, open := <-listener:
			if !open {
				return
			}
		case <-time.After(10 * time.Second):
			d.t.Fatal("it goes on")
		}
	}
}

func TestLiveTellsOfEveryChange(t *testing.T) {
	onBoth(t, func(d *door) {
		ctx := t.Context()
		b, other := d.book(), d.book()
		d.clock.set(b.StartAt)
		first, err := d.Watch(ctx, d.keeper, d.w.Site.ID)
		d.must(err)
		known := d.next(first)
		second, err := d.Watch(ctx, d.keeper, d.w.Site.ID)
		d.must(err)
		if got := d.next(second); got != known {
			t.Errorf("two who listen to one site hear %s and %s", known, got)
		}
		step := func(name string, change func()) {
			t.Helper()
			change()
			now := d.next(first)
			if now == known || d.next(second) != now {
				t.Errorf("%s: %s after %s", name, now, known)
			}
			known = now
		}
		step("a child comes", func() { d.arrive(b) })
		step("it goes", func() {
			_, err := d.HandOver(ctx, d.keeper, d.key(), b.ID, "")
			d.must(err)
		})
		step("another does not come", func() {
			d.clock.set(other.EndAt.Add(-time.Minute))
			_, err := d.MissOut(ctx, d.keeper, d.key(), other.ID)
			d.must(err)
		})
		step("a session is added", func() { d.w.AddSlot(1, 3) })
		step("the day ends", func() { d.clock.set(b.StartAt.Add(24 * time.Hour)) })
		d.Live.Close()
		d.over(first)
		d.over(second)
		late, err := d.Watch(ctx, d.keeper, d.w.Site.ID)
		d.must(err)
		d.over(late)
	})
}

func TestLiveIsForTheSitesOwn(t *testing.T) {
	onBoth(t, func(d *door) {
		stranger := d.keeperOf(d.Store.NewID())
		_, err := d.Watch(t.Context(), stranger, d.w.Site.ID)
		d.want(err, model.ErrSiteNotFound)
		_, err = d.Watch(t.Context(), d.keeper, "none")
		d.want(err, model.ErrSiteNotFound)
	})
}

func TestLiveLeavesNothingRunning(t *testing.T) {
	d := openDoor(t)
	before := goleak.IgnoreCurrent()
	var channels []<-chan string
	ctx, cancel := context.WithCancel(t.Context())
	for range 20 {
		listener, err := d.Watch(ctx, d.keeper, d.w.Site.ID)
		d.must(err)
		d.next(listener)
		channels = append(channels, listener)
	}
	cancel()
	for _, listener := range channels {
		d.over(listener)
	}
	goleak.VerifyNone(t, before, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"),
		goleak.IgnoreTopFunction("github.com/go-sql-driver/mysql.(*mysqlConn).startWatcher.func1"))
	if again, err := d.Watch(t.Context(), d.keeper, d.w.Site.ID); err != nil || d.next(again) == "" {
		t.Error("nobody can listen after everybody left", err)
	}
	d.Live.Close()
}
