package router

import (
	"context"
	"encoding/json"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/staff"
)

type grantView struct {
	ID      string `json:"id,omitempty"`
	Role    string `json:"role" enum:"administrator,keeper,system_admin,security_admin,auditor" doc:"管理员、宝宝屋工作人员、系统管理员、安全管理员、审计员"`
	Scope   string `json:"scope" enum:"district,subdistrict,site" doc:"全区、一个街镇、一个宝宝屋"`
	ScopeID string `json:"scope_id" doc:"街镇代码或宝宝屋编号；全区为空"`
}

func viewGrant(g model.Grant) grantView {
	return grantView{g.ID, string(g.Role), string(g.Scope), g.ScopeID}
}

// cookied is an empty answer that signs a browser in or out.
type cookied struct {
	SetCookie string `header:"Set-Cookie"`
}

func cookie(token string, err error) (*cookied, error) {
	if err != nil {
		return nil, err
	}
	return &cookied{setCookie(token)}, nil
}

type staffSignInInput struct {
	Body struct {
		Login    string `json:"login" minLength:"1" maxLength:"80" doc:"登录名"`
		Password string `json:"password" minLength:"1" maxLength:"512" doc:"密码"`
	}
}

type staffSignInOutput struct {
	Body struct {
		Ticket        string   `json:"ticket" doc:"下一步用，一次有效"`
		SecondFactors []string `json:"second_factors" nullable:"false" enum:"totp,passkey" doc:"可用的第二步"`
	}
}

func (a *API) staffSignIn(ctx context.Context, in *staffSignInInput) (*staffSignInOutput, error) {
	ticket, factors, err := a.Staff.SignIn(ctx, in.Body.Login, in.Body.Password, visitorOf(ctx))
	if err != nil {
		return nil, err
	}
	out := &staffSignInOutput{}
	out.Body.Ticket, out.Body.SecondFactors = ticket, factors
	if factors == nil {
		out.Body.SecondFactors = []string{}
	}
	return out, nil
}

type codeInput struct {
	Body struct {
		Ticket string `json:"ticket" maxLength:"100"`
		Code   string `json:"code" minLength:"6" maxLength:"10" doc:"验证器上的六位数字"`
	}
}

func (a *API) staffSecondFactor(ctx context.Context, in *codeInput) (*cookied, error) {
	return cookie(a.Staff.SecondFactor(ctx, in.Body.Ticket, in.Body.Code, visitorOf(ctx)))
}

// emptyBody is what a request without content sends all the same.
type emptyBody struct{ Body struct{} }

type passkeyOptions struct {
	Body struct {
		Ticket  string         `json:"ticket"`
		Options map[string]any `json:"options" doc:"交给浏览器的选项（PublicKeyCredential.parseRequestOptionsFromJSON 或 parseCreationOptionsFromJSON）"`
	}
}

func viewOptions(ticket string, options any, err error) (*passkeyOptions, error) {
	if err != nil {
		return nil, err
	}
	out := &passkeyOptions{}
	out.Body.Ticket = ticket
	text, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	return out, json.Unmarshal(text, &out.Body.Options)
}

func (a *API) askPasskey(ctx context.Context, _ *emptyBody) (*passkeyOptions, error) {
	return viewOptions(a.Staff.AskPasskey(ctx))
}

type passkeyInput struct {
	Body struct {
		Ticket     string         `json:"ticket" maxLength:"100"`
		Credential map[string]any `json:"credential" doc:"浏览器的回答（PublicKeyCredential.toJSON）"`
	}
}

func (a *API) signInByPasskey(ctx context.Context, in *passkeyInput) (*cookied, error) {
	answer, err := json.Marshal(in.Body.Credential)
	if err != nil {
		return nil, err
	}
	return cookie(a.Staff.SignInByPasskey(ctx, in.Body.Ticket, answer, visitorOf(ctx)))
}

type invitationInput struct {
	Body struct {
		Code string `json:"code" minLength:"1" maxLength:"40" doc:"邀请链接末尾的代码"`
	}
}

type passwordView struct {
	MinLength  int `json:"min_length"`
	Complexity int `json:"complexity" doc:"大写字母、小写字母、数字、其他符号中至少几种"`
}

