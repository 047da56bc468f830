package modeltest_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"jiamenkou/model/modeltest"
)

func TestMariaDBIsOneServerWithADatabaseATest(t *testing.T) {
	one, other := modeltest.MariaDB(t), modeltest.MariaDB(t)
	if one != other {
		t.Error("two servers were started")
	}
	var name string
	t.Run("a test", func(t *testing.T) {
		name = one.CreateDatabase(t)
		if again := one.CreateDatabase(t); again == name {
			t.Errorf("two databases share the name %s", name)
		}
		execute(t, one, name, "CREATE TABLE t (id INT PRIMARY KEY)")
	})
	if got := text(t, one, "", "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '"+name+"'"); got != "0" {
		t.Error("the database is there after its test")
	}
}

func TestDSNSpeaksUTCAndWholeUnicode(t *testing.T) {
	s := modeltest.MariaDB(t)
	database := s.CreateDatabase(t)
	cfg, err := mysql.ParseDSN(s.DSN(database))
	if err != nil {
		t.Fatal(err)
	}
	if !cfg.ParseTime || cfg.Loc != time.UTC || !cfg.InterpolateParams || cfg.ClientFoundRows || cfg.DBName != database {
		t.Errorf("got %+v", cfg)
	}
	want := "+00:00 utf8mb4 " + database
	if got := text(t, s, database, "SELECT CONCAT(@@time_zone, ' ', @@character_set_client, ' ', DATABASE())"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := text(t, s, database, "SELECT '宝宝屋 𠮷 👶'"); got != "宝宝屋 𠮷 👶" {
		t.Errorf("got %s", got)
	}
	if !strings.Contains(s.DSNThrough("127.0.0.1:1", database), "tcp(127.0.0.1:1)/"+database) {
		t.Error("DSNThrough does not go through the proxy")
	}
}

func TestOwnServerKeepsCommitsThroughAKill(t *testing.T) {
	s := modeltest.Own(t)
	if s.Addr() == modeltest.MariaDB(t).Addr() {
		t.Fatal("it is the shared one")
	}
	database, addr := s.CreateDatabase(t), s.Addr()
	execute(t, s, database, "CREATE TABLE t (id INT PRIMARY KEY)")
	for id := range 3 {
		execute(t, s, database, fmt.Sprintf("INSERT INTO t VALUES (%d)", id))
		kill(t, s)
		if err := s.Restart(); err != nil {
			t.Fatal(err)
		}
		if got := text(t, s, database, "SELECT COUNT(*) FROM t"); got != fmt.Sprint(id+1) || s.Addr() != addr {
			t.Errorf("after restart %d: %s rows at %s", id, got, s.Addr())
		}
	}
	if err := s.Restart(); err == nil {
		t.Error("a running server was started again")
	}
}

func TestKilledServerMayStayDead(t *testing.T) {
	s := modeltest.Own(t)
	s.CreateDatabase(t)
	kill(t, s)
	kill(t, s)
}

func TestDurableFlushesEveryCommit(t *testing.T) {
	s := modeltest.Own(t, modeltest.Durable(), modeltest.Flags("--innodb-lock-wait-timeout=7"))
	got := text(t, s, "", "SELECT CONCAT_WS(' ', @@innodb_flush_log_at_trx_commit, @@sync_binlog, @@log_bin, @@innodb_lock_wait_timeout)")
	if got != "1 1 ON 7" {
		t.Errorf("got %s", got)
	}
}

func TestServersStartSideBySide(t *testing.T) {
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			s, err := modeltest.Start()
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestFailedStartSaysWhyAndLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	_, err := modeltest.Start(modeltest.Flags("--no-such-flag"))
	if err == nil || !strings.Contains(err.Error(), "no-such-flag") {
		t.Errorf("got %v, want the server's own words", err)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// TestServerDiesWithItsProcess starts this test binary again, lets it start the shared
// server, kills it, and looks for what is left.
func TestServerDiesWithItsProcess(t *testing.T) {
	if os.Getenv("MODELTEST_OWNER") != "" {
		ownUntilKilled(t)
	}
	owner := exec.Command(os.Args[0], "-test.run=^TestServerDiesWithItsProcess$")
	folder := t.TempDir()
	owner.Env = append(os.Environ(), "MODELTEST_OWNER=1", "TMPDIR="+folder)
	output, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	pid := firstNumber(t, output)
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait()
	eventually(t, "mariadbd still runs", func() bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || isZombie(pid) })
	eventually(t, "its folder is still there", func() bool {
		left, err := filepath.Glob(filepath.Join(folder, "jmk-mariadb-*"))
		return err == nil && len(left) == 0
	})
}

func ownUntilKilled(t *testing.T) {
	t.Helper()
	modeltest.MariaDB(t)
	pids, err := filepath.Glob(filepath.Join(os.TempDir(), "jmk-mariadb-*", "pid"))
	if err != nil || len(pids) != 1 {
		t.Fatalf("got %v, %v", pids, err)
	}
	pid, err := os.ReadFile(pids[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stdout.Write(pid); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute)
}

func firstNumber(t *testing.T, output interface{ Read([]byte) (int, error) }) int {
	t.Helper()
	var pid int
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if _, err := fmt.Sscan(lines.Text(), &pid); err == nil {
			return pid
		}
	}
	t.Fatal("the owner named no process")
	return 0
}

// isZombie tells a process that is dead and only waits to be counted, as where no init
// adopts orphans.
func isZombie(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(status), ") Z ")
}

func eventually(t *testing.T, complaint string, holds func() bool) {
	t.Helper()
	for range 500 {
		if holds() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error(complaint)
}

func kill(t *testing.T, s *modeltest.Server) {
	t.Helper()
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, s *modeltest.Server, database string) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", s.DSN(database))
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func execute(t *testing.T, s *modeltest.Server, database, statement string) {
	t.Helper()
	db := open(t, s, database)
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(context.Background(), statement); err != nil {
		t.Fatal(err)
	}
}

func text(t *testing.T, s *modeltest.Server, database, query string) (answer string) {
	t.Helper()
	db := open(t, s, database)
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(context.Background(), query).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}
