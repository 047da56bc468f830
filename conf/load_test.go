package conf

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLoadOfNothingIsDevelopment(t *testing.T) {
	got, err := Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Defaults(Development), *got); diff != "" {
		t.Error(diff)
	}
}

func TestEnvironmentGoesBeforeFileBeforeDefault(t *testing.T) {
	path := settingsFile(t, "http: {addr: \"0.0.0.0:1\", metrics_addr: \"0.0.0.0:2\"}\n")
	got, err := Load(path, []string{"JMK_HTTP_ADDR=0.0.0.0:3", "PATH=/bin", "JMK_LOG_LEVEL="})
	if err != nil {
		t.Fatal(err)
	}
	if got.HTTP.Addr != "0.0.0.0:3" || got.HTTP.MetricsAddr != "0.0.0.0:2" || got.Log.Level != "info" {
		t.Errorf("got %+v %+v", got.HTTP, got.Log)
	}
}

func TestEveryKindOfValueFromTheEnvironment(t *testing.T) {
	got, err := Load("", []string{
		"JMK_HTTP_TRUSTED_PROXIES=10.0.0.0/8, ::1", "JMK_HTTP_MAX_BODY=1MiB", "JMK_HTTP_REQUEST_TIMEOUT=1m30s",
		"JMK_HTTP_SHUTDOWN_TIMEOUT=2m", "JMK_DATABASE_MAX_OPEN=100", "JMK_REDIS_TLS=true", "JMK_DEMO_SEED=0",
		"JMK_WECHAT_APP_ID=310105", "JMK_LIMITS_SEARCH_IP_PER=1h", "JMK_REDIS_PASSWORD=pa=ss,word",
		"JMK_SEAL_ALGORITHM=AES-256-GCM",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Defaults(Development)
	want.HTTP.TrustedProxies, want.HTTP.MaxBody = []string{"10.0.0.0/8", "::1"}, MiB
	want.HTTP.RequestTimeout, want.HTTP.ShutdownTimeout = 90*time.Second, 2*time.Minute
	want.Database.MaxOpen, want.Redis.TLS, want.Demo.Seed = 100, true, false
	want.WeChat.AppID, want.Limits.SearchIP.Per = "310105", time.Hour
	want.Redis.Password, want.Seal.Algorithm = "pa=ss,word", AES256GCM
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Error(diff)
	}
	if got.Redis.Password.Reveal() != "pa=ss,word" {
		t.Error("the password was read wrongly")
	}
}

func TestEverySettingCanBeSetByItsVariable(t *testing.T) {
	table, seen := newKeyTable(), map[string]string{}
	for _, l := range table.leaves {
		if other, taken := seen[l.variable()]; taken {
			t.Errorf("%s and %s share the variable %s", l.key, other, l.variable())
		}
		seen[l.variable()] = l.key
	}
	for fileKey := range table.byFileKey {
		if other, taken := seen[variableOf(fileKey)]; taken {
			t.Errorf("%s and %s share a variable", fileKey, other)
		}
	}
	if _, taken := seen[PathVariable]; taken {
		t.Errorf("%s is a setting too", PathVariable)
	}
}

func TestPathFromTheEnvironment(t *testing.T) {
	fromVariable := settingsFile(t, "log: {level: warn}\n")
	given := settingsFile(t, "log: {level: error}\n")
	for path, want := range map[string]string{"": "warn", given: "error"} {
		got, err := Load(path, []string{"JMK_CONFIG=" + fromVariable})
		if err != nil || got.Log.Level != want {
			t.Errorf("Load(%q): got %v, %v, want level %s", path, got, err, want)
		}
	}
}

func TestSecretsFromFiles(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("from file\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		file    string
		environ []string
		want    string
	}{
		"variable":                 {"", []string{"JMK_REDIS_PASSWORD_FILE=" + secret}, "from file"},
		"key":                      {"redis: {password_file: " + secret + "}", nil, "from file"},
		"variable over key":        {"redis: {password_file: " + secret + "}", []string{"JMK_REDIS_PASSWORD=direct"}, "direct"},
		"file variable over value": {"redis: {password: direct}", []string{"JMK_REDIS_PASSWORD_FILE=" + secret}, "from file"},
		"empty value beside file":  {"redis: {password: '', password_file: " + secret + "}", nil, "from file"},
		"empty file name":          {"redis: {password: direct, password_file: ''}", nil, "direct"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Load(settingsFile(t, test.file), test.environ)
			if err != nil {
				t.Fatal(err)
			}
			if got.Redis.Password.Reveal() != test.want {
				t.Errorf("got %q, want %q", got.Redis.Password.Reveal(), test.want)
			}
		})
	}
}