func (a *API) passwordView() passwordView {
	return passwordView{a.Staff.Rules.Password.MinLength, a.Staff.Rules.Password.Kinds}
}

type totpView struct {
	Secret string `json:"secret" doc:"手工输入验证器用"`
	URI    string `json:"uri" doc:"二维码的内容"`
}

type invitationOutput struct {
	Body struct {
		Ticket   string       `json:"ticket"`
		Kind     string       `json:"kind" enum:"everything,second_factor" doc:"全部重新设置，或只重新设置第二步（密码照旧）"`
		Name     string       `json:"name"`
		Login    string       `json:"login" doc:"原来的登录名；第一次为空"`
		TOTP     totpView     `json:"totp"`
		Password passwordView `json:"password"`
	}
}

func (a *API) openInvitation(ctx context.Context, in *invitationInput) (*invitationOutput, error) {
	o, err := a.Staff.OpenInvitation(ctx, in.Body.Code)
	if err != nil {
		return nil, err
	}
	out := &invitationOutput{}
	out.Body.Ticket, out.Body.Kind, out.Body.Name, out.Body.Login = o.Ticket, string(o.Kind), o.Name, o.Login
	out.Body.TOTP, out.Body.Password = totpView{o.Secret, o.URI}, a.passwordView()
	return out, nil
}

type completionInput struct {
	Body struct {
		Ticket   string `json:"ticket" maxLength:"100"`
		Login    string `json:"login" minLength:"1" maxLength:"80" doc:"登录名：3到40个小写字母、数字、点、下划线或连字符"`
		Password string `json:"password" minLength:"1" maxLength:"512" doc:"新密码；只重新设置第二步时为现在的密码"`
		Code     string `json:"code" minLength:"6" maxLength:"10" doc:"验证器上的六位数字"`
	}
}

func (a *API) completeInvitation(ctx context.Context, in *completionInput) (*cookied, error) {
	b := in.Body
	return cookie(a.Staff.CompleteInvitation(ctx, b.Ticket, b.Login, b.Password, b.Code, visitorOf(ctx)))
}

func (a *API) staffSignOut(ctx context.Context, _ *none) (*cookied, error) {
	return cookie("", a.Staff.SignOut(ctx, staffSessionOf(ctx)))
}

type staffMeOutput struct {
	Body struct {
		ID             string       `json:"id"`
		Name           string       `json:"name"`
		Login          string       `json:"login"`
		Grants         []grantView  `json:"grants" nullable:"false"`
		Permissions    []string     `json:"permissions" nullable:"false" enum:"look,plan,keep,judge,reveal,furnish,operate,settings,manage,audit" doc:"各岗位合起来能做什么；范围见各岗位"`
		IdleSeconds    int          `json:"idle_seconds" doc:"多久没有操作会自动退出"`
		PasswordDue    bool         `json:"password_due" doc:"须先修改密码，其他操作都会被拒绝"`
		PasswordPolicy passwordView `json:"password"`
	}
}

func (a *API) staffMe(ctx context.Context, _ *none) (*staffMeOutput, error) {
	session := staffSessionOf(ctx)
	duty := session.Duty
	out := &staffMeOutput{}
	out.Body.ID, out.Body.Name, out.Body.Login = duty.StaffID, duty.Name, session.Login
	out.Body.Grants = each(duty.Grants, viewGrant)
	out.Body.Permissions = each(duty.Permissions(), func(p model.Permission) string { return string(p) })
	out.Body.IdleSeconds = int(a.Staff.Rules.SessionIdle / time.Second)
	out.Body.PasswordDue, out.Body.PasswordPolicy = session.PasswordDue, a.passwordView()
	return out, nil
}

type passwordInput struct {
	Body struct {
		Old string `json:"old" minLength:"1" maxLength:"512"`
		New string `json:"new" minLength:"1" maxLength:"512"`
	}
}

func (a *API) changePassword(ctx context.Context, in *passwordInput) (*cookied, error) {
	return cookie(a.Staff.ChangePassword(ctx, staffSessionOf(ctx), in.Body.Old, in.Body.New, visitorOf(ctx)))
}

