package conf

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// violation is a rule that the settings break.
type violation struct{ key, wrong, mend string }

// rules gathers the violations of one Settings.
type rules struct {
	Settings
	found []violation
}

// violations judges the settings by every rule, those of production mode included.
func violations(settings Settings) []violation {
	r := &rules{Settings: settings}
	oneOf(r, "mode", r.Mode, Development, Production)
	r.judgeHTTP()
	r.judgeLog()
	r.judgeDatabase()
	r.judgeRedis()
	r.judgeWeChat()
	r.judgeSeal()
	r.judgeSession()
	r.judgeStaff()
	r.judgeLimits()
	r.judgeCommunity()
	r.judgeBooking()
	r.judgeDesk()
	r.judgeSites()
	r.within("audit.keep_days", r.Audit.KeepDays, 180, 36_600)
	r.within("audit.lines_in_file", r.Audit.LinesInFile, 1, 100_000)
	r.judgeExports()
	r.judgeMessages()
	r.judgeTemplates()
	r.judgeJobs()
	if r.Mode == Production {
		r.judgeProduction()
	}
	return r.found
}

// require adds a violation unless ok.
func (r *rules) require(ok bool, key, wrong, mend string) {
	if !ok {
		r.found = append(r.found, violation{key, wrong, mend})
	}
}

func oneOf[T ~string](r *rules, key string, got T, allowed ...T) {
	words := make([]string, len(allowed))
	for i, word := range allowed {
		words[i] = string(word)
	}
	r.require(slices.Contains(allowed, got), key, fmt.Sprintf("%q is not a choice", string(got)),
		"choose one of: "+strings.Join(words, ", "))
}

func (r *rules) within(key string, got, least, most int) {
	r.require(got >= least && got <= most, key, fmt.Sprintf("%d is out of range", got),
		fmt.Sprintf("choose a number from %d to %d", least, most))
}

func (r *rules) lasting(key string, got, least, most time.Duration) {
	r.require(got >= least && got <= most, key, fmt.Sprintf("%s is out of range", got),
		fmt.Sprintf("choose a duration from %s to %s", least, most))
}

func (r *rules) matching(key, got, pattern, mend string) {
	r.require(regexp.MustCompile(pattern).MatchString(got), key, fmt.Sprintf("%q has the wrong form", got), mend)
}

func (r *rules) judgeHTTP() {
	r.address("http.addr", r.HTTP.Addr)
	r.address("http.metrics_addr", r.HTTP.MetricsAddr)
	shared := r.HTTP.Addr == r.HTTP.MetricsAddr && !strings.HasSuffix(r.HTTP.Addr, ":0")
	r.require(!shared, "http.metrics_addr", "is the address of http.addr", "give the metrics a port of their own")
	for _, proxy := range r.HTTP.TrustedProxies {
		r.require(isProxy(proxy), "http.trusted_proxies", fmt.Sprintf("%q cannot be trusted as a proxy", proxy),
			"list the IP addresses or CIDR blocks of your own proxies, never every address")
	}
	r.lasting("http.request_timeout", r.HTTP.RequestTimeout, 100*time.Millisecond, 5*time.Minute)
	r.lasting("http.shutdown_timeout", r.HTTP.ShutdownTimeout, 0, 10*time.Minute)
	r.require(r.HTTP.ShutdownTimeout >= r.HTTP.RequestTimeout, "http.shutdown_timeout",
		"is shorter than http.request_timeout, so a stop would cut requests off", "make it at least as long")
	r.require(r.HTTP.MaxBody >= KiB && r.HTTP.MaxBody <= 64*MiB, "http.max_body",
		fmt.Sprintf("%s is out of range", r.HTTP.MaxBody), "choose a size from 1KiB to 64MiB")
}

// address wants host:port; an empty host means every interface.
func (r *rules) address(key, address string) {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	r.require(err == nil, key, fmt.Sprintf("%q is not an address", address), "write host:port, such as 127.0.0.1:8080")
}

func isProxy(text string) bool {
	if block, err := netip.ParsePrefix(text); err == nil {
		return block.Bits() > 0
	}
	address, err := netip.ParseAddr(text)
	return err == nil && !address.IsUnspecified()
}

