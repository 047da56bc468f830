package desk_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/adapter/redis"
	"jiamenkou/adapter/redis/redistest"
	"jiamenkou/adapter/seal/sealtest"
	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/account"
	"jiamenkou/service/booking"
	"jiamenkou/service/desk"
)

// door is a site with its door: everything real but the clock.
type door struct {
	*desk.Service
	t       *testing.T
	w       *modeltest.World
	clock   *clock
	booking *booking.Service
	account *account.Service
	keeper  model.OnDuty // of the world's site
	keys    atomic.Int64
}

// clock stands still until it is set.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time   { return time.UnixMilli(c.at.Load()).UTC() }
func (c *clock) set(at time.Time) { c.at.Store(at.UnixMilli()) }

// onBoth runs a test at a door of production and at an embedded one.
func onBoth(t *testing.T, test func(d *door)) {
	t.Helper()
	t.Run("mariadb and redis", func(t *testing.T) { test(openDoor(t)) })
	t.Run("embedded", func(t *testing.T) {
		test(newDoor(t, modeltest.OpenSQLite(t), redis.Options{Mode: redis.Embedded, Prefix: "test:"}))
	})
}

// onBothRaw is onBoth for tests that write past the store.
func onBothRaw(t *testing.T, test func(d *door, db *modeltest.Database)) {
	t.Helper()
	modeltest.OnBothFounded(t, modeltest.Now(), func(t *testing.T, db *modeltest.Database, store *model.Store) {
		test(newDoor(t, store, redis.Options{Mode: redis.Embedded, Prefix: "test:"}), db)
	})
}

// openDoor is a door of production.
func openDoor(t *testing.T) *door {
	t.Helper()
	addr, prefix := redistest.Shared(t)
	store := modeltest.Open(t)
	return newDoor(t, store, redis.Options{Mode: redis.Single, Addrs: []string{addr}, Prefix: prefix + store.NewID() + ":"})
}

func newDoor(t *testing.T, store *model.Store, where redis.Options) *door {
	t.Helper()
	box := sealtest.NewBox(t)
	d := &door{t: t, clock: &clock{}}
	d.w = modeltest.NewWorld(t, store, box)
	client, err := redis.Open(context.Background(), where)
	d.must(err)
	t.Cleanup(func() { _ = client.Close() })
	d.clock.set(modeltest.Now())
	log := slog.New(slog.DiscardHandler)
	d.booking = &booking.Service{
		Store: store, Box: box, Now: d.clock.now, Zone: d.w.Zone, Log: log, Limits: booking.Limits{LiveBookings: 20, KeepAnswers: 24 * time.Hour, SlotsAhead: 14, Waiting: 10, AtOnce: 10},
	}
	d.account = &account.Service{Store: store, Box: box, Now: d.clock.now, Zone: d.w.Zone, Log: log, Bookings: d.booking, MaxChildren: 6, MaxPickupPersons: 2}
	d.Service = &desk.Service{
		Store: store, Box: box, Codes: redis.NewCodes(client), Lines: d.booking, Places: d.booking, Now: d.clock.now, Zone: d.w.Zone, Log: log,
		Limits: desk.Limits{KeepAnswers: 24 * time.Hour, CodeLife: 10 * time.Minute, CloseAfter: 12 * time.Hour, SweepBatch: 50},
		Live:   &desk.Live{Store: store, Now: d.clock.now, Zone: d.w.Zone, Log: log, Every: 20 * time.Millisecond, Beat: 10 * time.Second},
	}
	d.keeper = d.keeperOf(d.w.Site.ID)
	return d
}

func (d *door) keeperOf(site string) model.OnDuty {
	return model.OnDuty{StaffID: d.Store.NewID(), Grants: []model.Grant{{Role: model.RoleKeeper, Scope: model.ScopeSite, ScopeID: site}}}
}

func (d *door) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *door) want(err, want error) {
	d.t.Helper()
	if (err == nil) != (want == nil) || !errors.Is(err, want) {
		d.t.Errorf("got %v, want %v", err, want)
	}
}

