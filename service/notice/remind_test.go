package notice_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
)

// remind does the recurring work once, now.
func (h *house) remind() {
	h.t.Helper()
	for _, w := range h.takeReminding(time.Minute) {
		must(h.t, h.Remind(context.Background(), w))
	}
}

// takeReminding leases the recurring work, which is made to be due now.
func (h *house) takeReminding(keep time.Duration) []model.Work {
	h.t.Helper()
	ctx, now := context.Background(), h.now()
	must(h.t, h.Store.EnsureRecurring(ctx, model.WorkRemind, time.Minute, now.Add(-time.Second), now))
	h.d.Exec(h.t, "UPDATE owed_work SET due_at = ? WHERE kind = 'remind'", modeltest.Instant(now))
	work, err := h.Store.LeaseWork(ctx, model.LaneHouse, now, keep, 10)
	must(h.t, err)
	if len(work) != 1 || work[0].Kind != model.WorkRemind {
		h.t.Fatalf("to be done: %+v", work)
	}
	return work
}

// book books a slot for a new family, and gives the booking.
func (h *house) book(slot model.Slot) model.Booking {
	h.t.Helper()
	resident, child := h.w.Family()
	b, err := h.booking.Book(context.Background(), resident, "key-00001", booking.Wish{SlotID: slot.ID, ChildID: child})
	must(h.t, err)
	return b
}

// reminded gives the bodies of a booking's reminders, oldest first.
func (h *house) reminded(b model.Booking) (titles []string) {
	h.t.Helper()
	list, err := h.Store.ListNotices(context.Background(), b.ResidentID, "", 100)
	must(h.t, err)
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Kind == model.NoticeReminder && list[i].SubjectID == b.ID {
			titles = append(titles, list[i].Title)
		}
	}
	return titles
}

func (h *house) wantReminded(when string, b model.Booking, want ...string) {
	h.t.Helper()
	if got := h.reminded(b); strings.Join(got, " ") != strings.Join(want, " ") {
		h.t.Errorf("%s: reminded of %v, want %v", when, got, want)
	}
}

const evening, soon = "预约提醒", "预约即将开始"

func TestReminders(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		slot := h.w.AddSlot(4, 10, func(s *model.Slot) { s.CutoffAt = s.StartAt.Add(-10 * time.Minute) }) // nine to half past eleven
		early := h.book(slot)
		cancelled := h.book(slot)
		_, err := h.booking.Cancel(context.Background(), cancelled.ResidentID, "key-00002", cancelled.ID, "")
		must(t, err)
		h.clock(3, 18, 59)
		h.remind()
		h.wantReminded("before the evening", early)
		h.clock(3, 19, 0)
		for range 2 {
			h.remind()
			h.wantReminded("in the evening", early, evening)
		}
		h.clock(3, 20, 0)
		atNight := h.book(slot)
		h.clock(4, 6, 59)
		h.remind()
		h.wantReminded("made after the evening", atNight)
		h.clock(4, 7, 0)
		for range 2 {
			h.remind()
			h.wantReminded("two hours before", early, evening, soon)
			h.wantReminded("two hours before, made at night", atNight, soon)
		}
		h.clock(4, 8, 0)
		late := h.book(slot)
		h.remind()
		h.wantReminded("made an hour before", late)
		h.clock(4, 9, 0)
		h.remind()
		h.wantReminded("when it begins", late)
		h.wantReminded("cancelled", cancelled)
		h.w.Sound()
	})
}

// After a downtime only what is still of use is made up for.
func TestRemindersAfterADowntime(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		morning := h.book(h.w.AddSlot(4, 10))
		afternoon := h.book(h.w.AddSlot(4, 10, func(s *model.Slot) {
			s.StartAt = h.w.Day(4).At(14, 0, h.w.Zone).UTC()
			s.EndAt, s.CutoffAt = s.StartAt.Add(time.Hour), s.StartAt.Add(-time.Hour)
		}))
		over := h.book(h.w.AddSlot(3, 10))
		h.clock(4, 7, 30)
		h.remind()
		h.wantReminded("the evening and the two hours missed", morning, soon)
		h.wantReminded("the evening missed", afternoon, evening)
		h.wantReminded("all missed", over)
		h.w.Sound()
	})
}

// The message about a reminder waits for the morning, unless the later reminder comes before that.
func TestRemindersAreMessages(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		resident, _ := h.person(3)
		child := h.w.AddChild(resident, 18)
		slot := h.w.AddSlot(4, 10)
		_, err := h.booking.Book(context.Background(), resident, "key-00001", booking.Wish{SlotID: slot.ID, ChildID: child})
		must(t, err)
		must(t, h.deliver())
		h.clock(3, 19, 0)
		h.remind()
		must(t, h.deliver())
		h.sent(2)
		if got := h.fake.Sent()[1].Data; got["thing1"] != "示例宝宝屋" || got["thing3"] != "不能来请尽早取消" {
			t.Errorf("it shows %v", got)
		}
		h.clock(4, 7, 0) // in the quiet hours, for nine o'clock
		h.remind()
		must(t, h.deliver())
		h.sent(2)
		h.clock(4, 7, 30)
		must(t, h.deliver())
		h.sent(3)
		h.holds(resident, 0)
	})
}

// Replicas that both think that the work is theirs, killed now and then: everybody is reminded once.
func TestRemindersOnceUnderSeveralReplicas(t *testing.T) {
	const families = 230 // more than one batch
	h := onMariaDB(t)
	slot := h.w.AddSlot(4, families)
	var booked []model.Booking
	for range families {
		booked = append(booked, h.book(slot))
	}
	h.clock(3, 19, 0)
	killed, kill := context.WithCancel(context.Background())
	first := h.takeReminding(time.Minute)[0]
	h.pass(time.Minute)
	second := h.takeReminding(time.Minute)[0]
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			ctx, w := context.Background(), []model.Work{first, second}[i%2]
			if i == 3 {
				ctx = killed
			}
			err := h.Remind(ctx, w)
			if err != nil && !errors.Is(err, model.ErrLeaseLost) && ctx.Err() == nil {
				t.Error(err)
			}
		})
	}
	kill()
	all.Wait()
	h.pass(time.Minute)
	h.remind()
	for i, b := range booked {
		h.wantReminded(fmt.Sprintf("family %d", i), b, evening)
	}
	h.w.Sound()
}
