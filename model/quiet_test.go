package model_test

import (
	"testing"
	"time"

	"jiamenkou/model"
)

func TestQuietHours(t *testing.T) {
	zone := time.FixedZone("Asia/Shanghai", 8*3600)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, zone) }
	night := model.QuietHours{From: 21*60 + 30, Until: 7*60 + 30}
	noon := model.QuietHours{From: 12 * 60, Until: 14 * 60}
	for _, c := range []struct {
		name      string
		quiet     model.QuietHours
		now, over time.Time
	}{
		{"by day", night, at(24, 12, 0), at(24, 12, 0)},
		{"the minute before", night, at(24, 21, 29), at(24, 21, 29)},
		{"the first minute", night, at(24, 21, 30), at(25, 7, 30)},
		{"after midnight", night, at(25, 0, 0), at(25, 7, 30)},
		{"the last minute", night, at(25, 7, 29), at(25, 7, 30)},
		{"when it is over", night, at(25, 7, 30), at(25, 7, 30)},
		{"within one day", noon, at(24, 13, 0), at(24, 14, 0)},
		{"within one day, outside", noon, at(24, 14, 0), at(24, 14, 0)},
		{"none", model.QuietHours{}, at(24, 0, 0), at(24, 0, 0)},
		{"the new year", night, time.Date(2026, 12, 31, 23, 0, 0, 0, zone), time.Date(2027, 1, 1, 7, 30, 0, 0, zone)},
	} {
		if got := c.quiet.Over(c.now, zone); !got.Equal(c.over) {
			t.Errorf("%s: over at %s, want %s", c.name, got.In(zone), c.over)
		}
	}
}
