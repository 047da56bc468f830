package staff_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/adapter/redis"
	"jiamenkou/adapter/redis/redistest"
	"jiamenkou/adapter/seal/sealtest"
	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/staff"
	"jiamenkou/service/staff/stafftest"
)

const password = "grauer kiesel im bach"

// house is the service with everything real behind it but the clock.
type house struct {
	*staff.Service
	t      *testing.T
	world  *modeltest.World
	people atomic.Int64

	mu sync.Mutex
	at time.Time
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// onBoth runs a test in a house of production, MariaDB and redis-server, and in the embedded one.
func onBoth(t *testing.T, test func(h *house)) {
	t.Helper()
	t.Run("mariadb and redis", func(t *testing.T) { test(realHouse(t)) })
	t.Run("embedded", func(t *testing.T) {
		test(newHouse(t, modeltest.EmptySQLite(t), redis.Options{Mode: redis.Embedded, Prefix: "test:"}))
	})
}

func realHouse(t *testing.T) *house {
	t.Helper()
	addr, prefix := redistest.Shared(t)
	return newHouse(t, modeltest.EmptyMariaDB(t), redis.Options{Mode: redis.Single, Addrs: []string{addr}, Prefix: prefix + rand.Text() + ":"})
}

type gate struct {
	*redis.Gate
	*redis.Limiter
}

func newHouse(t *testing.T, db *modeltest.Database, where redis.Options) *house {
	t.Helper()
	h := &house{t: t, at: modeltest.Now()}
	box := sealtest.NewBox(t)
	store := db.Found(t, h.now().Add(-24*time.Hour))
	h.world = modeltest.NewWorld(t, store, box)
	client, err := redis.Open(context.Background(), where)
	h.must(err)
	t.Cleanup(func() { _ = client.Close() })
	limiter, err := redis.NewLimiter(client, map[string]redis.Rate{"read": {Count: 1e6, Per: time.Second, Burst: 1e6}})
	h.must(err)
	sessions := redis.NewSessions(client, 30*time.Minute, 12*time.Hour, h.now)
	sessions.Max = 100
	keys, err := staff.NewPasskeys("http://localhost:8080")
	h.must(err)
	h.Service = &staff.Service{
		Store: store, Box: box, Sessions: sessions, Gate: gate{redis.NewGate(sessions, limiter), limiter}, Tickets: redis.NewOnce(client),
		Hasher: staff.NewHasher(staff.Cost{Memory: 64, Passes: 1, Lanes: 1}, 8), Passkeys: keys, Now: h.now, Log: slog.New(slog.DiscardHandler),
		Rules: staff.Rules{
			InvitationLife: time.Hour, TicketLife: 5 * time.Minute, ResetLife: time.Hour, Password: model.PasswordRules{MinLength: 12, Kinds: 1},
			Account: model.Lock{After: 5, First: 5 * time.Minute, Most: 15 * time.Minute, Window: 24 * time.Hour},
			Address: model.Lock{After: 30, First: 15 * time.Minute, Most: time.Hour, Window: time.Hour},
		},
	}
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// member is somebody with what they sign in with.
type member struct{ id, login, secret string }

func (h *house) duty(m member) model.OnDuty {
	h.t.Helper()
	grants, err := h.Store.ListGrants(context.Background(), m.id)
	h.must(err)
	return model.OnDuty{StaffID: m.id, Grants: grants}
}

func (h *house) hire(role model.Role) member {
	h.t.Helper()
	ctx := context.Background()
	who, issued, err := h.Invite(ctx, staff.Operator, "示例工作人员", model.Grant{Role: role, Scope: model.ScopeDistrict})
	h.must(err)
	o, err := h.OpenInvitation(ctx, issued.Code)
	h.must(err)
	m := member{who.ID, fmt.Sprintf("muster%d", h.people.Add(1)), o.Secret}
	_, err = h.CompleteInvitation(ctx, o.Ticket, m.login, password, h.code(m), at(99))
	h.must(err)
	h.pass(30 * time.Second)
	return m
}

func (h *house) code(m member) string { return stafftest.Code(h.t, m.secret, h.now()) }

// at is a visitor at one of many addresses.
func at(i int) staff.Visitor { return staff.Visitor{Address: fmt.Sprintf("203.0.113.%d", i)} }