func (d *door) key() string { return fmt.Sprintf("key-%06d", d.keys.Add(1)) }

// ageIn is how many months old a child of the world is on the day of a session: eighteen today, and a month more from the first of
// the next.
func (d *door) ageIn(b model.Booking) int {
	today, then := d.w.Day(0), model.DateOf(b.StartAt.In(d.Zone))
	return 18 + 12*(then.Year-today.Year) + int(then.Month) - int(today.Month)
}

// book books a place for a new family in a session of tomorrow.
func (d *door) book() model.Booking {
	d.t.Helper()
	resident, child := d.w.Family()
	return d.bookFor(resident, child, 1)
}

// bookFor books a place so many days ahead of the day the test runs on, whatever day it plays on by now.
func (d *door) bookFor(resident, child string, ahead int) model.Booking {
	d.t.Helper()
	at := d.clock.now()
	d.clock.set(modeltest.Now())
	defer func() { d.clock.set(at) }()
	b, err := d.booking.Book(context.Background(), resident, d.key(), booking.Wish{SlotID: d.w.AddSlot(ahead, 5).ID, ChildID: child})
	d.must(err)
	return b
}

// arrive checks a child in by hand at the start of its session.
func (d *door) arrive(b model.Booking) {
	d.t.Helper()
	d.clock.set(b.StartAt)
	_, err := d.CheckIn(context.Background(), d.keeper, d.key(), desk.Arrival{BookingID: b.ID})
	d.must(err)
}

// stands demands the state of a booking.
func (d *door) stands(id string, want model.BookingStatus) model.Booking {
	d.t.Helper()
	b, err := d.Store.FindBooking(context.Background(), id)
	d.must(err)
	if b.Status != want {
		d.t.Errorf("it is %s, want %s", b.Status, want)
	}
	return b
}

func (d *door) marks(child string) []model.Mark {
	d.t.Helper()
	marks, err := d.Store.ListMarks(context.Background(), child, time.Time{})
	d.must(err)
	return marks
}

// missed is a booking marked as a no-show at the end of its session, with its mark.
func (d *door) missed() (model.Booking, model.Mark) {
	d.t.Helper()
	b := d.book()
	d.clock.set(b.EndAt.Add(-time.Minute))
	_, err := d.MissOut(context.Background(), d.keeper, d.key(), b.ID)
	d.must(err)
	return b, d.marks(b.ChildID)[0]
}

// recur makes the sweep recur from the moment on.
func (d *door) recur(since time.Time) {
	d.t.Helper()
	d.must(d.Store.EnsureRecurring(context.Background(), model.WorkSweepSessions, time.Minute, since, since))
}

// lease takes the sweep, which must be due.
func (d *door) lease() model.Work {
	d.t.Helper()
	taken, err := d.Store.LeaseWork(context.Background(), model.LaneHouse, d.clock.now(), time.Minute, 10)
	d.must(err)
	for _, w := range taken {
		if w.Kind == model.WorkSweepSessions {
			return w
		}
	}
	d.t.Fatal("the sweep is not due")
	return model.Work{}
}

// at is the door as a server with another clock sees it.
func (d *door) at(moment time.Time) *desk.Service {
	other := *d.Service
	c := &clock{}
	c.set(moment)
	other.Now = c.now
	return &other
}

// notices counts a resident's notices by kind.
func (d *door) notices(resident string) map[model.NoticeKind]int {
	d.t.Helper()
	list, err := d.Store.ListNotices(context.Background(), resident, "", 100)
	d.must(err)
	counts := map[model.NoticeKind]int{}
	for _, n := range list {
		counts[n.Kind]++
	}
	return counts
}

// together runs all tasks at the same moment and counts what they were told.
func together(tasks ...func() error) map[string]int {
	var told modeltest.Tally
	modeltest.Together(len(tasks), func(i int) { told.Add(tasks[i]()) })
	return told.Told()
}

func times(n int, task func() error) []func() error {
	tasks := make([]func() error, n)
	for i := range tasks {
		tasks[i] = task
	}
	return tasks
}
