package router

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"jiamenkou/model/fault"
)

// The cause goes to the log, where a visitor's address has no place.
func TestBrokenBodyTellsNoAddress(t *testing.T) {
	broken := &net.OpError{
		Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET),
		Source: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 8080}, Addr: &net.TCPAddr{IP: net.IPv4(203, 0, 113, 7), Port: 50123},
	}
	for name, err := range map[string]error{"plain": broken, "wrapped": fmt.Errorf("body: %w", broken)} {
		f := fault.Of(invalidRequest(http.StatusInternalServerError, humaUnreadable, []error{err}))
		if f == nil || f.Code != ErrBodyTooSlow.Code || !errors.Is(f.Cause, syscall.ECONNRESET) {
			t.Fatalf("%s: got %+v", name, f)
		}
		if text := f.Cause.Error(); strings.Contains(text, "192.0.2.1") || strings.Contains(text, "203.0.113.7") {
			t.Errorf("%s: the cause says %q", name, text)
		}
	}
}
