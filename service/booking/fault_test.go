package booking_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/fault"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
)

// wire is a line to MariaDB with a hand on it: it reads every statement on its way, and may lose it, lose the answer,
// or answer in the server's place.
type wire struct {
	addr     string
	upstream string
	listener net.Listener

	judge atomic.Pointer[func(statement) verdict]
	down  atomic.Bool // everyone is hung up on
	hasty atomic.Bool // new lines wait one second for a lock instead of five
	mu    sync.Mutex
	lines map[*line]bool
	ended sync.WaitGroup
}

// statement is what a client has just sent.
type statement struct {
	text  string
	inTx  bool // after START TRANSACTION, up to and including COMMIT
	claim bool // in the transaction that carries the request's key
}

func (s statement) isCommit() bool { return s.text == "COMMIT" && s.claim }

// verdict is what becomes of a statement: one of the constants, or the number of an error to answer with.
type verdict int

const (
	pass      verdict = -iota
	cutBefore         // the server never hears of it, and the line is cut
	cutAfter          // the server carries it out, and the line is cut before the answer
	cutAtOnce         // it is sent and the line cut at the same moment: who knows
	dropAll           // cutBefore, and nobody gets through any more
)

func openWire(t *testing.T, upstream string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{addr: listener.Addr().String(), upstream: upstream, listener: listener, lines: map[*line]bool{}}
	w.ended.Go(w.accept)
	t.Cleanup(func() {
		listener.Close()
		w.hangUp()
		w.ended.Wait()
	})
	return w
}

// let makes judge decide from now on; nil lets everything pass.
func (w *wire) let(judge func(statement) verdict) {
	if judge == nil {
		w.judge.Store(nil)
		w.down.Store(false)
		return
	}
	w.judge.Store(&judge)
}

func (w *wire) decide(s statement) verdict {
	if judge := w.judge.Load(); judge != nil {
		return (*judge)(s)
	}
	return pass
}

func (w *wire) hangUp() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for l := range w.lines {
		l.close()
	}
}

func (w *wire) accept() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		if w.down.Load() {
			client.Close()
			continue
		}
		server, err := net.Dial("tcp", w.upstream)
		if err != nil {
			client.Close()
			continue
		}
		l := &line{wire: w, client: client, server: server}
		w.mu.Lock()
		w.lines[l] = true
		w.mu.Unlock()
		w.ended.Go(l.up)
		w.ended.Go(l.back)
	}
}

// line is one client's connection.
type line struct {
	wire           *wire
	client, server net.Conn
	inTx, claim    bool
	swallow        atomic.Bool            // cut the line when the server answers
	instead        atomic.Pointer[[]byte] // what the client gets in place of the server's next answer
}

func (l *line) close() {
	l.client.Close()
	l.server.Close()
}

func (l *line) forget() {
	l.close()
	l.wire.mu.Lock()
	defer l.wire.mu.Unlock()
	delete(l.wire.lines, l)
}

// up carries what the client sends, packet by packet.
func (l *line) up() {
	defer l.forget()
	for {
		packet, err := readPacket(l.client)
		if err != nil {
			return
		}
		if !l.carry(packet) {
			return
		}
	}
}

// back carries what the server answers.
func (l *line) back() {
	defer l.close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := l.server.Read(buffer)
		if err != nil || l.swallow.Load() {
			return
		}
		answer := buffer[:n]
		if instead := l.instead.Swap(nil); instead != nil {
			answer = *instead
		}
		if _, err := l.client.Write(answer); err != nil {
			return
		}
	}
}

