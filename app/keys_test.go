package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"jiamenkou/model"
)

// withFamilies migrates and writes so many families; their cells stand under the first key.
func (d *desk) withFamilies(n int) (families [][2]string) {
	d.t.Helper()
	d.mustRun("migrate up")
	h := d.house()
	w := newWorld(d.t, h.store, h.box)
	for range n {
		resident, child := w.Family()
		families = append(families, [2]string{resident, child})
	}
	return families
}

// wantKeys looks at the keyring and at every cell: so many keys, and so many cells not under the newest.
func (d *desk) wantKeys(families [][2]string, keys, old int) {
	d.t.Helper()
	ctx, h := context.Background(), d.house()
	if got := len(h.keyring.IDs()); got != keys {
		d.t.Errorf("%d keys, want %d", got, keys)
	}
	if err := h.store.CheckKeys(ctx, h.box); err != nil {
		d.t.Error(err)
	}
	left := 0
	for _, family := range families {
		resident, err := h.store.FindResident(ctx, family[0])
		if err != nil {
			d.t.Fatal(err)
		}
		child, err := h.store.FindChildOf(ctx, family[0], family[1])
		if err != nil {
			d.t.Fatal(err)
		}
		for _, sealed := range []model.Sealed{resident.OpenIDSealed, child.NameSealed, child.BirthDateSealed} {
			if cell, _ := sealed.Value(); !h.box.Current(cell.([]byte)) {
				left++
			}
		}
	}
	if left != old {
		d.t.Errorf("%d cells under an old key, want %d", left, old)
	}
}

func TestKeysInit(t *testing.T) {
	d := newDesk(t)
	if printed := d.mustRun("keys init"); !strings.Contains(printed, "holds 1 key(s)") {
		t.Errorf("it says %s", printed)
	}
	d.mustRun("keys init") // the keyring that is there stays
	d.wantKeysOnly(1)
}

// wantKeysOnly looks at the keyring alone, where nothing is stored yet.
func (d *desk) wantKeysOnly(keys int) {
	d.t.Helper()
	d.mustRun("migrate up")
	d.wantKeys(nil, keys, 0)
}

func TestKeysRotate(t *testing.T) {
	d := newDesk(t)
	families := d.withFamilies(3)
	d.wantKeys(families, 1, 0)
	printed := d.mustRun("keys rotate --settle 0")
	if !strings.Contains(printed, "key 2 is the new key\n") || !strings.Contains(printed, "9 cells moved\n") {
		t.Errorf("it says %s", printed)
	}
	d.wantKeys(families, 2, 0)
	if printed = d.mustRun("keys rotate --settle 1ms"); !strings.Contains(printed, "all personal data is under the newest key\n") {
		t.Errorf("it says %s", printed)
	}
	d.wantKeys(families, 3, 0)
}

// interrupter is an operator who presses ^C at the first sign of progress.
type interrupter struct {
	bytes.Buffer
	press context.CancelFunc
}

func (i *interrupter) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("cells moved")) {
		i.press()
	}
	return i.Buffer.Write(p)
}

func TestKeysRotateIsResumed(t *testing.T) {
	d := newDesk(t)
	families := d.withFamilies(3)
	ctx, press := context.WithCancel(context.Background())
	out := &interrupter{press: press}
	if err := d.runTo(ctx, out, "keys rotate --settle 0"); !errors.Is(err, context.Canceled) {
		t.Fatalf("it ended with %v: %s", err, out)
	}
	d.wantKeys(families, 2, 6) // the open ids are done, names and birth dates are not
	printed := d.mustRun("keys rotate --resume --settle 0")
	if strings.Contains(printed, "new key") || !strings.Contains(printed, "6 cells moved\n") {
		t.Errorf("it says %s", printed)
	}
	d.wantKeys(families, 2, 0)
	if printed = d.mustRun("keys rotate --resume --settle 0"); strings.Contains(printed, "moved") {
		t.Errorf("with nothing left it says %s", printed)
	}
}

// While it waits for the servers to learn of the key it can be stopped, too.
func TestKeysRotateIsStoppedWhileSettling(t *testing.T) {
	d := newDesk(t)
	families := d.withFamilies(1)
	ctx, press := context.WithCancel(context.Background())
	settling := &patient{press: press, after: 3}
	if err := d.runTo(ctx, settling, "keys rotate --settle 1h"); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	d.wantKeys(families, 2, 0)
}

// patient presses ^C only when so many columns have made progress.
type patient struct {
	press context.CancelFunc
	after int
}

func (p *patient) Write(text []byte) (int, error) {
	if bytes.Contains(text, []byte("cells moved")) {
		if p.after--; p.after == 0 {
			p.press()
		}
	}
	return len(text), nil
}
