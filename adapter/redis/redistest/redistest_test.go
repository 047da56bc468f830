//go:build unix

package redistest

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv("REDISTEST_CHILD") != "" {
		childThatIsKilled()
	}
	goleak.VerifyTestMain(m)
}

func set(ctx context.Context, c *goredis.Client) error { return c.Set(ctx, "k", "v", 0).Err() }

func isEmpty(ctx context.Context, c *goredis.Client) error {
	n, err := c.DBSize(ctx).Result()
	if err == nil && n != 0 {
		err = errors.New("not empty")
	}
	return err
}

func TestServerLives(t *testing.T) {
	s := Start(t)
	if err := s.ask(set); err != nil {
		t.Fatal(err)
	}
	s.Flush()
	if err := s.ask(isEmpty); err != nil {
		t.Errorf("flushed: %v", err)
	}
	if err := s.ask(set); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	s.Stop()
	if err := s.ask(set); err == nil {
		t.Error("a stopped server answers")
	}
	addr := s.Addr
	s.Restart()
	if err := s.ask(isEmpty); err != nil || s.Addr != addr {
		t.Errorf("restarted: %v, at %s, was at %s", err, s.Addr, addr)
	}
	s.Restart()
	if err := s.ask(set); err != nil {
		t.Errorf("restarted while running: %v", err)
	}
}

func TestSharedIsOneServer(t *testing.T) {
	addr, prefix := Shared(t)
	t.Run("another test", func(t *testing.T) {
		addr2, prefix2 := Shared(t)
		if addr != addr2 || prefix == prefix2 {
			t.Errorf("%s %s and %s %s", addr, prefix, addr2, prefix2)
		}
	})
}

func TestClusterRefusesCrossSlot(t *testing.T) {
	s := StartCluster(t)
	err := s.ask(func(ctx context.Context, c *goredis.Client) error { return c.MSet(ctx, "a", 1, "b", 2).Err() })
	if err == nil || !strings.HasPrefix(err.Error(), "CROSSSLOT") {
		t.Errorf("got %v", err)
	}
}

// A test process that is killed, by a time limit say, leaves no server behind.
func TestServerEndsWithTheProcess(t *testing.T) {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "REDISTEST_CHILD=1")
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	addr, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Addr: strings.TrimSpace(addr)}
	if err := s.ask(set); err != nil {
		t.Fatalf("the child's server: %v", err)
	}
	_ = child.Process.Kill()
	_ = child.Wait()
	if err := eventually(5*time.Second, func() error { return refuses(s.Addr) }); err != nil {
		t.Error(err)
	}
}

func refuses(addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil //nolint:nilerr // a refusal is what is wanted
	}
	_ = conn.Close()
	return errors.New("the server outlived the process")
}

func childThatIsKilled() {
	s, err := shared()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(os.Stdout, s.Addr+"\n")
	time.Sleep(time.Minute)
}
