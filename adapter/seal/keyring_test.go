package seal

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func testKEK() []byte { return bytes.Repeat([]byte{0xA5}, kekSize) }

func mustCreate(t *testing.T, kek []byte) (*Keyring, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keyring.json")
	ring, err := CreateKeyring(path, kek, SM4GCM)
	if err != nil {
		t.Fatal(err)
	}
	return ring, path
}

func mustOpen(t *testing.T, path string, kek []byte) *Keyring {
	t.Helper()
	ring, err := OpenKeyring(path, kek)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func mustAdd(t *testing.T, ring *Keyring, algorithm string) uint32 {
	t.Helper()
	id, err := ring.AddKey(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// edit changes the file's JSON as a hand would.
func edit(t *testing.T, path string, change func(map[string]any)) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]any
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	change(file)
	if content, err = json.Marshal(file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func key(file map[string]any, i int) map[string]any { return file["keys"].([]any)[i].(map[string]any) }

func TestKeyringSurvivesOpening(t *testing.T) {
	for name, kek := range map[string][]byte{"wrapped": testKEK(), "plain": nil} {
		t.Run(name, func(t *testing.T) {
			created, path := mustCreate(t, kek)
			cell := mustSeal(t, mustBox(t, created), "t", "c", "r", "x")
			opened := mustOpen(t, path, kek)
			if plain, err := mustBox(t, opened).Open("t", "c", "r", cell); err != nil || string(plain) != "x" {
				t.Errorf("got %q, %v", plain, err)
			}
			if !bytes.Equal(created.IndexKey(), opened.IndexKey()) {
				t.Error("the index key changed")
			}
			if got, want := opened.Plain(), kek == nil; got != want {
				t.Errorf("Plain() = %v, want %v", got, want)
			}
		})
	}
}

func TestKeyringFileHoldsNoSecret(t *testing.T) {
	ring, path := mustCreate(t, testKEK())
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(content, []byte(base64.StdEncoding.EncodeToString(ring.IndexKey()))) || bytes.Contains(content, []byte(`"plain"`)) {
		t.Error("the index key stands in the file")
	}
	stat, err := os.Stat(path)
	if err != nil || stat.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", stat.Mode(), err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if printed := fmt.Sprintf(verb, ring); printed != "keyring "+path {
			t.Errorf("%s printed %q", verb, printed)
		}
	}
}

func TestCreateKeyringNeverReplaces(t *testing.T) {
	_, path := mustCreate(t, testKEK())
	before, _ := os.ReadFile(path)
	if _, err := CreateKeyring(path, testKEK(), SM4GCM); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want fs.ErrExist", err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the file changed")
	}
}

func TestKeyringRefusesALooseMode(t *testing.T) {
	_, path := mustCreate(t, testKEK())
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o601, 0o644, 0o660} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenKeyring(path, testKEK()); !errors.Is(err, ErrKeyringMode) {
			t.Errorf("%#o: %v, want ErrKeyringMode", mode, err)
		}
	}
	for _, mode := range []fs.FileMode{0o600, 0o400} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenKeyring(path, testKEK()); err != nil {
			t.Errorf("%#o: %v", mode, err)
		}
	}
}

func TestKeyringRefusesAWrongKEK(t *testing.T) {
	_, path := mustCreate(t, testKEK())
	for name, kek := range map[string][]byte{"none": nil, "another": make([]byte, kekSize), "short": make([]byte, 16)} {
		if _, err := OpenKeyring(path, kek); !errors.Is(err, ErrKEK) {
			t.Errorf("%s: %v, want ErrKEK", name, err)
		}
	}
	if _, err := CreateKeyring(path+"2", make([]byte, 16), SM4GCM); !errors.Is(err, ErrKEK) {
		t.Errorf("create: %v, want ErrKEK", err)
	}
}

