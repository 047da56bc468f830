package model

import (
	"time"

	"jiamenkou/model/fault"
)

// ErrTemplateUnknown says that no message goes out under the template, so that nothing can be consented to.
var ErrTemplateUnknown = fault.New(fault.Invalid, "message_template_unknown", "没有这个消息模板，请刷新后再试。")

// MessageConsent is how many messages of a WeChat template a resident has agreed to and not got yet. WeChat counts them
// too and tells nobody; ours is as near as what people and WeChat have told us. Remaining and Reserved are changed only
// by guarded updates.
type MessageConsent struct {
	ResidentID string    `gorm:"type:char(26);primaryKey"`
	TemplateID string    `gorm:"size:64;primaryKey"`
	Remaining  int       `gorm:"type:int"`
	Reserved   int       `gorm:"type:int"` // set aside for messages under way
	UpdatedAt  time.Time `gorm:"precision:3"`
}

// ConsentUse is what becomes of a consent that was set aside for a message.
type ConsentUse string

const (
	ConsentUsed     ConsentUse = "used"     // the message was sent, or may have been
	ConsentReturned ConsentUse = "returned" // it surely was not
	ConsentRefused  ConsentUse = "refused"  // WeChat says that there is none, so there are none at all
)

// DeliveryStatus is how far the message about a notice has come.
type DeliveryStatus string

const (
	DeliveryReserved  DeliveryStatus = "reserved"   // a consent is set aside, and the message is perhaps being sent this moment
	DeliveryReturned  DeliveryStatus = "returned"   // surely not sent: it is tried again
	DeliveryRefused   DeliveryStatus = "refused"    // surely not sent, and somebody must mend something first
	DeliverySent      DeliveryStatus = "sent"       // WeChat took it
	DeliveryUnknown   DeliveryStatus = "unknown"    // sent or not: it is never sent again
	DeliveryNoConsent DeliveryStatus = "no_consent" // the person has agreed to no more messages of the template
	DeliveryDropped   DeliveryStatus = "dropped"    // it would have been worthless
)

// Delivery is what became of the message about a notice.
type Delivery struct {
	NoticeID   string         `gorm:"type:char(26);primaryKey"`
	ResidentID string         `gorm:"type:char(26);index:message_deliveries_by_resident,priority:1"`
	TemplateID string         `gorm:"size:64;index:message_deliveries_by_resident,priority:2"`
	Status     DeliveryStatus `gorm:"size:16;index:message_deliveries_by_resident,priority:3"`
	Reason     string         `gorm:"size:200"` // for staff; holds no personal data
	CreatedAt  time.Time      `gorm:"precision:3"`
	UpdatedAt  time.Time      `gorm:"precision:3"`
}

// TableName is what the table is called: things are delivered elsewhere too.
func (Delivery) TableName() string { return "message_deliveries" }

// Open reports whether the message may still be sent.
func (d Delivery) Open() bool {
	return d.Status == "" || d.Status == DeliveryReturned || d.Status == DeliveryRefused
}

// MessageTimes are when messages go out, all of it the operator's choice.
type MessageTimes struct {
	Quiet      QuietHours
	StaleAfter time.Duration // a message so long after its notice is worthless, whatever the notice says
}

// UsefulUntil is from when on a message about the notice would be worthless.
func (t MessageTimes) UsefulUntil(n Notice) time.Time {
	stale := n.CreatedAt.Add(t.StaleAfter)
	if n.UsefulUntil != nil && n.UsefulUntil.Before(stale) {
		return *n.UsefulUntil
	}
	return stale
}

// SendAt is when a message about the notice is to go out: now, or when the quiet hours are over if it can wait so long.
// It is false when the message has become worthless.
func (t MessageTimes) SendAt(n Notice, now time.Time, zone *time.Location) (time.Time, bool) {
	useful := t.UsefulUntil(n)
	if !now.Before(useful) {
		return now, false
	}
	if over := t.Quiet.Over(now, zone); over.Before(useful) {
		return over, true
	}
	return now, true
}