// carry does with a packet as the judge decides, and tells whether the line still stands.
func (l *line) carry(packet []byte) bool {
	if l.wire.hasty.Load() {
		packet = bytes.Replace(packet, []byte("innodb_lock_wait_timeout = 5"), []byte("innodb_lock_wait_timeout = 1"), 1)
	}
	switch v := l.wire.decide(l.read(packet)); v {
	case pass:
		_, err := l.server.Write(packet)
		return err == nil
	case cutBefore:
		return false
	case dropAll:
		l.wire.down.Store(true)
		l.wire.hangUp()
		return false
	case cutAfter:
		l.swallow.Store(true)
		_, err := l.server.Write(packet)
		return err == nil
	case cutAtOnce:
		_, _ = l.server.Write(packet)
		return false
	default:
		return l.refuse(uint16(v))
	}
}

// Parts of MySQL's protocol: https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html
const (
	headerBytes = 4 // length of the payload in three bytes, number of the packet within its exchange
	comQuery    = 3
)

func readPacket(from io.Reader) ([]byte, error) {
	var header [headerBytes]byte
	if _, err := io.ReadFull(from, header[:]); err != nil {
		return nil, err
	}
	length := int(header[0]) | int(header[1])<<8 | int(header[2])<<16
	packet := make([]byte, headerBytes+length)
	copy(packet, header[:])
	_, err := io.ReadFull(from, packet[headerBytes:])
	return packet, err
}

func writeQuery(text string) []byte { return frame(0, append([]byte{comQuery}, text...)) }

func frame(number byte, payload []byte) []byte {
	n := len(payload)
	return append([]byte{byte(n), byte(n >> 8), byte(n >> 16), number}, payload...)
}

// read tells which statement a packet is; the empty one for anything but a statement.
func (l *line) read(packet []byte) statement {
	if packet[3] != 0 || len(packet) <= headerBytes || packet[headerBytes] != comQuery {
		return statement{}
	}
	s := statement{text: string(packet[headerBytes+1:]), inTx: l.inTx, claim: l.claim}
	switch {
	case s.text == "START TRANSACTION":
		l.inTx = true
	case s.text == "COMMIT" || s.text == "ROLLBACK":
		l.inTx, l.claim = false, false
	case strings.Contains(s.text, "`idempotent_answers`"):
		l.claim = l.claim || l.inTx
	}
	return s
}

// refuse answers with an error of the engine that has undone the transaction, and really undoes it.
func (l *line) refuse(number uint16) bool {
	payload := append([]byte{0xff}, binary.LittleEndian.AppendUint16(nil, number)...)
	answer := frame(1, append(payload, "#HY000as the test wishes"...))
	l.inTx, l.claim = false, false
	l.instead.Store(&answer)
	_, err := l.server.Write(writeQuery("ROLLBACK"))
	return err == nil
}

// far is a house whose database is at the other end of a wire; the world looks on by a line of its own.
type far struct {
	*booking.Service
	world *modeltest.World
	wire  *wire
	dsn   string // past the wire
	keys  int
}

// newFar puts more than a wire between the house and its database when further is not nil: it is given an address and
// gives the one to go by.
func newFar(t *testing.T, further func(upstream string) string) *far {
	t.Helper()
	server := modeltest.MariaDB(t)
	database, upstream := server.CreateDatabase(t), server.Addr()
	if further != nil {
		upstream = further(upstream)
	}
	f := &far{dsn: server.DSN(database), wire: openWire(t, upstream)}
	f.Service, f.world = newService(t, modeltest.OpenDSN(t, f.dsn))
	f.Store = openThrough(t, server.DSNThrough(f.wire.addr, database))
	return f
}

