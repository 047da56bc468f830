package model_test

import (
	"testing"
	"time"

	"jiamenkou/model"
)

// boundary is a slot that is released at 8, cut off at 10, starts at 12 and ends at 14 o'clock UTC.
func boundary(status model.SlotStatus, capacity, booked, held int) model.Slot {
	at := func(hour int) time.Time { return time.Date(2026, 11, 24, hour, 0, 0, 0, time.UTC) }
	return model.Slot{
		ReleaseAt: at(8), CutoffAt: at(10), StartAt: at(12), EndAt: at(14),
		Capacity: capacity, Booked: booked, Held: held, Status: status,
	}
}

// At every boundary, the millisecond before and the instant itself.
func TestSlotStateAtItsBoundaries(t *testing.T) {
	open := boundary(model.SlotOpen, 10, 3, 0)
	before := func(at time.Time) time.Time { return at.Add(-time.Millisecond) }
	for _, c := range []struct {
		name  string
		slot  model.Slot
		now   time.Time
		state model.SeenState
		why   error
	}{
		{"before release", open, before(open.ReleaseAt), model.SeenUpcoming, model.ErrSlotNotReleased},
		{"at release", open, open.ReleaseAt, model.SeenOpen, nil},
		{"before the cut-off", open, before(open.CutoffAt), model.SeenOpen, nil},
		{"at the cut-off", open, open.CutoffAt, model.SeenCutOff, model.ErrSlotCutOff},
		{"at the start", open, open.StartAt, model.SeenCutOff, model.ErrSlotCutOff},
		{"before the end", open, before(open.EndAt), model.SeenCutOff, model.ErrSlotCutOff},
		{"at the end", open, open.EndAt, model.SeenDone, model.ErrSlotCutOff},
		{"full", boundary(model.SlotOpen, 10, 10, 0), open.ReleaseAt, model.SeenFull, model.ErrSlotFull},
		{"all held", boundary(model.SlotOpen, 10, 9, 1), open.ReleaseAt, model.SeenFull, model.ErrSlotFull},
		{"one left", boundary(model.SlotOpen, 10, 8, 1), open.ReleaseAt, model.SeenOpen, nil},
		{"no capacity", boundary(model.SlotOpen, 0, 0, 0), open.ReleaseAt, model.SeenFull, model.ErrSlotFull},
		{"full and not released", boundary(model.SlotOpen, 1, 1, 0), before(open.ReleaseAt), model.SeenUpcoming, model.ErrSlotNotReleased},
		{"full and cut off", boundary(model.SlotOpen, 1, 1, 0), open.CutoffAt, model.SeenCutOff, model.ErrSlotCutOff},
		{"closed", boundary(model.SlotClosed, 10, 0, 0), open.ReleaseAt, model.SeenClosed, model.ErrSlotClosed},
		{"closed and over", boundary(model.SlotClosed, 10, 0, 0), open.EndAt, model.SeenDone, model.ErrSlotCutOff},
		{"draft", boundary(model.SlotDraft, 10, 0, 0), open.ReleaseAt, model.SeenClosed, model.ErrSlotClosed},
		{"done", boundary(model.SlotDone, 10, 0, 0), open.ReleaseAt, model.SeenDone, model.ErrSlotCutOff},
		{"cancelled", boundary(model.SlotCancelled, 10, 0, 0), open.ReleaseAt, model.SeenCancelled, model.ErrSlotClosed},
		{"cancelled and over", boundary(model.SlotCancelled, 10, 0, 0), open.EndAt, model.SeenCancelled, model.ErrSlotClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.slot.State(c.now); got != c.state {
				t.Errorf("it is %s, want %s", got, c.state)
			}
			wantErr(t, c.slot.Bookable(c.now), c.why)
		})
	}
}

func TestWeeklyTemplateAppliesOn(t *testing.T) {
	until := day("2026-12-28")
	monday := model.WeeklyTemplate{Weekday: 1, ValidFrom: day("2026-11-23"), ValidUntil: &until}
	sunday := model.WeeklyTemplate{Weekday: 7, ValidFrom: day("2026-01-01")}
	restSunday := sunday
	restSunday.OnRestDays = true
	for _, c := range []struct {
		name    string
		plan    model.WeeklyTemplate
		on      string
		working bool
		want    bool
	}{
		{"its weekday", monday, "2026-11-30", true, true},
		{"another weekday", monday, "2026-12-01", true, false},
		{"its first day", monday, "2026-11-23", true, true},
		{"a week too early", monday, "2026-11-16", true, false},
		{"its last day", monday, "2026-12-28", true, true},
		{"a week too late", monday, "2027-01-04", true, false},
		{"a holiday on its weekday", monday, "2026-11-30", false, false},
		{"a Sunday that rests", sunday, "2026-11-29", false, false},
		{"a Sunday that is worked", sunday, "2026-09-20", true, true},
		{"a plan for rest days", restSunday, "2026-11-29", false, true},
		{"a plan for rest days on a make-up workday", restSunday, "2026-09-20", true, true},
		{"a make-up Sunday does not borrow Monday's plan", monday, "2026-11-29", true, false},
	} {
		if got := c.plan.AppliesOn(day(c.on), c.working); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestSlotOn(t *testing.T) {
	zone, now := shanghai(t), instant("2026-11-23T00:00:00Z")
	plan := model.WeeklyTemplate{
		ID: "plan", SiteID: "site", ServiceID: "service", CarerID: "carer", Room: "活动室",
		Weekday: 1, StartMinute: 9 * 60, EndMinute: 11*60 + 30, Capacity: 12,
	}
	got := plan.SlotOn(day("2026-12-07"), "slot", defaults, zone, now)
	template := plan.ID
	want := model.Slot{
		ID: "slot", SiteID: "site", ServiceID: "service", CarerID: "carer", TemplateID: &template, Room: "活动室", Date: day("2026-12-07"),
		StartAt: instant("2026-12-07T01:00:00Z"), EndAt: instant("2026-12-07T03:30:00Z"),
		ReleaseAt: instant("2026-11-23T00:00:00Z"), CutoffAt: instant("2026-12-06T23:00:00Z"),
		Capacity: 12, Status: model.SlotOpen, CreatedAt: now, UpdatedAt: now,
	}
	if !sameSlot(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got.Length() != 150*time.Minute || got.Free() != 12 {
		t.Errorf("it lasts %v and has %d places", got.Length(), got.Free())
	}
}

// sameSlot compares what slots say rather than where they keep it: SlotOn writes every instant in UTC.
func sameSlot(a, b model.Slot) bool {
	if *a.TemplateID != *b.TemplateID {
		return false
	}
	a.TemplateID = b.TemplateID
	return a == b
}

// A session until midnight ends on the next day.
func TestSlotUntilMidnight(t *testing.T) {
	plan := model.WeeklyTemplate{StartMinute: 22 * 60, EndMinute: 24 * 60}
	got := plan.SlotOn(day("2026-12-31"), "slot", defaults, shanghai(t), instant("2026-12-20T00:00:00Z"))
	if !got.EndAt.Equal(instant("2027-01-01T00:00:00+08:00")) || got.Length() != 2*time.Hour {
		t.Errorf("it ends at %v after %v", got.EndAt, got.Length())
	}
}