type deviceView struct {
	ID        string    `json:"id"`
	Device    string    `json:"device" doc:"浏览器的自称"`
	Address   string    `json:"address" doc:"登录时的网络地址"`
	CreatedAt time.Time `json:"created_at"`
	Current   bool      `json:"current" doc:"是否就是本设备"`
}

func (a *API) viewDevices(devices []staff.Device, current string, err error) (*list[deviceView], error) {
	if err != nil {
		return nil, err
	}
	return listOf(each(devices, func(d staff.Device) deviceView {
		return deviceView{d.ID, d.Name, d.Address, d.CreatedAt.In(a.Zone), d.ID == current}
	})), nil
}

func (a *API) staffDevices(ctx context.Context, _ *none) (*list[deviceView], error) {
	session := staffSessionOf(ctx)
	devices, err := a.Staff.ListDevices(ctx, session.Duty.StaffID)
	return a.viewDevices(devices, session.ID, err)
}

func (a *API) endStaffDevice(ctx context.Context, in *ByID) (*none, error) {
	return nil, a.Staff.EndDevice(ctx, staffSessionOf(ctx), in.ID)
}

func (a *API) endOtherStaffDevices(ctx context.Context, _ *none) (*none, error) {
	return nil, a.Staff.EndOtherDevices(ctx, staffSessionOf(ctx))
}

type signInView struct {
	ID        string    `json:"id"`
	Method    string    `json:"method" enum:"password,totp,passkey,invitation" doc:"密码、动态码、通行密钥、邀请链接"`
	Outcome   string    `json:"outcome" enum:"signed_in,password_right,password_wrong,code_wrong,code_used,passkey_wrong,passkey_repeated,locked,disabled" doc:"登录成功、密码正确（待第二步）、密码不对、动态码不对、动态码已用过、通行密钥没有通过验证、通行密钥可能被复制、锁定中、账号已停用"`
	Address   string    `json:"address"`
	Device    string    `json:"device"`
	CreatedAt time.Time `json:"created_at"`
}

// most is how much of a list is asked for.
type most struct {
	Limit int `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

func (a *API) viewSignIns(tries []model.SignIn, err error) (*list[signInView], error) {
	if err != nil {
		return nil, err
	}
	return listOf(each(tries, func(s model.SignIn) signInView {
		return signInView{s.ID, s.Method, string(s.Outcome), s.Address, s.Device, s.CreatedAt.In(a.Zone)}
	})), nil
}

func (a *API) mySignIns(ctx context.Context, in *most) (*list[signInView], error) {
	return a.viewSignIns(a.Staff.ListSignIns(ctx, dutyOf(ctx).StaffID, in.Limit))
}

type passkeyView struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty"`
}

func (a *API) viewPasskey(p model.Passkey) passkeyView {
	return passkeyView{p.ID, p.Name, p.CreatedAt.In(a.Zone), a.local(p.LastUsedAt)}
}

func (a *API) listPasskeys(ctx context.Context, _ *none) (*list[passkeyView], error) {
	keys, err := a.Staff.ListPasskeys(ctx, staffSessionOf(ctx))
	return listed(a.viewPasskey, keys, err)
}

func (a *API) askNewPasskey(ctx context.Context, _ *emptyBody) (*passkeyOptions, error) {
	return viewOptions(a.Staff.AskNewPasskey(ctx, staffSessionOf(ctx)))
}

type newPasskeyInput struct {
	Body struct {
		Ticket     string         `json:"ticket" maxLength:"100"`
		Credential map[string]any `json:"credential" doc:"浏览器的回答（PublicKeyCredential.toJSON）"`
		Name       string         `json:"name" minLength:"1" maxLength:"40" doc:"名称，供本人辨认"`
	}
}

func (a *API) addPasskey(ctx context.Context, in *newPasskeyInput) (*one[passkeyView], error) {
	answer, err := json.Marshal(in.Body.Credential)
	if err != nil {
		return nil, err
	}
	key, err := a.Staff.AddPasskey(ctx, staffSessionOf(ctx), in.Body.Ticket, answer, in.Body.Name)
	return shown(a.viewPasskey, key, err)
}

func (a *API) dropPasskey(ctx context.Context, in *ByID) (*none, error) {
	return nil, a.Staff.DropPasskey(ctx, staffSessionOf(ctx), in.ID)
}
