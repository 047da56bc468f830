package redis

import (
	"context"

	goredis "github.com/redis/go-redis/v9"
)

// call is one script to be run. All its keys carry one hash tag.
type call struct {
	script *goredis.Script
	keys   []string
	args   []any
}

type evaluate func(*goredis.Script, context.Context, goredis.Scripter, []string, ...any) *goredis.Cmd

// run sends all calls in one round trip, by the scripts' hashes. A node that does not know a script (restarted, or its
// scripts flushed) has done nothing for it, so those calls alone are sent again with their source.
func (c *Client) run(ctx context.Context, doing string, calls ...call) ([]*goredis.Cmd, error) {
	ctx, cancel := c.patient(ctx)
	defer cancel()
	answers := c.send(ctx, calls, (*goredis.Script).EvalSha)
	if unknown := unknownScripts(answers); len(unknown) > 0 {
		again := c.send(ctx, pick(calls, unknown), (*goredis.Script).Eval)
		for i, at := range unknown {
			answers[at] = again[i]
		}
	}
	return answers, wrap(doing, firstError(answers))
}

func (c *Client) send(ctx context.Context, calls []call, eval evaluate) []*goredis.Cmd {
	pipe := c.conn.Pipeline()
	answers := make([]*goredis.Cmd, len(calls))
	for i, call := range calls {
		answers[i] = eval(call.script, ctx, pipe, call.keys, call.args...)
	}
	_, err := pipe.Exec(ctx)
	// Our scripts never answer nil: an answer that is empty and without an error was never read.
	for _, answer := range answers {
		if err != nil && answer.Err() == nil && answer.Val() == nil {
			answer.SetErr(err)
		}
	}
	return answers
}

func unknownScripts(answers []*goredis.Cmd) (at []int) {
	for i, answer := range answers {
		if goredis.HasErrorPrefix(answer.Err(), "NOSCRIPT") {
			at = append(at, i)
		}
	}
	return at
}

func pick(calls []call, at []int) []call {
	picked := make([]call, len(at))
	for i, n := range at {
		picked[i] = calls[n]
	}
	return picked
}

func firstError(answers []*goredis.Cmd) error {
	for _, answer := range answers {
		if answer.Err() != nil {
			return answer.Err()
		}
	}
	return nil
}