func (r *rules) judgeLog() {
	oneOf(r, "log.level", r.Log.Level, "debug", "info", "warn", "error")
	oneOf(r, "log.format", r.Log.Format, LogJSON, LogText)
}

func (r *rules) judgeDatabase() {
	oneOf(r, "database.driver", r.Database.Driver, SQLite, MySQL)
	switch r.Database.Driver {
	case SQLite:
		r.require(r.Database.Path != "", "database.path", "is empty", "name the file the records are kept in")
	case MySQL:
		r.judgeDSN()
	}
	r.within("database.max_open", r.Database.MaxOpen, 1, 10_000)
	r.within("database.max_idle", r.Database.MaxIdle, 0, max(r.Database.MaxOpen, 0))
	r.lasting("database.conn_lifetime", r.Database.ConnLifetime, time.Second, 24*time.Hour)
}

const mendDSN = "write user:password@tcp(host:3306)/database, best into a file that JMK_DATABASE_DSN_FILE names"

func (r *rules) judgeDSN() {
	if r.Database.DSN == "" {
		r.require(false, "database.dsn", "is empty though the driver is mysql", mendDSN)
		return
	}
	// The parser's own error may quote parts of the secret, so it is not passed on.
	parsed, err := mysql.ParseDSN(r.Database.DSN.Reveal())
	r.require(err == nil && parsed.DBName != "", "database.dsn", "is not a DSN that names a database", mendDSN)
	if err == nil && r.Mode == Production && parsed.Net != "unix" {
		r.goodPassword("database.dsn", parsed.Passwd, parsed.Addr)
	}
}

func (r *rules) judgeRedis() {
	oneOf(r, "redis.mode", r.Redis.Mode, RedisEmbedded, RedisSingle, RedisSentinel, RedisCluster)
	if r.Redis.Mode != RedisEmbedded {
		r.judgeRedisAddresses()
	}
	r.within("redis.db", r.Redis.DB, 0, 1_000)
	r.require(r.Redis.Mode != RedisCluster || r.Redis.DB == 0, "redis.db", "a cluster has no numbered databases", "set it to 0")
	r.matching("redis.prefix", r.Redis.Prefix, `^[a-z0-9_-]{1,32}$`, "use 1 to 32 of a-z, 0-9, - and _")
	r.within("redis.pool_size", r.Redis.PoolSize, 1, 10_000)
}

func (r *rules) judgeRedisAddresses() {
	for _, address := range r.Redis.Addrs {
		r.address("redis.addrs", address)
	}
	count := len(r.Redis.Addrs)
	r.require(count > 0, "redis.addrs", "is empty", "list host:port of Redis, or of its sentinels")
	r.require(count <= 1 || r.Redis.Mode != RedisSingle, "redis.addrs", "holds several addresses in mode single",
		"keep one, or choose the mode sentinel or cluster")
	r.require(r.Redis.Mode != RedisSentinel || r.Redis.MasterName != "", "redis.master_name",
		"is empty though the mode is sentinel", "give the name the sentinels watch")
	if r.Mode == Production {
		r.goodPassword("redis.password", r.Redis.Password.Reveal(), r.Redis.Addrs...)
	}
}

func (r *rules) judgeWeChat() {
	oneOf(r, "wechat.mode", r.WeChat.Mode, WeChatDemo, WeChatLive)
	oneOf(r, "wechat.mini_program_state", r.WeChat.MiniProgramState, StateDeveloper, StateTrial, StateFormal)
	r.lasting("wechat.timeout", r.WeChat.Timeout, 100*time.Millisecond, time.Minute)
	base, err := url.Parse(r.WeChat.BaseURL)
	safe := err == nil && base.Host != "" && (base.Scheme == "https" || base.Scheme == "http" && isLoopback(base.Host))
	r.require(safe, "wechat.base_url", "is not an https address", "write https://api.weixin.qq.com, or your own proxy to it")
	if r.WeChat.Mode == WeChatLive {
		r.judgeWeChatIdentity()
	}
}

func (r *rules) judgeWeChatIdentity() {
	r.matching("wechat.app_id", r.WeChat.AppID, `^wx[0-9a-zA-Z]{16}$`, "copy the AppID of the mini-program: wx and 16 characters")
	r.judgeWeChatPush()
	if r.Mode == Production {
		r.goodSecret("wechat.app_secret", r.WeChat.AppSecret)
		return
	}
	r.require(r.WeChat.AppSecret != "", "wechat.app_secret", "is empty though the mode is live",
		"copy the AppSecret into a file that JMK_WECHAT_APP_SECRET_FILE names")
}

