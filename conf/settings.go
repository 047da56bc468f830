// Package conf holds the settings of the program: one struct, its defaults, and how
// they are read and judged. It knows nothing of the rest of the program; only app
// reads it and hands each part the values it needs.
package conf

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
	_ "time/tzdata" // community.timezone must resolve on a machine without zoneinfo
)

// Settings is everything an operator can choose. Every field has a key in
// conf/example.yaml, where it is explained, and a variable JMK_<KEY> in the environment.
type Settings struct {
	Mode      Mode      `koanf:"mode"`
	HTTP      HTTP      `koanf:"http"`
	Log       Log       `koanf:"log"`
	Database  Database  `koanf:"database"`
	Redis     Redis     `koanf:"redis"`
	WeChat    WeChat    `koanf:"wechat"`
	Seal      Seal      `koanf:"seal"`
	Session   Session   `koanf:"session"`
	Staff     Staff     `koanf:"staff"`
	Limits    Limits    `koanf:"limits"`
	Community Community `koanf:"community"`
	Booking   Booking   `koanf:"booking"`
	Desk      Desk      `koanf:"desk"`
	Sites     Sites     `koanf:"sites"`
	Audit     Audit     `koanf:"audit"`
	Exports   Exports   `koanf:"exports"`
	Messages  Messages  `koanf:"messages"`
	Templates Templates `koanf:"templates"`
	Jobs      Jobs      `koanf:"jobs"`
	Demo      Demo      `koanf:"demo"`
}

// Mode says how strict the program is about its settings.
type Mode string

// Development runs on defaults alone; Production refuses everything unsafe.
const (
	Development Mode = "development"
	Production  Mode = "production"
)

// HTTP is how the program listens and how long it waits.
type HTTP struct {
	Addr            string        `koanf:"addr"`
	MetricsAddr     string        `koanf:"metrics_addr"`
	TrustedProxies  []string      `koanf:"trusted_proxies"` // addresses or CIDR blocks
	ShutdownTimeout time.Duration `koanf:"shutdown_timeout"`
	RequestTimeout  time.Duration `koanf:"request_timeout"`
	MaxBody         Size          `koanf:"max_body"`
}

// Log is what the program writes about itself.
type Log struct {
	Level  string    `koanf:"level"` // debug, info, warn, error: as slog.Level.UnmarshalText reads them
	Format LogFormat `koanf:"format"`
}

// LogFormat is the shape of a log line.
type LogFormat string

// The shapes of a log line.
const (
	LogJSON LogFormat = "json"
	LogText LogFormat = "text"
)

// Database is where records are kept.
type Database struct {
	Driver       DatabaseDriver `koanf:"driver"`
	Path         string         `koanf:"path"` // SQLite's file
	DSN          Secret         `koanf:"dsn"`  // MySQL's, in the form of go-sql-driver/mysql
	MaxOpen      int            `koanf:"max_open"`
	MaxIdle      int            `koanf:"max_idle"`
	ConnLifetime time.Duration  `koanf:"conn_lifetime"`
}

// DatabaseDriver names a database engine.
type DatabaseDriver string

// SQLite is embedded; MySQL is MySQL 8, MariaDB or TiDB over the network.
const (
	SQLite DatabaseDriver = "sqlite"
	MySQL  DatabaseDriver = "mysql"
)

// Redis is where sessions, rate limits and the WeChat token are kept.
type Redis struct {
	Mode       RedisMode `koanf:"mode"`
	Addrs      []string  `koanf:"addrs"` // host:port; the sentinels' in sentinel mode
	MasterName string    `koanf:"master_name"`
	Username   string    `koanf:"username"`
	Password   Secret    `koanf:"password"`
	DB         int       `koanf:"db"`
	TLS        bool      `koanf:"tls"`
	Prefix     string    `koanf:"prefix"` // of every key
	PoolSize   int       `koanf:"pool_size"`
}

// RedisMode says how Redis is run.
type RedisMode string

// RedisEmbedded lives in this process and forgets everything when it ends.
const (
	RedisEmbedded RedisMode = "embedded"
	RedisSingle   RedisMode = "single"
	RedisSentinel RedisMode = "sentinel"
	RedisCluster  RedisMode = "cluster"
)

