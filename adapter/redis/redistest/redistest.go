//go:build unix

// Package redistest gives tests a private redis-server on a free port of the loopback. Nothing is ever skipped: without
// the program it is installed, and if that is not possible the test fails and says what to install.
package redistest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// guard runs the server until its own input ends, which happens when the test process stops it or is gone, killed or
// timed out. (Pdeathsig would follow the thread, not the process, and Go ends threads as it likes.)
const guard = `"$@" & server=$!
cat >/dev/null
kill -9 $server 2>/dev/null
wait $server 2>/dev/null
if [ -n "$REDISTEST_REMOVE" ]; then rm -rf -- "$REDISTEST_REMOVE"; fi`

// Server is one private redis-server. It keeps nothing on disk.
type Server struct {
	// Addr is host:port, the same after Restart.
	Addr string

	t        testing.TB
	dir      string
	remove   string   // folder the guard removes at the end
	settings []string // lines of its configuration
	sentinel bool
	cluster  bool
	guard    *exec.Cmd
	lifeline *os.File
}

// Start runs a server for this test alone, with more lines of redis.conf if need be: Start(t, "maxmemory 1mb").
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	return startFor(t, Server{settings: append([]string{`save ""`, "appendonly no", "enable-debug-command local"}, settings...)})
}

// StartSentinel runs a Sentinel that watches one master under a name.
func StartSentinel(t testing.TB, name string, master *Server) *Server {
	t.Helper()
	at := strings.Replace(master.Addr, ":", " ", 1)
	return startFor(t, Server{sentinel: true, settings: []string{"sentinel monitor " + name + " " + at + " 1"}})
}

