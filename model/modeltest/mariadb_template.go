package modeltest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// programs are the programs of MariaDB that the tests need.
type programs struct{ server, install string }

const (
	howToInstall = "the tests need MariaDB: apt-get install -y mariadb-server, or have mariadbd and mariadb-install-db in PATH"
	installed    = "mariadb-server-core mariadb-client-core" // the programs without a system service
)

// logFileSize is the same for the template and the server: a server that finds another
// size makes the log anew at its start.
const logFileSize = "--innodb-log-file-size=32M"

// findPrograms finds MariaDB, installing Debian's packages when it is missing and we
// are permitted to.
func findPrograms() (programs, error) {
	found, err := lookForPrograms()
	if err == nil || os.Geteuid() != 0 {
		return found, err
	}
	if err := install(); err != nil {
		return programs{}, fmt.Errorf("%s (installing it failed: %w)", howToInstall, err)
	}
	return lookForPrograms()
}

func lookForPrograms() (programs, error) {
	server, err := lookFor("mariadbd")
	if err != nil {
		return programs{}, err
	}
	install, err := lookFor("mariadb-install-db")
	return programs{server, install}, err
}

// lookFor searches the folders for daemons too, which are not in every PATH.
func lookFor(program string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	for _, folder := range []string{"/usr/sbin", "/usr/libexec", "/usr/local/sbin", "/usr/local/bin"} {
		if path, err := exec.LookPath(filepath.Join(folder, program)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is missing; %s", program, howToInstall)
}

// install lets one process at a time install the packages; the others find them there.
func install() error {
	return locked(filepath.Join(os.TempDir(), "jmk-install.lock"), func() error {
		if _, err := lookForPrograms(); err == nil {
			return nil
		}
		return run(exec.Command("/bin/sh", "-c", "apt-get update -q && apt-get install -qy --no-install-recommends "+installed),
			"DEBIAN_FRONTEND=noninteractive")
	})
}

// run runs a command to its end; the error holds what it printed.
func run(cmd *exec.Cmd, variables ...string) error {
	cmd.Env = append(os.Environ(), variables...)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd.Path, err, output)
	}
	return nil
}

// template is a folder of a freshly installed MariaDB, to be copied. It is made once a
// version and kept in the user's cache.
func (p programs) template() (string, error) {
	folder, err := p.templateFolder()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o750); err != nil {
		return "", err
	}
	return folder, locked(folder+".lock", func() error {
		if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return p.makeTemplate(folder)
	})
}

// templateFolder hangs on the version and on the arguments that shape the content.
func (p programs) templateFolder() (string, error) {
	version, err := exec.Command(p.server, "--no-defaults", "--version").Output()
	if err != nil {
		return "", fmt.Errorf("asking %s for its version: %w", p.server, err)
	}
	sum := sha256.Sum256([]byte(string(version) + strings.Join(installArguments(""), " ")))
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir() // no HOME, as in some containers
	}
	return filepath.Join(cache, "jiamenkou", fmt.Sprintf("mariadb-%x", sum[:8])), nil
}

// makeTemplate works beside the final name, so that half a template is never taken for
// a whole one.
func (p programs) makeTemplate(folder string) error {
	draft := folder + ".draft"
	if err := os.RemoveAll(draft); err != nil {
		return err
	}
	if err := run(exec.Command(p.install, installArguments(draft)...)); err != nil {
		return err
	}
	return os.Rename(draft, folder)
}

func installArguments(folder string) []string {
	arguments := []string{
		"--no-defaults", "--datadir=" + folder, "--auth-root-authentication-method=normal", "--skip-test-db",
		logFileSize,
	}
	if os.Geteuid() == 0 {
		arguments = append(arguments, "--user=root")
	}
	return arguments
}

// locked does the work while no other process does any under the same file.
func locked(path string, work func() error) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // which unlocks
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	return work()
}
