package model_test

import (
	"context"
	"encoding/hex"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"jiamenkou/adapter/seal"
	"jiamenkou/model"
	"jiamenkou/model/modeltest"
)

// keys makes a box and the keyring behind it.
func keys(t testing.TB) (*seal.Box, *seal.Keyring) {
	t.Helper()
	ring, err := seal.CreateKeyring(filepath.Join(t.TempDir(), "keyring.json"), nil, seal.SM4GCM)
	must(t, err)
	box, err := seal.NewBox(ring)
	must(t, err)
	return box, ring
}

// stale counts the cells that are not under the newest key.
func stale(t *testing.T, d *modeltest.Database, box *seal.Box) (n int) {
	t.Helper()
	for _, name := range model.SealedColumns() {
		table, column, _ := strings.Cut(name, ".")
		for _, row := range cellsOf(t, d, "SELECT HEX("+column+") FROM "+table+" WHERE "+column+" IS NOT NULL") {
			cell, err := hex.DecodeString(row[0])
			must(t, err)
			if !box.Current(cell) {
				n++
			}
		}
	}
	return n
}

// Stopped after any batch and started again, Reseal ends with every cell under the newest key, and the old one can go.
func TestResealIsResumable(t *testing.T) {
	modeltest.OnBothFounded(t, founded, func(t *testing.T, d *modeltest.Database, store *model.Store) {
		box, ring := keys(t)
		w := modeltest.NewWorld(t, store, box)
		var families [][2]string
		for range 5 {
			resident, child := w.Family()
			families = append(families, [2]string{resident, child})
		}
		old := ring.ActiveKey().ID()
		_, err := ring.AddKey(seal.AES256GCM)
		must(t, err)
		if n := stale(t, d, box); n != 15 {
			t.Fatalf("%d cells to move, want 15", n)
		}
		interruptions := 0
		for left := 15; left > 0; left = stale(t, d, box) {
			ctx, stop := context.WithCancel(context.Background())
			err := store.Reseal(ctx, box, 2, func(int) { interruptions++; stop() })
			stop()
			if now := stale(t, d, box); err == nil && now != 0 || now >= left {
				t.Fatalf("%d of %d cells left, %v", now, left, err)
			}
		}
		if interruptions < 8 { // five open ids, five names, five birth dates, by twos
			t.Errorf("stopped %d times", interruptions)
		}
		must(t, store.Reseal(context.Background(), box, 2, func(int) { t.Error("there was something left") }))
		must(t, ring.RemoveKey(old))
		must(t, store.CheckKeys(context.Background(), box))
		for _, family := range families {
			wantBirth(t, store, box, family)
		}
	})
}

func wantBirth(t *testing.T, store *model.Store, box model.Box, family [2]string) {
	t.Helper()
	child, err := store.FindChildOf(context.Background(), family[0], family[1])
	must(t, err)
	birth, err := child.BirthDateSealed.Open(box, "children", "birth_date_sealed", child.ID)
	must(t, err)
	if _, err := model.ParseDate(birth); err != nil {
		t.Errorf("it opens as %q", birth)
	}
}

// meddler is a box that changes a child behind Reseal's back, just after Reseal has opened its name.
type meddler struct {
	*seal.Box
	meddle func()
}

func (m *meddler) Open(table, column, row string, cell []byte) ([]byte, error) {
	plain, err := m.Box.Open(table, column, row, cell)
	if column == "name_sealed" && m.meddle != nil {
		once := m.meddle
		m.meddle = nil
		once()
	}
	return plain, err
}

// What somebody states while Reseal runs stays as stated.
func TestResealLosesNoChange(t *testing.T) {
	modeltest.OnBothFounded(t, founded, func(t *testing.T, d *modeltest.Database, store *model.Store) {
		ctx := context.Background()
		box, ring := keys(t)
		w := modeltest.NewWorld(t, store, box)
		resident, id := w.Family()
		renamed, err := model.Seal(box, "children", "name_sealed", id, "改名宝宝")
		must(t, err)
		cell, err := renamed.Value()
		must(t, err)
		_, err = ring.AddKey(seal.SM4GCM)
		must(t, err)
		meddling := &meddler{Box: box}
		if d.Engine == "mysql" { // in the middle of Reseal's transaction; SQLite lets nobody in there
			meddling.meddle = func() { d.Exec(t, "UPDATE children SET name_sealed = ? WHERE id = ?", cell, id) }
		} else {
			d.Exec(t, "UPDATE children SET name_sealed = ? WHERE id = ?", cell, id)
		}
		must(t, store.Reseal(ctx, meddling, 10, func(int) {}))
		child, err := store.FindChildOf(ctx, resident, id)
		must(t, err)
		if name, err := child.NameSealed.Open(box, "children", "name_sealed", id); err != nil || name != "改名宝宝" {
			t.Errorf("the name is %q, %v", name, err)
		}
		must(t, store.Reseal(ctx, box, 10, func(int) {})) // the second pass takes what was sealed meanwhile
		if n := stale(t, d, box); n != 0 {
			t.Errorf("%d cells left", n)
		}
	})
}

// A cell that does not open stops Reseal and stays as it is.
func TestResealStopsAtADamagedCell(t *testing.T) {
	modeltest.OnBothFounded(t, founded, func(t *testing.T, d *modeltest.Database, store *model.Store) {
		box, ring := keys(t)
		w := modeltest.NewWorld(t, store, box)
		_, first := w.Family()
		_, second := w.Family()
		d.Exec(t, "UPDATE children SET name_sealed = (SELECT c.name_sealed FROM (SELECT * FROM children) AS c WHERE c.id = ?) WHERE id = ?", first, second)
		before := rowsOf(t, d, "SELECT HEX(name_sealed) FROM children WHERE id = '"+second+"'")
		_, err := ring.AddKey(seal.SM4GCM)
		must(t, err)
		if err := store.Reseal(context.Background(), box, 1, func(int) {}); !errors.Is(err, seal.ErrTampered) {
			t.Errorf("it went on: %v", err)
		}
		if after := rowsOf(t, d, "SELECT HEX(name_sealed) FROM children WHERE id = '"+second+"'"); after != before {
			t.Error("it was written over")
		}
		if err := store.CheckKeys(context.Background(), box); !errors.Is(err, seal.ErrTampered) {
			t.Errorf("the keys are found good: %v", err)
		}
	})
}

func TestCheckKeysFindsTheWrongKeyring(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		ctx := context.Background()
		right, _ := keys(t)
		wrong, _ := keys(t)
		must(t, store.CheckKeys(ctx, wrong)) // nothing is stored yet
		modeltest.NewWorld(t, store, right).Family()
		must(t, store.CheckKeys(ctx, right))
		if err := store.CheckKeys(ctx, wrong); err == nil {
			t.Error("a stranger's keyring was taken")
		}
	})
}
