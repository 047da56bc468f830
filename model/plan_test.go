package model_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"jiamenkou/model"
)

func untilDay(text string) *model.Date {
	d := day(text)
	return &d
}

// mondays is a plan for Monday mornings, from March 2026 on.
func mondays(change ...func(*model.WeeklyTemplate)) model.WeeklyTemplate {
	t := model.WeeklyTemplate{
		ID: "t", SiteID: "s", ServiceID: "care", CarerID: "c", Room: "活动室", Weekday: 1,
		StartMinute: 9 * 60, EndMinute: 11*60 + 30, Capacity: 10, ValidFrom: day("2026-03-01"),
	}
	for _, c := range change {
		c(&t)
	}
	return t
}

func TestTemplatesOverlap(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*model.WeeklyTemplate)
		want   bool
	}{
		"the same":                           {func(*model.WeeklyTemplate) {}, true},
		"a minute before the end":            {func(t *model.WeeklyTemplate) { t.StartMinute, t.EndMinute = 11*60+29, 12*60 }, true},
		"from the end on":                    {func(t *model.WeeklyTemplate) { t.StartMinute, t.EndMinute = 11*60+30, 12*60 }, false},
		"until the start":                    {func(t *model.WeeklyTemplate) { t.StartMinute, t.EndMinute = 8*60, 9*60 }, false},
		"until a minute after the start":     {func(t *model.WeeklyTemplate) { t.StartMinute, t.EndMinute = 8*60, 9*60+1 }, true},
		"around it":                          {func(t *model.WeeklyTemplate) { t.StartMinute, t.EndMinute = 0, 24*60 }, true},
		"another room":                       {func(t *model.WeeklyTemplate) { t.Room = "阅读角" }, false},
		"another site":                       {func(t *model.WeeklyTemplate) { t.SiteID = "other" }, false},
		"another weekday":                    {func(t *model.WeeklyTemplate) { t.Weekday = 2 }, false},
		"ended the day before":               {func(t *model.WeeklyTemplate) { t.ValidFrom, t.ValidUntil = day("2026-01-01"), untilDay("2026-02-28") }, false},
		"ending on the first day":            {func(t *model.WeeklyTemplate) { t.ValidFrom, t.ValidUntil = day("2026-01-01"), untilDay("2026-03-01") }, true},
		"beginning later":                    {func(t *model.WeeklyTemplate) { t.ValidFrom = day("2027-01-01") }, true},
		"ended before it began, so never":    {func(t *model.WeeklyTemplate) { t.ValidFrom, t.ValidUntil = day("2026-05-01"), untilDay("2026-04-01") }, false},
		"another service and carer, no help": {func(t *model.WeeklyTemplate) { t.ServiceID, t.CarerID = "x", "y" }, true},
	} {
		one, other := mondays(), mondays(c.change)
		if one.Overlaps(other) != c.want || other.Overlaps(one) != c.want {
			t.Errorf("%s: %v and %v, want %v", name, one.Overlaps(other), other.Overlaps(one), c.want)
		}
	}
}

