package conf

import (
	"testing"
	"time"
)

// What staff sign in with, and for how long, is what was promised, in each mode; what is switched on for 等保 is off.
func TestStaffDefaults(t *testing.T) {
	for _, mode := range []Mode{Development, Production} {
		s := Defaults(mode).Staff
		p := s.Password
		if p.Memory != 19*MiB || p.Passes != 2 || p.Lanes != 1 || p.MinLength != 12 {
			t.Errorf("%s: passwords are hashed and judged by %+v", mode, p)
		}
		if p.Complexity != 1 || p.MaxAge != 0 || p.History != 0 {
			t.Errorf("%s: passwords must be complex or new: %+v", mode, p)
		}
		if s.SessionIdle != 30*time.Minute || s.SessionAbsolute != 12*time.Hour {
			t.Errorf("%s: sessions last %s idle, %s at most", mode, s.SessionIdle, s.SessionAbsolute)
		}
	}
}
