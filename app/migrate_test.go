package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jiamenkou/conf"
)

// desk is where an operator types commands: settings in the environment, everything else in a folder of its own.
type desk struct {
	t      *testing.T
	folder string
}

// newDesk has the embedded database, Redis and WeChat; more are further variables, JMK_KEY=value.
func newDesk(t *testing.T, more ...string) *desk {
	t.Helper()
	d := &desk{t, filepath.Join(t.TempDir(), "data")}
	for _, variable := range append([]string{
		"JMK_DATABASE_PATH=" + filepath.Join(d.folder, "jiamenkou.db"), "JMK_SEAL_KEYRING_FILE=" + filepath.Join(d.folder, "keyring.json"),
		"JMK_LOG_LEVEL=error",
	}, more...) {
		key, value, _ := strings.Cut(variable, "=")
		t.Setenv(key, value)
	}
	return d
}

// run types a command and gives what it printed.
func (d *desk) run(command string) (string, error) {
	d.t.Helper()
	var printed bytes.Buffer
	err := d.runTo(context.Background(), &printed, command)
	return printed.String(), err
}

func (d *desk) runTo(ctx context.Context, out io.Writer, command string) error {
	root := rootCommand()
	root.SetOut(out)
	root.SetErr(out)
	root.SetArgs(strings.Fields(command))
	return root.ExecuteContext(ctx)
}

func (d *desk) mustRun(command string) string {
	d.t.Helper()
	printed, err := d.run(command)
	if err != nil {
		d.t.Fatalf("%s: %v\n%s", command, err, printed)
	}
	return printed
}

// house is the program put together as the commands have it; it is closed with the test.
func (d *desk) house() *house {
	d.t.Helper()
	s, err := conf.Load("", os.Environ())
	if err != nil {
		d.t.Fatal(err)
	}
	h, err := build(context.Background(), s, slog.New(slog.DiscardHandler))
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = h.close() })
	return h
}

func lineCount(text, prefix string) (n int) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, prefix) {
			n++
		}
	}
	return n
}

func TestMigrateCommands(t *testing.T) {
	d := newDesk(t)
	before := d.mustRun("migrate status")
	steps := strings.Count(before, "\n")
	if steps == 0 || lineCount(before, "pending  0") != steps {
		t.Errorf("before: %s", before)
	}
	d.mustRun("migrate up")
	if after := d.mustRun("migrate status"); lineCount(after, "applied  0") != steps || strings.Count(after, "\n") != steps {
		t.Errorf("after: %s", after)
	}
	d.mustRun("migrate up") // nothing left to do
	h := d.house()
	subdistricts, err := h.store.ListSubdistricts(context.Background())
	if err != nil || len(subdistricts) != 13 {
		t.Errorf("%d subdistricts, %v", len(subdistricts), err)
	}
	services, err := h.store.ListServices(context.Background())
	if err != nil || len(services) != 3 {
		t.Errorf("%d services, %v", len(services), err)
	}
}

func TestMigrateRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, command := range []string{"migrate up now", "migrate status --fast", "migrate --config /nowhere/settings.yaml up"} {
		if printed, err := newDesk(t).run(command); err == nil {
			t.Errorf("%s went on: %s", command, printed)
		}
	}
}

// The demo has nine sites with slots, once, however often it is asked for.
func TestSeedDemo(t *testing.T) {
	d := newDesk(t)
	if first := d.mustRun("seed demo"); strings.Contains(first, " 0 slots") {
		t.Errorf("at first: %s", first)
	}
	if again := d.mustRun("seed demo"); !strings.Contains(again, " 0 slots") {
		t.Errorf("again: %s", again)
	}
	sites, err := d.house().store.ListSites(context.Background())
	if err != nil || len(sites) != 9 {
		t.Errorf("%d sites, %v", len(sites), err)
	}
	for _, site := range sites {
		if !strings.Contains(site.Name, "示例") {
			t.Errorf("%s is not marked as invented", site.Name)
		}
	}
}