// openThrough gives a second store on a database that is already migrated.
func openThrough(t *testing.T, dsn string) *model.Store {
	t.Helper()
	store, err := model.Open(model.Options{
		Driver: "mysql", DSN: dsn, MaxOpen: 64, MaxIdle: 64, Now: modeltest.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// request is something a guardian asks for, to be sent as often as need be.
type request struct {
	resident, child string
	slot            model.Slot
	send            func(context.Context) (model.Booking, error)
	before          int                 // live bookings if it is not carried out
	after           int                 // live bookings once it is
	done            model.BookingStatus // as which the booking stands then
}

func (f *far) key() string {
	f.keys++
	return fmt.Sprintf("far-%05d", f.keys)
}

// wantsToBook is a request of a new family for the one place of a new slot.
func (f *far) wantsToBook() request {
	r := request{slot: f.world.AddSlot(3, 1), after: 1, done: model.BookingConfirmed}
	r.resident, r.child = f.world.Family()
	key, wish := f.key(), booking.Wish{SlotID: r.slot.ID, ChildID: r.child}
	r.send = func(ctx context.Context) (model.Booking, error) { return f.Book(ctx, r.resident, key, wish) }
	return r
}

// wantsToCancel is a request to give that place back.
func (f *far) wantsToCancel(t *testing.T) request {
	t.Helper()
	r := f.wantsToBook()
	booked, err := r.send(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	key := f.key()
	r.send = func(ctx context.Context) (model.Booking, error) { return f.Cancel(ctx, r.resident, key, booked.ID, "") }
	r.before, r.after, r.done = 1, 0, model.BookingCancelled
	return r
}

// stands fails the test unless this many live bookings, and the counters that go with them, are in the database.
func (f *far) stands(t *testing.T, r request, live int) {
	t.Helper()
	slot, err := f.world.Store.FindSlot(context.Background(), r.slot.ID)
	if err != nil {
		t.Fatal(err)
	}
	used := 0
	if a, found, err := f.world.Store.FindAllowance(context.Background(), r.child, r.slot.Date.Year); err != nil {
		t.Fatal(err)
	} else if found {
		used = a.Used
	}
	if held := len(liveBookings(t, f.world.Store, r.resident)); held != live || slot.Booked != live || used != live {
		t.Errorf("%d live bookings, %d places taken, %d of the allowance used; want %d of each", held, slot.Booked, used, live)
	}
}

// settle sends the request until it is answered, as a client does that has been told to come back, and fails the test
// unless it has then been carried out exactly once.
func (f *far) settle(t *testing.T, r request, told model.Booking, first error) {
	t.Helper()
	answer, err := until(t, r.send)
	if err != nil {
		t.Fatalf("at last: %v", err)
	}
	if first == nil && answer.ID != told.ID {
		t.Errorf("told of booking %s first and of %s later", told.ID, answer.ID)
	}
	if now, err := f.world.Store.FindBookingOf(context.Background(), r.resident, answer.ID); err != nil || now.Status != r.done || answer.Status != r.done {
		t.Errorf("the booking stands as %s, told as %s, %v; want %s", now.Status, answer.Status, err, r.done)
	}
	f.stands(t, r, r.after)
}

const settleTime = 30 * time.Second

// until repeats a request while the answer is to come back later.
func until(t *testing.T, send func(context.Context) (model.Booking, error)) (model.Booking, error) {
	t.Helper()
	for deadline := time.Now().Add(settleTime); ; time.Sleep(2 * time.Millisecond) {
		b, err := send(context.Background())
		if f := fault.Of(err); f == nil || f.RetryAfter == 0 {
			return b, err
		}
		if time.Now().After(deadline) {
			t.Fatalf("still told after %s: %v", settleTime, err)
		}
	}
}

// bothRequests runs a test for a booking and for a cancellation.
func bothRequests(t *testing.T, test func(t *testing.T, f *far, next func() request)) {
	t.Helper()
	t.Run("booking", func(t *testing.T) {
		f := newFar(t, nil)
		test(t, f, f.wantsToBook)
		f.world.Sound()
	})
	t.Run("cancelling", func(t *testing.T) {
		f := newFar(t, nil)
		test(t, f, func() request { return f.wantsToCancel(t) })
		f.world.Sound()
	})
}

// atEvery sends new requests, each with a verdict on its next statement among those that count, until one request has
// no such statement any more.
func atEvery(t *testing.T, f *far, next func() request, counts func(statement) bool, v func() verdict, check func(r request, at statement, b model.Booking, err error)) {
	t.Helper()
	for k := int64(1); ; k++ {
		r := next()
		var seen atomic.Int64
		var at atomic.Pointer[statement]
		f.wire.let(func(s statement) verdict {
			if s.text == "" || !counts(s) || seen.Add(1) != k {
				return pass
			}
			at.Store(&s)
			return v()
		})
		b, err := r.send(context.Background())
		f.wire.let(nil)
		if at.Load() == nil {
			if k < 8 {
				t.Errorf("a request has only %d statements", k-1)
			}
			return
		}
		check(r, *at.Load(), b, err)
		f.settle(t, r, b, err)
	}
}

func anyStatement(statement) bool { return true }

// The line is cut at every statement of a request, before it or after it: the client is told it is done, or what to do,
// and sending it again ends with one booking.
func TestLineCutAtEveryStatement(t *testing.T) {
	for name, v := range map[string]verdict{"before": cutBefore, "after": cutAfter, "at once": cutAtOnce} {
		t.Run(name, func(t *testing.T) {
			bothRequests(t, func(t *testing.T, f *far, next func() request) {
				atEvery(t, f, next, anyStatement, func() verdict { return v }, func(r request, at statement, _ model.Booking, err error) {
					switch {
					case err == nil:
						f.stands(t, r, r.after)
					case errors.Is(err, model.ErrOutcomeUnknown) && at.isCommit() && v == cutAfter:
						f.stands(t, r, r.after)
					case errors.Is(err, model.ErrOutcomeUnknown) && at.isCommit() && v == cutAtOnce: // either may be
					case errors.Is(err, model.ErrOutcomeUnknown) && (at.text == "COMMIT" || v == cutAtOnce):
						// Before COMMIT, or at the COMMIT of the allowance's grant; or the answer to the statement before
						// COMMIT just got through, and COMMIT did not.
						f.stands(t, r, r.before)
					case errors.Is(err, model.ErrStoreUnavailable) && !at.inTx:
						f.stands(t, r, r.before)
					case errors.Is(err, model.ErrStillRunning) && at.inTx: // the server has not noticed the cut yet
						f.stands(t, r, r.before)
					default:
						t.Errorf("cut at %.60s: %v", at.text, err)
					}
				})
			})
		})
	}
}

// The database goes away at every statement of a request and stays away until the client has been told so: nothing is
// left half-done, and once it is back the same request goes through.
func TestDatabaseLostAtEveryStatement(t *testing.T) {
	bothRequests(t, func(t *testing.T, f *far, next func() request) {
		atEvery(t, f, next, anyStatement, func() verdict { return dropAll }, func(r request, at statement, _ model.Booking, err error) {
			want := model.ErrStoreUnavailable
			if at.text == "COMMIT" {
				want = model.ErrOutcomeUnknown
			}
			if !errors.Is(err, want) {
				t.Errorf("lost at %.60s: %v", at.text, err)
			}
			f.stands(t, r, r.before)
		})
	})
}

// A database that answered once and is lost between the commit and the client gives the stored answer later.
func TestAnswerLostAndStored(t *testing.T) {
	bothRequests(t, func(t *testing.T, f *far, next func() request) {
		r := next()
		f.wire.let(func(s statement) verdict {
			if s.isCommit() {
				return cutAfter
			}
			return pass
		})
		if _, err := r.send(context.Background()); !errors.Is(err, model.ErrOutcomeUnknown) {
			t.Fatalf("the answer to COMMIT was lost: %v", err)
		}
		f.wire.let(func(s statement) verdict {
			if s.inTx && strings.HasPrefix(s.text, "UPDATE") {
				t.Errorf("carried out again: %.60s", s.text)
			}
			return pass
		})
		first, err := r.send(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		f.settle(t, r, first, nil)
	})
}

// Whatever statement of a transaction, its COMMIT too, meets a deadlock, a lock wait or a write conflict: the whole is
// repeated, and the client hears nothing of it. Only a lock on the request's own row means that the request is running.
func TestEveryStatementMayMeetADeadlock(t *testing.T) {
	for _, number := range []verdict{1213, 1205, 1020, 9007} {
		t.Run(fmt.Sprint(int(number)), func(t *testing.T) {
			bothRequests(t, func(t *testing.T, f *far, next func() request) {
				inTx := func(s statement) bool { return s.inTx && s.text != "ROLLBACK" }
				atEvery(t, f, next, inTx, func() verdict { return number }, func(r request, at statement, _ model.Booking, err error) {
					if strings.HasSuffix(at.text, "NOWAIT") && errors.Is(err, model.ErrStillRunning) {
						return
					}
					if err != nil {
						t.Errorf("at %.60s: %v", at.text, err)
						return
					}
					f.stands(t, r, r.after)
				})
			})
		})
	}
}

// A conflict that never ends is given up after six tries, in words.
func TestEndlessDeadlock(t *testing.T) {
	bothRequests(t, func(t *testing.T, f *far, next func() request) {
		r := next()
		var tries atomic.Int64
		f.wire.let(func(s statement) verdict {
			if !s.inTx || !strings.HasPrefix(s.text, "UPDATE `slots`") {
				return pass
			}
			tries.Add(1)
			return 1213
		})
		b, err := r.send(context.Background())
		f.wire.let(nil)
		if !errors.Is(err, model.ErrStoreBusy) || tries.Load() != 6 {
			t.Errorf("after %d tries: %v", tries.Load(), err)
		}
		f.stands(t, r, r.before)
		f.settle(t, r, b, err)
	})
}

// The client's patience ends at every statement of a request: what it is told is so, and nothing is left behind.
func TestPatienceEndsAtEveryStatement(t *testing.T) {
	bothRequests(t, func(t *testing.T, f *far, next func() request) {
		var end context.CancelFunc
		impatient := func() request {
			r := next()
			send, first := r.send, true
			r.send = func(ctx context.Context) (model.Booking, error) {
				if first {
					first = false
					ctx, end = context.WithCancel(ctx)
				}
				return send(ctx)
			}
			return r
		}
		goes := func() verdict { end(); return pass }
		atEvery(t, f, impatient, anyStatement, goes, func(r request, at statement, _ model.Booking, err error) {
			switch {
			case err == nil || at.isCommit() && errors.Is(err, model.ErrOutcomeUnknown):
			case errors.Is(err, model.ErrTooSlow) && !at.isCommit():
				f.stands(t, r, r.before)
			default:
				t.Errorf("gone at %.60s: %v", at.text, err)
			}
		})
	})
}

// Patience that ends just before COMMIT leaves nothing, and the client is told that it took too long rather than that
// nobody knows.
func TestPatienceEndsBeforeCommit(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		_, w := newService(t, store)
		slot := w.AddSlot(3, 2)
		ctx, end := context.WithCancel(context.Background())
		defer end()
		err := store.InTx(ctx, func(tx *model.Store) error {
			defer end()
			return tx.TakePlace(ctx, slot.ID, modeltest.Now())
		})
		if !errors.Is(err, model.ErrTooSlow) {
			t.Errorf("told %v", err)
		}
		if now, err := store.FindSlot(context.Background(), slot.ID); err != nil || now.Booked != 0 {
			t.Errorf("%d places taken, %v", now.Booked, err)
		}
	})
}

// rival is somebody else's open transaction.
type rival struct{ *sql.Tx }

func (f *far) rival(t *testing.T) rival {
	t.Helper()
	db, err := sql.Open("mysql", f.dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	return rival{tx}
}

func (r rival) do(t *testing.T, statement string, args ...any) {
	t.Helper()
	if _, err := r.Exec(statement, args...); err != nil {
		t.Fatalf("%.60s: %v", statement, err)
	}
}

// sendAside sends a request and gives the way to its answer.
func sendAside(ctx context.Context, r request) func() (model.Booking, error) {
	var b model.Booking
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		b, err = r.send(ctx)
	}()
	return func() (model.Booking, error) { <-done; return b, err }
}

// A real deadlock with somebody heavier: InnoDB undoes the booking, and it is repeated.
func TestRealDeadlock(t *testing.T) {
	bothRequests(t, func(t *testing.T, f *far, next func() request) {
		r := next()
		grant(t, f.Store, r.child, r.slot.Date) // the allowance must be there to be locked
		locked := make(chan struct{})           // the allowance is, and the slot is asked for
		starts := f.countStarts(func(s statement, transactions int64) {
			if transactions == 1 && strings.HasPrefix(s.text, "UPDATE `slots`") {
				close(locked)
			}
		})
		other := f.rival(t)
		other.do(t, "CREATE TEMPORARY TABLE weight (id INT PRIMARY KEY) ENGINE=InnoDB")
		other.do(t, "INSERT INTO weight VALUES (0)"+numbers(500))
		other.do(t, "UPDATE slots SET room = 'x' WHERE id <> ?", r.slot.ID)
		other.do(t, "UPDATE residents SET updated_at = NOW(3)")
		other.do(t, "SELECT id FROM slots WHERE id = ? FOR UPDATE", r.slot.ID)
		answer := sendAside(context.Background(), r)
		<-locked
		other.do(t, "SELECT id FROM allowances WHERE child_id = ? FOR UPDATE", r.child)
		if err := other.Rollback(); err != nil {
			t.Fatal(err)
		}
		b, err := answer()
		if err != nil || starts.Load() < 2 {
			t.Errorf("after %d transactions: %v", starts.Load(), err)
		}
		f.settle(t, r, b, err)
	})
}

func grant(t *testing.T, store *model.Store, child string, day model.Date) {
	t.Helper()
	ctx := context.Background()
	policy, err := store.FindAllowancePolicy(ctx, modeltest.Now())
	if err == nil {
		err = store.GrantAllowance(ctx, child, policy.YearOf(day), policy)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func numbers(n int) string {
	var text bytes.Buffer
	for i := range n {
		fmt.Fprintf(&text, ",(%d)", i+1)
	}
	return text.String()
}

// countStarts counts the transactions begun and looks at every statement with the count so far.
func (f *far) countStarts(look func(s statement, transactions int64)) *atomic.Int64 {
	var n atomic.Int64
	f.wire.let(func(s statement) verdict {
		if s.text == "START TRANSACTION" {
			n.Add(1)
		}
		look(s, n.Load())
		return pass
	})
	return &n
}

// A lock held longer than InnoDB waits: the transaction is repeated, and goes through once the lock is gone.
func TestRealLockWait(t *testing.T) {
	f := newFar(t, nil)
	f.wire.hasty.Store(true)
	r := f.wantsToCancel(t)
	other := f.rival(t)
	other.do(t, "SELECT id FROM slots WHERE id = ? FOR UPDATE", r.slot.ID)
	var once sync.Once
	starts := f.countStarts(func(_ statement, transactions int64) {
		if transactions == 2 {
			once.Do(func() { _ = other.Rollback() })
		}
	})
	b, err := r.send(context.Background())
	if err != nil || starts.Load() != 2 {
		t.Errorf("after %d transactions: %v", starts.Load(), err)
	}
	f.settle(t, r, b, err)
	f.world.Sound()
}

// A deadline that passes while waiting for a lock: told so at once, nothing left, and the same request goes through
// later.
func TestDeadlineWhileWaitingForALock(t *testing.T) {
	bothRequests(t, func(t *testing.T, f *far, next func() request) {
		r := next()
		other := f.rival(t)
		other.do(t, "SELECT id FROM slots WHERE id = ? FOR UPDATE", r.slot.ID)
		ctx, end := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer end()
		b, err := r.send(ctx)
		if !errors.Is(err, model.ErrTooSlow) {
			t.Errorf("told %v", err)
		}
		f.stands(t, r, r.before)
		if err := other.Rollback(); err != nil {
			t.Fatal(err)
		}
		f.settle(t, r, b, err)
	})
}
