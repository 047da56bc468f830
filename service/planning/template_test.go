package planning_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
	"jiamenkou/service/planning"
)

var ctx = context.Background()

// key is a fresh idempotency key.
func (s *scene) key() string { return fmt.Sprintf("key-%06d", s.keys.Add(1)) }

// wish is a plan for the mornings of a weekday in a room of its own; change may alter it.
func (s *scene) wish(weekday int, change ...func(*planning.Template)) planning.Template {
	w := planning.Template{
		SiteID: s.w.Site.ID, ServiceID: s.w.Services["care-morning"].ID, CarerID: s.w.Carer.ID, Room: "新活动室", Weekday: weekday,
		StartMinute: 9 * 60, EndMinute: 11*60 + 30, Capacity: 4, ValidFrom: model.DateOf(s.now().In(s.w.Zone)),
	}
	for _, c := range change {
		c(&w)
	}
	return w
}

func (s *scene) add(wish planning.Template) model.WeeklyTemplate {
	s.t.Helper()
	t, err := s.AddTemplate(ctx, s.by, s.key(), wish)
	s.must(err)
	return t
}

// slotsOf gives the slots of a plan, by day.
func (s *scene) slotsOf(templateID string) map[string]model.Slot {
	s.t.Helper()
	slots, err := s.w.Store.ListPlannedSlots(ctx, s.w.Site.ID, day("2026-01-01"), day("2028-01-01"))
	s.must(err)
	byDay := map[string]model.Slot{}
	for _, slot := range slots {
		if slot.TemplateID != nil && *slot.TemplateID == templateID {
			byDay[slot.Date.String()] = slot
		}
	}
	return byDay
}

// family is somebody with a child of eighteen months, on the day the test plays.
func (s *scene) family() (resident, child string) {
	s.t.Helper()
	resident = s.w.AddResident()
	const month = 730 * time.Hour
	return resident, s.w.AddChild(resident, 18+int(modeltest.Now().Sub(s.now())/month))
}

// book gives a fresh family a place.
func (s *scene) book(slotID string) model.Booking {
	s.t.Helper()
	resident, child := s.family()
	b, err := s.bookings.Book(ctx, resident, s.key(), booking.Wish{SlotID: slotID, ChildID: child})
	s.must(err)
	return b
}

