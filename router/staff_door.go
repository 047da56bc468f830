package router

import (
	"context"
	"strings"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/desk"
)

type deskDayInput struct {
	ByID
	Date string `query:"date" format:"date" doc:"哪一天；不填为今天"`
}

type deskSlotView struct {
	ID        string    `json:"id"`
	Service   string    `json:"service_name"`
	Room      string    `json:"room"`
	StartAt   time.Time `json:"start_at"`
	EndAt     time.Time `json:"end_at"`
	Status    string    `json:"status" enum:"open,closed,done,cancelled"`
	Capacity  int       `json:"capacity"`
	Booked    int       `json:"booked"`
	Expected  int       `json:"expected" doc:"已约，还没有到"`
	CheckedIn int       `json:"checked_in" doc:"现在在场"`
	Completed int       `json:"completed" doc:"已接走"`
	NoShow    int       `json:"no_show" doc:"未到"`
	Waiting   int       `json:"waiting" doc:"候补人数"`
}

func (a *API) viewDeskSlot(s desk.SlotCount) deskSlotView {
	return deskSlotView{
		ID: s.ID, Service: s.Service.Name, Room: s.Room, StartAt: s.StartAt.In(a.Zone), EndAt: s.EndAt.In(a.Zone), Status: string(s.Status),
		Capacity: s.Capacity, Booked: s.Booked, Expected: s.Counts[model.BookingConfirmed], CheckedIn: s.Counts[model.BookingCheckedIn],
		Completed: s.Counts[model.BookingCompleted], NoShow: s.Counts[model.BookingNoShow], Waiting: s.Waiting,
	}
}

func (a *API) deskDay(ctx context.Context, in *deskDayInput) (*list[deskSlotView], error) {
	day, err := optionalDate(in.Date)
	if err != nil {
		return nil, err
	}
	slots, err := a.Desk.Day(ctx, dutyOf(ctx), in.ID, day)
	return listed(a.viewDeskSlot, slots, err)
}

type deskLineView struct {
	Booking       string     `json:"booking_id"`
	Slot          string     `json:"slot_id"`
	Child         string     `json:"child" doc:"只显示姓名的第一个字"`
	AgeMonths     int        `json:"age_months" doc:"当天的足月龄"`
	PhoneTail     string     `json:"phone_tail" doc:"家长手机号后四位"`
	HasHealthNote bool       `json:"has_health_note"`
	StartAt       time.Time  `json:"start_at"`
	EndAt         time.Time  `json:"end_at"`
	Status        string     `json:"status" enum:"confirmed,checked_in,completed,cancelled,late_cancelled,site_cancelled,no_show"`
	CheckedInAt   *time.Time `json:"checked_in_at,omitempty"`
	EndedAt       *time.Time `json:"ended_at,omitempty"`
}

func (a *API) viewDeskLine(l desk.Line) deskLineView {
	v := deskLineView{
		Booking: l.ID, Slot: l.SlotID, Child: l.ChildName, AgeMonths: l.AgeMonths, PhoneTail: l.PhoneTail, HasHealthNote: l.HasHealthNote,
		StartAt: l.StartAt.In(a.Zone), EndAt: l.EndAt.In(a.Zone), Status: string(l.Status),
	}
	if l.Attendance != nil {
		v.CheckedInAt, v.EndedAt = a.local(&l.Attendance.CheckedInAt), a.local(l.Attendance.EndedAt)
	}
	return v
}

func (a *API) deskLines(lines []desk.Line, err error) (*list[deskLineView], error) {
	return listed(a.viewDeskLine, lines, err)
}

func (a *API) deskBookings(ctx context.Context, in *ByID) (*list[deskLineView], error) {
	return a.deskLines(a.Desk.Bookings(ctx, dutyOf(ctx), in.ID))
}

type deskSearchInput struct {
	ByID
	Body struct {
		PhoneTail string `json:"phone_tail" pattern:"^[0-9]{4}$" doc:"家长手机号后四位"`
		Date      string `json:"date,omitempty" format:"date" doc:"哪一天；不填为今天"`
	}
}

func (a *API) deskSearch(ctx context.Context, in *deskSearchInput) (*list[deskLineView], error) {
	day, err := optionalDate(in.Body.Date)
	if err != nil {
		return nil, err
	}
	return a.deskLines(a.Desk.ByPhoneTail(ctx, dutyOf(ctx), in.ID, day, in.Body.PhoneTail))
}

