package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/model"
)

// diary is what a parent was told, in order.
type diary struct {
	*parent
	acts   []act
	held   map[string]string // slot to booking
	failed error
}

// keep books and cancels until stop, and notes each act that was answered for good.
func (d *diary) keep(to func() string, slots []string, chance *rand.Rand, stop *atomic.Bool, done *atomic.Int64) {
	for n := 0; !stop.Load(); n++ {
		a := act{key: fmt.Sprintf("%s-%05d", d.name, n), slot: slots[chance.IntN(len(slots))]}
		if id := d.held[a.slot]; id != "" {
			a.cancel, a.id = true, id
		}
		r, err := d.insist(to, a)
		if err != nil {
			d.failed = err
			return
		}
		d.note(a, r)
		done.Add(1)
	}
}

func (d *diary) note(a act, r reply) {
	switch {
	case r.status == http.StatusCreated && !a.cancel:
		a.id = r.ID
		d.held[a.slot] = r.ID
	case r.status == http.StatusOK && a.cancel && r.Status == string(model.BookingCancelled):
		delete(d.held, a.slot)
	case r.Code == "slot_full" || r.Code == "allowance_used_up":
		return // nothing to keep
	default:
		d.failed = fmt.Errorf("%+v: %v", a, r)
		return
	}
	d.acts = append(d.acts, a)
}

// keepDiaries lets new parents act until the returned function tells them to stop and waits for them.
func keepDiaries(t *testing.T, p *program, n int, to func() string, slots []string) (diaries []*diary, done *atomic.Int64, stop func()) {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for i := range n {
		d := &diary{parent: join(t, p.base, fmt.Sprintf("parent%02d", i)), held: map[string]string{}}
		diaries = append(diaries, d)
	}
	var halt atomic.Bool
	var running sync.WaitGroup
	done = &atomic.Int64{}
	for i, d := range diaries {
		running.Go(func() { d.keep(to, slots, rand.New(rand.NewPCG(seed, uint64(i))), &halt, done) })
	}
	stop = func() {
		halt.Store(true)
		running.Wait()
	}
	t.Cleanup(stop)
	return diaries, done, stop
}

// awaitMore returns once so many more acts are done than at the call.
func awaitMore(t *testing.T, done *atomic.Int64, more int64) {
	t.Helper()
	goal := done.Load() + more
	for deadline := time.Now().Add(patience); done.Load() < goal; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("only %d of %d acts were answered", done.Load(), goal)
		}
	}
}

// checkDiaries fails the test unless the house has what the parents were told, no more and no less, and answers every
// request again as it did the first time.
func checkDiaries(t *testing.T, base string, store *model.Store, diaries []*diary) {
	t.Helper()
	acts := 0
	for _, d := range diaries {
		if d.failed != nil {
			t.Errorf("%s: %v", d.name, d.failed)
		}
		d.check(t, base, store)
		acts += len(d.acts)
	}
	t.Logf("%d acts by %d parents", acts, len(diaries))
}

func (d *diary) check(t *testing.T, base string, store *model.Store) {
	t.Helper()
	list, err := store.ListBookingsOf(context.Background(), d.id, model.BookingFilter{}, "", 10000)
	if err != nil {
		t.Fatal(err)
	}
	status := map[string]model.BookingStatus{}
	for _, b := range list {
		status[b.ID] = b.Status
	}
	want := map[string]model.BookingStatus{}
	for _, a := range d.acts {
		want[a.id] = model.BookingConfirmed
		if a.cancel {
			want[a.id] = model.BookingCancelled
		}
		if r, err := d.insist(func() string { return base }, a); err != nil || r.ID != a.id {
			t.Errorf("%s: %+v sent again gives %q, %v, %v", d.name, a, r.ID, r, err)
		}
	}
	for id, as := range want {
		if status[id] != as {
			t.Errorf("%s was told that %s is %s; the house has %q", d.name, id, as, status[id])
		}
	}
	if len(status) != len(want) {
		t.Errorf("%s was told of %d bookings; the house has %d", d.name, len(want), len(status))
	}
}

// The server is killed again and again under load: what it has acknowledged is there, and nothing else.
func TestKilledUnderLoad(t *testing.T) {
	const kills, between = 6, 60
	site := newSite(t, "JMK_DEMO_SEED=false")
	store := site.store()
	slots := shortSlots(newWorld(t, store, nil), 12, 3)
	p := site.newProgram()
	p.start()
	p.awaitReady()
	diaries, done, stop := keepDiaries(t, p, 8, func() string { return p.base }, slots)
	for range kills {
		awaitMore(t, done, between)
		p.kill()
		p.start()
		p.awaitReady()
	}
	awaitMore(t, done, between)
	stop()
	p.kill() // and once more with nobody about
	p.start()
	p.awaitReady()
	checkDiaries(t, p.base, store, diaries)
	site.sound(store)
}
