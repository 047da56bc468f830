package model_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/ncruces/go-sqlite3"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
)

// twoEvents writes events in one transaction; between is called after the first.
func twoEvents(store *model.Store, subject string, between func(tx *model.Store) error) error {
	ctx := context.Background()
	event := model.Event{Subject: "test", SubjectID: subject, ToState: "one", Actor: model.ActorSystem, CreatedAt: modeltest.Now()}
	return store.InTx(ctx, func(tx *model.Store) error {
		if err := tx.AddEvents(ctx, event); err != nil {
			return err
		}
		if err := between(tx); err != nil {
			return err
		}
		return tx.AddEvents(ctx, event)
	})
}

func eventsOf(t *testing.T, store *model.Store, subject string) int {
	t.Helper()
	list, err := store.ListEvents(context.Background(), subject)
	must(t, err)
	return len(list)
}

func TestTransactionIsWhole(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		subject := store.NewID()
		refusal := errors.New("no")
		wantErr(t, twoEvents(store, subject, func(*model.Store) error { return refusal }), refusal)
		wantErr(t, twoEvents(store, subject, func(*model.Store) error { return model.ErrSlotFull }), model.ErrSlotFull)
		if n := eventsOf(t, store, subject); n != 0 {
			t.Errorf("%d events stayed of a refused transaction", n)
		}
		must(t, twoEvents(store, subject, func(*model.Store) error { return nil }))
		if n := eventsOf(t, store, subject); n != 2 {
			t.Errorf("%d events, want 2", n)
		}
	})
}

func TestPanicUndoesTheTransaction(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		subject := store.NewID()
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = twoEvents(store, subject, func(*model.Store) error { panic("in the middle") })
		}()
		if n := eventsOf(t, store, subject); n != 0 {
			t.Errorf("%d events stayed", n)
		}
		must(t, twoEvents(store, subject, func(*model.Store) error { return nil })) // the writer's turn was given back
	})
}

func TestTransactionsDoNotNest(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		subject := store.NewID()
		err := twoEvents(store, subject, func(tx *model.Store) error {
			return tx.InTx(context.Background(), func(*model.Store) error { return nil })
		})
		if err == nil || eventsOf(t, store, subject) != 0 {
			t.Errorf("nested: %v", err)
		}
	})
}

// A write conflict repeats the whole transaction, and gives up saying that too many want the same.
func TestConflictsAreRepeated(t *testing.T) {
	store := modeltest.Open(t)
	for _, number := range []uint16{1213, 1205, 1020, 3101, 9007, 8002, 8022, 8028} {
		conflict := fmt.Errorf("update: %w", &mysqldriver.MySQLError{Number: number})
		tries := 0
		err := store.InTx(context.Background(), func(*model.Store) error {
			if tries++; tries < 3 {
				return conflict
			}
			return nil
		})
		if err != nil || tries != 3 {
			t.Errorf("%d: %v after %d tries", number, err, tries)
		}
		tries = 0
		err = store.InTx(context.Background(), func(*model.Store) error { tries++; return conflict })
		if !errors.Is(err, model.ErrStoreBusy) || tries != 6 {
			t.Errorf("%d for ever: %v after %d tries", number, err, tries)
		}
	}
}

// timeout is a network error of the kind a silent server makes.
type timeout struct{}

func (timeout) Error() string   { return "i/o timeout" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return false }

func TestClassifyMySQL(t *testing.T) {
	store := modeltest.EmptyMariaDB(t).Store(t)
	numbered := func(n uint16) error { return fmt.Errorf("wrapped: %w", &mysqldriver.MySQLError{Number: n}) }
	for want, errs := range map[string][]error{
		"retry": {numbered(1213), numbered(1205), numbered(1020), numbered(3101), numbered(9007), numbered(8002), numbered(8022), numbered(8028)},
		"lock":  {numbered(3572)},
		"lost": {
			driver.ErrBadConn, mysqldriver.ErrInvalidConn, io.EOF, io.ErrUnexpectedEOF, syscall.ECONNREFUSED, syscall.ECONNRESET,
			net.ErrClosed, fmt.Errorf("read: %w", timeout{}), &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, numbered(1053), numbered(1927),
		},
		"none": {numbered(1062), numbered(3819), numbered(4025), numbered(1064), numbered(1406), numbered(1045), errors.New("else"), nil},
	} {
		for _, err := range errs {
			if got := store.Classify(err); got != want {
				t.Errorf("%v is %s, want %s", err, got, want)
			}
		}
	}
}