// WeChat is the mini-program's identity and how WeChat is reached.
type WeChat struct {
	Mode             WeChatMode       `koanf:"mode"`
	DemoInProduction bool             `koanf:"demo_in_production"`
	AppID            string           `koanf:"app_id"`
	AppSecret        Secret           `koanf:"app_secret"`
	PushToken        Secret           `koanf:"push_token"`
	PushAESKey       Secret           `koanf:"push_aes_key"`
	Timeout          time.Duration    `koanf:"timeout"` // of one call
	BaseURL          string           `koanf:"base_url"`
	MiniProgramState MiniProgramState `koanf:"mini_program_state"`
}

// WeChatMode says whether WeChat is real.
type WeChatMode string

// WeChatDemo is the fake WeChat inside this process, where anyone can be anyone.
const (
	WeChatDemo WeChatMode = "demo"
	WeChatLive WeChatMode = "live"
)

// MiniProgramState is the edition of the mini-program that a message opens, in
// WeChat's own words (subscribe message, field miniprogram_state).
type MiniProgramState string

// The editions WeChat knows.
const (
	StateDeveloper MiniProgramState = "developer"
	StateTrial     MiniProgramState = "trial"
	StateFormal    MiniProgramState = "formal"
)

// Seal is how personal data is sealed at rest.
type Seal struct {
	KeyringFile string        `koanf:"keyring_file"`
	KEK         Secret        `koanf:"kek"` // base64 of 32 bytes; empty: the keyring is kept in plain text
	Algorithm   SealAlgorithm `koanf:"algorithm"`
}

// SealAlgorithm names the cipher of newly sealed cells.
type SealAlgorithm string

// The ciphers a cell can be sealed with.
const (
	SM4GCM    SealAlgorithm = "SM4-GCM"
	AES256GCM SealAlgorithm = "AES-256-GCM"
)

// kekBytes is the length of the key-encryption key.
const kekBytes = 32

// KeyEncryptionKey is the 32-byte key that the keyring is wrapped with, or nil when
// none is set, which settings of production mode never are.
func (s Seal) KeyEncryptionKey() ([]byte, error) {
	if s.KEK == "" {
		return nil, nil
	}
	key, err := base64.StdEncoding.DecodeString(s.KEK.Reveal())
	if err != nil {
		return nil, fmt.Errorf("is not standard base64")
	}
	if len(key) != kekBytes {
		return nil, fmt.Errorf("decodes to %d bytes, not %d", len(key), kekBytes)
	}
	return key, nil
}

// Session is how long a resident stays logged in.
type Session struct {
	Idle           time.Duration `koanf:"idle"`
	Absolute       time.Duration `koanf:"absolute"`
	MaxPerResident int           `koanf:"max_per_resident"`
}

// Staff is how people on the staff sign in to the console.
type Staff struct {
	Origin          string        `koanf:"origin"` // the console's address as browsers see it; empty: derived from http.addr
	SessionIdle     time.Duration `koanf:"session_idle"`
	SessionAbsolute time.Duration `koanf:"session_absolute"`
	InvitationLife  time.Duration `koanf:"invitation_life"`
	TicketLife      time.Duration `koanf:"ticket_life"` // between two steps of signing in
	ResetLife       time.Duration `koanf:"reset_life"`
	SplitDuties     bool          `koanf:"split_duties"` // 三员分立
	Password        Password      `koanf:"password"`
	AccountLock     Lock          `koanf:"account_lock"`
	AddressLock     Lock          `koanf:"address_lock"`
}

// Password is what passwords must be and what hashing one costs.
type Password struct {
	MinLength  int           `koanf:"min_length"`
	Complexity int           `koanf:"complexity"` // kinds of characters
	MaxAge     time.Duration `koanf:"max_age"`    // 0: no periodic change
	History    int           `koanf:"history"`    // former passwords that may not come back
	Memory     Size          `koanf:"memory"`     // Argon2id, as the two that follow
	Passes     int           `koanf:"passes"`
	Lanes      int           `koanf:"lanes"`
	AtOnce     int           `koanf:"at_once"` // hashed at a time
}

