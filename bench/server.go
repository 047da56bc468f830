package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"time"

	"github.com/gin-gonic/gin"
	goredis "github.com/redis/go-redis/v9"
)

// server is a running HTTP server in a process of its own.
type server struct {
	*process
	addr  string // host:port
	ready time.Duration
}

// serve starts the real program on a migrated database, in production mode with some settings besides, and waits until it
// is ready.
func (s *stage) serve(ctx context.Context, database string, settings ...string) (*server, error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	metrics, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(s.program, "serve") //nolint:gosec,noctx // our own program; it ends by its id
	cmd.Env = append(s.environment(database), "JMK_HTTP_ADDR="+addr, "JMK_HTTP_METRICS_ADDR="+metrics)
	cmd.Env = append(cmd.Env, settings...)
	return s.start(ctx, cmd, addr, "/readyz")
}

// start runs a server and notes how long it takes from the start of the process to the first good answer.
func (s *stage) start(ctx context.Context, cmd *exec.Cmd, addr, probe string) (*server, error) {
	began := time.Now()
	p, err := launch(cmd, s.path("server-"+addr+".log"))
	if err != nil {
		return nil, err
	}
	err = p.await(ctx, func() error { return probed(ctx, "http://"+addr+probe) })
	if err != nil {
		_ = p.stop()
		return nil, err
	}
	return &server{p, addr, time.Since(began)}, nil
}

func probed(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, answer.Status)
	}
	return nil
}

// command runs the real program to its end.
func (s *stage) command(ctx context.Context, database string, args ...string) error {
	cmd := exec.CommandContext(ctx, s.program, args...) //nolint:gosec // our own program
	cmd.Env = s.environment(database)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("jiamenkou %v: %w\n%s", args, err, output)
	}
	return nil
}

// The bare counterpart: Gin, one Redis GET, nothing else. It runs as a process of its own, as the house does.
const (
	bareCommand = "bare"
	bareKey     = "bench:answer"
)

// serveBare is the counterpart's process: address, Redis.
func serveBare(ctx context.Context, args []string) error {
	client := goredis.NewClient(&goredis.Options{Addr: args[1], Protocol: 2, DisableIdentity: true, PoolSize: 64})
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Any("/answer", func(c *gin.Context) { //nolint:contextcheck // requests bring their own
		body, err := client.Get(c.Request.Context(), bareKey).Bytes()
		if err != nil {
			c.Status(http.StatusServiceUnavailable)
			return
		}
		c.Data(http.StatusOK, "application/json", body)
	})
	server := &http.Server{Addr: args[0], Handler: engine, ReadHeaderTimeout: time.Minute} // connections wait for their turn
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.ListenAndServe(); ctx.Err() == nil {
		return err
	}
	return nil
}

// bare starts the counterpart, which will answer with these bytes.
func (s *stage) bare(ctx context.Context, body []byte) (*server, error) {
	client := goredis.NewClient(&goredis.Options{Addr: s.redis, Protocol: 2, DisableIdentity: true})
	defer func() { _ = client.Close() }()
	if err := client.Set(ctx, bareKey, body, 0).Err(); err != nil {
		return nil, err
	}
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return s.start(ctx, exec.Command(self, bareCommand, addr, s.redis), addr, "/answer") //nolint:gosec,noctx // ourselves; it ends by its id
}
