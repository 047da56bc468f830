package conf

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// inService is a faultless set of production settings.
func inService() Settings {
	s := Defaults(Production)
	s.HTTP.Addr = "0.0.0.0:8080"
	s.Database.Driver = MySQL
	s.Database.DSN = "jmk:9f2c61d07be1@tcp(db:3306)/jiamenkou?tls=true"
	s.Redis.Mode, s.Redis.Addrs, s.Redis.Password = RedisSingle, []string{"redis:6379"}, "41be9c07d2"
	s.WeChat.Mode, s.WeChat.AppID = WeChatLive, "wx0123456789abcdef"
	s.WeChat.AppSecret = "0123456789abcdef0123456789abcdef"
	s.WeChat.PushToken = "pu5ht0k3n"
	s.WeChat.PushAESKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	s.Staff.Origin = "https://console.example.cn"
	s.Seal.KEK = Secret(base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789ABCDEF")))
	return s
}

// broken are the keys that break a rule after the change.
func broken(s Settings, change func(*Settings)) []string {
	change(&s)
	var keys []string
	for _, v := range violations(s) {
		keys = append(keys, v.key)
	}
	return keys
}

func TestDefaultsAndProductionAreFaultless(t *testing.T) {
	none := func(*Settings) {}
	for _, s := range []Settings{Defaults(Development), inService()} {
		if got := broken(s, none); got != nil {
			t.Errorf("%s: %v", s.Mode, violations(s))
		}
	}
}

func TestProductionOnDefaultsIsRefused(t *testing.T) {
	got := broken(Defaults(Production), func(*Settings) {})
	if diff := cmp.Diff([]string{"staff.origin", "wechat.mode", "redis.mode", "seal.kek"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestRulesOfEveryMode(t *testing.T) {
	tests := []struct {
		want   string // the key broken, or "" for none
		change func(*Settings)
	}{
		{"mode", func(s *Settings) { s.Mode = "prod" }},
		{"staff.origin", func(s *Settings) { s.Staff.Origin = "https://console.example.cn/console" }},
		{"staff.origin", func(s *Settings) { s.Staff.Origin = "console.example.cn" }},
		{"", func(s *Settings) { s.Staff.Origin = "http://localhost:8080" }},
		{"staff.invitation_life", func(s *Settings) { s.Staff.InvitationLife = 0 }},
		{"staff.ticket_life", func(s *Settings) { s.Staff.TicketLife = time.Second }},
		{"staff.reset_life", func(s *Settings) { s.Staff.ResetLife = 0 }},
		{"staff.password.min_length", func(s *Settings) { s.Staff.Password.MinLength = 11 }},
		{"staff.password.complexity", func(s *Settings) { s.Staff.Password.Complexity = 5 }},
		{"staff.password.max_age", func(s *Settings) { s.Staff.Password.MaxAge = time.Hour }},
		{"", func(s *Settings) { s.Staff.Password.MaxAge = 90 * 24 * time.Hour }},
		{"staff.password.history", func(s *Settings) { s.Staff.Password.History = -1 }},
		{"staff.password.memory", func(s *Settings) { s.Staff.Password.Memory = 8 * MiB }},
		{"staff.password.passes", func(s *Settings) { s.Staff.Password.Passes = 1 }},
		{"staff.password.lanes", func(s *Settings) { s.Staff.Password.Lanes = 0 }},
		{"staff.password.at_once", func(s *Settings) { s.Staff.Password.AtOnce = 0 }},
		{"staff.account_lock.after", func(s *Settings) { s.Staff.AccountLock.After = 0 }},
		{"staff.account_lock.most", func(s *Settings) { s.Staff.AccountLock.Most = time.Minute }},
		{"staff.address_lock.window", func(s *Settings) { s.Staff.AddressLock.Window = 0 }},
		{"http.addr", func(s *Settings) { s.HTTP.Addr = "8080" }},
		{"http.addr", func(s *Settings) { s.HTTP.Addr = "localhost:http" }},
		{"", func(s *Settings) { s.HTTP.Addr = ":8080" }},
		{"", func(s *Settings) { s.HTTP.Addr, s.HTTP.MetricsAddr = "127.0.0.1:0", "127.0.0.1:0" }},
		{"http.metrics_addr", func(s *Settings) { s.HTTP.MetricsAddr = "127.0.0.1:65536" }},
		{"http.metrics_addr", func(s *Settings) { s.HTTP.MetricsAddr = s.HTTP.Addr }},
		{"", func(s *Settings) { s.HTTP.TrustedProxies = []string{"10.0.0.1", "fd00::/8"} }},
		{"http.trusted_proxies", func(s *Settings) { s.HTTP.TrustedProxies = []string{"proxy"} }},
		{"http.trusted_proxies", func(s *Settings) { s.HTTP.TrustedProxies = []string{"0.0.0.0/0"} }},
		{"http.trusted_proxies", func(s *Settings) { s.HTTP.TrustedProxies = []string{"::"} }},
		{"http.request_timeout", func(s *Settings) { s.HTTP.RequestTimeout = 0 }},
		{"http.shutdown_timeout", func(s *Settings) { s.HTTP.ShutdownTimeout = time.Second }},
		{"http.max_body", func(s *Settings) { s.HTTP.MaxBody = 0 }},
		{"http.max_body", func(s *Settings) { s.HTTP.MaxBody = 65 * MiB }},
		{"log.level", func(s *Settings) { s.Log.Level = "INFO" }},
		{"log.format", func(s *Settings) { s.Log.Format = "xml" }},
		{"database.driver", func(s *Settings) { s.Database.Driver = "postgres" }},
		{"database.path", func(s *Settings) { s.Database.Path = "" }},
		{"database.dsn", func(s *Settings) { s.Database.Driver = MySQL }},
		{"database.dsn", func(s *Settings) { s.Database.Driver, s.Database.DSN = MySQL, "nonsense" }},
		{"database.dsn", func(s *Settings) { s.Database.Driver, s.Database.DSN = MySQL, "root@tcp(db:3306)/" }},
		{"", func(s *Settings) { s.Database.Driver, s.Database.DSN = MySQL, "root@tcp(db:3306)/jmk" }},
		{"database.max_open", func(s *Settings) { s.Database.MaxOpen, s.Database.MaxIdle = 0, 0 }},
		{"database.max_idle", func(s *Settings) { s.Database.MaxIdle = 65 }},
		{"database.conn_lifetime", func(s *Settings) { s.Database.ConnLifetime = 0 }},
		{"redis.mode", func(s *Settings) { s.Redis.Mode, s.Redis.Addrs = "Cluster", []string{"a:1"} }},
		{"redis.addrs", func(s *Settings) { s.Redis.Mode = RedisSingle }},
		{"redis.addrs", func(s *Settings) { s.Redis.Mode, s.Redis.Addrs = RedisSingle, []string{"a:1", "b:1"} }},
		{"redis.addrs", func(s *Settings) { s.Redis.Mode, s.Redis.Addrs = RedisCluster, []string{"a:1", "b"} }},
		{"redis.master_name", func(s *Settings) { s.Redis.Mode, s.Redis.Addrs = RedisSentinel, []string{"a:1", "b:1"} }},
		{"redis.db", func(s *Settings) { s.Redis.DB = -1 }},
		{"redis.db", func(s *Settings) { s.Redis.Mode, s.Redis.Addrs, s.Redis.DB = RedisCluster, []string{"a:1"}, 1 }},
		{"redis.prefix", func(s *Settings) { s.Redis.Prefix = "{a}" }},
		{"redis.pool_size", func(s *Settings) { s.Redis.PoolSize = 0 }},
		{"wechat.mode", func(s *Settings) { s.WeChat.Mode = "fake" }},
		{"wechat.mini_program_state", func(s *Settings) { s.WeChat.MiniProgramState = "release" }},
		{"wechat.timeout", func(s *Settings) { s.WeChat.Timeout = 0 }},
		{"wechat.base_url", func(s *Settings) { s.WeChat.BaseURL = "http://api.weixin.qq.com" }},
		{"wechat.base_url", func(s *Settings) { s.WeChat.BaseURL = "" }},
		{"", func(s *Settings) { s.WeChat.BaseURL = "http://127.0.0.1:1234/fake" }},
		{"", func(s *Settings) { s.WeChat.BaseURL = "http://[::1]" }},
		{"seal.keyring_file", func(s *Settings) { s.Seal.KeyringFile = "" }},
		{"seal.kek", func(s *Settings) { s.Seal.KEK = "AAAA" }},
		{"seal.kek", func(s *Settings) { s.Seal.KEK = "not base64" }},
		{"seal.algorithm", func(s *Settings) { s.Seal.Algorithm = "sm4-gcm" }},
		{"session.idle", func(s *Settings) { s.Session.Idle = 0 }},
		{"session.absolute", func(s *Settings) { s.Session.Absolute = time.Hour }},
		{"session.max_per_resident", func(s *Settings) { s.Session.MaxPerResident = 0 }},
		{"limits.login_ip.count", func(s *Settings) { s.Limits.LoginIP.Count = 0 }},
		{"limits.read.per", func(s *Settings) { s.Limits.Read.Per = time.Millisecond }},
		{"limits.write.burst", func(s *Settings) { s.Limits.Write.Burst = 0 }},
		{"community.timezone", func(s *Settings) { s.Community.Timezone = "Shanghai" }},
		{"community.timezone", func(s *Settings) { s.Community.Timezone = "Local" }},
		{"community.timezone", func(s *Settings) { s.Community.Timezone = "" }},
		{"booking.slots_ahead_days", func(s *Settings) { s.Booking.SlotsAheadDays = 91 }},
		{"booking.max_children", func(s *Settings) { s.Booking.MaxChildren = 0 }},
		{"booking.max_live_bookings", func(s *Settings) { s.Booking.MaxLiveBookings = 0 }},
		{"booking.draw_wait", func(s *Settings) { s.Booking.DrawWait = -time.Minute }},
		{"booking.draw_known_before", func(s *Settings) { s.Booking.DrawKnownBefore = 400 * time.Hour }},
		{"booking.idempotency_keep", func(s *Settings) { s.Booking.IdempotencyKeep = time.Minute }},
		{"messages.quiet_from", func(s *Settings) { s.Messages.QuietFrom = "24:00" }},
		{"messages.quiet_until", func(s *Settings) { s.Messages.QuietUntil = "" }},
		{"", func(s *Settings) { s.Messages.QuietFrom, s.Messages.QuietUntil = "00:00", "0:00" }},
		{"messages.stale_after", func(s *Settings) { s.Messages.StaleAfter = time.Hour }},
		{"messages.retry_after", func(s *Settings) { s.Messages.RetryAfter = time.Second }},
		{"messages.remind_evening", func(s *Settings) { s.Messages.RemindEvening = "7 pm" }},
		{"messages.remind_soon", func(s *Settings) { s.Messages.RemindSoon = 13 * time.Hour }},
		{"", func(s *Settings) { s.Messages.RemindEvening, s.Messages.RemindSoon = "", 0 }},
		{"templates.booked.id", func(s *Settings) { s.Templates.Booked.ID = "模板" }},
		{"templates.strike.page", func(s *Settings) { s.Templates.Strike.Page = "/pages/notices/index" }},
		{"templates.strike.fields", func(s *Settings) { s.Templates.Strike = Template{ID: "a1"} }},
		{"", func(s *Settings) { s.Templates.Strike = Template{} }},
		{"templates.reminder.fields", func(s *Settings) { s.Templates.Reminder.Fields = []string{"thing1"} }},
		{"templates.reminder.fields", func(s *Settings) { s.Templates.Reminder.Fields = []string{"thing=site"} }},
		{"templates.reminder.fields", func(s *Settings) { s.Templates.Reminder.Fields = []string{"things1=site"} }},
		{"templates.reminder.fields", func(s *Settings) { s.Templates.Reminder.Fields = []string{"thing1=child"} }},
		{"templates.reminder.fields", func(s *Settings) { s.Templates.Reminder.Fields = []string{"thing1=site", "thing1=note"} }},
		{"jobs.poll", func(s *Settings) { s.Jobs.Poll = 0 }},
		{"jobs.lease", func(s *Settings) { s.Jobs.Lease = time.Second }},
		{"jobs.lease", func(s *Settings) { s.WeChat.Timeout = 16 * time.Second }},
		{"jobs.night_lease", func(s *Settings) { s.Jobs.NightLease = 13 * time.Hour }},
		{"jobs.batch", func(s *Settings) { s.Jobs.Batch = 0 }},
		{"jobs.workers", func(s *Settings) { s.Jobs.Workers = 65 }},
		{"jobs.attempts", func(s *Settings) { s.Jobs.Attempts = 0 }},
		{"jobs.backoff_first", func(s *Settings) { s.Jobs.BackoffFirst = 0 }},
		{"jobs.backoff_most", func(s *Settings) { s.Jobs.BackoffFirst, s.Jobs.BackoffMost = time.Minute, 59*time.Second }},
		{"", func(s *Settings) { s.Audit.KeepDays = 180 }},
		{"audit.keep_days", func(s *Settings) { s.Audit.KeepDays = 179 }},
		{"audit.lines_in_file", func(s *Settings) { s.Audit.LinesInFile = 0 }},
		{"", func(s *Settings) { s.Jobs.AuditAt = "00:00" }},
		{"jobs.audit_at", func(s *Settings) { s.Jobs.AuditAt = "3.30" }},
		{"jobs.audit_at", func(s *Settings) { s.Jobs.AuditAt = "24:00" }},
		{"jobs.generate_every", func(s *Settings) { s.Jobs.GenerateEvery = time.Second }},
		{"jobs.sweep_every", func(s *Settings) { s.Jobs.SweepEvery = 2 * time.Hour }},
		{"jobs.remind_every", func(s *Settings) { s.Jobs.RemindEvery = 0 }},
		{"jobs.clean_up_every", func(s *Settings) { s.Jobs.CleanUpEvery = 0 }},
	}
	for _, test := range tests {
		wantBroken(t, Defaults(Development), test.change, test.want)
	}
}

func TestRulesOfLiveWeChatInDevelopment(t *testing.T) {
	live := Defaults(Development)
	live.WeChat.Mode, live.WeChat.AppID, live.WeChat.AppSecret = WeChatLive, "wxba5fad812f8e6fb9", "AAAAA"
	wantBroken(t, live, func(*Settings) {}, "")
	wantBroken(t, live, func(s *Settings) { s.WeChat.AppSecret = "" }, "wechat.app_secret")
	wantBroken(t, live, func(s *Settings) { s.WeChat.AppID = "gh_123" }, "wechat.app_id")
	pushed := live
	pushed.WeChat.PushToken, pushed.WeChat.PushAESKey = inService().WeChat.PushToken, inService().WeChat.PushAESKey
	wantBroken(t, pushed, func(*Settings) {}, "")
	wantBroken(t, pushed, func(s *Settings) { s.WeChat.PushToken = "a b" }, "wechat.push_token")
	wantBroken(t, pushed, func(s *Settings) { s.WeChat.PushToken = "" }, "wechat.push_token")
	wantBroken(t, pushed, func(s *Settings) { s.WeChat.PushAESKey = "short" }, "wechat.push_aes_key")
	wantBroken(t, pushed, func(s *Settings) { s.WeChat.PushAESKey = "" }, "wechat.push_aes_key")
}

func TestRulesOfProduction(t *testing.T) {
	tests := []struct {
		want   string
		change func(*Settings)
	}{
		{"", func(s *Settings) { s.Log.Level = "debug" }},
		{"", func(s *Settings) { s.Database.Driver, s.Database.DSN = SQLite, "" }},
		{"wechat.mode", func(s *Settings) { s.WeChat.Mode = WeChatDemo }},
		{"", func(s *Settings) { s.WeChat = defaultWeChat(); s.WeChat.DemoInProduction = true }},
		{"redis.mode", func(s *Settings) { s.Redis.Mode = RedisEmbedded }},
		{"redis.password", func(s *Settings) { s.Redis.Password = "" }},
		{"redis.password", func(s *Settings) { s.Redis.Password = "changeme" }},
		{"", func(s *Settings) { s.Redis.Addrs, s.Redis.Password = []string{"127.0.0.1:6379"}, "" }},
		{"redis.password", func(s *Settings) { s.Redis.Addrs, s.Redis.Password = []string{"127.0.0.1:6379"}, "redis" }},
		{"database.dsn", func(s *Settings) { s.Database.DSN = "" }},
		{"database.dsn", func(s *Settings) { s.Database.DSN = "root@tcp(db:3306)/jmk" }},
		{"database.dsn", func(s *Settings) { s.Database.DSN = "root:password@tcp(db:3306)/jmk" }},
		{"", func(s *Settings) { s.Database.DSN = "root@tcp(localhost:3306)/jmk" }},
		{"", func(s *Settings) { s.Database.DSN = "jmk@unix(/run/mysqld/mysqld.sock)/jmk" }},
		{"seal.kek", func(s *Settings) { s.Seal.KEK = "" }},
		{"seal.kek", func(s *Settings) { s.Seal.KEK = Secret(base64.StdEncoding.EncodeToString(make([]byte, 32))) }},
		{"wechat.app_secret", func(s *Settings) { s.WeChat.AppSecret = "" }},
		{"wechat.app_secret", func(s *Settings) { s.WeChat.AppSecret = "<your app secret>" }},
		{"", func(s *Settings) { s.WeChat.PushToken, s.WeChat.PushAESKey = "", "" }},
		{"wechat.push_token", func(s *Settings) { s.WeChat.PushToken = "" }},
		{"wechat.push_token", func(s *Settings) { s.WeChat.PushToken = "AAAAA" }},
		{"wechat.push_token", func(s *Settings) { s.WeChat.PushToken = "a b" }},
		{"wechat.push_aes_key", func(s *Settings) { s.WeChat.PushAESKey = "" }},
		{"wechat.push_aes_key", func(s *Settings) { s.WeChat.PushAESKey = "short" }},
		{"demo.seed", func(s *Settings) { s.Demo.Seed = true }},
	}
	for _, test := range tests {
		wantBroken(t, inService(), test.change, test.want)
	}
}

func wantBroken(t *testing.T, s Settings, change func(*Settings), want string) {
	t.Helper()
	var wanted []string
	if want != "" {
		wanted = []string{want}
	}
	if diff := cmp.Diff(wanted, broken(s, change)); diff != "" {
		t.Errorf("keys of broken rules (-want +got):\n%s", diff)
	}
}
