//go:build unix

package seal

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lockFolder keeps other processes from changing the keyring until unlock. It locks the folder and not the file: the
// file is replaced by every change, and a lock on the replaced one would hold nobody.
func lockFolder(path string) (unlock func(), err error) {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("seal: keyring: %w", err)
	}
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		_ = folder.Close()
		return nil, fmt.Errorf("seal: keyring: lock %s: %w", folder.Name(), err)
	}
	return func() { _ = folder.Close() }, nil
}
