package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	goredis "github.com/redis/go-redis/v9"

	"jiamenkou/adapter/redis"
	"jiamenkou/adapter/redis/redistest"
	"jiamenkou/adapter/wechat/fake"
	"jiamenkou/conf"
	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/staff"
	"jiamenkou/service/staff/stafftest"
)

// What must never be seen outside of its place. Each is unlike anything else in the house.
const (
	canaryAppSecret  = "canary-AppSecret-5f0c1d"
	canaryPushToken  = "canary-PushToken-81be"
	canaryAESKey     = "canaryAESKeyabcdefghijklmnopqrstuvwxyz01234"
	canaryPhone      = "13987650123"
	canaryTyped      = "15876504321"
	canaryName       = "金丝雀小满"
	canaryHealthNote = "对芒果严重过敏，随身带药"
	canaryOpenID     = "oCANARY-openid-0000000000001"
	canaryPassword   = "canary-Kiesel-7f3a im Bach"
	canaryNickname   = "金丝雀妈妈"
	canaryPerson     = "金丝雀外婆"
	canaryPickup     = "15012348765"
	canaryFever      = "41.7"
	canaryRemark     = "来的时候金丝雀哭了"
	canaryAppeal     = "金丝雀那天住院了"
	canaryDesk       = "15298761234"
)

// TestNothingLeaks takes a walk through the whole house, first as it should be and then with everything going wrong,
// and looks for the canaries in all that the house says and writes.
func TestNothingLeaks(t *testing.T) {
	for _, driver := range []conf.DatabaseDriver{conf.SQLite, conf.MySQL} {
		t.Run(string(driver), func(t *testing.T) {
			c := openCage(t, driver)
			c.walk()
			c.stumble()
			c.look()
		})
	}
}

// cage is a house with everything that comes out of it.
type cage struct {
	t        *testing.T
	settings *conf.Settings
	house    *house
	wechat   *fake.Server
	raw      *sql.DB
	redis    *redistest.Server
	url      string
	metrics  string
	birth    string
	token    string
	cookie   string // the last that was set

	staffSecrets map[string]string

	log      ledger
	problems ledger // bodies of refusals
	answers  ledger // bodies of successes
}

