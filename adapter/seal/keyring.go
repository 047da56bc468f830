package seal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// What opening or changing a keyring may answer.
var (
	// ErrKeyringMode: others than the owner may read or write the file.
	ErrKeyringMode = errors.New("seal: the keyring's mode must be 0600 or stricter")
	// ErrKEK: the key-encryption key is missing, of the wrong size, or not the one that wrapped the keys.
	ErrKEK = errors.New("seal: the key-encryption key does not fit")
	// ErrActiveKey: the key to be removed is the active one.
	ErrActiveKey = errors.New("seal: the active key cannot be removed")
)

// retryPause is the least time between two readings that failed; a file that did not change is not read at all.
const retryPause = time.Second

// Keyring is a KeyProvider out of one file. A key another process added is found as soon as a cell names it; Reload
// also takes over which key is active. Many servers may share the file, and changes by several processes do not meet.
type Keyring struct {
	path string
	kek  []byte
	now  func() time.Time
	ring atomic.Pointer[ring]

	mu         sync.Mutex // one reading at a time
	retryAfter time.Time
}

// ring is what one reading of the file gave; it never changes.
type ring struct {
	file   ringFile
	stat   os.FileInfo
	keys   map[uint32]*Key
	active *Key
	index  []byte
	plain  bool
}

// OpenKeyring reads the file. kek has 32 bytes, or is empty when the file holds plain keys only (development).
func OpenKeyring(path string, kek []byte) (*Keyring, error) {
	k, err := newKeyring(path, kek)
	if err != nil {
		return nil, err
	}
	if err := k.Reload(); err != nil {
		return nil, err
	}
	return k, nil
}

// CreateKeyring writes a new file with one key of the algorithm and an index key, and opens it. An existing file is
// never replaced: the error is then fs.ErrExist. Without kek the keys are written in plain.
func CreateKeyring(path string, kek []byte, algorithm string) (*Keyring, error) {
	k, err := newKeyring(path, kek)
	if err != nil {
		return nil, err
	}
	file := ringFile{Format: ringFormat}
	if file.IndexKey, err = k.newEntry(indexEntry, indexAlgorithm, minIndexKey); err != nil {
		return nil, err
	}
	if _, err = k.addTo(&file, algorithm); err != nil {
		return nil, err
	}
	if err = createFile(path, file); err != nil {
		return nil, err
	}
	return k, k.Reload()
}

func newKeyring(path string, kek []byte) (*Keyring, error) {
	if len(kek) != 0 && len(kek) != kekSize {
		return nil, fmt.Errorf("%w: %d bytes, want %d", ErrKEK, len(kek), kekSize)
	}
	return &Keyring{path: path, kek: slices.Clone(kek), now: time.Now}, nil
}

// ActiveKey is the key new cells are sealed under, as of the last reading.
func (k *Keyring) ActiveKey() *Key { return k.ring.Load().active }

// IndexKey is the secret of the blind indexes.
func (k *Keyring) IndexKey() []byte { return k.ring.Load().index }

// KeyByID reads the file again for an id it does not know, if the file has changed since.
func (k *Keyring) KeyByID(id uint32) (*Key, bool) {
	if key, ok := k.ring.Load().keys[id]; ok {
		return key, true
	}
	k.refresh()
	key, ok := k.ring.Load().keys[id]
	return key, ok
}

// Plain tells whether any key stands unwrapped in the file; production refuses that.
func (k *Keyring) Plain() bool { return k.ring.Load().plain }

// IDs are the ids of all keys, ascending.
func (k *Keyring) IDs() []uint32 {
	entries := k.ring.Load().file.Keys
	ids := make([]uint32, 0, len(entries))
	for _, entry := range entries {
		ids = append(ids, entry.ID)
	}
	slices.Sort(ids)
	return ids
}

// Reload reads the file again and takes over its active key. On an error the keys in use stay as they are. A running
// server should call it every minute: see RemoveKey.
func (k *Keyring) Reload() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.load()
}

// AddKey makes a new key of the algorithm, active from now on in this process, and saves the file.
func (k *Keyring) AddKey(algorithm string) (id uint32, err error) {
	err = k.change(func(file *ringFile) error {
		id, err = k.addTo(file, algorithm)
		return err
	})
	return id, err
}

// RemoveKey takes a key out of the file; cells under it can never be opened again. Call it only when every server has
// reloaded since another key became active (one that has not still seals under this one), and after that a look at
// every table found no cell under it. The active key is refused with ErrActiveKey, an id not in the file with
// ErrUnknownKey.
func (k *Keyring) RemoveKey(id uint32) error {
	return k.change(func(file *ringFile) error {
		if id == file.Active {
			return fmt.Errorf("%w: id %d", ErrActiveKey, id)
		}
		before := len(file.Keys)
		file.Keys = slices.DeleteFunc(file.Keys, func(e ringEntry) bool { return e.ID == id })
		if len(file.Keys) == before {
			return fmt.Errorf("%w: id %d", ErrUnknownKey, id)
		}
		return nil
	})
}

// Format keeps the secrets out of logs, whatever the verb.
func (k *Keyring) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "keyring %s", k.path) }

// change works on the file as it is now, not as it was last read: otherwise a key that another process has just added,
// and under which it already seals, would be lost.
func (k *Keyring) change(edit func(*ringFile) error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	unlock, err := lockFolder(k.path)
	if err != nil {
		return err
	}
	defer unlock()
	if err := k.load(); err != nil {
		return err
	}
	file := k.ring.Load().file
	file.Keys = slices.Clone(file.Keys)
	if err := edit(&file); err != nil {
		return err
	}
	if _, err := file.unwrap(k.kek); err != nil {
		return err
	}
	if err := replaceFile(k.path, file); err != nil {
		return err
	}
	return k.load()
}

func (k *Keyring) addTo(file *ringFile, algorithm string) (uint32, error) {
	_, size, err := algorithmOf(algorithm)
	if err != nil {
		return 0, err
	}
	id := uint32(1)
	for _, entry := range file.Keys {
		id = max(id, entry.ID+1)
	}
	entry, err := k.newEntry(id, algorithm, size)
	if err != nil {
		return 0, err
	}
	file.Keys = append(file.Keys, entry)
	file.Active = id
	return id, nil
}

func (k *Keyring) newEntry(id uint32, algorithm string, size int) (ringEntry, error) {
	secret := make([]byte, size)
	if _, err := rand.Read(secret); err != nil {
		return ringEntry{}, fmt.Errorf("seal: random key: %w", err)
	}
	entry := ringEntry{ID: id, Algorithm: algorithm, CreatedAt: k.now().UTC().Truncate(time.Second)}
	err := entry.put(secret, k.kek)
	return entry, err
}

// refresh reads the file only when it is another than the one last read, so that damaged cells naming keys that never
// were cost a stat each and nothing more.
func (k *Keyring) refresh() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.now().Before(k.retryAfter) || !k.changed() {
		return
	}
	if err := k.load(); err != nil {
		k.retryAfter = k.now().Add(retryPause)
	}
}

func (k *Keyring) changed() bool {
	last := k.ring.Load().stat
	stat, err := os.Stat(k.path)
	return err == nil && !(os.SameFile(stat, last) && stat.ModTime().Equal(last.ModTime()) && stat.Size() == last.Size())
}

func (k *Keyring) load() error {
	file, stat, err := readFile(k.path)
	if err != nil {
		return err
	}
	next, err := file.unwrap(k.kek)
	if err != nil {
		return fmt.Errorf("%w (%s)", err, k.path)
	}
	next.stat = stat
	k.ring.Store(next)
	return nil
}
