package router

import (
	"context"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/staff"
)

type memberView struct {
	ID           string      `json:"id"`
	Name         string      `json:"name"`
	Login        string      `json:"login" doc:"登录名；还没有完成邀请时为空"`
	Status       string      `json:"status" enum:"active,disabled" doc:"在用、停用"`
	State        string      `json:"state" enum:"active,invited,disabled" doc:"在岗、待接受邀请、已停用"`
	Grants       []grantView `json:"grants" nullable:"false"`
	PasswordDue  bool        `json:"password_due" doc:"下次登录须先修改密码"`
	InvitedUntil *time.Time  `json:"invited_until,omitempty" doc:"有未用的邀请链接：有效到何时，可能已过期"`
	LockedUntil  *time.Time  `json:"locked_until,omitempty" doc:"连续输错，锁定到何时"`
	LastSignIn   *time.Time  `json:"last_sign_in_at,omitempty" doc:"最近一次登录"`
	CreatedAt    time.Time   `json:"created_at"`
}

func (a *API) viewMember(m staff.Member) memberView {
	return memberView{
		m.ID, m.Name, m.Login, string(m.Status), string(m.State()), each(m.Grants, viewGrant), m.PasswordDue,
		a.local(m.InvitedUntil), a.local(m.LockedUntil), a.local(m.LastSignIn), m.CreatedAt.In(a.Zone),
	}
}

func (a *API) listMembers(ctx context.Context, _ *none) (*list[memberView], error) {
	members, err := a.Staff.ListMembers(ctx, dutyOf(ctx))
	return listed(a.viewMember, members, err)
}

type memberSearchInput struct {
	Body struct {
		Text    string `json:"text,omitempty" maxLength:"40" doc:"姓名或登录名的一部分"`
		State   string `json:"state,omitempty" enum:"active,invited,disabled" doc:"在岗、待接受邀请、已停用"`
		Role    string `json:"role,omitempty" enum:"administrator,keeper,system_admin,security_admin,auditor" doc:"有这个岗位的"`
		Scope   string `json:"scope,omitempty" enum:"district,subdistrict,site" doc:"在这里有岗位的；街镇包括其中的宝宝屋"`
		ScopeID string `json:"scope_id,omitempty" maxLength:"26" doc:"街镇代码或宝宝屋编号；全区不填"`
		NumberedPage
	}
}

type membersOutput struct{ Body struct{ Counted[memberView] } }

func (a *API) searchMembers(ctx context.Context, in *memberSearchInput) (*membersOutput, error) {
	b := in.Body
	page, total, err := a.Staff.SearchMembers(ctx, dutyOf(ctx), staff.Wanted{
		Text: b.Text, State: staff.MemberState(b.State), Role: model.Role(b.Role),
		Scope: model.Scope(b.Scope), ScopeID: b.ScopeID, Page: b.Page, PageSize: b.PageSize,
	})
	if err != nil {
		return nil, err
	}
	out := &membersOutput{}
	out.Body.Items, out.Body.Total = each(page, a.viewMember), int64(total)
	return out, nil
}

type placeView struct {
	Scope       string   `json:"scope" enum:"district,subdistrict,site" doc:"全区、一个街镇、一个宝宝屋"`
	ScopeID     string   `json:"scope_id" doc:"街镇代码或宝宝屋编号；全区为空"`
	Name        string   `json:"name"`
	Subdistrict string   `json:"subdistrict_code" doc:"宝宝屋所在街镇的代码，其他为空"`
	Roles       []string `json:"roles" nullable:"false" enum:"administrator,keeper,system_admin,security_admin,auditor" doc:"我在这里可以授予和收回的岗位"`
}

func viewPlace(p staff.Place) placeView {
	return placeView{string(p.Scope), p.ID, p.Name, p.Subdistrict, each(p.Roles, func(r model.Role) string { return string(r) })}
}

type staffChoicesOutput struct {
	Body struct {
		SplitDuties bool        `json:"split_duties" doc:"已启用三员分立"`
		Places      []placeView `json:"places" nullable:"false"`
	}
}

