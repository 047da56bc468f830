package router_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// stream is a browser that listens to a site's day.
type stream struct {
	h     *house
	lines chan string // closes when the server ends it
}

func (h *house) listen(p *person, site string) *stream {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+"/console/api/v1/sites/"+site+"/live", nil)
	h.must(err)
	as(p)(request)
	response, err := http.DefaultClient.Do(request)
	h.must(err)
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" || response.Header.Get("Cache-Control") != "no-store" {
		h.t.Fatalf("answered %d, %v", response.StatusCode, response.Header)
	}
	s := &stream{h, make(chan string, 1000)}
	h.t.Cleanup(func() { cancel(); _ = response.Body.Close() })
	go func() {
		defer close(s.lines)
		for in := bufio.NewScanner(response.Body); in.Scan(); {
			s.lines <- in.Text()
		}
	}()
	return s
}

// await gives the next line that begins so; "" when the stream has ended before.
func (s *stream) await(prefix string) string {
	s.h.t.Helper()
	for {
		select {
		case line, open := <-s.lines:
			if !open || strings.HasPrefix(line, prefix) {
				return line
			}
		case <-time.After(10 * time.Second):
			s.h.t.Fatalf("nothing came that begins with %q", prefix)
		}
	}
}

func TestTheDeskHearsOfACheckIn(t *testing.T) {
	h := newHouse(t, func(p *plan) { p.requestTimeout = 500 * time.Millisecond }) // a stream outlasts it
	h.api.Metrics = prometheus.NewRegistry()                                      // of a second server
	server := httptest.NewUnstartedServer(h.api.Handler())
	server.Config.ReadTimeout, server.Config.WriteTimeout = 400*time.Millisecond, 400*time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	p, child := h.family()
	slot := h.soon()
	b := p.book(slot.ID, child)
	h.clock.pass(slot.StartAt.Sub(h.clock.Now()))
	keeper, colleague, stranger := h.keeper(), h.keeper(), h.keeperElsewhere()
	h.url = server.URL
	one, two := h.listen(keeper, h.world.Site.ID), h.listen(colleague, h.world.Site.ID)
	before := one.await(`data: {"revision"`)
	if two.await(`data: {"revision"`) != before {
		t.Error("two browsers are told of two days")
	}
	for range 4 { // longer than any of the timeouts
		one.await("event: beat")
	}
	h.checkIn(keeper, b)
	after := one.await(`data: {"revision"`)
	if after == before || two.await(`data: {"revision"`) != after {
		t.Errorf("told %s, then %s", before, after)
	}
	h.refuses(404, "site_not_found", "GET", "/console/api/v1/sites/"+h.world.Site.ID+"/live", as(stranger))
	h.ask("DELETE", "/console/api/v1/sessions/current", as(keeper)).is(204)
	if line := one.await("event: day"); line != "" {
		t.Errorf("who has signed out hears %q", line)
	}
	two.await("event: beat")
	h.api.Desk.Live.Close()
	if line := two.await("event: day"); line != "" {
		t.Errorf("a house that closes says %q", line)
	}
}
