package booking_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/anishathalye/porcupine"

	"jiamenkou/model"
	"jiamenkou/model/fault"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
)

// What a client asks about a slot.
type asked struct {
	what string // book, cancel or count
	slot int
}

// outcome is what a client knows of it afterwards.
type outcome struct {
	what  string // done, full, unknown or counted
	count int    // places taken, when counted
}

// places is the house in its simplest form: a number of taken places a slot, and requests carried out one at a time.
func places(capacity int) porcupine.Model {
	simplest := porcupine.NondeterministicModel{
		Partition: bySlot,
		Init:      func() []any { return []any{0} },
		Step: func(state, input, output any) []any {
			return after(state.(int), capacity, input.(asked), output.(outcome))
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%v → %v", input, output) },
		DescribeState:     func(state any) string { return fmt.Sprintf("%v taken", state) },
	}
	return simplest.ToModel()
}

// after gives how many places may be taken after a request with this outcome; nothing when it cannot have had it.
func after(taken, capacity int, in asked, out outcome) (possible []any) {
	change, free := +1, taken < capacity
	if in.what == "cancel" {
		change, free = -1, taken > 0
	}
	switch out.what {
	case "counted":
		if taken == out.count {
			return []any{taken}
		}
	case "full":
		if taken == capacity {
			return []any{taken}
		}
	case "unknown":
		possible = append(possible, taken)
		fallthrough
	case "done":
		if free {
			possible = append(possible, taken+change)
		}
	}
	return possible
}

func bySlot(history []porcupine.Operation) (parts [][]porcupine.Operation) {
	for _, op := range history {
		slot := op.Input.(asked).slot
		for len(parts) <= slot {
			parts = append(parts, nil)
		}
		parts[slot] = append(parts[slot], op)
	}
	return parts
}

// history is written by all clients.
type history struct {
	mu    sync.Mutex
	begun time.Time
	ops   []porcupine.Operation
}

func (h *history) now() int64 { return time.Since(h.begun).Nanoseconds() }

// write notes an operation that began at call and has its outcome now. What nobody knows the outcome of may still
// happen at any later time.
func (h *history) write(client int, in asked, call int64, out outcome) {
	op := porcupine.Operation{ClientId: client, Input: in, Call: call, Output: out, Return: h.now()}
	if out.what == "unknown" {
		op.Return = math.MaxInt64
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, op)
}

// seller is whom the clients deal with.
type seller interface {
	Book(ctx context.Context, resident, key string, wish booking.Wish) (model.Booking, error)
	Cancel(ctx context.Context, resident, key, id, reason string) (model.Booking, error)
}

// client books and cancels one place after the other, and sends a request again until it is answered. While it has
// children left it sometimes goes away instead, never to know.
type client struct {
	*history
	number   int
	seller   seller
	resident string
	children []string
	slots    []model.Slot
	chance   *rand.Rand
	keys     int
	unclear  int // how often it has been told that the outcome is unknown
	held     string
	heldSlot int
}

func (c *client) run(steps int) error {
	for step := range steps {
		if err := c.step(step); err != nil {
			return fmt.Errorf("client %d: %w", c.number, err)
		}
	}
	return nil
}

// step begins with everyone at the first slot.
func (c *client) step(step int) error {
	c.keys++
	key, in := fmt.Sprintf("linear-%05d", c.keys), asked{"book", c.chance.IntN(len(c.slots))}
	if step == 0 {
		in.slot = 0
	}
	send := func() (model.Booking, error) {
		wish := booking.Wish{SlotID: c.slots[in.slot].ID, ChildID: c.children[0]}
		return c.seller.Book(context.Background(), c.resident, key, wish)
	}
	if id := c.held; id != "" {
		in = asked{"cancel", c.heldSlot}
		send = func() (model.Booking, error) { return c.seller.Cancel(context.Background(), c.resident, key, id, "") }
	}
	call := c.now()
	b, out, err := c.untilAnswered(send)
	if err != nil {
		return fmt.Errorf("%s: %w", in.what, err)
	}
	c.write(c.number, in, call, out)
	c.remember(in, b, out)
	return nil
}

func (c *client) remember(in asked, b model.Booking, out outcome) {
	c.held = ""
	switch {
	case out.what == "unknown":
		c.children = c.children[1:] // this one may or may not hold a place
	case out.what == "done" && in.what == "book":
		c.held, c.heldSlot = b.ID, in.slot
	}
}

func (c *client) untilAnswered(send func() (model.Booking, error)) (b model.Booking, out outcome, err error) {
	deadline := time.Now().Add(settleTime)
	for {
		b, err = send()
		f := fault.Of(err)
		switch {
		case err == nil:
			return b, outcome{what: "done"}, nil
		case errors.Is(err, model.ErrSlotFull):
			return b, outcome{what: "full"}, nil
		case f == nil || f.RetryAfter == 0 || time.Now().After(deadline):
			return b, out, err
		case errors.Is(err, model.ErrOutcomeUnknown):
			c.unclear++
			if len(c.children) > 1 && c.chance.IntN(4) == 0 {
				return b, outcome{what: "unknown"}, nil
			}
		}
	}
}

const (
	linearClients  = 8
	linearSlots    = 3
	linearCapacity = 2
	linearSteps    = 30
)

// record lets the clients loose on new slots and writes down what happens. Before the places are counted at the end,
// calm is called.
func record(t *testing.T, w *modeltest.World, slots []model.Slot, s seller, calm func()) (ops []porcupine.Operation, unclear int) {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	h := &history{begun: time.Now()}
	clients := make([]*client, linearClients)
	for i := range clients {
		clients[i] = &client{
			history: h, number: i, seller: s, slots: slots, chance: rand.New(rand.NewPCG(seed, uint64(i))), resident: w.AddResident(),
		}
		for range 5 {
			clients[i].children = append(clients[i].children, w.AddChild(clients[i].resident, 18))
		}
	}
	failed := make([]error, len(clients))
	modeltest.Together(len(clients), func(i int) { failed[i] = clients[i].run(linearSteps) })
	calm()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	for _, c := range clients {
		unclear += c.unclear
	}
	for i, slot := range slots {
		call := h.now()
		now, err := w.Store.FindSlot(context.Background(), slot.ID)
		if err != nil {
			t.Fatal(err)
		}
		h.write(linearClients, asked{"count", i}, call, outcome{"counted", now.Booked})
	}
	return h.ops, unclear
}

const checkTime = time.Minute

// Booking and cancelling over a line with delays, resets and cuts at COMMIT look to all clients as if one request were
// carried out after the other.
func TestHistoryIsLinearizable(t *testing.T) {
	var proxy *toxiproxy.Proxy
	f := newFar(t, func(upstream string) string {
		proxy = openToxic(t, upstream)
		return proxy.Listen
	})
	slots := shortSlots(f.world, linearSlots, linearCapacity)
	addToxic(t, proxy, `{"type": "latency", "stream": "upstream", "toxicity": 0.5, "attributes": {"latency": 1, "jitter": 2}}`)
	cuts := f.cutCommits()
	endResets := resetNowAndThen(t, proxy)
	ops, unclear := record(t, f.world, slots, f.Service, func() {
		endResets()
		f.wire.let(nil)
	})
	result, info := porcupine.CheckOperationsVerbose(places(linearCapacity), ops, checkTime)
	if result != porcupine.Ok {
		t.Errorf("linearizable: %s; %s", result, drawn(t, info))
	}
	told := map[string]int{}
	for _, op := range ops {
		told[op.Input.(asked).what+" "+op.Output.(outcome).what]++
	}
	t.Logf("%d operations: %v; %d times told that the outcome is unknown, %d COMMITs cut", len(ops), told, unclear, cuts.Load())
	for _, what := range []string{"book done", "book full", "cancel done"} {
		if told[what] == 0 {
			t.Errorf("the history has no %q", what)
		}
	}
	if told["book unknown"]+told["cancel unknown"] == 0 || cuts.Load() < 10 {
		t.Errorf("the line was too good: %d COMMITs cut, %v", cuts.Load(), told)
	}
	f.untilNobodyIsLeft(t)
	f.world.Sound()
}

// cutCommits cuts one COMMIT in five, before, after or at the moment it is sent, in turns.
func (f *far) cutCommits() *atomic.Int64 {
	var commits, cuts atomic.Int64
	f.wire.let(func(s statement) verdict {
		if !s.isCommit() || commits.Add(1)%5 != 0 {
			return pass
		}
		return []verdict{cutBefore, cutAfter, cutAtOnce}[cuts.Add(1)%3]
	})
	return &cuts
}

// untilNobodyIsLeft waits until the server has noticed every cut and undone what was open.
func (f *far) untilNobodyIsLeft(t *testing.T) {
	t.Helper()
	f.Store.Close()
	db, err := sql.Open("mysql", f.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for deadline := time.Now().Add(settleTime); ; time.Sleep(5 * time.Millisecond) {
		var open int
		err := db.QueryRow("SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND command <> 'Sleep' AND id <> CONNECTION_ID()").Scan(&open)
		if err == nil && open == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d statements still run: %v", open, err)
		}
	}
}

// drawn writes the history as a page to look at and gives its name; go test -artifacts keeps it.
func drawn(t *testing.T, info porcupine.LinearizationInfo) string {
	t.Helper()
	page := filepath.Join(t.ArtifactDir(), "history.html")
	if err := porcupine.VisualizePath(places(linearCapacity), info, page); err != nil {
		return err.Error()
	}
	return page
}

// openToxic opens a toxiproxy. Its logger is the zero one, which writes nothing; naming its type would make zerolog a
// dependency of ours.
func openToxic(t *testing.T, upstream string) *toxiproxy.Proxy {
	t.Helper()
	server := withoutLog(toxiproxy.NewServer, toxiproxy.NewMetricsContainer(nil))
	proxy := toxiproxy.NewProxy(server, "mariadb", "127.0.0.1:0", upstream)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	return proxy
}

func withoutLog[M, L any](make func(M, L) *toxiproxy.ApiServer, metrics M) *toxiproxy.ApiServer {
	var logger L
	return make(metrics, logger)
}

func addToxic(t *testing.T, proxy *toxiproxy.Proxy, toxic string) (name string) {
	t.Helper()
	added, err := proxy.Toxics.AddToxicJson(strings.NewReader(toxic))
	if err != nil {
		t.Errorf("toxic %s: %v", toxic, err)
		return ""
	}
	return added.Name
}

// resetNowAndThen resets a part of the connections again and again, until it is told to stop.
func resetNowAndThen(t *testing.T, proxy *toxiproxy.Proxy) (stop func()) {
	t.Helper()
	ctx, end := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ctx.Err() == nil; i++ {
			direction := []string{"upstream", "downstream"}[i%2]
			name := addToxic(t, proxy, `{"type": "reset_peer", "stream": "`+direction+`", "toxicity": 0.2, "attributes": {"timeout": 0}}`)
			wait(ctx, 5*time.Millisecond)
			if err := proxy.Toxics.RemoveToxic(context.Background(), name); err != nil {
				t.Error(err)
			}
			wait(ctx, 60*time.Millisecond)
		}
	}()
	return func() { end(); <-done }
}

