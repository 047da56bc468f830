package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/staff/stafftest"
)

// clerk is a member of staff at a browser, who does one thing after the other and notes what was answered.
type clerk struct {
	name    string
	id      string
	cookie  string
	slots   []string // that change, everybody's
	closing []string // that are closed one by one, this clerk's alone
	number  int
	told    map[string]int // status by request id
}

// send sends one request to the console's API. An error means that nobody knows what became of it.
func (c *clerk) send(base, method, path, key string, body, into any) (status int, request string, err error) {
	text, err := json.Marshal(body)
	if err != nil {
		return 0, "", err
	}
	r, err := http.NewRequest(method, base+"/console/api/v1"+path, bytes.NewReader(text))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	r.AddCookie(&http.Cookie{Name: "__Host-jmk-staff", Value: c.cookie})
	answer, err := client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	for _, one := range answer.Cookies() {
		c.cookie = one.Value
	}
	if into != nil {
		err = json.NewDecoder(answer.Body).Decode(into)
	}
	return answer.StatusCode, answer.Header.Get("X-Request-Id"), err
}

// must is send for what has to go well.
func (c *clerk) must(t *testing.T, base, method, path string, body, into any) {
	t.Helper()
	if status, request, err := c.send(base, method, path, "one-of-"+c.name, body, into); err != nil || status >= 300 {
		t.Fatalf("%s %s: %d, %v, request %s", method, path, status, err, request)
	}
}

// newClerk hires somebody who may do everything in the district, and signs them in.
func newClerk(t *testing.T, p *program, number int) *clerk {
	t.Helper()
	c := &clerk{name: fmt.Sprintf("示例职员%d", number), number: number, told: map[string]int{}}
	code := p.hire(c.name, "--role", "administrator")
	var opened struct {
		Ticket string
		TOTP   struct{ Secret string }
	}
	c.must(t, p.base, "POST", "/invitations/opening", map[string]string{"code": code}, &opened)
	c.must(t, p.base, "POST", "/invitations/completion", map[string]string{
		"ticket": opened.Ticket, "login": fmt.Sprintf("clerk%d", number), "password": "kiesel im bach bei nacht",
		"code": stafftest.Code(t, opened.TOTP.Secret, time.Now()),
	}, nil)
	var me struct{ ID string }
	c.must(t, p.base, "GET", "/me", nil, &me)
	c.id = me.ID
	return c
}

// work changes something again and again until stop: the places of a session, mostly, and now and then a session is closed
// or somebody invited. What is not answered is let go.
func (c *clerk) work(to func() string, chance *rand.Rand, stop *atomic.Bool, done *atomic.Int64) {
	for n := 0; !stop.Load(); n++ {
		method, path, body := c.next(n, chance)
		status, request, err := c.send(to(), method, path, fmt.Sprintf("clerk-%d-%06d", c.number, n), body, nil)
		if request != "" && err == nil {
			c.told[request] = status
			done.Add(1)
		}
	}
}

func (c *clerk) next(n int, chance *rand.Rand) (method, path string, body any) {
	switch {
	case n%8 == 5:
		grant := map[string]string{"role": "keeper", "scope": "district"}
		return "POST", "/staff", map[string]any{"name": fmt.Sprintf("示例新人%d-%d", c.number, n), "grants": []any{grant}}
	case n%8 == 7 && len(c.closing) > 0:
		slot := c.closing[0]
		c.closing = c.closing[1:]
		return "POST", "/slots/" + slot + "/closure", map[string]string{"reason": "示例原因"}
	}
	slot := c.slots[chance.IntN(len(c.slots))] // the number of places is one that nobody else gives, so that it always changes
	return "PUT", "/slots/" + slot + "/capacity", map[string]any{"capacity": 100*(c.number+1) + n%100, "reason": "示例原因"}
}

