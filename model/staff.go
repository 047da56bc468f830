package model

import (
	"slices"
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrStaffNotFound  = fault.New(fault.NotFound, "staff_not_found", "没有找到这位工作人员。")
	ErrStaffDisabled  = fault.New(fault.Forbidden, "staff_disabled", "这个工作人员账号已停用，请联系管理员。")
	ErrNotPermitted   = fault.New(fault.Forbidden, "not_permitted", "您的岗位不能办理这件事。")
	ErrGrantOutOfTown = fault.New(fault.Invalid, "grant_invalid", "岗位的范围不对：全区、一个街镇或一个宝宝屋。")
	ErrGrantNotFound  = fault.New(fault.NotFound, "grant_not_found", "这个人没有这个岗位，可能已被收回。")
	ErrGrantExists    = fault.New(fault.Conflict, "grant_exists", "这个人已有这个岗位。")
	ErrGrantTooMuch   = fault.New(fault.Forbidden, "grant_beyond_own", "只能授予自己也有的权限。")
	ErrOwnAccount     = fault.New(fault.Forbidden, "own_account", "不能改动自己的账号，请由另一位管理员办理。")
	ErrDutiesExclude  = fault.New(fault.Conflict, "duties_exclude", "已启用三员分立：系统管理员、安全管理员、审计员须由不同的人担任。")
)

// StaffStatus says whether a member of staff may sign in.
type StaffStatus string

const (
	StaffActive   StaffStatus = "active"
	StaffDisabled StaffStatus = "disabled"
)

// Staff is somebody who works for the district, a subdistrict or a site.
type Staff struct {
	ID        string      `gorm:"type:char(26);primaryKey"`
	Name      string      `gorm:"size:40"`
	Status    StaffStatus `gorm:"size:16"`
	Epoch     int         `gorm:"type:int"` // raised by whatever ends all sessions; a session is of the epoch it began in
	CreatedAt time.Time   `gorm:"precision:3"`
	UpdatedAt time.Time   `gorm:"precision:3"`
}

// TableName is what the table is called.
func (Staff) TableName() string { return "staff" }

// Role is what somebody on the staff does.
type Role string

const (
	RoleAdministrator Role = "administrator"  // plans, judges, and, while duties are not split, runs everything
	RoleKeeper        Role = "keeper"         // 宝宝屋工作人员: plans and works at the door
	RoleSystemAdmin   Role = "system_admin"   // 系统管理员 of 三员分立: machinery and settings
	RoleSecurityAdmin Role = "security_admin" // 安全管理员 of 三员分立: accounts and grants
	RoleAuditor       Role = "auditor"        // reads, the record of what was done included
)

// Roles is every role.
var Roles = []Role{RoleAdministrator, RoleKeeper, RoleSystemAdmin, RoleSecurityAdmin, RoleAuditor}

// Permission is one thing that a role allows.
type Permission string

const (
	MayLook    Permission = "look"     // plans, slots, lists without names
	MayPlan    Permission = "plan"     // templates, exceptions, capacities, closing a slot, draws
	MayKeep    Permission = "keep"     // at the door: lists with names, check-in, hand-over, booking for others
	MayJudge   Permission = "judge"    // appeals, lifting marks
	MayReveal  Permission = "reveal"   // a family's sealed data one by one, its export, closing its account
	MayFurnish Permission = "furnish"  // sites, their rooms, carers and pictures
	MayOperate Permission = "operate"  // owed work and dead letters: of the whole district
	MaySet     Permission = "settings" // calendar, message templates, policies: of the whole district
	MayManage  Permission = "manage"   // accounts, grants, resets
	MayAudit   Permission = "audit"    // who did what when
)

