package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const committedDocument = "../docs/openapi.json"

// The document in docs/ is what the program prints, so that a change of the API is seen where it is reviewed.
func TestCommittedDocument(t *testing.T) {
	var printed bytes.Buffer
	root := rootCommand()
	root.SetOut(&printed)
	root.SetArgs([]string{"openapi"})
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadFile(committedDocument)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(committed), printed.String()); diff != "" {
		t.Errorf("docs/openapi.json is out of date: go run ./app openapi > docs/openapi.json\n%s", diff)
	}
}
