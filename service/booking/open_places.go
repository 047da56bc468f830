package booking

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"jiamenkou/model"
)

// openPlacesAge is how old the number of open places in a list of sites may be. A slot's own page is always exact, and
// booking never looks at this number.
const openPlacesAge = 500 * time.Millisecond

// board keeps the last reading of open places for each question that is asked, so that however many people search, the
// database is asked a few times a second.
type board struct {
	mu       sync.Mutex
	readings map[question]reading
	asking   singleflight.Group
}

// question is which days and which service are looked at; an empty service means all.
type question struct {
	from, to model.Date
	service  string
}

// reading is the open places by site. It is never changed after it was made.
type reading struct {
	at   time.Time
	open map[string][]model.OpenPlaces
}

// fresh is false also for what was read in the future: the clock has been set back since.
func fresh(read, now time.Time, most time.Duration) bool {
	age := now.Sub(read)
	return age >= 0 && age < most
}

func (b *board) find(q question, now time.Time) (reading, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, known := b.readings[q]
	return r, known && fresh(r.at, now, openPlacesAge)
}

// put keeps a reading and forgets the old ones, so that unusual questions do not pile up.
func (b *board) put(q question, r reading) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for other, old := range b.readings {
		if r.at.Sub(old.at) >= openPlacesAge {
			delete(b.readings, other)
		}
	}
	if b.readings == nil {
		b.readings = map[question]reading{}
	}
	b.readings[q] = r
}

// openPlaces gives the places of all sites, by site: of the day, or of every day on offer when there is none.
func (s *Service) openPlaces(ctx context.Context, day model.Date, serviceID string) (map[string][]model.OpenPlaces, error) {
	q := question{day, day, serviceID}
	if day.IsZero() {
		q.from = s.today()
		q.to = q.from.AddDays(s.Limits.SlotsAhead)
	}
	if r, found := s.board.find(q, s.Now()); found {
		return r.open, nil
	}
	shared, err, _ := s.board.asking.Do(q.from.String()+q.to.String()+q.service, func() (any, error) {
		// Others wait for this answer too: it must not die with the one who asked first.
		return s.readOpenPlaces(context.WithoutCancel(ctx), q)
	})
	if err != nil {
		return nil, err
	}
	return shared.(reading).open, nil //nolint:forcetypeassert // the line above made it
}

// readingTime bounds a reading that nobody may cancel.
const readingTime = 5 * time.Second

func (s *Service) readOpenPlaces(ctx context.Context, q question) (reading, error) {
	ctx, cancel := context.WithTimeout(ctx, readingTime)
	defer cancel()
	now := s.Now()
	rows, err := s.Store.ListOpenPlaces(ctx, q.from, q.to, q.service, now)
	if err != nil {
		return reading{}, err
	}
	r := reading{at: now, open: map[string][]model.OpenPlaces{}}
	for _, row := range rows {
		r.open[row.SiteID] = append(r.open[row.SiteID], row)
	}
	s.board.put(q, r)
	return r, nil
}
