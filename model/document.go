package model

import (
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrDocumentNotFound = fault.New(fault.NotFound, "document_not_found", "没有找到这份文件。")
	ErrDocumentOutdated = fault.New(fault.Conflict, "document_outdated", "这份文件已有新版本，请阅读并同意新版本。")
	ErrConsentNeeded    = fault.New(fault.Conflict, "consent_needed", "请先阅读并同意相关文件。")
	ErrConsentInUse     = fault.New(fault.Conflict, "consent_in_use", "名下还有孩子的信息、未结束的预约、候补或摇号报名，请先取消预约、退出候补、撤回报名并删除孩子的信息，再撤回同意。")
)

// NeededFor says what a person must have agreed to a document for.
type NeededFor string

const (
	NeededForChild   NeededFor = "child"   // before a child's data is given to us (PIPL art. 31)
	NeededForBooking NeededFor = "booking" // before a first booking
)

// Document is one version of a text that guardians agree to. The newest published version of a code is the current one.
type Document struct {
	ID          string    `gorm:"type:char(26);primaryKey"`
	Code        string    `gorm:"size:40;uniqueIndex:documents_version"`
	Version     int       `gorm:"type:int;uniqueIndex:documents_version"`
	Title       string    `gorm:"size:80"`
	Body        string    `gorm:"type:text"`
	NeededFor   NeededFor `gorm:"size:16"`
	PublishedAt time.Time `gorm:"precision:3"`
}

// Consent is a guardian's agreement to one version of a document.
type Consent struct {
	ID          string     `gorm:"type:char(26);primaryKey"`
	ResidentID  string     `gorm:"type:char(26);uniqueIndex:consents_once"`
	DocumentID  string     `gorm:"type:char(26);uniqueIndex:consents_once"`
	AgreedAt    time.Time  `gorm:"precision:3"`
	WithdrawnAt *time.Time `gorm:"precision:3"`
}

// MissingConsent names the documents still to be agreed to, or is nil.
func MissingConsent(missing []Document) error {
	if len(missing) == 0 {
		return nil
	}
	refusal := ErrConsentNeeded
	for _, d := range missing {
		refusal = refusal.WithField("document."+d.Code, "请先阅读并同意《"+d.Title+"》。")
	}
	return refusal
}