func TestProblemsOfReading(t *testing.T) {
	empty := settingsFile(t, "\n")
	large := settingsFile(t, strings.Repeat("x", secretFileLimit+1))
	tests := map[string]struct {
		file    string
		environ []string
		want    []string // key and a part of what is wrong or how to mend
	}{
		"unknown key":           {"htp: {addr: x}", nil, []string{"htp.addr", "did you mean http.addr?"}},
		"unknown key, far off":  {"zzzzzzzzz: 1", nil, []string{"zzzzzzzzz", "remove it"}},
		"unknown variable":      {"", []string{"JMK_DATABASE_DNS=x"}, []string{"JMK_DATABASE_DNS", "JMK_DATABASE_DSN?"}},
		"unknown, empty":        {"", []string{"JMK_NONSENSE="}, []string{"JMK_NONSENSE", "is not a setting"}},
		"file of no secret":     {"", []string{"JMK_HTTP_ADDR_FILE=x"}, []string{"JMK_HTTP_ADDR_FILE", "is not a setting"}},
		"section as value":      {"http: 8080", nil, []string{"http", "is a section"}},
		"value as section":      {"mode: {a: b}", nil, []string{"mode.a", "is not a setting"}},
		"value as empty map":    {"mode: {}", nil, []string{"mode", "is not text"}},
		"no value":              {"log: {level: }", nil, []string{"log.level", "has no value"}},
		"number as text":        {"http: {addr: 8080}", nil, []string{"http.addr", `"8080"`}},
		"bad duration":          {"session: {idle: 5}", nil, []string{"session.idle", "not a duration"}},
		"bad size":              {"http: {max_body: 1.5MiB}", nil, []string{"http.max_body", "not a size"}},
		"bad bool":              {"", []string{"JMK_JOBS_ENABLED=yes"}, []string{"jobs.enabled (JMK_JOBS_ENABLED)", "true nor false"}},
		"bad number":            {"redis: {pool_size: 1.5}", nil, []string{"redis.pool_size", "whole number"}},
		"bad list":              {"redis: {addrs: 5}", nil, []string{"redis.addrs", "not a list"}},
		"bad item":              {"redis: {addrs: [5]}", nil, []string{"redis.addrs", "the item 5"}},
		"empty item":            {"", []string{"JMK_REDIS_ADDRS=a:1,,b:1"}, []string{"redis.addrs", "the item"}},
		"secret not text":       {"redis: {password: 12345}", nil, []string{"redis.password", "is not text"}},
		"secret twice":          {"redis: {password: a, password_file: b}", nil, []string{"redis.password", "given twice"}},
		"secret file missing":   {"redis: {password_file: /nonexistent}", nil, []string{"redis.password", "cannot be opened"}},
		"secret file empty":     {"", []string{"JMK_REDIS_PASSWORD_FILE=" + empty}, []string{"redis.password", "no secret"}},
		"secret file large":     {"", []string{"JMK_REDIS_PASSWORD_FILE=" + large}, []string{"redis.password", "no secret"}},
		"secret file a folder":  {"", []string{"JMK_REDIS_PASSWORD_FILE=/"}, []string{"redis.password", "cannot be read"}},
		"secret file no text":   {"redis: {password_file: 5}", nil, []string{"redis.password", "cannot be opened"}},
		"double key":            {"mode: a\nmode: b", nil, []string{"settings.yaml", "already defined"}},
		"not a map":             {"- a", nil, []string{"settings.yaml", "cannot be read"}},
		"not YAML":              {"\t", nil, []string{"settings.yaml", "cannot be read"}},
		"variable without file": {"", []string{"JMK_CONFIG=/nonexistent.yaml"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Load(settingsFile(t, test.file), test.environ)
			if test.want == nil {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantOneProblem(t, err, test.want...)
		})
	}
}

func TestEmptySectionsAreFine(t *testing.T) {
	if _, err := Load(settingsFile(t, "http:\nlog: {}\n"), nil); err != nil {
		t.Error(err)
	}
}

func TestMissingFileIsAProblem(t *testing.T) {
	_, err := Load("/nonexistent.yaml", []string{"JMK_NONSENSE=1"})
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 2 || problems[0].Where != "/nonexistent.yaml" {
		t.Errorf("got %v", err)
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	path := settingsFile(t, "mode: production\nlog: {level: loud}\nnonsense: 1\n")
	_, err := Load(path, []string{"JMK_SESSION_IDLE=now", "JMK_SEAL_KEK_FILE=/nonexistent"})
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("got %v", err)
	}
	var subjects []string
	for _, p := range problems {
		subjects = append(subjects, p.subject())
		if p.Wrong == "" || p.Mend == "" {
			t.Errorf("%+v lacks what is wrong or how to mend it", p)
		}
	}
	want := []string{
		"nonsense (" + path + ")", "seal.kek (JMK_SEAL_KEK_FILE)", "session.idle (JMK_SESSION_IDLE)", "log.level (" + path + ")",
		"staff.origin (default)", "wechat.mode (default)", "redis.mode (default)",
	}
	if diff := cmp.Diff(want, subjects); diff != "" {
		t.Errorf("%s\n%v", diff, err)
	}
	if lines := strings.Count(err.Error(), "\n"); lines != 2*len(want) {
		t.Errorf("the message has %d lines after the first:\n%v", lines, err)
	}
}

func TestNoProblemShowsASecret(t *testing.T) {
	const canary = "c4n4ry"
	_, err := Load(settingsFile(t, "mode: production\nseal: {kek: "+canary+"}\nunknown: "+canary), []string{
		"JMK_DATABASE_DRIVER=mysql", "JMK_DATABASE_DSN=u:" + canary + "@tcp(db:3306", "JMK_WECHAT_MODE=live",
		"JMK_WECHAT_APP_SECRET=" + canary, "JMK_WECHAT_PUSH_TOKEN=-" + canary, "JMK_WECHAT_PUSH_AES_KEY=" + canary,
		"JMK_REDIS_PASSWORD=" + canary, "JMK_REDIS_PASSWORD_FILE=/nonexistent", "JMK_NONSENSE=" + canary,
	})
	if err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("got %v", err)
	}
}

func FuzzLoadFile(f *testing.F) {
	f.Add(Example())
	f.Add([]byte("http: {? [a]: 1}\n"))
	f.Add([]byte("a.b: 1\na: {b: 2}\n"))
	f.Add([]byte("x: &x [*x]"))
	f.Fuzz(func(t *testing.T, content []byte) {
		settings, err := Load(settingsFile(t, string(content)), nil)
		if (settings == nil) == (err == nil) {
			t.Errorf("got %v and %v", settings, err)
		}
	})
}

// wantOneProblem expects exactly one problem whose message holds every part.
func wantOneProblem(t *testing.T, err error, parts ...string) {
	t.Helper()
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 1 {
		t.Fatalf("got %v, want one problem", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v\ndoes not hold %q", err, part)
		}
	}
}
