package booking_test

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jiamenkou/model"
	"jiamenkou/model/fault"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
	"jiamenkou/service/desk"
	"jiamenkou/service/planning"
)

// village is the real house beside the town that says what it should be like.
type village struct {
	*shop
	town     *town
	planning *planning.Service
	desk     *desk.Service
	keeper   model.OnDuty
	slots    []model.Slot
	families []family
	drawn    []int    // the slots whose places are drawn
	bookings []string // ids, in the order of the town's
	entries  []string

	applications []string
	seen         map[string]int // what was answered how often
}

const (
	villageFamilies = 5
	villageLive     = 4
	villageWaiting  = 3
)

// openVillage lays out eight sessions: overlapping ones, one that begins tomorrow, one that is not released yet, and two, on the
// day of another, whose places are drawn.
func openVillage(t *testing.T, store *model.Store, seen map[string]int) *village {
	v := &village{shop: openShop(t, store), seen: seen}
	v.Limits.LiveBookings, v.Limits.Waiting = villageLive, villageWaiting
	v.Limits.DrawWait, v.Limits.DrawKnown = 2*time.Hour, time.Hour
	v.Limits.Quiet = model.QuietHours{From: 21*60 + 30, Until: 7*60 + 30}
	v.planning = &planning.Service{Store: v.Store, Closer: v.Service, Now: v.Now, Zone: v.Zone, Log: v.Log, Limits: planning.Limits{KeepAnswers: time.Hour, SlotsAhead: 14}}
	v.desk = &desk.Service{Store: v.Store, Box: v.Box, Lines: v.Service, Places: v.Service, Now: v.Now, Zone: v.Zone, Log: v.Log, Limits: desk.Limits{KeepAnswers: time.Hour, CloseAfter: 12 * time.Hour, SweepBatch: 100}}
	v.keeper = model.OnDuty{StaffID: v.Store.NewID(), Grants: []model.Grant{{Role: model.RoleKeeper, Scope: model.ScopeSite, ScopeID: v.world.Site.ID}}}
	v.town = &town{
		now: v.Now(), quiet: func(now time.Time) time.Time { return v.Limits.Quiet.Over(now, v.Zone) },
		limits: townLimits{live: villageLive, waiting: villageWaiting, granted: 12, offer: 30 * time.Minute, drawWait: v.Limits.DrawWait, drawKnown: v.Limits.DrawKnown},
	}
	hour := func(s *model.Slot) { s.StartAt = s.StartAt.Add(time.Hour) }
	later := func(s *model.Slot) { s.ReleaseAt = v.Now().Add(3 * time.Hour) }
	for _, s := range []model.Slot{
		v.world.AddSlot(2, 1), v.world.AddSlot(3, 1), v.world.AddSlot(3, 2, hour), v.world.AddSlot(4, 1), v.world.AddSlot(5, 1, later), v.world.AddSlot(6, 2),
		v.drawSlot(4, 1, 26*time.Hour, hour), v.drawSlot(4, 2, 24*time.Hour, func(s *model.Slot) { s.StartAt = s.StartAt.Add(2 * time.Hour) }),
	} {
		v.slots = append(v.slots, s)
		known := &townSlot{start: s.StartAt, end: s.EndAt, cutoff: s.CutoffAt, release: s.ReleaseAt, capacity: s.Capacity}
		v.town.slots = append(v.town.slots, known)
		if s.DrawAt != nil {
			v.drawn, known.draw = append(v.drawn, len(v.slots)-1), &townDraw{at: *s.DrawAt, status: model.DrawOpen}
			_, err := v.DrawOf(context.Background(), s.ID)
			v.must(err)
		}
	}
	for range villageFamilies {
		v.families = append(v.families, v.family())
		v.town.families = append(v.town.families, &townFamily{})
	}
	return v
}

// told is the code of a refusal; what is none ends the test.
func told(t *rapid.T, err error) string {
	if err == nil {
		return ok
	}
	f := fault.Of(err)
	if f == nil {
		t.Fatalf("no refusal: %v", err)
	}
	return f.Code
}