// Lock is after how many wrong tries in a row what is locked for how long.
type Lock struct {
	After  int           `koanf:"after"`
	First  time.Duration `koanf:"first"`
	Most   time.Duration `koanf:"most"`
	Window time.Duration `koanf:"window"` // tries further back are forgotten
}

// ConsoleOrigin is the console's address as browsers see it.
func (s Settings) ConsoleOrigin() string {
	if s.Staff.Origin != "" {
		return s.Staff.Origin
	}
	host, port, err := net.SplitHostPort(s.HTTP.Addr)
	if ip, _ := netip.ParseAddr(host); err != nil || host == "" || ip.IsUnspecified() || ip.IsLoopback() {
		host = "localhost" // passkeys are bound to names, never to numbers
	}
	return "http://" + net.JoinHostPort(host, port)
}

// Limits are the rates requests are held to: one of each pair per resident, the other
// per IP address.
type Limits struct {
	Login     Limit `koanf:"login"`
	LoginIP   Limit `koanf:"login_ip"`
	Booking   Limit `koanf:"booking"`
	BookingIP Limit `koanf:"booking_ip"`
	Search    Limit `koanf:"search"`
	SearchIP  Limit `koanf:"search_ip"`
	Write     Limit `koanf:"write"`
	WriteIP   Limit `koanf:"write_ip"`
	Read      Limit `koanf:"read"`
	ReadIP    Limit `koanf:"read_ip"`
	Reveal    Limit `koanf:"reveal"`
	RevealIP  Limit `koanf:"reveal_ip"`
}

// byName is every limit under its key.
func (l Limits) byName() map[string]Limit {
	return map[string]Limit{
		"login": l.Login, "login_ip": l.LoginIP,
		"booking": l.Booking, "booking_ip": l.BookingIP,
		"search": l.Search, "search_ip": l.SearchIP,
		"write": l.Write, "write_ip": l.WriteIP,
		"read": l.Read, "read_ip": l.ReadIP,
		"reveal": l.Reveal, "reveal_ip": l.RevealIP,
	}
}

// Limit allows Count requests in each Per on average and Burst of them at once.
type Limit struct {
	Count int           `koanf:"count"`
	Per   time.Duration `koanf:"per"`
	Burst int           `koanf:"burst"`
}

// Community is the place the program serves.
type Community struct {
	Timezone string `koanf:"timezone"` // IANA name; the zone of the dates people see
}

// Location is the zone of the dates people see. It fails only for a Timezone that
// Load would have refused.
func (c Community) Location() (*time.Location, error) {
	return time.LoadLocation(c.Timezone)
}

// Booking is the rules of booking that are a choice and not a law.
type Booking struct {
	SlotsAheadDays  int           `koanf:"slots_ahead_days"`
	MaxChildren     int           `koanf:"max_children"`      // of one resident
	MaxLiveBookings int           `koanf:"max_live_bookings"` // of one child
	MaxWaiting      int           `koanf:"max_waiting"`       // waiting lists of one child
	MaxAtOnce       int           `koanf:"max_at_once"`       // sessions in one request
	DrawWait        time.Duration `koanf:"draw_wait"`         // for announced randomness, after applications end
	DrawKnownBefore time.Duration `koanf:"draw_known_before"` // the booking cut-off
	IdempotencyKeep time.Duration `koanf:"idempotency_keep"`
}

// Desk is what holds at the door of a site.
type Desk struct {
	CheckInCodeLife  time.Duration `koanf:"check_in_code_life"`
	CloseStaysAfter  time.Duration `koanf:"close_stays_after"`  // the end of the session
	MaxPickupPersons int           `koanf:"max_pickup_persons"` // of one child
	SweepBatch       int           `koanf:"sweep_batch"`
	LookEvery        time.Duration `koanf:"look_every"` // for the console's desk, while somebody has it open
	LiveBeat         time.Duration `koanf:"live_beat"`
}

// Exports is what holds for files of figures that staff ask for.
type Exports struct {
	Keep   time.Duration `koanf:"keep"`    // from when the file is ready
	AtOnce int           `koanf:"at_once"` // lines of a file that is written while one waits; a longer one is owed
}

