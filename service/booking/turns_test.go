package booking_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
)

// Of three hundred families at a slot of ten places, few go through a transaction to be told that it is full.
func TestRushBeginsFewTransactionsInVain(t *testing.T) {
	server := modeltest.Own(t)
	s, w := newService(t, modeltest.OpenDSN(t, server.DSN(server.CreateDatabase(t))))
	slot := w.AddSlot(3, 10)
	residents, children := families(w, 300)
	db := rawly(t, server.DSN(""))
	before := rolledBack(t, db)
	var told modeltest.Tally
	modeltest.Together(len(residents), func(i int) {
		_, err := s.Book(t.Context(), residents[i], fmt.Sprintf("rush-%04d", i), booking.Wish{SlotID: slot.ID, ChildID: children[i]})
		told.Add(err)
	})
	told.Exactly(t, map[string]int{"ok": 10, "slot_full": 290})
	if vain := rolledBack(t, db) - before; vain > 8 {
		t.Errorf("%d transactions were begun in vain; without turns it is as many as there are connections", vain)
	}
	w.Sound()
}

// Who waits too long for a turn is told so, and keeps nobody out afterwards.
func TestTurnIsNotWaitedForForEver(t *testing.T) {
	server := modeltest.Own(t)
	dsn := server.DSN(server.CreateDatabase(t))
	s, w := newService(t, modeltest.OpenDSN(t, dsn))
	slot := w.AddSlot(3, 10)
	residents, children := families(w, 13)
	book := func(ctx context.Context, i int, key string) error {
		_, err := s.Book(ctx, residents[i], key, booking.Wish{SlotID: slot.ID, ChildID: children[i]})
		return err
	}
	holder, err := rawly(t, dsn).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := holder.ExecContext(t.Context(), "UPDATE slots SET booked = booked WHERE id = ?", slot.ID); err != nil {
		t.Fatal(err)
	}
	var told modeltest.Tally
	modeltest.Together(12, func(i int) {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		told.Add(book(ctx, i, "too-long"))
	})
	told.Exactly(t, map[string]int{"request_timeout": 12})
	if err := holder.Rollback(); err != nil {
		t.Fatal(err)
	}
	// With other keys: the database may not have noticed yet that those who gave up are gone.
	var after modeltest.Tally
	modeltest.Together(10, func(i int) { after.Add(book(t.Context(), i+3, "later-on")) })
	after.Exactly(t, map[string]int{"ok": 10})
	w.Sound()
}

// families are so many, each with a child.
func families(w *modeltest.World, n int) (residents, children []string) {
	for range n {
		resident, child := w.Family()
		residents, children = append(residents, resident), append(children, child)
	}
	return residents, children
}

// rawly is the database past the house.
func rawly(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func rolledBack(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'COM_ROLLBACK'").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