func TestKeyringRefusesADamagedFile(t *testing.T) {
	for name, change := range map[string]func(map[string]any){
		"another format":           func(f map[string]any) { f["format"] = 2 },
		"unknown field":            func(f map[string]any) { f["colour"] = "red" },
		"active key missing":       func(f map[string]any) { f["active"] = 9 },
		"no keys":                  func(f map[string]any) { f["keys"] = []any{} },
		"no index key":             func(f map[string]any) { delete(f, "index_key") },
		"key under another id":     func(f map[string]any) { key(f, 0)["id"] = 3 },
		"key of another algorithm": func(f map[string]any) { key(f, 0)["algorithm"] = AES256GCM },
		"keys exchanged": func(f map[string]any) {
			key(f, 0)["wrapped"], key(f, 1)["wrapped"] = key(f, 1)["wrapped"], key(f, 0)["wrapped"]
		},
		"id twice":                  func(f map[string]any) { key(f, 0)["id"] = 2 },
		"id 0":                      func(f map[string]any) { key(f, 0)["id"] = 0 },
		"neither wrapped nor plain": func(f map[string]any) { delete(key(f, 0), "wrapped") },
		"wrapped and plain":         func(f map[string]any) { key(f, 0)["plain"] = "AAAA" },
		"plain of a wrong size":     func(f map[string]any) { delete(key(f, 0), "wrapped"); key(f, 0)["plain"] = "c2VjcmV0" },
		"not base64":                func(f map[string]any) { key(f, 0)["wrapped"] = "secret!" },
		"wrapped too short":         func(f map[string]any) { key(f, 0)["wrapped"] = "AAAA" },
	} {
		t.Run(name, func(t *testing.T) {
			ring, path := mustCreate(t, testKEK())
			mustAdd(t, ring, SM4GCM)
			edit(t, path, change)
			_, err := OpenKeyring(path, testKEK())
			if err == nil {
				t.Fatal("opened")
			}
			if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "c2VjcmV0") {
				t.Errorf("the error quotes the file: %v", err)
			}
		})
	}
}

func TestKeyringPlainSeesOneUnwrappedKey(t *testing.T) {
	ring, path := mustCreate(t, testKEK())
	mustAdd(t, ring, SM4GCM)
	edit(t, path, func(f map[string]any) {
		delete(key(f, 0), "wrapped")
		key(f, 0)["plain"] = base64.StdEncoding.EncodeToString(make([]byte, 16))
	})
	if opened := mustOpen(t, path, testKEK()); !opened.Plain() {
		t.Error("an unwrapped key was not seen")
	}
}

func TestAddAndRemoveKey(t *testing.T) {
	ring, path := mustCreate(t, testKEK())
	box := mustBox(t, ring)
	old := mustSeal(t, box, "t", "c", "r", "x")
	if id := mustAdd(t, ring, AES256GCM); id != 2 || ring.ActiveKey().ID() != 2 || box.Current(old) {
		t.Fatalf("id %d, active %v", id, ring.ActiveKey())
	}
	if plain, err := box.Open("t", "c", "r", old); err != nil || string(plain) != "x" {
		t.Errorf("old cell: %q, %v", plain, err)
	}
	if err := ring.RemoveKey(2); !errors.Is(err, ErrActiveKey) {
		t.Errorf("active: %v", err)
	}
	if err := ring.RemoveKey(7); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("unknown: %v", err)
	}
	if err := ring.RemoveKey(1); err != nil {
		t.Fatal(err)
	}
	if _, err := box.Open("t", "c", "r", old); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("removed: %v", err)
	}
	if got := mustOpen(t, path, testKEK()).IDs(); !slices.Equal(got, []uint32{2}) {
		t.Errorf("saved %v", got)
	}
	if id := mustAdd(t, ring, SM4GCM); id != 3 {
		t.Errorf("id %d is used again", id)
	}
	if _, err := ring.AddKey("DES"); err == nil {
		t.Error("took DES")
	}
}

// A running server meets a cell under a key that another process made.
func TestRunningServerLearnsANewKey(t *testing.T) {
	admin, path := mustCreate(t, testKEK())
	server := mustOpen(t, path, testKEK())
	mustAdd(t, admin, SM4GCM)
	if got := server.ActiveKey().ID(); got != 1 {
		t.Errorf("active %d before a reading", got)
	}
	cell := mustSeal(t, mustBox(t, admin), "t", "c", "r", "x")
	if plain, err := mustBox(t, server).Open("t", "c", "r", cell); err != nil || string(plain) != "x" {
		t.Errorf("got %q, %v", plain, err)
	}
	if got := server.ActiveKey().ID(); got != 2 {
		t.Errorf("active %d after a reading", got)
	}
}

