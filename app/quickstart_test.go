package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestQuickstart does what a newcomer does: build the program, start it in an empty folder on its defaults, take the
// walk of both READMEs, start it again on what it left behind, and stop it as an init system does.
func TestQuickstart(t *testing.T) {
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("the walk needs %s; on Debian or Ubuntu: apt-get install %s", tool, tool)
		}
	}
	newcomer := newcomer{t: t, program: filepath.Join(t.TempDir(), "jiamenkou"), folder: t.TempDir()}
	newcomer.run(exec.CommandContext(t.Context(), "go", "build", "-o", newcomer.program, "."))
	first := newcomer.start()
	newcomer.walk(first, "README.md")
	newcomer.stop(first)
	second := newcomer.start()
	newcomer.walk(second, "README.zh-CN.md")
	newcomer.stop(second)
	for _, secret := range []string{"示例小林", "花生", "Bearer"} {
		if strings.Contains(first.log.String()+second.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

type newcomer struct {
	t       *testing.T
	program string
	folder  string
}

// newcomersServer is a program that has been started.
type newcomersServer struct {
	cmd   *exec.Cmd
	base  string
	log   *bytes.Buffer // to be read once the program has ended
	ended chan error
}

func (n newcomer) start() newcomersServer {
	n.t.Helper()
	addr := freeAddress(n.t)
	r := newcomersServer{exec.Command(n.program, "serve"), "http://" + addr, &bytes.Buffer{}, make(chan error, 1)}
	r.cmd.Dir, r.cmd.Stderr = n.folder, r.log
	r.cmd.Env = append(n.plainEnvironment(), "JMK_HTTP_ADDR="+addr, "JMK_HTTP_METRICS_ADDR="+freeAddress(n.t))
	if err := r.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	go func() { r.ended <- r.cmd.Wait() }()
	n.t.Cleanup(func() { _ = r.cmd.Process.Kill() })
	n.awaitReady(r)
	return r
}

func (n newcomer) awaitReady(r newcomersServer) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(n.t.Context(), time.Minute)
	defer cancel()
	for !n.ready(ctx, r.base) {
		select {
		case err := <-r.ended:
			n.t.Fatalf("the program ended by itself: %v\n%s", err, r.log)
		case <-ctx.Done():
			n.t.Fatal("the program was not ready within a minute")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (newcomer) ready(ctx context.Context, base string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	return answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
}

func (n newcomer) walk(r newcomersServer, readme string) {
	n.t.Helper()
	script := exec.CommandContext(n.t.Context(), "bash", filepath.Join("..", "docs", "quickstart.sh"), readme)
	script.Env = append(n.plainEnvironment(), "BASE="+r.base)
	n.run(script)
}

func (n newcomer) run(cmd *exec.Cmd) {
	n.t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		n.t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
}

// stop expects the program to finish in order, with exit code 0.
func (n newcomer) stop(r newcomersServer) {
	n.t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		n.t.Fatal(err)
	}
	select {
	case err := <-r.ended:
		if err != nil {
			n.t.Fatalf("after SIGTERM: %v\n%s", err, r.log)
		}
	case <-time.After(30 * time.Second):
		n.t.Fatal("the program did not stop within 30 s of SIGTERM")
	}
}

// plainEnvironment is ours without settings of the program and without a proxy between the walk and the loopback.
func (newcomer) plainEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name := strings.ToLower(variable[:strings.IndexByte(variable+"=", '=')])
		return strings.HasPrefix(name, "jmk_") || strings.HasSuffix(name, "_proxy") || name == "base"
	})
}
