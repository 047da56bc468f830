package model

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrChangedMeanwhile = fault.New(fault.Conflict, "changed_meanwhile", "您打开之后，别人已经改过。请刷新，看过最新的内容再改。")
	ErrSiteIncomplete   = fault.New(fault.Invalid, "site_incomplete", "请填写宝宝屋的名称、所在设施、地址和接待时间。")
	ErrSitePhone        = fault.New(fault.Invalid, "site_phone_invalid", "电话不对：应为数字，可以有区号和分机，如021-64000000转8。")
	ErrSitePosition     = fault.New(fault.Invalid, "site_position_invalid", "位置不在上海。请检查经度和纬度有没有写反，坐标是不是从国内的地图上取的。")
	ErrSiteStatus       = fault.New(fault.Conflict, "site_status_same", "宝宝屋已经是这个状态。")
	ErrRoomNotFound     = fault.New(fault.NotFound, "room_not_found", "没有找到这个活动室。")
	ErrRoomExists       = fault.New(fault.Conflict, "room_exists", "这个宝宝屋已有同名的活动室。")
	ErrRoomRetired      = fault.New(fault.Conflict, "room_retired", "这个活动室已停用，请在宝宝屋的资料里恢复，或另选一个。")
	ErrRoomInUse        = fault.New(fault.Conflict, "room_in_use", "这个活动室还有每周计划或场次，请先在排期里结束或停开。")
	ErrCarerIncomplete  = fault.New(fault.Invalid, "carer_incomplete", "请填写姓名；每张证书都要有名称、发证机关和发证日期。")
	ErrCertificateDates = fault.New(fault.Invalid, "certificate_dates_invalid", "证书的日期不对：发证日期不能晚于今天，到期日期应晚于发证日期。")
	ErrCarerPlanned     = fault.New(fault.Conflict, "carer_planned", "还有每周计划或场次由这位照护人员负责，请先在排期里换人。")
	ErrCarerStatus      = fault.New(fault.Conflict, "carer_status_same", "这位照护人员已经是这个状态。")
)

// Shanghai's bounds in GCJ-02 degrees, islands included, with a margin of some kilometres.
const (
	shanghaiSouth, shanghaiNorth = 30.65, 31.90
	shanghaiWest, shanghaiEast   = 120.83, 122.30
)

// InShanghai reports whether the point lies within Shanghai's bounds.
func (p Point) InShanghai() bool {
	return p.Latitude >= shanghaiSouth && p.Latitude <= shanghaiNorth && p.Longitude >= shanghaiWest && p.Longitude <= shanghaiEast
}

var telephone = regexp.MustCompile(`^[0-9+][0-9 \-()（）]{4,24}(转[0-9]{1,6})?$`)

// Check refuses what residents could not find or call. Lengths are the router's to look at.
func (s Site) Check() error {
	switch {
	case s.Name == "" || s.HostKind == "" || s.HostName == "" || s.Address == "" || s.Hours == "":
		return ErrSiteIncomplete
	case !telephone.MatchString(s.Phone):
		return ErrSitePhone.WithField("body.phone", ErrSitePhone.Message)
	case !s.Where().InShanghai():
		return ErrSitePosition.WithField("body.latitude", ErrSitePosition.Message)
	}
	return nil
}

// WhatChanged names what is different, for the history.
func (s Site) WhatChanged(before Site) string {
	var parts []string
	for _, part := range []struct {
		name    string
		differs bool
	}{
		{"街镇", s.SubdistrictCode != before.SubdistrictCode},
		{"名称", s.Name != before.Name},
		{"所在设施", s.HostKind != before.HostKind || s.HostName != before.HostName},
		{"地址", s.Address != before.Address},
		{"位置", s.Where() != before.Where()},
		{"电话", s.Phone != before.Phone},
		{"接待时间", s.Hours != before.Hours},
		{"介绍", s.Intro != before.Intro},
	} {
		if part.differs {
			parts = append(parts, part.name)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "改" + strings.Join(parts, "、")
}

// Changed is an event of the site.
func (s Site) Changed(from SiteStatus, staffID, reason string, at time.Time) Event {
	return Event{
		Subject: "site", SubjectID: s.ID, FromState: string(from), ToState: string(s.Status),
		Actor: ActorStaff, ActorID: staffID, Reason: reason, CreatedAt: at,
	}
}

// RoomStatus says whether plans may use a room.
type RoomStatus string

const (
	RoomActive  RoomStatus = "active"
	RoomRetired RoomStatus = "retired"
)

// Room is a 活动室 of a site. Plans and slots name it; a site has each name once.
type Room struct {
	ID        string     `gorm:"type:char(26);primaryKey"`
	SiteID    string     `gorm:"type:char(26);uniqueIndex:site_rooms_name,priority:1"`
	Name      string     `gorm:"size:40;uniqueIndex:site_rooms_name,priority:2"`
	Note      string     `gorm:"size:200"` // for staff
	Status    RoomStatus `gorm:"size:16"`
	Version   int        `gorm:"type:int"` // raised by every change
	CreatedAt time.Time  `gorm:"precision:3"`
	UpdatedAt time.Time  `gorm:"precision:3"`
}

// TableName is what the table is called.
func (Room) TableName() string { return "site_rooms" }

// Changed is an event of the room.
func (r Room) Changed(from RoomStatus, staffID, reason string, at time.Time) Event {
	return Event{
		Subject: "room", SubjectID: r.ID, FromState: string(from), ToState: string(r.Status),
		Actor: ActorStaff, ActorID: staffID, Reason: reason, CreatedAt: at,
	}
}

// Changed is an event of the carer.
func (c Carer) Changed(from CarerStatus, staffID, reason string, at time.Time) Event {
	return Event{
		Subject: "carer", SubjectID: c.ID, FromState: string(from), ToState: string(c.Status),
		Actor: ActorStaff, ActorID: staffID, Reason: reason, CreatedAt: at,
	}
}

// RequiredCertificates are those every carer holds, as the district promises residents.
var RequiredCertificates = []string{"教师资格证", "高级育婴师证"}

// CertificateStanding is how a certificate stands on a day.
type CertificateStanding string

const (
	CertificateHolds    CertificateStanding = "holds"
	CertificateExpiring CertificateStanding = "expiring"
	CertificateExpired  CertificateStanding = "expired"
)

// Standing says how the certificate stands on the day; it is expiring in its last notice days, the last one included.
func (c CarerCertificate) Standing(day Date, notice int) CertificateStanding {
	switch {
	case c.ExpiresOn == nil:
		return CertificateHolds
	case day.After(*c.ExpiresOn):
		return CertificateExpired
	case c.ExpiresOn.Before(day.AddDays(notice + 1)):
		return CertificateExpiring
	}
	return CertificateHolds
}

// Check refuses a certificate that says too little or has impossible days, seen from today.
func (c CarerCertificate) Check(today Date) error {
	switch {
	case c.Kind == "" || c.Issuer == "":
		return ErrCarerIncomplete
	case c.IssuedOn.IsZero() || c.IssuedOn.After(today) || c.ExpiresOn != nil && !c.ExpiresOn.After(c.IssuedOn):
		return ErrCertificateDates
	}
	return nil
}

// MissingCertificates are those required of a carer that none of the certificates is, or none that is valid on the day.
func MissingCertificates(held []CarerCertificate, day Date) (missing []string) {
	for _, kind := range RequiredCertificates {
		if !slices.ContainsFunc(held, func(c CarerCertificate) bool { return c.Kind == kind && c.ValidOn(day) }) {
			missing = append(missing, kind)
		}
	}
	return missing
}
