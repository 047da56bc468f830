package booking

import (
	"fmt"
	"time"

	"jiamenkou/model"
)

// changed is the event of a booking that has just come into its state.
func changed(b model.Booking, from model.BookingStatus, actor model.Actor, actorID string) model.Event {
	return model.Event{
		Subject: "booking", SubjectID: b.ID, FromState: string(from), ToState: string(b.Status),
		Actor: actor, ActorID: actorID, Reason: b.CancelReason, CreatedAt: b.UpdatedAt,
	}
}

// Notices name the time and what to do; the place is read from the booking they point to, and no child is named.

func bookedNotice(b model.Booking, zone *time.Location) model.Notice {
	body := fmt.Sprintf("已为孩子约好%s的宝宝屋。", sessionTime(b, zone))
	if b.FreeCancelUntil.After(b.CreatedAt) {
		body += spoken(b.FreeCancelUntil, zone) + "前可免费取消。"
	} else {
		body += "免费取消的时间已过，现在取消会计为迟取消。"
	}
	return notice(b, model.NoticeBooked, "预约成功", body)
}

func cancelledNotice(b model.Booking, zone *time.Location) model.Notice {
	body := fmt.Sprintf("%s的预约已取消。", sessionTime(b, zone))
	if b.Status == model.BookingLateCancelled {
		body += "已过免费取消时间，这次计为迟取消。"
	}
	return notice(b, model.NoticeCancelled, "预约已取消", body)
}

func siteCancelledNotice(b model.Booking, zone *time.Location) model.Notice {
	body := fmt.Sprintf("很抱歉，%s的时段由宝宝屋取消，原因：%s。不计失约。", sessionTime(b, zone), b.CancelReason)
	if b.AllowanceUnits > 0 {
		body += "免费次数已退回。"
	}
	return notice(b, model.NoticeSiteCancelled, "宝宝屋取消了时段", body)
}

func notice(b model.Booking, kind model.NoticeKind, title, body string) model.Notice {
	return model.Notice{ResidentID: b.ResidentID, Kind: kind, Title: title, Body: body, SubjectID: b.ID, CreatedAt: b.UpdatedAt}
}

var weekdays = [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}

// sessionTime is the session as people here write it: 11月24日周二 09:00–11:30.
func sessionTime(b model.Booking, zone *time.Location) string {
	return spoken(b.StartAt, zone) + "–" + b.EndAt.In(zone).Format("15:04")
}

func spoken(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return fmt.Sprintf("%d月%d日%s %s", int(t.Month()), t.Day(), weekdays[t.Weekday()], t.Format("15:04"))
}
