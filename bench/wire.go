package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// wire is one connection that is kept open. It is thinner than http.Client, so that the machine's time goes to what is
// measured.
type wire struct {
	conn net.Conn
	in   *bufio.Reader
	body bytes.Buffer
}

// answerTime is the longest wait for one answer.
const answerTime = 15 * time.Second

func dial(ctx context.Context, addr string) (*wire, error) {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &wire{conn: conn, in: bufio.NewReaderSize(conn, 16<<10)}, nil
}

// ask sends a composed request and reads the whole answer, which is good until the next.
func (w *wire) ask(request []byte) (status int, body []byte, err error) {
	if err := w.conn.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return 0, nil, err
	}
	if _, err := w.conn.Write(request); err != nil {
		return 0, nil, err
	}
	answer, err := http.ReadResponse(w.in, nil)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	w.body.Reset()
	_, err = w.body.ReadFrom(answer.Body)
	return answer.StatusCode, w.body.Bytes(), err
}

// want asks and insists on a status.
func (w *wire) want(status int, request []byte) ([]byte, error) {
	got, body, err := w.ask(request)
	if err == nil && got != status {
		line, _, _ := bytes.Cut(request, []byte("\r\n"))
		err = fmt.Errorf("%s answers %d, want %d: %.300s", line, got, status, body)
	}
	return body, err
}

// compose writes a request; token, key and body may be empty.
func compose(method, path, token, key, body string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: bench\r\n", method, path)
	if token != "" {
		fmt.Fprintf(&b, "Authorization: Bearer %s\r\n", token)
	}
	if key != "" {
		fmt.Fprintf(&b, "Idempotency-Key: %s\r\n", key)
	}
	if body != "" {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n" + body)
	return []byte(b.String())
}

// wires is a set of connections to one server.
type wires []*wire

func (s *server) wires(ctx context.Context, n int) (wires, error) {
	all := make(wires, n)
	for i := range all {
		var err error
		if all[i], err = dial(ctx, s.addr); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (all wires) close() {
	for _, w := range all {
		_ = w.conn.Close()
	}
}
