package router

import (
	"context"

	ics "github.com/arran4/golang-ical"

	"jiamenkou/model"
	"jiamenkou/service/booking"
)

// calendarOutput is a calendar file (RFC 5545). It names no child: calendars are shared and synchronised.
type calendarOutput struct {
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (*calendarOutput) mediaType() string { return "text/calendar" }

func (a *API) bookingCalendar(ctx context.Context, in *ByID) (*calendarOutput, error) {
	full, err := a.Booking.FindOf(ctx, sessionOf(ctx).Resident, in.ID)
	if err != nil {
		return nil, err
	}
	return a.calendarOf([]booking.Seen{full}), nil
}

// mostInCalendar is more than anybody can hold.
const mostInCalendar = 500

func (a *API) calendar(ctx context.Context, _ *none) (*calendarOutput, error) {
	live := model.BookingFilter{LiveAt: a.Now()}
	found, err := a.Booking.ListOf(ctx, sessionOf(ctx).Resident, live, "", mostInCalendar)
	if err != nil {
		return nil, err
	}
	return a.calendarOf(found), nil
}

func (a *API) calendarOf(bookings []booking.Seen) *calendarOutput {
	c := ics.NewCalendarFor("家门口")
	c.SetMethod(ics.MethodPublish)
	for _, b := range bookings {
		a.addEvent(c, b)
	}
	return &calendarOutput{"text/calendar; charset=utf-8", `attachment; filename="jiamenkou.ics"`, []byte(c.Serialize(ics.WithNewLineWindows))}
}

// addEvent keeps the booking's id as the event's, so that a file opened again changes the event rather than doubling it.
func (a *API) addEvent(c *ics.Calendar, b booking.Seen) {
	e := c.AddEvent(b.ID + "@jiamenkou")
	e.SetDtStampTime(b.UpdatedAt)
	e.SetStartAt(b.StartAt)
	e.SetEndAt(b.EndAt)
	e.SetSummary(b.Site.Name + "：" + b.Service.Name)
	e.SetLocation(b.Site.Address + " " + b.Slot.Room)
	e.SetGeo(b.Site.Latitude, b.Site.Longitude)
	e.SetSequence(int(b.UpdatedAt.Sub(b.CreatedAt).Seconds())) // grows with every change, as calendars ask
	if b.CalledOff() {
		e.SetStatus(ics.ObjectStatusCancelled)
		return
	}
	e.SetStatus(ics.ObjectStatusConfirmed)
	alarm := e.AddAlarm()
	alarm.SetAction(ics.ActionDisplay)
	alarm.SetTrigger("-PT2H")
	alarm.SetDescription(b.Site.Name)
}
