package booking

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"jiamenkou/model"
)

// rush answers the first question of everyone who wants the same slot: what is it like, and has this very request been
// answered before? Whoever comes while the database is being asked waits for the next asking, which begins after they
// came; so an answer is never older than its question. At a slot that turned the last crowd away, the next asking waits
// a moment for more people to come, and a few hundred reads a second serve any rush.
type rush struct {
	mu    sync.Mutex
	slots map[string]*asking // the next asking of each slot being asked about; nil while nobody waits for it
}

// asking is one look at a slot for all who wait for it.
type asking struct {
	requests []model.Request
	done     chan struct{}

	slot     model.Slot
	answered map[[2]string]bool
	err      error
}

// look asks about a slot together with everyone else who does at this moment.
func (s *Service) look(ctx context.Context, slotID string, r model.Request) (slot model.Slot, answered bool, err error) {
	a := s.join(ctx, slotID, r)
	select {
	case <-a.done:
		return a.slot, a.answered[[2]string{r.OwnerID, r.Key}], a.err
	case <-ctx.Done():
		return slot, false, model.ErrTooSlow.WithCause(ctx.Err())
	}
}

// join puts a request to the next asking. The first to come starts it.
func (s *Service) join(ctx context.Context, slotID string, r model.Request) *asking {
	s.rush.mu.Lock()
	defer s.rush.mu.Unlock()
	if s.rush.slots == nil {
		s.rush.slots = map[string]*asking{}
	}
	a, busy := s.rush.slots[slotID]
	if a == nil {
		a = &asking{done: make(chan struct{})}
		s.rush.slots[slotID] = a
	}
	a.requests = append(a.requests, r)
	if !busy {
		go s.serveCrowd(context.WithoutCancel(ctx), slotID)
	}
	return a
}

// crowdPause is how long people gather before a slot that turned the last ones away: about as long as a read, and far
// below what anyone notices.
const crowdPause = 250 * time.Microsecond

// serveCrowd asks as long as somebody waits.
func (s *Service) serveCrowd(ctx context.Context, slotID string) {
	for a := s.next(slotID); a != nil; a = s.next(slotID) {
		if s.ask(ctx, slotID, a) {
			time.Sleep(crowdPause)
		}
	}
}

// next takes the asking that people wait for; when nobody does, the slot is left.
func (s *Service) next(slotID string) *asking {
	s.rush.mu.Lock()
	defer s.rush.mu.Unlock()
	a := s.rush.slots[slotID]
	if a == nil {
		delete(s.rush.slots, slotID)
		return nil
	}
	s.rush.slots[slotID] = nil
	return a
}

// askTime bounds an asking, which no single request may cancel.
const askTime = 5 * time.Second

// ask looks at the slot for all who wait, and lets them go whatever happens.
func (s *Service) ask(ctx context.Context, slotID string, a *asking) (turnedAway bool) {
	defer close(a.done)
	defer func() {
		if caught := recover(); caught != nil { // no request's own recovery reaches this goroutine
			a.err = fmt.Errorf("panic while looking at a slot: %v", caught)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	return s.read(ctx, slotID, a)
}

// read looks at the slot first: whoever filled it with an earlier try of the same request is then found by the second
// read. A slot that all of them can book needs no second read, since booking itself finds an earlier answer.
func (s *Service) read(ctx context.Context, slotID string, a *asking) (turnedAway bool) {
	if a.slot, a.err = s.Store.FindSlot(ctx, slotID); a.err != nil {
		return false
	}
	refused := func(r model.Request) bool { return a.slot.Bookable(r.At) != nil }
	if !slices.ContainsFunc(a.requests, refused) {
		return false
	}
	a.answered, a.err = s.Store.ListAnswered(ctx, a.requests)
	return true
}
