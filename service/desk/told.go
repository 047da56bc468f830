package desk

import (
	"fmt"
	"time"

	"jiamenkou/model"
)

// Notices name the time and what to do; no child and no pick-up person is named.

func arrivedNotice(b model.Booking, zone *time.Location) model.Notice {
	return notice(b, model.NoticeCheckedIn, "孩子已到", fmt.Sprintf("孩子已在%s到宝宝屋签到。", model.Spoken(b.UpdatedAt, zone)))
}

func leftNotice(b model.Booking, how model.Ending, zone *time.Location) model.Notice {
	at := model.Spoken(b.UpdatedAt, zone)
	switch how {
	case model.EndingGuardian:
		return notice(b, model.NoticeHandedOver, "孩子已接走", fmt.Sprintf("孩子已在%s交给家长。", at))
	case model.EndingPickupPerson:
		return notice(b, model.NoticeHandedOver, "孩子已接走", fmt.Sprintf("孩子已在%s由您指定的接送人接走。如有疑问，请马上联系宝宝屋。", at))
	case model.EndingUnrecorded:
	}
	body := fmt.Sprintf("%s的托育没有登记接走时间，系统已在%s自动结束。如有疑问，请联系宝宝屋。", model.SpokenSpan(b.StartAt, b.EndAt, zone), at)
	return notice(b, model.NoticeHandedOver, "托育已结束", body)
}

func answeredNotice(b model.Booking, appeal model.Appeal, zone *time.Location) model.Notice {
	outcome := "没有通过，失约记录保留"
	if appeal.Status == model.AppealUpheld {
		outcome = "已通过，失约记录已撤销"
	}
	body := fmt.Sprintf("您对%s那次预约的申诉%s。答复：%s", model.SpokenSpan(b.StartAt, b.EndAt, zone), outcome, appeal.Answer)
	return model.Notice{
		ResidentID: appeal.ResidentID, Kind: model.NoticeAppealAnswered, Title: "申诉有了答复", Body: body, SubjectID: b.ID, CreatedAt: *appeal.AnsweredAt,
	}
}

func liftedNotice(b model.Booking, m model.Mark, zone *time.Location) model.Notice {
	body := fmt.Sprintf("%s那次预约的失约记录已由宝宝屋撤销，原因：%s。", model.SpokenSpan(b.StartAt, b.EndAt, zone), m.LiftedReason)
	return model.Notice{
		ResidentID: b.ResidentID, Kind: model.NoticeMarkLifted, Title: "失约记录已撤销", Body: body, SubjectID: b.ID, CreatedAt: *m.LiftedAt,
	}
}

func notice(b model.Booking, kind model.NoticeKind, title, body string) model.Notice {
	return model.Notice{ResidentID: b.ResidentID, Kind: kind, Title: title, Body: body, SubjectID: b.ID, CreatedAt: b.UpdatedAt}
}
