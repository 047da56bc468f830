//go:build unix

package redis

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestSessionsOfOneOwner(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		h.add(t, "ann", "a1", "phone")
		h.add(t, "ann", "a2", "tablet")
		h.add(t, "bob", "b1", "phone")
		if value, found := h.find(t, "ann", "a2"); !found || value != "tablet" {
			t.Errorf("found %q, %v", value, found)
		}
		for _, stranger := range [][2]string{{"bob", "a1"}, {"ann", "b1"}, {"ann", ""}, {"", ""}, {"", "a1"}} {
			if _, found := h.find(t, stranger[0], stranger[1]); found {
				t.Errorf("%q has a session", stranger)
			}
		}
		if got := h.list(t, "ann"); len(got) != 2 || string(got["a1"]) != "phone" || string(got["a2"]) != "tablet" {
			t.Errorf("listed %q", got)
		}
	})
}

func TestEnd(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		h.add(t, "ann", "a1", "")
		h.add(t, "ann", "a2", "")
		for _, want := range []bool{true, false} {
			if ended, err := h.sessions.End(t.Context(), "ann", "a1"); ended != want || err != nil {
				t.Errorf("ended %v, %v, want %v", ended, err, want)
			}
		}
		if _, found := h.find(t, "ann", "a1"); found {
			t.Error("an ended session is found")
		}
		if _, found := h.find(t, "ann", "a2"); !found {
			t.Error("another session ended")
		}
	})
}

func TestEndAll(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		for i := range 5 {
			h.add(t, "ann", fmt.Sprint(i), "x")
		}
		h.add(t, "bob", "0", "x")
		if n, err := h.sessions.EndAll(t.Context(), "ann", "3"); n != 4 || err != nil {
			t.Errorf("ended %d, %v, want 4", n, err)
		}
		if got := slices.Collect(maps.Keys(h.list(t, "ann"))); !slices.Equal(got, []string{"3"}) {
			t.Errorf("left %v", got)
		}
		if n, err := h.sessions.EndAll(t.Context(), "ann", ""); n != 1 || err != nil {
			t.Errorf("ended %d, %v, want 1", n, err)
		}
		if _, found := h.find(t, "bob", "0"); !found {
			t.Error("another owner's session ended")
		}
	})
}

func TestIdleSlidesOnUse(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		h.add(t, "ann", "s", "x")
		for range 4 {
			h.clock.pass(week - 2*time.Minute)
			if _, found := h.find(t, "ann", "s"); !found {
				t.Fatal("ended while in use")
			}
		}
		h.clock.pass(week)
		if _, found := h.find(t, "ann", "s"); found {
			t.Error("lives after a week without use")
		}
	})
}

func TestAbsoluteEndIsNeverPassed(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		h.add(t, "ann", "s", "x")
		for range 29 {
			h.clock.pass(24 * time.Hour)
			if _, found := h.find(t, "ann", "s"); !found {
				t.Fatal("ended while in use")
			}
		}
		h.clock.pass(24*time.Hour - time.Millisecond)
		if _, found := h.find(t, "ann", "s"); !found {
			t.Error("ended before the 30 days")
		}
		h.clock.pass(time.Millisecond)
		if _, found := h.find(t, "ann", "s"); found {
			t.Error("lives after 30 days")
		}
	})
}

// What has ended is neither listed nor counted, though its bytes may still lie in Redis.
func TestEndedSessionsDoNotCount(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		h.add(t, "ann", "old", "x")
		h.add(t, "ann", "old2", "x")
		h.clock.pass(week)
		if got := h.list(t, "ann"); len(got) != 0 {
			t.Errorf("listed %q", got)
		}
		if ended, err := h.sessions.End(t.Context(), "ann", "old"); ended || err != nil {
			t.Errorf("ended %v, %v", ended, err)
		}
		h.sessions.Max = 2
		h.add(t, "ann", "new", "x")
		h.add(t, "ann", "new2", "x")
		if got := h.list(t, "ann"); len(got) != 2 {
			t.Errorf("listed %q", got)
		}
		if n, err := h.sessions.EndAll(t.Context(), "ann", ""); n != 2 || err != nil {
			t.Errorf("ended %d, %v", n, err)
		}
		if n := c.conn.Exists(t.Context(), h.sessions.key("ann")).Val(); n != 0 {
			t.Error("something is left in Redis")
		}
	})
}

func TestOldestSessionGivesWay(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		for i := range 12 {
			h.add(t, "ann", fmt.Sprintf("s%02d", 20-i), "x")
			h.clock.pass(time.Minute)
			h.find(t, "ann", "s20") // use does not make it younger
		}
		got := slices.Sorted(maps.Keys(h.list(t, "ann")))
		if len(got) != 10 || got[0] != "s09" || got[9] != "s18" {
			t.Errorf("left %v", got)
		}
		h.add(t, "ann", "s18", "again")
		if got := h.list(t, "ann"); len(got) != 10 || string(got["s18"]) != "again" {
			t.Errorf("adding the same again left %q", got)
		}
	})
}

func TestValuesAreOpaque(t *testing.T) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		for _, value := range [][]byte{every, {}, []byte("\r\n%s{}"), bytes.Repeat([]byte("9"), 100_000)} {
			h.add(t, string(every), "s", string(value))
			h.clock.pass(24 * time.Hour) // so that it is rewritten
			if got, found := h.find(t, string(every), "s"); !found || got != string(value) {
				t.Errorf("%.20q came back as %.20q, %v", value, got, found)
			}
			if got := h.list(t, string(every))["s"]; !bytes.Equal(got, value) {
				t.Errorf("%.20q was listed as %.20q", value, got)
			}
		}
	})
}

func TestOwnersHashExpiresByItself(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		h.add(t, "ann", "s", "x")
		if ttl := c.conn.PTTL(t.Context(), h.sessions.key("ann")).Val(); ttl <= week || ttl > week+time.Minute {
			t.Errorf("lives %v", ttl)
		}
	})
}

// Sessions begin and end while others enter: none is lost, none comes back.
func TestSessionsUnderConcurrency(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		h.sessions.Max = 100
		var all sync.WaitGroup
		for i := range 32 {
			all.Go(func() {
				id := fmt.Sprint(i)
				h.add(t, "ann", id, id)
				h.clock.pass(time.Hour)
				if value, found := h.find(t, "ann", id); !found || value != id {
					t.Errorf("%s: found %q, %v", id, value, found)
				}
				if i%2 == 0 {
					if ended, err := h.sessions.End(t.Context(), "ann", id); !ended || err != nil {
						t.Errorf("%s: ended %v, %v", id, ended, err)
					}
				}
			})
		}
		all.Wait()
		if got := h.list(t, "ann"); len(got) != 16 {
			t.Errorf("%d left, want 16", len(got))
		}
	})
}

func TestStampsCompareAsTimes(t *testing.T) {
	times := []time.Time{{}, time.Unix(0, 0), time.Unix(1, 0), time.UnixMilli(999_999_999_999), time.UnixMilli(1_000_000_000_000), newClock().t}
	for i, at := range times {
		got := stamp(at)
		if len(got) != stampDigits || i > 0 && got < stamp(times[i-1]) {
			t.Errorf("%v is %q", at, got)
		}
	}
}
