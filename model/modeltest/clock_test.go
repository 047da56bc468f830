package modeltest

import (
	"testing"
	"time"
)

func TestTheTestsBeginAtTenInTheMorning(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(Begin, "")
	for real, want := range map[string]string{
		"2026-11-27T15:59:59Z": "2026-11-27T10:00:00+08:00", // a second before midnight in Shanghai
		"2026-11-27T16:00:00Z": "2026-11-28T10:00:00+08:00",
		"2026-12-31T20:00:00Z": "2027-01-01T10:00:00+08:00",
	} {
		at, err := time.Parse(time.RFC3339, real)
		if err != nil {
			t.Fatal(err)
		}
		if got := beginning(at).In(zone).Format(time.RFC3339); got != want {
			t.Errorf("at %s the tests begin at %s, want %s", real, got, want)
		}
	}
	t.Setenv(Begin, "2026-12-31T23:58:00+08:00")
	if got := beginning(time.Now()).UTC().Format(time.RFC3339); got != "2026-12-31T15:58:00Z" {
		t.Errorf("wished for, they begin at %s", got)
	}
}

func TestTheClockGoes(t *testing.T) {
	before := Now()
	time.Sleep(5 * time.Millisecond)
	if passed := Now().Sub(before); passed < 4*time.Millisecond || passed > time.Minute {
		t.Errorf("%v passed in five milliseconds", passed)
	}
}
