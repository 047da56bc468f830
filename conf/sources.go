package conf

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// secretFileLimit is beyond any secret; a larger file was named by mistake.
const secretFileLimit = 64 << 10

// readFile takes the values of the YAML file, if one is named. It is false when the
// file cannot be read, so that no rule is judged on half the settings.
func (l *loading) readFile(path string) bool {
	if path == "" {
		return true
	}
	k := koanf.New(".")
	if err := k.Load(file.Provider(path), yaml.Parser()); err != nil {
		l.problems = append(l.problems, Problem{
			Where: path,
			Wrong: "cannot be read: " + strings.TrimPrefix(err.Error(), "yaml: "),
			Mend:  "name a readable YAML file; conf/example.yaml shows every key",
		})
		return false
	}
	where := func(string) string { return path }
	l.take(l.knownFileKeys(path, k.All()), where)
	return true
}

// knownFileKeys reports the keys that are no settings and leaves them out.
func (l *loading) knownFileKeys(path string, read map[string]any) map[string]any {
	for _, key := range slices.Sorted(maps.Keys(read)) {
		switch {
		case l.keys.sections[key]:
			l.checkEmptySection(path, key, read[key])
			delete(read, key)
		case !l.keys.knows(key):
			l.unknown(key, path, slices.Collect(maps.Keys(l.keys.byKey)))
			delete(read, key)
		}
	}
	return read
}

// checkEmptySection lets "database:" with every line below it commented out pass.
func (l *loading) checkEmptySection(path, key string, content any) {
	if section, isMap := content.(map[string]any); content == nil || isMap && len(section) == 0 {
		return
	}
	l.problems = append(l.problems, Problem{
		Key: key, Where: path,
		Wrong: "is a section, not a value",
		Mend:  "put its keys on lines below it, indented, as conf/example.yaml does",
	})
}

// readEnvironment takes the values of the variables that begin with JMK_.
func (l *loading) readEnvironment(environ []string) {
	k := koanf.New(".")
	provider := env.Provider(".", env.Opt{
		Prefix:        envPrefix,
		TransformFunc: l.keyOfVariable,
		EnvironFunc:   func() []string { return slices.Sorted(slices.Values(environ)) },
	})
	if err := k.Load(provider, nil); err != nil {
		l.problems = append(l.problems, Problem{
			Where: "environment", Wrong: err.Error(), Mend: "check the variables that begin with " + envPrefix,
		})
	}
	l.take(k.All(), variableOf)
}

// keyOfVariable is the key and value of a variable, or "" for one to leave out.
func (l *loading) keyOfVariable(name, content string) (string, any) {
	key, known := l.keys.byVariable[name]
	if !known && name != PathVariable {
		l.unknown("", name, slices.Collect(maps.Keys(l.keys.byVariable)))
	}
	if content == "" {
		return "", nil
	}
	return key, content
}

func (l *loading) unknown(key, where string, known []string) {
	name, mend := key, "remove it; conf/example.yaml shows every key"
	if key == "" {
		name = where
	}
	if meant := nearest(name, known); meant != "" {
		mend = "did you mean " + meant + "? Otherwise " + mend
	}
	l.problems = append(l.problems, Problem{Key: key, Where: where, Wrong: "is not a setting", Mend: mend})
}

// take puts the values of one source over those of the sources before it. Secrets
// that the source gives by file are read here, so that they rank as their source does.
func (l *loading) take(read map[string]any, where func(key string) string) {
	for _, key := range slices.Sorted(maps.Keys(read)) {
		if _, plain := l.keys.byKey[key]; plain {
			l.values[key] = value{raw: read[key], where: where(key)}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(read)) {
		if secret, named := l.keys.byFileKey[key]; named {
			l.takeSecretFile(secret, read, where(key))
		}
	}
}

func (l *loading) takeSecretFile(secret leaf, read map[string]any, where string) {
	path, isText := read[secret.key+fileSuffix].(string)
	if direct, _ := read[secret.key].(string); isText && path != "" && direct != "" {
		l.report(secret.key, "is given twice, as a value and by a file", "keep one of the two")
		return
	}
	if isText && path == "" {
		return
	}
	content, err := readSecret(path)
	l.values[secret.key] = value{raw: content, where: where}
	if err != nil {
		l.report(secret.key, err.Error(), "name a readable file that holds the secret and nothing else")
	}
}

// readSecret is the file's content without the line break that editors put at its end.
func readSecret(path string) (string, error) {
	secret, err := os.Open(path) // #nosec G304 -- the operator names the file
	if err != nil {
		return "", fmt.Errorf("its file cannot be opened: %w", err)
	}
	defer func() { _ = secret.Close() }()
	content, err := io.ReadAll(io.LimitReader(secret, secretFileLimit+1))
	if err != nil {
		return "", fmt.Errorf("its file cannot be read: %w", err)
	}
	trimmed := strings.TrimRight(string(content), "\r\n")
	if trimmed == "" || len(content) > secretFileLimit {
		return "", fmt.Errorf("its file %s holds %d bytes, which is no secret", path, len(content))
	}
	return trimmed, nil
}