func wait(ctx context.Context, long time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(long):
	}
}

// unguarded sells places as nobody should: it reads how many are taken and writes one more. So that this goes wrong
// every time, the first buyers read before any of them writes.
type unguarded struct {
	db    *sql.DB
	first sync.WaitGroup
	begun atomic.Int64
	sold  sync.Map // booking to slot
	ids   atomic.Int64
}

func (u *unguarded) Book(ctx context.Context, _, _ string, wish booking.Wish) (b model.Booking, err error) {
	var taken, capacity int
	if err := u.db.QueryRowContext(ctx, "SELECT booked, capacity FROM slots WHERE id = ?", wish.SlotID).Scan(&taken, &capacity); err != nil {
		return b, err
	}
	if u.begun.Add(1) <= linearClients {
		u.first.Done()
		u.first.Wait()
	}
	if taken >= capacity {
		return b, model.ErrSlotFull
	}
	b.ID = fmt.Sprint(u.ids.Add(1))
	u.sold.Store(b.ID, wish.SlotID)
	_, err = u.db.ExecContext(ctx, "UPDATE slots SET booked = ? WHERE id = ?", taken+1, wish.SlotID)
	return b, err
}

func (u *unguarded) Cancel(ctx context.Context, _, _, id, _ string) (b model.Booking, err error) {
	slot, _ := u.sold.Load(id)
	_, err = u.db.ExecContext(ctx, "UPDATE slots SET booked = booked - 1 WHERE id = ? AND booked > 0", slot)
	return b, err
}

