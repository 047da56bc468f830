package model

import "time"

// ReminderKind says which of a booking's reminders it is.
type ReminderKind string

const (
	RemindEvening ReminderKind = "evening" // the evening before
	RemindSoon    ReminderKind = "soon"    // a few hours before
)

// Reminder notes that a booking's guardian has been reminded: each kind once a booking.
type Reminder struct {
	BookingID string       `gorm:"type:char(26);primaryKey"`
	Kind      ReminderKind `gorm:"size:16;primaryKey"`
	CreatedAt time.Time    `gorm:"precision:3"`
}

// ReminderTimes are when guardians are reminded.
type ReminderTimes struct {
	Evening int           // minute of the day before, local time; negative: no such reminder
	Soon    time.Duration // before the session begins; zero: no such reminder
}

// At is the moment of a reminder of a session that begins at start; the zero time when there is no such reminder.
func (t ReminderTimes) At(kind ReminderKind, start time.Time, zone *time.Location) time.Time {
	switch {
	case kind == RemindEvening && t.Evening >= 0:
		return DateOf(start.In(zone)).AddDays(-1).At(t.Evening/60, t.Evening%60, zone)
	case kind == RemindSoon && t.Soon > 0:
		return start.Add(-t.Soon)
	}
	return time.Time{}
}

// UsefulUntil is from when on the reminder is worthless: the session has begun, or the later reminder takes its place.
func (t ReminderTimes) UsefulUntil(kind ReminderKind, start time.Time) time.Time {
	if kind == RemindEvening {
		return start.Add(-t.Soon)
	}
	return start
}

// Due reports whether the booking is owed the reminder now. Who booked after its moment needs none.
func (t ReminderTimes) Due(kind ReminderKind, b Booking, now time.Time, zone *time.Location) bool {
	at := t.At(kind, b.StartAt, zone)
	return !at.IsZero() && b.Status == BookingConfirmed && b.CreatedAt.Before(at) &&
		!now.Before(at) && now.Before(t.UsefulUntil(kind, b.StartAt))
}

// Span is when the sessions begin that can be owed the reminder now: after from, and up to until.
func (t ReminderTimes) Span(kind ReminderKind, now time.Time, zone *time.Location) (from, until time.Time) {
	switch {
	case kind == RemindSoon:
		return now, now.Add(t.Soon)
	case t.Evening < 0:
		return now, now
	}
	day := DateOf(now.In(zone)).AddDays(1) // it begins after the last session that can be due
	if !now.Before(day.AddDays(-1).At(t.Evening/60, t.Evening%60, zone)) {
		day = day.AddDays(1)
	}
	return now.Add(t.Soon), day.In(zone).UTC().Add(-time.Millisecond)
}
