package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

const (
	ringFormat     = 1
	indexEntry     = 0 // the index key's id; keys for cells begin at 1
	indexAlgorithm = "HMAC-SM3"
	kekSize        = 32
	maxRingFile    = 1 << 20
)

// ringFile is the JSON of the file.
type ringFile struct {
	Format   int         `json:"format"`
	Active   uint32      `json:"active"`
	IndexKey ringEntry   `json:"index_key"`
	Keys     []ringEntry `json:"keys"`
}

// ringEntry holds its secret either wrapped (nonce, ciphertext and tag of AES-256-GCM under the key-encryption key) or
// plain; in JSON both are base64.
type ringEntry struct {
	ID        uint32    `json:"id"`
	Algorithm string    `json:"algorithm"`
	CreatedAt time.Time `json:"created_at"`
	Wrapped   []byte    `json:"wrapped,omitempty"`
	Plain     []byte    `json:"plain,omitempty"`
}

func (f ringFile) unwrap(kek []byte) (*ring, error) {
	index, err := f.unwrapIndex(kek)
	if err != nil {
		return nil, err
	}
	r := &ring{file: f, index: index, keys: make(map[uint32]*Key, len(f.Keys)), plain: len(f.IndexKey.Plain) != 0}
	for _, entry := range f.Keys {
		if err := r.add(entry, kek); err != nil {
			return nil, err
		}
	}
	if r.active = r.keys[f.Active]; r.active == nil {
		return nil, fmt.Errorf("seal: the keyring's active key %d is not in it", f.Active)
	}
	return r, nil
}

func (f ringFile) unwrapIndex(kek []byte) ([]byte, error) {
	entry := f.IndexKey
	if entry.ID != indexEntry || entry.Algorithm != indexAlgorithm {
		return nil, fmt.Errorf("seal: the index key must have id %d and algorithm %s", indexEntry, indexAlgorithm)
	}
	secret, err := entry.secret(kek)
	if err == nil && len(secret) < minIndexKey {
		err = fmt.Errorf("seal: the index key is shorter than %d bytes", minIndexKey)
	}
	return secret, err
}

func (r *ring) add(entry ringEntry, kek []byte) error {
	if entry.ID == indexEntry || r.keys[entry.ID] != nil {
		return fmt.Errorf("seal: key id %d is 0 or twice in the keyring", entry.ID)
	}
	secret, err := entry.secret(kek)
	if err != nil {
		return err
	}
	key, err := NewKey(entry.ID, entry.Algorithm, secret)
	if err != nil {
		return err
	}
	r.keys[entry.ID] = key
	r.plain = r.plain || len(entry.Plain) != 0
	return nil
}

func (e ringEntry) secret(kek []byte) ([]byte, error) {
	switch {
	case (len(e.Plain) == 0) == (len(e.Wrapped) == 0):
		return nil, fmt.Errorf("seal: key %d must be either wrapped or plain", e.ID)
	case len(e.Plain) != 0:
		return e.Plain, nil
	case len(kek) != kekSize || len(e.Wrapped) < nonceSize+tagSize:
		return nil, fmt.Errorf("%w: key %d is wrapped", ErrKEK, e.ID)
	}
	aead, err := newAEAD(algorithmAES256GCM, kek)
	if err != nil {
		return nil, err
	}
	secret, err := aead.Open(nil, e.Wrapped[:nonceSize], e.Wrapped[nonceSize:], e.bound())
	if err != nil {
		return nil, fmt.Errorf("%w: key %d does not unwrap", ErrKEK, e.ID)
	}
	return secret, nil
}

func (e *ringEntry) put(secret, kek []byte) error {
	if len(kek) == 0 {
		e.Plain = secret
		return nil
	}
	aead, err := newAEAD(algorithmAES256GCM, kek)
	if err != nil {
		return err
	}
	nonce := make([]byte, nonceSize)
	if _, err := rand.Read(nonce); err != nil {
		return fmt.Errorf("seal: random nonce: %w", err)
	}
	e.Wrapped = aead.Seal(nonce, nonce, secret, e.bound())
	return nil
}

// bound ties a wrapped key to its id and algorithm: nobody can make one key pass for another.
func (e ringEntry) bound() []byte {
	aad := binary.BigEndian.AppendUint32([]byte("jiamenkou keyring 1\x00"), e.ID)
	return appendSized(aad, e.Algorithm)
}

// readFile looks at the mode of what it has opened, not of what the path may name a moment later.
func readFile(path string) (ringFile, os.FileInfo, error) {
	f, err := os.Open(path) //nolint:gosec // the operator's own setting
	if err != nil {
		return ringFile{}, nil, fmt.Errorf("seal: keyring: %w", err)
	}
	defer func() { _ = f.Close() }()
	stat, err := f.Stat()
	if err != nil {
		return ringFile{}, nil, fmt.Errorf("seal: keyring: %w", err)
	}
	if stat.Mode().Perm()&0o077 != 0 {
		return ringFile{}, nil, fmt.Errorf("%w: %s is %#o", ErrKeyringMode, path, stat.Mode().Perm())
	}
	file, err := parse(io.LimitReader(f, maxRingFile))
	if err != nil {
		return ringFile{}, nil, fmt.Errorf("seal: keyring %s: %w", path, err)
	}
	return file, stat, nil
}

func parse(r io.Reader) (ringFile, error) {
	var file ringFile
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		// A decoder's error may quote what it could not read, and that may be a key.
		return ringFile{}, errors.New("not the JSON of a keyring")
	}
	if file.Format != ringFormat {
		return ringFile{}, fmt.Errorf("format %d, want %d", file.Format, ringFormat)
	}
	return file, nil
}

// createFile links instead of renaming: of two servers started at once on a new machine one must lose, or the first
// would seal under keys the second has just thrown away.
func createFile(path string, file ringFile) error {
	return writeFile(path, file, os.Link)
}

func replaceFile(path string, file ringFile) error {
	return writeFile(path, file, os.Rename)
}

// writeFile has the new content on the disk, under another name, before place gives it the name: a crash leaves the
// old file or the new one.
func writeFile(path string, file ringFile, place func(from, to string) error) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".keyring-*")
	if err != nil {
		return fmt.Errorf("seal: keyring: %w", err)
	}
	defer func() { _ = os.Remove(temp.Name()) }()
	err = errors.Join(writeRing(temp, file), temp.Sync(), temp.Close())
	if err == nil {
		err = place(temp.Name(), path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("seal: keyring: %w", err)
	}
	return nil
}

func writeRing(w io.Writer, file ringFile) error {
	content, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.Copy(w, bytes.NewReader(append(content, '\n')))
	return err
}

func syncFolder(path string) error {
	folder, err := os.Open(path) //nolint:gosec // the keyring's own folder
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