// ledger is text written by many.
type ledger struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *ledger) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *ledger) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func openCage(t *testing.T, driver conf.DatabaseDriver) *cage {
	t.Helper()
	c := &cage{t: t, redis: redistest.Start(t)}
	c.birth = model.DateOf(now()).AddDays(-611).String()
	c.wechat = fake.New(fake.Options{AppID: "wx-canary", AppSecret: canaryAppSecret, PushToken: canaryPushToken, PushAESKey: canaryAESKey})
	server := httptest.NewServer(c.wechat)
	t.Cleanup(func() { c.wechat.Close(); server.Close() })
	c.settings = c.canarySettings(driver, server.URL)
	log := slog.New(slog.NewJSONHandler(&c.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	redis.LogTo(log)
	var err error
	c.house, err = build(t.Context(), c.settings, log)
	c.must(err)
	t.Cleanup(func() { _ = c.house.close() })
	c.must(c.house.prepare(t.Context()))
	c.serve()
	return c
}

func (c *cage) canarySettings(driver conf.DatabaseDriver, wechat string) *conf.Settings {
	c.t.Helper()
	s := conf.Defaults(conf.Development)
	folder := c.t.TempDir()
	s.Seal.KeyringFile = filepath.Join(folder, "keyring.json")
	s.Redis.Mode, s.Redis.Addrs = conf.RedisSingle, []string{c.redis.Addr}
	s.WeChat.Mode, s.WeChat.AppID, s.WeChat.AppSecret, s.WeChat.BaseURL = conf.WeChatLive, "wx-canary", canaryAppSecret, wechat
	s.WeChat.PushToken, s.WeChat.PushAESKey = canaryPushToken, canaryAESKey
	often := conf.Limit{Count: 1e6, Per: time.Second, Burst: 1e6}
	s.Limits.Login, s.Limits.LoginIP, s.Limits.Write, s.Limits.WriteIP = often, often, often, often
	s.Database.Driver, s.Database.Path = driver, filepath.Join(folder, "canary.db")
	source := "file:" + s.Database.Path
	if driver == conf.MySQL {
		server := modeltest.MariaDB(c.t)
		source = server.DSN(server.CreateDatabase(c.t))
		s.Database.DSN = conf.Secret(source)
	}
	raw, err := sql.Open(map[conf.DatabaseDriver]string{conf.SQLite: "sqlite3", conf.MySQL: "mysql"}[driver], source)
	c.must(err)
	c.t.Cleanup(func() { _ = raw.Close() })
	c.raw = raw
	return &s
}

func (c *cage) serve() {
	registry := prometheus.NewRegistry()
	public := httptest.NewServer(c.house.api(registry).Handler())
	metrics := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	c.t.Cleanup(func() { public.Close(); metrics.Close() })
	c.url, c.metrics = public.URL, metrics.URL
}

func (c *cage) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// ask sends a request as the canary and demands a status; what comes back is kept.
func (c *cage) ask(status int, method, address, body string) []byte {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.url+address, strings.NewReader(body))
	c.must(err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", fmt.Sprintf("canary-%d", time.Now().UnixNano()))
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
		request.AddCookie(&http.Cookie{Name: "__Host-jmk-staff", Value: c.token}) // of staff, to whom alone it means something
	}
	answer, err := http.DefaultClient.Do(request)
	c.must(err)
	defer answer.Body.Close()
	for _, one := range answer.Cookies() {
		c.cookie = one.Value
	}
	text, err := io.ReadAll(answer.Body)
	c.must(err)
	if answer.StatusCode != status {
		c.t.Fatalf("%s %s answered %d, want %d: %s", method, address, answer.StatusCode, status, text)
	}
	into := &c.answers
	if status >= http.StatusBadRequest {
		into = &c.problems
	}
	_, _ = into.Write(text)
	return text
}

func (c *cage) signIn() {
	c.t.Helper()
	var out struct{ Token string }
	c.must(json.Unmarshal(c.ask(201, "POST", "/api/v1/sessions", fmt.Sprintf(`{"code":%q}`, c.wechat.IssueLoginCode(canaryOpenID))), &out))
	c.token = out.Token
}

func (c *cage) items(address string) (ids []string) {
	c.t.Helper()
	var out struct{ Items []struct{ ID string } }
	c.must(json.Unmarshal(c.ask(200, "GET", address, ""), &out))
	for _, item := range out.Items {
		ids = append(ids, item.ID)
	}
	return ids
}

func (c *cage) childForm() string {
	return fmt.Sprintf(`{"name":%q,"birth_date":%q,"health_note":%q}`, canaryName, c.birth, canaryHealthNote)
}

// walk is what a family does.
func (c *cage) walk() {
	c.t.Helper()
	c.signIn()
	c.ask(200, "PATCH", "/api/v1/me", fmt.Sprintf(`{"nickname":%q}`, canaryNickname))
	c.ask(200, "PUT", "/api/v1/me/phone", fmt.Sprintf(`{"number":%q}`, canaryTyped))
	c.ask(200, "PUT", "/api/v1/me/phone", fmt.Sprintf(`{"code":%q}`, c.wechat.IssuePhoneCode(canaryPhone)))
	for _, document := range c.items("/api/v1/documents") {
		c.ask(204, "PUT", "/api/v1/consents/"+document, "")
	}
	var child, booking struct{ ID string }
	c.must(json.Unmarshal(c.ask(201, "POST", "/api/v1/children", c.childForm()), &child))
	c.must(json.Unmarshal(c.ask(201, "POST", "/api/v1/slots/"+c.openSlot()+"/bookings", fmt.Sprintf(`{"child_id":%q}`, child.ID)), &booking))
	c.ask(200, "GET", "/api/v1/bookings", "")
	c.ask(200, "POST", "/api/v1/bookings/"+booking.ID+"/cancellation", `{}`)
	c.door(child.ID)
	c.ask(200, "GET", "/api/v1/me/export", "")
	c.ask(200, "PUT", "/api/v1/children/"+child.ID, c.childForm())
}

// door is what happens at a site: a child comes, ill, and goes; another time it does not come, and its guardian objects.
func (c *cage) door(child string) {
	c.t.Helper()
	c.ask(201, "POST", "/api/v1/children/"+child+"/pickup-persons", fmt.Sprintf(`{"name":%q,"relation":"grandparent","phone":%q}`, canaryPerson, canaryPickup))
	came, missed := c.booked(child, 30*time.Minute), c.booked(child, 4*time.Hour)
	var code struct{ Code string }
	c.must(json.Unmarshal(c.ask(201, "POST", "/api/v1/bookings/"+came+"/check-in-code", `{}`), &code))
	c.ask(200, "POST", "/api/v1/bookings/"+missed+"/cancellation", `{}`)
	mark := c.items("/api/v1/children/" + child + "/marks")[0]
	c.ask(201, "POST", "/api/v1/marks/"+mark+"/appeal", fmt.Sprintf(`{"reason":"unwell","note":%q}`, canaryAppeal))

	resident := c.token
	defer func() { c.token = resident }()
	c.token = c.keeper()
	c.ask(201, "POST", "/console/api/v1/check-ins", fmt.Sprintf(`{"code":%q,"temperature":%q,"remark":%q}`, code.Code, canaryFever, canaryRemark))
	c.ask(409, "POST", "/console/api/v1/check-ins", fmt.Sprintf(`{"booking_id":%q,"temperature":%q,"remark":%q}`, came, canaryFever, canaryRemark))
	c.ask(422, "POST", "/console/api/v1/check-ins", fmt.Sprintf(`{"code":%q,"temperature":"%s0","remark":%q}`, canaryPickup, canaryFever, canaryRemark))
	c.ask(200, "POST", "/console/api/v1/bookings/"+came+"/opening", `{"reason":"hand_over"}`)
	c.ask(200, "POST", "/console/api/v1/bookings/"+came+"/hand-over", `{"to":"guardian"}`)
	c.ask(200, "GET", "/console/api/v1/appeals/"+c.items("/console/api/v1/appeals")[0], "")
	c.ask(201, "POST", "/console/api/v1/residents", fmt.Sprintf(`{"phone":%q}`, canaryDesk))
	c.ask(422, "POST", "/console/api/v1/residents", fmt.Sprintf(`{"phone":"%s0"}`, canaryDesk))
	c.ask(200, "POST", "/console/api/v1/resident-search", fmt.Sprintf(`{"phone":%q}`, canaryDesk))
}

// booked books a session that begins so soon.
func (c *cage) booked(child string, wait time.Duration) string {
	c.t.Helper()
	template := c.column("SELECT id FROM slots LIMIT 1")[0]
	slot, err := c.house.store.FindSlot(c.t.Context(), template)
	c.must(err)
	slot.ID, slot.TemplateID, slot.Booked = c.house.store.NewID(), nil, 0
	slot.StartAt = now().Add(wait)
	slot.EndAt, slot.CutoffAt, slot.ReleaseAt = slot.StartAt.Add(time.Hour), slot.StartAt.Add(-time.Minute), slot.StartAt.Add(-24*time.Hour)
	slot.Date = model.DateOf(slot.StartAt.In(c.house.zone))
	c.must(c.house.store.InTx(c.t.Context(), func(tx *model.Store) error { return tx.AddSlots(c.t.Context(), []model.Slot{slot}) }))
	var booking struct{ ID string }
	c.must(json.Unmarshal(c.ask(201, "POST", "/api/v1/slots/"+slot.ID+"/bookings", fmt.Sprintf(`{"child_id":%q}`, child)), &booking))
	return booking.ID
}

// keeper signs a keeper of the whole district in, by invitation and then by password and code; what they sign in with
// are canaries too.
func (c *cage) keeper() string {
	c.t.Helper()
	grant := model.Grant{Role: model.RoleKeeper, Scope: model.ScopeDistrict}
	_, issued, err := c.house.staff.Invite(c.t.Context(), staff.Operator, "示例工作人员", grant)
	c.must(err)
	var opened struct {
		Ticket string
		TOTP   struct{ Secret string }
	}
	c.token = ""
	c.must(json.Unmarshal(c.ask(200, "POST", "/console/api/v1/invitations/opening", fmt.Sprintf(`{"code":%q}`, issued.Code)), &opened))
	form := `{"ticket":%q,"login":"muster","password":%q,"code":%q}`
	c.ask(422, "POST", "/console/api/v1/invitations/completion", fmt.Sprintf(form, opened.Ticket, canaryPassword[:8], stafftest.Code(c.t, opened.TOTP.Secret, now())))
	c.ask(204, "POST", "/console/api/v1/invitations/completion", fmt.Sprintf(form, opened.Ticket, canaryPassword, stafftest.Code(c.t, opened.TOTP.Secret, now())))
	c.ask(422, "POST", "/console/api/v1/sessions", fmt.Sprintf(`{"login":%q,"password":"muster is no password"}`, canaryPassword)) // in the wrong field
	var first struct{ Ticket string }
	c.must(json.Unmarshal(c.ask(200, "POST", "/console/api/v1/sessions", fmt.Sprintf(`{"login":"muster","password":%q}`, canaryPassword)), &first))
	c.ask(422, "POST", "/console/api/v1/sessions/second-factor", fmt.Sprintf(`{"ticket":%q,"code":"000000"}`, first.Ticket))
	later := stafftest.Code(c.t, opened.TOTP.Secret, now().Add(30*time.Second))
	c.ask(204, "POST", "/console/api/v1/sessions/second-factor", fmt.Sprintf(`{"ticket":%q,"code":%q}`, first.Ticket, later))
	_, secret, _ := strings.Cut(c.cookie, ".")
	c.staffSecrets = map[string]string{"the password": canaryPassword, "the TOTP secret": opened.TOTP.Secret, "the cookie": secret, "the invitation": issued.Code}
	return c.cookie
}

func (c *cage) openSlot() string {
	c.t.Helper()
	released := now().AddDate(0, 0, 10).Format("2006-01-02") // by then, and for days more, slots can be booked
	ids := c.column("SELECT id FROM slots WHERE booked < capacity AND date <= '" + released + "' ORDER BY start_at DESC LIMIT 1")
	if len(ids) == 0 {
		c.t.Fatal("there is no slot")
	}
	return ids[0]
}

// stumble is the same with everything that can go wrong.
func (c *cage) stumble() {
	c.t.Helper()
	c.ask(409, "POST", "/api/v1/children", c.childForm())
	c.ask(422, "POST", "/api/v1/children", fmt.Sprintf(`{"name":%q,"birth_date":"%s-31","health_note":%q}`, canaryName, c.birth, canaryHealthNote))
	c.ask(422, "POST", "/api/v1/children", fmt.Sprintf(`{"name":%q,"birth_date":%q,"gender":%q}`, canaryName, c.birth, canaryPhone))
	c.ask(422, "POST", "/api/v1/children", fmt.Sprintf(`{"name":{"x":%q},"birth_date":%q}`, canaryName, c.birth))
	c.ask(400, "POST", "/api/v1/children", fmt.Sprintf(`{"name":"%s","name":"%s"}`, canaryName, canaryHealthNote))
	c.ask(400, "POST", "/api/v1/children", canaryName+canaryHealthNote)
	c.ask(422, "PUT", "/api/v1/me/phone", fmt.Sprintf(`{"number":"%s0"}`, canaryTyped))
	c.ask(422, "POST", "/api/v1/sessions", fmt.Sprintf(`{"code":"%s&secret"}`, canaryPhone))
	c.ask(404, "GET", "/api/v1/children/"+url.PathEscape(canaryName), "")
	c.ask(404, "GET", "/"+canaryPhone+"/"+url.PathEscape(canaryName), "")
	c.ask(422, "GET", "/api/v1/bookings?limit="+canaryPhone, "")
	c.ask(422, "GET", "/api/v1/sites?near="+url.QueryEscape(canaryHealthNote), "")
	c.weChatFails()
	c.storeFails()
	c.redisFails()
}

func (c *cage) weChatFails() {
	c.t.Helper()
	c.wechat.Fail(fake.PathCheckText, fake.Fault{Errcode: 40003, Errmsg: "invalid openid " + canaryOpenID}, 1)
	c.ask(503, "PATCH", "/api/v1/me", fmt.Sprintf(`{"nickname":"另一个%s"}`, canaryNickname))
	for _, fault := range []fake.Fault{
		{Status: 502}, {Errcode: -1}, {Errcode: 40125, Errmsg: "invalid appsecret " + canaryAppSecret},
		{CutBody: true}, {Body: "<html>" + canaryAppSecret},
	} {
		c.wechat.Fail(fake.PathLogin, fault, -1)
		c.wechat.Fail(fake.PathPhone, fault, -1)
		c.wechat.Fail(fake.PathCheckText, fault, -1)
		c.ask(503, "POST", "/api/v1/sessions", fmt.Sprintf(`{"code":%q}`, c.wechat.IssueLoginCode(canaryOpenID)))
		c.ask(503, "PUT", "/api/v1/me/phone", fmt.Sprintf(`{"code":%q}`, c.wechat.IssuePhoneCode(canaryPhone)))
		c.ask(503, "PATCH", "/api/v1/me", fmt.Sprintf(`{"nickname":"又一个%s"}`, canaryNickname))
		for _, path := range []string{fake.PathLogin, fake.PathPhone, fake.PathCheckText} {
			c.wechat.Heal(path)
		}
	}
}

// storeFails breaks the tables in ways that make the database speak of what it was given.
func (c *cage) storeFails() {
	c.t.Helper()
	another := strings.Replace(c.childForm(), canaryName, canaryName+"二", 1)
	c.exec("ALTER TABLE events RENAME TO events_gone")
	c.ask(500, "POST", "/api/v1/children", another)
	c.exec("ALTER TABLE events_gone RENAME TO events")
	if c.settings.Database.Driver == conf.MySQL {
		c.exec("ALTER TABLE residents ADD COLUMN once VARCHAR(40) AS (nickname) PERSISTENT, ADD UNIQUE INDEX once (once)") // its refusals quote the value
		c.exec("INSERT INTO residents (id, nickname, subdistrict_code, status, created_at, updated_at) VALUES ('x', '金丝雀伯母', '', 'active', NOW(), NOW())")
		c.ask(500, "PATCH", "/api/v1/me", `{"nickname":"金丝雀伯母"}`)
		c.exec("ALTER TABLE residents DROP COLUMN once")
	}
}

func (c *cage) redisFails() {
	c.t.Helper()
	c.keepRedis()
	c.redis.Stop()
	c.ask(503, "GET", "/api/v1/me", "")
	c.ask(503, "POST", "/api/v1/sessions", fmt.Sprintf(`{"code":%q}`, c.wechat.IssueLoginCode(canaryOpenID)))
}

// keepRedis looks for what opens a session: Redis may know that there is one, not how to get in.
func (c *cage) keepRedis() {
	c.t.Helper()
	client := goredis.NewClient(&goredis.Options{Addr: c.redis.Addr})
	defer client.Close()
	keys, err := client.Keys(c.t.Context(), "*").Result()
	c.must(err)
	var held strings.Builder
	for _, key := range keys {
		dumped, err := client.Dump(c.t.Context(), key).Result()
		if errors.Is(err, goredis.Nil) { // its time was over between the two questions
			continue
		}
		c.must(err)
		fields, _ := client.HGetAll(c.t.Context(), key).Result() // fails for what is no hash
		fmt.Fprintln(&held, key, dumped, fields)
	}
	_, secret, _ := strings.Cut(c.token, ".")
	c.search("Redis", held.String(), map[string]string{"the session token": secret, "the open id": canaryOpenID, "the AppSecret": canaryAppSecret, "the phone": canaryPhone})
	c.search("Redis", held.String(), c.staffSecrets)
}

func (c *cage) exec(statement string) {
	c.t.Helper()
	_, err := c.raw.ExecContext(context.WithoutCancel(c.t.Context()), statement)
	c.must(err)
}

func (c *cage) column(query string) (values []string) {
	c.t.Helper()
	for _, row := range c.rows(query) {
		values = append(values, row[0])
	}
	return values
}

// rows gives every value as the text or bytes it is stored as.
func (c *cage) rows(query string) (all [][]string) {
	c.t.Helper()
	rows, err := c.raw.QueryContext(c.t.Context(), query)
	c.must(err)
	defer rows.Close()
	columns, err := rows.Columns()
	c.must(err)
	for rows.Next() {
		cells, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		c.must(rows.Scan(into...))
		row := make([]string, len(columns))
		for i := range cells {
			row[i] = string(cells[i])
		}
		all = append(all, row)
	}
	c.must(rows.Err())
	return all
}

// secrets are what nobody may read, wherever it stands.
func (c *cage) secrets() map[string]string {
	_, secret, _ := strings.Cut(c.token, ".")
	all := map[string]string{
		"the AppSecret": canaryAppSecret, "the push token": canaryPushToken, "the push key": canaryAESKey,
		"the session token": secret, "the open id": canaryOpenID, "the phone": canaryPhone, "the typed phone": canaryTyped,
		"the child's name": canaryName, "the birth date": c.birth, "the health note": canaryHealthNote,
		"the pick-up person": canaryPerson, "the pick-up person's phone": canaryPickup, "the remark": canaryRemark,
		"the appeal's note": canaryAppeal, "the phone told at the desk": canaryDesk, "the temperature": `"` + canaryFever + `"`, // times hold such figures too
	}
	maps.Copy(all, c.staffSecrets)
	for i, handedOut := range c.wechat.Secrets() {
		all[fmt.Sprintf("WeChat's secret %d", i)] = handedOut
	}
	return all
}

// look searches everything.
func (c *cage) look() {
	c.t.Helper()
	for _, canary := range []string{canaryName, canaryPhone, canaryPerson, canaryPickup, canaryFever, canaryRemark, canaryAppeal} {
		if !strings.Contains(c.answers.String(), canary) {
			c.t.Errorf("%s was never in the house", canary)
		}
	}
	for _, code := range []string{"internal_error", "wechat_unavailable", "session_store_unavailable"} {
		if !strings.Contains(c.log.String(), `"code":"`+code+`"`) {
			c.t.Errorf("the log does not tell of %s", code)
		}
	}
	everywhere := c.secrets()
	c.search("the database", c.database(), everywhere)
	everywhere["the nickname"] = canaryNickname // stands in the database, for it is shown to others
	everywhere["another nickname"] = "金丝雀伯母"
	c.search("the log", c.log.String(), everywhere)
	c.search("the refusals", c.problems.String(), everywhere)
	c.search("the figures", c.figures(), everywhere)
}

// database is every value of every table, and for SQLite the files as they lie there.
func (c *cage) database() string {
	c.t.Helper()
	var all strings.Builder
	for _, table := range c.tables() {
		fmt.Fprintln(&all, c.rows("SELECT * FROM "+table))
	}
	files, err := filepath.Glob(c.settings.Database.Path + "*")
	c.must(err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		c.must(err)
		all.Write(text)
	}
	if !strings.Contains(all.String(), canaryNickname) {
		c.t.Error("the database was not read")
	}
	return all.String()
}

func (c *cage) tables() []string {
	c.t.Helper()
	if c.settings.Database.Driver == conf.SQLite {
		return c.column("SELECT name FROM sqlite_master WHERE type = 'table'")
	}
	return c.column("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
}

func (c *cage) figures() string {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.metrics, nil)
	c.must(err)
	answer, err := http.DefaultClient.Do(request)
	c.must(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	c.must(err)
	if !strings.Contains(string(text), "/api/v1/children") {
		c.t.Error("the figures tell of no request")
	}
	return string(text)
}

func (c *cage) search(where, text string, secrets map[string]string) {
	c.t.Helper()
	for name, secret := range secrets {
		if form, line := leaked(text, secret); form != "" {
			c.t.Errorf("%s holds %s, %s: %.300s", where, name, form, line)
		}
	}
}

// leaked says in which form a secret stands in the text, and in which line, or nothing.
func leaked(text, secret string) (form, line string) {
	escaped, _ := json.Marshal(secret) // strings always marshal
	for form, written := range map[string]string{
		"as it is": secret, "escaped for a URL": url.QueryEscape(secret), "escaped for a path": url.PathEscape(secret),
		"as JSON": strings.Trim(string(escaped), `"`), "in quotes": strings.Trim(fmt.Sprintf("%+q", secret), `"`),
		"in hex": hex.EncodeToString([]byte(secret)), "in base64": base64.StdEncoding.EncodeToString([]byte(secret))[:len(secret)/3*4],
	} {
		for line := range strings.Lines(text) {
			if strings.Contains(line, written) {
				return form, line
			}
		}
	}
	return "", ""
}

// TestLeakedFinds is the test of the search.
func TestLeakedFinds(t *testing.T) {
	for _, text := range []string{
		"x" + canaryName + "x", url.QueryEscape("a" + canaryName), hex.EncodeToString([]byte(canaryName)) + "00",
		base64.StdEncoding.EncodeToString([]byte(canaryName + "more")), fmt.Sprintf("%+q", canaryName),
	} {
		if form, _ := leaked(text, canaryName); form == "" {
			t.Errorf("not found in %q", text)
		}
	}
	if form, _ := leaked("金丝雀", canaryName); form != "" {
		t.Errorf("found %s where it is not", form)
	}
}
