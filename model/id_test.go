package model_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jiamenkou/model"
)

func TestIDsIncrease(t *testing.T) {
	at := instant("2026-11-23T08:00:00Z")
	for name, clock := range map[string]func(i int) time.Duration{
		"while the clock stands still": func(int) time.Duration { return 0 },
		"as the clock runs":            func(i int) time.Duration { return time.Duration(i) * 100 * time.Microsecond },
		"when the clock is set back":   func(i int) time.Duration { return -time.Duration(i%1000) * time.Millisecond },
	} {
		t.Run(name, func(t *testing.T) {
			i := 0
			ids := model.NewIDs(func() time.Time { i++; return at.Add(clock(i)) })
			last := ""
			for range 10_000 {
				id := ids.New()
				if id <= last || !model.ValidID(id) {
					t.Fatalf("%s follows %s", id, last)
				}
				last = id
			}
		})
	}
}

func TestIDsUnderConcurrency(t *testing.T) {
	ids := model.NewIDs(time.Now)
	made := make([][]string, 16)
	var all sync.WaitGroup
	for i := range made {
		all.Go(func() {
			for range 2_000 {
				made[i] = append(made[i], ids.New())
			}
		})
	}
	all.Wait()
	for _, own := range made {
		if !slices.IsSorted(own) {
			t.Error("one caller's ids are out of order")
		}
	}
	every := slices.Concat(made...)
	slices.Sort(every)
	if len(slices.Compact(every)) != 32_000 {
		t.Error("an id was given twice")
	}
}

func TestIDTellsItsMillisecond(t *testing.T) {
	at := instant("2026-11-23T08:00:00.123Z")
	early, late := model.NewIDs(func() time.Time { return at }).New(), model.NewIDs(func() time.Time { return at.Add(time.Millisecond) }).New()
	if early >= late || early[:10] == late[:10] {
		t.Errorf("%s is not before %s", early, late)
	}
}

func TestValidID(t *testing.T) {
	good := model.NewIDs(time.Now).New()
	for text, valid := range map[string]bool{
		good: true, good[:25]: false, good + "0": false, "": false, good[:25] + "U": false, good[:25] + "-": false,
		"8ZZZZZZZZZZZZZZZZZZZZZZZZZ": false, strings.Repeat("字", 9)[:26]: false, good[:25] + "\x00": false,
	} {
		if got := model.ValidID(text); got != valid {
			t.Errorf("%q: %v", text, got)
		}
	}
}
