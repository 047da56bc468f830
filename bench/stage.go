package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"jiamenkou/adapter/seal"
	"jiamenkou/adapter/wechat/fake"
	"jiamenkou/model"
	"jiamenkou/model/modeltest"
)

// stage is everything the figures stand on: one durable MariaDB, one Redis, a WeChat that is not the real one, the
// keys, and the built program.
type stage struct {
	dir     string
	program string
	mariadb *modeltest.Server
	redis   string // host:port
	wechat  *fake.Server
	webURL  string // of the WeChat
	kek     []byte
	box     *seal.Box

	closers []func() error
}

// The account at the fake WeChat; it opens nothing anywhere.
const (
	appID     = "wx0123456789abcdef"
	appSecret = "of-the-measured-mini-program"
	callsKept = 16 // it need not remember what nobody looks at
)

// templateOf is the WeChat template of a kind of notice.
func templateOf(kind model.NoticeKind) string { return "template-of-" + string(kind) }

func openStage(ctx context.Context, program string) (*stage, error) {
	s := &stage{program: program}
	for _, step := range []func(context.Context) error{s.makeFolder, s.build, s.startMariaDB, s.startRedis, s.startWeChat, s.makeKeys} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	return s, nil
}

// close lets go of everything, last opened first.
func (s *stage) close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	return errors.Join(errs...)
}

func (s *stage) makeFolder(context.Context) (err error) {
	s.dir, err = os.MkdirTemp("", "jmk-bench-")
	s.closers = append(s.closers, func() error { return os.RemoveAll(s.dir) })
	return err
}

func (s *stage) path(name string) string { return filepath.Join(s.dir, name) }

// build makes the program as make build does.
func (s *stage) build(ctx context.Context) error {
	if s.program != "" {
		return nil
	}
	s.program = s.path("jiamenkou")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", s.program, "./app") //nolint:gosec // our own program
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the program (run this in the module's folder): %w\n%s", err, output)
	}
	return nil
}

func (s *stage) startMariaDB(context.Context) (err error) {
	s.mariadb, err = modeltest.Start(modeltest.Durable()) //nolint:contextcheck // it lives until Close
	if err == nil {
		s.closers = append(s.closers, s.mariadb.Close)
	}
	return err
}

func (s *stage) startRedis(ctx context.Context) error {
	addr, err := freeAddr(ctx)
	if err != nil {
		return err
	}
	_, port, _ := net.SplitHostPort(addr)
	p, err := launch(exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no", "--dir", s.dir), s.path("redis.log")) //nolint:gosec,noctx // ends by its id
	if err != nil {
		return fmt.Errorf("starting Redis (apt-get install -y redis-server): %w", err)
	}
	s.redis = addr
	s.closers = append(s.closers, p.stop)
	return p.await(ctx, func() error { return answers(ctx, addr) })
}

func (s *stage) startWeChat(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.wechat = fake.New(fake.Options{AppID: appID, AppSecret: appSecret, AlwaysConsents: true, KeepCalls: callsKept})
	server := &http.Server{Handler: s.wechat, ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(listener) }() // ends with Close
	s.webURL = "http://" + listener.Addr().String()
	s.closers = append(s.closers, func() error { s.wechat.Close(); return server.Close() })
	return nil
}

func (s *stage) makeKeys(context.Context) error {
	s.kek = make([]byte, 32)
	if _, err := rand.Read(s.kek); err != nil {
		return err
	}
	ring, err := seal.CreateKeyring(s.path("keyring.json"), s.kek, "SM4-GCM")
	if err != nil {
		return err
	}
	s.box, err = seal.NewBox(ring)
	return err
}

// connect opens a database of the stage's MariaDB; "" is none of them.
func (s *stage) connect(name string) (*sql.DB, error) {
	db, err := sql.Open("mysql", s.mariadb.DSN(name))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(64)
	db.SetMaxIdleConns(64)
	s.closers = append(s.closers, db.Close)
	return db, nil
}

// environment is production's, with limits out of the way: one machine plays a whole district. No hour is quiet, so that
// the time of day makes no difference.
func (s *stage) environment(database string) []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"), "JMK_MODE=production",
		"JMK_DATABASE_DRIVER=mysql", "JMK_DATABASE_DSN=" + s.mariadb.DSN(database),
		"JMK_REDIS_MODE=single", "JMK_REDIS_ADDRS=" + s.redis, "JMK_REDIS_PREFIX=" + database,
		"JMK_WECHAT_MODE=live", "JMK_WECHAT_BASE_URL=" + s.webURL, "JMK_WECHAT_APP_ID=" + appID, "JMK_WECHAT_APP_SECRET=" + appSecret,
		"JMK_SEAL_KEYRING_FILE=" + s.path("keyring.json"), "JMK_SEAL_KEK=" + base64.StdEncoding.EncodeToString(s.kek),
		"JMK_STAFF_ORIGIN=https://bench.example.cn", "JMK_MESSAGES_QUIET_FROM=00:00", "JMK_MESSAGES_QUIET_UNTIL=00:00",
	}
	for _, kind := range model.MessageKinds {
		env = append(env, "JMK_TEMPLATES_"+strings.ToUpper(string(kind))+"_ID="+templateOf(kind))
	}
	for _, limit := range []string{"login", "booking", "search", "write", "read"} {
		for _, of := range []string{limit, limit + "_ip"} {
			key := "JMK_LIMITS_" + strings.ToUpper(of)
			env = append(env, key+"_COUNT=1000000000", key+"_PER=1s", key+"_BURST=1000000000")
		}
	}
	return env
}

func freeAddr(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

func answers(ctx context.Context, addr string) error {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	return conn.Close()
}

const (
	startTime = time.Minute
	lookEvery = 2 * time.Millisecond
)

// await looks again and again until the process is well, has ended, or takes too long.
func (p *process) await(ctx context.Context, well func() error) error {
	deadline := time.After(startTime)
	for {
		err := well()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.ended:
			return fmt.Errorf("it ended while starting: %w\n%s", err, p.words())
		case <-deadline:
			return fmt.Errorf("it does not answer: %w\n%s", err, p.words())
		case <-time.After(lookEvery):
		}
	}
}
