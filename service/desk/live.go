package desk

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"jiamenkou/model"
)

// Live tells whoever listens when anything of a site's day has changed. However many listen to a site, one reader asks the
// database, and only while somebody listens. Its exported fields need filling in.
type Live struct {
	Store *model.Store
	Now   func() time.Time
	Zone  *time.Location
	Log   *slog.Logger
	Every time.Duration // between two looks at the database
	Beat  time.Duration // of a stream on which nothing happens; sessions are looked at again as often

	mu      sync.Mutex
	sites   map[string]*watched
	closed  bool
	readers sync.WaitGroup
}

// watched is a site that somebody listens to.
type watched struct {
	listeners map[chan string]bool
	revision  string // "" until the first look
	stop      context.CancelFunc
}

// Watch gives the revisions of a site's day: the one that holds, and each that takes its place, of which a slow listener
// is told the last. The channel closes when ctx ends, or the house does.
func (s *Service) Watch(ctx context.Context, by model.OnDuty, siteID string) (<-chan string, error) {
	if err := s.CheckSite(ctx, by, siteID); err != nil {
		return nil, err
	}
	return s.Live.listen(ctx, siteID), nil
}

// CheckSite gives model.ErrSiteNotFound for a site outside the scope.
func (s *Service) CheckSite(ctx context.Context, by model.OnDuty, siteID string) error {
	return covered(ctx, s.Store, by, siteID, model.ErrSiteNotFound)
}

func (l *Live) listen(ctx context.Context, siteID string) <-chan string {
	l.mu.Lock()
	defer l.mu.Unlock()
	listener := make(chan string, 1)
	if l.closed {
		close(listener)
		return listener
	}
	site := l.watch(context.WithoutCancel(ctx), siteID) // it outlives whoever came first
	site.listeners[listener] = true
	if site.revision != "" {
		listener <- site.revision
	}
	context.AfterFunc(ctx, func() { l.leave(siteID, listener) })
	return listener
}

// watch gives the site's reader, a new one when nobody has listened so far.
func (l *Live) watch(ctx context.Context, siteID string) *watched {
	if site := l.sites[siteID]; site != nil {
		return site
	}
	if l.sites == nil {
		l.sites = map[string]*watched{}
	}
	ctx, stop := context.WithCancel(ctx)
	site := &watched{listeners: map[chan string]bool{}, stop: stop}
	l.sites[siteID] = site
	l.readers.Add(1)
	go l.read(ctx, siteID, site)
	return site
}

// leave ends a listener's channel, and with the last one the reader.
func (l *Live) leave(siteID string, listener chan string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	site := l.sites[siteID]
	if site == nil || !site.listeners[listener] {
		return
	}
	delete(site.listeners, listener)
	close(listener)
	if len(site.listeners) == 0 {
		l.end(siteID, site)
	}
}

func (l *Live) end(siteID string, site *watched) {
	site.stop()
	delete(l.sites, siteID)
}

// Close ends all channels and waits for the readers. Whoever listens afterwards is told at once that it is over.
func (l *Live) Close() {
	l.mu.Lock()
	l.closed = true
	for id, site := range l.sites {
		for listener := range site.listeners {
			delete(site.listeners, listener)
			close(listener)
		}
		l.end(id, site)
	}
	l.mu.Unlock()
	l.readers.Wait()
}

// read looks at the site's day until it is stopped.
func (l *Live) read(ctx context.Context, siteID string, site *watched) {
	defer l.readers.Done()
	ticker := time.NewTicker(l.Every)
	defer ticker.Stop()
	for {
		l.look(ctx, siteID, site)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// look tells the listeners when the day's revision is another one than at the last look. A database that does not answer
// is asked again.
func (l *Live) look(ctx context.Context, siteID string, site *watched) {
	patient, cancel := context.WithTimeout(ctx, l.Beat)
	defer cancel()
	revision, err := l.Store.FindDayRevision(patient, siteID, model.DateOf(l.Now().In(l.Zone)))
	if err != nil {
		if ctx.Err() == nil {
			l.Log.WarnContext(ctx, "a site's day could not be read for its listeners", "cause", err)
		}
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if revision == site.revision {
		return
	}
	site.revision = revision
	for listener := range site.listeners {
		select {
		case <-listener: // what it has not read yet is out of date
		default:
		}
		listener <- revision
	}
}
