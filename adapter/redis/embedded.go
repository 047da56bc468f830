package redis

import (
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// tick is how late an embedded key may expire. Miniredis's own clock would look at every key in every command.
const tick = 200 * time.Millisecond

// embedded is a Redis inside this process. It listens on the loopback, behind a password nobody else knows.
type embedded struct {
	server   *miniredis.Miniredis
	password string
	ended    chan struct{}
	ticking  sync.WaitGroup
}

func startEmbedded() (*embedded, error) {
	e := &embedded{server: miniredis.NewMiniRedis(), password: rand.Text(), ended: make(chan struct{})}
	e.server.RequireAuth(e.password)
	if err := e.server.Start(); err != nil {
		return nil, fmt.Errorf("redis: embedded: %w", err)
	}
	e.ticking.Go(e.keepTime)
	return e, nil
}

func (e *embedded) addr() string { return e.server.Addr() }

func (e *embedded) stop() {
	close(e.ended)
	e.ticking.Wait()
	e.server.Close()
}

// keepTime advances by the time that really passed, not by the tick: a busy machine ticks late.
func (e *embedded) keepTime() {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-e.ended:
			return
		case now := <-ticker.C:
			e.server.FastForward(now.Sub(last))
			last = now
		}
	}
}