func (s *scene) wants(what string, err, want error) {
	s.t.Helper()
	if !errors.Is(err, want) {
		s.t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func day(text string) model.Date {
	d, err := model.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

func TestAddTemplate(t *testing.T) {
	onScenes(t, morning("2026-03-02"), func(t *testing.T, s *scene) {
		wish := s.wish(3)
		first, err := s.AddTemplate(ctx, s.by, "key-template", wish)
		s.must(err)
		again, err := s.AddTemplate(ctx, s.by, "key-template", wish)
		if err != nil || again.ID != first.ID {
			t.Errorf("the same key gave %s, %v; want %s", again.ID, err, first.ID)
		}
		if slots := s.slotsOf(first.ID); len(slots) != 2 || slots["2026-03-04"].Capacity != 4 {
			t.Errorf("its slots are %+v", slots)
		}
		events, err := s.w.Store.ListEvents(ctx, first.ID)
		if s.must(err); len(events) != 1 || events[0].ToState != "planned" || events[0].ActorID != s.by.StaffID {
			t.Errorf("its events are %+v", events)
		}
		s.w.Sound()
	})
}

func TestTemplatesRefused(t *testing.T) {
	onScenes(t, morning("2026-03-02"), func(t *testing.T, s *scene) {
		other, stranger := s.w.AddSite("310104018", "示例宝宝屋乙", s.w.Site.Where())
		s.db.Exec(t, "UPDATE care_services SET status = 'withdrawn' WHERE code = 'parenting'")
		s.add(s.wish(3))
		s.w.AddSlot(0, 5, func(slot *model.Slot) { // a session from elsewhere, on Thursday the 5th
			slot.Room, slot.Date = "新活动室", day("2026-03-05")
			slot.StartAt = slot.Date.At(10, 0, s.w.Zone).UTC()
			slot.EndAt, slot.CutoffAt, slot.ReleaseAt = slot.Date.At(11, 0, s.w.Zone).UTC(), slot.StartAt, slot.StartAt
		})
		for name, c := range map[string]struct {
			change func(*planning.Template)
			want   error
		}{
			"a room that is planned":           {func(w *planning.Template) { w.Weekday, w.StartMinute, w.EndMinute = 3, 11*60, 12*60 }, model.ErrRoomTaken},
			"a room with a slot in it":         {func(w *planning.Template) { w.Weekday = 4 }, model.ErrRoomTaken},
			"another's site":                   {func(w *planning.Template) { w.SiteID = other.ID }, model.ErrSiteNotFound},
			"another's carer":                  {func(w *planning.Template) { w.CarerID = stranger.ID }, model.ErrCarerNotFound},
			"a service withdrawn":              {func(w *planning.Template) { w.ServiceID = s.w.Services["parenting"].ID }, model.ErrServiceNotFound},
			"a service nobody knows":           {func(w *planning.Template) { w.ServiceID = "none" }, model.ErrServiceNotFound},
			"a blank room":                     {func(w *planning.Template) { w.Room = "  " }, model.ErrRoomUnnamed},
			"from yesterday":                   {func(w *planning.Template) { w.ValidFrom = day("2026-03-01") }, model.ErrPlanDatePast},
			"an end before the start":          {func(w *planning.Template) { w.EndMinute = w.StartMinute }, model.ErrSessionTimes},
			"fewer places than none":           {func(w *planning.Template) { w.Capacity = -1 }, model.ErrCapacityNegative},
			"a room that is planned, in blank": {func(w *planning.Template) { w.Weekday, w.Room = 3, " 新活动室 " }, model.ErrRoomTaken},
		} {
			_, err := s.AddTemplate(ctx, s.by, s.key(), s.wish(5, c.change))
			s.wants(name, err, c.want)
		}
		s.db.Exec(t, "UPDATE carers SET status = 'left' WHERE id = ?", s.w.Carer.ID)
		_, err := s.AddTemplate(ctx, s.by, s.key(), s.wish(5))
		s.wants("a carer who left", err, model.ErrCarerNotFound)
		s.w.Sound()
	})
}

// A carer follows into the slots that are there; a number of places too, as far as it can, and not where a day has its own.
func TestChangeTemplate(t *testing.T) {
	onScenes(t, morning("2026-03-03"), func(t *testing.T, s *scene) {
		template := s.add(s.wish(3))
		slots := s.slotsOf(template.ID) // the 4th and the 11th
		early, late := slots["2026-03-04"], slots["2026-03-11"]
		s.book(early.ID)
		s.book(early.ID)
		_, err := s.SetCapacity(ctx, s.by, s.key(), planning.Places{SlotID: late.ID, Capacity: 7, Reason: "两位老师"})
		s.must(err)
		second := model.Carer{ID: s.w.Store.NewID(), SiteID: s.w.Site.ID, Name: "示例老师乙", Status: model.CarerActive}
		s.db.Exec(t, "INSERT INTO carers (id, site_id, name, title, intro, status) VALUES (?, ?, ?, '', '', 'active')", second.ID, second.SiteID, second.Name)

		one := 1
		change := planning.Change{TemplateID: template.ID, Capacity: &one, CarerID: &second.ID}
		done, err := s.ChangeTemplate(ctx, s.by, "key-change", change)
		s.must(err)
		if done.Template.Capacity != 1 || done.Template.CarerID != second.ID {
			t.Errorf("the plan is %+v", done.Template)
		}
		if len(done.Behind) != 1 || done.Behind[0].ID != early.ID || done.Behind[0].Capacity != 2 {
			t.Errorf("behind are %+v, want the slot with two places taken", done.Behind)
		}
		now := s.slotsOf(template.ID)
		if now["2026-03-04"].Capacity != 2 || now["2026-03-11"].Capacity != 7 {
			t.Errorf("%d and %d places, want 2 and 7", now["2026-03-04"].Capacity, now["2026-03-11"].Capacity)
		}
		if now["2026-03-04"].CarerID != second.ID || now["2026-03-11"].CarerID != second.ID {
			t.Error("the carer did not follow")
		}
		events, err := s.w.Store.ListEvents(ctx, template.ID)
		if s.must(err); len(events) != 2 || events[1].Reason != "名额4改为1；换照护人员" {
			t.Errorf("its events are %+v", events)
		}
		again, err := s.ChangeTemplate(ctx, s.by, "key-change", change)
		if err != nil || len(again.Behind) != 1 {
			t.Errorf("the same key gave %+v, %v", again, err)
		}
		s.goTo(morning("2026-03-10"))
		s.generate()
		if made := s.slotsOf(template.ID)["2026-03-18"]; made.Capacity != 1 || made.CarerID != second.ID {
			t.Errorf("the next one made is %+v", made)
		}
		minus := -1
		_, err = s.ChangeTemplate(ctx, s.by, s.key(), planning.Change{TemplateID: template.ID, Capacity: &minus})
		s.wants("minus one", err, model.ErrCapacityNegative)
		nobody := "nobody"
		_, err = s.ChangeTemplate(ctx, s.by, s.key(), planning.Change{TemplateID: template.ID, CarerID: &nobody})
		s.wants("nobody", err, model.ErrCarerNotFound)
		s.w.Sound()
	})
}

// Ending a plan closes the slots beyond its last day, with their bookings; then another plan can have the room.
func TestEndTemplate(t *testing.T) {
	onScenes(t, morning("2026-03-03"), func(t *testing.T, s *scene) {
		template := s.add(s.wish(3))
		slots := s.slotsOf(template.ID)
		b := s.book(slots["2026-03-11"].ID)
		_, err := s.EndTemplate(ctx, s.by, s.key(), planning.Ending{TemplateID: template.ID, Last: day("2026-03-10"), Reason: " "})
		s.wants("without a reason", err, model.ErrReasonInvalid)
		ended, err := s.EndTemplate(ctx, s.by, "key-ending", planning.Ending{TemplateID: template.ID, Last: day("2026-03-10"), Reason: "改到下午"})
		s.must(err)
		if ended.Exception == nil || *ended.Template.ValidUntil != day("2026-03-10") {
			t.Fatalf("it ended as %+v", ended)
		}
		now := s.slotsOf(template.ID)
		if now["2026-03-04"].Status != model.SlotOpen || now["2026-03-11"].Status != model.SlotCancelled {
			t.Errorf("the slots are %s and %s", now["2026-03-04"].Status, now["2026-03-11"].Status)
		}
		if was, err := s.w.Store.FindBookingOf(ctx, b.ResidentID, b.ID); err != nil || was.Status != model.BookingSiteCancelled {
			t.Errorf("the booking is %s, %v", was.Status, err)
		}
		if _, err := s.EndTemplate(ctx, s.by, "key-ending", planning.Ending{TemplateID: template.ID, Last: day("2026-03-10"), Reason: "改到下午"}); err != nil {
			t.Errorf("the same key: %v", err)
		}
		_, err = s.EndTemplate(ctx, s.by, s.key(), planning.Ending{TemplateID: template.ID, Last: day("2026-03-11"), Reason: "改回来"})
		s.wants("a later last day", err, model.ErrPlanDates)
		_, err = s.AddTemplate(ctx, s.by, s.key(), s.wish(3))
		s.wants("the room before it is free", err, model.ErrRoomTaken)
		next := s.add(s.wish(3, func(w *planning.Template) { w.ValidFrom = day("2026-03-11") }))
		if made := s.slotsOf(next.ID); len(made) != 1 {
			t.Errorf("the plan after it has %+v", made)
		}
		s.goTo(morning("2026-03-12"))
		_, err = s.EndTemplate(ctx, s.by, s.key(), planning.Ending{TemplateID: template.ID, Last: day("2026-03-12"), Reason: "再结束"})
		s.wants("what is over", err, model.ErrTemplateEnded)
		s.w.Sound()
	})
}

// Whoever keeps another site sees nothing of this one.
func TestPlansOfAnotherSite(t *testing.T) {
	onScenes(t, morning("2026-03-02"), func(t *testing.T, s *scene) {
		template := s.add(s.wish(3))
		slot := s.slotsOf(template.ID)["2026-03-04"]
		o, err := s.AddException(ctx, s.by, s.key(), planning.Exception{
			SiteID: s.w.Site.ID, Kind: model.ExceptionClose, From: day("2026-03-20"), Until: day("2026-03-20"), Reason: "消防演练",
		})
		s.must(err)
		other, _ := s.w.AddSite("310104018", "示例宝宝屋乙", s.w.Site.Where())
		by := keeperOf(other)
		for name, c := range map[string]struct {
			ask  func() error
			want error
		}{
			"choices":   {func() error { _, err := s.Choices(ctx, by, s.w.Site.ID); return err }, model.ErrSiteNotFound},
			"templates": {func() error { _, err := s.Templates(ctx, by, s.w.Site.ID); return err }, model.ErrSiteNotFound},
			"plan":      {func() error { _, err := s.Plan(ctx, by, s.w.Site.ID, slot.Date, slot.Date); return err }, model.ErrSiteNotFound},
			"slots":     {func() error { _, err := s.Slots(ctx, by, s.w.Site.ID, slot.Date, slot.Date); return err }, model.ErrSiteNotFound},
			"exceptions": {
				func() error { _, err := s.Exceptions(ctx, by, s.w.Site.ID, slot.Date, slot.Date); return err }, model.ErrSiteNotFound,
			},
			"preview":   {func() error { _, err := s.Preview(ctx, by, planning.Exception{SiteID: s.w.Site.ID}); return err }, model.ErrSiteNotFound},
			"exception": {func() error { _, err := s.FindException(ctx, by, o.ID); return err }, model.ErrExceptionNotFound},
			"slot":      {func() error { _, err := s.FindSlot(ctx, by, slot.ID); return err }, model.ErrSlotNotFound},
			"closing":   {func() error { _, err := s.CloseSlot(ctx, by, s.key(), slot.ID, "消防演练"); return err }, model.ErrSlotNotFound},
			"places": {
				func() error {
					_, err := s.SetCapacity(ctx, by, s.key(), planning.Places{SlotID: slot.ID, Reason: "一"})
					return err
				}, model.ErrSlotNotFound,
			},
			"changing": {
				func() error {
					_, err := s.ChangeTemplate(ctx, by, s.key(), planning.Change{TemplateID: template.ID})
					return err
				}, model.ErrTemplateNotFound,
			},
			"ending": {
				func() error {
					_, err := s.EndTemplate(ctx, by, s.key(), planning.Ending{TemplateID: template.ID})
					return err
				}, model.ErrTemplateNotFound,
			},
			"another's template": {
				func() error {
					_, err := s.AddException(ctx, by, s.key(), planning.Exception{
						SiteID: other.ID, Kind: model.ExceptionClose, TemplateID: template.ID, From: slot.Date, Until: slot.Date, Reason: "消防演练",
					})
					return err
				}, model.ErrTemplateNotFound,
			},
		} {
			s.wants(name, c.ask(), c.want)
		}
		if mine, err := s.Sites(ctx, by); err != nil || len(mine) != 1 || mine[0].ID != other.ID {
			t.Errorf("the other keeper's sites are %+v, %v", mine, err)
		}
	})
}
