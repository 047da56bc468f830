package notice

import (
	"context"
	"fmt"
	"time"

	"jiamenkou/model"
)

// remindAtOnce is how many bookings are looked at in one transaction.
const remindAtOnce = 200

// Remind reminds guardians of what they have booked: the evening before, and again shortly before. Each transaction
// reminds of some bookings and notes that it did, so that however often it is run, and wherever it is stopped, everybody
// is reminded once.
func (s *Service) Remind(ctx context.Context, w model.Work) error {
	for _, kind := range []model.ReminderKind{model.RemindSoon, model.RemindEvening} {
		if err := s.remindOf(ctx, w, kind); err != nil {
			return err
		}
	}
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		if err := tx.HoldWork(ctx, w); err != nil {
			return err
		}
		return tx.FinishWork(ctx, w, s.Now())
	})
}

func (s *Service) remindOf(ctx context.Context, w model.Work, kind model.ReminderKind) error {
	now := s.Now()
	from, until := s.Reminders.Span(kind, now, s.Zone)
	for after := (model.Booking{}); until.After(from); {
		var some []model.Booking
		err := s.Store.InTx(ctx, func(tx *model.Store) (err error) {
			if err = tx.HoldWork(ctx, w); err != nil {
				return err
			}
			if some, err = tx.ListUnreminded(ctx, kind, from, until, after, remindAtOnce); err != nil {
				return err
			}
			return s.remind(ctx, tx, kind, some, now)
		})
		if err != nil || len(some) < remindAtOnce {
			return err
		}
		after = some[len(some)-1]
	}
	return nil
}

// remind reminds of those of the bookings for which it is due.
func (s *Service) remind(ctx context.Context, tx *model.Store, kind model.ReminderKind, some []model.Booking, now time.Time) error {
	var due []model.Reminder
	var notices []model.Notice
	sites := map[string]model.Site{}
	for _, b := range some {
		if !s.Reminders.Due(kind, b, now, s.Zone) {
			continue
		}
		site, known := sites[b.SiteID]
		if !known {
			var err error
			if site, err = tx.FindSite(ctx, b.SiteID); err != nil {
				return err
			}
			sites[b.SiteID] = site
		}
		due = append(due, model.Reminder{BookingID: b.ID, Kind: kind, CreatedAt: now})
		notices = append(notices, s.reminder(kind, b, site, now))
	}
	if err := tx.AddReminders(ctx, due); err != nil {
		return err
	}
	return tx.AddNotices(ctx, notices...)
}

func (s *Service) reminder(kind model.ReminderKind, b model.Booking, site model.Site, now time.Time) model.Notice {
	useful := s.Reminders.UsefulUntil(kind, b.StartAt)
	n := model.Notice{
		ResidentID: b.ResidentID, Kind: model.NoticeReminder, SubjectID: b.ID, CreatedAt: now, UsefulUntil: &useful,
		Title: "预约提醒", Facts: model.SessionFacts(b.SiteID, b.StartAt, b.EndAt, "不能来请尽早取消", s.Zone),
		Body: fmt.Sprintf("别忘了孩子的预约：%s，%s（%s）。", model.SpokenSpan(b.StartAt, b.EndAt, s.Zone), site.Name, site.Address),
	}
	switch {
	case kind == model.RemindSoon:
		n.Title, n.Facts[model.FactNote] = "预约即将开始", "请按时带孩子到"
	case b.FreeCancelUntil.After(now):
		n.Body += fmt.Sprintf("不能来请尽早取消，%s前免费。", model.Spoken(b.FreeCancelUntil, s.Zone))
	default:
		n.Body += "不能来请尽早取消，把名额让给别人。"
	}
	n.Facts[model.FactSite] = site.Name
	return n
}
