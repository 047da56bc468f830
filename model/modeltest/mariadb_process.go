package modeltest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	startPatience = time.Minute // on a machine busy with other tests
	readyInterval = 5 * time.Millisecond
	startAttempts = 3 // another process may take the free port first
)

// running is a live mariadbd.
type running struct {
	process *os.Process
	ended   chan struct{} // closed once it is gone
}

// launch starts the server and waits until it answers. At the first start it finds a
// free port and tries again when it was taken meanwhile.
func (s *Server) launch(program string) (err error) {
	attempts := 1
	if s.port == 0 {
		attempts = startAttempts
	}
	for range attempts {
		if attempts > 1 {
			if s.port, err = freePort(); err != nil {
				return err
			}
		}
		if err = s.attempt(program); err == nil {
			return nil
		}
	}
	return err
}

func freePort() (int, error) {
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func (s *Server) attempt(program string) error {
	log, err := os.Create(s.logFile())
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(program, s.arguments()...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	r := &running{ended: make(chan struct{})}
	started := make(chan error, 1)
	go r.attend(cmd, started)
	if err := <-started; err != nil {
		return err
	}
	s.running = r
	return s.awaitReady()
}

// attend starts the process and stays with it to its end. It owns its thread all that
// time: the kernel sends Pdeathsig when the thread that started the process ends, not
// when the program does. A leak check may ignore this function by its name.
func (r *running) attend(cmd *exec.Cmd, started chan<- error) {
	runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
	err := cmd.Start()
	r.process = cmd.Process
	started <- err
	if err == nil {
		_ = cmd.Wait() // killed is how it ends; the exit code says nothing more
	}
	close(r.ended)
}

func (r *running) kill() error {
	if err := r.process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-r.ended
	return nil
}

func (s *Server) arguments() []string {
	arguments := []string{
		"--no-defaults",
		"--datadir=" + s.dataDir(), "--tmpdir=" + s.dir,
		"--socket=" + filepath.Join(s.dir, "s"), "--pid-file=" + filepath.Join(s.dir, "pid"),
		"--bind-address=127.0.0.1", "--port=" + strconv.Itoa(s.port), "--skip-name-resolve",
		"--max-connections=600", "--performance-schema=OFF",
		"--innodb-buffer-pool-size=64M", "--innodb-buffer-pool-load-at-startup=OFF", "--innodb-use-native-aio=OFF", logFileSize,
		// Written at each commit but not flushed: it survives a kill, not a power failure.
		"--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync",
	}
	if os.Geteuid() == 0 {
		arguments = append(arguments, "--user=root")
	}
	return append(arguments, s.flags...)
}

func (s *Server) logFile() string { return filepath.Join(s.dir, "log") }

// awaitReady returns once the server answers, or kills it and says what its log says.
func (s *Server) awaitReady() error {
	deadline := time.After(startPatience)
	for {
		err := s.withConnection(time.Second, s.recognise)
		if err == nil {
			return nil
		}
		select {
		case <-s.running.ended:
			s.running = nil
			return fmt.Errorf("MariaDB ended while starting; its log:\n%s", s.lastLog())
		case <-deadline:
			return errors.Join(fmt.Errorf("MariaDB does not answer within %s: %w; its log:\n%s", startPatience, err, s.lastLog()), s.Kill())
		case <-time.After(readyInterval):
		}
	}
}

// recognise makes sure that it is this server that answers on the port.
func (s *Server) recognise(ctx context.Context, db *sql.DB) error {
	var folder string
	if err := db.QueryRowContext(ctx, "SELECT @@datadir").Scan(&folder); err != nil {
		return err
	}
	if filepath.Clean(folder) != s.dataDir() {
		return fmt.Errorf("another server answers on %s", s.Addr())
	}
	return nil
}

func (s *Server) lastLog() string {
	content, err := os.ReadFile(s.logFile())
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

// janitorScript removes the folder once its standard input ends. It has a process
// group of its own and no ear for signals, so an interrupt from the keyboard does not
// end it before its work. It tries again because mariadbd may still be dying.
const janitorScript = `trap '' INT TERM HUP
cat >/dev/null
for attempt in 1 2 3 4 5 6 7 8 9 10; do
	rm -rf "$1" 2>/dev/null
	[ -e "$1" ] || exit 0
	sleep 0.2
done`

// hireJanitor starts the process that removes the folder when this one is gone: the
// other end of its standard input is held open here and nowhere else.
func (s *Server) hireJanitor() error {
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer func() { _ = read.Close() }()
	s.janitor = exec.Command("/bin/sh", "-c", janitorScript, "sh", s.dir)
	s.janitor.Stdin, s.alive = read, write
	s.janitor.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return s.janitor.Start()
}

func (s *Server) dismissJanitor() error {
	if s.alive == nil {
		return nil
	}
	if err := s.alive.Close(); err != nil {
		return err
	}
	s.alive = nil
	return s.janitor.Wait()
}
