package account_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/adapter/redis"
	"jiamenkou/adapter/redis/redistest"
	"jiamenkou/adapter/seal/sealtest"
	"jiamenkou/adapter/wechat"
	"jiamenkou/adapter/wechat/fake"
	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/account"
	"jiamenkou/service/booking"
)

// house is the account service with everything real behind it; only WeChat and the clock are stand-ins.
type house struct {
	*account.Service
	booking *booking.Service
	world   *modeltest.World
	db      *modeltest.Database
	wechat  *fake.Server
	clock   *clock

	t      *testing.T
	people atomic.Int64
}

// clock stands still until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

// onBoth runs a test in a house of production, MariaDB and redis-server, and in the embedded one.
func onBoth(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	t.Run("mariadb and redis", func(t *testing.T) { test(t, newHouse(t, modeltest.EmptyMariaDB(t), realRedis(t))) })
	t.Run("embedded", func(t *testing.T) {
		test(t, newHouse(t, modeltest.EmptySQLite(t), redis.Options{Mode: redis.Embedded, Prefix: "test:"}))
	})
}

func realRedis(t *testing.T) redis.Options {
	t.Helper()
	addr, prefix := redistest.Shared(t)
	return redis.Options{Mode: redis.Single, Addrs: []string{addr}, Prefix: prefix + rand.Text() + ":"} // -count repeats names
}

const maxChildren = 6

func newHouse(t *testing.T, db *modeltest.Database, where redis.Options) *house {
	t.Helper()
	clock := &clock{at: modeltest.Now()}
	store := db.Found(t, clock.now().Add(-24*time.Hour))
	h := &house{db: db, clock: clock, t: t, world: modeltest.NewWorld(t, store, sealtest.NewBox(t))}
	client, err := redis.Open(context.Background(), where)
	h.must(err)
	t.Cleanup(func() { _ = client.Close() })
	h.booking = &booking.Service{
		Store: store, Box: h.world.Box, Now: clock.now, Zone: h.world.Zone, Log: slog.New(slog.DiscardHandler),
		Limits: booking.Limits{LiveBookings: 20, KeepAnswers: 24 * time.Hour, SlotsAhead: 14},
	}
	h.Service = &account.Service{
		Store: store, Box: h.world.Box, WeChat: h.startWeChat(), Bookings: h.booking,
		Now: clock.now, Zone: h.world.Zone, Log: slog.New(slog.DiscardHandler), MaxChildren: maxChildren, MaxPickupPersons: 3,
	}
	h.useRedis(client)
	return h
}

// gate is put together as the program does.
type gate struct {
	*redis.Gate
	*redis.Limiter
}

func (h *house) useRedis(client *redis.Client) {
	many, few := redis.Rate{Count: 1000, Per: time.Second, Burst: 1000}, redis.Rate{Count: 1, Per: time.Hour, Burst: 2}
	limiter, err := redis.NewLimiter(client, map[string]redis.Rate{"login": many, "read": many, "read/ip": many, "few": few, "few/ip": few})
	h.must(err)
	sessions := redis.NewSessions(client, 7*24*time.Hour, 30*24*time.Hour, h.clock.now)
	sessions.Max = 100
	h.Sessions, h.Gate = sessions, gate{redis.NewGate(sessions, limiter), limiter}
}

func (h *house) startWeChat() *wechat.Client {
	h.wechat = fake.New(fake.Options{AppID: "wx-test", AppSecret: "test-secret", Now: h.clock.now})
	server := httptest.NewServer(h.wechat)
	client, err := wechat.New(wechat.Options{
		AppID: "wx-test", AppSecret: "test-secret", BaseURL: server.URL, OnlyFake: true,
		Timeout: 2 * time.Second, Logger: slog.New(slog.DiscardHandler), Now: h.clock.now,
	})
	h.must(err)
	h.t.Cleanup(func() { client.Close(); h.wechat.Close(); server.Close() })
	return client
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) want(err, want error) {
	h.t.Helper()
	if (err == nil) != (want == nil) || !errors.Is(err, want) {
		h.t.Errorf("got %v, want %v", err, want)
	}
}

// signIn signs a person in and gives the token and the account.
func (h *house) signIn(openID string) (token, resident string) {
	h.t.Helper()
	token, who, err := h.SignIn(context.Background(), h.wechat.IssueLoginCode(openID), "示例手机")
	h.must(err)
	return token, who.ID
}

// guardian signs a new person in who agrees to everything.
func (h *house) guardian() (token, resident string) {
	h.t.Helper()
	token, resident = h.signIn(fmt.Sprintf("oPerson%d", h.people.Add(1)))
	h.agreeToAll(resident)
	return token, resident
}

func (h *house) agreeToAll(resident string) {
	h.t.Helper()
	documents, err := h.Documents(context.Background())
	h.must(err)
	for _, d := range documents {
		h.must(h.Agree(context.Background(), resident, d.ID))
	}
}

// form states a child of so many months.
func (h *house) form(name string, months int) account.ChildForm {
	today := h.world.Day(0)
	birth := model.DateOf(time.Date(today.Year, today.Month-time.Month(months), 1, 0, 0, 0, 0, time.UTC))
	return account.ChildForm{Name: name, BirthDate: birth, Gender: model.GenderUnstated}
}

func (h *house) addChild(resident, name string) account.Child {
	h.t.Helper()
	child, err := h.AddChild(context.Background(), resident, h.form(name, 18))
	h.must(err)
	return child
}

func (h *house) book(resident, child string, ahead int) model.Booking {
	h.t.Helper()
	slot := h.world.AddSlot(ahead, 5)
	b, err := h.booking.Book(context.Background(), resident, "book-"+slot.ID, booking.Wish{SlotID: slot.ID, ChildID: child})
	h.must(err)
	return b
}

// publish puts a second version of a document in force.
func (h *house) publish(code string, at time.Time) {
	h.t.Helper()
	h.db.Exec(h.t, `INSERT INTO documents (id, code, version, title, body, needed_for, published_at)
		SELECT ?, code, version + 1, title, body, needed_for, ? FROM documents WHERE code = ? AND version = 1`,
		h.Store.NewID(), modeltest.Instant(at), code)
}
