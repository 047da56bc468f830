package main

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"jiamenkou/model"
)

// district is one database with sites, families and slots, and the server on it.
type district struct {
	*stage
	*server
	name     string
	zone     *time.Location
	db       *sql.DB
	store    *model.Store
	services []model.CareService
	sites    []model.Site
	families []family
	mornings [][]model.Slot // by day and site, where bookings are compared
}

func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// settle makes a database with so many sites, which have a morning and an afternoon every day. Its server is not
// started yet.
func (s *stage) settle(ctx context.Context, name string, sites int) (d *district, err error) {
	d = &district{stage: s, name: name}
	if d.zone, err = time.LoadLocation("Asia/Shanghai"); err != nil {
		return nil, err
	}
	if err := d.migrate(ctx); err != nil {
		return nil, err
	}
	if d.store, err = model.Open(model.Options{Driver: "mysql", DSN: s.mariadb.DSN(name), MaxOpen: 8, MaxIdle: 8, Now: now, Log: slog.New(slog.DiscardHandler)}); err != nil {
		return nil, err
	}
	s.closers = append(s.closers, d.store.Close)
	if d.services, err = d.store.ListServices(ctx); err != nil {
		return nil, err
	}
	return d, d.openSites(ctx, sites)
}

func (d *district) migrate(ctx context.Context) (err error) {
	none, err := d.connect("")
	if err != nil {
		return err
	}
	if _, err := none.ExecContext(ctx, "CREATE DATABASE "+d.name); err != nil {
		return err
	}
	if err := d.command(ctx, d.name, "migrate", "up"); err != nil {
		return err
	}
	d.db, err = d.connect(d.name)
	return err
}

// open starts the server, which generates the slots of the coming days first.
func (d *district) open(ctx context.Context, settings ...string) (err error) {
	d.server, err = d.stage.serve(ctx, d.name, settings...)
	return err
}

func (d *district) openSites(ctx context.Context, n int) error {
	subdistricts, err := d.store.ListSubdistricts(ctx)
	if err != nil {
		return err
	}
	var openings []model.Opening
	for i := range n {
		o := d.opening(i, subdistricts[i%len(subdistricts)].Code)
		openings, d.sites = append(openings, o), append(d.sites, o.Site)
	}
	return d.store.AddOpenings(ctx, openings)
}

// opening is a site somewhere on a grid over the district.
func (d *district) opening(i int, subdistrict string) model.Opening {
	site := model.Site{
		ID: numbered(i), SubdistrictCode: subdistrict, Name: fmt.Sprintf("示例宝宝屋%d", i), HostKind: "邻里汇", HostName: fmt.Sprintf("示例邻里汇%d", i),
		Address: fmt.Sprintf("示例路%d号", i), Latitude: 31.10 + float64(i%20)*0.005, Longitude: 121.40 + float64(i/20)*0.004,
		Phone: "021-00000000", Hours: "每天 9:00–11:30、14:00–16:30", Intro: "示例", Status: model.SiteOpen, CreatedAt: now(), UpdatedAt: now(),
	}
	carer := model.Carer{ID: numbered(i), SiteID: site.ID, Name: "示例老师", Title: "照护老师", Status: model.CarerActive}
	certificate := model.CarerCertificate{ID: numbered(i), CarerID: carer.ID, Kind: "教师资格证", Issuer: "示例市教育局", IssuedOn: d.day(-400)}
	o := model.Opening{Site: site, Carers: []model.Carer{carer}, Certificates: []model.CarerCertificate{certificate}}
	for weekday := 1; weekday <= 7; weekday++ {
		o.Templates = append(o.Templates, d.template(site, 0, weekday, 9*60), d.template(site, 1, weekday, 14*60))
	}
	return o
}

func (d *district) template(site model.Site, service, weekday, start int) model.WeeklyTemplate {
	return model.WeeklyTemplate{
		ID: d.store.NewID(), SiteID: site.ID, ServiceID: d.services[service].ID, CarerID: site.ID, Room: "活动室",
		Weekday: weekday, StartMinute: start, EndMinute: start + 150, Capacity: 1000, OnRestDays: true, ValidFrom: d.day(0),
	}
}

// day is the civil day so many days from today.
func (d *district) day(ahead int) model.Date { return model.DateOf(now().In(d.zone)).AddDays(ahead) }

// slot is a morning at the first site, open for booking.
func (d *district) slot(ahead, capacity int) model.Slot {
	start := d.day(ahead).At(9, 0, d.zone).UTC()
	return model.Slot{
		ID: d.store.NewID(), SiteID: d.sites[0].ID, ServiceID: d.services[0].ID, CarerID: d.sites[0].ID, Room: "活动室",
		Date: d.day(ahead), StartAt: start, EndAt: start.Add(150 * time.Minute), ReleaseAt: now().Add(-time.Hour), CutoffAt: start.Add(-2 * time.Hour),
		Capacity: capacity, Status: model.SlotOpen, ReleaseMode: model.ReleaseFirstCome, CreatedAt: now(), UpdatedAt: now(),
	}
}

// numbered is an id that orders as the number does, before every id made today.
func numbered(i int) string { return fmt.Sprintf("00%024d", i) }

// rowsAtOnce is one INSERT's.
const rowsAtOnce = 500

// insert writes n rows in a transaction, many by one statement.
func insert(ctx context.Context, db *sql.DB, into string, n int, values func(i int) []any) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing after Commit
	for from := 0; from < n; from += rowsAtOnce {
		to := min(from+rowsAtOnce, n)
		var args []any
		for i := from; i < to; i++ {
			args = append(args, values(i)...)
		}
		marks := "(?" + strings.Repeat(", ?", len(args)/(to-from)-1) + ")"
		statement := "INSERT INTO " + into + " VALUES " + marks + strings.Repeat(", "+marks, to-from-1) //nolint:gosec // of our own words and question marks
		if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
			return fmt.Errorf("%s: %w", into, err)
		}
	}
	return tx.Commit()
}

// drifts tells of counters that do not add up after all that was done: a fast answer that is wrong is worth nothing.
func (d *district) drifts(ctx context.Context) error {
	found, err := d.store.Audit(ctx)
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("%d counters or ledgers do not add up, the first: %v", len(found), found[0])
	}
	return err
}
