package router

import (
	"context"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/account"
)

type exportOutputBody struct {
	ExportedAt time.Time           `json:"exported_at"`
	Profile    profileView         `json:"profile"`
	Phone      string              `json:"phone" doc:"完整号码"`
	Children   []childView         `json:"children" nullable:"false"`
	Allowances []allowanceExport   `json:"allowances" nullable:"false"`
	Marks      []markExport        `json:"marks" nullable:"false" doc:"失约记录"`
	Door       []doorExport        `json:"door" nullable:"false" doc:"接送人、到离记录和申诉"`
	Consents   []consentExport     `json:"consents" nullable:"false"`
	Bookings   []bookingExport     `json:"bookings" nullable:"false"`
	Waiting    []waitingExport     `json:"waiting" nullable:"false" doc:"候补"`
	Applied    []applicationExport `json:"applications" nullable:"false" doc:"摇号报名"`
	Notices    []noticeView        `json:"notices" nullable:"false"`
	Messages   []messageExport     `json:"messages" nullable:"false" doc:"各条通知的微信消息发送情况"`
	Agreed     []agreedExport      `json:"message_consents" nullable:"false" doc:"还可以收到几条微信消息"`
}

type allowanceExport struct {
	Child   string `json:"child_id"`
	Year    int    `json:"year"`
	Unit    string `json:"unit"`
	Granted int    `json:"granted"`
	Used    int    `json:"used"`
}

type markExport struct {
	Child     string    `json:"child_id"`
	Booking   string    `json:"booking_id"`
	Kind      string    `json:"kind"`
	CreatedAt time.Time `json:"created_at"`
}

type consentExport struct {
	Document    string     `json:"document_id"`
	AgreedAt    time.Time  `json:"agreed_at"`
	WithdrawnAt *time.Time `json:"withdrawn_at,omitempty"`
}

type messageExport struct {
	Notice   string    `json:"notice_id"`
	Template string    `json:"template_id"`
	Status   string    `json:"status"`
	At       time.Time `json:"at"`
}

type agreedExport struct {
	Template  string `json:"template_id"`
	Remaining int    `json:"remaining"`
}

type bookingExport struct {
	ID        string    `json:"id"`
	Child     string    `json:"child_id"`
	Site      string    `json:"site_id"`
	StartAt   time.Time `json:"start_at"`
	EndAt     time.Time `json:"end_at"`
	Status    string    `json:"status"`
	Reason    string    `json:"cancel_reason"`
	CreatedAt time.Time `json:"created_at"`
}

// TurnExport is a child's turn for a place, on a waiting list or in a draw.
type TurnExport struct {
	ID        string    `json:"id"`
	Child     string    `json:"child_id"`
	Site      string    `json:"site_id"`
	StartAt   time.Time `json:"start_at"`
	EndAt     time.Time `json:"end_at"`
	Status    string    `json:"status"`
	Turn      int       `json:"turn"`
	CreatedAt time.Time `json:"created_at"`
}

type waitingExport struct{ TurnExport }

type applicationExport struct{ TurnExport }

func (a *API) exportMe(ctx context.Context, _ *none) (*one[exportOutputBody], error) {
	held, err := a.Account.ExportOf(ctx, sessionOf(ctx).Resident)
	return shown(a.viewExport, held, err)
}

func (a *API) viewExport(held account.Export) (v exportOutputBody) {
	v.ExportedAt = a.Now().In(a.Zone)
	v.Profile, v.Phone = a.viewProfile(held.Profile), held.Profile.Phone
	v.Children = each(held.Children, viewChild)
	v.Allowances = each(held.Allowances, func(l model.Allowance) allowanceExport {
		return allowanceExport{l.ChildID, l.Year, string(l.Unit), l.Granted, l.Used}
	})
	v.Marks = each(held.Marks, func(m model.Mark) markExport {
		return markExport{m.ChildID, m.BookingID, string(m.Kind), m.CreatedAt.In(a.Zone)}
	})
	v.Door = each(held.Door, a.exportDoor)
	v.Consents = each(held.Consents, func(c model.Consent) consentExport {
		return consentExport{c.DocumentID, c.AgreedAt.In(a.Zone), a.local(c.WithdrawnAt)}
	})
	v.Bookings = each(held.Bookings, func(b model.Booking) bookingExport {
		return bookingExport{b.ID, b.ChildID, b.SiteID, b.StartAt.In(a.Zone), b.EndAt.In(a.Zone), string(b.Status), b.CancelReason, b.CreatedAt.In(a.Zone)}
	})
	v.Waiting = each(held.Waiting, func(w model.WaitingEntry) waitingExport {
		return waitingExport{TurnExport{w.ID, w.ChildID, w.SiteID, w.StartAt.In(a.Zone), w.EndAt.In(a.Zone), string(w.Status), w.Turn, w.CreatedAt.In(a.Zone)}}
	})
	v.Applied = each(held.Applied, func(p model.Application) applicationExport {
		return applicationExport{TurnExport{p.ID, p.ChildID, p.SiteID, p.StartAt.In(a.Zone), p.EndAt.In(a.Zone), string(p.Status), p.Turn, p.CreatedAt.In(a.Zone)}}
	})
	v.Notices = each(held.Notices, a.viewNotice)
	v.Messages = each(held.Messages, func(d model.Delivery) messageExport {
		return messageExport{d.NoticeID, d.TemplateID, string(d.Status), d.UpdatedAt.In(a.Zone)}
	})
	v.Agreed = each(held.Agreed, func(c model.MessageConsent) agreedExport {
		return agreedExport{c.TemplateID, c.Remaining}
	})
	return v
}