func (v *village) same(t *rapid.T, what string, err error, want string) {
	got := told(t, err)
	if got != want {
		t.Fatalf("%s: the house says %q, the town %q", what, got, want)
	}
	v.seen[what+" "+cmp.Or(got, "done")]++
}

// booked notes a booking on both sides.
func (v *village) booked(t *rapid.T, what string, b model.Booking, err error, want string) {
	v.same(t, what, err, want)
	if err == nil {
		v.bookings = append(v.bookings, b.ID)
	}
}

func draw(t *rapid.T, name string, n int) int { return rapid.IntRange(0, n-1).Draw(t, name) }

func (v *village) wish(f, s int) booking.Wish {
	return booking.Wish{SlotID: v.slots[s].ID, ChildID: v.families[f].child}
}

// goTo moves the clock, here and in the town.
func (v *village) goTo(at time.Time) {
	v.shop.goTo(at)
	v.town.now = v.Now()
}

// aSlot is one of the slots, mostly one that has not been cut off.
func (v *village) aSlot(t *rapid.T) int {
	s := draw(t, "slot", len(v.slots))
	if draw(t, "any slot", 4) > 0 {
		return among(v.town.ahead(), s)
	}
	return s
}

// among is one of the slots that are likely, or the one that was drawn where none is.
func among(likely []int, drawn int) int {
	if len(likely) == 0 {
		return drawn
	}
	return likely[drawn%len(likely)]
}

