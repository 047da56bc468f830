package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"

	"jiamenkou/adapter/redis"
	"jiamenkou/conf"
	"jiamenkou/router"
)

const (
	waitForDatabase = time.Minute
	readHeaderTime  = 5 * time.Second
	idleTime        = 75 * time.Second
	probeTime       = time.Second
)

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "migrate the database and serve until told to stop", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := settings(cmd)
			if err != nil {
				return err
			}
			return serve(cmd.Context(), s, newLogger(s.Log))
		},
	}
}

func newLogger(l conf.Log) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l.Level)) // the settings have been validated
	o := &slog.HandlerOptions{Level: level}
	if l.Format == conf.LogText {
		return slog.New(slog.NewTextHandler(os.Stderr, o))
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, o))
}

// serve runs the house until ctx ends: then requests under way finish, new ones are refused, jobs stop.
func serve(ctx context.Context, s *conf.Settings, log *slog.Logger) (err error) {
	redis.LogTo(log)
	tuneCollector()
	h, err := build(ctx, s, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	if err := h.prepare(ctx); err != nil {
		return err
	}
	return h.run(ctx)
}

// run serves until ctx ends or a server fails.
func (h *house) run(ctx context.Context) error {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(h.meter.seconds, &figures{store: h.store, kinds: h.handlers(), now: now, log: h.log})
	public, err := h.listen(ctx, h.settings.HTTP.Addr, h.api(registry).Handler()) //nolint:contextcheck // requests bring their own context
	if err != nil {
		return err
	}
	metrics, err := h.listen(ctx, h.settings.HTTP.MetricsAddr, promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	if err != nil {
		return errors.Join(err, public.Close())
	}
	stopJobs := h.startJobs(ctx)
	h.announce(ctx)
	select {
	case <-ctx.Done():
	case err = <-public.failed:
	case err = <-metrics.failed:
	}
	h.log.Info("stopping")
	return errors.Join(err, h.drain(ctx, public), stopJobs(), metrics.Close())
}

// gcPercent lets the heap, some ten megabytes of live data, grow to five times its size between collections: measured
// a tenth less processor time a request, and the same memory at rest.
const gcPercent = 400

func tuneCollector() {
	if os.Getenv("GOGC") == "" { // whoever sets it knows better
		debug.SetGCPercent(gcPercent)
	}
}

// prepare waits for the database and brings it up to date.
func (h *house) prepare(ctx context.Context) error {
	wait, cancel := context.WithTimeout(ctx, waitForDatabase)
	defer cancel()
	if err := h.store.WaitReady(wait); err != nil {
		return fmt.Errorf("the database does not answer: %w", err)
	}
	if err := migrate(ctx, h.store, h.log); err != nil {
		return err
	}
	if err := h.store.CheckKeys(ctx, h.box); err != nil {
		return err
	}
	if err := h.account.IndexForSearch(ctx); err != nil {
		return err
	}
	if h.settings.Demo.Seed {
		if err := h.seedDemo(ctx); err != nil {
			return err
		}
	}
	if h.settings.Jobs.Enabled {
		if err := h.oweRecurring(ctx); err != nil {
			return err
		}
	}
	_, err := h.planning.GenerateSlots(ctx)
	return err
}

// server is an HTTP server that is already listening.
type server struct {
	*http.Server
	failed chan error
}

func (h *house) listen(ctx context.Context, addr string, handler http.Handler) (*server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &server{&http.Server{
		Handler: handler, ReadHeaderTimeout: readHeaderTime, IdleTimeout: idleTime, MaxHeaderBytes: 32 << 10,
		ReadTimeout: h.settings.HTTP.RequestTimeout + readHeaderTime, WriteTimeout: max(h.settings.HTTP.RequestTimeout, h.settings.Sites.UploadTimeout) + idleTime,
		ErrorLog: slog.NewLogLogger(h.log.Handler(), slog.LevelWarn),
	}, make(chan error, 1)}
	go func() { s.failed <- s.Serve(listener) }()
	return s, nil
}

// drain lets requests under way finish, for as long as the settings allow. New ones are refused at once: whoever takes a
// server out of a load balancer pauses before the stop, as preStop does in deploy/k8s.
func (h *house) drain(ctx context.Context, s *server) error {
	h.desk.Live.Close() // whoever listens would do so for ever
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.settings.HTTP.ShutdownTimeout)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests were still under way when time was up: %w", err), s.Close())
	}
	return nil
}

func (h *house) api(metrics prometheus.Registerer) *router.API {
	return &router.API{
		Account: h.account, Booking: h.booking, Planning: h.planning, Notice: h.notice, Staff: h.staff, Desk: h.desk, Work: h.work, Site: h.site, District: h.district, Overview: h.overview,
		Trail: h.trail,
		Zone:  h.zone, Now: now, Log: h.log, Metrics: metrics, NewID: h.store.NewID,
		Ready: h.ready, Docs: docsPage(), Console: consolePages(), Production: h.settings.Mode == conf.Production,
		TrustedProxies: h.settings.HTTP.TrustedProxies, ConsoleOrigin: h.settings.ConsoleOrigin(),
		RequestTimeout: h.settings.HTTP.RequestTimeout, MaxBody: int64(h.settings.HTTP.MaxBody),
		MaxUpload: int64(h.settings.Sites.MaxPhoto), UploadTimeout: h.settings.Sites.UploadTimeout, Version: version,
	}
}

// ready asks every dependency.
func (h *house) ready(ctx context.Context) map[string]error {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	return map[string]error{"database": h.store.Ping(ctx), "redis": h.redis.Ping(ctx)}
}

// announce tells a person at the terminal where to look.
func (h *house) announce(ctx context.Context) {
	h.log.Info("serving", "version", version, "mode", h.settings.Mode, "addr", h.settings.HTTP.Addr, "metrics", h.settings.HTTP.MetricsAddr)
	if h.settings.Mode != conf.Development {
		return
	}
	base := "http://" + h.settings.HTTP.Addr
	fmt.Fprintf(os.Stdout, `
  家门口 is running.

    the staff console   %s/console/
    the API to read     %s/api/docs/
    the document        %s/api/openapi.json
    is it well?         %s/readyz
    figures             http://%s/metrics

  README.md has a walk with curl: sign in as anyone with the code demo-<name>,
  find a 宝宝屋, book a place. Ctrl-C stops.

`, h.settings.ConsoleOrigin(), base, base, base, h.settings.HTTP.MetricsAddr)
	link, err := h.inviteFirst(ctx)
	switch {
	case err != nil:
		h.log.ErrorContext(ctx, "the first administrator could not be invited", "cause", err)
	case link != "":
		fmt.Fprintf(os.Stdout, "  Nobody has signed in to the console yet. Become the first administrator (once, until %s):\n\n    %s\n\n",
			time.Now().Add(h.settings.Staff.InvitationLife).Format("2006-01-02 15:04"), link)
	}
}
