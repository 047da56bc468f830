package booking

import (
	"fmt"
	"time"

	"jiamenkou/model"
)

func wonNotice(a model.Application, until time.Time, zone *time.Location) model.Notice {
	body := fmt.Sprintf("%s的摇号已中签，正在为孩子办理预约；办好后另行通知。名额保留到%s。", applicationTime(a, zone), model.Spoken(until, zone))
	return applicationNotice(a, "摇号结果：已中签", body, "已中签", zone)
}

func lostNotice(a model.Application, rank int, zone *time.Location) model.Notice {
	body := fmt.Sprintf("%s的摇号没有中签，孩子已按摇出的次序进入候补，现在是第%d位。有名额空出时会保留给您并通知。", applicationTime(a, zone), rank)
	return applicationNotice(a, "摇号结果：未中签", body, "未中签", zone)
}

func unsettledNotice(w model.WaitingEntry, why string, zone *time.Location) model.Notice {
	body := fmt.Sprintf("%s的摇号已中签，但没能自动约好：%s名额保留到%s，请在此之前确认或放弃。", entryTime(w, zone), why, model.Spoken(*w.OfferExpiresAt, zone))
	return heldNotice(w, "中签的名额请确认", body, zone)
}

func hinderedNotice(a model.Application, zone *time.Location) model.Notice {
	body := fmt.Sprintf("孩子在%s已有别的预约，这个时段的摇号报名不再有效。", applicationTime(a, zone))
	return applicationNotice(a, "摇号报名已作废", body, "已作废", zone)
}

func voidNotice(a model.Application, reason string, zone *time.Location) model.Notice {
	body := fmt.Sprintf("很抱歉，%s的时段不再摇号，原因：%s。", applicationTime(a, zone), reason)
	return applicationNotice(a, "摇号取消", body, "已取消", zone)
}

// applicationNotice is about an application; result is what a message says of it.
func applicationNotice(a model.Application, title, body, result string, zone *time.Location) model.Notice {
	n := model.Notice{
		ResidentID: a.ResidentID, Kind: model.NoticeDrawResult, Title: title, Body: body, SubjectID: a.ID, CreatedAt: a.UpdatedAt,
		Facts: model.SessionFacts(a.SiteID, a.StartAt, a.EndAt, "", zone), UsefulUntil: &a.StartAt,
	}
	n.Facts[model.FactResult] = result
	return n
}

// applicationTime is when the session of an application is.
func applicationTime(a model.Application, zone *time.Location) string {
	return model.SpokenSpan(a.StartAt, a.EndAt, zone)
}
