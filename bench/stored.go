package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"jiamenkou/model"
)

const (
	smallStored = 1000 // bookings
	askers      = 2    // at once, so that little is waited for but the answer
	daysBooked  = 12   // a family has twelve free sessions a year
	mostSlower  = 1.5
)

// inquiry is one thing to ask either district for.
type inquiry struct {
	name    string
	status  int
	request func(d *district, n int) []byte
}

// inquiries are every list, and a booking.
func inquiries() []inquiry {
	mine := func(name, path string) inquiry {
		return inquiry{name, http.StatusOK, func(d *district, n int) []byte {
			return compose(http.MethodGet, "/api/v1/"+path, d.families[n%guests].token, "", "")
		}}
	}
	return []inquiry{
		mine("bookings", "bookings"), mine("live bookings", "bookings?live=true"), mine("bookings, an older page", "bookings?after="+numbered(1<<40)),
		{"a child's bookings", http.StatusOK, childsBookings},
		mine("notices", "notices"), mine("children", "children"), mine("sessions", "sessions"), mine("consents", "consents"),
		mine("documents", "documents"), mine("subdistricts", "subdistricts"), mine("services", "services"),
		{"sites", http.StatusOK, (*district).nearest},
		mine("slots of a site", "sites/"+numbered(0)+"/slots"),
		{"booking", http.StatusCreated, (*district).dailyBooking},
	}
}

func childsBookings(d *district, n int) []byte {
	f := d.families[n%guests]
	return compose(http.MethodGet, "/api/v1/bookings?child="+f.child, f.token, "", "")
}

// dailyBooking books one family after the other, the next day when all have.
func (d *district) dailyBooking(n int) []byte {
	f := d.families[n%guests]
	return attempt{n, f, d.mornings[n/guests][n%len(d.sites)]}.request()
}

// measureStored asks a small and a large district the same, turn by turn, and compares the slowest hundredth.
func measureStored(ctx context.Context, s *stage, e effort) (rows []row, err error) {
	small, err := s.remembering(ctx, "small", smallStored)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, small.stop()) }()
	large, err := s.remembering(ctx, "large", e.stored)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, large.stop()) }()
	for _, q := range inquiries() {
		r, err := q.slowest(ctx, e, large, small)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", q.name, err)
		}
		rows = append(rows, atMost(fmt.Sprintf("p99 of %s, %s bookings stored", q.name, thousands(e.stored)), r, mostSlower))
	}
	of, err := large.overview(ctx, e.stored)
	if err != nil {
		return nil, err
	}
	return append(rows, of...), small.drifts(ctx) // Audit reads every row, and of a million that takes minutes
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// remembering is a district with so many past bookings and a tenth as many families.
func (s *stage) remembering(ctx context.Context, name string, bookings int) (*district, error) {
	d, err := s.settle(ctx, name, 9)
	if err != nil {
		return nil, err
	}
	if err := d.populate(ctx, bookings/pastEach); err != nil {
		return nil, err
	}
	if err := d.remember(ctx); err != nil {
		return nil, err
	}
	if err := d.open(ctx); err != nil {
		return nil, err
	}
	if err := d.signIn(ctx, guests); err != nil {
		return nil, err
	}
	return d, d.findMornings(ctx)
}

// findMornings looks up what can be booked, by day and site: from tomorrow, since today's may have begun.
func (d *district) findMornings(ctx context.Context) error {
	for ahead := 1; ahead <= daysBooked; ahead++ {
		var mornings []model.Slot
		for _, site := range d.sites {
			slots, err := d.store.ListSlots(ctx, site.ID, d.day(ahead), d.day(ahead))
			if err != nil {
				return err
			}
			mornings = append(mornings, slots[0])
		}
		d.mornings = append(d.mornings, mornings)
	}
	return nil
}

// slowest takes turns between the districts and gives the medians of the rounds' 99th percentiles.
func (q inquiry) slowest(ctx context.Context, e effort, large, small *district) (result, error) {
	var ours, beside, ratios []float64
	each := min(e.samples, guests*daysBooked/(e.rounds+1)) // no more than can be booked
	for round := range e.rounds + 1 {
		a, b, err := q.race(ctx, round*each, each, large, small)
		if err != nil {
			return result{}, err
		}
		if round > 0 { // the first warms up
			ours, beside, ratios = append(ours, a), append(beside, b), append(ratios, a/b)
		}
	}
	return result{ours: median(ours), beside: median(beside), ratio: median(ratios)}, nil
}

// race asks both for the same, one right after the other, so that whatever else the machine does meets both alike.
func (q inquiry) race(ctx context.Context, from, n int, large, small *district) (a, b float64, err error) {
	ofLarge, ofSmall := make([]time.Duration, n), make([]time.Duration, n)
	err = together(askers, func(worker int) error {
		l, err := dial(ctx, large.addr)
		if err != nil {
			return err
		}
		defer func() { _ = l.conn.Close() }()
		s, err := dial(ctx, small.addr)
		if err != nil {
			return err
		}
		defer func() { _ = s.conn.Close() }()
		for i := worker; i < n && err == nil; i += askers {
			ofLarge[i], err = q.timed(ctx, l, large, from+i)
			if err == nil {
				ofSmall[i], err = q.timed(ctx, s, small, from+i)
			}
		}
		return err
	})
	return percentile99(ofLarge), percentile99(ofSmall), err
}

func (q inquiry) timed(ctx context.Context, w *wire, d *district, n int) (time.Duration, error) {
	request, began := q.request(d, n), time.Now()
	_, err := w.want(q.status, request)
	return time.Since(began), errors.Join(err, ctx.Err())
}

// percentile99 is in milliseconds, by nearest rank.
func percentile99(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[(len(times)*99+99)/100-1]) / float64(time.Millisecond)
}
