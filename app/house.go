package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"jiamenkou/adapter/redis"
	"jiamenkou/adapter/seal"
	"jiamenkou/conf"
	"jiamenkou/model"
	"jiamenkou/service/account"
	"jiamenkou/service/booking"
	"jiamenkou/service/notice"
)

// house is the whole program put together: every dependency is made here and handed to whoever needs it.
type house struct {
	settings *conf.Settings
	log      *slog.Logger
	zone     *time.Location
	store    *model.Store
	redis    *redis.Client
	keyring  *seal.Keyring
	box      *seal.Box
	wechat   *wechatSide

	account *account.Service
	booking *booking.Service
	notice  *notice.Service

	closers []func() error
}

// now is the clock of the house: UTC, in the milliseconds the database keeps.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// build puts the house together; whatever was opened before a failure is closed again.
func build(ctx context.Context, s *conf.Settings, log *slog.Logger) (*house, error) {
	h := &house{settings: s, log: log}
	for _, step := range []func(context.Context) error{h.openZone, h.openStore, h.openSeal, h.openRedis, h.openWeChat, h.openServices} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, h.close())
		}
	}
	return h, nil
}

// close lets go of everything, last opened first.
func (h *house) close() error {
	var errs []error
	for i := len(h.closers) - 1; i >= 0; i-- {
		errs = append(errs, h.closers[i]())
	}
	return errors.Join(errs...)
}

func (h *house) openZone(context.Context) (err error) {
	h.zone, err = h.settings.Community.Location()
	return err
}

func (h *house) openStore(context.Context) (err error) {
	h.store, err = openStore(h.settings, h.log)
	if err != nil {
		return err
	}
	h.closers = append(h.closers, h.store.Close)
	return nil
}

// openStore opens the database alone, for commands that need nothing else.
func openStore(s *conf.Settings, log *slog.Logger) (*model.Store, error) {
	d := s.Database
	if d.Driver == conf.SQLite {
		if err := os.MkdirAll(filepath.Dir(d.Path), 0o700); err != nil {
			return nil, err
		}
	}
	return model.Open(model.Options{
		Driver: string(d.Driver), DSN: d.DSN.Reveal(), Path: d.Path,
		MaxOpen: d.MaxOpen, MaxIdle: d.MaxIdle, ConnLifetime: d.ConnLifetime, Now: now, Log: log,
	})
}

func (h *house) openSeal(context.Context) (err error) {
	if h.keyring, err = openKeyring(h.settings); err != nil {
		return err
	}
	h.box, err = seal.NewBox(h.keyring)
	return err
}

// openKeyring opens the keyring; in development the first start makes one.
func openKeyring(s *conf.Settings) (*seal.Keyring, error) {
	kek, err := s.Seal.KeyEncryptionKey()
	if err != nil {
		return nil, err
	}
	ring, err := seal.OpenKeyring(s.Seal.KeyringFile, kek)
	if errors.Is(err, fs.ErrNotExist) && s.Mode == conf.Development {
		ring, err = createKeyring(s, kek)
	}
	if err != nil {
		return nil, fmt.Errorf("the keyring for personal data (jiamenkou keys init makes one): %w", err)
	}
	if s.Mode == conf.Production && ring.Plain() {
		return nil, errors.New("the keyring holds keys in plain text, which production mode refuses: make one with seal.kek set (jiamenkou keys init)")
	}
	return ring, nil
}

// createKeyring makes the keyring; of several processes at once, one makes it and the others open what it made.
func createKeyring(s *conf.Settings, kek []byte) (*seal.Keyring, error) {
	if err := os.MkdirAll(filepath.Dir(s.Seal.KeyringFile), 0o700); err != nil {
		return nil, err
	}
	ring, err := seal.CreateKeyring(s.Seal.KeyringFile, kek, string(s.Seal.Algorithm))
	if errors.Is(err, fs.ErrExist) {
		return seal.OpenKeyring(s.Seal.KeyringFile, kek)
	}
	return ring, err
}

func (h *house) openRedis(ctx context.Context) (err error) {
	r := h.settings.Redis
	h.redis, err = redis.Open(ctx, redis.Options{
		Mode: string(r.Mode), Addrs: r.Addrs, MasterName: r.MasterName, Username: r.Username, Password: r.Password.Reveal(),
		DB: r.DB, TLS: r.TLS, Prefix: r.Prefix + ":", PoolSize: r.PoolSize,
	})
	if err != nil {
		return err
	}
	h.closers = append(h.closers, h.redis.Close)
	return nil
}

func (h *house) openServices(context.Context) error {
	limiter, err := redis.NewLimiter(h.redis, rates(h.settings.Limits))
	if err != nil {
		return err
	}
	sessions := redis.NewSessions(h.redis, h.settings.Session.Idle, h.settings.Session.Absolute, now)
	sessions.Max = h.settings.Session.MaxPerResident
	b := h.settings.Booking
	h.booking = &booking.Service{
		Store: h.store, Box: h.box, Now: now, Zone: h.zone, Log: h.log,
		Limits: booking.Limits{LiveBookings: b.MaxLiveBookings, KeepAnswers: b.IdempotencyKeep, SlotsAhead: b.SlotsAheadDays},
	}
	h.account = &account.Service{
		Store: h.store, Box: h.box, WeChat: h.wechat.client, Sessions: sessions,
		Gate: gate{redis.NewGate(sessions, limiter), limiter}, Bookings: h.booking,
		Now: now, Zone: h.zone, Log: h.log, MaxChildren: b.MaxChildren,
	}
	h.notice = &notice.Service{Store: h.store, Now: now}
	return nil
}

// gate is what the account service asks of Redis, from the two that answer it.
type gate struct {
	*redis.Gate
	*redis.Limiter
}

// rates names each limit as the gate does: the resident's own, and the address's behind /ip.
func rates(l conf.Limits) map[string]redis.Rate {
	rate := func(c conf.Limit) redis.Rate { return redis.Rate{Count: c.Count, Per: c.Per, Burst: c.Burst} }
	return map[string]redis.Rate{
		"login": rate(l.Login), "login/ip": rate(l.LoginIP),
		"booking": rate(l.Booking), "booking/ip": rate(l.BookingIP),
		"search": rate(l.Search), "search/ip": rate(l.SearchIP),
		"write": rate(l.Write), "write/ip": rate(l.WriteIP),
		"read": rate(l.Read), "read/ip": rate(l.ReadIP),
	}
}