// Two servers are killed in turn at random moments while staff change things through both. Nothing is changed of which
// there is no record, whatever was answered is in the record with its end, what nobody knows the end of says so, and at
// every moment the chain of records holds.
func TestTheTrailOutlivesKills(t *testing.T) {
	const clerks, kills = 6, 6
	s := newSite(t, "JMK_DEMO_SEED=false")
	pair := startTwo(s)
	store, raw := s.store(), s.raw()
	w := newWorld(t, store, nil)
	shared := shortSlots(w, 12, 3)
	var all []*clerk
	for i := range clerks {
		c := newClerk(t, pair[0], i)
		c.slots = shared
		for range 60 {
			c.closing = append(c.closing, w.AddSlot(5, 3).ID)
		}
		all = append(all, c)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, clerks))
	var stop atomic.Bool
	var done, turn atomic.Int64
	var working sync.WaitGroup
	to := func() string { return pair[turn.Add(1)%2].base }
	for i, c := range all {
		working.Go(func() { c.work(to, rand.New(rand.NewPCG(seed, uint64(i))), &stop, &done) })
	}
	t.Cleanup(func() { stop.Store(true); working.Wait() })
	for n := range kills {
		awaitMore(t, &done, 40)
		wait := time.Duration(chance.Int64N(int64(time.Second)))
		if n%2 == 1 { // about when it links
			wait += linkEvery - time.Second/2
		}
		time.Sleep(wait)
		p := pair[n/2%2]
		p.kill()
		s.chainHolds()
		p.start()
		p.awaitReady()
	}
	awaitMore(t, &done, 40)
	stop.Store(true)
	working.Wait()
	for _, p := range pair { // whatever is still under way ends, or does not
		p.kill()
		p.start()
		p.awaitReady()
	}
	eventually(t, raw, "some records never got their place", "SELECT COUNT(*) FROM trail_records WHERE seq IS NULL", func(n int) bool { return n == 0 })
	if said := s.chainHolds(); !strings.Contains(said, " 0 waiting for their place") {
		t.Error(said)
	}
	if n := raw.Count(t, "SELECT COALESCE(MAX(seq), 0) - COUNT(*) FROM trail_records"); n != 0 {
		t.Errorf("%d numbers of the chain are given to nothing", n)
	}
	for _, c := range all {
		c.check(t, s)
	}
	if n := raw.Count(t, "SELECT COUNT(*) FROM staff WHERE id NOT IN (SELECT subject_id FROM events WHERE subject = 'staff')"); n != 0 {
		t.Errorf("%d members of the staff came without an event", n)
	}
	checkUnknown(t, all[0], pair[1].base, raw)
	s.sound(store)
}

// chainHolds verifies the chain as an operator does, beside the servers.
func (s *site) chainHolds() (said string) {
	s.t.Helper()
	said = s.run("audit", "verify") // fails the test unless it ends well
	if !strings.HasPrefix(said, "the chain holds: ") {
		s.t.Errorf("verify says %q", said)
	}
	return said
}

// deed is something a clerk began, as the trail has it, and the events that fell between its beginning and the next one's.
type deed struct {
	request, operation, subject string
	at                          time.Time
	ended                       bool
	status                      int
	code                        string
	done                        []model.Event
}

// changes are what an operation's events are about, and whether these name what the address of the operation names.
var changes = map[string]struct {
	subject string
	named   bool
}{
	"put-console-slots-id-capacity": {"slot_capacity", true},
	"post-console-slots-id-closure": {"plan_exception", false},
	"post-console-staff":            {"staff", false},
}

// check holds what the house says that a clerk has changed, event by event, against the trail. A clerk does one thing after
// the other, so that each event belongs to what was begun last before it; but for a session that was to be closed, which
// another server may have done later, after a kill.
func (c *clerk) check(t *testing.T, s *site) {
	t.Helper()
	deeds := c.deeds(t, s)
	for _, e := range c.events(t, s) {
		d := begunBefore(deeds, e)
		if d == nil {
			t.Errorf("%s: nothing was begun before %+v", c.name, e)
			continue
		}
		if e.Subject == "slot" {
			continue
		}
		d.done = append(d.done, e)
		kind := changes[d.operation]
		if e.Subject != kind.subject || kind.named && e.SubjectID != d.subject {
			t.Errorf("%s: %+v, while what was begun is %s of %s", c.name, e, d.operation, d.subject)
		}
	}
	recorded := map[string]deed{}
	for _, d := range deeds {
		recorded[d.request] = d
		_, changing := changes[d.operation]
		switch {
		case !changing:
		case d.ended && d.code == "" && len(d.done) != 1, d.code != "" && len(d.done) != 0, !d.ended && len(d.done) > 1:
			t.Errorf("%s: the trail has %s %s ended %t, %q; done is %+v", c.name, d.operation, d.request, d.ended, d.code, d.done)
		}
	}
	for request, status := range c.told {
		if d, is := recorded[request]; !is && status < 500 || is && (!d.ended || d.status != status) {
			t.Errorf("%s was answered %d to %s; the trail has %+v", c.name, status, request, d)
		}
	}
}

