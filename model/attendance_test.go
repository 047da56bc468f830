package model_test

import (
	"slices"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

// The session lasts from 09:00 to 11:30 on 24 November in Shanghai; the door opens an hour before, and half an hour after
// the start whoever has not come may be marked.
var (
	sessionStart = instant("2026-11-24T01:00:00Z")
	sessionEnd   = instant("2026-11-24T03:30:00Z")
	doorPolicy   = model.ServicePolicy{CheckInMinutes: 60, NoShowMinutes: 30, NoShowPoints: 2, AppealDays: 14}
)

func session(status model.BookingStatus) model.Booking {
	return model.Booking{Status: status, StartAt: sessionStart, EndAt: sessionEnd, UpdatedAt: sessionStart}
}

func TestCheckIn(t *testing.T) {
	for _, c := range []struct {
		name string
		from model.BookingStatus
		now  time.Time
		why  error
	}{
		{"the day before", model.BookingConfirmed, sessionStart.AddDate(0, 0, -1), model.ErrCheckInOtherDay},
		{"the day after", model.BookingConfirmed, sessionStart.AddDate(0, 0, 1), model.ErrCheckInOtherDay},
		{"at midnight", model.BookingConfirmed, instant("2026-11-23T16:00:00Z"), model.ErrCheckInTooEarly},
		{"a millisecond before the door opens", model.BookingConfirmed, sessionStart.Add(-time.Hour - time.Millisecond), model.ErrCheckInTooEarly},
		{"as the door opens", model.BookingConfirmed, sessionStart.Add(-time.Hour), nil},
		{"a millisecond before the end", model.BookingConfirmed, sessionEnd.Add(-time.Millisecond), nil},
		{"at the end", model.BookingConfirmed, sessionEnd, model.ErrCheckInTooLate},
		{"after being marked as not coming", model.BookingNoShow, sessionStart.Add(time.Hour), nil},
		{"after being marked, at the end", model.BookingNoShow, sessionEnd, model.ErrCheckInTooLate},
		{"there already", model.BookingCheckedIn, sessionStart, model.ErrAlreadyCheckedIn},
		{"gone already", model.BookingCompleted, sessionStart, model.ErrAlreadyLeft},
		{"cancelled", model.BookingCancelled, sessionStart, model.ErrBookingCalledOff},
		{"cancelled late", model.BookingLateCancelled, sessionStart, model.ErrBookingCalledOff},
		{"cancelled by the site, and on another day", model.BookingSiteCancelled, sessionStart.AddDate(0, 0, 1), model.ErrBookingCalledOff},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := session(c.from)
			wantErr(t, b.CheckIn(doorPolicy, c.now, shanghai(t)), c.why)
			want := c.from
			if c.why == nil {
				want = model.BookingCheckedIn
			}
			if b.Status != want || (c.why == nil) != b.UpdatedAt.Equal(c.now) && !c.now.Equal(sessionStart) {
				t.Errorf("it is %s since %v", b.Status, b.UpdatedAt)
			}
		})
	}
}

// A refusal tells when the child came, or when the door opens, on the clock of the place.
func TestCheckInTellsWhen(t *testing.T) {
	there, early, other := session(model.BookingCheckedIn), session(model.BookingConfirmed), session(model.BookingConfirmed)
	for _, c := range []struct {
		err  error
		want string
	}{
		{there.CheckIn(doorPolicy, sessionStart, shanghai(t)), "11月24日周二 09:00"},
		{early.CheckIn(doorPolicy, sessionStart.Add(-2*time.Hour), shanghai(t)), "11月24日周二 08:00"},
		{other.CheckIn(doorPolicy, sessionStart.AddDate(0, 0, 2), shanghai(t)), "11月24日周二 09:00"},
	} {
		if told := fault.Of(c.err).Message; !containsAny(told, c.want) {
			t.Errorf("%q does not tell %q", told, c.want)
		}
	}
}

func TestHandOver(t *testing.T) {
	for from, why := range map[model.BookingStatus]error{
		model.BookingCheckedIn: nil, model.BookingConfirmed: model.ErrNotCheckedIn, model.BookingNoShow: model.ErrNotCheckedIn,
		model.BookingCompleted: model.ErrAlreadyLeft, model.BookingCancelled: model.ErrBookingCalledOff,
		model.BookingLateCancelled: model.ErrBookingCalledOff, model.BookingSiteCancelled: model.ErrBookingCalledOff,
	} {
		b := session(from)
		wantErr(t, b.HandOver(sessionEnd, shanghai(t)), why)
		if (b.Status == model.BookingCompleted) != (why == nil || from == model.BookingCompleted) {
			t.Errorf("from %s it is %s", from, b.Status)
		}
	}
}

