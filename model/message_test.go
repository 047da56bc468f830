package model_test

import (
	"testing"
	"time"

	"jiamenkou/model"
)

func TestWhenAMessageIsSent(t *testing.T) {
	zone := shanghai(t)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 12, day, hour, minute, 0, 0, zone) }
	until := func(t time.Time) *time.Time { return &t }
	times := model.MessageTimes{Quiet: model.QuietHours{From: 21*60 + 30, Until: 7*60 + 30}, StaleAfter: 48 * time.Hour}
	for _, c := range []struct {
		name    string
		written time.Time
		useful  *time.Time
		now     time.Time
		want    time.Time // zero: never
	}{
		{"by day", at(24, 12, 0), nil, at(24, 12, 0), at(24, 12, 0)},
		{"the minute before the quiet", at(24, 21, 29), nil, at(24, 21, 29), at(24, 21, 29)},
		{"at night", at(24, 21, 30), nil, at(24, 21, 30), at(25, 7, 30)},
		{"after midnight", at(25, 0, 0), nil, at(25, 0, 0), at(25, 7, 30)},
		{"when the quiet is over", at(24, 23, 0), nil, at(25, 7, 30), at(25, 7, 30)},
		{"over the new year", at(31, 22, 0), nil, at(31, 22, 0), time.Date(2027, 1, 1, 7, 30, 0, 0, zone)},
		{"at night, useful in the morning", at(24, 22, 0), until(at(25, 7, 31)), at(24, 22, 0), at(25, 7, 30)},
		{"at night, useless in the morning", at(24, 22, 0), until(at(25, 7, 30)), at(24, 22, 0), at(24, 22, 0)},
		{"at night, useless before it ends", at(24, 22, 0), until(at(24, 22, 30)), at(24, 22, 0), at(24, 22, 0)},
		{"worthless", at(24, 12, 0), until(at(24, 13, 0)), at(24, 13, 0), time.Time{}},
		{"worthless at night", at(24, 12, 0), until(at(24, 13, 0)), at(24, 22, 0), time.Time{}},
		{"not stale", at(24, 12, 0), nil, at(26, 11, 59), at(26, 11, 59)},
		{"stale", at(24, 12, 0), nil, at(26, 12, 0), time.Time{}},
		{"stale, whatever it says", at(24, 12, 0), until(at(30, 12, 0)), at(26, 12, 0), time.Time{}},
		{"stale in the morning", at(23, 7, 0), nil, at(24, 22, 0), at(24, 22, 0)},
	} {
		got, useful := times.SendAt(model.Notice{CreatedAt: c.written, UsefulUntil: c.useful}, c.now, zone)
		if useful != !c.want.IsZero() || useful && !got.Equal(c.want) {
			t.Errorf("%s: at %s, %v; want %s", c.name, got.In(zone), useful, c.want)
		}
	}
}

