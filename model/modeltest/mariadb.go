// Package modeltest gives tests real databases.
package modeltest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// Server is a private MariaDB on a free port of the loopback interface, in a temporary
// folder. It dies with the process that started it, however that ends, and the folder
// goes with it.
type Server struct {
	dir     string
	port    int      // chosen at the first start, kept at every restart
	flags   []string // beyond those every server gets
	alive   *os.File // while open, the folder stays
	janitor *exec.Cmd

	running *running // nil while killed
}

// Option changes how a server of one's own runs.
type Option func(*Server)

// Durable makes the server keep every commit through a power failure, as production
// does: the redo log and the binary log are flushed at each. For measurements; tests
// are faster without and lose nothing when the server is killed.
func Durable() Option {
	return Flags(
		"--innodb-flush-log-at-trx-commit=1", "--innodb-flush-method=O_DIRECT",
		"--log-bin=binlog", "--server-id=1", "--binlog-format=ROW", "--sync-binlog=1",
		"--innodb-buffer-pool-size=512M", "--innodb-log-file-size=256M",
	)
}

// Flags adds command-line flags of mariadbd; the last of equal ones holds.
func Flags(flags ...string) Option {
	return func(s *Server) { s.flags = append(s.flags, flags...) }
}

// sharedServer is the one thing kept for the whole process: starting a server for
// every test would cost more than the tests.
var sharedServer = sync.OnceValues(func() (*Server, error) { return Start() })

// MariaDB is the server that all tests of the process share; take a database of your
// own from it with CreateDatabase. The test fails, and never skips, when none can be
// started. Nothing stops it before the process ends.
func MariaDB(t testing.TB) *Server {
	t.Helper()
	s, err := sharedServer()
	if err != nil {
		t.Fatalf("the MariaDB of the tests: %v", err)
	}
	return s
}

// Own is a server for one test, to be killed and restarted at will. It ends with the
// test.
func Own(t testing.TB, options ...Option) *Server {
	t.Helper()
	s, err := Start(options...)
	if err != nil {
		t.Fatalf("a MariaDB of its own: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing MariaDB: %v", err)
		}
	})
	return s
}

// Start starts a server outside of a test, within 0.2 to 0.5 s once the template of
// its folder is made. The caller closes it.
func Start(options ...Option) (*Server, error) {
	programs, err := findPrograms()
	if err != nil {
		return nil, err
	}
	template, err := programs.template()
	if err != nil {
		return nil, err
	}
	s := &Server{}
	for _, option := range options {
		option(s)
	}
	if err := s.prepare(template); err != nil {
		return nil, err
	}
	if err := s.launch(programs.server); err != nil {
		return nil, fmt.Errorf("%w%s", err, s.discard())
	}
	return s, nil
}

// prepare makes the server's folder and hires who removes it.
func (s *Server) prepare(template string) error {
	// Not t.TempDir: the path of a socket must stay below 108 bytes.
	dir, err := os.MkdirTemp("", "jmk-mariadb-")
	if err != nil {
		return err
	}
	s.dir = dir
	if err := s.hireJanitor(); err != nil {
		return err
	}
	return os.CopyFS(s.dataDir(), os.DirFS(template))
}

// discard removes what a failed start left; what it returns is empty or the reason why
// that failed too.
func (s *Server) discard() string {
	if err := s.Close(); err != nil {
		return fmt.Sprintf(" (and then: %v)", err)
	}
	return ""
}

// Addr is the server's host:port, the same through every restart.
func (s *Server) Addr() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// DSN is how go-sql-driver/mysql reaches a database of the server; "" is none of them.
func (s *Server) DSN(database string) string { return s.DSNThrough(s.Addr(), database) }

// DSNThrough is DSN by way of a proxy that listens on addr.
func (s *Server) DSNThrough(addr, database string) string {
	cfg := mysql.NewConfig()
	cfg.User, cfg.Net, cfg.Addr, cfg.DBName = "root", "tcp", addr, database
	cfg.ParseTime, cfg.Loc, cfg.InterpolateParams = true, time.UTC, true
	cfg.Timeout, cfg.ReadTimeout, cfg.WriteTimeout = 5*time.Second, 60*time.Second, 60*time.Second
	cfg.Params = map[string]string{"time_zone": "'+00:00'"}
	return cfg.FormatDSN() + "&charset=utf8mb4,utf8"
}

// CreateDatabase makes an empty database and drops it when the test ends.
func (s *Server) CreateDatabase(t testing.TB) (name string) {
	t.Helper()
	name = "t_" + strings.ToLower(rand.Text())
	if err := s.exec("CREATE DATABASE " + name); err != nil {
		t.Fatalf("creating a database: %v", err)
	}
	t.Cleanup(func() {
		if s.running == nil {
			return // killed; its folder is removed soon
		}
		if err := s.exec("DROP DATABASE " + name); err != nil {
			t.Errorf("dropping the database: %v", err)
		}
	})
	return name
}

// Kill ends the server at once, as a crash does (SIGKILL), and waits until it is gone.
func (s *Server) Kill() error {
	if s.running == nil {
		return nil
	}
	err := s.running.kill()
	s.running = nil
	return err
}

// Restart starts a killed server again, on the same port and records, and waits until
// it answers.
func (s *Server) Restart() error {
	if s.running != nil {
		return fmt.Errorf("MariaDB runs already")
	}
	programs, err := findPrograms()
	if err != nil {
		return err
	}
	return s.launch(programs.server)
}

// Close ends the server and removes its folder.
func (s *Server) Close() error {
	if err := s.Kill(); err != nil {
		return err
	}
	if err := os.RemoveAll(s.dir); err != nil {
		return err
	}
	return s.dismissJanitor()
}

func (s *Server) dataDir() string { return filepath.Join(s.dir, "data") }

func (s *Server) exec(statements ...string) error {
	return s.withConnection(time.Minute, func(ctx context.Context, db *sql.DB) error {
		for _, statement := range statements {
			if _, err := db.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	})
}

// withConnection opens a connection for one use, so that no pool's goroutines are left
// for a leak check to find.
func (s *Server) withConnection(patience time.Duration, use func(context.Context, *sql.DB) error) error {
	cfg, err := mysql.ParseDSN(s.DSN(""))
	if err != nil {
		return err
	}
	cfg.Logger = &mysql.NopLogger{} // while it starts, refusals are expected
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return use(ctx, db)
}