// judgeWeChatPush takes both secrets of the message push or none: nothing receives pushes yet.
func (r *rules) judgeWeChatPush() {
	token, key := r.WeChat.PushToken, r.WeChat.PushAESKey
	r.require(token != "" || key == "", "wechat.push_token", "is empty though wechat.push_aes_key is set", "set both, or none")
	r.require(key != "" || token == "", "wechat.push_aes_key", "is empty though wechat.push_token is set", "set both, or none")
	// WeChat's limits for the message push: 开发者平台 → 消息推送.
	r.secretForm("wechat.push_token", r.WeChat.PushToken, `^[0-9a-zA-Z]{3,32}$`, "use the token set for message push: 3 to 32 letters and digits")
	r.secretForm("wechat.push_aes_key", r.WeChat.PushAESKey, `^[0-9a-zA-Z]{43}$`, "use the EncodingAESKey set for message push: 43 letters and digits")
}

// secretForm judges a secret that may be empty, and in production no placeholder.
func (r *rules) secretForm(key string, secret Secret, pattern, mend string) {
	if secret == "" {
		return
	}
	right := regexp.MustCompile(pattern).MatchString(secret.Reveal())
	r.require(right, key, "has the wrong form", mend)
	if right && r.Mode == Production {
		r.goodSecret(key, secret)
	}
}

func (r *rules) judgeSeal() {
	oneOf(r, "seal.algorithm", r.Seal.Algorithm, SM4GCM, AES256GCM)
	r.require(r.Seal.KeyringFile != "", "seal.keyring_file", "is empty", "name the file the sealing keys are kept in")
	if key, err := r.Seal.KeyEncryptionKey(); err != nil {
		r.require(false, "seal.kek", err.Error(), "make one: openssl rand -base64 32")
	} else if r.Mode == Production && key != nil {
		r.require(!isUniform(string(key)), "seal.kek", "is one byte repeated", "make one: openssl rand -base64 32")
	}
}

func (r *rules) judgeSession() {
	r.lasting("session.idle", r.Session.Idle, time.Minute, 365*24*time.Hour)
	r.lasting("session.absolute", r.Session.Absolute, time.Minute, 365*24*time.Hour)
	r.require(r.Session.Absolute >= r.Session.Idle, "session.absolute", "is shorter than session.idle", "make it at least as long")
	r.within("session.max_per_resident", r.Session.MaxPerResident, 1, 1_000)
}

func (r *rules) judgeStaff() {
	r.lasting("staff.session_idle", r.Staff.SessionIdle, time.Minute, 12*time.Hour)
	r.lasting("staff.session_absolute", r.Staff.SessionAbsolute, time.Minute, 24*time.Hour)
	r.require(r.Staff.SessionAbsolute >= r.Staff.SessionIdle, "staff.session_absolute", "is shorter than staff.session_idle", "make it at least as long")
	r.lasting("staff.invitation_life", r.Staff.InvitationLife, time.Minute, 30*24*time.Hour)
	r.lasting("staff.ticket_life", r.Staff.TicketLife, 30*time.Second, time.Hour)
	r.lasting("staff.reset_life", r.Staff.ResetLife, time.Minute, 7*24*time.Hour)
	r.judgeOrigin()
	r.judgePassword()
	r.judgeLock("staff.account_lock", r.Staff.AccountLock)
	r.judgeLock("staff.address_lock", r.Staff.AddressLock)
}

func (r *rules) judgeOrigin() {
	const key, mend = "staff.origin", "write the address people see, such as https://console.example.cn, without a path"
	if r.Staff.Origin == "" {
		r.require(r.Mode != Production, key, "is empty", mend)
		return
	}
	u, err := url.Parse(r.Staff.Origin)
	safe := err == nil && u.Hostname() != "" && (u.Scheme == "https" || u.Scheme == "http" && r.Mode != Production)
	r.require(safe && u.Scheme+"://"+u.Host == r.Staff.Origin, key, "is no origin of a web page", mend)
}