func TestRemindMoments(t *testing.T) {
	zone := shanghai(t)
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, zone)
	}
	newYear := time.Date(2027, 1, 1, 9, 0, 0, 0, zone)
	times := model.ReminderTimes{Evening: 19 * 60, Soon: 2 * time.Hour}
	for _, c := range []struct {
		name          string
		times         model.ReminderTimes
		start         time.Time
		booked        time.Time
		now           time.Time
		evening, soon bool
	}{
		{"long before", times, at(11, 25, 9, 0), at(11, 20, 9, 0), at(11, 24, 18, 59), false, false},
		{"the evening before", times, at(11, 25, 9, 0), at(11, 20, 9, 0), at(11, 24, 19, 0), true, false},
		{"the evening before the new year", times, newYear, at(12, 20, 9, 0), at(12, 31, 19, 0), true, false},
		{"two hours before in the new year", times, newYear, at(12, 20, 9, 0), newYear.Add(-2 * time.Hour), false, true},
		{"late at night, made up for", times, at(11, 25, 9, 0), at(11, 20, 9, 0), at(11, 25, 6, 59), true, false},
		{"two hours before", times, at(11, 25, 9, 0), at(11, 20, 9, 0), at(11, 25, 7, 0), false, true},
		{"just before it begins", times, at(11, 25, 9, 0), at(11, 20, 9, 0), at(11, 25, 8, 59), false, true},
		{"it begins", times, at(11, 25, 9, 0), at(11, 20, 9, 0), at(11, 25, 9, 0), false, false},
		{"booked at the moment", times, at(11, 25, 9, 0), at(11, 24, 19, 0), at(11, 24, 19, 0), false, false},
		{"booked after it", times, at(11, 25, 9, 0), at(11, 24, 20, 0), at(11, 24, 20, 1), false, false},
		{"booked after it, two hours before", times, at(11, 25, 9, 0), at(11, 24, 20, 0), at(11, 25, 7, 0), false, true},
		{"booked within the two hours", times, at(11, 25, 9, 0), at(11, 25, 7, 0), at(11, 25, 7, 0), false, false},
		{"no evening", model.ReminderTimes{Evening: -1, Soon: 2 * time.Hour}, at(11, 25, 9, 0), at(11, 20, 9, 0), at(11, 24, 19, 0), false, false},
		{"no two hours", model.ReminderTimes{Evening: 19 * 60}, at(11, 25, 9, 0), at(11, 20, 9, 0), at(11, 25, 8, 0), true, false},
		{"at midnight", model.ReminderTimes{Evening: 0}, at(11, 25, 9, 0), at(11, 20, 9, 0), at(11, 24, 0, 0), true, false},
	} {
		b := model.Booking{Status: model.BookingConfirmed, StartAt: c.start, CreatedAt: c.booked}
		for kind, want := range map[model.ReminderKind]bool{model.RemindEvening: c.evening, model.RemindSoon: c.soon} {
			if got := c.times.Due(kind, b, c.now, zone); got != want {
				t.Errorf("%s: %s is due: %v", c.name, kind, got)
			}
			from, until := c.times.Span(kind, c.now, zone)
			if want && !(c.start.After(from) && !c.start.After(until)) {
				t.Errorf("%s: %s is due, and not looked for from %s until %s", c.name, kind, from.In(zone), until.In(zone))
			}
		}
		b.Status = model.BookingCancelled
		if c.times.Due(model.RemindEvening, b, c.now, zone) || c.times.Due(model.RemindSoon, b, c.now, zone) {
			t.Errorf("%s: a cancelled booking is reminded of", c.name)
		}
	}
}

// What the evening looks for is the rest of today, and tomorrow as soon as the evening has come.
func TestRemindSpan(t *testing.T) {
	zone := shanghai(t)
	times := model.ReminderTimes{Evening: 19 * 60, Soon: 2 * time.Hour}
	for now, want := range map[time.Time]time.Time{
		time.Date(2026, 12, 30, 18, 59, 0, 0, zone): time.Date(2026, 12, 31, 0, 0, 0, 0, zone),
		time.Date(2026, 12, 30, 19, 0, 0, 0, zone):  time.Date(2027, 1, 1, 0, 0, 0, 0, zone),
		time.Date(2026, 12, 31, 19, 0, 0, 0, zone):  time.Date(2027, 1, 2, 0, 0, 0, 0, zone),
	} {
		from, until := times.Span(model.RemindEvening, now, zone)
		if !from.Equal(now.Add(2*time.Hour)) || !until.Equal(want.Add(-time.Millisecond)) {
			t.Errorf("at %s from %s until %s", now, from.In(zone), until.In(zone))
		}
	}
}

func TestFacts(t *testing.T) {
	zone := shanghai(t)
	from := time.Date(2026, 3, 2, 9, 5, 0, 0, zone)
	if got := model.SessionFact(from.UTC(), from.Add(90*time.Minute).UTC(), zone); got != "2026年3月2日 09:05~10:35" {
		t.Errorf("a session is %s", got)
	}
	for _, facts := range []model.Facts{nil, {}, {model.FactSite: "示例“宝宝屋”", model.FactNote: ""}} {
		stored, err := facts.Value()
		must(t, err)
		for _, src := range []any{stored, []byte(stored.(string))} {
			var back model.Facts
			must(t, back.Scan(src))
			if len(back) != len(facts) || back[model.FactSite] != facts[model.FactSite] {
				t.Errorf("%v came back as %v", facts, back)
			}
		}
	}
	var none model.Facts
	if none.Scan(7) == nil || none.Scan("[") == nil {
		t.Error("no facts were read")
	}
}