func TestReloadTakesOverTheActiveKey(t *testing.T) {
	admin, path := mustCreate(t, testKEK())
	server := mustOpen(t, path, testKEK())
	mustAdd(t, admin, SM4GCM)
	if err := server.Reload(); err != nil || server.ActiveKey().ID() != 2 {
		t.Errorf("active %d, %v", server.ActiveKey().ID(), err)
	}
}

func TestUnchangedFileIsNotReadAgain(t *testing.T) {
	ring, _ := mustCreate(t, testKEK())
	before := ring.ring.Load()
	for id := range uint32(100) {
		ring.KeyByID(1000 + id)
	}
	if ring.ring.Load() != before {
		t.Error("the file was read again")
	}
}

func TestFailedReadingKeepsTheKeysAndPauses(t *testing.T) {
	ring, path := mustCreate(t, testKEK())
	now := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	ring.now = func() time.Time { return now }
	good, _ := os.ReadFile(path)
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ring.Reload(); err == nil {
		t.Error("read a damaged file")
	}
	if _, ok := ring.KeyByID(2); ok || ring.ActiveKey().ID() != 1 {
		t.Error("the keys in use were lost")
	}
	before := ring.ring.Load()
	if err := os.WriteFile(path, append(good, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	if ring.KeyByID(2); ring.ring.Load() != before {
		t.Error("read again within the pause")
	}
	now = now.Add(retryPause)
	if ring.KeyByID(2); ring.ring.Load() == before {
		t.Error("did not read again after the pause")
	}
}

// Several processes add keys while another reads: no key is lost, and no reader meets half a file.
func TestChangesOfSeveralProcessesDoNotMeet(t *testing.T) {
	_, path := mustCreate(t, testKEK())
	const processes, each = 4, 5
	var adding, reading sync.WaitGroup
	done := make(chan struct{})
	reading.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			if _, err := OpenKeyring(path, testKEK()); err != nil {
				t.Errorf("reader: %v", err)
				return
			}
		}
	})
	for range processes {
		ring := mustOpen(t, path, testKEK())
		adding.Go(func() {
			for range each {
				if _, err := ring.AddKey(SM4GCM); err != nil {
					t.Error(err)
				}
			}
		})
	}
	adding.Wait()
	close(done)
	reading.Wait()
	if got := len(mustOpen(t, path, testKEK()).IDs()); got != 1+processes*each {
		t.Errorf("%d keys, want %d", got, 1+processes*each)
	}
	noneLeftBehind(t, filepath.Dir(path))
}

func TestCreateKeyringByTwoServersAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring.json")
	var won sync.Map
	var servers sync.WaitGroup
	for i := range 8 {
		servers.Go(func() {
			ring, err := CreateKeyring(path, testKEK(), SM4GCM)
			switch {
			case err == nil:
				won.Store(i, ring)
			case !errors.Is(err, fs.ErrExist):
				t.Error(err)
			}
		})
	}
	servers.Wait()
	winners := 0
	won.Range(func(_, ring any) bool {
		winners++
		if !bytes.Equal(ring.(*Keyring).IndexKey(), mustOpen(t, path, testKEK()).IndexKey()) {
			t.Error("the winner holds other keys than the file")
		}
		return true
	})
	if winners != 1 {
		t.Errorf("%d created it", winners)
	}
	noneLeftBehind(t, filepath.Dir(path))
}

// A change that fails before the new file has its name leaves the old one.
func TestFailedChangeLeavesTheFile(t *testing.T) {
	ring, path := mustCreate(t, testKEK())
	before, _ := os.ReadFile(path)
	failed := errors.New("no space")
	err := writeFile(path, ring.ring.Load().file, func(string, string) error { return failed })
	if !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the file changed")
	}
	noneLeftBehind(t, filepath.Dir(path))
}

func noneLeftBehind(t *testing.T, folder string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, ".keyring-*"))
	if err != nil || len(names) != 0 {
		t.Errorf("left behind: %v, %v", names, err)
	}
}
