package model_test

import (
	"errors"
	"testing"
	"time"

	"jiamenkou/model"
)

// aDrawnSlot is a slot whose applications end three days before its start, at nine on a Thursday.
func aDrawnSlot() model.Slot {
	start := time.Date(2026, 11, 26, 1, 0, 0, 0, time.UTC)
	at := start.Add(-72 * time.Hour)
	return model.Slot{
		ID: drawID(1), Status: model.SlotOpen, ReleaseMode: model.ReleaseDraw, DrawAt: &at, ReleaseAt: start.AddDate(0, 0, -14),
		StartAt: start, EndAt: start.Add(time.Hour), CutoffAt: start.Add(-2 * time.Hour), Capacity: 3,
	}
}

func TestTakesApplications(t *testing.T) {
	for _, c := range []struct {
		name   string
		at     time.Duration // from the end of applications
		change func(s *model.Slot)
		want   error
	}{
		{"before the release", -12 * 24 * time.Hour, nil, model.ErrSlotNotReleased},
		{"at the release", -11 * 24 * time.Hour, nil, nil},
		{"to the last millisecond", -time.Millisecond, nil, nil},
		{"at the end", 0, nil, model.ErrDrawClosed},
		{"after the cut-off", 71 * time.Hour, nil, model.ErrSlotCutOff},
		{"when it is over", 80 * time.Hour, nil, model.ErrSlotCutOff},
		{"called off", -time.Hour, func(s *model.Slot) { s.Status = model.SlotCancelled }, model.ErrSlotClosed},
		{"closed", -time.Hour, func(s *model.Slot) { s.Status = model.SlotClosed }, model.ErrSlotClosed},
		{"first come", -time.Hour, func(s *model.Slot) { s.ReleaseMode, s.DrawAt = model.ReleaseFirstCome, nil }, model.ErrDrawNotFound},
		{"drawn, with places left", time.Hour, func(s *model.Slot) { s.DrawnAt = s.DrawAt }, model.ErrDrawClosed},
		{"drawn and full", time.Hour, func(s *model.Slot) { s.DrawnAt, s.Booked = s.DrawAt, 3 }, model.ErrDrawClosed},
	} {
		slot := aDrawnSlot()
		now := slot.DrawAt.Add(c.at)
		if c.change != nil {
			c.change(&slot)
		}
		if got := slot.TakesApplications(now); !errors.Is(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestRandomnessUntil(t *testing.T) {
	slot := aDrawnSlot() // 70 hours lie between the end of applications and the cut-off
	for _, c := range []struct{ wait, before, want time.Duration }{
		{0, 0, 0},
		{24 * time.Hour, 12 * time.Hour, 24 * time.Hour},
		{100 * time.Hour, 12 * time.Hour, 58 * time.Hour},
		{100 * time.Hour, 0, 70 * time.Hour},
		{24 * time.Hour, 80 * time.Hour, 0},
	} {
		if got := slot.RandomnessUntil(c.wait, c.before).Sub(*slot.DrawAt); got != c.want {
			t.Errorf("waiting %s, known %s before: until %s after the end, want %s", c.wait, c.before, got, c.want)
		}
	}
}

func TestMonthOf(t *testing.T) {
	zone := time.FixedZone("+8", 8*60*60)
	for _, c := range []struct{ day, from, before string }{
		{"2026-11-24", "2026-10-31T16:00:00Z", "2026-11-30T16:00:00Z"},
		{"2026-12-31", "2026-11-30T16:00:00Z", "2026-12-31T16:00:00Z"},
		{"2028-02-29", "2028-01-31T16:00:00Z", "2028-02-29T16:00:00Z"},
	} {
		day, err := model.ParseDate(c.day)
		must(t, err)
		from, before := model.MonthOf(day, zone)
		if from.Format(time.RFC3339) != c.from || before.Format(time.RFC3339) != c.before {
			t.Errorf("the month of %s is from %s to before %s", c.day, from, before)
		}
	}
}

func TestAnnounceAndEnter(t *testing.T) {
	slot := aDrawnSlot()
	end := *slot.DrawAt
	for _, c := range []struct {
		name     string
		draw     model.Draw
		at       time.Time
		announce error
		enter    error
		entered  bool
	}{
		{"before the end", model.Draw{Status: model.DrawOpen, Source: "某日"}, end.Add(-time.Hour), nil, model.ErrRandomnessEarly, false},
		{"at the end, not settled", model.Draw{Status: model.DrawOpen, Source: "某日"}, end, model.ErrDrawSourceLate, model.ErrRandomnessEarly, false},
		{"settled", model.Draw{Status: model.DrawClosed, Source: "某日"}, end, model.ErrDrawSourceLate, nil, true},
		{"settled without a source", model.Draw{Status: model.DrawClosed}, end, model.ErrDrawSourceLate, model.ErrDrawSourceMissing, false},
		{"the same again", model.Draw{Status: model.DrawClosed, Source: "某日", Randomness: "08"}, end, model.ErrDrawSourceLate, nil, false},
		{"another", model.Draw{Status: model.DrawClosed, Source: "某日", Randomness: "09"}, end, model.ErrDrawSourceLate, model.ErrRandomnessGiven, false},
		{"drawn without it", model.Draw{Status: model.DrawDrawn, Source: "某日"}, end, model.ErrDrawSourceLate, model.ErrRandomnessGiven, false},
		{"drawn with it", model.Draw{Status: model.DrawDrawn, Source: "某日", Randomness: "08"}, end, model.ErrDrawSourceLate, nil, false},
		{"void", model.Draw{Status: model.DrawVoid, Source: "某日"}, end, model.ErrDrawSourceLate, model.ErrRandomnessGiven, false},
	} {
		announced := c.draw
		if err := announced.Announce("另一日", slot, c.at); !errors.Is(err, c.announce) || (err == nil) != (announced.Source == "另一日") {
			t.Errorf("%s, announcing: %v, %q", c.name, err, announced.Source)
		}
		entered, err := c.draw.Enter("08", "staff", c.at)
		if !errors.Is(err, c.enter) || (err == nil) != (c.enter == nil) || entered != c.entered {
			t.Errorf("%s, entering: %v, %v", c.name, entered, err)
		}
	}
}

// A draw waits for announced randomness until its time, and for nothing else.
func TestDrawWaits(t *testing.T) {
	slot := aDrawnSlot()
	end, until := *slot.DrawAt, slot.DrawAt.Add(time.Hour)
	silent, announced, entered := model.Draw{}, model.Draw{Source: "某日"}, model.Draw{Source: "某日"}
	for _, d := range []*model.Draw{&silent, &announced, &entered} {
		d.Close(slot, nil, until, end)
	}
	if _, err := entered.Enter("08", "staff", end); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		draw model.Draw
		at   time.Time
		want time.Time
	}{
		{"nothing announced", silent, end, time.Time{}},
		{"announced", announced, end, until},
		{"to the last millisecond", announced, until.Add(-time.Millisecond), until},
		{"its time is over", announced, until, time.Time{}},
		{"entered", entered, end, time.Time{}},
	} {
		if got := c.draw.Waits(c.at); !got.Equal(c.want) {
			t.Errorf("%s: until %s, want %s", c.name, got, c.want)
		}
	}
}
