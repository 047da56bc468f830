package model

import (
	"strings"
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrSubdistrictNotFound = fault.New(fault.NotFound, "subdistrict_not_found", "没有这个街镇。")
	ErrSiteNotFound        = fault.New(fault.NotFound, "site_not_found", "没有找到这个宝宝屋。")
	ErrServiceNotFound     = fault.New(fault.NotFound, "service_not_found", "没有这项服务。")
	ErrServiceIncomplete   = fault.New(fault.Invalid, "service_incomplete", "请填写服务的名称和介绍。")
	ErrServiceStatus       = fault.New(fault.Conflict, "service_status_same", "这项服务已经是这个状态。")
)

// Subdistrict is a 街镇; Code is its nine-digit administrative code.
type Subdistrict struct {
	Code string `gorm:"type:char(9);primaryKey"`
	Name string `gorm:"size:40"`
}

// SiteStatus says whether a site takes children.
type SiteStatus string

const (
	SiteOpen      SiteStatus = "open"
	SiteSuspended SiteStatus = "suspended"
)

// Site is a 宝宝屋 inside a host facility. Latitude and Longitude are GCJ-02 degrees.
type Site struct {
	ID              string     `gorm:"type:char(26);primaryKey"`
	SubdistrictCode string     `gorm:"type:char(9);index:sites_by_subdistrict"`
	Name            string     `gorm:"size:80"`
	HostKind        string     `gorm:"size:40"`
	HostName        string     `gorm:"size:80"`
	Address         string     `gorm:"size:160"`
	Latitude        float64    `gorm:"type:double"`
	Longitude       float64    `gorm:"type:double"`
	Phone           string     `gorm:"size:32"`
	Hours           string     `gorm:"size:160"`
	Intro           string     `gorm:"size:1000"`
	Photos          Photos     `gorm:"type:text"`
	Status          SiteStatus `gorm:"size:16"`
	Version         int        `gorm:"type:int"` // raised by every change
	CreatedAt       time.Time  `gorm:"precision:3"`
	UpdatedAt       time.Time  `gorm:"precision:3"`
}

// Where is the site's position.
func (s Site) Where() Point { return Point{s.Latitude, s.Longitude} }

// Photo is a picture of a site.
type Photo struct {
	URL     string `json:"url"`
	Caption string `json:"caption"`
}

// Photos is stored as JSON text.
type Photos []Photo

// Carer looks after children at a site; residents see who cares and which certificates they hold.
type Carer struct {
	ID     string      `gorm:"type:char(26);primaryKey"`
	SiteID string      `gorm:"type:char(26);index:carers_by_site"`
	Name   string      `gorm:"size:40"`
	Title  string      `gorm:"size:40"`
	Intro  string      `gorm:"size:400"`
	Status CarerStatus `gorm:"size:16"`

	Version int `gorm:"type:int"` // raised by every change, of the certificates too
}

// CarerStatus says whether a carer works at the site now.
type CarerStatus string

const (
	CarerActive CarerStatus = "active"
	CarerLeft   CarerStatus = "left"
)

// CarerCertificate is a qualification, such as 教师资格证 or 高级育婴师证. Without ExpiresOn it does not expire.
type CarerCertificate struct {
	ID        string `gorm:"type:char(26);primaryKey"`
	CarerID   string `gorm:"type:char(26);index:carer_certificates_by_carer"`
	Kind      string `gorm:"size:40"`
	Issuer    string `gorm:"size:80"`
	IssuedOn  Date   `gorm:"type:date"`
	ExpiresOn *Date  `gorm:"type:date"`
}

// ValidOn reports whether the certificate holds on the day, its last day included.
func (c CarerCertificate) ValidOn(day Date) bool {
	return !day.Before(c.IssuedOn) && (c.ExpiresOn == nil || !day.After(*c.ExpiresOn))
}

// ServiceStatus says whether a care service is offered.
type ServiceStatus string

const (
	ServiceOffered   ServiceStatus = "offered"
	ServiceWithdrawn ServiceStatus = "withdrawn"
)

// CareService is what a child is booked for, such as 托育照护（上午） or 科学育儿指导.
type CareService struct {
	ID       string        `gorm:"type:char(26);primaryKey"`
	Code     string        `gorm:"size:40;uniqueIndex:care_services_code"`
	Name     string        `gorm:"size:40"`
	Intro    string        `gorm:"size:400"`
	Position int           `gorm:"type:int"`
	Status   ServiceStatus `gorm:"size:16"`
	Version  int           `gorm:"type:int"` // raised by every change
}

// Check refuses a care service without a name or with a text residents could not read. Lengths are the router's to look at.
func (c CareService) Check() error {
	if c.Name == "" || c.Intro == "" {
		return ErrServiceIncomplete
	}
	return nil
}

// WhatChanged names what is different, for the history.
func (c CareService) WhatChanged(before CareService) string {
	var parts []string
	if c.Name != before.Name {
		parts = append(parts, "原名"+before.Name)
	}
	if c.Intro != before.Intro {
		parts = append(parts, "改介绍")
	}
	if c.Position != before.Position {
		parts = append(parts, "改次序")
	}
	return strings.Join(parts, "，")
}

// Changed is an event of the care service.
func (c CareService) Changed(from ServiceStatus, staffID, what string, now time.Time) Event {
	return Event{
		Subject: "service", SubjectID: c.ID, FromState: string(from), ToState: string(c.Status),
		Actor: ActorStaff, ActorID: staffID, Reason: what, CreatedAt: now,
	}
}
