package booking_test

import (
	"context"
	"slices"
	"time"

	"pgregory.net/rapid"

	"jiamenkou/model"
)

// drawActions is what is done about the slots whose places are drawn.
func (v *village) drawActions() map[string]func(*rapid.T) {
	ctx := context.Background()
	drawn := func(t *rapid.T) int { return v.drawn[draw(t, "slot", len(v.drawn))] }
	who := func(t *rapid.T) (int, int) {
		f, s := draw(t, "family", villageFamilies), drawn(t)
		if draw(t, "any slot", 8) == 0 {
			s = v.aSlot(t)
		}
		return f, s
	}
	some := func(t *rapid.T) (int, *townApplication) {
		if len(v.applications) == 0 || draw(t, "really", 3) > 0 {
			t.Skip("nobody has applied, or wants to go")
		}
		i := draw(t, "which", len(v.applications))
		return i, v.town.applied[i]
	}
	applied := func(t *rapid.T, what string, a model.Application, err error, want string) {
		v.same(t, what, err, want)
		if err == nil {
			v.applications = append(v.applications, a.ID)
		}
	}
	apply := func(t *rapid.T, f, s int) {
		a, err := v.Apply(ctx, v.families[f].resident, v.key(), v.wish(f, s))
		applied(t, "apply", a, err, v.town.apply(f, s))
	}
	enter := func(t *rapid.T, s int) {
		_, err := v.EnterRandomness(ctx, v.keeper, v.slots[s].ID, "01 02 03")
		v.same(t, "randomness", err, v.town.enter(s))
	}
	return map[string]func(*rapid.T){
		"apply": func(t *rapid.T) {
			f, s := who(t)
			apply(t, f, s)
		},
		"all apply": func(t *rapid.T) {
			s := drawn(t)
			if v.town.applying(s) != ok {
				t.Skip("too late")
			}
			for f := range v.families {
				apply(t, f, s)
			}
		},
		"apply for": func(t *rapid.T) {
			f, s := who(t)
			a, err := v.ApplyFor(ctx, v.keeper, v.key(), v.families[f].resident, v.wish(f, s), "")
			applied(t, "apply for", a, err, v.town.apply(f, s))
		},
		"withdraw": func(t *rapid.T) {
			i, a := some(t)
			_, err := v.Withdraw(ctx, v.families[a.family].resident, v.key(), v.applications[i])
			v.same(t, "withdraw", err, v.town.withdraw(a))
		},
		"withdraw for": func(t *rapid.T) {
			i, a := some(t)
			_, err := v.WithdrawFor(ctx, v.keeper, v.key(), v.applications[i])
			v.same(t, "withdraw for", err, v.town.withdraw(a))
		},
		"announce": func(t *rapid.T) {
			s := drawn(t)
			_, err := v.AnnounceSource(ctx, v.keeper, v.slots[s].ID, "示例彩票当日开奖号码")
			v.same(t, "announce", err, v.town.announce(s))
		},
		"enter randomness": func(t *rapid.T) {
			enter(t, drawn(t))
		},
		"applications end": func(t *rapid.T) {
			s := drawn(t)
			at := v.slots[s].DrawAt.Add(time.Duration(rapid.SampledFrom([]int{1, 45, -5, 150}).Draw(t, "minutes")) * time.Minute)
			if len(v.town.applicants(s)) == 0 || !at.After(v.Now()) {
				t.Skip("nobody has applied, or it is over")
			}
			v.goTo(at)
			if draw(t, "later", 4) < 3 {
				v.work(t)
			}
			if v.town.waits(s) {
				enter(t, s)
			}
		},
	}
}

// work has the house and the town do what is owed, and notes what the house has made of draws.
func (v *village) work(t *rapid.T) {
	v.shop.work()
	if wrong := v.town.work(func(slot int) []*townApplication { return v.order(t, slot) }); wrong != ok {
		t.Fatalf("a draw: %s", wrong)
	}
	ctx := context.Background()
	for _, e := range v.town.line[len(v.entries):] {
		a, err := v.Store.FindApplication(ctx, v.applications[slices.Index(v.town.applied, e.application)])
		v.must(err)
		if a.WaitingID == nil {
			t.Fatalf("the town has drawn application %s, which is %s", a.ID, a.Status)
		}
		v.entries = append(v.entries, *a.WaitingID)
		v.seen["drawn "+string(a.Status)]++
	}
	for _, b := range v.town.bookings[len(v.bookings):] {
		i := slices.IndexFunc(v.town.line, func(e *townEntry) bool { return e.booking == b })
		w, err := v.Store.FindWaiting(ctx, v.entries[i])
		v.must(err)
		if w.BookingID == nil {
			t.Fatalf("the town has booked for entry %d, which is %s", i, w.Status)
		}
		v.bookings = append(v.bookings, *w.BookingID)
		v.seen["drawn booked"]++
	}
}

// order is what chance said, as the house publishes it; anyone can recompute it.
func (v *village) order(t *rapid.T, slot int) (order []*townApplication) {
	d, err := v.DrawDocumentOf(context.Background(), v.slots[slot].ID)
	if err != nil {
		t.Fatalf("slot %d should be drawn by now: %v", slot, err)
	}
	recomputed(t, d)
	for _, id := range d.Order {
		order = append(order, v.town.applied[slices.Index(v.applications, id)])
	}
	return order
}

// compareDraws fails unless draws and applications are as the town says.
func (v *village) compareDraws(t *rapid.T) {
	ctx := context.Background()
	for _, s := range v.drawn {
		d, err := v.Store.FindDraw(ctx, v.slots[s].ID)
		v.must(err)
		if want := v.town.slots[s].draw.status; d.Status != want {
			t.Fatalf("the draw of slot %d is %s, the town says %s", s, d.Status, want)
		}
	}
	for i, id := range v.applications {
		a, err := v.Store.FindApplication(ctx, id)
		v.must(err)
		want := v.town.applied[i]
		if a.Status != want.status || a.Listed != want.listed || a.Visited != want.visited {
			t.Fatalf("application %d is %s, listed %v, visited %v; the town says %s, %v, %v", i, a.Status, a.Listed, a.Visited, want.status, want.listed, want.visited)
		}
	}
}
