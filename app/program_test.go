package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"jiamenkou/adapter/redis/redistest"
	"jiamenkou/model"
	"jiamenkou/model/modeltest"
)

// TestMain removes what built has made.
func TestMain(m *testing.M) {
	code := m.Run()
	if buildFolder != "" {
		_ = os.RemoveAll(buildFolder)
	}
	os.Exit(code)
}

var buildFolder string

// built is the program as people run it, built once a test process, and with the race detector when the test has it.
var built = sync.OnceValues(func() (program string, err error) {
	if buildFolder, err = os.MkdirTemp("", "jmk-program-"); err != nil {
		return "", err
	}
	program = filepath.Join(buildFolder, "jiamenkou")
	arguments := []string{"build", "-o", program}
	if underRaceDetector() {
		arguments = append(arguments, "-race")
	}
	if output, err := exec.Command("go", append(arguments, ".")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, output)
	}
	return program, nil
})

func underRaceDetector() bool {
	info, _ := debug.ReadBuildInfo()
	for _, setting := range info.Settings {
		if setting.Key == "-race" {
			return setting.Value == "true"
		}
	}
	return false
}

// site is what servers of one installation share: a database, a Redis, a keyring, and settings.
type site struct {
	t     *testing.T
	dsn   string
	redis *redistest.Server
	env   []string
}

// newSite prepares an empty database and Redis; settings are more variables, JMK_KEY=value.
func newSite(t *testing.T, settings ...string) *site {
	t.Helper()
	server := modeltest.MariaDB(t)
	s := &site{t: t, dsn: server.DSN(server.CreateDatabase(t)), redis: redistest.Start(t)}
	s.env = []string{
		"JMK_DATABASE_DRIVER=mysql", "JMK_DATABASE_DSN=" + s.dsn, "JMK_REDIS_MODE=single", "JMK_REDIS_ADDRS=" + s.redis.Addr,
		"JMK_SEAL_KEYRING_FILE=" + filepath.Join(t.TempDir(), "keyring.json"),
	}
	for _, limit := range []string{"LOGIN", "BOOKING", "SEARCH", "WRITE", "READ"} {
		for _, whose := range []string{"", "_IP"} {
			s.env = append(s.env, "JMK_LIMITS_"+limit+whose+"_COUNT=6000000", "JMK_LIMITS_"+limit+whose+"_BURST=1000000")
		}
	}
	s.env = append(s.env, settings...)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "JMK_") {
			s.env = append(s.env, variable)
		}
	}
	return s
}

// store is the database past the program, migrated.
func (s *site) store() *model.Store {
	s.t.Helper()
	return modeltest.OpenDSN(s.t, s.dsn)
}

// sound fails the test when any counter or ledger has drifted.
func (s *site) sound(store *model.Store) {
	s.t.Helper()
	drifts, err := store.Audit(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, d := range drifts {
		s.t.Errorf("drift: %s: %s", d.Rule, d.SubjectID)
	}
}

// program is one server, through all its starts.
type program struct {
	*site
	addr, metrics string
	base          string
	log, printed  safeBuffer
	process       *os.Process
	ended         chan error
}

// safeBuffer is written by a program and read by a test at the same time.
type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// newProgram chooses where a server will listen.
func (s *site) newProgram() *program {
	s.t.Helper()
	p := &program{site: s, addr: freeAddress(s.t), metrics: freeAddress(s.t)}
	p.base = "http://" + p.addr
	s.t.Cleanup(func() {
		p.kill()
		if s.t.Failed() {
			s.t.Logf("log of %s, its end:\n%s", p.addr, lastBytes(p.log.String(), 4000))
		}
		if strings.Contains(p.log.String(), "DATA RACE") {
			s.t.Errorf("data race in the program:\n%s", p.log.String())
		}
	})
	return p
}

func lastBytes(text string, n int) string { return text[max(0, len(text)-n):] }

// freeAddress is a port below those that outgoing connections take, so that nobody has it by the time the server, or the
// server started again, listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000)))
		if err == nil {
			defer listener.Close()
			return listener.Addr().String()
		}
	}
	t.Fatal("no free port")
	return ""
}

// start starts the server, on the same address every time, and does not wait.
func (p *program) start() {
	p.t.Helper()
	binary, err := built()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(binary, "serve")
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.t.TempDir(), &p.printed, &p.log
	cmd.Env = append([]string{"JMK_HTTP_ADDR=" + p.addr, "JMK_HTTP_METRICS_ADDR=" + p.metrics}, p.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	p.ended = make(chan error, 1)
	go attend(cmd, started, p.ended)
	if err := <-started; err != nil {
		p.t.Fatal(err)
	}
	p.process = cmd.Process
}

// attend stays with a process on the thread that started it: when the thread ends, the kernel kills the process, and so
// the process ends with the test however that ends.
func attend(cmd *exec.Cmd, started, ended chan<- error) {
	runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
	err := cmd.Start()
	started <- err
	if err == nil {
		ended <- cmd.Wait()
	}
}

// kill ends the server as a crash does, and waits until it is gone.
func (p *program) kill() {
	if p.process == nil {
		return
	}
	_ = p.process.Kill()
	<-p.ended //nolint:errcheck // killed is how it ends
	p.process = nil
}

const patience = time.Minute // on a machine busy with other tests

// awaitReady returns when the server can serve.
func (p *program) awaitReady() {
	p.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		if answer, err := http.Get(p.base + "/readyz"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case err := <-p.ended:
			p.process = nil
			p.t.Fatalf("the server ended: %v", err)
		default:
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("the server is not ready after %s", patience)
		}
	}
}

