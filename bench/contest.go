package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// workers is how many ask at once.
const workers = 16

// side is one of the two in a contest: what it does once, and what it costs.
type side struct {
	do  func(ctx context.Context, worker int) error
	cpu func() time.Duration // of its server; nil when it has none
}

// result of a contest: medians, and the median of the rounds' ratios.
type result struct {
	ours, beside, ratio        float64
	spread                     [2]float64 // the lowest and the highest ratio
	oursCPU, besideCPU         time.Duration
	oursQueries, besideQueries float64
}

func (r result) note() string {
	text := fmt.Sprintf("ratios %.2f to %.2f", r.spread[0], r.spread[1])
	if r.oursCPU > 0 {
		text += fmt.Sprintf("; processor time of the server each time: ours %d µs", r.oursCPU.Microseconds())
	}
	if r.besideCPU > 0 {
		text += fmt.Sprintf(", beside %d µs", r.besideCPU.Microseconds())
	}
	if r.oursQueries > 0 {
		text += fmt.Sprintf("; statements to MariaDB each time: ours %.1f, beside %.1f", r.oursQueries, r.besideQueries)
	}
	return text
}

// contend lets both sides work in turn, after a round that does not count; which of them begins alternates.
func contend(ctx context.Context, e effort, ours, beside side) (result, error) {
	var a, b []turn
	for round := range e.rounds + 1 {
		one, other, err := inTurn(ctx, e.length, ours, beside, round%2 == 1)
		if err != nil {
			return result{}, err
		}
		if round > 0 {
			a, b = append(a, one), append(b, other)
		}
	}
	return judged(a, b), nil
}

func inTurn(ctx context.Context, length time.Duration, ours, beside side, swapped bool) (one, other turn, err error) {
	if swapped {
		other, err = beside.work(ctx, length)
		if err != nil {
			return one, other, err
		}
		one, err = ours.work(ctx, length)
		return one, other, err
	}
	if one, err = ours.work(ctx, length); err != nil {
		return one, other, err
	}
	other, err = beside.work(ctx, length)
	return one, other, err
}

// turn is what a side did in its time.
type turn struct {
	rate float64       // a second
	cpu  time.Duration // each
}

func judged(a, b []turn) result {
	var ours, beside, ratios []float64
	var cpuA, cpuB []time.Duration
	for i := range a {
		ours, beside, ratios = append(ours, a[i].rate), append(beside, b[i].rate), append(ratios, a[i].rate/b[i].rate)
		cpuA, cpuB = append(cpuA, a[i].cpu), append(cpuB, b[i].cpu)
	}
	return result{
		ours: median(ours), beside: median(beside), ratio: median(ratios), spread: [2]float64{slices.Min(ratios), slices.Max(ratios)},
		oursCPU: median(cpuA), besideCPU: median(cpuB),
	}
}

// work repeats what the side does, by all workers at once, for the time.
func (s side) work(ctx context.Context, length time.Duration) (turn, error) {
	before, began := s.used(), time.Now()
	deadline := began.Add(length)
	var done atomic.Int64
	err := together(workers, func(worker int) error {
		for time.Now().Before(deadline) {
			if err := errors.Join(ctx.Err(), s.do(ctx, worker)); err != nil {
				return err
			}
			done.Add(1)
		}
		return nil
	})
	took, n := time.Since(began), done.Load()
	if err != nil || n == 0 {
		return turn{}, errors.Join(err, ctx.Err())
	}
	return turn{float64(n) / took.Seconds(), (s.used() - before) / time.Duration(n)}, nil
}

func (s side) used() time.Duration {
	if s.cpu == nil {
		return 0
	}
	return s.cpu()
}

// together runs n workers and waits for all.
func together(n int, work func(worker int) error) error {
	var all sync.WaitGroup
	errs := make([]error, n)
	for worker := range n {
		all.Go(func() { errs[worker] = work(worker) })
	}
	all.Wait()
	for _, err := range errs { // one tells enough: the others fail for the same reason
		if err != nil {
			return err
		}
	}
	return nil
}

func median[T int | float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}
