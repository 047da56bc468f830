package booking

import (
	"context"
	"sync"

	"jiamenkou/model"
)

// turnsAtOnce is how many people of one server book in the same slot at a time. Their transactions wait for each other at
// the slot's row; a few more are enough to have the next one ready there. Measured in ADR 0013.
const turnsAtOnce = 4

// turns lets few people at a time book in the same slot. In a rush hundreds find a place free at the same moment, and all
// but a few would go through a whole transaction to be told that it is taken. Whoever has waited for a turn looks at the
// slot again first, and when it is full by then, everybody who waits looks again at once. Nothing rests on turns: the
// database decides, and other servers have turns of their own.
type turns struct {
	mu    sync.Mutex
	slots map[string]*line // of the slots where somebody books or waits
}

// line is those who book in a slot or wait for it.
type line struct {
	turns  chan struct{} // holds one for each who books
	again  chan struct{} // closed when everybody who waits is to look again
	people int
}

// approach looks at the slot for a request. When it has a place free, the request waits for its turn, which leave ends;
// leave is to be called in any case. Otherwise the reason is given, or that the request has been answered before.
func (s *Service) approach(ctx context.Context, slotID string, r model.Request) (slot model.Slot, answered bool, leave func(), err error) {
	leave = func() {}
	slot, answered, err = s.lookToBook(ctx, slotID, r)
	if answered || err != nil {
		return slot, answered, leave, err
	}
	l := s.turns.join(slotID)
	var mine, atOnce bool
	leave = func() { s.turns.part(slotID, l, mine) }
	for {
		if mine, atOnce, err = s.turns.take(ctx, l); err != nil || atOnce {
			return slot, false, leave, err
		}
		if slot, answered, err = s.lookToBook(ctx, slotID, r); err != nil && mine {
			s.turns.callAll(l)
		}
		if mine || answered || err != nil {
			return slot, answered, leave, err
		}
	}
}

// lookToBook is look, and why no place can be taken.
func (s *Service) lookToBook(ctx context.Context, slotID string, r model.Request) (slot model.Slot, answered bool, err error) {
	if slot, answered, err = s.look(ctx, slotID, r); err == nil && !answered {
		err = slot.Bookable(r.At) // look has asked for an earlier answer already
	}
	return slot, answered, err
}

func (t *turns) join(slotID string) *line {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.slots == nil {
		t.slots = map[string]*line{}
	}
	l := t.slots[slotID]
	if l == nil {
		l = &line{turns: make(chan struct{}, turnsAtOnce), again: make(chan struct{})}
		t.slots[slotID] = l
	}
	l.people++
	return l
}

// part leaves the line, with a turn or without. The last to leave takes the line away.
func (t *turns) part(slotID string, l *line, withTurn bool) {
	if withTurn {
		<-l.turns
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.people--; l.people == 0 {
		delete(t.slots, slotID)
	}
}

// take waits for a turn, in the order of coming, or until everybody is called to look again. A turn that was free at once
// needs no second look.
func (t *turns) take(ctx context.Context, l *line) (mine, atOnce bool, err error) {
	select {
	case l.turns <- struct{}{}:
		return true, true, nil
	default:
	}
	select {
	case l.turns <- struct{}{}:
		return true, false, nil
	case <-t.nextCall(l):
		return false, false, nil
	case <-ctx.Done():
		return false, false, model.ErrTooSlow.WithCause(ctx.Err())
	}
}

func (t *turns) nextCall(l *line) <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	return l.again
}

func (t *turns) callAll(l *line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(l.again)
	l.again = make(chan struct{})
}