// actions is everything that people, staff and time do.
func (v *village) actions() map[string]func(*rapid.T) {
	ctx := context.Background()
	who := func(t *rapid.T) (int, int) { return draw(t, "family", villageFamilies), v.aSlot(t) }
	some := func(t *rapid.T, n int) int {
		if n == 0 {
			t.Skip("nothing to do it to")
		}
		return draw(t, "which", n)
	}
	booked := func(t *rapid.T) (int, *townBooking) {
		i := some(t, len(v.bookings))
		return i, v.town.bookings[i]
	}
	wait := func(t *rapid.T, f, s int) {
		w, err := v.Wait(ctx, v.families[f].resident, v.key(), v.wish(f, s))
		_, want := v.town.wait(f, s)
		v.same(t, "wait", err, want)
		if err == nil {
			v.entries = append(v.entries, w.ID)
		}
	}
	accept := func(t *rapid.T, i int) {
		e := v.town.line[i]
		b, err := v.Accept(ctx, v.families[e.family].resident, v.key(), v.entries[i], false)
		_, want := v.town.accept(e)
		v.booked(t, "accept", b, err, want)
	}
	acceptFor := func(t *rapid.T, i int) {
		e := v.town.line[i]
		b, err := v.AcceptFor(ctx, v.keeper, v.key(), v.entries[i], false, "")
		_, want := v.town.accept(e)
		v.booked(t, "accept for", b, err, want)
	}
	cancel := func(t *rapid.T, i int) {
		b := v.town.bookings[i]
		_, err := v.Cancel(ctx, v.families[b.family].resident, v.key(), v.bookings[i], "")
		v.same(t, "cancel", err, v.town.cancel(b))
	}
	all := map[string]func(*rapid.T){
		"book": func(t *rapid.T) {
			f, s := who(t)
			b, err := v.Book(ctx, v.families[f].resident, v.key(), v.wish(f, s))
			_, want := v.town.book(f, s)
			v.booked(t, "book", b, err, want)
		},
		"book for": func(t *rapid.T) {
			f, s := who(t)
			b, err := v.BookFor(ctx, v.keeper, v.key(), v.families[f].resident, v.wish(f, s), "家长在现场")
			_, want := v.town.override(f, s)
			v.booked(t, "book for", b, err, want)
		},
		"cancel": func(t *rapid.T) {
			i := some(t, len(v.bookings))
			cancel(t, i)
		},
		"move": func(t *rapid.T) {
			i, s := some(t, len(v.bookings)), v.aSlot(t)
			if rapid.Bool().Draw(t, "to a full one") {
				s = among(v.town.full(), s)
			}
			old := v.town.bookings[i]
			b, err := v.Move(ctx, v.families[old.family].resident, v.key(), v.bookings[i], booking.Wish{SlotID: v.slots[s].ID})
			_, want := v.town.move(old, s)
			v.booked(t, "move", b, err, want)
		},
		"wait": func(t *rapid.T) {
			f, s := who(t)
			wait(t, f, s)
		},
		"wait for": func(t *rapid.T) {
			f, full := draw(t, "family", villageFamilies), v.town.full()
			s := full[some(t, len(full))]
			w, err := v.WaitFor(ctx, v.keeper, v.key(), v.families[f].resident, v.wish(f, s), "")
			_, want := v.town.wait(f, s)
			v.same(t, "wait for", err, want)
			if err == nil {
				v.entries = append(v.entries, w.ID)
			}
		},
		"move for": func(t *rapid.T) {
			i, s := some(t, len(v.bookings)), v.aSlot(t)
			old := v.town.bookings[i]
			b, err := v.MoveFor(ctx, v.keeper, v.key(), v.bookings[i], booking.Wish{SlotID: v.slots[s].ID}, "")
			_, want := v.town.move(old, s)
			v.booked(t, "move for", b, err, want)
		},
		"accept for what is offered": func(t *rapid.T) {
			offered := v.town.offered()
			i := offered[some(t, len(offered))]
			acceptFor(t, i)
		},
		"leave for": func(t *rapid.T) {
			i := some(t, len(v.entries))
			_, err := v.LeaveLineFor(ctx, v.keeper, v.key(), v.entries[i])
			v.same(t, "leave for", err, v.town.leave(v.town.line[i]))
		},
		"wait where it is full": func(t *rapid.T) {
			f, full := draw(t, "family", villageFamilies), v.town.full()
			s := full[some(t, len(full))]
			wait(t, f, s)
		},
		"accept what is offered": func(t *rapid.T) {
			offered := v.town.offered()
			i := offered[some(t, len(offered))]
			accept(t, i)
		},
		"cancel where somebody waits": func(t *rapid.T) {
			waited := v.town.waitedFor()
			i := waited[some(t, len(waited))]
			cancel(t, i)
			v.work(t)
			if offered := v.town.offered(); len(offered) > 0 {
				by := rapid.SampledFrom([]func(*rapid.T, int){accept, acceptFor, accept, acceptFor, func(*rapid.T, int) {}}).Draw(t, "accepted by")
				by(t, offered[len(offered)-1])
			}
		},
		"leave": func(t *rapid.T) {
			i := some(t, len(v.entries))
			e := v.town.line[i]
			_, err := v.Leave(ctx, v.families[e.family].resident, v.key(), v.entries[i])
			v.same(t, "leave", err, v.town.leave(e))
		},
		"accept": func(t *rapid.T) {
			i := some(t, len(v.entries))
			accept(t, i)
		},
		"close": func(t *rapid.T) {
			s := draw(t, "slot", len(v.slots))
			if draw(t, "really", 8) > 0 {
				t.Skip("not today")
			}
			_, err := v.CloseSlot(ctx, v.slots[s].ID, "停水", v.keeper.StaffID)
			v.same(t, "close", err, v.town.close(s))
		},
		"another capacity": func(t *rapid.T) {
			s, places := among(v.town.full(), v.aSlot(t)), draw(t, "places", 4)
			if draw(t, "really", 2) > 0 {
				t.Skip("not today")
			}
			_, err := v.planning.SetCapacity(ctx, v.keeper, v.key(), planning.Places{SlotID: v.slots[s].ID, Capacity: places, Reason: "老师调整"})
			v.same(t, "capacity", err, v.town.capacity(s, places))
		},
		"arrive": func(t *rapid.T) {
			i, b := booked(t)
			_, err := v.desk.CheckIn(ctx, v.keeper, v.key(), desk.Arrival{BookingID: v.bookings[i], Temperature: "36.5"})
			v.same(t, "arrive", err, v.town.arrive(b))
		},
		"hand over": func(t *rapid.T) {
			i, b := booked(t)
			_, err := v.desk.HandOver(ctx, v.keeper, v.key(), v.bookings[i], "")
			v.same(t, "hand over", err, v.town.handOver(b))
		},
		"miss": func(t *rapid.T) {
			i, b := booked(t)
			_, err := v.desk.MissOut(ctx, v.keeper, v.key(), v.bookings[i])
			v.same(t, "miss", err, v.town.miss(b))
		},
		"several": func(t *rapid.T) {
			f := draw(t, "family", villageFamilies)
			chosen := rapid.SliceOfNDistinct(rapid.IntRange(0, len(v.slots)-1), 2, 3, rapid.ID[int]).Draw(t, "slots")
			all := rapid.Bool().Draw(t, "all")
			wishes := booking.Wishes{ChildID: v.families[f].child, All: all}
			for _, s := range chosen {
				wishes.SlotIDs = append(wishes.SlotIDs, v.slots[s].ID)
			}
			done, err := v.BookSeveral(ctx, v.families[f].resident, v.key(), wishes)
			refused, want := v.town.several(f, chosen, all)
			v.same(t, "several", err, want)
			for _, b := range done.Bookings { // in the order of their sessions, as the town books
				v.bookings = append(v.bookings, b.ID)
			}
			for _, r := range done.Refused {
				s := slices.IndexFunc(v.slots, func(slot model.Slot) bool { return slot.ID == r.SlotID })
				if refused[s] != r.Code {
					t.Fatalf("several: slot %d is refused with %s, the town says %q", s, r.Code, refused[s])
				}
			}
			if len(done.Refused) != len(refused) {
				t.Fatalf("several: refused %v, the town says %v", done.Refused, refused)
			}
		},
		"lift": func(t *rapid.T) {
			f := draw(t, "family", villageFamilies)
			marks, err := v.Store.ListMarks(ctx, v.families[f].child, time.Time{})
			v.must(err)
			if len(marks) == 0 {
				t.Skip("no marks")
			}
			m := marks[draw(t, "mark", len(marks))]
			_, err = v.desk.LiftMark(ctx, v.keeper, m.ID, "情况属实")
			i := slices.Index(v.bookings, m.BookingID)
			at := slices.IndexFunc(v.town.families[f].marks, func(known *townMark) bool { return known.booking == v.town.bookings[i] })
			v.same(t, "lift", err, v.town.lift(v.town.families[f].marks[at]))
		},
		"the servers work": v.work,
		"the servers sweep": func(*rapid.T) {
			v.sweep()
			v.town.sweep()
		},
		"a session is near": func(t *rapid.T) {
			s := v.slots[draw(t, "slot", len(v.slots))]
			at := s.StartAt.Add(time.Duration(rapid.SampledFrom([]int{-90, -30, 10, 40, 200}).Draw(t, "minutes")) * time.Minute)
			if draw(t, "really", 12) > 0 || !at.After(v.Now()) {
				t.Skip("not yet, or over")
			}
			v.goTo(at)
		},
		"a day at the door": func(t *rapid.T) {
			i, b := booked(t)
			at := v.slots[b.slot].StartAt.Add(-20 * time.Minute)
			if draw(t, "really", 5) > 0 || b.status != model.BookingConfirmed || !at.After(v.Now()) {
				t.Skip("not yet, or over")
			}
			v.goTo(at)
			_, err := v.desk.CheckIn(ctx, v.keeper, v.key(), desk.Arrival{BookingID: v.bookings[i]})
			v.same(t, "arrive", err, v.town.arrive(b))
			v.compare(t)
			_, err = v.desk.HandOver(ctx, v.keeper, v.key(), v.bookings[i], "")
			v.same(t, "hand over", err, v.town.handOver(b))
		},
		"time passes": func(t *rapid.T) {
			d := time.Duration(rapid.SampledFrom([]int{1, 10, 31, 240, 700}).Draw(t, "minutes")) * time.Minute
			v.goTo(v.Now().Add(d))
		},
		"": v.compare,
	}
	maps.Copy(all, v.drawActions())
	return all
}

