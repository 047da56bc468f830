package main

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
)

// startTwo starts two servers of one site at the same moment and returns when both are ready.
func startTwo(s *site) [2]*program {
	s.t.Helper()
	if _, err := built(); err != nil {
		s.t.Fatal(err)
	}
	pair := [2]*program{s.newProgram(), s.newProgram()}
	for _, p := range pair {
		p.start()
	}
	for _, p := range pair {
		p.awaitReady()
	}
	return pair
}

// Two servers meet an empty database at the same moment: it is migrated once and filled once.
func TestTwoServersStartOnAnEmptyDatabase(t *testing.T) {
	s := newSite(t)
	pair := startTwo(s)
	store := s.store()
	steps, err := store.MigrationStatus(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		taken := 0
		for _, p := range pair {
			taken += strings.Count(p.log.String(), `"msg":"migrated","step":"`+step.Name+`"`)
		}
		if !step.Applied || taken != 1 {
			t.Errorf("%s: applied %t, taken %d times", step.Name, step.Applied, taken)
		}
	}
	sites, err := store.ListSites(context.Background())
	if err != nil || len(sites) != 9 {
		t.Errorf("%d demo sites, %v; want nine", len(sites), err)
	}
	var slots, different int
	query(t, s, "SELECT COUNT(*), COUNT(DISTINCT site_id, service_id, start_at) FROM slots", &slots, &different)
	if slots == 0 || slots != different {
		t.Errorf("%d slots, %d of them different", slots, different)
	}
	s.sound(store)
}

func query(t *testing.T, s *site, text string, into ...any) {
	t.Helper()
	db, err := sql.Open("mysql", s.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(text).Scan(into...); err != nil {
		t.Fatal(err)
	}
}

// Two servers are one to the residents: sessions, places and requests hold across both.
func TestTwoServersAreOne(t *testing.T) {
	s := newSite(t, "JMK_DEMO_SEED=false")
	pair := startTwo(s)
	store := s.store()
	w := newWorld(t, store, nil)
	parents := make([]*parent, 32)
	for i := range parents {
		parents[i] = join(t, pair[i%2].base, fmt.Sprintf("one%02d", i))
	}
	t.Run("sessions", func(t *testing.T) {
		q := parents[0]
		wantReply(t, q, pair[1], "GET", "/me", http.StatusOK, "")
		wantReply(t, q, pair[1], "DELETE", "/sessions/current", http.StatusNoContent, "")
		wantReply(t, q, pair[0], "GET", "/me", http.StatusUnauthorized, "session_ended")
		if r, err := q.signIn(pair[1].base); err != nil || r.status != http.StatusCreated {
			t.Fatalf("signing in again: %v, %v", r, err)
		}
		wantReply(t, q, pair[0], "GET", "/me", http.StatusOK, "")
	})
	t.Run("rush", func(t *testing.T) {
		const capacity = 10
		slot := w.AddSlot(4, capacity).ID
		var told replies
		modeltest.Together(len(parents)*2, func(i int) { // everyone at both servers, with two keys
			told.add(parents[i/2].book(pair[i%2].base, fmt.Sprintf("rush-%04d", i), slot))
		})
		told.only(t, "201 ", "409 slot_full", "409 already_booked")
		if now, err := store.FindSlot(context.Background(), slot); err != nil || now.Booked != capacity || told.counted["201 "] != capacity {
			t.Errorf("%d places taken, %d told so, %v; want %d", now.Booked, told.counted["201 "], err, capacity)
		}
	})
	t.Run("same key", func(t *testing.T) {
		slot := w.AddSlot(5, len(parents)).ID
		for i, q := range parents[:8] {
			key := fmt.Sprintf("same-%04d", i)
			var told replies
			modeltest.Together(8, func(i int) { told.add(q.book(pair[i%2].base, key, slot)) })
			told.only(t, "201 ", "409 idempotency_in_progress")
			if ids := told.ids(); len(ids) != 1 {
				t.Errorf("one request gave bookings %v", ids)
			}
		}
		if now, err := store.FindSlot(context.Background(), slot); err != nil || now.Booked != 8 {
			t.Errorf("%d places taken, %v; want 8", now.Booked, err)
		}
	})
	s.sound(store)
}

func wantReply(t *testing.T, q *parent, at *program, method, path string, status int, code string) {
	t.Helper()
	if r, err := q.call(at.base, method, path, "", nil); err != nil || r.status != status || r.Code != code {
		t.Errorf("%s %s: %v, %v; want %d %s", method, path, r, err, status, code)
	}
}

// replies counts answers by status and code.
type replies struct {
	mu       sync.Mutex
	counted  map[string]int
	bookings map[string]bool
}

func (c *replies) add(r reply, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counted == nil {
		c.counted, c.bookings = map[string]int{}, map[string]bool{}
	}
	if err != nil {
		c.counted["error: "+err.Error()]++
		return
	}
	c.counted[r.String()]++
	if r.status == http.StatusCreated {
		c.bookings[r.ID] = true
	}
}

// only fails the test when there was any other answer.
func (c *replies) only(t *testing.T, allowed ...string) {
	t.Helper()
	for told, n := range c.counted {
		if !strings.Contains("\n"+strings.Join(allowed, "\n")+"\n", "\n"+told+"\n") {
			t.Errorf("told %d times: %s", n, told)
		}
	}
}

func (c *replies) ids() (all []string) {
	for id := range c.bookings {
		all = append(all, id)
	}
	return all
}

// One of two servers is killed under load: the parents go on with the other, and nothing is lost or done twice.
func TestOneOfTwoServersIsKilled(t *testing.T) {
	s := newSite(t, "JMK_DEMO_SEED=false")
	pair := startTwo(s)
	store := s.store()
	slots := shortSlots(newWorld(t, store, nil), 12, 3)
	var alone atomic.Bool // only the second server is left
	var turn atomic.Int64
	to := func() string {
		if alone.Load() {
			return pair[1].base
		}
		return pair[turn.Add(1)%2].base
	}
	diaries, done, stop := keepDiaries(t, pair[0], 8, to, slots)
	awaitMore(t, done, 60)
	pair[0].kill()
	awaitMore(t, done, 30) // every other try finds nobody
	alone.Store(true)
	awaitMore(t, done, 60)
	stop()
	checkDiaries(t, pair[1].base, store, diaries)
	s.sound(store)
}

// A server that is told to stop finishes the request under way, takes no new ones, and ends in order.
func TestGracefulStop(t *testing.T) {
	s := newSite(t, "JMK_DEMO_SEED=false")
	p := s.newProgram()
	p.start()
	p.awaitReady()
	store := s.store()
	slot := newWorld(t, store, nil).AddSlot(3, 2).ID
	q := join(t, p.base, "last")
	letGo := s.lockSlot(slot)
	var told replies
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		told.add(q.book(p.base, "the-last-one", slot))
	}()
	s.awaitStatement("UPDATE `slots`%")
	if err := p.process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.awaitRefusal()
	select {
	case <-answered:
		t.Errorf("the request ended before it could: %v", told.counted)
	default:
	}
	letGo()
	<-answered
	told.only(t, "201 ")
	select {
	case err := <-p.ended:
		p.process = nil
		if err != nil {
			t.Errorf("the server ended with %v", err)
		}
	case <-time.After(patience):
		t.Errorf("the server still runs")
	}
	if now, err := store.FindSlot(context.Background(), slot); err != nil || now.Booked != 1 {
		t.Errorf("%d places taken, %v", now.Booked, err)
	}
	s.sound(store)
}

