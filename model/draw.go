package model

import (
	"crypto/rand"
	"encoding/hex"
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrDrawNotFound        = fault.New(fault.NotFound, "draw_not_found", "这个时段不采用摇号。")
	ErrDrawClosed          = fault.New(fault.Conflict, "draw_closed", "这个时段的摇号报名已经截止。")
	ErrNotDrawn            = fault.New(fault.Conflict, "draw_not_drawn", "这个时段还没有摇号，请到时再看结果。")
	ErrAlreadyApplied      = fault.New(fault.Conflict, "already_applied", "孩子已经报名这个时段的摇号。")
	ErrApplicationNotFound = fault.New(fault.NotFound, "application_not_found", "没有找到这份摇号报名。")
	ErrApplicationEnded    = fault.New(fault.Conflict, "application_ended", "这份摇号报名已经有了结果，不能再撤回。")
	ErrDrawSourceLate      = fault.New(fault.Conflict, "draw_source_late", "报名已经截止，不能再改随机数的来源。")
	ErrDrawSourceMissing   = fault.New(fault.Conflict, "draw_source_missing", "报名截止前没有公布随机数的来源，不能填写随机数。")
	ErrRandomnessEarly     = fault.New(fault.Conflict, "draw_randomness_early", "报名还没有截止，不能填写随机数。")
	ErrRandomnessGiven     = fault.New(fault.Conflict, "draw_randomness_given", "随机数已经填写，或已经摇号，不能再改。")
)

// DrawStatus is the state of a draw.
type DrawStatus string

const (
	DrawOpen   DrawStatus = "open"   // applications are taken
	DrawClosed DrawStatus = "closed" // the list is settled and its digest public; the announced randomness is waited for
	DrawDrawn  DrawStatus = "drawn"
	DrawVoid   DrawStatus = "void" // nothing was drawn: the slot was called off, or it was too late
)

// Draw is how the places of one slot are drawn. NonceSealed is a secret until the draw; Commitment, its hash, is public
// from the beginning. Digest, WaitUntil and what follows are empty until their time.
type Draw struct {
	ID           string     `gorm:"type:char(26);primaryKey"`
	SlotID       string     `gorm:"type:char(26);uniqueIndex:draws_one_a_slot"`
	Algorithm    string     `gorm:"size:24"`
	NonceSealed  Sealed     `gorm:"type:varbinary(512)"`
	Commitment   string     `gorm:"type:char(64)"`
	Source       string     `gorm:"size:120"`
	Randomness   string     `gorm:"size:200"`
	RandomnessBy string     `gorm:"size:26"`     // who on the staff entered it
	WaitUntil    *time.Time `gorm:"precision:3"` // for the announced randomness
	Digest       string     `gorm:"size:64"`
	Seed         string     `gorm:"size:64"`
	Result       string     `gorm:"size:64"`
	Places       int        `gorm:"type:int"`
	Status       DrawStatus `gorm:"size:16"`
	DrawnAt      *time.Time `gorm:"precision:3"`
	CreatedAt    time.Time  `gorm:"precision:3"`
	UpdatedAt    time.Time  `gorm:"precision:3"`
}

// NewDraw commits to a nonce that nobody has seen.
func NewDraw(box Box, id, slotID string, now time.Time) (Draw, error) {
	nonce := make([]byte, DrawNonceSize)
	_, _ = rand.Read(nonce) // never fails: the program would end
	sealed, err := Seal(box, "draws", "nonce_sealed", id, hex.EncodeToString(nonce))
	if err != nil {
		return Draw{}, err
	}
	return Draw{
		ID: id, SlotID: slotID, Algorithm: DrawAlgorithm, NonceSealed: sealed, Commitment: hashOf(string(nonce)),
		Status: DrawOpen, CreatedAt: now, UpdatedAt: now,
	}, nil
}

// Changed is the event of a draw that has just come into its state. Its subject is the draw.
func (d Draw) Changed(from DrawStatus, actor Actor, actorID, reason string) Event {
	return Event{
		Subject: "draw", SubjectID: d.ID, FromState: string(from), ToState: string(d.Status),
		Actor: actor, ActorID: actorID, Reason: reason, CreatedAt: d.UpdatedAt,
	}
}