// permissions is what each role allows while duties are not split; it is the only place that says so, with dutiesSplit.
// Nobody may remove anything from the record of what was done: there is no permission for that.
var permissions = map[Role][]Permission{
	RoleAdministrator: {MayLook, MayPlan, MayKeep, MayJudge, MayReveal, MayFurnish, MayOperate, MaySet, MayManage, MayAudit},
	RoleKeeper:        {MayLook, MayPlan, MayKeep, MayJudge},
	RoleSystemAdmin:   {MayLook, MayOperate, MaySet}, // who sets rules has to see them
	RoleSecurityAdmin: {MayManage},
	RoleAuditor:       {MayLook, MayAudit},
}

// dutiesSplit are the permissions that 三员分立 takes from the administrator: each is the duty of one of three others.
var dutiesSplit = []Permission{MayOperate, MaySet, MayManage, MayAudit}

// exclusive are the roles of which nobody holds two once duties are split.
var exclusive = []Role{RoleSystemAdmin, RoleSecurityAdmin, RoleAuditor}

// Allowed is what a role allows, under 三员分立 or without.
func Allowed(r Role, split bool) []Permission {
	if !split || r != RoleAdministrator {
		return permissions[r]
	}
	return slices.DeleteFunc(slices.Clone(permissions[r]), func(p Permission) bool { return slices.Contains(dutiesSplit, p) })
}

// DutiesExclude reports whether the grants give one person two of the duties that exclude each other.
func DutiesExclude(grants []Grant) bool {
	held := map[Role]bool{}
	for _, g := range grants {
		if slices.Contains(exclusive, g.Role) {
			held[g.Role] = true
		}
	}
	return len(held) > 1
}

// Scope is where a role is held.
type Scope string

const (
	ScopeDistrict    Scope = "district"
	ScopeSubdistrict Scope = "subdistrict"
	ScopeSite        Scope = "site"
)

// Grant is a role held in a scope. ScopeID is the subdistrict's code or the site's id, empty for the district.
type Grant struct {
	ID        string    `gorm:"type:char(26);primaryKey"`
	StaffID   string    `gorm:"type:char(26);uniqueIndex:staff_grants_once"`
	Role      Role      `gorm:"size:24;uniqueIndex:staff_grants_once"`
	Scope     Scope     `gorm:"size:16;uniqueIndex:staff_grants_once"`
	ScopeID   string    `gorm:"size:26;uniqueIndex:staff_grants_once"`
	CreatedAt time.Time `gorm:"precision:3"`
}

// TableName is what the table is called.
func (Grant) TableName() string { return "staff_grants" }

// Check refuses what is no grant.
func (g Grant) Check() error {
	_, known := permissions[g.Role]
	named := g.ScopeID != ""
	switch {
	case known && g.Scope == ScopeDistrict && !named, known && g.Scope == ScopeSubdistrict && named, known && g.Scope == ScopeSite && named:
		return nil
	}
	return ErrGrantOutOfTown
}

func (g Grant) covers(site Site) bool {
	switch g.Scope {
	case ScopeDistrict:
		return true
	case ScopeSubdistrict:
		return g.ScopeID == site.SubdistrictCode
	case ScopeSite:
		return g.ScopeID == site.ID
	}
	return false
}

// OnDuty is a signed-in member of staff with the grants that count for what is being done: what lies outside of them
// does not exist for that person.
type OnDuty struct {
	StaffID string
	Name    string
	Grants  []Grant
	Split   bool // 三员分立 holds
}

// For narrows the grants to those that give the permission; ErrNotPermitted when none does.
func (d OnDuty) For(p Permission) (OnDuty, error) {
	narrowed := d
	narrowed.Grants = nil
	conflict := d.Split && DutiesExclude(d.Grants) // granted before duties were split: neither counts
	for _, g := range d.Grants {
		if conflict && slices.Contains(exclusive, g.Role) {
			continue
		}
		if slices.Contains(Allowed(g.Role, d.Split), p) {
			narrowed.Grants = append(narrowed.Grants, g)
		}
	}
	if len(narrowed.Grants) == 0 {
		return OnDuty{}, ErrNotPermitted
	}
	return narrowed, nil
}