// Sites is what holds for what staff keep of sites.
type Sites struct {
	CertificateNoticeDays int           `koanf:"certificate_notice_days"` // before a certificate expires
	MaxPhotos             int           `koanf:"max_photos"`              // of one site
	MaxPhoto              Size          `koanf:"max_photo"`               // as it is uploaded
	UploadTimeout         time.Duration `koanf:"upload_timeout"`
}

// Audit is how long it is kept who did what when.
type Audit struct {
	KeepDays    int `koanf:"keep_days"`
	LinesInFile int `koanf:"lines_in_file"`
}

// Messages is when residents are sent WeChat messages and reminders.
type Messages struct {
	QuietFrom     Clock         `koanf:"quiet_from"`
	QuietUntil    Clock         `koanf:"quiet_until"`
	StaleAfter    time.Duration `koanf:"stale_after"`
	RetryAfter    time.Duration `koanf:"retry_after"`
	RemindEvening Clock         `koanf:"remind_evening"` // empty: never
	RemindSoon    time.Duration `koanf:"remind_soon"`    // zero: never
}

// Clock is a time of the day, HH:MM from 00:00 to 23:59, where the community is.
type Clock string

// Minute is the minute of the day; false for what is no time of the day.
func (c Clock) Minute() (int, bool) {
	at, err := time.Parse("15:04", string(c))
	return at.Hour()*60 + at.Minute(), err == nil
}

// Templates are the message templates chosen at WeChat, by what they tell.
type Templates struct {
	Booked        Template `koanf:"booked"`
	Reminder      Template `koanf:"reminder"`
	PlaceOffered  Template `koanf:"place_offered"`
	SiteCancelled Template `koanf:"site_cancelled"`
	DrawResult    Template `koanf:"draw_result"`
	Strike        Template `koanf:"strike"`
}

// ByKind is every template under its key, which is the kind of notice it is for.
func (t Templates) ByKind() map[string]Template {
	return map[string]Template{
		"booked": t.Booked, "reminder": t.Reminder, "place_offered": t.PlaceOffered,
		"site_cancelled": t.SiteCancelled, "draw_result": t.DrawResult, "strike": t.Strike,
	}
}

// Template is one of WeChat's message templates and what its fields show.
type Template struct {
	ID     string   `koanf:"id"`
	Page   string   `koanf:"page"`
	Fields []string `koanf:"fields"` // such as thing1=site
}

// MessageFacts are what a field of a template can show.
var MessageFacts = []string{"site", "session", "start", "until", "result", "note"}

// FieldsShown takes Fields apart: the fact by the field.
func (t Template) FieldsShown() map[string]string {
	shown := map[string]string{}
	for _, pair := range t.Fields {
		field, fact, _ := strings.Cut(pair, "=")
		shown[field] = fact
	}
	return shown
}

// Jobs is the work done apart from requests.
type Jobs struct {
	Enabled       bool          `koanf:"enabled"`
	Poll          time.Duration `koanf:"poll"`
	Lease         time.Duration `koanf:"lease"`
	NightLease    time.Duration `koanf:"night_lease"` // of what reads through everything
	Batch         int           `koanf:"batch"`
	Workers       int           `koanf:"workers"` // of each lane
	Attempts      int           `koanf:"attempts"`
	BackoffFirst  time.Duration `koanf:"backoff_first"`
	BackoffMost   time.Duration `koanf:"backoff_most"`
	AuditAt       string        `koanf:"audit_at"` // 15:04, in the community's zone
	GenerateEvery time.Duration `koanf:"generate_every"`
	SweepEvery    time.Duration `koanf:"sweep_every"`
	RemindEvery   time.Duration `koanf:"remind_every"`
	CleanUpEvery  time.Duration `koanf:"clean_up_every"`
}

// AuditMinute is AuditAt in minutes after midnight. It fails only for a text that Load would have refused.
func (j Jobs) AuditMinute() (int, error) {
	at, err := time.Parse("15:04", j.AuditAt)
	return at.Hour()*60 + at.Minute(), err
}

// Demo is what a first look needs and a real service must not have.
type Demo struct {
	Seed bool `koanf:"seed"`
}