// Announce says from where the public randomness will come, or with an empty source that none will be used.
func (d *Draw) Announce(source string, slot Slot, now time.Time) error {
	if d.Status != DrawOpen || !now.Before(*slot.DrawAt) {
		return ErrDrawSourceLate
	}
	d.Source, d.UpdatedAt = source, now
	return nil
}

// Enter notes the randomness that was announced, once, and not before the list of applications is settled: whoever knows
// it must not be able to change the list any more. Entered tells whether it was new.
func (d *Draw) Enter(randomness, staffID string, now time.Time) (entered bool, err error) {
	switch {
	case d.Randomness == randomness:
		return false, nil
	case d.Randomness != "" || d.Status == DrawDrawn || d.Status == DrawVoid:
		return false, ErrRandomnessGiven
	case d.Source == "":
		return false, ErrDrawSourceMissing
	case d.Status != DrawClosed:
		return false, ErrRandomnessEarly
	}
	d.Randomness, d.RandomnessBy, d.UpdatedAt = randomness, staffID, now
	return true, nil
}

// Close settles the list of applications. Where randomness was announced it is waited for until the moment.
func (d *Draw) Close(slot Slot, listed []Application, until, now time.Time) {
	d.Status, d.UpdatedAt = DrawClosed, now
	d.Digest = drawDigest(slot.ID, DrawInstant(*slot.DrawAt), d.Source, applicants(listed))
	if d.Source != "" {
		d.WaitUntil = &until
	}
}

// Waits reports until when the announced randomness is still waited for; the zero time when the draw can take place.
func (d Draw) Waits(now time.Time) time.Time {
	if d.WaitUntil == nil || d.Randomness != "" || !now.Before(*d.WaitUntil) {
		return time.Time{}
	}
	return *d.WaitUntil
}

// Document is the draw of the listed applications for everybody to recompute. Places and DrawnAt are the draw's own.
func (d Draw) Document(box Box, slot Slot, listed []Application) (DrawDocument, error) {
	nonce, err := d.NonceSealed.Open(box, "draws", "nonce_sealed", d.ID)
	if err != nil {
		return DrawDocument{}, err
	}
	return DrawDocument{
		Algorithm: d.Algorithm, SlotID: slot.ID, DrawAt: DrawInstant(*slot.DrawAt), Source: d.Source, Nonce: nonce,
		Randomness: d.Randomness, Applications: applicants(listed), Places: d.Places, DrawnAt: DrawInstant(*d.DrawnAt),
	}.Computed()
}

func applicants(listed []Application) []DrawApplicant {
	list := make([]DrawApplicant, len(listed))
	for i, a := range listed {
		list[i] = DrawApplicant{ID: a.ID, Visited: a.Visited, Out: a.Out()}
	}
	return list
}

// ApplicationStatus is the state of an application to a draw.
type ApplicationStatus string

const (
	ApplicationApplied   ApplicationStatus = "applied"
	ApplicationWithdrawn ApplicationStatus = "withdrawn"
	ApplicationWon       ApplicationStatus = "won"
	ApplicationLost      ApplicationStatus = "lost"
	ApplicationVoid      ApplicationStatus = "void" // ended without a draw, or the child could not take a place
)