// sweep does the recurring work of the door once.
func (v *village) sweep() {
	ctx := context.Background()
	v.must(v.Store.InTx(ctx, func(tx *model.Store) error {
		return tx.Owe(ctx, model.Owed(model.WorkSweepSessions, "", v.Now(), v.from))
	}))
	due, err := v.Store.LeaseWork(ctx, model.LaneHouse, v.Now(), time.Minute, 10, model.WorkSweepSessions)
	v.must(err)
	for _, w := range due {
		v.must(v.desk.Sweep(ctx, w))
	}
}

// compare fails unless the house is as the town says, and adds up.
func (v *village) compare(t *rapid.T) {
	ctx := context.Background()
	slots, err := v.Store.ListSlotsByID(ctx, idsOf(v.slots))
	v.must(err)
	for _, s := range slots {
		for i, known := range v.slots {
			if known.ID != s.ID {
				continue
			}
			booked, held, waiting := v.town.counts(i)
			if s.Booked != booked || s.Held != held || s.Waiting != waiting {
				t.Fatalf("slot %d: booked %d, held %d, waiting %d; the town says %d, %d, %d", i, s.Booked, s.Held, s.Waiting, booked, held, waiting)
			}
		}
	}
	for i, id := range v.bookings {
		b, err := v.Store.FindBooking(ctx, id)
		v.must(err)
		if want := v.town.bookings[i].status; b.Status != want {
			t.Fatalf("booking %d is %s, the town says %s", i, b.Status, want)
		}
	}
	for i, id := range v.entries {
		w, err := v.Store.FindWaiting(ctx, id)
		v.must(err)
		if want := v.town.line[i].status; w.Status != want {
			t.Fatalf("entry %d is %s, the town says %s", i, w.Status, want)
		}
	}
	v.compareDraws(t)
	drifts, err := v.Store.Audit(ctx)
	v.must(err)
	if len(drifts) > 0 {
		t.Fatalf("drift: %v", drifts)
	}
}