type escortView struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Relation  string `json:"relation" enum:"parent,grandparent,relative,nanny,other"`
	PhoneTail string `json:"phone_tail" doc:"手机号后四位"`
}

type deskMarkView struct {
	ID       string     `json:"id"`
	Kind     string     `json:"kind" enum:"late_cancel,no_show"`
	Points   int        `json:"points"`
	LiftedAt *time.Time `json:"lifted_at,omitempty"`
}

func (a *API) viewDeskMark(m model.Mark) deskMarkView {
	return deskMarkView{m.ID, string(m.Kind), m.Points, a.local(m.LiftedAt)}
}

type openedView struct {
	Booking       string        `json:"booking_id"`
	Slot          string        `json:"slot_id"`
	StartAt       time.Time     `json:"start_at"`
	EndAt         time.Time     `json:"end_at"`
	Status        string        `json:"status" enum:"confirmed,checked_in,completed,cancelled,late_cancelled,site_cancelled,no_show"`
	Child         string        `json:"child_name"`
	BirthDate     string        `json:"birth_date" doc:"已删除的孩子为空"`
	AgeMonths     int           `json:"age_months" doc:"当天的足月龄"`
	Gender        string        `json:"gender"`
	HealthNote    string        `json:"health_note"`
	GuardianPhone string        `json:"guardian_phone"`
	PickupPersons []escortView  `json:"pickup_persons" nullable:"false"`
	CheckedInAt   *time.Time    `json:"checked_in_at,omitempty"`
	Temperature   string        `json:"temperature"`
	Remark        string        `json:"remark"`
	EndedAt       *time.Time    `json:"ended_at,omitempty"`
	Ending        string        `json:"ending" enum:",guardian,pickup_person,unrecorded"`
	Mark          *deskMarkView `json:"mark,omitempty"`
}

func (a *API) opened(o desk.Opened, err error) (*one[openedView], error) {
	if err != nil {
		return nil, err
	}
	v := openedView{
		Booking: o.Booking.ID, Slot: o.Booking.SlotID, StartAt: o.Booking.StartAt.In(a.Zone), EndAt: o.Booking.EndAt.In(a.Zone),
		Status: string(o.Booking.Status), Child: o.ChildName, AgeMonths: o.AgeMonths, Gender: string(o.Gender),
		HealthNote: o.HealthNote, GuardianPhone: o.GuardianPhone, Temperature: o.Temperature, Remark: o.Remark,
		PickupPersons: each(o.PickupPersons, func(e desk.Escort) escortView { return escortView{e.ID, e.Name, string(e.Relation), e.PhoneTail} }),
	}
	if !o.BirthDate.IsZero() {
		v.BirthDate = o.BirthDate.String()
	}
	if o.Attendance != nil {
		v.CheckedInAt, v.EndedAt, v.Ending = a.local(&o.Attendance.CheckedInAt), a.local(o.Attendance.EndedAt), string(o.Attendance.Ending)
	}
	if o.Mark != nil {
		mark := a.viewDeskMark(*o.Mark)
		v.Mark = &mark
	}
	return &one[openedView]{v}, nil
}

type deskOpenInput struct {
	ByID
	Body struct {
		Reason string `json:"reason" enum:"hand_over,contact_guardian,emergency,appeal,other_reason" doc:"为什么查看：交接、联系家长、紧急情况、处理申诉、其他；每次查看都有记录"`
	}
}

func (a *API) deskOpen(ctx context.Context, in *deskOpenInput) (*one[openedView], error) {
	return a.opened(a.Desk.Open(ctx, dutyOf(ctx), in.ID, desk.AccessReason(in.Body.Reason)))
}

type checkInInput struct {
	Keyed
	Body struct {
		Code        string `json:"code,omitempty" maxLength:"40" doc:"扫到或听到的签到码；与 booking_id 二选一"`
		Booking     string `json:"booking_id,omitempty" maxLength:"26" doc:"从名单上手工签到"`
		Temperature string `json:"temperature,omitempty" pattern:"^(3[4-9]|4[0-2])(\\.[0-9])?$" doc:"体温，摄氏度，如36.5"`
		Remark      string `json:"remark,omitempty" maxLength:"300" doc:"到园时的健康情况"`
	}
}