func TestClassifySQLite(t *testing.T) {
	store := modeltest.EmptySQLite(t).Store(t)
	for want, errs := range map[string][]error{
		"retry": {fmt.Errorf("wrapped: %w", sqlite3.BUSY), sqlite3.LOCKED, sqlite3.BUSY_SNAPSHOT},
		"none":  {sqlite3.CONSTRAINT, sqlite3.CORRUPT, sqlite3.INTERRUPT, errors.New("else"), nil},
	} {
		for _, err := range errs {
			if got := store.Classify(err); got != want {
				t.Errorf("%v is %s, want %s", err, got, want)
			}
		}
	}
}

// A database that is not there is said to be unavailable, whether one reads or writes; never that it is busy.
func TestDatabaseIsGone(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, listener.Close())
	ctx := context.Background()
	store := modeltest.EmptyMariaDB(t).Store(t, func(o *model.Options) { o.DSN = "root@tcp(" + listener.Addr().String() + ")/nowhere" })
	wantErr(t, store.Ping(ctx), model.ErrStoreUnavailable)
	_, err = store.ListSites(ctx)
	wantErr(t, err, model.ErrStoreUnavailable)
	wantErr(t, store.InTx(ctx, func(*model.Store) error { return nil }), model.ErrStoreUnavailable)
	waiting, stop := context.WithTimeout(ctx, 300*time.Millisecond)
	defer stop()
	if err := store.WaitReady(waiting); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, model.ErrStoreUnavailable) {
		t.Errorf("waiting for it: %v", err)
	}
}

// A connection that dies in the middle of a transaction is replaced, and the whole runs again.
func TestLostConnectionIsRepeated(t *testing.T) {
	d := modeltest.EmptyMariaDB(t)
	store := d.Found(t, founded)
	subject, tries := store.NewID(), 0
	must(t, twoEvents(store, subject, func(tx *model.Store) error {
		if tries++; tries > 1 {
			return nil
		}
		var connection int
		must(t, tx.DB().Raw("SELECT CONNECTION_ID()").Scan(&connection).Error)
		d.Exec(t, fmt.Sprintf("KILL CONNECTION %d", connection))
		return nil
	}))
	if n := eventsOf(t, store, subject); n != 2 || tries != 2 {
		t.Errorf("%d events after %d tries", n, tries)
	}
}

func TestCancelledContext(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		subject := store.NewID()
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := store.ListSites(gone)
		wantErr(t, err, model.ErrTooSlow)
		_, err = store.FindSlot(gone, subject)
		wantErr(t, err, model.ErrTooSlow)
		wantErr(t, store.InTx(gone, func(*model.Store) error { return nil }), model.ErrTooSlow)

		live, cancelLater := context.WithCancel(context.Background())
		err = store.InTx(live, func(tx *model.Store) error {
			if err := tx.AddEvents(live, model.Event{Subject: "test", SubjectID: subject, CreatedAt: modeltest.Now()}); err != nil {
				return err
			}
			cancelLater()
			_, err := tx.ListSites(live)
			return err
		})
		wantErr(t, err, model.ErrTooSlow)
		if n := eventsOf(t, store, subject); n != 0 {
			t.Errorf("%d events stayed", n)
		}
	})
}

// Who waits for SQLite's one writer longer than the request lasts is told so.
func TestWaitingForTheWriter(t *testing.T) {
	store := modeltest.OpenSQLite(t)
	must(t, store.InTx(context.Background(), func(*model.Store) error {
		short, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		wantErr(t, store.InTx(short, func(*model.Store) error { return nil }), model.ErrTooSlow)
		return nil
	}))
}

// COMMIT's silence is neither a yes nor a no.
func TestLostAtCommit(t *testing.T) {
	d := modeltest.EmptyMariaDB(t)
	store := d.Found(t, founded)
	err := store.InTx(context.Background(), func(tx *model.Store) error {
		var connection int
		must(t, tx.DB().Raw("SELECT CONNECTION_ID()").Scan(&connection).Error)
		d.Exec(t, fmt.Sprintf("KILL CONNECTION %d", connection))
		return nil
	})
	wantErr(t, err, model.ErrOutcomeUnknown)
}

