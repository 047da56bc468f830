package model

import (
	"fmt"
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrInvitation      = fault.New(fault.Invalid, "invitation_invalid", "邀请链接无效、已用过或已过期，请向管理员索取新的链接。")
	ErrNotInvitable    = fault.New(fault.Conflict, "already_signed_up", "这个人已设置过密码；忘记密码或更换手机请走重置。")
	ErrAlreadyInvited  = fault.New(fault.Conflict, "already_invited", "已邀请过同名的人，本人还没有接受。是同一位，可重新发放链接；确是另一位同名的人，请注明后再邀请。")
	ErrNotSignedUp     = fault.New(fault.Conflict, "not_signed_up", "这个人还没有设置登录方式，请重发邀请链接。")
	ErrLoginInvalid    = fault.New(fault.Invalid, "login_name_invalid", "登录名应为3到40个小写字母、数字、点、下划线或连字符，以字母开头。")
	ErrLoginTaken      = fault.New(fault.Conflict, "login_name_taken", "这个登录名已有人使用，请换一个。")
	ErrPasskeyNotFound = fault.New(fault.NotFound, "passkey_not_found", "没有找到这把通行密钥。")
	ErrPasskeyExists   = fault.New(fault.Conflict, "passkey_exists", "这把通行密钥已经登记过。")
	ErrResetNotFound   = fault.New(fault.NotFound, "reset_not_found", "没有找到这个重置申请，可能已经处理或过期。")
	ErrResetByTwo      = fault.New(fault.Forbidden, "reset_by_two", "重置须由两位管理员办理：申请的人不能自己批准。")
	ErrLocked          = fault.New(fault.TooMany, "staff_locked", "尝试的次数太多，已暂时锁定，请稍后再试。")
	ErrStepUsed        = fault.New(fault.Invalid, "totp_step_used", "这个动态码已经用过，请等下一个。")
)

// Credential is what a member of staff signs in with; the id is the person's.
type Credential struct {
	ID            string    `gorm:"type:char(26);primaryKey"`
	Login         string    `gorm:"size:40;uniqueIndex:staff_credentials_login"`
	PasswordHash  string    `gorm:"size:200"`
	PasswordSetAt time.Time `gorm:"precision:3"`
	MustChange    bool
	TOTPSealed    Sealed    `gorm:"type:varbinary(512);column:totp_sealed"`
	TOTPStep      int       `gorm:"type:int;column:totp_step"` // the last that was used
	CreatedAt     time.Time `gorm:"precision:3"`
	UpdatedAt     time.Time `gorm:"precision:3"`
}

// TableName is what the table is called.
func (Credential) TableName() string { return "staff_credentials" }

// PasswordDue reports whether the password has to be changed before anything else; age is how old it may be, 0 for any.
func (c Credential) PasswordDue(age time.Duration, now time.Time) bool {
	return c.MustChange || age > 0 && !now.Before(c.PasswordSetAt.Add(age))
}

// FormerPassword is a password that somebody had before.
type FormerPassword struct {
	ID           string    `gorm:"type:char(26);primaryKey;index:staff_former_passwords_by_staff,priority:2"`
	StaffID      string    `gorm:"type:char(26);index:staff_former_passwords_by_staff,priority:1"`
	PasswordHash string    `gorm:"size:200"`
	CreatedAt    time.Time `gorm:"precision:3"`
}

// TableName is what the table is called.
func (FormerPassword) TableName() string { return "staff_former_passwords" }

// Passkey is the public half of a key in somebody's device. Credential is what the library of the protocol keeps.
type Passkey struct {
	ID             string     `gorm:"type:char(26);primaryKey;index:staff_passkeys_by_staff,priority:2"`
	StaffID        string     `gorm:"type:char(26);index:staff_passkeys_by_staff,priority:1"`
	Name           string     `gorm:"size:40"`
	CredentialHash string     `gorm:"type:char(64);uniqueIndex:staff_passkeys_credential"`
	Credential     string     `gorm:"type:text"`
	SignCount      string     `gorm:"size:10"` // as SpellCount writes it
	CreatedAt      time.Time  `gorm:"precision:3"`
	LastUsedAt     *time.Time `gorm:"precision:3"`
}

// TableName is what the table is called.
func (Passkey) TableName() string { return "staff_passkeys" }

// SpellCount writes a counter so that counters compare as text as they do as numbers.
func SpellCount(count uint32) string { return fmt.Sprintf("%010d", count) }

