package modeltest

import (
	"testing"
	"time"
)

func TestTheTestsBeginOnAnOrdinaryDay(t *testing.T) {
	for wish, want := range map[string]string{"": "2026-11-04T02:00:00Z", "2026-12-31T23:58:00+08:00": "2026-12-31T15:58:00Z"} {
		t.Setenv(Begin, wish)
		if got := beginning().UTC().Format(time.RFC3339); got != want {
			t.Errorf("with %q they begin at %s, want %s", wish, got, want)
		}
	}
	t.Setenv(Begin, "tomorrow")
	defer func() {
		if recover() == nil {
			t.Error("they begin at no moment")
		}
	}()
	beginning()
}

func TestTheClockGoes(t *testing.T) {
	before := Now()
	time.Sleep(5 * time.Millisecond)
	if passed := Now().Sub(before); passed < 4*time.Millisecond || passed > time.Minute {
		t.Errorf("%v passed in five milliseconds", passed)
	}
}
