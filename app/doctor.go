package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"jiamenkou/conf"
	"jiamenkou/model"
)

// finding is one line of the doctor's report.
type finding struct {
	name string
	note string // what is good, or worth a warning
	warn bool
	err  error
}

const doctorTime = 10 * time.Second

func doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "check settings, database, Redis, keys, WeChat and calendar", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), doctorTime)
			defer cancel()
			failed := false
			for _, f := range examine(ctx, cmd) {
				cmd.Println(f.line())
				failed = failed || f.err != nil
			}
			if failed {
				return errSaid
			}
			return nil
		},
	}
}

func (f finding) line() string {
	switch {
	case f.err != nil:
		return fmt.Sprintf("FAIL  %-9s %v", f.name, f.err)
	case f.warn:
		return fmt.Sprintf("warn  %-9s %s", f.name, f.note)
	}
	return fmt.Sprintf("ok    %-9s %s", f.name, f.note)
}

func examine(ctx context.Context, cmd *cobra.Command) []finding {
	s, err := settings(cmd)
	if err != nil {
		return []finding{{name: "settings", err: err}}
	}
	report := []finding{{name: "settings", note: string(s.Mode) + " mode"}}
	h, err := build(ctx, s, newLogger(conf.Log{Level: "error"}))
	if err != nil {
		return append(report, finding{name: "start", err: err})
	}
	defer func() { _ = h.close() }()
	return append(report, h.examineDatabase(ctx), h.examineRedis(ctx), h.examineKeys(ctx), h.examineWeChat(ctx), h.examineMessages(ctx),
		h.examinePolicies(ctx), h.examineCalendar(ctx), h.examineWork(ctx), h.examineTrail(ctx))
}

func (h *house) examineDatabase(ctx context.Context) finding {
	f := finding{name: "database", note: h.store.Engine() + " answers, schema up to date"}
	if f.err = h.store.Ping(ctx); f.err != nil {
		return f
	}
	steps, err := h.store.MigrationStatus(ctx)
	f.err = err
	for _, step := range steps {
		if !step.Applied {
			f.err = errors.New("the schema is behind: run jiamenkou migrate up")
		}
	}
	return f
}

func (h *house) examineRedis(ctx context.Context) finding {
	return finding{name: "redis", note: string(h.settings.Redis.Mode) + " answers", err: h.redis.Ping(ctx)}
}

func (h *house) examineKeys(ctx context.Context) finding {
	f := finding{name: "keys", note: fmt.Sprintf("keyring holds %d key(s), wrapped; it opens what is stored", len(h.keyring.IDs()))}
	f.err = h.store.CheckKeys(ctx, h.box)
	if h.keyring.Plain() {
		f.warn, f.note = true, "the keyring is kept in plain text: fine for development only"
	}
	return f
}

func (h *house) examineWeChat(ctx context.Context) finding {
	f := finding{name: "wechat", note: "reachable, AppID and secret accepted", err: h.wechat.client.Reachable(ctx)}
	if h.wechat.demo != nil {
		f.warn, f.note = true, "the fake answers: anyone can sign in as anyone"
	}
	return f
}

func (h *house) examineMessages(ctx context.Context) finding {
	chosen, err := h.notice.InForce(ctx, h.store)
	f := finding{name: "messages", note: fmt.Sprintf("%d of %d kinds have a template", len(chosen), len(model.MessageKinds)), err: err}
	f.warn = len(chosen) < len(model.MessageKinds)
	return f
}

// examinePolicies finds numbers that are each allowed and together come to nothing.
func (h *house) examinePolicies(ctx context.Context) finding {
	f := finding{name: "policies", note: "every service can be booked or drawn"}
	policies, err := h.store.ListCurrentPolicies(ctx, now())
	if f.err = err; err != nil {
		return f
	}
	for _, p := range policies {
		if missed := p.DrawMissed(); missed != "" {
			f.warn, f.note = true, fmt.Sprintf("service %s, version %d: %s", p.ServiceID, p.Version, missed)
		}
	}
	return f
}

func (h *house) examineCalendar(ctx context.Context) finding {
	f := finding{name: "calendar", note: "the working days are official"}
	calendar, err := h.store.LoadCalendar(ctx)
	if f.err = err; err != nil {
		return f
	}
	if year := calendar.MissingNext(model.DateOf(now().In(h.zone))); year != 0 {
		f.warn, f.note = true, fmt.Sprintf("%d is provisional: the State Council's notice is not in the table", year)
	}
	return f
}

// oldWork is work that has been due for so long that somebody should look why: no server does jobs, or they cannot keep up.
const oldWork = 15 * time.Minute

func (h *house) examineWork(ctx context.Context) finding {
	f := finding{name: "work", note: "nothing is late, no dead letters, no drifts"}
	all, err := h.store.WorkFigures(ctx, now())
	if f.err = err; err != nil {
		return f
	}
	drifts, err := h.store.CountFindings(ctx)
	if f.err = err; err != nil {
		return f
	}
	var wrongs []string
	for _, w := range all {
		if w.Dead > 0 {
			wrongs = append(wrongs, fmt.Sprintf("%d dead letter(s) of %s", w.Dead, w.Kind))
		}
		if late := w.Overdue(now()); late > oldWork {
			wrongs = append(wrongs, fmt.Sprintf("%s has been due for %s", w.Kind, late.Round(time.Second)))
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(drifts)) {
		wrongs = append(wrongs, fmt.Sprintf("%d drift(s): %s", drifts[rule], rule))
	}
	if len(wrongs) > 0 {
		f.warn, f.note = true, strings.Join(wrongs, "; ")
	}
	return f
}

// lateLinks is how many records of what was done may wait for their place in the chain: more, and no server links them.
const lateLinks = 5000

// examineTrail looks at the end of the chain alone; following all of it takes its time (jiamenkou audit verify).
func (h *house) examineTrail(ctx context.Context) finding {
	f := finding{name: "trail"}
	chain, err := h.store.FindTrailChain(ctx)
	if f.err = err; err != nil {
		return f
	}
	loose, err := h.store.CountLooseTrail(ctx)
	f.err = err
	f.note = fmt.Sprintf("kept %d days; %d record(s) in the chain, %d waiting for their place", h.settings.Audit.KeepDays, chain.HeadSeq-chain.AnchorSeq, loose)
	f.warn = loose > lateLinks
	return f
}

func healthcheckCommand() *cobra.Command {
	return &cobra.Command{
		Use: "healthcheck", Short: "ask the running server whether it lives; for container health checks", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := settings(cmd)
			if err != nil {
				return err
			}
			return askAlive(cmd.Context(), s.HTTP.Addr)
		},
	}
}

func askAlive(ctx context.Context, addr string) error {
	address, err := aliveAddress(addr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	straight := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // past a proxy that the environment names
	answer, err := straight.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answers %s", answer.Status)
	}
	return nil
}

// aliveAddress is where a server that listens on addr says that it lives: on the host it was given, and on this
// machine's own when it listens on every one.
func aliveAddress(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "" || err == nil && ip.IsUnspecified() && ip.Is4():
		host = "127.0.0.1"
	case err == nil && ip.IsUnspecified():
		host = "::1"
	}
	return (&url.URL{Scheme: "http", Host: net.JoinHostPort(host, port), Path: "/livez"}).String(), nil
}
