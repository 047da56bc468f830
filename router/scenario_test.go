package router_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// scenario is something that happens in a house. Scenarios share one, and bring people, children and slots of their
// own; where that is not enough they build another.
type scenario struct {
	name string
	play func(h *house)
}

var scenarios = slices.Concat(sessionScenarios, requestScenarios, meScenarios, childScenarios, placeScenarios, bookingScenarios, waitingScenarios, behalfScenarios, staffScenarios, planScenarios, drawScenarios, workScenarios, doorScenarios, troubleScenarios, noticeScenarios, recordScenarios, siteScenarios, trailScenarios, policyScenarios, overviewScenarios, templateScenarios)

// TestScenarios plays everything; then it looks for what never happened.
func TestScenarios(t *testing.T) {
	h := newHouse(t)
	played := 0
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			played++
			h.run(t, s.play)
		})
	}
	h.world.Sound()
	h.factsAreWhole()
	if played == len(scenarios) { // not when -run has chosen some
		t.Run("every operation has been done", everyOperationDone)
		t.Run("every code has been answered", everyCodeAnswered)
	}
}

func everyOperationDone(t *testing.T) {
	for path, item := range theDocument().spec.Paths.Map() {
		for method, operation := range item.Operations() {
			if strings.HasSuffix(path, "/live") { // never ends; TestTheDeskHearsOfACheckIn listens to it
				continue
			}
			if !heard.done[operation.OperationID] {
				t.Errorf("no scenario succeeds with %s %s", method, path)
			}
		}
	}
}

// elsewhere are the codes no scenario here answers, with where they are answered or why they never are.
var elsewhere = map[string]string{
	"database_busy":   "service/booking: six deadlocks or lock waits in a row",
	"outcome_unknown": "service/booking: the connection is cut at COMMIT",
	"lease_lost":      "only between servers: never an answer to a request",
}

func everyCodeAnswered(t *testing.T) {
	declared := declaredCodes(t, "../model", "../service", "../router")
	for code, place := range declared {
		if _, known := elsewhere[code]; !known && !heard.codes[code] {
			t.Errorf("no scenario is refused with %s, declared at %s", code, place)
		}
	}
	for code := range elsewhere {
		if declared[code] == "" || heard.codes[code] {
			t.Errorf("%s stands in the list of exceptions for nothing", code)
		}
	}
	if len(declared) < 60 {
		t.Errorf("only %d declared faults were found; has fault.New been renamed?", len(declared))
	}
}

// declaredCodes finds every fault.New("…", code, …) and says where it stands.
func declaredCodes(t *testing.T, roots ...string) map[string]string {
	t.Helper()
	codes, files := map[string]string{}, token.NewFileSet()
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(files, path, nil, 0)
			if err == nil {
				ast.Inspect(file, func(n ast.Node) bool { noteCode(n, files, codes); return true })
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return codes
}

func noteCode(n ast.Node, files *token.FileSet, codes map[string]string) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) != 3 {
		return
	}
	callee, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || callee.Sel.Name != "New" {
		return
	}
	if from, ok := callee.X.(*ast.Ident); !ok || from.Name != "fault" {
		return
	}
	if literal, ok := call.Args[1].(*ast.BasicLit); ok {
		code, _ := strconv.Unquote(literal.Value)
		codes[code] = files.Position(call.Pos()).String()
	}
}