// Application is a child's part in the draw of a slot. It carries the policy it was made under. Listed says that it stood
// when applications ended: it is then in the document for good, whatever becomes of it. Turn is its place in the drawn
// order, and WaitingID its entry on the waiting list: whoever won is offered a place there.
type Application struct {
	ID             string            `gorm:"type:char(26);primaryKey;index:draw_applications_by_resident,priority:2;index:draw_applications_by_slot,priority:2"`
	ResidentID     string            `gorm:"type:char(26);index:draw_applications_by_resident,priority:1"`
	ChildID        string            `gorm:"type:char(26)"`
	SlotID         string            `gorm:"type:char(26);index:draw_applications_by_slot,priority:1"`
	SiteID         string            `gorm:"type:char(26)"`
	ServiceID      string            `gorm:"type:char(26)"`
	PolicyID       string            `gorm:"type:char(26)"`
	PolicyVersion  int               `gorm:"type:int"`
	AcceptSelfPaid bool              // the guardian pays at the site when the allowance is used up
	StartAt        time.Time         `gorm:"precision:3"`
	EndAt          time.Time         `gorm:"precision:3"`
	Status         ApplicationStatus `gorm:"size:16"`
	Listed         bool
	Visited        bool      // the child has been at a site this month
	Turn           int       `gorm:"type:int"`
	WaitingID      *string   `gorm:"type:char(26)"`
	CreatedAt      time.Time `gorm:"precision:3"`
	UpdatedAt      time.Time `gorm:"precision:3"`
}

// TableName is what the table is called: applications alone would say too little.
func (Application) TableName() string { return "draw_applications" }

// Out reports whether the application takes no place: it was withdrawn, or ended, before the draw.
func (a Application) Out() bool {
	return a.Status == ApplicationWithdrawn || a.Status == ApplicationVoid
}

// End takes the application out before it has been drawn: withdrawn by the guardian, or void.
func (a *Application) End(status ApplicationStatus, now time.Time) error {
	if a.Status != ApplicationApplied {
		return ErrApplicationEnded
	}
	a.Status, a.UpdatedAt = status, now
	return nil
}

// Changed is the event of an application that has just come into its state.
func (a Application) Changed(from ApplicationStatus, actor Actor, actorID, reason string) Event {
	return Event{
		Subject: "application", SubjectID: a.ID, FromState: string(from), ToState: string(a.Status),
		Actor: actor, ActorID: actorID, Reason: reason, CreatedAt: a.UpdatedAt,
	}
}

// Entry is the application's entry on the waiting list once it has been drawn: in the drawn order, behind whoever stands
// there already.
func (a Application) Entry(id string, turn int) WaitingEntry {
	return WaitingEntry{
		ID: id, ResidentID: a.ResidentID, ChildID: a.ChildID, SlotID: a.SlotID, SiteID: a.SiteID, ServiceID: a.ServiceID,
		PolicyID: a.PolicyID, PolicyVersion: a.PolicyVersion, Turn: turn, AcceptSelfPaid: a.AcceptSelfPaid,
		StartAt: a.StartAt, EndAt: a.EndAt, Status: WaitingInLine, CreatedAt: a.UpdatedAt, UpdatedAt: a.UpdatedAt,
	}
}

// TakesApplications says why nobody can apply to the slot's draw at the moment, or nil.
func (s Slot) TakesApplications(now time.Time) error {
	if s.ReleaseMode != ReleaseDraw || s.DrawAt == nil {
		return ErrDrawNotFound
	}
	switch s.State(now) {
	case SeenCancelled, SeenClosed:
		return ErrSlotClosed
	case SeenUpcoming:
		return ErrSlotNotReleased
	case SeenCutOff, SeenDone:
		return ErrSlotCutOff
	case SeenDrawing:
		if now.Before(*s.DrawAt) {
			return nil
		}
	case SeenOpen, SeenFull:
	}
	return ErrDrawClosed
}

// RandomnessUntil is until when announced randomness is waited for: so long after applications end, yet families must
// know so long before the booking cut-off.
func (s Slot) RandomnessUntil(wait, before time.Duration) time.Time {
	until := earlier(s.DrawAt.Add(wait), s.CutoffAt.Add(-before))
	if until.Before(*s.DrawAt) {
		return *s.DrawAt
	}
	return until
}

// MonthOf is the calendar month of a day, as the instants from which and before which it lasts.
func MonthOf(day Date, zone *time.Location) (from, before time.Time) {
	first := Date{day.Year, day.Month, 1}
	return first.In(zone).UTC(), time.Date(day.Year, day.Month+1, 1, 0, 0, 0, 0, zone).UTC()
}