func TestMissOut(t *testing.T) {
	long := doorPolicy
	long.NoShowMinutes = 1000
	for _, c := range []struct {
		name   string
		from   model.BookingStatus
		policy model.ServicePolicy
		now    time.Time
		why    error
	}{
		{"too early", model.BookingConfirmed, doorPolicy, sessionStart.Add(30*time.Minute - time.Millisecond), model.ErrNoShowTooEarly},
		{"from the moment on", model.BookingConfirmed, doorPolicy, sessionStart.Add(30 * time.Minute), nil},
		{"days later", model.BookingConfirmed, doorPolicy, sessionStart.AddDate(0, 0, 3), nil},
		{"a moment past the end counts as the end", model.BookingConfirmed, long, sessionEnd, nil},
		{"and not before", model.BookingConfirmed, long, sessionEnd.Add(-time.Millisecond), model.ErrNoShowTooEarly},
		{"it is there", model.BookingCheckedIn, doorPolicy, sessionEnd, model.ErrAlreadyCheckedIn},
		{"it was there", model.BookingCompleted, doorPolicy, sessionEnd, model.ErrAlreadyLeft},
		{"marked already", model.BookingNoShow, doorPolicy, sessionEnd, model.ErrAlreadyNoShow},
		{"cancelled", model.BookingSiteCancelled, doorPolicy, sessionEnd, model.ErrBookingCalledOff},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := session(c.from)
			wantErr(t, b.MissOut(c.policy, c.now, shanghai(t)), c.why)
			if (b.Status == model.BookingNoShow) != (c.why == nil || c.from == model.BookingNoShow) {
				t.Errorf("it is %s", b.Status)
			}
		})
	}
}

func TestMayShowCode(t *testing.T) {
	during := sessionStart.Add(time.Hour)
	for from, why := range map[model.BookingStatus]error{
		model.BookingConfirmed: nil, model.BookingNoShow: nil, model.BookingCheckedIn: model.ErrAlreadyCheckedIn,
		model.BookingCompleted: model.ErrAlreadyLeft, model.BookingCancelled: model.ErrBookingCalledOff,
	} {
		wantErr(t, session(from).MayShowCode(during, shanghai(t)), why)
	}
	wantErr(t, session(model.BookingConfirmed).MayShowCode(sessionStart.AddDate(0, 0, -9), shanghai(t)), nil)
	wantErr(t, session(model.BookingConfirmed).MayShowCode(sessionEnd, shanghai(t)), model.ErrCheckInTooLate)
}

func TestMayAppeal(t *testing.T) {
	m := model.Mark{CreatedAt: sessionEnd}
	wantErr(t, doorPolicy.MayAppeal(m, sessionEnd.AddDate(0, 0, 14)), nil)
	wantErr(t, doorPolicy.MayAppeal(m, sessionEnd.AddDate(0, 0, 14).Add(time.Millisecond)), model.ErrAppealTooLate)
	wantErr(t, m.Lift("示例", sessionEnd), nil)
	wantErr(t, m.Lift("又一次", sessionEnd), model.ErrMarkLifted)
	wantErr(t, doorPolicy.MayAppeal(m, sessionEnd), model.ErrMarkLifted)
	if m.LiftedReason != "示例" {
		t.Errorf("lifted because %q", m.LiftedReason)
	}
}

func TestAppealIsSettledOnce(t *testing.T) {
	a := model.Appeal{Status: model.AppealOpen}
	wantErr(t, a.Settle(model.AppealRejected, "示例", "staff", sessionEnd), nil)
	wantErr(t, a.Settle(model.AppealUpheld, "改主意", "other", sessionEnd), model.ErrAppealAnswered)
	if a.Status != model.AppealRejected || a.Answer != "示例" || a.AnsweredBy != "staff" {
		t.Errorf("it is %+v", a)
	}
}

// A tally tells what a mark brings: nothing, a strike, or a block.
func TestTallyReaches(t *testing.T) {
	p := model.ServicePolicy{PointsPerStrike: 2, StrikesToBlock: 3, StrikeWindowDays: 90, BlockDays: 30}
	for _, c := range []struct {
		name    string
		before  []model.Mark
		points  int
		reaches bool
		strikes int
	}{
		{"the first late cancel", nil, 1, false, 0},
		{"the second", []model.Mark{mark(5, 1)}, 1, true, 1},
		{"the second, of which the first was lifted", []model.Mark{lifted(mark(5, 1))}, 1, false, 0},
		{"the second, of which the first lapsed", []model.Mark{mark(91, 1)}, 1, false, 0},
		{"a no-show", nil, 2, true, 1},
		{"the third no-show", []model.Mark{mark(9, 2), mark(8, 2)}, 2, true, 3},
		{"one that counts nothing", []model.Mark{mark(9, 2)}, 0, false, 1},
	} {
		before := p.TallyOf(c.before, judged)
		after := p.TallyOf(append(slices.Clone(c.before), mark(0, c.points)), judged)
		if after.Reaches(before) != c.reaches || after.Strikes != c.strikes {
			t.Errorf("%s: from %+v to %+v", c.name, before, after)
		}
		if blocked := !after.BlockedUntil.IsZero(); blocked != (c.strikes >= 3) {
			t.Errorf("%s: blocked until %v", c.name, after.BlockedUntil)
		}
	}
}

func TestPhoneTail(t *testing.T) {
	for number, want := range map[string]string{"13800138000": "8000", "8000": "", "": ""} {
		if got := model.PhoneTail(number); got != want {
			t.Errorf("of %q: %q", number, got)
		}
	}
}

func TestCodesAreReadable(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		code := model.NewCode(6)
		if len(code) != 6 || containsAny(code, "0", "1", "I", "O") || seen[code] {
			t.Errorf("the code %q", code)
		}
		seen[code] = true
	}
	if got := model.ReadCode("ab-c 2"); got != "ABC2" {
		t.Errorf("read %q", got)
	}
}