func idsOf(slots []model.Slot) (ids []string) {
	for _, s := range slots {
		ids = append(ids, s.ID)
	}
	return ids
}

// toHappen is what must have come about before the villages have said anything.
var toHappen = []string{
	"book done", "book slot_full", "book slot_in_draw", "book for done", "cancel done", "move done", "move slot_full", "move for done",
	"wait done", "wait for done", "leave done", "leave for done",
	"accept done", "accept for done", "accept offer_expired", "accept place_not_offered",
	"close done", "capacity done", "capacity capacity_too_small", "several done", "several not_all_bookable",
	"arrive done", "arrive check_in_other_day", "hand over done", "miss no_show_too_early",
	"apply done", "apply already_applied", "apply draw_not_found", "apply for done",
	"withdraw done", "withdraw application_ended", "withdraw for done",
	"announce done", "announce draw_source_late", "randomness done", "randomness draw_source_missing", "randomness draw_randomness_early",
	"drawn won", "drawn lost", "drawn booked",
}

// Whatever people, staff, servers and time do, in whatever order: every answer and every counter is as the rules say.
func TestAnythingInAnyOrder(t *testing.T) {
	db := modeltest.EmptyMariaDB(t)
	store, villages, seen := db.Found(t, modeltest.Now()), 0, map[string]int{}
	missing := toHappen
	for round := 0; round < 3 && len(missing) > 0; round++ { // a hundred villages; chance may want some more
		rapid.Check(t, func(rt *rapid.T) {
			villages++
			if villages%20 == 0 { // an audit reads everything there is
				db = modeltest.EmptyMariaDB(t)
				store = db.Found(t, modeltest.Now())
			}
			db.Exec(t, "UPDATE owed_work SET due_at = '2100-01-01'") // what the village before has left is sealed with keys of its own
			v := openVillage(t, store, seen)
			for range 3 { // one run is some thirty steps, of which many find nothing to do
				rt.Repeat(v.actions())
			}
		})
		missing = slices.DeleteFunc(slices.Clone(toHappen), func(what string) bool { return seen[what] > 0 })
	}
	if len(missing) > 0 {
		t.Errorf("in %d villages it never happened: %v", villages, missing)
	}
	t.Logf("%d villages: %v", villages, seen)
}
