package model_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
)

// day reads YYYY-MM-DD; only dates that exist stand in tests.
func day(s string) model.Date {
	d, err := model.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// instant reads RFC 3339.
func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

func shanghai(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// wantErr fails unless err is the one wanted; nil wants none.
func wantErr(t testing.TB, err, want error) {
	t.Helper()
	if (err == nil) != (want == nil) || !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// together runs a task so many times at the same moment; each must succeed.
func together(t testing.TB, n int, task func(i int) error) {
	t.Helper()
	for i, err := range modeltest.TogetherErrors(n, task) {
		if err != nil {
			t.Errorf("task %d: %v", i, err)
		}
	}
}

func lines(text string) int { return strings.Count(text, "\n") }

func containsAny(text string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}