// reply is what a server answered.
type reply struct {
	status int
	header http.Header
	Code   string `json:"code"`
	ID     string `json:"id"`
	Status any    `json:"status"` // a word of a booking, a number of a problem
	Token  string `json:"token"`
	Who    string `json:"resident_id"`
	Free   int    `json:"free"`
	Items  []struct {
		ID string `json:"id"`
	} `json:"items"`
}

func (r reply) String() string { return fmt.Sprintf("%d %s", r.status, r.Code) }

// parent is a resident with one child, who calls servers over HTTP.
type parent struct {
	name  string
	id    string
	token string
	child string
}

// call sends one request and reads the answer; key may be empty. An error means that nobody knows what became of it.
func (q *parent) call(base, method, path, key string, body any) (r reply, err error) {
	var text io.Reader
	if body != nil {
		content, err := json.Marshal(body)
		if err != nil {
			return r, err
		}
		text = bytes.NewReader(content)
	}
	request, err := http.NewRequest(method, base+"/api/v1"+path, text)
	if err != nil {
		return r, err
	}
	request.Header.Set("Content-Type", "application/json")
	if q.token != "" {
		request.Header.Set("Authorization", "Bearer "+q.token)
	}
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	answer, err := client.Do(request)
	if err != nil {
		return r, err
	}
	defer answer.Body.Close()
	r.status, r.header = answer.StatusCode, answer.Header
	if answer.StatusCode == http.StatusNoContent {
		return r, nil
	}
	if err := json.NewDecoder(answer.Body).Decode(&r); err != nil {
		return r, fmt.Errorf("half an answer: %w", err)
	}
	return r, nil
}

var client = &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

func (q *parent) signIn(base string) (reply, error) {
	q.token = ""
	r, err := q.call(base, "POST", "/sessions", "", map[string]string{"code": "demo-" + q.name})
	q.token, q.id = r.Token, r.Who
	return r, err
}

// join signs a new parent in, agrees to every document and adds a child.
func join(t *testing.T, base, name string) *parent {
	t.Helper()
	q := &parent{name: name}
	must := func(r reply, err error) reply {
		t.Helper()
		if err != nil || r.status >= 300 {
			t.Fatalf("%s: %v, %v", name, r, err)
		}
		return r
	}
	must(q.signIn(base))
	for _, document := range must(q.call(base, "GET", "/documents", "", nil)).Items {
		must(q.call(base, "PUT", "/consents/"+document.ID, "", nil))
	}
	born := time.Now().AddDate(0, -20, 0).Format(time.DateOnly)
	q.child = must(q.call(base, "POST", "/children", "", map[string]string{"name": "示例宝宝", "birth_date": born})).ID
	return q
}

func (q *parent) book(base, key, slot string) (reply, error) {
	return q.call(base, "POST", "/slots/"+slot+"/bookings", key, map[string]string{"child_id": q.child})
}

func (q *parent) cancel(base, key, booking string) (reply, error) {
	return q.call(base, "POST", "/bookings/"+booking+"/cancellation", key, map[string]string{})
}

// act is something a parent did, and was told that it is done.
type act struct {
	key    string
	cancel bool
	slot   string
	id     string
}

// send sends the act to a server.
func (q *parent) send(base string, a act) (reply, error) {
	if a.cancel {
		return q.cancel(base, a.key, a.id)
	}
	return q.book(base, a.key, a.slot)
}

var errGivenUp = errors.New("given up")

// insist sends an act again, wherever to says at the time, until it is answered for good.
func (q *parent) insist(to func() string, a act) (reply, error) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		r, err := q.send(to(), a)
		if err == nil && r.status != http.StatusServiceUnavailable && r.Code != "idempotency_in_progress" {
			return r, nil
		}
	}
	return reply{}, errGivenUp
}

// newWorld is a world for the program itself, which goes by the real clock.
func newWorld(t testing.TB, store *model.Store, box model.Box) *modeltest.World {
	t.Helper()
	w := modeltest.NewWorld(t, store, box)
	w.Now = now
	return w
}

// shortSlots are n sessions of one day, one after the other, so that one child can have them all.
func shortSlots(w *modeltest.World, n, capacity int) (slots []string) {
	const session = 20 * time.Minute
	for i := range n {
		slots = append(slots, w.AddSlot(3, capacity, func(s *model.Slot) {
			s.StartAt = w.Day(3).At(8, 0, w.Zone).UTC().Add(time.Duration(i) * session)
			s.EndAt, s.CutoffAt = s.StartAt.Add(session), s.StartAt.Add(-2*time.Hour)
		}).ID)
	}
	return slots
}
