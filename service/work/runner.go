// Package work does what is owed apart from requests: taken by lease, on as many servers as like to, and seen by staff
// when it cannot be done.
package work

import (
	"context"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"jiamenkou/model"
)

// Handler does one piece of work; an error is an attempt that failed. It may be killed at any moment and begun again by
// another server, so what it changes it changes in one transaction that begins with HoldWork and ends with FinishWork,
// or in a way that bears repeating. Its ctx ends before its lease does.
type Handler func(ctx context.Context, w model.Work) error

// Runner does the work that there are handlers for, lane by lane. Work of other kinds, owed by a newer release, is left
// to the servers that know it. It needs all its fields filled in.
type Runner struct {
	Store    *model.Store
	Handlers map[model.WorkKind]Handler
	Now      func() time.Time // UTC, whole milliseconds
	Log      *slog.Logger
	Meter    Meter
	Limits   Limits
}

// Limits are the numbers of the runner.
type Limits struct {
	Poll       time.Duration // between looks for due work when there was none
	Lease      time.Duration // how long a server may have a piece
	NightLease time.Duration // the same of what reads through everything
	Batch      int           // pieces leased at once
	Workers    int           // pieces of a lane being done at once
	Attempts   int           // after which work owed once is a dead letter
	Backoff    model.Backoff
	Grace      time.Duration // what is being done at a stop may take as long
}

// Meter counts what the runner does.
type Meter interface {
	Attempted(kind model.WorkKind, outcome Outcome, took time.Duration)
}

// Outcome is what became of an attempt.
type Outcome string

const (
	Done      Outcome = "done"
	Failed    Outcome = "failed"
	Lost      Outcome = "lost"       // another server has taken it over
	GivenBack Outcome = "given_back" // this server stops
)

// Outcomes are all outcomes.
var Outcomes = []Outcome{Done, Failed, Lost, GivenBack}

// Run works until ctx ends. Then nothing more is begun: what is being done has the time of grace to end, what was leased
// and not begun is given back, and Run returns when all of it is over.
func (r *Runner) Run(ctx context.Context) {
	doing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(r.Limits.Grace, cancel) })()
	var lanes sync.WaitGroup
	for lane, kinds := range r.lanes() {
		lanes.Go(func() { r.runLane(ctx, doing, lane, kinds) })
	}
	lanes.Wait()
}

// lanes are the lanes that this server works in, each with the kinds it knows.
func (r *Runner) lanes() map[model.Lane][]model.WorkKind {
	lanes := map[model.Lane][]model.WorkKind{}
	for _, kind := range slices.Sorted(maps.Keys(r.Handlers)) {
		lanes[model.LaneOf(kind)] = append(lanes[model.LaneOf(kind)], kind)
	}
	return lanes
}

// runLane leases and hands to the workers. It holds no more than a batch besides what is being done, however much is owed.
func (r *Runner) runLane(ctx, doing context.Context, lane model.Lane, kinds []model.WorkKind) {
	queue := make(chan model.Work)
	var workers sync.WaitGroup
	for range r.Limits.Workers {
		workers.Go(func() {
			for w := range queue {
				r.do(doing, w)
			}
		})
	}
	for ctx.Err() == nil {
		if r.round(ctx, doing, queue, lane, kinds) == 0 {
			r.rest(ctx)
		}
	}
	close(queue)
	workers.Wait()
}

// round leases a batch, sees it into the workers' hands, and says how many pieces there were.
func (r *Runner) round(ctx, doing context.Context, queue chan<- model.Work, lane model.Lane, kinds []model.WorkKind) int {
	batch, err := r.Store.LeaseWork(ctx, lane, r.Now(), r.lease(lane), r.Limits.Batch, kinds...)
	if err != nil {
		if ctx.Err() == nil {
			r.Log.ErrorContext(ctx, "no work could be leased", "lane", lane, "cause", err)
		}
		return 0
	}
	for i, w := range batch {
		select {
		case queue <- w:
		case <-ctx.Done():
			r.giveBack(doing, batch[i:]...)
			return 0
		}
	}
	return len(batch)
}

func (r *Runner) lease(lane model.Lane) time.Duration {
	if lane == model.LaneNight {
		return r.Limits.NightLease
	}
	return r.Limits.Lease
}

// rest waits for about a poll; servers that started together do not look together for ever.
func (r *Runner) rest(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(r.Limits.Poll/2 + jitter(r.Limits.Poll)):
	}
}

func jitter(most time.Duration) time.Duration {
	return rand.N(max(1, most)) //nolint:gosec // jitter, not a secret
}