// begunBefore gives what was begun last before an event; to close a session, before it was closed.
func begunBefore(deeds []deed, e model.Event) *deed {
	for i := len(deeds) - 1; i >= 0; i-- {
		d := &deeds[i]
		if !d.at.After(e.CreatedAt) && (e.Subject != "slot" || d.operation == "post-console-slots-id-closure" && d.subject == e.SubjectID) {
			return d
		}
	}
	return nil
}

// deeds are what a clerk began while signed in, in order.
func (c *clerk) deeds(t *testing.T, s *site) (list []deed) {
	t.Helper()
	rows, err := s.raw().SQL.Query(`SELECT b.request_id, b.operation, b.subject_id, b.happened_at, e.id IS NOT NULL, COALESCE(e.status, 0), COALESCE(e.code, '')
		FROM trail_records b LEFT JOIN trail_records e ON e.request_id = b.request_id AND e.part = 'ended'
		WHERE b.part = 'begun' AND b.staff_id = ? ORDER BY b.happened_at, b.id`, c.id)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var d deed
		if err := rows.Scan(&d.request, &d.operation, &d.subject, &d.at, &d.ended, &d.status, &d.code); err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	if err := rows.Err(); err != nil || len(list) < 20 {
		t.Fatalf("%s began %d things, %v", c.name, len(list), err)
	}
	return list
}

// events are what the house says that a clerk has changed.
func (c *clerk) events(t *testing.T, s *site) (list []model.Event) {
	t.Helper()
	rows, err := s.raw().SQL.Query(`SELECT subject, subject_id, created_at FROM events WHERE actor = 'staff' AND actor_id = ? AND subject_id <> ?`, c.id, c.id)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var e model.Event
		if err := rows.Scan(&e.Subject, &e.SubjectID, &e.CreatedAt); err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	if err := rows.Err(); err != nil || len(list) < 20 {
		t.Fatalf("%s changed %d things, %v", c.name, len(list), err)
	}
	return list
}

// checkUnknown asks the console what has no end: at first that is under way, and once no request can take as long, its
// outcome is unknown.
func checkUnknown(t *testing.T, auditor *clerk, base string, raw *modeltest.Database) {
	t.Helper()
	open := raw.Count(t, "SELECT COUNT(*) FROM trail_records b WHERE part = 'begun' AND NOT EXISTS (SELECT 1 FROM trail_records e WHERE e.request_id = b.request_id AND e.part = 'ended')")
	if open == 0 {
		t.Error("no kill fell between a beginning and its end: the test shows nothing")
	}
	if under := auditor.count(t, base, model.TrailUnderWay) - 1; under != open { // the search itself is one
		t.Errorf("%d are under way, want %d", under, open)
	}
	raw.Exec(t, "UPDATE trail_records SET happened_at = happened_at - INTERVAL 301 SECOND") // so much time passes; the chain has been verified
	if unknown := auditor.count(t, base, model.TrailUnknown); unknown != open {
		t.Errorf("of %d the outcome is unknown, want %d", unknown, open)
	}
	t.Logf("%d without an end", open)
}

func (c *clerk) count(t *testing.T, base string, outcome model.TrailOutcome) int {
	t.Helper()
	var found struct {
		Total int
		Items []struct{ Outcome model.TrailOutcome }
	}
	c.must(t, base, "POST", "/trail/search", map[string]any{"outcome": outcome, "page_size": 100}, &found)
	for _, one := range found.Items {
		if one.Outcome != outcome {
			t.Errorf("asked for %s, got %s", outcome, one.Outcome)
		}
	}
	return found.Total
}
