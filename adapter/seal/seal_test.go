package seal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm4"
	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixedKeys is a provider without a file.
type fixedKeys struct {
	active *Key
	old    []*Key
}

func (f fixedKeys) ActiveKey() *Key  { return f.active }
func (f fixedKeys) IndexKey() []byte { return bytes.Repeat([]byte{7}, 32) }
func (f fixedKeys) KeyByID(id uint32) (*Key, bool) {
	for _, key := range append(f.old, f.active) {
		if key.id == id {
			return key, true
		}
	}
	return nil, false
}

func mustKey(t testing.TB, id uint32, algorithm string) *Key {
	t.Helper()
	_, size, err := algorithmOf(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	key, err := NewKey(id, algorithm, bytes.Repeat([]byte{byte(id)}, size))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func mustBox(t testing.TB, provider KeyProvider) *Box {
	t.Helper()
	box, err := NewBox(provider)
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func mustSeal(t testing.TB, box *Box, table, column, row, plain string) []byte {
	t.Helper()
	cell, err := box.Seal(table, column, row, []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	return cell
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func algorithms(t *testing.T, test func(t *testing.T, algorithm string)) {
	for _, algorithm := range []string{SM4GCM, AES256GCM} {
		t.Run(algorithm, func(t *testing.T) { test(t, algorithm) })
	}
}

// GB/T 32907-2016 appendix A: one encryption, and a million of them one upon the other.
func TestSM4BlockVectors(t *testing.T) {
	key := unhex(t, "0123456789abcdeffedcba9876543210")
	block, err := sm4.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	state := bytes.Clone(key)
	block.Encrypt(state, state)
	if want := unhex(t, "681edf34d206965e86b3e94f536e4246"); !bytes.Equal(state, want) {
		t.Fatalf("once: %x, want %x", state, want)
	}
	for range 999_999 {
		block.Encrypt(state, state)
	}
	if want := unhex(t, "595298c7c6fd271f0402f804c33d3f66"); !bytes.Equal(state, want) {
		t.Fatalf("a million times: %x, want %x", state, want)
	}
}

func TestAEADVectors(t *testing.T) {
	vectors := []struct {
		name                                 string
		algorithm                            byte
		key, nonce, aad, plain, cipher, auth string
	}{{
		name: "SM4-GCM, RFC 8998 appendix A.1", algorithm: algorithmSM4GCM,
		key: "0123456789abcdeffedcba9876543210", nonce: "00001234567800000000abcd",
		aad:    "feedfacedeadbeeffeedfacedeadbeefabaddad2",
		plain:  "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
		cipher: "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d",
		auth:   "83de3541e4c2b58177e065a9bf7b62ec",
	}, {
		name: "AES-256-GCM, GCM specification submitted to NIST, test case 16", algorithm: algorithmAES256GCM,
		key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", nonce: "cafebabefacedbaddecaf888",
		aad:    "feedfacedeadbeeffeedfacedeadbeefabaddad2",
		plain:  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
		cipher: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
		auth:   "76fc6ece0f4e1768cddf8853bb2d551b",
	}}
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			aead, err := newAEAD(v.algorithm, unhex(t, v.key))
			if err != nil {
				t.Fatal(err)
			}
			got := aead.Seal(nil, unhex(t, v.nonce), unhex(t, v.plain), unhex(t, v.aad))
			if want := unhex(t, v.cipher+v.auth); !bytes.Equal(got, want) {
				t.Errorf("got %x, want %x", got, want)
			}
		})
	}
}

func TestCellLayout(t *testing.T) {
	cell := mustSeal(t, mustBox(t, fixedKeys{active: mustKey(t, 0x01020304, SM4GCM)}), "children", "name", "01J", "小明")
	if got, want := cell[:6], []byte{1, 1, 1, 2, 3, 4}; !bytes.Equal(got, want) {
		t.Errorf("prefix %x, want %x", got, want)
	}
	if got, want := len(cell), 34+len("小明"); got != want {
		t.Errorf("length %d, want %d", got, want)
	}
}

func TestSealOpen(t *testing.T) {
	algorithms(t, func(t *testing.T, algorithm string) {
		box := mustBox(t, fixedKeys{active: mustKey(t, 1, algorithm)})
		rapid.Check(t, func(t *rapid.T) {
			name := rapid.String()
			table, column, row := name.Draw(t, "table"), name.Draw(t, "column"), name.Draw(t, "row")
			plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
			cell, err := box.Seal(table, column, row, plain)
			if err != nil {
				t.Fatal(err)
			}
			got, err := box.Open(table, column, row, cell)
			if err != nil || got == nil || !bytes.Equal(got, plain) {
				t.Fatalf("got %x, %v, want %x", got, err, plain)
			}
			if !box.Current(cell) || !bytes.HasPrefix(cell, box.CurrentPrefix()) {
				t.Fatal("a fresh cell is not current")
			}
		})
	})
}

func TestSealNeverRepeats(t *testing.T) {
	box := mustBox(t, fixedKeys{active: mustKey(t, 1, SM4GCM)})
	if bytes.Equal(mustSeal(t, box, "t", "c", "r", "x"), mustSeal(t, box, "t", "c", "r", "x")) {
		t.Error("two seals of one value are equal")
	}
}

func TestOpenRefusesEveryFlippedBit(t *testing.T) {
	algorithms(t, func(t *testing.T, algorithm string) {
		box := mustBox(t, fixedKeys{active: mustKey(t, 1, algorithm)})
		cell := mustSeal(t, box, "children", "name", "01J", "徐小明")
		for bit := range len(cell) * 8 {
			bad := bytes.Clone(cell)
			bad[bit/8] ^= 1 << (bit % 8)
			if plain, err := box.Open("children", "name", "01J", bad); err == nil || plain != nil {
				t.Fatalf("bit %d: opened to %q", bit, plain)
			}
		}
	})
}

func TestOpenRefusesEveryTruncation(t *testing.T) {
	box := mustBox(t, fixedKeys{active: mustKey(t, 1, SM4GCM)})
	cell := mustSeal(t, box, "children", "name", "01J", "徐小明")
	for n := range cell {
		want := ErrTampered
		if n < minCell {
			want = ErrFormat
		}
		if _, err := box.Open("children", "name", "01J", cell[:n]); !errors.Is(err, want) {
			t.Errorf("%d bytes: %v, want %v", n, err, want)
		}
	}
	if _, err := box.Open("children", "name", "01J", append(cell, 0)); !errors.Is(err, ErrTampered) {
		t.Errorf("one byte more: %v", err)
	}
}

func TestOpenRefusesASwappedCell(t *testing.T) {
	box := mustBox(t, fixedKeys{active: mustKey(t, 1, SM4GCM)})
	cell := mustSeal(t, box, "children", "name", "01J", "徐小明")
	for _, place := range [][3]string{
		{"children", "name", "01K"}, {"children", "health", "01J"}, {"residents", "name", "01J"},
		{"childrenn", "ame", "01J"}, {"children", "name0", "1J"}, {"children", "name01J", ""}, {"", "childrenname", "01J"},
	} {
		if _, err := box.Open(place[0], place[1], place[2], cell); !errors.Is(err, ErrTampered) {
			t.Errorf("%q: %v, want ErrTampered", place, err)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	box := mustBox(t, fixedKeys{active: mustKey(t, 1, SM4GCM), old: []*Key{mustKey(t, 2, AES256GCM)}})
	cell := mustSeal(t, box, "t", "c", "r", "secret")
	patched := func(at int, to byte) []byte { bad := bytes.Clone(cell); bad[at] = to; return bad }
	for name, test := range map[string]struct {
		cell []byte
		want error
	}{
		"nil":                         {nil, ErrFormat},
		"plain text":                  {[]byte(strings.Repeat("plain ", 10)), ErrFormat},
		"format 2":                    {patched(0, 2), ErrFormat},
		"algorithm 3":                 {patched(1, 3), ErrFormat},
		"algorithm of another key":    {patched(1, algorithmAES256GCM), ErrTampered},
		"key 9":                       {patched(5, 9), ErrUnknownKey},
		"key 2, of another algorithm": {patched(5, 2), ErrTampered},
	} {
		_, err := box.Open("t", "c", "r", test.cell)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the secret", name)
		}
	}
}

func TestRotationKeepsOldCellsReadable(t *testing.T) {
	first, second := mustKey(t, 1, SM4GCM), mustKey(t, 2, AES256GCM)
	old := mustSeal(t, mustBox(t, fixedKeys{active: first}), "t", "c", "r", "x")
	box := mustBox(t, fixedKeys{active: second, old: []*Key{first}})
	if plain, err := box.Open("t", "c", "r", old); err != nil || string(plain) != "x" {
		t.Errorf("got %q, %v", plain, err)
	}
	if box.Current(old) {
		t.Error("an old cell is called current")
	}
	if cell := mustSeal(t, box, "t", "c", "r", "x"); !box.Current(cell) || box.Current(cell[:20]) {
		t.Error("a new cell is not current, or a piece of it is")
	}
}

func TestIndex(t *testing.T) {
	box := mustBox(t, fixedKeys{active: mustKey(t, 1, SM4GCM)})
	phone := box.Index("residents.phone", []byte("13800000000"))
	if len(phone) != 32 || !bytes.Equal(phone, box.Index("residents.phone", []byte("13800000000"))) {
		t.Errorf("not 32 stable bytes: %x", phone)
	}
	if bytes.Equal(phone, box.Index("staff.phone", []byte("13800000000"))) {
		t.Error("two columns share an index")
	}
	if bytes.Equal(phone, box.Index("residents.phone", []byte("13800000001"))) {
		t.Error("two values share an index")
	}
}

// The index is stored: an update of a library or of this code must not change it. The value is OpenSSL's.
func TestIndexIsFixed(t *testing.T) {
	box := mustBox(t, fixedKeys{active: mustKey(t, 1, SM4GCM)})
	got := hex.EncodeToString(box.Index("residents.phone", []byte("13800000000")))
	if want := "797093bedab93ff86aad4f3afd370af3ba6c724f003f59f745d09dbdbbe2a66e"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNewBoxRefuses(t *testing.T) {
	if _, err := NewBox(fixedKeys{}); err == nil {
		t.Error("took a provider without a key")
	}
	if _, err := NewBox(shortIndex{fixedKeys{active: mustKey(t, 1, SM4GCM)}}); err == nil {
		t.Error("took a short index key")
	}
}

type shortIndex struct{ fixedKeys }

func (shortIndex) IndexKey() []byte { return make([]byte, 31) }

func TestNewKeyRefuses(t *testing.T) {
	for algorithm, size := range map[string]int{SM4GCM: 32, AES256GCM: 16, "DES": 16} {
		if _, err := NewKey(1, algorithm, make([]byte, size)); err == nil {
			t.Errorf("took %s with %d bytes", algorithm, size)
		}
	}
}

func TestKeyPrintsNoSecret(t *testing.T) {
	key := mustKey(t, 3, SM4GCM)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", key)
	for _, printed := range []string{fmt.Sprintf("%v", key), fmt.Sprintf("%+v", key), fmt.Sprintf("%#v", key), fmt.Sprintf("%s", key)} {
		if printed != "key 3 (SM4-GCM)" {
			t.Errorf("printed %q", printed)
		}
	}
	if !strings.Contains(log.String(), `key="key 3 (SM4-GCM)"`) {
		t.Errorf("logged %q", log.String())
	}
}

func FuzzOpen(f *testing.F) {
	box := mustBox(f, fixedKeys{active: mustKey(f, 1, SM4GCM), old: []*Key{mustKey(f, 2, AES256GCM)}})
	f.Add("t", "c", "r", []byte(nil))
	f.Add("t", "c", "r", mustSeal(f, box, "t", "c", "r", "x"))
	f.Add("t", "c", "r", bytes.Repeat([]byte{1}, minCell))
	f.Add("t", "c", "r", append([]byte{1, 2, 0, 0, 0, 2}, make([]byte, 28)...))
	f.Fuzz(func(t *testing.T, table, column, row string, cell []byte) {
		plain, err := box.Open(table, column, row, cell)
		if err == nil && (table+column+row != "tcr" || string(plain) != "x") {
			t.Errorf("forged: %x opened to %q", cell, plain)
		}
		box.Current(cell)
	})
}

func BenchmarkSealOpen(b *testing.B) {
	for _, algorithm := range []string{SM4GCM, AES256GCM} {
		box := mustBox(b, fixedKeys{active: mustKey(b, 1, algorithm)})
		b.Run(algorithm, func(b *testing.B) {
			for b.Loop() {
				cell := mustSeal(b, box, "children", "name", "01J", "徐小明")
				if _, err := box.Open("children", "name", "01J", cell); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
