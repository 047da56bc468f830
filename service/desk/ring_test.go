package desk_test

import (
	"testing"
	"time"

	"jiamenkou/model"
)

// Of the places that are held, those of families without WeChat are listed for a call; the number is opened for one that can
// still be taken, at the site itself, and each time it is written.
func TestFamiliesToRing(t *testing.T) {
	onBoth(t, func(d *door) {
		met, err := d.account.RegisterByStaff(ctx, d.keeper, "13900000058")
		d.must(err)
		for _, document := range d.documents() {
			d.must(d.account.AgreeOnPaper(ctx, d.keeper, met.ID, document))
		}
		child := d.w.AddChild(met.ID, 18)
		other, sibling := d.w.Family()
		slot := d.w.AddSlot(2, 2)
		var held []model.Booking
		for range 2 {
			resident, kid := d.w.Family()
			b, err := d.booking.Book(ctx, resident, d.key(), wish(slot.ID, kid))
			d.must(err)
			held = append(held, b)
		}
		ring, err := d.booking.WaitFor(ctx, d.keeper, d.key(), met.ID, wish(slot.ID, child), "")
		d.must(err)
		seen, err := d.booking.Wait(ctx, other, d.key(), wish(slot.ID, sibling))
		d.must(err)
		stranger := d.keeperElsewhere()
		open := func(by model.OnDuty, id string, want error) {
			d.t.Helper()
			called, err := d.OpenHeld(ctx, by, id)
			d.want(err, want)
			if want == nil && (called.Phone != "13900000058" || called.Child == "" || called.Child == "示*") {
				d.t.Errorf("opened %+v", called)
			}
		}
		listed := func(want ...string) {
			d.t.Helper()
			list, err := d.HeldToRing(ctx, d.keeper, d.w.Site.ID)
			d.must(err)
			if len(list) != len(want) {
				d.t.Fatalf("listed %+v, want %v", list, want)
			}
			for i, h := range list {
				if h.ID != want[i] || h.ChildName != "示*" || h.PhoneTail != "0058" || h.Slot.ID != slot.ID || h.Service.Name == "" {
					d.t.Errorf("listed %+v", h)
				}
			}
		}
		listed()
		open(d.keeper, ring.ID, model.ErrNotOffered)
		for _, b := range held {
			_, err := d.booking.Cancel(ctx, b.ResidentID, d.key(), b.ID, "")
			d.must(err)
		}
		d.promote(slot.ID)
		listed(ring.ID)
		open(d.keeper, ring.ID, nil)
		open(d.keeper, seen.ID, model.ErrWaitingNotFound) // WeChat tells them
		open(d.keeper, "none", model.ErrWaitingNotFound)
		open(stranger, ring.ID, model.ErrWaitingNotFound)
		_, err = d.HeldToRing(ctx, stranger, d.w.Site.ID)
		d.want(err, model.ErrSiteNotFound)
		if accesses, err := d.Store.ListAccesses(ctx, ring.ID); err != nil || len(accesses) != 1 || accesses[0].Reason != "contact_guardian" {
			d.t.Errorf("written: %+v, %v", accesses, err)
		}

		d.clock.set(d.clock.now().Add(24 * time.Hour))
		listed()
		open(d.keeper, ring.ID, model.ErrOfferExpired)
		d.clock.set(d.clock.now().Add(-24 * time.Hour))
		_, err = d.booking.LeaveLineFor(ctx, d.keeper, d.key(), ring.ID)
		d.must(err)
		listed()
		open(d.keeper, ring.ID, model.ErrWaitingEnded)
		d.w.Sound()
	})
}

func (d *door) documents() (ids []string) {
	d.t.Helper()
	list, err := d.Store.ListCurrentDocuments(ctx, d.clock.now())
	d.must(err)
	for _, one := range list {
		ids = append(ids, one.ID)
	}
	return ids
}

func (d *door) keeperElsewhere() model.OnDuty {
	site, _ := d.w.AddSite("310104013", "示例别处", model.Point{Latitude: 31.13, Longitude: 121.42})
	return d.keeperOf(site.ID)
}

// promote does what is owed when places become free at a slot.
func (d *door) promote(slot string) {
	d.t.Helper()
	for range 2 { // each place that came back owes it
		taken, err := d.Store.LeaseWork(ctx, model.LaneHouse, d.clock.now(), time.Minute, 100)
		d.must(err)
		for _, w := range taken {
			if w.Kind == model.WorkPromote && w.SubjectID == slot {
				d.must(d.booking.Promote(ctx, w))
			}
		}
	}
}