// One zone in the store, whatever zone the caller's clock is in.
func TestInstantsAreUTC(t *testing.T) {
	modeltest.OnBothFounded(t, founded, func(t *testing.T, d *modeltest.Database, store *model.Store) {
		ctx, w := context.Background(), modeltest.NewWorld(t, store, plainBox{})
		morning := instant("2026-11-24T00:30:00.123Z")
		slot := w.AddSlot(1, 5, func(s *model.Slot) {
			s.StartAt, s.EndAt = morning.In(w.Zone), morning.Add(time.Hour).In(w.Zone)
			s.ReleaseAt, s.CutoffAt = morning.AddDate(0, 0, -14).In(w.Zone), morning.Add(-time.Hour).In(w.Zone)
			s.Date = day("2026-11-24")
		})
		found, err := store.FindSlot(ctx, slot.ID)
		must(t, err)
		if !found.StartAt.Equal(morning) || found.StartAt.Location() != time.UTC || found.Date != day("2026-11-24") {
			t.Errorf("read back as %v on %v", found.StartAt, found.Date)
		}
		if n := d.Count(t, "SELECT COUNT(*) FROM slots WHERE start_at = '2026-11-24 00:30:00.123'"); n != 1 {
			t.Errorf("it does not stand as UTC: %s", rowsOf(t, d, "SELECT start_at FROM slots"))
		}
		for _, zone := range []*time.Location{time.UTC, w.Zone, time.FixedZone("far", -10*3600)} {
			before, err := store.ListOpenPlaces(ctx, slot.Date, slot.Date, "", slot.CutoffAt.Add(-time.Millisecond).In(zone))
			must(t, err)
			at, err := store.ListOpenPlaces(ctx, slot.Date, slot.Date, "", slot.CutoffAt.In(zone))
			must(t, err)
			if len(before) != 1 || len(at) != 0 {
				t.Errorf("asked in %v: %d before the cut-off, %d at it", zone, len(before), len(at))
			}
		}
	})
}

// The store keeps milliseconds, no finer.
func TestInstantsAreMilliseconds(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		subject := store.NewID()
		at := instant("2026-11-24T00:30:00.999999999Z")
		event := model.Event{Subject: "test", SubjectID: subject, CreatedAt: at.Truncate(time.Millisecond)}
		must(t, store.AddEvents(context.Background(), event))
		list, err := store.ListEvents(context.Background(), subject)
		must(t, err)
		if want := instant("2026-11-24T00:30:00.999Z"); !list[0].CreatedAt.Equal(want) {
			t.Errorf("read back as %v", list[0].CreatedAt)
		}
	})
}

// Saving a record as it already is, within one millisecond, is no sign that it is gone.
func TestSavingTwiceIsNoRefusal(t *testing.T) {
	modeltest.OnBothFounded(t, founded, func(t *testing.T, d *modeltest.Database, store *model.Store) {
		ctx := context.Background()
		id := modeltest.NewWorld(t, store, plainBox{}).AddResident()
		still := d.Store(t, func(o *model.Options) { o.Now = func() time.Time { return judged } })
		who, err := still.FindResident(ctx, id)
		must(t, err)
		who.Nickname, who.UpdatedAt = "小满妈妈", judged
		must(t, still.SaveResident(ctx, who, model.ResidentActive))
		must(t, still.SaveResident(ctx, who, model.ResidentActive))
		wantErr(t, still.SaveResident(ctx, who, model.ResidentBlocked), model.ErrAccountClosed)
	})
}

func TestOpenRefusesWhatItCannotRead(t *testing.T) {
	for _, o := range []model.Options{
		{Driver: "oracle"}, {Driver: "mysql", DSN: "root:geheim@localhost:3306"}, {},
	} {
		o.Now = modeltest.Now
		store, err := model.Open(o)
		if err == nil {
			must(t, store.Close())
			t.Errorf("%q opened", o.Driver)
			continue
		}
		if text := err.Error(); containsAny(text, "geheim") {
			t.Errorf("the password is told: %s", text)
		}
	}
}
