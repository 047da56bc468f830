package booking

import (
	"fmt"
	"time"

	"jiamenkou/model"
)

// Notices name the time and what to do; the place is read from the booking they point to, and no child is named. Their
// facts go to WeChat: nothing that people write, such as the reason of a cancellation, is among them.

func bookedNotice(b model.Booking, zone *time.Location) model.Notice {
	body := fmt.Sprintf("已为孩子约好%s的宝宝屋。", sessionTime(b, zone))
	note := "免费取消的时间已过"
	if b.FreeCancelUntil.After(b.CreatedAt) {
		note = model.Spoken(b.FreeCancelUntil, zone) + "前可免费取消"
		body += note + "。"
	} else {
		body += note + "，现在取消会计为迟取消。"
	}
	return notice(b, model.NoticeBooked, "预约成功", body, note, zone)
}

func cancelledNotice(b model.Booking, zone *time.Location) model.Notice {
	body := fmt.Sprintf("%s的预约已取消。", sessionTime(b, zone))
	if b.Status == model.BookingLateCancelled {
		body += "已过免费取消时间，这次计为迟取消。"
	}
	return notice(b, model.NoticeCancelled, "预约已取消", body, "", zone)
}

func siteCancelledNotice(b model.Booking, zone *time.Location) model.Notice {
	body := fmt.Sprintf("很抱歉，%s的时段由宝宝屋取消，原因：%s。不计失约。", sessionTime(b, zone), b.CancelReason)
	if b.AllowanceUnits > 0 {
		body += "免费次数已退回。"
	}
	return notice(b, model.NoticeSiteCancelled, "宝宝屋取消了时段", body, "由宝宝屋取消，不计失约", zone)
}

func movedNotice(from, to model.Booking, zone *time.Location) model.Notice {
	body := fmt.Sprintf("%s的预约已改到%s。", sessionTime(from, zone), sessionTime(to, zone))
	if from.Status == model.BookingLateCancelled {
		body += "改期时已过免费取消时间，原预约计为迟取消。"
	}
	return notice(to, model.NoticeMoved, "已改期", body, "", zone)
}

func offeredNotice(w model.WaitingEntry, zone *time.Location) model.Notice {
	body := fmt.Sprintf("候补的%s有名额了，已为孩子保留，请在%s前确认。", entryTime(w, zone), model.Spoken(*w.OfferExpiresAt, zone))
	return heldNotice(w, "候补有名额了", body, zone)
}

// heldNotice is about a place that is held: a message is of use as long as it can be accepted.
func heldNotice(w model.WaitingEntry, title, body string, zone *time.Location) model.Notice {
	n := entryNotice(w, model.NoticePlaceOffered, title, body)
	n.Facts = model.SessionFacts(w.SiteID, w.StartAt, w.EndAt, "已为孩子保留，请尽快确认", zone)
	n.Facts[model.FactUntil], n.UsefulUntil = model.TimeFact(*w.OfferExpiresAt, zone), w.OfferExpiresAt
	return n
}

func offerExpiredNotice(w model.WaitingEntry, zone *time.Location) model.Notice {
	body := fmt.Sprintf("为孩子保留的%s的名额没有在期限内确认，已让给下一位。不计失约。", entryTime(w, zone))
	return entryNotice(w, model.NoticeOfferExpired, "保留的名额已过期", body)
}

func lineClosedNotice(w model.WaitingEntry, _ string, zone *time.Location) model.Notice {
	body := fmt.Sprintf("%s的预约已截止，这次没有轮到，候补已结束。", entryTime(w, zone))
	return entryNotice(w, model.NoticeWaitingEnded, "候补已结束", body)
}

func slotClosedNotice(w model.WaitingEntry, reason string, zone *time.Location) model.Notice {
	body := fmt.Sprintf("很抱歉，您候补的%s的时段由宝宝屋取消，原因：%s。", entryTime(w, zone), reason)
	return entryNotice(w, model.NoticeWaitingEnded, "宝宝屋取消了候补的时段", body)
}

// entryTime is when the session is that a child waits for.
func entryTime(w model.WaitingEntry, zone *time.Location) string {
	return model.SpokenSpan(w.StartAt, w.EndAt, zone)
}

func entryNotice(w model.WaitingEntry, kind model.NoticeKind, title, body string) model.Notice {
	return model.Notice{ResidentID: w.ResidentID, Kind: kind, Title: title, Body: body, SubjectID: w.ID, CreatedAt: w.UpdatedAt}
}

// notice is about a booking; note is what a message says of it. Once the session has begun a message is of no use.
func notice(b model.Booking, kind model.NoticeKind, title, body, note string, zone *time.Location) model.Notice {
	return model.Notice{
		ResidentID: b.ResidentID, Kind: kind, Title: title, Body: body, SubjectID: b.ID, CreatedAt: b.UpdatedAt,
		Facts: model.SessionFacts(b.SiteID, b.StartAt, b.EndAt, note, zone), UsefulUntil: &b.StartAt,
	}
}

// sessionTime is when the booking's session is.
func sessionTime(b model.Booking, zone *time.Location) string {
	return model.SpokenSpan(b.StartAt, b.EndAt, zone)
}
