package router

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// watched is a watch over one dependency, which counts how often it is asked.
type watched struct {
	watch
	now    time.Time
	asked  atomic.Int32
	answer func(ctx context.Context) error
}

func newWatched() *watched {
	w := &watched{now: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), answer: func(context.Context) error { return nil }}
	w.a = &API{
		Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler), RequestTimeout: time.Second,
		Ready: func(ctx context.Context) map[string]error {
			w.asked.Add(1)
			return map[string]error{"database": w.answer(ctx)}
		},
	}
	return w
}

func (w *watched) ask(ctx context.Context) int {
	answer := httptest.NewRecorder()
	engine := bareEngine()
	engine.GET("/readyz", w.readiness)
	engine.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, http.MethodGet, "/readyz", nil))
	return answer.Code
}

func (w *watched) want(t *testing.T, status int, asked int32) {
	t.Helper()
	if got := w.ask(t.Context()); got != status || w.asked.Load() != asked {
		t.Errorf("answered %d after %d questions, want %d after %d", got, w.asked.Load(), status, asked)
	}
}

func TestReadinessIsLookedAtTwiceASecond(t *testing.T) {
	w := newWatched()
	w.want(t, http.StatusOK, 1)
	w.answer = func(context.Context) error { return errors.New("gone") }
	w.now = w.now.Add(lookAge - time.Millisecond)
	w.want(t, http.StatusOK, 1)
	w.now = w.now.Add(time.Millisecond)
	w.want(t, http.StatusServiceUnavailable, 2)
	w.answer = func(context.Context) error { return nil }
	w.now = w.now.Add(lookAge)
	w.want(t, http.StatusOK, 3)
	w.now = w.now.Add(-time.Hour)
	w.want(t, http.StatusOK, 4)
}

// Whoever asks at the same moment shares one question, which the first to ask does not take away by leaving.
func TestReadinessIsAskedOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatched()
		w.answer = func(ctx context.Context) error { time.Sleep(100 * time.Millisecond); return ctx.Err() }
		gone, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for _, ctx := range []context.Context{gone, t.Context(), t.Context()} {
			all.Go(func() {
				if got := w.ask(ctx); got != http.StatusOK {
					t.Errorf("answered %d", got)
				}
			})
			synctest.Wait()
		}
		leave()
		all.Wait()
		w.want(t, http.StatusOK, 1)
	})
}