// Tries counts wrong tries in a row, of a login name or an address.
type Tries struct {
	Hash        string     `gorm:"type:char(64);primaryKey"`
	Tries       int        `gorm:"type:int"`
	Locks       int        `gorm:"type:int"` // in a row
	Since       time.Time  `gorm:"precision:3;index:staff_tries_since"`
	LockedUntil *time.Time `gorm:"precision:3"`
}

// TableName is what the table is called.
func (Tries) TableName() string { return "staff_tries" }

// Lock is after how many wrong tries in a row what is locked for how long: twice as long each time, up to Most. Tries
// further back than Window are forgotten.
type Lock struct {
	After  int
	First  time.Duration
	Most   time.Duration
	Window time.Duration
}

// For is how long the lock lasts that comes after so many in a row.
func (l Lock) For(before int) time.Duration {
	wait := l.First
	for range before {
		if wait >= l.Most/2 {
			return l.Most
		}
		wait *= 2
	}
	return min(wait, l.Most)
}

// InvitationKind is what an invitation lets somebody set.
type InvitationKind string

const (
	InviteEverything   InvitationKind = "everything"    // login name, password and second factor
	InviteSecondFactor InvitationKind = "second_factor" // the second factor; the password is asked for and stays
)

// Invitation is a code with which a member of staff sets what to sign in with, once. Hash is the hex SHA-256 of it.
type Invitation struct {
	Hash      string         `gorm:"type:char(64);primaryKey"`
	StaffID   string         `gorm:"type:char(26)"`
	Kind      InvitationKind `gorm:"size:16"`
	CreatedAt time.Time      `gorm:"precision:3"`
	ExpiresAt time.Time      `gorm:"precision:3;index:staff_codes_expiry"`
	UsedAt    *time.Time     `gorm:"precision:3"`
}

// TableName is what the table is called.
func (Invitation) TableName() string { return "staff_codes" }

// SignInOutcome is how a try to sign in ended.
type SignInOutcome string

const (
	SignedIn          SignInOutcome = "signed_in"
	SignInPassed      SignInOutcome = "password_right" // the second factor is still to come
	SignInWrong       SignInOutcome = "password_wrong"
	SignInCodeWrong   SignInOutcome = "code_wrong"
	SignInKeyWrong    SignInOutcome = "passkey_wrong"
	SignInLocked      SignInOutcome = "locked"
	SignInDisabled    SignInOutcome = "disabled"
	SignInStepUsed    SignInOutcome = "code_used"
	SignInKeyRepeated SignInOutcome = "passkey_repeated" // its counter did not go up: there may be a copy
)

// SignIn is one try to sign in.
type SignIn struct {
	ID        string        `gorm:"type:char(26);primaryKey;index:staff_sign_ins_by_staff,priority:2"`
	StaffID   string        `gorm:"size:26;index:staff_sign_ins_by_staff,priority:1"` // empty when nobody has that login name
	Address   string        `gorm:"size:64"`
	Device    string        `gorm:"size:60"`
	Method    string        `gorm:"size:16"` // password, totp, passkey, invitation
	Outcome   SignInOutcome `gorm:"size:24"`
	CreatedAt time.Time     `gorm:"precision:3"`
}

// TableName is what the table is called.
func (SignIn) TableName() string { return "staff_sign_ins" }

// ResetStatus is how far a reset has come.
type ResetStatus string

const (
	ResetAsked    ResetStatus = "asked"
	ResetApproved ResetStatus = "approved"
	ResetRefused  ResetStatus = "refused"
)

// Reset is one manager's wish that somebody's second factor, or everything, be set anew, which another approves.
type Reset struct {
	ID        string         `gorm:"type:char(26);primaryKey;index:staff_resets_by_staff,priority:2;index:staff_resets_by_status,priority:2"`
	StaffID   string         `gorm:"type:char(26);index:staff_resets_by_staff,priority:1"`
	Kind      InvitationKind `gorm:"size:16"`
	Reason    string         `gorm:"size:200"`
	Status    ResetStatus    `gorm:"size:16;index:staff_resets_by_status,priority:1"`
	AskedBy   string         `gorm:"type:char(26)"`
	DecidedBy string         `gorm:"size:26"`
	CreatedAt time.Time      `gorm:"precision:3"`
	ExpiresAt time.Time      `gorm:"precision:3"`
	DecidedAt *time.Time     `gorm:"precision:3"`
}

// TableName is what the table is called.
func (Reset) TableName() string { return "staff_resets" }