// lockSlot holds a slot's row until it is let go.
func (s *site) lockSlot(slot string) (letGo func()) {
	s.t.Helper()
	db, err := sql.Open("mysql", s.dsn)
	if err != nil {
		s.t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := tx.Exec("SELECT id FROM slots WHERE id = ? FOR UPDATE", slot); err != nil {
		s.t.Fatal(err)
	}
	letGo = sync.OnceFunc(func() {
		_ = tx.Rollback()
		db.Close()
	})
	s.t.Cleanup(letGo)
	return letGo
}

// awaitStatement returns while somebody is at a statement like the pattern.
func (s *site) awaitStatement(pattern string) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		var running int
		query(s.t, s, "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE '"+pattern+"'", &running)
		if running > 0 {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("nobody is at %s", pattern)
		}
	}
}

// awaitRefusal returns when the server takes no new connections.
func (p *program) awaitRefusal() {
	p.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		conn, err := net.Dial("tcp", p.addr)
		if err != nil {
			return
		}
		conn.Close()
		if time.Now().After(deadline) {
			p.t.Fatal("the server still takes connections")
		}
	}
}

// Redis goes away and comes back empty: meanwhile everyone is told so at once and nothing is done, and within a second
// of its return people sign in and book.
func TestRedisDown(t *testing.T) {
	s := newSite(t, "JMK_DEMO_SEED=false")
	p := s.newProgram()
	p.start()
	p.awaitReady()
	store := s.store()
	slot := newWorld(t, store, nil).AddSlot(3, 8).ID
	q := join(t, p.base, "patient")
	s.redis.Stop()
	for i := range 8 {
		begun := time.Now()
		r, err := q.book(p.base, fmt.Sprintf("while-down-%d", i), slot)
		if err != nil || r.status != http.StatusServiceUnavailable || r.Code != "session_store_unavailable" || r.header.Get("Retry-After") == "" {
			t.Fatalf("booking without Redis: %v, %v, Retry-After %q", r, err, r.header.Get("Retry-After"))
		}
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("it took %s to say so", took)
		}
	}
	if r, err := (&parent{name: "newcomer"}).signIn(p.base); err != nil || r.status != http.StatusServiceUnavailable {
		t.Errorf("signing in without Redis: %v, %v", r, err)
	}
	nothingHappened(t, s, store, slot)
	s.redis.Restart()
	q.token = backWithinASecond(t, q, p.base)
	if r, err := q.book(p.base, "while-down-0", slot); err != nil || r.status != http.StatusCreated {
		t.Errorf("booking with Redis back: %v, %v", r, err)
	}
	p.awaitReady()
	s.sound(store)
}

func nothingHappened(t *testing.T, s *site, store *model.Store, slot string) {
	t.Helper()
	now, err := store.FindSlot(context.Background(), slot)
	var bookings, answers int
	query(t, s, "SELECT (SELECT COUNT(*) FROM bookings), (SELECT COUNT(*) FROM idempotent_answers)", &bookings, &answers)
	if err != nil || now.Booked != 0 || bookings != 0 || answers != 0 {
		t.Errorf("%d places taken, %d bookings, %d stored answers, %v; want none", now.Booked, bookings, answers, err)
	}
}

func backWithinASecond(t *testing.T, q *parent, base string) (token string) {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		r, err := q.signIn(base)
		if err == nil && r.status == http.StatusCreated {
			return r.Token
		}
		if time.Since(begun) > time.Second {
			t.Fatalf("a second after Redis is back: %v, %v", r, err)
		}
	}
}
