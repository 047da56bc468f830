package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "jiamenkou"

// source is a Go file with what it imports; folder is its folder in the module, such as service/booking.
type source struct {
	name    string
	folder  string
	imports []string
}

// The arrows of docs: who may import whom. Tests may import more, since they put parts together that meet only in app;
// so may the packages that exist for tests.
func TestArrows(t *testing.T) {
	sources := readSources(t, "..")
	if len(sources) < 50 {
		t.Fatalf("only %d files were read", len(sources))
	}
	for _, s := range sources {
		for _, wrong := range s.wrongs() {
			t.Error(wrong)
		}
	}
}

// TestArrowsFindWrongs is the test of the test.
func TestArrowsFindWrongs(t *testing.T) {
	for _, c := range []struct {
		folder, imported string
		right            bool
	}{
		{"app", "jiamenkou/router", true},
		{"app", "gorm.io/gorm", true},
		{"router", "jiamenkou/service/booking", true},
		{"router", "jiamenkou/model/fault", true},
		{"router", "jiamenkou/conf", false},
		{"router", "jiamenkou/adapter/redis", false},
		{"router", "gorm.io/gorm", false},
		{"router", "github.com/gin-gonic/gin", true},
		{"service/booking", "jiamenkou/model", true},
		{"service/booking", "jiamenkou/service/account", false},
		{"service/booking", "jiamenkou/service/booking/rules", true},
		{"service/booking", "jiamenkou/router", false},
		{"service/booking", "github.com/danielgtaylor/huma/v2", false},
		{"model", "jiamenkou/model/fault", true},
		{"model", "jiamenkou/service/booking", false},
		{"model", "gorm.io/driver/mysql", true},
		{"adapter/wechat", "jiamenkou/model", false},
		{"adapter/wechat", "jiamenkou/adapter/redis", false},
		{"adapter/redis", "github.com/redis/go-redis/v9", true},
		{"conf", "jiamenkou/adapter/seal", false},
		{"web/apidocs", "jiamenkou/router", false},
		{"service/utils", "strings", false},
		{"adapter/common", "strings", false},
		{"bench", "jiamenkou/conf", true},
		{"nowhere", "strings", false},
	} {
		if got := (source{"x.go", c.folder, []string{c.imported}}).wrongs(); (len(got) == 0) != c.right {
			t.Errorf("%s importing %s: %q", c.folder, c.imported, got)
		}
	}
}

func readSources(t *testing.T, root string) (all []source) {
	t.Helper()
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || name != root && strings.HasPrefix(entry.Name(), ".")) {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		one, err := readSource(root, name)
		all = append(all, one)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func readSource(root, name string) (s source, err error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		return s, err
	}
	folder, err := filepath.Rel(root, filepath.Dir(name))
	s = source{name: name, folder: filepath.ToSlash(folder)}
	for _, imported := range file.Imports {
		text, err := strconv.Unquote(imported.Path.Value)
		if err != nil {
			return s, err
		}
		s.imports = append(s.imports, text)
	}
	return s, err
}

// arrows are, by layer, the folders of ours it may import; a layer may always import what lies below its own folder.
var arrows = map[string][]string{
	"app":     {""},
	"bench":   {""},
	"router":  {"service", "model"},
	"service": {"model"},
	"model":   {"model"},
	"adapter": nil,
	"conf":    nil,
	"web":     nil,
	"scripts": nil,
}

// reserved are other people's packages that only some layers may import; tests' own packages start databases.
var reserved = map[string][]string{
	"gorm.io":                       {"model", "app"},
	"github.com/gin-gonic/gin":      {"router", "app", "bench"},
	"github.com/danielgtaylor/huma": {"router", "app"},
}

// emptyNames say nothing about what is in a package.
var emptyNames = []string{"utils", "util", "common", "helper", "helpers", "base", "manager"}

func (s source) wrongs() (wrongs []string) {
	layer, _, _ := strings.Cut(s.folder, "/")
	allowed, known := arrows[layer]
	if !known {
		wrongs = append(wrongs, fmt.Sprintf("%s: %s is in no layer of the house", s.name, s.folder))
	}
	if slices.Contains(emptyNames, path.Base(s.folder)) {
		wrongs = append(wrongs, fmt.Sprintf("%s: a package named %s says nothing", s.name, path.Base(s.folder)))
	}
	for _, imported := range s.imports {
		if !s.mayImport(imported, layer, allowed) {
			wrongs = append(wrongs, fmt.Sprintf("%s: %s may not import %s", s.name, s.folder, imported))
		}
	}
	return wrongs
}

func (s source) mayImport(imported, layer string, allowed []string) bool {
	ours, is := strings.CutPrefix(imported, module+"/")
	if !is {
		return mayImportForeign(imported, layer)
	}
	if under(ours, s.folder) || s.forTests() {
		return true
	}
	return slices.ContainsFunc(allowed, func(folder string) bool { return under(ours, folder) })
}

func mayImportForeign(imported, layer string) bool {
	for name, layers := range reserved {
		if under(imported, name) && !slices.Contains(layers, layer) {
			return false
		}
	}
	return true
}

// forTests reports a package that exists for tests, such as model/modeltest.
func (s source) forTests() bool { return strings.HasSuffix(s.folder, "test") }

func under(name, folder string) bool {
	return folder == "" || name == folder || strings.HasPrefix(name, folder+"/")
}
