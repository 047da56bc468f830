package router_test

import (
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"jiamenkou/model/modeltest"
)

// troubleScenarios are about what is not the caller's fault.
var troubleScenarios = []scenario{
	{"the database goes and comes back", func(h *house) {
		var way *gateway
		apart(h, func(h *house) { databaseGoes(h, way) }, func(p *plan) {
			p.dsn = func(server *modeltest.Server, database string) string {
				way = openGateway(h, server.Addr())
				return server.DSNThrough(way.addr(), database)
			}
		})
	}},
	{"something takes too long", func(h *house) {
		apart(h, tooSlow, func(p *plan) { p.requestTimeout = 1500 * time.Millisecond })
	}},
	{"something nobody thought of", func(h *house) {
		apart(h, func(h *house) {
			p, child := h.family()
			slot := h.world.AddSlot(3, 5)
			h.exec("RENAME TABLE marks TO marks_hidden")
			before := h.column("SELECT COUNT(*) FROM bookings")
			h.ask("POST", "/api/v1/slots/"+slot.ID+"/bookings", as(p), h.key(), body(`{"child_id":%q}`, child)).says(500, "internal_error")
			if after := h.column("SELECT COUNT(*) FROM bookings"); after[0] != before[0] {
				h.t.Error("half a booking")
			}
		})
	}},
	{"a panic", func(h *house) {
		apart(h, func(h *house) {
			h.ask("GET", "/api/docs/").says(500, "internal_error")
			h.ask("GET", "/livez").is(200)
		}, func(p *plan) {
			p.docs = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("on purpose") })
		})
	}},
}

func databaseGoes(h *house, way *gateway) {
	p, child := h.family()
	slot := h.world.AddSlot(3, 5)
	key, wish := h.key(), body(`{"child_id":%q}`, child)
	way.close()
	for _, try := range []struct {
		method, path string
		more         []with
	}{
		{"GET", "/api/v1/me", []with{as(p)}},
		{"GET", "/api/v1/slots/" + slot.ID, nil},
		{"POST", "/api/v1/slots/" + slot.ID + "/bookings", []with{as(p), key, wish}},
		{"PATCH", "/api/v1/me", []with{as(p), body(`{}`)}},
		{"POST", "/api/v1/sessions", []with{body(`{"code":%q}`, h.wechat.IssueLoginCode(p.openID))}},
	} {
		if wait := h.refuses(503, "database_unavailable", try.method, try.path, try.more...).header.Get("Retry-After"); wait == "" {
			h.t.Error("no Retry-After")
		}
	}
	way.open()
	h.ask("POST", "/api/v1/slots/"+slot.ID+"/bookings", as(p), key, wish).is(201)
	h.world.Sound()
}

func tooSlow(h *house) {
	p, child := h.family()
	slot := h.world.AddSlot(3, 5)
	key, wish := h.key(), body(`{"child_id":%q}`, child)
	held, err := h.raw.Begin()
	h.must(err)
	_, err = held.Exec("SELECT id FROM slots WHERE id = ? FOR UPDATE", slot.ID)
	h.must(err)
	before := h.column("SELECT COUNT(*) FROM bookings UNION ALL SELECT COUNT(*) FROM idempotent_answers")
	a := h.ask("POST", "/api/v1/slots/"+slot.ID+"/bookings", as(p), key, wish).says(503, "request_timeout")
	if a.header.Get("Retry-After") == "" {
		h.t.Error("no Retry-After")
	}
	h.must(held.Rollback())
	after := h.column("SELECT COUNT(*) FROM bookings UNION ALL SELECT COUNT(*) FROM idempotent_answers")
	if before[0] != after[0] || before[1] != after[1] {
		h.t.Errorf("half a booking: %v, then %v", before, after)
	}
	h.ask("POST", "/api/v1/slots/"+slot.ID+"/bookings", as(p), key, wish).is(201)
	h.world.Sound()
}

// gateway is the way to the database; closed, it cuts what is under way and lets nobody in.
type gateway struct {
	h      *house
	listen net.Listener
	to     string

	mu    sync.Mutex
	shut  bool
	conns []net.Conn
}

func openGateway(h *house, to string) *gateway {
	h.t.Helper()
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	h.must(err)
	g := &gateway{h: h, listen: listen, to: to}
	h.t.Cleanup(func() { g.close(); _ = listen.Close() })
	go g.serve()
	return g
}

func (g *gateway) addr() string { return g.listen.Addr().String() }

func (g *gateway) serve() {
	for {
		in, err := g.listen.Accept()
		if err != nil {
			return
		}
		if out := g.admit(in); out != nil {
			go pour(in, out)
			go pour(out, in)
		}
	}
}

func (g *gateway) admit(in net.Conn) net.Conn {
	g.mu.Lock()
	defer g.mu.Unlock()
	out, err := net.Dial("tcp", g.to)
	if err != nil || g.shut {
		_ = in.Close()
		return nil
	}
	g.conns = append(g.conns, in, out)
	return out
}

func pour(from, to net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
}

func (g *gateway) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = true
	for _, conn := range g.conns {
		_ = conn.Close()
	}
	g.conns = nil
}

func (g *gateway) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = false
}
