package router_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"jiamenkou/adapter/redis"
	"jiamenkou/adapter/redis/redistest"
	"jiamenkou/adapter/seal/sealtest"
	"jiamenkou/adapter/wechat"
	"jiamenkou/adapter/wechat/fake"
	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/router"
	"jiamenkou/service/account"
	"jiamenkou/service/booking"
	"jiamenkou/service/desk"
	"jiamenkou/service/district"
	"jiamenkou/service/notice"
	"jiamenkou/service/overview"
	"jiamenkou/service/planning"
	"jiamenkou/service/premises"
	"jiamenkou/service/staff"
	"jiamenkou/service/trail"
	"jiamenkou/service/work"
)

// house is the whole house behind its real handler, on MariaDB and Redis; the clock and WeChat are the only stand-ins.
type house struct {
	t       *testing.T
	url     string
	api     *router.API
	store   *model.Store
	raw     *sql.DB // past the store, to look at what it wrote
	sums    string  // a query for traces
	redis   *redistest.Server
	wechat  *fake.Server
	clock   *clock // of the house
	fakes   *clock // of the fake WeChat
	world   *modeltest.World
	figures *prometheus.Registry
	people  atomic.Int64
}

// clock runs with the one of the tests, ahead of it as far as a test likes.
type clock struct{ ahead atomic.Int64 }

func (c *clock) Now() time.Time {
	return modeltest.Now().Add(time.Duration(c.ahead.Load()))
}

func (c *clock) pass(d time.Duration) { c.ahead.Add(int64(d)) }

// plan is how a house is built; newHouse's changes alter it.
type plan struct {
	rates          map[string]redis.Rate
	requestTimeout time.Duration
	maxBody        int64
	maxChildren    int
	liveBookings   int
	staff          staff.Rules
	docs           http.Handler
	codes          desk.Codes // instead of Redis
	ready          map[string]error
	dsn            func(server *modeltest.Server, database string) string
}

const (
	testMaxBody     = 8 << 10
	testMaxChildren = 3
	testMaxLive     = 4
	testMaxPickup   = 2
	testMaxWaiting  = 2
	testMaxAtOnce   = 3
	testMaxPhotos   = 2
	testMostInFile  = 12
	testMaxUpload   = 256 << 10
)

func defaultPlan() plan {
	rates := map[string]redis.Rate{}
	for _, limit := range []string{"login", "booking", "search", "write", "read", "reveal"} {
		rates[limit] = redis.Rate{Count: 1e6, Per: time.Second, Burst: 1e6}
		rates[limit+"/ip"] = rates[limit]
	}
	return plan{
		rates: rates, requestTimeout: 20 * time.Second, maxBody: testMaxBody, maxChildren: testMaxChildren, liveBookings: testMaxLive,
		staff: staff.Rules{
			SessionIdle: 30 * time.Minute, InvitationLife: 72 * time.Hour, TicketLife: 5 * time.Minute, ResetLife: 24 * time.Hour,
			Password: model.PasswordRules{MinLength: 12, Kinds: 1}, PasswordKeep: 3,
			Account: model.Lock{After: 5, First: 5 * time.Minute, Most: time.Hour, Window: 24 * time.Hour},
			Address: model.Lock{After: 1e6, First: time.Minute, Most: time.Hour, Window: time.Hour},
		},
		docs: http.NotFoundHandler(),
		dsn:  func(server *modeltest.Server, database string) string { return server.DSN(database) },
	}
}