func (r *rules) judgePassword() {
	p := r.Staff.Password
	r.within("staff.password.min_length", p.MinLength, 12, 64)
	r.within("staff.password.complexity", p.Complexity, 1, 4)
	if p.MaxAge != 0 {
		r.lasting("staff.password.max_age", p.MaxAge, 24*time.Hour, 2*365*24*time.Hour)
	}
	r.within("staff.password.history", p.History, 0, 24)
	r.require(p.Memory >= 19*MiB && p.Memory <= 512*MiB, "staff.password.memory", fmt.Sprintf("%s is out of range", p.Memory), "choose a size from 19MiB to 512MiB")
	r.within("staff.password.passes", p.Passes, 2, 20)
	r.within("staff.password.lanes", p.Lanes, 1, 16)
	r.within("staff.password.at_once", p.AtOnce, 1, 64)
}

func (r *rules) judgeLock(key string, l Lock) {
	r.within(key+".after", l.After, 3, 10_000)
	r.lasting(key+".first", l.First, time.Second, 24*time.Hour)
	r.lasting(key+".most", l.Most, time.Second, 7*24*time.Hour)
	r.require(l.Most >= l.First, key+".most", "is shorter than "+key+".first", "make it at least as long")
	r.lasting(key+".window", l.Window, time.Minute, 7*24*time.Hour)
}

func (r *rules) judgeLimits() {
	limits := r.Limits.byName()
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		key, limit := "limits."+name, limits[name]
		r.within(key+".count", limit.Count, 1, 1_000_000_000)
		r.lasting(key+".per", limit.Per, time.Second, 24*time.Hour)
		r.within(key+".burst", limit.Burst, 1, 1_000_000_000)
	}
}

func (r *rules) judgeCommunity() {
	_, err := r.Community.Location()
	r.require(err == nil && r.Community.Timezone != "" && r.Community.Timezone != "Local", "community.timezone",
		fmt.Sprintf("%q is not a time zone", r.Community.Timezone), "use an IANA name, such as Asia/Shanghai")
}

func (r *rules) judgeBooking() {
	r.within("booking.slots_ahead_days", r.Booking.SlotsAheadDays, 1, 90)
	r.within("booking.max_children", r.Booking.MaxChildren, 1, 50)
	r.within("booking.max_live_bookings", r.Booking.MaxLiveBookings, 1, 1_000)
	r.within("booking.max_waiting", r.Booking.MaxWaiting, 1, 1_000)
	r.within("booking.max_at_once", r.Booking.MaxAtOnce, 1, 100)
	r.lasting("booking.draw_wait", r.Booking.DrawWait, 0, 14*24*time.Hour)
	r.lasting("booking.draw_known_before", r.Booking.DrawKnownBefore, 0, 14*24*time.Hour)
	r.lasting("booking.idempotency_keep", r.Booking.IdempotencyKeep, time.Hour, 30*24*time.Hour)
}

func (r *rules) judgeDesk() {
	r.lasting("desk.check_in_code_life", r.Desk.CheckInCodeLife, time.Minute, 24*time.Hour)
	r.lasting("desk.close_stays_after", r.Desk.CloseStaysAfter, time.Hour, 7*24*time.Hour)
	r.within("desk.max_pickup_persons", r.Desk.MaxPickupPersons, 1, 20)
	r.within("desk.sweep_batch", r.Desk.SweepBatch, 1, 10_000)
	r.lasting("desk.look_every", r.Desk.LookEvery, 100*time.Millisecond, time.Minute)
	r.lasting("desk.live_beat", r.Desk.LiveBeat, time.Second, time.Minute)
}

func (r *rules) judgeSites() {
	r.within("sites.certificate_notice_days", r.Sites.CertificateNoticeDays, 1, 366)
	r.within("sites.max_photos", r.Sites.MaxPhotos, 1, 40)
	r.require(r.Sites.MaxPhoto >= 64*KiB && r.Sites.MaxPhoto <= 16*MiB, "sites.max_photo", "the size is out of range", "use 64KiB to 16MiB")
	r.lasting("sites.upload_timeout", r.Sites.UploadTimeout, 5*time.Second, 10*time.Minute)
}

func (r *rules) judgeExports() {
	r.lasting("exports.keep", r.Exports.Keep, 10*time.Minute, 30*24*time.Hour)
	r.within("exports.at_once", r.Exports.AtOnce, 1, 20000)
}

