//go:build unix

package redistest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

const (
	program = "redis-server"
	// forbid is the environment variable that, set to anything, forbids installing packages.
	forbid = "JMK_TEST_NO_INSTALL"
)

var errMissing = errors.New("redistest: redis-server 7.0 or later is needed: apt-get install -y redis-server, or brew install redis")

func ensureInstalled() error {
	if installed() {
		return nil
	}
	if os.Geteuid() != 0 || os.Getenv(forbid) != "" {
		return errMissing
	}
	unlock, err := lock(filepath.Join(os.TempDir(), "jmk-test-install.lock"))
	if err != nil {
		return errors.Join(errMissing, err)
	}
	defer unlock()
	if installed() {
		return nil // by the process that held the lock
	}
	return install()
}

func installed() bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// install reads the package lists anew only if need be: on a fresh machine there are none.
func install() error {
	if apt("install", "-y", "--no-install-recommends", program) == nil {
		return nil
	}
	if err := apt("update"); err != nil {
		return errors.Join(errMissing, err)
	}
	if err := apt("install", "-y", "--no-install-recommends", program); err != nil {
		return errors.Join(errMissing, err)
	}
	return nil
}

func apt(args ...string) error {
	command := exec.Command("apt-get", args...)
	command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get %v: %w\n%s", args, err, output)
	}
	return nil
}

// lock keeps the packages of one `go test ./...` from installing at once: they are processes of their own.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		_ = f.Close()
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}
