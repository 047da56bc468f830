package conf

import (
	_ "embed" // example.yaml
	"slices"
)

//go:embed example.yaml
var example []byte

// Example is a settings file with every key, its default and what it is for. Loading
// it gives Defaults(Development).
func Example() []byte { return slices.Clone(example) }
