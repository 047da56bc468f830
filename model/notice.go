package model

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"jiamenkou/model/fault"
)

// ErrNoticeNotFound says that the notice is not there for this person.
var ErrNoticeNotFound = fault.New(fault.NotFound, "notice_not_found", "没有找到这条通知。")

// NoticeKind is what a notice tells.
type NoticeKind string

const (
	NoticeBooked        NoticeKind = "booked"
	NoticeCancelled     NoticeKind = "cancelled"
	NoticeSiteCancelled NoticeKind = "site_cancelled"
	NoticeMoved         NoticeKind = "moved"
	NoticePlaceOffered  NoticeKind = "place_offered"
	NoticeOfferExpired  NoticeKind = "offer_expired"
	NoticeWaitingEnded  NoticeKind = "waiting_ended"
	NoticeReminder      NoticeKind = "reminder"
	NoticeDrawResult    NoticeKind = "draw_result"

	NoticeCheckedIn      NoticeKind = "checked_in"
	NoticeHandedOver     NoticeKind = "handed_over"
	NoticeStrike         NoticeKind = "strike"
	NoticeAppealAnswered NoticeKind = "appeal_answered"
	NoticeMarkLifted     NoticeKind = "mark_lifted"
)

// MessageKinds are the kinds of notices that may also go out as a WeChat message. All others are for the inbox alone.
var MessageKinds = []NoticeKind{NoticeBooked, NoticeReminder, NoticePlaceOffered, NoticeSiteCancelled, NoticeDrawResult, NoticeStrike}

// Message is the kind whose template a message about the notice has: a booking that was moved is told as a booking. It is
// of no use for kinds that are for the inbox alone.
func (k NoticeKind) Message() NoticeKind {
	if k == NoticeMoved {
		return NoticeBooked
	}
	return k
}

// Subject is the kind of record that notices of the kind are about.
func (k NoticeKind) Subject() string {
	switch k {
	case NoticePlaceOffered, NoticeOfferExpired, NoticeWaitingEnded:
		return "waiting"
	case NoticeDrawResult:
		return "application"
	default:
		return "booking"
	}
}

// Notice is something a resident is owed to know. It is written in the transaction of the change it tells of and
// names no child, so it needs no seal.
type Notice struct {
	ID          string     `gorm:"type:char(26);primaryKey;index:notices_by_resident,priority:2"`
	ResidentID  string     `gorm:"type:char(26);index:notices_by_resident,priority:1"`
	Kind        NoticeKind `gorm:"size:32"`
	Title       string     `gorm:"size:80"`
	Body        string     `gorm:"size:500"`
	SubjectID   string     `gorm:"type:char(26);index:notices_by_subject"` // the record it is about; of which kind, the kind of the notice says
	Facts       Facts      `gorm:"type:varchar(1000)"`
	UsefulUntil *time.Time `gorm:"precision:3"` // a message after it would be worthless; nil: not for long, see MessageTimes
	CreatedAt   time.Time  `gorm:"precision:3"`
	ReadAt      *time.Time `gorm:"precision:3"`
}

// Fact names a value that a message can show.
type Fact string

const (
	FactSite    Fact = "site"    // the site's name
	FactSiteID  Fact = "site_id" // stands for the site's name, which is looked up when the message goes out
	FactSession Fact = "session" // when the session is, as SessionFact writes it
	FactStart   Fact = "start"   // when it begins, as TimeFact writes it
	FactUntil   Fact = "until"   // until when to act, as TimeFact writes it
	FactResult  Fact = "result"  // how it came out, in at most five Han characters
	FactNote    Fact = "note"    // what to know or do, in at most 20 characters
)

// MessageFacts are the facts that a message can show, each of which the notice may lack.
var MessageFacts = []Fact{FactSite, FactSession, FactStart, FactUntil, FactResult, FactNote}

// Says is the value of a fact; the title stands in for a note.
func (n Notice) Says(fact Fact) string {
	if fact == FactNote && n.Facts[fact] == "" {
		return n.Title
	}
	return n.Facts[fact]
}

// Facts are values for messages by their names. They go to WeChat: never a person's name, a child's above all.
type Facts map[Fact]string

// Value stores the facts as a JSON object.
func (f Facts) Value() (driver.Value, error) {
	if f == nil {
		return "{}", nil
	}
	b, err := json.Marshal(map[Fact]string(f))
	return string(b), err
}

// Scan reads a JSON object.
func (f *Facts) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return json.Unmarshal([]byte(v), (*map[Fact]string)(f))
	case []byte:
		return json.Unmarshal(v, (*map[Fact]string)(f))
	}
	return fmt.Errorf("cannot read facts from %T", src)
}

// TimeFact writes a moment the way WeChat's message templates read it: 2026年11月24日 09:00.
func TimeFact(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return fmt.Sprintf("%d年%d月%d日 %s", t.Year(), int(t.Month()), t.Day(), t.Format("15:04"))
}

// SessionFact writes a time of one day the way WeChat's message templates read it: 2026年11月24日 09:00~11:30.
func SessionFact(from, to time.Time, zone *time.Location) string {
	return TimeFact(from, zone) + "~" + to.In(zone).Format("15:04")
}

// SessionFacts are what a message about a session shows. The note is what to know or do; without one the message shows the
// notice's title.
func SessionFacts(siteID string, from, to time.Time, note string, zone *time.Location) Facts {
	facts := Facts{FactSiteID: siteID, FactSession: SessionFact(from, to, zone), FactStart: TimeFact(from, zone)}
	if note != "" {
		facts[FactNote] = note
	}
	return facts
}