func newHouse(t *testing.T, changes ...func(*plan)) *house {
	t.Helper()
	p := defaultPlan()
	for _, change := range changes {
		change(&p)
	}
	h := &house{t: t, clock: &clock{}, fakes: &clock{}, redis: redistest.Start(t)}
	h.openStore(p)
	box := sealtest.NewBox(t)
	h.world = modeltest.NewWorld(t, h.store, box)
	h.world.Now = h.clock.Now
	h.api = h.newAPI(p, box)
	h.figures = prometheus.NewRegistry()
	h.api.Metrics = h.figures
	server := httptest.NewServer(h.api.Handler())
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

func (h *house) openStore(p plan) {
	h.t.Helper()
	server := modeltest.MariaDB(h.t)
	database := server.CreateDatabase(h.t)
	h.store = modeltest.OpenDSN(h.t, p.dsn(server, database))
	raw, err := sql.Open("mysql", server.DSN(database))
	h.must(err)
	h.t.Cleanup(func() { _ = raw.Close() })
	h.raw = raw
	h.sums = h.column(`
		SELECT GROUP_CONCAT('SELECT CONCAT_WS("|", "', name, '", COUNT(*), SUM(CRC32(CONCAT_WS("/", ', columns, ')))) FROM ', name ORDER BY name SEPARATOR ' UNION ALL ')
		FROM (SELECT table_name AS name, GROUP_CONCAT('COALESCE(HEX(', column_name, '), "-")') AS columns
			FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name NOT LIKE 'trail%' GROUP BY table_name) AS tables`)[0]
}

func (h *house) newAPI(p plan, box model.Box) *router.API {
	h.t.Helper()
	log := slog.New(slog.DiscardHandler)
	wechat := h.openWeChat()
	bookings := &booking.Service{
		Store: h.store, Box: box, Now: h.clock.Now, Zone: h.world.Zone, Log: log,
		Limits: booking.Limits{LiveBookings: p.liveBookings, KeepAnswers: 24 * time.Hour, SlotsAhead: 14, Waiting: testMaxWaiting, AtOnce: testMaxAtOnce, DrawWait: 24 * time.Hour, DrawKnown: 12 * time.Hour},
	}
	sessions, limits := h.openRedis(p)
	staffSessions := redis.NewSessions(limits.client, 30*time.Minute, 12*time.Hour, h.clock.Now)
	staffSessions.Kind = "staff-session"
	var codes desk.Codes = redis.NewCodes(limits.client)
	if p.codes != nil {
		codes = p.codes
	}
	return &router.API{
		Account: &account.Service{
			Store: h.store, Box: box, WeChat: wechat, Sessions: sessions, Gate: limits.gate(sessions), Bookings: bookings,
			Now: h.clock.Now, Zone: h.world.Zone, Log: log, MaxChildren: p.maxChildren, MaxPickupPersons: testMaxPickup,
		},
		Planning: &planning.Service{
			Store: h.store, Closer: bookings, Now: h.clock.Now, Zone: h.world.Zone, Log: log,
			Limits: planning.Limits{SlotsAhead: 14, KeepAnswers: 24 * time.Hour},
		},
		Booking: bookings, Notice: h.newNotice(box, wechat),
		Staff: &staff.Service{
			Store: h.store, Box: box, Sessions: staffSessions, Gate: limits.gate(staffSessions), Tickets: redis.NewOnce(limits.client),
			Hasher: testHasher, Passkeys: testPasskeys(h.t), Now: h.clock.Now, Log: log, Rules: p.staff,
		},
		Desk: &desk.Service{
			Store: h.store, Box: box, Codes: codes, Lines: bookings, Places: bookings, Now: h.clock.Now, Zone: h.world.Zone, Log: log,
			Limits: desk.Limits{KeepAnswers: 24 * time.Hour, CodeLife: 10 * time.Minute, CloseAfter: 12 * time.Hour, SweepBatch: 100},
			Live:   &desk.Live{Store: h.store, Now: h.clock.Now, Zone: h.world.Zone, Log: log, Every: 20 * time.Millisecond, Beat: 300 * time.Millisecond},
		},
		Site: &premises.Service{
			Store: h.store, Places: bookings, Now: h.clock.Now, Zone: h.world.Zone,
			Limits: premises.Limits{KeepAnswers: 24 * time.Hour, Notice: 60, Photos: testMaxPhotos},
		},
		Overview: &overview.Service{
			Store: h.store, Now: h.clock.Now, Zone: h.world.Zone,
			Limits: overview.Limits{Keep: 24 * time.Hour, AtOnce: 2, KeepAnswers: 24 * time.Hour},
		},
		District: &district.Service{
			Store: h.store, Places: bookings, Now: h.clock.Now, Zone: h.world.Zone, Limits: district.Limits{KeepAnswers: 24 * time.Hour},
		},
		Trail: &trail.Service{Store: h.store, Now: h.clock.Now, Keep: model.TrailKeep, MostInFile: testMostInFile},
		Work:  &work.Service{Store: h.store, Now: h.clock.Now, Log: log, Zone: h.world.Zone, AuditMinute: 3*60 + 30},
		Zone:  h.world.Zone, Now: h.clock.Now, Log: log, NewID: h.store.NewID,
		Ready:         func(context.Context) map[string]error { return p.ready },
		ConsoleOrigin: testOrigin,
		Docs:          p.docs, RequestTimeout: p.requestTimeout, MaxBody: p.maxBody, MaxUpload: testMaxUpload, UploadTimeout: p.requestTimeout, Version: "v1",
	}
}

const testTemplate = "template-of-the-test"

func (h *house) newNotice(box model.Box, client *wechat.Client) *notice.Service {
	template := model.Template{
		TemplateID: testTemplate, Page: "pages/bookings/one?id={id}",
		Fields: model.TemplateFields{{Type: "thing", Number: 1, Fact: model.FactSite}, {Type: "time", Number: 2, Fact: model.FactSession}, {Type: "thing", Number: 3, Fact: model.FactNote}},
	}
	return &notice.Service{
		Store: h.store, Box: box, WeChat: client, Fit: wechat.Fit, Now: h.clock.Now, Zone: h.world.Zone, Log: slog.New(slog.DiscardHandler),
		Templates: notice.Templates{model.NoticeBooked: template, model.NoticeReminder: template},
		Messages:  model.MessageTimes{StaleAfter: 48 * time.Hour},
		Reminders: model.ReminderTimes{Evening: 19 * 60, Soon: 2 * time.Hour},
		Limits:    notice.Limits{RetryAfter: 15 * time.Minute, KeepAnswers: 24 * time.Hour},
	}
}

// gate is what the account service asks of Redis, from the two that answer it.
type gate struct {
	*redis.Gate
	*redis.Limiter
}

// limits makes gates that share what has been counted.
type limits struct {
	client  *redis.Client
	limiter *redis.Limiter
}

func (l limits) gate(sessions *redis.Sessions) gate {
	return gate{redis.NewGate(sessions, l.limiter), l.limiter}
}

func (h *house) openRedis(p plan) (*redis.Sessions, limits) {
	h.t.Helper()
	client, err := redis.Open(context.Background(), redis.Options{Mode: redis.Single, Addrs: []string{h.redis.Addr}, Prefix: "jmk:"})
	h.must(err)
	h.t.Cleanup(func() { _ = client.Close() })
	sessions := redis.NewSessions(client, 7*24*time.Hour, 30*24*time.Hour, h.clock.Now)
	limiter, err := redis.NewLimiter(client, p.rates)
	h.must(err)
	return sessions, limits{client, limiter}
}

func (h *house) openWeChat() *wechat.Client {
	h.t.Helper()
	const appID, secret = "wx-test", "secret-of-the-test"
	h.wechat = fake.New(fake.Options{AppID: appID, AppSecret: secret, Now: h.fakes.Now})
	server := httptest.NewServer(h.wechat)
	h.t.Cleanup(func() { h.wechat.Close(); server.Close() })
	client, err := wechat.New(wechat.Options{AppID: appID, AppSecret: secret, BaseURL: server.URL, OnlyFake: true, Timeout: 2 * time.Second})
	h.must(err)
	h.t.Cleanup(client.Close)
	return client
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// run lets a part of the tests report to its own t.
func (h *house) run(t *testing.T, test func(h *house)) {
	t.Helper()
	before := h.t
	h.t = t
	defer func() { h.t = before }()
	test(h)
}

// column gives the one column a query selects.
func (h *house) column(query string, args ...any) (values []string) {
	h.t.Helper()
	rows, err := h.raw.Query(query, args...)
	h.must(err)
	defer rows.Close()
	for rows.Next() {
		var value string
		h.must(rows.Scan(&value))
		values = append(values, value)
	}
	h.must(rows.Err())
	return values
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	_, err := h.raw.Exec(query, args...)
	h.must(err)
}

// traces is the number of rows and the content of every table, summed up; all but the record of what was tried.
func (h *house) traces() string {
	h.t.Helper()
	return strings.Join(h.column(h.sums), "\n")
}

// person is a resident with a device that is signed in, or a member of staff.
type person struct {
	h      *house
	openID string
	id     string
	token  string
	staff  *staffKit // nil for residents
}

// person signs somebody new in.
func (h *house) person() *person {
	h.t.Helper()
	p := &person{h: h, openID: fmt.Sprintf("openid-%d", h.people.Add(1))}
	p.signIn()
	return p
}

func (p *person) signIn() {
	p.h.t.Helper()
	var out struct {
		Token    string `json:"token"`
		Resident string `json:"resident_id"`
	}
	code := p.h.wechat.IssueLoginCode(p.openID)
	p.h.ask("POST", "/api/v1/sessions", body(`{"code":%q,"device":"测试手机"}`, code)).is(201).read(&out)
	p.id, p.token = out.Resident, out.Token
}

// keeper is a keeper of the world's one site.
func (h *house) keeper() *person {
	h.t.Helper()
	return h.staff(model.RoleKeeper, "site", h.world.Site.ID)
}

// guardian signs somebody new in who has agreed to everything.
func (h *house) guardian() *person {
	h.t.Helper()
	p := h.person()
	for _, id := range h.documents() {
		h.ask("PUT", "/api/v1/consents/"+id, as(p)).is(204)
	}
	return p
}

func (h *house) documents() []string {
	h.t.Helper()
	var out struct{ Items []struct{ ID string } }
	h.ask("GET", "/api/v1/documents").is(200).read(&out)
	var ids []string
	for _, d := range out.Items {
		ids = append(ids, d.ID)
	}
	return ids
}

// child adds a child who is so many months old today.
func (p *person) child(months int) string {
	p.h.t.Helper()
	var out struct{ ID string }
	p.h.ask("POST", "/api/v1/children", as(p), body(`{"name":"示例宝宝%d","birth_date":%q}`, p.h.people.Add(1), p.h.bornBefore(months))).
		is(201).read(&out)
	return out.ID
}

// bornBefore is the first of the month so many months ago, or of the one before on the first days of a month.
func (h *house) bornBefore(months int) string {
	today := h.world.Day(0)
	return model.DateOf(time.Date(today.Year, today.Month-time.Month(months), 1, 0, 0, 0, 0, time.UTC)).String()
}

// family is a guardian with a child of eighteen months.
func (h *house) family() (*person, string) {
	h.t.Helper()
	p := h.guardian()
	return p, p.child(18)
}

// book books and gives the booking's id.
func (p *person) book(slot, child string) string {
	p.h.t.Helper()
	var out struct{ ID string }
	p.h.ask("POST", "/api/v1/slots/"+slot+"/bookings", as(p), p.h.key(), body(`{"child_id":%q}`, child)).is(201).read(&out)
	return out.ID
}

// key is a fresh idempotency key.
func (h *house) key() with {
	return header("Idempotency-Key", fmt.Sprintf("test-key-%06d", h.people.Add(1)))
}

// startingIn makes a slot begin so much from now, its booking ending at the cut-off before that.
func (h *house) startingIn(wait, cutoff time.Duration) func(*model.Slot) {
	return func(s *model.Slot) {
		s.StartAt = h.clock.Now().Add(wait)
		s.EndAt, s.CutoffAt = s.StartAt.Add(time.Hour), s.StartAt.Add(-cutoff)
		s.Date = model.DateOf(s.StartAt.In(h.world.Zone))
		s.ReleaseAt = s.CutoffAt.Add(-14 * 24 * time.Hour)
	}
}

// hoursLater makes a slot begin and end so many hours later on its day.
func hoursLater(n int) func(*model.Slot) {
	later := time.Duration(n) * time.Hour
	return func(s *model.Slot) { s.StartAt, s.EndAt = s.StartAt.Add(later), s.EndAt.Add(later) }
}

var errFailing = errors.New("it fails")

func readAll(r io.Reader) string {
	text, err := io.ReadAll(r)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
