package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"jiamenkou/conf"
	"jiamenkou/model"
)

// demoFile is invented data: every site is marked 示例, every person's name is obviously made up, coordinates are
// plausible GCJ-02 points inside the subdistrict.
//
//go:embed demo.json
var demoFile []byte

type demoSite struct {
	Subdistrict string
	Name        string
	HostKind    string `json:"host_kind"`
	HostName    string `json:"host_name"`
	Address     string
	Latitude    float64
	Longitude   float64
	Phone       string
	Intro       string
	Capacity    int
	Carers      []demoCarer
}

type demoCarer struct{ Name, Title, Intro string }

func seedCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "seed", Short: "data to start with"}
	cmd.AddCommand(&cobra.Command{
		Use: "demo", Short: "nine invented sites with two weeks of slots, if there is no site yet", Args: cobra.NoArgs,
		RunE: withHouse(func(cmd *cobra.Command, h *house, _ []string) error {
			if h.settings.Mode == conf.Production {
				return errors.New("demo data does not belong into production")
			}
			if err := migrate(cmd.Context(), h.store, h.log); err != nil {
				return err
			}
			if err := h.seedDemo(cmd.Context()); err != nil {
				return err
			}
			n, err := h.planning.GenerateSlots(cmd.Context())
			cmd.Printf("demo data is there; %d slots generated\n", n)
			return err
		}),
	})
	return cmd
}

// withHouse runs a command that needs the whole house.
func withHouse(run func(cmd *cobra.Command, h *house, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) (err error) {
		s, err := settings(cmd)
		if err != nil {
			return err
		}
		h, err := build(cmd.Context(), s, newLogger(s.Log))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, h.close()) }()
		return run(cmd, h, args)
	}
}

// seedDemo writes the demo data unless there is any site.
func (h *house) seedDemo(ctx context.Context) error {
	sites, err := h.store.ListSites(ctx)
	if err != nil || len(sites) > 0 {
		return err
	}
	var planned []demoSite
	if err := json.Unmarshal(demoFile, &planned); err != nil {
		return err
	}
	services, err := h.store.ListServices(ctx)
	if err != nil {
		return err
	}
	var openings []model.Opening
	for _, site := range planned {
		openings = append(openings, h.openDemo(site, services))
	}
	return h.store.AddFirstOpenings(ctx, openings) // another server may be doing the same
}

func (h *house) openDemo(d demoSite, services []model.CareService) model.Opening {
	site := model.Site{
		ID: h.store.NewID(), SubdistrictCode: d.Subdistrict, Name: d.Name, HostKind: d.HostKind, HostName: d.HostName,
		Address: d.Address, Latitude: d.Latitude, Longitude: d.Longitude, Phone: d.Phone,
		Hours: "工作日 9:00–11:30、14:00–16:30；周六 10:00–11:00 育儿指导", Intro: d.Intro,
		Photos: model.Photos{}, Status: model.SiteOpen, CreatedAt: now(), UpdatedAt: now(),
	}
	o := model.Opening{Site: site}
	for _, c := range d.Carers {
		carer := model.Carer{ID: h.store.NewID(), SiteID: site.ID, Name: c.Name, Title: c.Title, Intro: c.Intro, Status: model.CarerActive}
		o.Carers = append(o.Carers, carer)
		o.Certificates = append(o.Certificates, h.certificate(carer, "教师资格证", "示例市教育局"), h.certificate(carer, "高级育婴师证", "示例市人社局"))
	}
	for _, service := range services {
		o.Templates = append(o.Templates, h.demoPlan(site, service, o.Carers, d.Capacity)...)
	}
	return o
}

func (h *house) certificate(c model.Carer, kind, issuer string) model.CarerCertificate {
	today := model.DateOf(now().In(h.zone))
	return model.CarerCertificate{ID: h.store.NewID(), CarerID: c.ID, Kind: kind, Issuer: issuer, IssuedOn: today.AddDays(-400)}
}

// demoHours are the sessions of a week by service: on workdays, except guidance, which is on Saturdays.
var demoHours = map[string]struct {
	start, end, carer int
	room              string
	weekdays          []time.Weekday
	onRestDays        bool
}{
	"care-morning":   {9 * 60, 11*60 + 30, 0, "活动室", []time.Weekday{1, 2, 3, 4, 5}, false},
	"care-afternoon": {14 * 60, 16*60 + 30, 1, "活动室", []time.Weekday{1, 2, 3, 4, 5}, false},
	"parenting":      {10 * 60, 11 * 60, 0, "阅读角", []time.Weekday{6}, true},
}

func (h *house) demoPlan(site model.Site, service model.CareService, carers []model.Carer, capacity int) (plan []model.WeeklyTemplate) {
	hours := demoHours[service.Code]
	for _, weekday := range hours.weekdays {
		plan = append(plan, model.WeeklyTemplate{
			ID: h.store.NewID(), SiteID: site.ID, ServiceID: service.ID, CarerID: carers[hours.carer].ID, Room: hours.room,
			Weekday: int(weekday), StartMinute: hours.start, EndMinute: hours.end, Capacity: capacity,
			OnRestDays: hours.onRestDays, ValidFrom: model.DateOf(now().In(h.zone)),
		})
	}
	return plan
}
