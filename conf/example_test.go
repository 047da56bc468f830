package conf

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExampleLoadsAsTheDefaults(t *testing.T) {
	got, err := Load("example.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Defaults(Development)
	if diff := cmp.Diff(want, *got, cmp.Comparer(func(a, b Secret) bool { return string(a) == string(b) })); diff != "" {
		t.Errorf("conf/example.yaml is not the defaults (-default +example):\n%s", diff)
	}
}

func TestExampleHasEveryKeyExplained(t *testing.T) {
	keys := keysOf(t, string(Example()))
	table := newKeyTable()
	for _, l := range table.leaves {
		switch explained, present := keys[l.key]; {
		case !present:
			t.Errorf("the setting %s is missing in conf/example.yaml", l.key)
		case !explained:
			t.Errorf("the setting %s stands in conf/example.yaml without a comment above it", l.key)
		}
	}
	for key := range keys {
		if _, known := table.byKey[key]; !known {
			t.Errorf("conf/example.yaml holds %s, which is no setting", key)
		}
	}
}

func TestExampleNamesTheFileKeyOfEverySecret(t *testing.T) {
	for key := range newKeyTable().byFileKey {
		name := key[strings.LastIndex(key, ".")+1:]
		if !strings.Contains(string(Example()), "(or "+name+")") {
			t.Errorf("conf/example.yaml does not mention %s", name)
		}
	}
}

func TestExampleIsACopy(t *testing.T) {
	Example()[0] = 'X'
	if Example()[0] == 'X' {
		t.Error("a caller can change the example")
	}
}

// keysOf finds the dotted keys of the example's text and whether a comment stands
// directly above each. It knows the example's shape only: two levels, one of limits in
// braces.
func keysOf(t *testing.T, text string) map[string]bool {
	t.Helper()
	line := regexp.MustCompile(`^(  )?([a-z_]+):(.*)$`)
	keys, section, comment := map[string]bool{}, "", false
	for content := range strings.Lines(text) {
		content = strings.TrimRight(content, "\n")
		match := line.FindStringSubmatch(content)
		if match == nil {
			comment = strings.HasPrefix(strings.TrimSpace(content), "#")
			continue
		}
		indented, name, rest := match[1] != "", match[2], strings.TrimSpace(match[3])
		switch {
		case !indented && rest == "":
			section = name + "."
			continue
		case !indented:
			section = ""
		}
		for _, key := range expand(section+name, rest) {
			keys[key] = comment
		}
		comment = false
	}
	return keys
}

func expand(key, rest string) []string {
	if !strings.HasPrefix(rest, "{") {
		return []string{key}
	}
	var keys []string
	for _, match := range regexp.MustCompile(`([a-z_]+):`).FindAllStringSubmatch(rest, -1) {
		keys = append(keys, key+"."+match[1])
	}
	return keys
}

// settingsFile writes a settings file for one test.
func settingsFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