func (a *API) staffChoices(ctx context.Context, _ *none) (*staffChoicesOutput, error) {
	places, err := a.Staff.ListPlaces(ctx, dutyOf(ctx))
	if err != nil {
		return nil, err
	}
	out := &staffChoicesOutput{}
	out.Body.SplitDuties, out.Body.Places = a.Staff.Rules.SplitDuties, each(places, viewPlace)
	return out, nil
}

func (a *API) findMember(ctx context.Context, in *ByID) (*one[memberView], error) {
	m, err := a.Staff.FindMember(ctx, dutyOf(ctx), in.ID)
	return shown(a.viewMember, m, err)
}

type grantForm struct {
	Role    string `json:"role" enum:"administrator,keeper,system_admin,security_admin,auditor" doc:"管理员、宝宝屋工作人员、系统管理员、安全管理员、审计员"`
	Scope   string `json:"scope" enum:"district,subdistrict,site" doc:"全区、一个街镇、一个宝宝屋"`
	ScopeID string `json:"scope_id,omitempty" maxLength:"26" doc:"街镇代码或宝宝屋编号；全区不填"`
}

func (f grantForm) grant() model.Grant {
	return model.Grant{Role: model.Role(f.Role), Scope: model.Scope(f.Scope), ScopeID: f.ScopeID}
}

type inviteInput struct {
	Body struct {
		Name     string      `json:"name" minLength:"1" maxLength:"40" doc:"姓名"`
		Grants   []grantForm `json:"grants" minItems:"1" maxItems:"20" nullable:"false" doc:"岗位"`
		Namesake bool        `json:"namesake,omitempty" doc:"确是另一位同名的人；邀请过而没有接受的同名的人，不注明就不再邀请"`
	}
}

type issuedView struct {
	StaffID   string    `json:"staff_id"`
	Code      string    `json:"code" doc:"只显示这一次，请当面或经可靠的途径交给本人"`
	Path      string    `json:"path" doc:"邀请链接在工作台下的地址"`
	ExpiresAt time.Time `json:"expires_at"`
}

// WelcomePath is where an invitation is opened in the console. The code stands behind the # and so reaches no server.
func WelcomePath(code string) string { return "/console/#/welcome/" + code }

func (a *API) issued(id string, i staff.Issued, err error) (*one[issuedView], error) {
	if err != nil {
		return nil, err
	}
	return &one[issuedView]{issuedView{id, i.Code, WelcomePath(i.Code), i.ExpiresAt.In(a.Zone)}}, nil
}

func (a *API) invite(ctx context.Context, in *inviteInput) (*one[issuedView], error) {
	invite := a.Staff.Invite
	if in.Body.Namesake {
		invite = a.Staff.InviteNamesake
	}
	who, issued, err := invite(ctx, dutyOf(ctx), in.Body.Name, each(in.Body.Grants, grantForm.grant)...)
	return a.issued(who.ID, issued, err)
}

type byIDEmpty struct {
	ByID
	Body struct{}
}

func (a *API) reinvite(ctx context.Context, in *byIDEmpty) (*one[issuedView], error) {
	issued, err := a.Staff.Reinvite(ctx, dutyOf(ctx), in.ID)
	return a.issued(in.ID, issued, err)
}

type renameInput struct {
	ByID
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"40" doc:"姓名"`
	}
}

func (a *API) renameMember(ctx context.Context, in *renameInput) (*none, error) {
	return nil, a.Staff.Rename(ctx, dutyOf(ctx), in.ID, in.Body.Name)
}

type grantInput struct {
	ByID
	Body grantForm
}

func (a *API) grant(ctx context.Context, in *grantInput) (*one[grantView], error) {
	g := in.Body.grant()
	g.StaffID = in.ID
	g, err := a.Staff.Grant(ctx, dutyOf(ctx), g)
	return shown(viewGrant, g, err)
}

type byGrant struct {
	ByID
	Grant string `path:"grant" doc:"岗位的编号"`
}

func (a *API) ungrant(ctx context.Context, in *byGrant) (*none, error) {
	return nil, a.Staff.Ungrant(ctx, dutyOf(ctx), in.ID, in.Grant)
}

type reasonInput struct {
	ByID
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"200" doc:"理由，写入记录"`
	}
}

