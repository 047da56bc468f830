package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"jiamenkou/model"
)

// A release: so many people want so few places, all at the moment they open. Their requests come over the connections that
// a proxy in front keeps open, so a person also waits for those before him on his connection; that counts.
const (
	releasePeople      = 5000
	releaseSlots       = 10
	releasePlaces      = 20 // in each of them
	allPlaces          = releaseSlots * releasePlaces
	releaseConnections = 500
	releaseLead        = time.Second // from adding the slots to their opening
	mostTold           = 2000.0      // ms
)

// crowd is one release: everybody's choice, and what became of it.
type crowd struct {
	*district
	slots  []model.Slot
	asked  []int           // by person: requests sent, two at the most
	told   []time.Duration // by person: from the opening to the last answer
	each   [][]time.Duration
	booked []int // by connection

	statements float64 // for each request
}

// measureRelease opens the slots again and again, on other days each time, and after each time has the bare counterpart
// answer as many requests over as many connections.
func measureRelease(ctx context.Context, s *stage, e effort) (rows []row, err error) {
	d, err := s.settle(ctx, "opening", 9)
	if err != nil {
		return nil, err
	}
	if err := d.populate(ctx, releasePeople); err != nil {
		return nil, err
	}
	if err := d.open(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	if err := d.signIn(ctx, releasePeople); err != nil {
		return nil, err
	}
	bare, err := s.bare(ctx, fullAnswer())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()
	return d.releases(ctx, bare, e)
}

// fullAnswer has the size of a refusal.
func fullAnswer() []byte {
	return []byte(`{"type":"about:blank","title":"Conflict","status":409,"code":"slot_full","detail":"` + model.ErrSlotFull.Message + `","request_id":"` + numbered(0) + `"}`)
}

func (d *district) releases(ctx context.Context, bare *server, e effort) ([]row, error) {
	var ours, beside, ratios, half, each, statements []float64
	for n := range e.releases {
		c, err := d.gatherCrowd(ctx, n)
		if err != nil {
			return nil, err
		}
		told, err := c.release(ctx)
		if err != nil {
			return nil, err
		}
		half, each, statements = append(half, milliseconds(median(c.told))), append(each, percentile99(slices.Concat(c.each...))), append(statements, c.statements)
		bareTold, err := c.rush(ctx, bare, c.tryBare)
		if err != nil {
			return nil, err
		}
		ours, beside, ratios = append(ours, told), append(beside, bareTold), append(ratios, told/bareTold)
	}
	told := median(ours)
	return []row{{
		figure: "p99 of being told, 5,000 people, 200 places", measured: fmt.Sprintf("%.0f ms", told), beside: fmt.Sprintf("%.0f ms", median(beside)),
		ratio: fmt.Sprintf("%.2f", median(ratios)), goal: fmt.Sprintf("≤ %.0f ms", mostTold), reached: told <= mostTold,
		note: fmt.Sprintf("from the opening, over %d connections; 200 booked each time; the p99s %.0f ms; half are told in %.0f ms; p99 of one request %.0f ms; statements to MariaDB each request %.1f",
			releaseConnections, ours, median(half), median(each), median(statements)),
	}}, d.drifts(ctx)
}

// release is one: everybody is told, and the places are taken.
func (c *crowd) release(ctx context.Context) (told float64, err error) {
	counted := counted{db: c.db}
	before, err := counted.questions(ctx)
	if err != nil {
		return 0, err
	}
	if told, err = c.rush(ctx, c.server, c.try); err != nil {
		return 0, err
	}
	after, err := counted.questions(ctx)
	if err != nil {
		return 0, err
	}
	c.statements = float64(after-before-1) / float64(len(slices.Concat(c.each...)))
	return told, c.judge(ctx)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// gatherCrowd adds slots that open in a moment.
func (d *district) gatherCrowd(ctx context.Context, n int) (*crowd, error) {
	c := &crowd{
		district: d, asked: make([]int, releasePeople), told: make([]time.Duration, releasePeople),
		each: make([][]time.Duration, releaseConnections), booked: make([]int, releaseConnections),
	}
	opens := now().Add(releaseLead)
	for i := range releaseSlots {
		slot := d.slot(2+n*releaseSlots+i, releasePlaces)
		slot.ReleaseAt = opens
		c.slots = append(c.slots, slot)
	}
	return c, d.store.InTx(ctx, func(tx *model.Store) error { return tx.AddSlots(ctx, c.slots) })
}

// rush lets everybody ask when the slots open, or at once if they have, and gives the 99th percentile of being told in
// milliseconds.
func (c *crowd) rush(ctx context.Context, at *server, try func(w *wire, connection, person int) error) (float64, error) {
	all, err := at.wires(ctx, releaseConnections)
	if err != nil {
		return 0, err
	}
	defer all.close()
	time.Sleep(time.Until(c.slots[0].ReleaseAt))
	opened := time.Now()
	err = together(releaseConnections, func(connection int) error {
		for person := connection; person < releasePeople; person += releaseConnections {
			if err := errors.Join(ctx.Err(), try(all[connection], connection, person)); err != nil {
				return err
			}
			c.told[person] = time.Since(opened)
		}
		return nil
	})
	return percentile99(c.told), err
}

// try is one person: a slot of his choice and, when that is full, one other.
func (c *crowd) try(w *wire, connection, person int) error {
	first := rand.IntN(releaseSlots)                                                            //nolint:gosec // a choice, not a secret
	for i, slot := range []int{first, (first + 1 + rand.IntN(releaseSlots-1)) % releaseSlots} { //nolint:gosec // the same
		a := attempt{person*2 + i, c.families[person], c.slots[slot]}
		began := time.Now()
		status, body, err := w.ask(compose(http.MethodPost, "/api/v1/slots/"+a.slot.ID+"/bookings", a.family.token,
			fmt.Sprintf("release-%s-%d", a.slot.ID, i), `{"child_id":"`+a.family.child+`"}`))
		c.each[connection] = append(c.each[connection], time.Since(began))
		c.asked[person] = i + 1
		switch {
		case err != nil:
			return err
		case status == http.StatusCreated:
			c.booked[connection]++
			return nil
		case status != http.StatusConflict || !bytes.Contains(body, []byte(model.ErrSlotFull.Code)):
			return fmt.Errorf("somebody is told %d: %.300s", status, body)
		}
	}
	return nil
}

// tryBare sends as many requests for the person as before.
func (c *crowd) tryBare(w *wire, _, person int) error {
	for range c.asked[person] {
		if _, err := w.want(http.StatusOK, compose(http.MethodPost, "/answer", c.families[person].token, "release-"+numbered(0)+"-0", `{"child_id":"`+c.families[person].child+`"}`)); err != nil {
			return err
		}
	}
	return nil
}

// judge insists that every place is taken, by one person each, in the answers as in the database.
func (c *crowd) judge(ctx context.Context) error {
	answered, stored, counted := 0, 0, 0
	for _, n := range c.booked {
		answered += n
	}
	for _, slot := range c.slots {
		var bookings, places int
		err := c.db.QueryRowContext(ctx, `SELECT (SELECT COUNT(DISTINCT child_id) FROM bookings WHERE slot_id = s.id AND status = 'confirmed'), s.booked
			FROM slots AS s WHERE s.id = ?`, slot.ID).Scan(&bookings, &places)
		if err != nil {
			return err
		}
		stored, counted = stored+bookings, counted+places
	}
	if answered != allPlaces || stored != allPlaces || counted != allPlaces {
		return fmt.Errorf("%d are told that they have a place, %d have one, %d are counted; want %d", answered, stored, counted, allPlaces)
	}
	return nil
}
