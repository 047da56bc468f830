package conf

import (
	"reflect"
	"strings"
)

// Load reads the settings: the mode's defaults, over them the YAML file at path, over
// that the variables JMK_… of environ ("NAME=value", as os.Environ gives them). With
// an empty path the file is the one JMK_CONFIG names, or none.
//
// An empty variable counts as not set. A secret can also come from a file that a key
// with _file, or a variable with _FILE, names; relative paths start at the working
// directory. The error, if any, is Problems and lists everything wrong at once.
func Load(path string, environ []string) (*Settings, error) {
	l := loading{keys: newKeyTable(), values: map[string]value{}}
	readable := l.readFile(pathOr(path, environ))
	l.readEnvironment(environ)
	if !readable {
		return nil, l.problems
	}
	settings := Defaults(l.mode())
	l.fill(&settings)
	l.judge(settings)
	if len(l.problems) > 0 {
		return nil, l.problems
	}
	return &settings, nil
}

// value is what one source says about one key.
type value struct {
	raw   any
	where string
}

// loading is one run of Load: what was read so far and what was wrong with it.
type loading struct {
	keys     keyTable
	values   map[string]value // by key
	problems Problems
}

func pathOr(path string, environ []string) string {
	if path != "" {
		return path
	}
	for _, variable := range environ {
		if named, found := strings.CutPrefix(variable, PathVariable+"="); found {
			path = named
		}
	}
	return path
}

// mode is read before the rest because the defaults hang on it.
func (l *loading) mode() Mode {
	if v, given := l.values["mode"]; given && v.raw == string(Production) {
		return Production
	}
	return Development
}

// fill puts every value that was read into its field.
func (l *loading) fill(settings *Settings) {
	target := reflect.ValueOf(settings).Elem()
	for _, field := range l.keys.leaves {
		v, given := l.values[field.key]
		if !given {
			continue
		}
		if misfit := decode(target.FieldByIndex(field.index), v.raw); misfit != nil {
			l.report(field.key, misfit.wrong, misfit.mend)
		}
	}
}

// judge adds what the rules find, except about keys whose value could not be read:
// their fields still hold the default and say nothing.
func (l *loading) judge(settings Settings) {
	unread := l.problems
	for _, found := range violations(settings) {
		if !unread.mentions(found.key) {
			l.report(found.key, found.wrong, found.mend)
		}
	}
}

func (l *loading) report(key, wrong, mend string) {
	where := "default"
	if v, given := l.values[key]; given {
		where = v.where
	}
	l.problems = append(l.problems, Problem{Key: key, Where: where, Wrong: wrong, Mend: mend})
}