func (a *API) disableMember(ctx context.Context, in *reasonInput) (*none, error) {
	return nil, a.Staff.Disable(ctx, dutyOf(ctx), in.ID, in.Body.Reason)
}

func (a *API) enableMember(ctx context.Context, in *reasonInput) (*none, error) {
	return nil, a.Staff.Enable(ctx, dutyOf(ctx), in.ID, in.Body.Reason)
}

func (a *API) demandPassword(ctx context.Context, in *byIDEmpty) (*none, error) {
	return nil, a.Staff.DemandPassword(ctx, dutyOf(ctx), in.ID)
}

func (a *API) unlockMember(ctx context.Context, in *ByID) (*none, error) {
	return nil, a.Staff.Unlock(ctx, dutyOf(ctx), in.ID)
}

func (a *API) devicesOf(ctx context.Context, in *ByID) (*list[deviceView], error) {
	devices, err := a.Staff.DevicesOf(ctx, dutyOf(ctx), in.ID)
	return a.viewDevices(devices, staffSessionOf(ctx).ID, err)
}

func (a *API) endDevicesOf(ctx context.Context, in *ByID) (*none, error) {
	return nil, a.Staff.EndDevices(ctx, dutyOf(ctx), in.ID)
}

type bySession struct {
	ByID
	Session string `path:"session" doc:"登录设备的编号"`
}

func (a *API) endDeviceOf(ctx context.Context, in *bySession) (*none, error) {
	return nil, a.Staff.EndDeviceOf(ctx, dutyOf(ctx), in.ID, in.Session)
}

type signInsInput struct {
	ByID
	Limit int `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

func (a *API) signInsOf(ctx context.Context, in *signInsInput) (*list[signInView], error) {
	return a.viewSignIns(a.Staff.SignInsOf(ctx, dutyOf(ctx), in.ID, in.Limit))
}

type resetView struct {
	ID        string    `json:"id"`
	StaffID   string    `json:"staff_id"`
	Name      string    `json:"name" doc:"要重置的人"`
	Kind      string    `json:"kind" enum:"everything,second_factor" doc:"全部重新设置，或只重新设置第二步"`
	Reason    string    `json:"reason"`
	AskedBy   string    `json:"asked_by" doc:"申请的管理员，须由另一位批准"`
	Asker     string    `json:"asker" doc:"申请人的姓名"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (a *API) viewReset(r staff.OpenReset) resetView {
	return resetView{r.ID, r.StaffID, r.Name, string(r.Kind), r.Reason, r.AskedBy, r.Asker, r.CreatedAt.In(a.Zone), r.ExpiresAt.In(a.Zone)}
}

type resetInput struct {
	ByID
	Body struct {
		Kind   string `json:"kind" enum:"everything,second_factor" doc:"全部重新设置，或只重新设置第二步"`
		Reason string `json:"reason" minLength:"1" maxLength:"200" doc:"理由，写入记录"`
	}
}

func (a *API) askReset(ctx context.Context, in *resetInput) (*one[resetView], error) {
	r, err := a.Staff.AskReset(ctx, dutyOf(ctx), in.ID, model.InvitationKind(in.Body.Kind), in.Body.Reason)
	return shown(a.viewReset, r, err)
}

func (a *API) listResets(ctx context.Context, _ *none) (*list[resetView], error) {
	resets, err := a.Staff.ListResets(ctx, dutyOf(ctx))
	return listed(a.viewReset, resets, err)
}

func (a *API) approveReset(ctx context.Context, in *byIDEmpty) (*one[issuedView], error) {
	r, issued, err := a.Staff.ApproveReset(ctx, dutyOf(ctx), in.ID)
	return a.issued(r.StaffID, issued, err)
}

func (a *API) refuseReset(ctx context.Context, in *byIDEmpty) (*none, error) {
	return nil, a.Staff.RefuseReset(ctx, dutyOf(ctx), in.ID)
}
