// Package conf holds the settings of the program: one struct, its defaults, and how
// they are read and judged. It knows nothing of the rest of the program; only app
// reads it and hands each part the values it needs.
package conf

import (
	"encoding/base64"
	"fmt"
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
	Limits    Limits    `koanf:"limits"`
	Community Community `koanf:"community"`
	Booking   Booking   `koanf:"booking"`
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
}

// byName is every limit under its key.
func (l Limits) byName() map[string]Limit {
	return map[string]Limit{
		"login": l.Login, "login_ip": l.LoginIP,
		"booking": l.Booking, "booking_ip": l.BookingIP,
		"search": l.Search, "search_ip": l.SearchIP,
		"write": l.Write, "write_ip": l.WriteIP,
		"read": l.Read, "read_ip": l.ReadIP,
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
	IdempotencyKeep time.Duration `koanf:"idempotency_keep"`
}

// Jobs is the work done apart from requests.
type Jobs struct {
	Enabled bool `koanf:"enabled"`
}

// Demo is what a first look needs and a real service must not have.
type Demo struct {
	Seed bool `koanf:"seed"`
}
