package model

import (
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrExportNotFound = fault.New(fault.NotFound, "export_not_found", "没有找到这个文件，可能已经到期删除。请重新导出。")
	ErrExportNotReady = fault.New(fault.Conflict, "export_not_ready", "文件还在准备，请稍等再下载。")
)

// ExportContent is what a file holds.
type ExportContent string

const (
	ExportFigures  ExportContent = "figures"  // the overview, a line for each place and week
	ExportSessions ExportContent = "sessions" // a line for each session
)

// ExportFormat is how a file is written.
type ExportFormat string

const (
	ExportCSV  ExportFormat = "csv"
	ExportXLSX ExportFormat = "xlsx"
)

// ExportStatus says whether the file is there.
type ExportStatus string

const (
	ExportOwed  ExportStatus = "owed"
	ExportReady ExportStatus = "ready"
)

// Export is a file of figures that a member of staff asked for: its own alone, until it expires. It names no family. Sites
// are those whose figures it holds: who has lost one of them from the scope has lost the file.
type Export struct {
	ID        string        `gorm:"type:char(26);primaryKey;index:exports_by_staff,priority:2"`
	StaffID   string        `gorm:"type:char(26);index:exports_by_staff,priority:1"`
	Content   ExportContent `gorm:"size:16"`
	Format    ExportFormat  `gorm:"size:8"`
	FromDate  Date          `gorm:"type:date"`
	UntilDate Date          `gorm:"type:date"`
	Sites     []string      `gorm:"type:text;serializer:json"`
	Status    ExportStatus  `gorm:"size:16"`
	Done      int           `gorm:"type:int"` // lines written so far
	Total     int           `gorm:"type:int"` // lines there are, as counted when it was asked for
	CreatedAt time.Time     `gorm:"precision:3"`
	ExpiresAt time.Time     `gorm:"precision:3;index:exports_by_expiry"`
}

// Period is what the file is about.
func (e Export) Period() Period { return Period{e.FromDate, e.UntilDate} }

// Finish is that the file is there, for so long from now on.
func (e *Export) Finish(lines int, now time.Time, keep time.Duration) {
	e.Status, e.Done, e.Total, e.ExpiresAt = ExportReady, lines, lines, now.Add(keep)
}

// Noted is the event of what staff did with the file.
func (e Export) Noted(to string, at time.Time) Event {
	return Event{
		Subject: "export", SubjectID: e.ID, FromState: string(e.Status), ToState: to, Actor: ActorStaff, ActorID: e.StaffID,
		Reason: string(e.Content) + "," + string(e.Format) + "," + e.FromDate.String() + "," + e.UntilDate.String(), CreatedAt: at,
	}
}

// ExportPart is a piece of the file.
type ExportPart struct {
	ExportID string `gorm:"type:char(26);primaryKey"`
	Part     int    `gorm:"type:int;primaryKey;autoIncrement:false"`
	Content  []byte `gorm:"type:mediumblob"`
}

// SessionLine is a session with its figures, as a file has it.
type SessionLine struct {
	Slot    Slot
	Figures Figures
}