func TestTemplateCheck(t *testing.T) {
	today := day("2026-03-01")
	for name, c := range map[string]struct {
		change func(*model.WeeklyTemplate)
		want   error
	}{
		"good":                  {func(*model.WeeklyTemplate) {}, nil},
		"of one day":            {func(t *model.WeeklyTemplate) { t.ValidUntil = untilDay("2026-03-01") }, nil},
		"the whole day":         {func(t *model.WeeklyTemplate) { t.StartMinute, t.EndMinute = 0, 24*60 }, nil},
		"no places":             {func(t *model.WeeklyTemplate) { t.Capacity = 0 }, nil},
		"fewer than no places":  {func(t *model.WeeklyTemplate) { t.Capacity = -1 }, model.ErrCapacityNegative},
		"from yesterday":        {func(t *model.WeeklyTemplate) { t.ValidFrom = day("2026-02-28") }, model.ErrPlanDatePast},
		"until before it began": {func(t *model.WeeklyTemplate) { t.ValidUntil = untilDay("2026-02-28") }, model.ErrPlanDates},
		"no room":               {func(t *model.WeeklyTemplate) { t.Room = "" }, model.ErrRoomUnnamed},
		"no time":               {func(t *model.WeeklyTemplate) { t.EndMinute = t.StartMinute }, model.ErrSessionTimes},
		"backwards":             {func(t *model.WeeklyTemplate) { t.EndMinute = t.StartMinute - 1 }, model.ErrSessionTimes},
		"beyond midnight":       {func(t *model.WeeklyTemplate) { t.EndMinute = 24*60 + 1 }, model.ErrSessionTimes},
		"before midnight":       {func(t *model.WeeklyTemplate) { t.StartMinute = -1 }, model.ErrSessionTimes},
	} {
		if err := mondays(c.change).Check(today); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestTemplateEnd(t *testing.T) {
	for name, c := range map[string]struct {
		until       *model.Date
		last, today string
		want        error
	}{
		"today":                 {nil, "2026-03-10", "2026-03-10", nil},
		"yesterday":             {nil, "2026-03-09", "2026-03-10", model.ErrPlanDatePast},
		"earlier than it was":   {untilDay("2026-03-20"), "2026-03-19", "2026-03-10", nil},
		"later than it was":     {untilDay("2026-03-20"), "2026-03-21", "2026-03-10", model.ErrPlanDates},
		"over since yesterday":  {untilDay("2026-03-09"), "2026-03-10", "2026-03-10", model.ErrTemplateEnded},
		"before it ever begins": {nil, "2026-02-01", "2026-02-01", nil},
	} {
		one := mondays(func(t *model.WeeklyTemplate) { t.ValidUntil = c.until })
		err := one.End(day(c.last), day(c.today))
		if !errors.Is(err, c.want) || err == nil && *one.ValidUntil != day(c.last) {
			t.Errorf("%s: %v, until %v; want %v", name, err, one.ValidUntil, c.want)
		}
	}
}

func TestExceptionCheck(t *testing.T) {
	today := day("2026-03-10")
	good := model.PlanException{Kind: model.ExceptionClose, FromDate: today, UntilDate: today, Reason: "消防演练"}
	opening := model.PlanException{
		Kind: model.ExceptionOpen, FromDate: today, UntilDate: today, Room: "活动室", StartMinute: 540, EndMinute: 600, Capacity: 3, Reason: "加开",
	}
	change := func(e model.PlanException, f func(*model.PlanException)) model.PlanException {
		f(&e)
		return e
	}
	for name, c := range map[string]struct {
		e    model.PlanException
		want error
	}{
		"a closing":                {good, nil},
		"of a room":                {change(good, func(e *model.PlanException) { e.Room = "活动室" }), nil},
		"of a plan":                {change(good, func(e *model.PlanException) { e.TemplateID = "t" }), nil},
		"of a room and a plan":     {change(good, func(e *model.PlanException) { e.Room, e.TemplateID = "活动室", "t" }), model.ErrExceptionScope},
		"yesterday":                {change(good, func(e *model.PlanException) { e.FromDate = day("2026-03-09") }), model.ErrPlanDatePast},
		"backwards":                {change(good, func(e *model.PlanException) { e.UntilDate = day("2026-03-09") }), model.ErrPlanDates},
		"without a reason":         {change(good, func(e *model.PlanException) { e.Reason = "" }), model.ErrReasonInvalid},
		"a reason of 200":          {change(good, func(e *model.PlanException) { e.Reason = strings.Repeat("因", 200) }), nil},
		"a reason of 201":          {change(good, func(e *model.PlanException) { e.Reason = strings.Repeat("因", 201) }), model.ErrReasonInvalid},
		"an opening":               {opening, nil},
		"an opening nowhere":       {change(opening, func(e *model.PlanException) { e.Room = "" }), model.ErrRoomUnnamed},
		"an opening of no time":    {change(opening, func(e *model.PlanException) { e.EndMinute = 540 }), model.ErrSessionTimes},
		"an opening without end":   {change(opening, func(e *model.PlanException) { e.EndMinute = 1441 }), model.ErrSessionTimes},
		"an opening for minus one": {change(opening, func(e *model.PlanException) { e.Capacity = -1 }), model.ErrCapacityNegative},
		"minus one place": {
			change(good, func(e *model.PlanException) { e.Kind, e.TemplateID, e.Capacity = model.ExceptionCapacity, "t", -1 }), model.ErrCapacityNegative,
		},
	} {
		if err := c.e.Check(today); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// What a closing reaches: by scope and day, and never what was opened after it.
func TestExceptionCloses(t *testing.T) {
	template, opened := "t", "opened"
	planned := model.Slot{ID: "slot", TemplateID: &template, Room: "活动室", Date: day("2026-03-10")}
	extra := model.Slot{ID: "extra", ExceptionID: &opened, Room: "活动室", Date: day("2026-03-10")}
	closing := model.PlanException{Kind: model.ExceptionClose, Number: 5, FromDate: day("2026-03-09"), UntilDate: day("2026-03-10")}
	with := func(f func(*model.PlanException)) model.PlanException {
		e := closing
		f(&e)
		return e
	}
	for name, c := range map[string]struct {
		e              model.PlanException
		number         int // of the exception that opened the extra slot
		planned, extra bool
	}{
		"the site, opened before": {closing, 4, true, true},
		"the site, opened after":  {closing, 6, true, false},
		"the room":                {with(func(e *model.PlanException) { e.Room = "活动室" }), 4, true, true},
		"another room":            {with(func(e *model.PlanException) { e.Room = "阅读角" }), 4, false, false},
		"the plan":                {with(func(e *model.PlanException) { e.TemplateID = "t" }), 4, true, false},
		"another plan":            {with(func(e *model.PlanException) { e.TemplateID = "u" }), 4, false, false},
		"one slot":                {with(func(e *model.PlanException) { e.SlotID = "extra" }), 4, false, true},
		"the day before":          {with(func(e *model.PlanException) { e.UntilDate = day("2026-03-09") }), 4, false, false},
		"the day after":           {with(func(e *model.PlanException) { e.FromDate, e.UntilDate = day("2026-03-11"), day("2026-03-12") }), 4, false, false},
		"no closing":              {with(func(e *model.PlanException) { e.Kind = model.ExceptionCapacity }), 4, false, false},
	} {
		numbers := model.OpenedIn([]model.PlanException{{ID: "opened", Kind: model.ExceptionOpen, Number: c.number}})
		if got := c.e.Closes(planned, numbers); got != c.planned {
			t.Errorf("%s: the planned slot %v", name, got)
		}
		if got := c.e.Closes(extra, numbers); got != c.extra {
			t.Errorf("%s: the extra slot %v", name, got)
		}
	}
}

var planZone = func() *time.Location {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return zone
}()

// verdicts is a Monday of a site with one plan, seen on the Sunday before; change makes it different.
func verdicts(change func(*model.SitePlan)) (words []string) {
	p := model.SitePlan{
		Templates: []model.WeeklyTemplate{mondays()}, Policies: map[string]model.ServicePolicy{"care": {ServiceID: "care"}},
		Zone: planZone, Now: day("2026-03-08").At(12, 0, planZone), NewID: modelIDs.New,
	}
	change(&p)
	for _, s := range p.On(day("2026-03-09")) {
		words = append(words, string(s.Verdict))
	}
	return words
}

func TestSitePlanVerdicts(t *testing.T) {
	monday := day("2026-03-09")
	template := "t"
	slot := func(from, to int, change ...func(*model.Slot)) model.Slot {
		s := model.Slot{
			ID: "there", SiteID: "s", Room: "活动室", Date: monday, StartAt: monday.At(from, 0, planZone), EndAt: monday.At(to, 0, planZone), Status: model.SlotOpen,
		}
		for _, c := range change {
			c(&s)
		}
		return s
	}
	of := func(s *model.Slot) { s.TemplateID = &template }
	called := func(s *model.Slot) { s.Status = model.SlotCancelled }
	for name, c := range map[string]struct {
		change func(*model.SitePlan)
		want   string
	}{
		"due":                      {func(*model.SitePlan) {}, "due"},
		"made":                     {func(p *model.SitePlan) { p.Slots = []model.Slot{slot(9, 11, of)} }, "made"},
		"made and called off":      {func(p *model.SitePlan) { p.Slots = []model.Slot{slot(9, 11, of, called)} }, "made"},
		"the room is taken":        {func(p *model.SitePlan) { p.Slots = []model.Slot{slot(11, 12)} }, "room_taken"},
		"the room is free by then": {func(p *model.SitePlan) { p.Slots = []model.Slot{slot(12, 13)} }, "due"},
		"taken by what is off":     {func(p *model.SitePlan) { p.Slots = []model.Slot{slot(9, 11, called)} }, "due"},
		"no rules":                 {func(p *model.SitePlan) { p.Policies = nil }, "no_rules"},
		"closed": {func(p *model.SitePlan) {
			p.Exceptions = []model.PlanException{{Kind: model.ExceptionClose, FromDate: monday, UntilDate: monday}}
		}, "closed"},
		"another slot closed": {func(p *model.SitePlan) {
			p.Exceptions = []model.PlanException{{Kind: model.ExceptionClose, SlotID: "x", FromDate: monday, UntilDate: monday}}
		}, "due"},
		"closed in another room": {func(p *model.SitePlan) {
			p.Exceptions = []model.PlanException{{Kind: model.ExceptionClose, Room: "阅读角", FromDate: monday, UntilDate: monday}}
		}, "due"},
		"begun, and never made":   {func(p *model.SitePlan) { p.Now = monday.At(9, 0, planZone) }, ""},
		"begun, and made in time": {func(p *model.SitePlan) { p.Now, p.Slots = monday.At(9, 0, planZone), []model.Slot{slot(9, 11, of)} }, "made"},
		"not worked": {func(p *model.SitePlan) {
			p.Calendar = model.NewCalendar(nil, []model.CalendarDay{{Date: monday, Kind: model.DayHoliday}})
		}, ""},
		"two plans want one room": {func(p *model.SitePlan) {
			p.Templates = append(p.Templates, mondays(func(t *model.WeeklyTemplate) { t.ID = "u" }))
		}, "due room_taken"},
		"two plans one after other": {func(p *model.SitePlan) {
			p.Templates = append(p.Templates, mondays(func(t *model.WeeklyTemplate) { t.ID, t.StartMinute, t.EndMinute = "u", 690, 800 }))
		}, "due due"},
	} {
		if got := strings.Join(verdicts(c.change), " "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestCapacityOn(t *testing.T) {
	monday := day("2026-03-09")
	p := model.SitePlan{Exceptions: []model.PlanException{
		{Number: 1, Kind: model.ExceptionCapacity, TemplateID: "t", FromDate: monday, UntilDate: monday, Capacity: 4},
		{Number: 2, Kind: model.ExceptionCapacity, TemplateID: "u", FromDate: monday, UntilDate: monday, Capacity: 5},
		{Number: 3, Kind: model.ExceptionCapacity, TemplateID: "t", FromDate: monday, UntilDate: monday, Capacity: 6},
	}}
	if n := p.CapacityOn(mondays(), monday); n != 6 {
		t.Errorf("decided twice: %d places, want the later 6", n)
	}
	if n := p.CapacityOn(mondays(), day("2026-03-16")); n != 10 {
		t.Errorf("a day of which nothing was decided: %d places", n)
	}
}

func TestWithPlaces(t *testing.T) {
	for _, c := range []struct {
		booked, held, wanted, got int
		exact                     bool
	}{
		{3, 1, 10, 10, true}, {3, 1, 4, 4, true}, {3, 1, 3, 4, false}, {3, 1, 0, 4, false}, {0, 0, 0, 0, true},
	} {
		s, exact := model.Slot{Capacity: 8, Booked: c.booked, Held: c.held}.WithPlaces(c.wanted)
		if s.Capacity != c.got || exact != c.exact {
			t.Errorf("%d booked and %d held, %d wanted: %d, %v", c.booked, c.held, c.wanted, s.Capacity, exact)
		}
	}
}

func TestExceptionLift(t *testing.T) {
	now := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	good := model.PlanException{Kind: model.ExceptionClose, FromDate: day("2026-03-09"), UntilDate: day("2026-03-10"), AppliedAt: &now}
	for name, c := range map[string]struct {
		change func(*model.PlanException)
		today  string
		want   error
	}{
		"on its last day":  {func(*model.PlanException) {}, "2026-03-10", nil},
		"over":             {func(*model.PlanException) {}, "2026-03-11", model.ErrExceptionStands},
		"places":           {func(e *model.PlanException) { e.Kind = model.ExceptionCapacity }, "2026-03-09", nil},
		"an extra session": {func(e *model.PlanException) { e.Kind = model.ExceptionOpen }, "2026-03-09", model.ErrExceptionStands},
		"one slot":         {func(e *model.PlanException) { e.SlotID = "x" }, "2026-03-09", model.ErrExceptionStands},
		"not yet applied":  {func(e *model.PlanException) { e.AppliedAt = nil }, "2026-03-09", model.ErrExceptionStands},
		"lifted before":    {func(e *model.PlanException) { e.LiftedAt = &now }, "2026-03-09", model.ErrExceptionStands},
	} {
		e := good
		c.change(&e)
		if err := e.Lift(day(c.today), now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
