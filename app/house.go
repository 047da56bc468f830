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
	door "jiamenkou/service/desk" // the tests have a desk of their own
	"jiamenkou/service/district"
	"jiamenkou/service/notice"
	"jiamenkou/service/overview"
	"jiamenkou/service/planning"
	"jiamenkou/service/premises"
	"jiamenkou/service/staff"
	"jiamenkou/service/trail"
	"jiamenkou/service/work"
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

	account  *account.Service
	booking  *booking.Service
	planning *planning.Service
	notice   *notice.Service
	staff    *staff.Service
	desk     *door.Service
	work     *work.Service
	site     *premises.Service
	district *district.Service
	overview *overview.Service
	trail    *trail.Service
	meter    *meter

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
		Limits: booking.Limits{
			LiveBookings: b.MaxLiveBookings, KeepAnswers: b.IdempotencyKeep, SlotsAhead: b.SlotsAheadDays,
			Waiting: b.MaxWaiting, AtOnce: b.MaxAtOnce, Quiet: quietHours(h.settings.Messages), DrawWait: b.DrawWait, DrawKnown: b.DrawKnownBefore,
		},
	}
	h.planning = &planning.Service{
		Store: h.store, Closer: h.booking, Now: now, Zone: h.zone, Log: h.log,
		Limits: planning.Limits{SlotsAhead: b.SlotsAheadDays, KeepAnswers: b.IdempotencyKeep},
	}
	h.site = &premises.Service{
		Store: h.store, Places: h.booking, Now: now, Zone: h.zone,
		Limits: premises.Limits{KeepAnswers: b.IdempotencyKeep, Notice: h.settings.Sites.CertificateNoticeDays, Photos: h.settings.Sites.MaxPhotos},
	}
	h.overview = &overview.Service{
		Store: h.store, Now: now, Zone: h.zone,
		Limits: overview.Limits{Keep: h.settings.Exports.Keep, AtOnce: h.settings.Exports.AtOnce, KeepAnswers: b.IdempotencyKeep},
	}
	h.district = &district.Service{
		Store: h.store, Places: h.booking, Now: now, Zone: h.zone, Limits: district.Limits{KeepAnswers: b.IdempotencyKeep},
	}
	h.trail = &trail.Service{
		Store: h.store, Now: now, Keep: time.Duration(h.settings.Audit.KeepDays) * 24 * time.Hour, MostInFile: h.settings.Audit.LinesInFile,
	}
	h.account = &account.Service{
		Store: h.store, Box: h.box, WeChat: h.wechat.client, Sessions: sessions,
		Gate: gate{redis.NewGate(sessions, limiter), limiter}, Bookings: h.booking,
		Now: now, Zone: h.zone, Log: h.log, MaxChildren: b.MaxChildren, MaxPickupPersons: h.settings.Desk.MaxPickupPersons,
	}
	h.openNotice()
	if err := h.openStaff(limiter); err != nil {
		return err
	}
	h.openDesk()
	return h.openWork()
}

func (h *house) openWork() error {
	minute, err := h.settings.Jobs.AuditMinute()
	h.work = &work.Service{Store: h.store, Now: now, Log: h.log, Zone: h.zone, AuditMinute: minute}
	h.meter = newMeter()
	h.meter.sowFigures(h.handlers())
	return err
}

func (h *house) openDesk() {
	d := h.settings.Desk
	h.desk = &door.Service{
		Store: h.store, Box: h.box, Codes: redis.NewCodes(h.redis), Lines: h.booking, Places: h.booking, Now: now, Zone: h.zone, Log: h.log,
		Limits: door.Limits{
			KeepAnswers: h.settings.Booking.IdempotencyKeep, CodeLife: d.CheckInCodeLife, CloseAfter: d.CloseStaysAfter, SweepBatch: d.SweepBatch,
		},
		Live: &door.Live{Store: h.store, Now: now, Zone: h.zone, Log: h.log, Every: d.LookEvery, Beat: d.LiveBeat},
	}
}

func (h *house) openStaff(limiter *redis.Limiter) (err error) {
	c := h.settings.Staff
	sessions := redis.NewSessions(h.redis, c.SessionIdle, c.SessionAbsolute, now)
	sessions.Kind = "staff-session"
	passkeys, err := staff.NewPasskeys(h.settings.ConsoleOrigin())
	if err != nil {
		return fmt.Errorf("staff.origin: %w", err)
	}
	p := c.Password
	cost := staff.Cost{Memory: uint32(p.Memory / conf.KiB), Passes: uint32(p.Passes), Lanes: uint8(p.Lanes)}
	h.staff = &staff.Service{
		Store: h.store, Box: h.box, Sessions: sessions, Gate: gate{redis.NewGate(sessions, limiter), limiter}, Tickets: redis.NewOnce(h.redis),
		Hasher: staff.NewHasher(cost, p.AtOnce), Passkeys: passkeys, Now: now, Log: h.log,
		Rules: staff.Rules{
			SessionIdle: c.SessionIdle, InvitationLife: c.InvitationLife, TicketLife: c.TicketLife, ResetLife: c.ResetLife,
			Password: model.PasswordRules{MinLength: p.MinLength, Kinds: p.Complexity}, PasswordAge: p.MaxAge, PasswordKeep: p.History,
			Account: model.Lock(c.AccountLock), Address: model.Lock(c.AddressLock), SplitDuties: c.SplitDuties,
		},
	}
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
		"reveal": rate(l.Reveal), "reveal/ip": rate(l.RevealIP),
	}
}