// Permissions is everything that some grant allows, each once.
func (d OnDuty) Permissions() (all []Permission) {
	for _, p := range []Permission{MayLook, MayPlan, MayKeep, MayJudge, MayReveal, MayFurnish, MayOperate, MaySet, MayManage, MayAudit} {
		if _, err := d.For(p); err == nil {
			all = append(all, p)
		}
	}
	return all
}

// MayGrant refuses to give, or take, a role that allows more than the person's own grants do where it would be held. The
// security administrator of 三员分立 hands out what he does not hold himself: that is his duty. Site is the grant's, if
// it is held at one.
func (d OnDuty) MayGrant(g Grant, site Site) error {
	var own []Permission
	for _, mine := range d.Grants {
		if !mine.coversGrant(g, site) {
			continue
		}
		if mine.Role == RoleSecurityAdmin {
			return nil
		}
		own = append(own, Allowed(mine.Role, d.Split)...)
	}
	for _, p := range Allowed(g.Role, d.Split) {
		if !slices.Contains(own, p) {
			return ErrGrantTooMuch
		}
	}
	return nil
}

// CoversGrant reports whether a grant lies within the scope of one's own. Site is the grant's, if it is held at one.
func (d OnDuty) CoversGrant(g Grant, site Site) bool {
	return slices.ContainsFunc(d.Grants, func(mine Grant) bool { return mine.coversGrant(g, site) })
}

func (g Grant) coversGrant(other Grant, site Site) bool {
	switch other.Scope {
	case ScopeDistrict:
		return g.Scope == ScopeDistrict
	case ScopeSubdistrict:
		return g.Scope == ScopeDistrict || g.Scope == ScopeSubdistrict && g.ScopeID == other.ScopeID
	case ScopeSite:
		return g.covers(site)
	}
	return false
}

// Covers reports whether the site lies within the scope of one of the grants.
func (d OnDuty) Covers(site Site) bool {
	return slices.ContainsFunc(d.Grants, func(g Grant) bool { return g.covers(site) })
}

// scopeIDs are the ids of the scopes of a kind in which something is held.
func (d OnDuty) scopeIDs(scope Scope) (ids []string) {
	for _, g := range d.Grants {
		if g.Scope == scope {
			ids = append(ids, g.ScopeID)
		}
	}
	return ids
}

// CoversSubdistrict reports whether the whole subdistrict lies within the scope of one of the grants.
func (d OnDuty) CoversSubdistrict(code string) bool {
	return d.CoversGrant(Grant{Scope: ScopeSubdistrict, ScopeID: code}, Site{})
}

// CoversDistrict reports whether one of the grants is held in the whole district.
func (d OnDuty) CoversDistrict() bool {
	return slices.ContainsFunc(d.Grants, func(g Grant) bool { return g.Scope == ScopeDistrict })
}

// DataAccess says that a member of staff opened sealed personal data: whose, which fields, and why.
type DataAccess struct {
	ID        string    `gorm:"type:char(26);primaryKey;index:data_accesses_by_subject,priority:2;index:data_accesses_by_staff,priority:2"`
	StaffID   string    `gorm:"type:char(26);index:data_accesses_by_staff,priority:1"`
	Subject   string    `gorm:"size:20"` // the record's kind
	SubjectID string    `gorm:"type:char(26);index:data_accesses_by_subject,priority:1"`
	Fields    string    `gorm:"size:120"`
	Reason    string    `gorm:"size:200"`
	CreatedAt time.Time `gorm:"precision:3"`
}

// ListAccessLasts is how long the list at a desk counts as the one opening that was written: a desk follows the day by
// itself, and reads its list anew with every change. Who keeps it open is written again after it. What is opened of one
// family is written each time.
const ListAccessLasts = 5 * time.Minute
