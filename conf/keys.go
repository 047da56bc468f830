package conf

import (
	"reflect"
	"strings"
)

const (
	envPrefix  = "JMK_"
	fileSuffix = "_file"
)

// PathVariable names the settings file when Load is given no path.
const PathVariable = "JMK_CONFIG"

// leaf is one setting: a field of Settings that is not a section.
type leaf struct {
	key    string // dotted
	index  []int  // of the field, as reflect.Value.FieldByIndex takes it
	secret bool
}

// variable is the leaf's name in the environment.
func (l leaf) variable() string { return variableOf(l.key) }

func variableOf(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// keyTable is every name that a setting can be given by.
type keyTable struct {
	leaves     []leaf
	byKey      map[string]leaf
	byFileKey  map[string]leaf   // secrets only: "database.dsn_file"
	byVariable map[string]string // "JMK_DATABASE_DSN_FILE" → "database.dsn_file"
	sections   map[string]bool   // "database"
}

func newKeyTable() keyTable {
	t := keyTable{
		leaves:     leavesOf(reflect.TypeFor[Settings](), "", nil),
		byKey:      map[string]leaf{},
		byFileKey:  map[string]leaf{},
		byVariable: map[string]string{},
		sections:   map[string]bool{},
	}
	for _, l := range t.leaves {
		t.add(l)
	}
	return t
}

func (t keyTable) add(l leaf) {
	t.byKey[l.key] = l
	t.byVariable[l.variable()] = l.key
	if l.secret {
		t.byFileKey[l.key+fileSuffix] = l
		t.byVariable[variableOf(l.key+fileSuffix)] = l.key + fileSuffix
	}
	for at, r := range l.key {
		if r == '.' {
			t.sections[l.key[:at]] = true
		}
	}
}

// knows tells whether a value may stand under the key.
func (t keyTable) knows(key string) bool {
	_, plain := t.byKey[key]
	_, file := t.byFileKey[key]
	return plain || file
}

func leavesOf(section reflect.Type, prefix string, index []int) []leaf {
	var leaves []leaf
	for i := range section.NumField() {
		field := section.Field(i)
		key := prefix + field.Tag.Get("koanf")
		path := append(append([]int{}, index...), i)
		if field.Type.Kind() == reflect.Struct {
			leaves = append(leaves, leavesOf(field.Type, key+".", path)...)
			continue
		}
		leaves = append(leaves, leaf{key: key, index: path, secret: field.Type == reflect.TypeFor[Secret]()})
	}
	return leaves
}

// nearest is the known name most like the given one, or "" when none is close enough
// to be what was meant.
func nearest(name string, known []string) string {
	best, distance := "", len(name)/3+1
	for _, candidate := range known {
		if d := editDistance(name, candidate); d < distance || d == distance && candidate < best {
			best, distance = candidate, d
		}
	}
	return best
}

// editDistance counts the insertions, deletions and replacements of bytes between two
// names (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
