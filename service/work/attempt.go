package work

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"jiamenkou/model"
)

// settleTime is how long it may take to write down what became of a piece.
const settleTime = 10 * time.Second

// do makes one attempt at a piece and writes down what became of it.
func (r *Runner) do(ctx context.Context, w model.Work) {
	whole := r.lease(w.Lane)
	left := w.TimeLeft(r.Now())
	if ctx.Err() != nil || left < whole/2 { // it has waited too long for its turn: another lease gives it its time
		r.giveBack(ctx, w)
		return
	}
	if w.WornOut(r.Limits.Attempts) { // servers were lost over it, one after the other
		r.fail(ctx, w, errNeverEnded)
		r.Meter.Attempted(w.Kind, Failed, 0)
		return
	}
	begun := r.Now()
	within, cancel := context.WithTimeout(ctx, left-whole/5) // the rest is for writing down what became of it
	err := r.attempt(within, w)
	cancel()
	r.Meter.Attempted(w.Kind, r.settle(ctx, w, err), r.Now().Sub(begun))
}

var (
	errNeverEnded = errors.New("no attempt ever ended: servers stopped, or lost their leases, while doing it")
	errPanic      = errors.New("panic")
)

// attempt runs the handler; a panic is a failed attempt, and its stack is in the log.
func (r *Runner) attempt(ctx context.Context, w model.Work) (err error) {
	defer func() {
		if caught := recover(); caught != nil {
			r.Log.ErrorContext(ctx, "panic", "work", w.Kind, "id", w.ID, "panic", caught, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", errPanic, caught)
		}
	}()
	return r.Handlers[w.Kind](ctx, w)
}

// settle writes down what became of an attempt.
func (r *Runner) settle(ctx context.Context, w model.Work, err error) Outcome {
	switch {
	case err == nil:
		return r.finish(ctx, w)
	case errors.Is(err, model.ErrLeaseLost): // its transaction is void, and whoever has the lease does it
		r.Log.WarnContext(ctx, "work was taken over", "work", w.Kind, "id", w.ID)
		return Lost
	case ctx.Err() != nil: // cut off by a stop, which is not the work's fault
		r.giveBack(ctx, w)
		return GivenBack
	}
	r.fail(ctx, w, err)
	return Failed
}

// finish ends a piece whose handler has not done so itself. Where the handler has, or has postponed it, there is nothing
// left to end; that another server has it is worth knowing, since then it is done twice.
func (r *Runner) finish(ctx context.Context, w model.Work) Outcome {
	ctx, cancel := settling(ctx)
	defer cancel()
	err := r.Store.InTx(ctx, func(tx *model.Store) error { return tx.FinishWork(ctx, w, r.Now()) })
	if !errors.Is(err, model.ErrLeaseLost) {
		r.note(ctx, w, "work was done and not noted", err)
		return Done
	}
	taken, err := r.Store.WorkTakenOver(ctx, w)
	r.note(ctx, w, "nobody knows whether work was taken over", err)
	if taken {
		r.Log.WarnContext(ctx, "work was taken over before it was done", "work", w.Kind, "id", w.ID)
		return Lost
	}
	return Done
}

// fail gives a piece back until its next attempt, or for good.
func (r *Runner) fail(ctx context.Context, w model.Work, cause error) {
	now, failed := r.Now(), w.Attempts+1
	status, wait := model.WorkOwed, r.Limits.Backoff.Wait(w, failed)
	if (model.Work{EverySeconds: w.EverySeconds, Attempts: failed}).WornOut(r.Limits.Attempts) {
		status = model.WorkDead
	}
	due := now.Add(wait/2 + jitter(wait/2))
	level := slog.LevelWarn // it is tried again
	if status == model.WorkDead || w.EverySeconds > 0 {
		level = slog.LevelError
	}
	r.Log.Log(ctx, level, "work failed", "work", w.Kind, "id", w.ID, "attempt", failed, "becomes", status, "cause", cause)
	ctx, cancel := settling(ctx)
	defer cancel()
	err := r.Store.InTx(ctx, func(tx *model.Store) error {
		if err := tx.FailWork(ctx, w, status, due, cause.Error(), now); err != nil || status != model.WorkDead {
			return err
		}
		return tx.AddEvents(ctx, model.Event{
			Subject: "work", SubjectID: w.ID, FromState: string(model.WorkOwed), ToState: string(model.WorkDead),
			Actor: model.ActorSystem, Reason: string(w.Kind), CreatedAt: now,
		})
	})
	r.note(ctx, w, "failed work was not given back", err)
}

// giveBack returns pieces that have not been done, for whoever looks next.
func (r *Runner) giveBack(ctx context.Context, pieces ...model.Work) {
	ctx, cancel := settling(ctx)
	defer cancel()
	for _, w := range pieces {
		err := r.Store.InTx(ctx, func(tx *model.Store) error { return tx.PostponeWork(ctx, w, w.DueAt, r.Now()) })
		r.note(ctx, w, "work was not given back", err)
	}
}

// note logs what could not be written down. The lease runs out by itself, and nothing is lost.
func (r *Runner) note(ctx context.Context, w model.Work, what string, err error) {
	if err != nil && !errors.Is(err, model.ErrLeaseLost) {
		r.Log.ErrorContext(ctx, what, "work", w.Kind, "id", w.ID, "cause", err)
	}
}

// settling lets what is over be written down although the time to do it is over too.
func settling(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), settleTime)
}
