//go:build !unix

package seal

import (
	"errors"
	"fmt"
)

// lockFolder refuses: without a lock two processes could lose each other's key. Opening a keyring works everywhere.
func lockFolder(string) (unlock func(), err error) {
	return nil, fmt.Errorf("seal: keyring: changing keys on this system: %w", errors.ErrUnsupported)
}