func startFor(t testing.TB, wanted Server) *Server {
	t.Helper()
	wanted.t, wanted.dir = t, t.TempDir()
	s, err := start(wanted)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// StartCluster runs a cluster of one node that owns every slot: it refuses what a real one refuses (CROSSSLOT). A node
// waits two seconds before it serves, and so do StartCluster and Restart.
func StartCluster(t testing.TB) *Server {
	t.Helper()
	return startFor(t, clusterNode())
}

func clusterNode() Server {
	return Server{cluster: true, settings: []string{`save ""`, "appendonly no", "cluster-enabled yes"}}
}

// serve makes the node a cluster; after a restart it still knows that it is one.
func (s *Server) serve() error {
	_ = s.ask(func(ctx context.Context, c *goredis.Client) error { return c.ClusterAddSlotsRange(ctx, 0, 16383).Err() })
	return eventually(10*time.Second, func() error { return s.ask(clusterIsUp) })
}

func clusterIsUp(ctx context.Context, c *goredis.Client) error {
	info, err := c.ClusterInfo(ctx).Result()
	if err == nil && !strings.Contains(info, "cluster_state:ok") {
		err = fmt.Errorf("not up: %s", info)
	}
	return err
}

var (
	shared        = sync.OnceValues(func() (*Server, error) { return startShared(Server{settings: []string{`save ""`, "appendonly no"}}) })
	sharedCluster = sync.OnceValues(func() (*Server, error) { return startShared(clusterNode()) })
)

func startShared(wanted Server) (*Server, error) {
	dir, err := os.MkdirTemp("", "redistest-")
	if err != nil {
		return nil, err
	}
	wanted.dir, wanted.remove = dir, dir
	return start(wanted)
}

// Shared is the address of one server a test process, which ends with the process, and a prefix for this test's keys.
func Shared(t testing.TB) (addr, prefix string) {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return s.Addr, prefixOf(t)
}

// SharedCluster is Shared for a cluster of one node.
func SharedCluster(t testing.TB) (addr, prefix string) {
	t.Helper()
	s, err := sharedCluster()
	if err != nil {
		t.Fatal(err)
	}
	return s.Addr, prefixOf(t)
}

func prefixOf(t testing.TB) string {
	return strings.NewReplacer("{", "(", "}", ")").Replace(t.Name()) + ":"
}

// Stop kills the server; it answers nobody any more. Stopping twice does nothing.
func (s *Server) Stop() {
	if s.guard == nil {
		return
	}
	_ = s.lifeline.Close()
	_ = s.guard.Wait()
	s.guard = nil
}

// Restart begins anew, empty, on the same address, whether it was stopped or not. It returns when the server answers.
func (s *Server) Restart() {
	s.t.Helper()
	s.Stop()
	if err := s.run(); err != nil {
		s.t.Fatal(err)
	}
}

// Flush deletes all keys and forgets all scripts.
func (s *Server) Flush() {
	s.t.Helper()
	err := s.ask(func(ctx context.Context, c *goredis.Client) error {
		if err := c.ScriptFlush(ctx).Err(); err != nil {
			return err
		}
		return c.FlushAll(ctx).Err()
	})
	if err != nil {
		s.t.Fatalf("redistest: flush: %v", err)
	}
}

// start tries again, because between finding a free port and listening on it another process may take it.
func start(wanted Server) (*Server, error) {
	if err := ensureInstalled(); err != nil {
		return nil, err
	}
	var err error
	for range 3 {
		s := wanted
		if s.Addr, err = freeAddr(); err != nil {
			return nil, err
		}
		if err = s.run(); err == nil {
			return &s, nil
		}
	}
	return nil, err
}

func (s *Server) run() error {
	if err := s.writeConfig(); err != nil {
		return err
	}
	log, err := os.Create(s.logFile())
	if err != nil {
		return err
	}
	defer log.Close()
	input, lifeline, err := os.Pipe()
	if err != nil {
		return err
	}
	defer input.Close()
	guard := exec.Command("/bin/sh", append([]string{"-c", guard, "redistest"}, s.command()...)...)
	guard.Stdin, guard.Stdout, guard.Stderr = input, log, log
	guard.Env = append(os.Environ(), "REDISTEST_REMOVE="+s.remove)
	// Its own group: an interrupt from the terminal is for the test, which then ends the guard.
	guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := guard.Start(); err != nil {
		return errors.Join(err, lifeline.Close())
	}
	s.guard, s.lifeline = guard, lifeline
	return s.untilReady()
}

func (s *Server) command() []string {
	if s.sentinel {
		return []string{program, s.configFile(), "--sentinel"}
	}
	return []string{program, s.configFile()}
}

func (s *Server) writeConfig() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	host, port, _ := net.SplitHostPort(s.Addr)
	lines := append([]string{"bind " + host, "port " + port, `dir "` + s.dir + `"`, "protected-mode no"}, s.settings...)
	return os.WriteFile(s.configFile(), []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

func (s *Server) untilReady() error {
	err := eventually(5*time.Second, func() error { return s.ask(s.isMine) })
	if err == nil && s.cluster {
		err = s.serve()
	}
	if err == nil {
		return nil
	}
	log, _ := os.ReadFile(s.logFile())
	s.Stop()
	return fmt.Errorf("redistest: %s on %s did not start: %w\n%s", program, s.Addr, err, log)
}

// isMine is wrong for a server of another test process that was quicker to take the port.
func (s *Server) isMine(ctx context.Context, c *goredis.Client) error {
	info, err := c.Info(ctx, "server").Result()
	if err == nil && !strings.Contains(info, "config_file:"+s.configFile()+"\r\n") {
		err = errors.New("another server has taken the port")
	}
	return err
}

func (s *Server) ask(question func(context.Context, *goredis.Client) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	// Until the server listens: go-redis writes a line for every failed dial.
	if conn, err := net.Dial("tcp", s.Addr); err != nil {
		return err
	} else if err := conn.Close(); err != nil {
		return err
	}
	c := goredis.NewClient(&goredis.Options{Addr: s.Addr, Protocol: 2, MaxRetries: -1, DialerRetries: 1, PoolSize: 2, DisableIdentity: true})
	defer c.Close()
	return question(ctx, c)
}

func (s *Server) logFile() string    { return filepath.Join(s.dir, "redis.log") }
func (s *Server) configFile() string { return filepath.Join(s.dir, "redis.conf") }

func freeAddr() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

func eventually(within time.Duration, try func() error) error {
	deadline := time.Now().Add(within)
	for {
		err := try()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}