func (r *rules) judgeMessages() {
	m := r.Messages
	r.clock("messages.quiet_from", m.QuietFrom)
	r.clock("messages.quiet_until", m.QuietUntil)
	if m.RemindEvening != "" {
		r.clock("messages.remind_evening", m.RemindEvening)
	}
	r.lasting("messages.stale_after", m.StaleAfter, 24*time.Hour, 30*24*time.Hour)
	r.lasting("messages.retry_after", m.RetryAfter, time.Minute, 24*time.Hour)
	r.lasting("messages.remind_soon", m.RemindSoon, 0, 12*time.Hour)
}

func (r *rules) clock(key string, got Clock) {
	_, ok := got.Minute()
	r.require(ok, key, fmt.Sprintf("%q is not a time of the day", string(got)), "write hours and minutes, such as 21:30")
}

// templateField is a field of WeChat's templates by type, and what it shows.
var templateField = regexp.MustCompile(
	`^((?:thing|phrase|name|letter|number|character_string|symbol|phone_number|car_number|amount|time|date)[0-9]{1,2})=([a-z_]+)$`)

func (r *rules) judgeTemplates() {
	templates := r.Templates.ByKind()
	for _, kind := range slices.Sorted(maps.Keys(templates)) {
		key, t := "templates."+kind, templates[kind]
		r.matching(key+".id", t.ID, `^[0-9A-Za-z_-]{0,64}$`, "copy the template's id from WeChat: 订阅消息 → 我的模板")
		r.require(!strings.HasPrefix(t.Page, "/"), key+".page", "begins with a slash", "write the page as the mini-program names it: pages/notices/index")
		r.require(t.ID == "" || len(t.Fields) > 0, key+".fields", "is empty though the template has an id", "list what its fields show: thing1=site")
		r.judgeFields(key+".fields", t)
	}
}

func (r *rules) judgeFields(key string, t Template) {
	for _, pair := range t.Fields {
		found := templateField.FindStringSubmatch(pair)
		r.require(found != nil && slices.Contains(MessageFacts, found[2]), key, fmt.Sprintf("%q shows nothing known", pair),
			"write field=fact as in WeChat's template: thing1=site; facts are "+strings.Join(MessageFacts, ", "))
	}
	r.require(len(t.FieldsShown()) == len(t.Fields), key, "names a field twice", "let every field show one fact")
}

func (r *rules) judgeJobs() {
	j := r.Jobs
	r.lasting("jobs.poll", j.Poll, 50*time.Millisecond, time.Minute)
	r.lasting("jobs.lease", j.Lease, 10*time.Second, time.Hour)
	// A piece may have waited for half its lease, and a fifth is kept back: what is left must do for a call.
	r.require(j.Lease < 10*time.Second || j.Lease >= 4*r.WeChat.Timeout, "jobs.lease", "is too short for a call that takes wechat.timeout", "make it at least four times as long")
	r.lasting("jobs.night_lease", j.NightLease, 10*time.Second, 12*time.Hour)
	r.within("jobs.batch", j.Batch, 1, 1_000)
	r.within("jobs.workers", j.Workers, 1, 64)
	r.within("jobs.attempts", j.Attempts, 1, 100)
	r.lasting("jobs.backoff_first", j.BackoffFirst, 100*time.Millisecond, time.Hour)
	r.lasting("jobs.backoff_most", j.BackoffMost, time.Second, 24*time.Hour)
	r.require(j.BackoffMost >= j.BackoffFirst, "jobs.backoff_most", "is shorter than jobs.backoff_first", "make it at least as long")
	_, err := j.AuditMinute()
	r.require(err == nil, "jobs.audit_at", fmt.Sprintf("%q is not a time of day", j.AuditAt), "write hours and minutes, such as 03:30")
	r.lasting("jobs.generate_every", j.GenerateEvery, time.Minute, 24*time.Hour)
	r.lasting("jobs.sweep_every", j.SweepEvery, time.Second, time.Hour)
	r.lasting("jobs.remind_every", j.RemindEvery, time.Second, time.Hour)
	r.lasting("jobs.clean_up_every", j.CleanUpEvery, time.Second, 24*time.Hour)
}
