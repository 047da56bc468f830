package conf

import (
	"fmt"
	"strings"
)

// Problem is one thing wrong with the settings.
type Problem struct {
	Key   string // dotted, as in example.yaml; empty when it is about a whole source
	Where string // the file or the variable it was read from, or "default"
	Wrong string // what is wrong; never holds a secret
	Mend  string // what to do
}

// Problems is every problem of the settings, as the error of Load.
type Problems []Problem

// Error lists the problems on lines of their own, each followed by its remedy.
func (p Problems) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "the settings have %d problem(s):", len(p))
	for _, problem := range p {
		text.WriteString("\n  - " + problem.subject() + ": " + problem.Wrong)
		text.WriteString("\n      " + problem.Mend)
	}
	return text.String()
}

func (p Problem) subject() string {
	switch {
	case p.Key == "":
		return p.Where
	case p.Where == "":
		return p.Key
	}
	return p.Key + " (" + p.Where + ")"
}

// mentions tells whether a problem with the key is already listed.
func (p Problems) mentions(key string) bool {
	for _, problem := range p {
		if problem.Key == key {
			return true
		}
	}
	return false
}