func (a *API) checkIn(ctx context.Context, in *checkInInput) (*one[openedView], error) {
	if (in.Body.Code == "") == (in.Body.Booking == "") {
		return nil, ErrInvalidRequest.WithField("body.code", oneOfTwo)
	}
	return a.opened(a.Desk.CheckIn(ctx, dutyOf(ctx), in.Key, desk.Arrival{
		Code: in.Body.Code, BookingID: in.Body.Booking, Temperature: in.Body.Temperature, Remark: strings.TrimSpace(in.Body.Remark),
	}))
}

const oneOfTwo = "签到码和预约编号填一个，也只填一个。"

type handOverInput struct {
	ByID
	Keyed
	Body struct {
		To           string `json:"to" enum:"guardian,pickup_person" doc:"交给家长，或交给家长指定的接送人"`
		PickupPerson string `json:"pickup_person_id,omitempty" maxLength:"26" doc:"接送人的编号"`
	}
}

type stayOutput struct {
	Body struct {
		Booking     string    `json:"booking_id"`
		Status      string    `json:"status" enum:"completed"`
		CheckedInAt time.Time `json:"checked_in_at"`
		EndedAt     time.Time `json:"ended_at"`
		Ending      string    `json:"ending" enum:"guardian,pickup_person"`
	}
}

func (a *API) handOver(ctx context.Context, in *handOverInput) (*stayOutput, error) {
	if (in.Body.To == string(model.EndingPickupPerson)) == (in.Body.PickupPerson == "") {
		return nil, ErrInvalidRequest.WithField("body.pickup_person_id", "交给接送人时写明是哪一位，交给家长时不用写。")
	}
	stay, err := a.Desk.HandOver(ctx, dutyOf(ctx), in.Key, in.ID, in.Body.PickupPerson)
	if err != nil {
		return nil, err
	}
	out := &stayOutput{}
	out.Body.Booking, out.Body.Status, out.Body.Ending = stay.BookingID, string(stay.Status), string(stay.Ending)
	out.Body.CheckedInAt, out.Body.EndedAt = stay.CheckedInAt.In(a.Zone), stay.EndedAt.In(a.Zone)
	return out, nil
}

type missOutInput struct {
	ByID
	Keyed
}

type missedOutput struct {
	Body struct {
		Booking string    `json:"booking_id"`
		Status  string    `json:"status" enum:"no_show"`
		At      time.Time `json:"at"`
	}
}

func (a *API) missOut(ctx context.Context, in *missOutInput) (*missedOutput, error) {
	b, err := a.Desk.MissOut(ctx, dutyOf(ctx), in.Key, in.ID)
	if err != nil {
		return nil, err
	}
	out := &missedOutput{}
	out.Body.Booking, out.Body.Status, out.Body.At = b.ID, string(b.Status), b.UpdatedAt.In(a.Zone)
	return out, nil
}

type heldView struct {
	ID        string    `json:"id" doc:"候补的编号"`
	Slot      string    `json:"slot_id"`
	Service   string    `json:"service_name"`
	Room      string    `json:"room"`
	StartAt   time.Time `json:"start_at"`
	EndAt     time.Time `json:"end_at"`
	Child     string    `json:"child" doc:"只显示姓名的第一个字"`
	PhoneTail string    `json:"phone_tail" doc:"家长手机号后四位"`
	Until     time.Time `json:"offer_expires_at" doc:"名额留到什么时候"`
}

func (a *API) viewHeld(h desk.Held) heldView {
	return heldView{
		ID: h.ID, Slot: h.SlotID, Service: h.Service.Name, Room: h.Slot.Room, StartAt: h.StartAt.In(a.Zone), EndAt: h.EndAt.In(a.Zone),
		Child: h.ChildName, PhoneTail: h.PhoneTail, Until: h.OfferExpiresAt.In(a.Zone),
	}
}

func (a *API) heldToRing(ctx context.Context, in *ByID) (*list[heldView], error) {
	found, err := a.Desk.HeldToRing(ctx, dutyOf(ctx), in.ID)
	return listed(a.viewHeld, found, err)
}

type calledView struct {
	Child         string `json:"child_name"`
	GuardianPhone string `json:"guardian_phone"`
}

func (a *API) openHeld(ctx context.Context, in *ByID) (*one[calledView], error) {
	c, err := a.Desk.OpenHeld(ctx, dutyOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &one[calledView]{calledView{c.Child, c.Phone}}, nil
}