// The test of the test: without the guard the same clients write a history that no order of requests explains.
func TestHistoryWithoutTheGuardIsIllegal(t *testing.T) {
	server := modeltest.MariaDB(t)
	database := server.CreateDatabase(t)
	_, w := newService(t, modeltest.OpenDSN(t, server.DSN(database)))
	slots := shortSlots(w, linearSlots, linearCapacity)
	db, err := sql.Open("mysql", server.DSN(database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	u := &unguarded{db: db}
	u.first.Add(linearClients)
	ops, _ := record(t, w, slots, u, func() {})
	if result := porcupine.CheckOperationsTimeout(places(linearCapacity), ops, checkTime); result != porcupine.Illegal {
		t.Errorf("selling without a guard passes for %s", result)
	}
}

// The model itself: what it must take for possible, and what not.
func TestPlacesModel(t *testing.T) {
	op := func(call, end int64, what, out string) porcupine.Operation {
		return porcupine.Operation{Input: asked{what, 0}, Call: call, Output: outcome{what: out}, Return: end}
	}
	counted := func(call int64, n int) porcupine.Operation {
		return porcupine.Operation{Input: asked{"count", 0}, Call: call, Output: outcome{"counted", n}, Return: call}
	}
	for name, test := range map[string]struct {
		ops  []porcupine.Operation
		want bool
	}{
		"one place, booked twice":            {[]porcupine.Operation{op(1, 2, "book", "done"), op(3, 4, "book", "done")}, false},
		"booked, cancelled, booked":          {[]porcupine.Operation{op(1, 2, "book", "done"), op(3, 4, "cancel", "done"), op(5, 6, "book", "done")}, true},
		"cancelled meanwhile":                {[]porcupine.Operation{op(1, 2, "book", "done"), op(3, 9, "cancel", "done"), op(5, 6, "book", "done")}, true},
		"full while empty":                   {[]porcupine.Operation{op(1, 2, "book", "full")}, false},
		"full by somebody unknown":           {[]porcupine.Operation{op(1, math.MaxInt64, "book", "unknown"), op(3, 4, "book", "full")}, true},
		"free by somebody unknown":           {[]porcupine.Operation{op(1, 2, "book", "done"), op(3, math.MaxInt64, "cancel", "unknown"), op(5, 6, "book", "done")}, true},
		"unknown, and never happened":        {[]porcupine.Operation{op(1, math.MaxInt64, "book", "unknown"), op(3, 4, "book", "done"), counted(9, 1)}, true},
		"more in the books than were booked": {[]porcupine.Operation{counted(9, 1)}, false},
		"unknown before it was asked for":    {[]porcupine.Operation{op(1, 2, "book", "full"), op(3, math.MaxInt64, "book", "unknown")}, false},
	} {
		if got := porcupine.CheckOperations(places(1), test.ops); got != test.want {
			t.Errorf("%s: linearizable %t, want %t", name, got, test.want)
		}
	}
}
