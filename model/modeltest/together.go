package modeltest

import (
	"maps"
	"slices"
	"sync"
	"testing"

	"jiamenkou/model/fault"
)

// Together runs a task for 0 to n-1, all at the same moment, and waits for all.
func Together(n int, task func(i int)) {
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			task(i)
		})
	}
	done.Wait()
}

// TogetherErrors is Together, and gives what each of them ended with.
func TogetherErrors(n int, task func(i int) error) []error {
	errs := make([]error, n)
	Together(n, func(i int) { errs[i] = task(i) })
	return errs
}

// WordOf is what somebody was told: ok for a success, the code of a refusal, and in full an error nobody should ever see.
func WordOf(err error) string {
	if err == nil {
		return "ok"
	}
	if f := fault.Of(err); f != nil {
		return f.Code
	}
	return "error: " + err.Error()
}

// Tally counts what people were told, by its word. Its zero value is ready.
type Tally struct {
	mu   sync.Mutex
	told map[string]int
}

// Add counts one answer.
func (c *Tally) Add(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.told == nil {
		c.told = map[string]int{}
	}
	c.told[WordOf(err)]++
}

// Told is what was told how often. It is read when all are done.
func (c *Tally) Told() map[string]int { return c.told }

// Exactly fails the test unless people were told just this, this often.
func (c *Tally) Exactly(t testing.TB, want map[string]int) {
	t.Helper()
	if !maps.Equal(want, c.told) {
		t.Errorf("told %v, want %v", c.told, want)
	}
}

// Only fails the test when somebody was told anything else than the words or ok.
func (c *Tally) Only(t testing.TB, words ...string) {
	t.Helper()
	for _, told := range slices.Sorted(maps.Keys(c.told)) {
		if told != "ok" && !slices.Contains(words, told) {
			t.Errorf("told %d times: %s", c.told[told], told)
		}
	}
}

// Among is Only, and something must have worked.
func (c *Tally) Among(t testing.TB, words ...string) {
	t.Helper()
	c.Only(t, words...)
	if c.told["ok"] == 0 {
		t.Errorf("nothing ever worked: %v", c.told)
	}
}
