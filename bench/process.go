package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopTime is what a process gets to end by itself.
const stopTime = 25 * time.Second

// process is a program we started. It dies with us, whatever ends us.
type process struct {
	handle *os.Process
	log    string        // the file with what it printed
	ended  chan struct{} // closed once it is gone
}

// launch starts a program that writes to the file log.
func launch(cmd *exec.Cmd, log string) (*process, error) {
	file, err := os.Create(log) //nolint:gosec // in our own folder
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	cmd.Stdout, cmd.Stderr = file, file
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	p := &process{log: log, ended: make(chan struct{})}
	started := make(chan error, 1)
	go p.attend(cmd, started)
	return p, <-started
}

// attend owns its thread to the end: the kernel sends Pdeathsig when the thread that started the process ends.
func (p *process) attend(cmd *exec.Cmd, started chan<- error) {
	runtime.LockOSThread()
	err := cmd.Start()
	p.handle = cmd.Process
	started <- err
	if err == nil {
		_ = cmd.Wait() // how it ended is in its log
	}
	close(p.ended)
}

// stop asks the process to end and waits; one that does not is killed, which is an error.
func (p *process) stop() error {
	if err := p.handle.Signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	select {
	case <-p.ended:
		return nil
	case <-time.After(stopTime):
	}
	err := p.handle.Kill()
	<-p.ended
	return errors.Join(fmt.Errorf("process %d did not end within %v", p.handle.Pid, stopTime), err)
}

// words is the end of what it printed.
func (p *process) words() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-2000):])
}

// clockTick is the kernel's unit of CPU time in /proc (USER_HZ, 100 on every Linux we run on).
const clockTick = 10 * time.Millisecond

// cpu is the processor time the process has used, to a hundredth of a second.
func (p *process) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.handle.Pid))
	if err != nil {
		return 0
	}
	_, fields, _ := strings.Cut(string(text), ") ")
	parts := strings.Fields(fields)
	user, _ := strconv.Atoi(parts[11])
	system, _ := strconv.Atoi(parts[12])
	return time.Duration(user+system) * clockTick
}

// resident is the memory the process holds, in bytes.
func (p *process) resident() (int, error) { return p.memory("VmRSS:") }

// peak is the most memory the process has held at any time, in bytes.
func (p *process) peak() (int, error) { return p.memory("VmHWM:") }

func (p *process) memory(which string) (int, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.handle.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, found := strings.Cut(string(text), which)
	fields := strings.Fields(rest)
	if !found || len(fields) == 0 {
		return 0, errors.New("the kernel tells no resident size")
	}
	kib, err := strconv.Atoi(fields[0])
	return kib << 10, err
}
