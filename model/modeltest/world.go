package modeltest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/model"
)

// World is a small district to test in: one site with a carer, the care services of the foundation, and people and
// slots as a test asks for them.
type World struct {
	Store    *model.Store
	Box      model.Box
	Zone     *time.Location
	Site     model.Site
	Carer    model.Carer
	Services map[string]model.CareService // by code
	Now      func() time.Time             // the clock its days are counted from

	t      testing.TB
	people atomic.Int64
}

// NewWorld builds the site.
func NewWorld(t testing.TB, store *model.Store, box model.Box) *World {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	w := &World{Store: store, Box: box, Zone: zone, Now: Now, t: t, Services: map[string]model.CareService{}}
	w.must(err)
	services, err := store.ListServices(context.Background())
	w.must(err)
	for _, s := range services {
		w.Services[s.Code] = s
	}
	w.Site, w.Carer = w.AddSite("310104017", "示例宝宝屋", model.Point{Latitude: 31.1699, Longitude: 121.4035})
	return w
}

func (w *World) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// AddSite adds a site with one carer.
func (w *World) AddSite(subdistrict, name string, at model.Point) (model.Site, model.Carer) {
	w.t.Helper()
	site := model.Site{
		ID: w.Store.NewID(), SubdistrictCode: subdistrict, Name: name, HostKind: "邻里汇", HostName: "示例邻里汇", Address: "示例路1号",
		Latitude: at.Latitude, Longitude: at.Longitude, Phone: "021-00000000", Status: model.SiteOpen, CreatedAt: w.Now(), UpdatedAt: w.Now(),
	}
	carer := model.Carer{ID: w.Store.NewID(), SiteID: site.ID, Name: "示例老师", Title: "照护老师", Status: model.CarerActive}
	certificate := model.CarerCertificate{ID: w.Store.NewID(), CarerID: carer.ID, Kind: "教师资格证", Issuer: "示例市教育局", IssuedOn: model.Date{Year: 2020, Month: 1, Day: 1}}
	template := model.WeeklyTemplate{
		ID: w.Store.NewID(), SiteID: site.ID, ServiceID: w.Services["care-morning"].ID, CarerID: carer.ID, Room: "活动室",
		Weekday: 1, StartMinute: 9 * 60, EndMinute: 11*60 + 30, Capacity: 10, ValidFrom: model.Date{Year: 2020, Month: 1, Day: 1},
	}
	w.must(w.Store.AddOpenings(context.Background(), []model.Opening{{
		Site: site, Carers: []model.Carer{carer}, Certificates: []model.CarerCertificate{certificate}, Templates: []model.WeeklyTemplate{template},
	}}))
	return site, carer
}

// Day is the civil day so many days from today, where the world is.
func (w *World) Day(ahead int) model.Date { return model.DateOf(w.Now().In(w.Zone)).AddDays(ahead) }

// AddSlot adds an open, released morning slot so many days from today; change may alter it before it is written.
func (w *World) AddSlot(ahead, capacity int, change ...func(*model.Slot)) model.Slot {
	w.t.Helper()
	day := w.Day(ahead)
	start := day.At(9, 0, w.Zone).UTC()
	slot := model.Slot{
		ID: w.Store.NewID(), SiteID: w.Site.ID, ServiceID: w.Services["care-morning"].ID, CarerID: w.Carer.ID, Room: "活动室",
		Date: day, StartAt: start, EndAt: start.Add(150 * time.Minute), ReleaseAt: start.Add(-14 * 24 * time.Hour),
		CutoffAt: start.Add(-2 * time.Hour), Capacity: capacity, ReleaseMode: model.ReleaseFirstCome, Status: model.SlotOpen, CreatedAt: w.Now(), UpdatedAt: w.Now(),
	}
	for _, c := range change {
		c(&slot)
	}
	w.must(w.Store.InTx(context.Background(), func(tx *model.Store) error {
		return tx.AddSlots(context.Background(), []model.Slot{slot})
	}))
	return slot
}

// AddResident adds a resident who has agreed to every document.
func (w *World) AddResident() string {
	w.t.Helper()
	ctx, id := context.Background(), w.Store.NewID()
	openID := fmt.Sprintf("openid-of-test-%d", w.people.Add(1))
	sealed, err := model.Seal(w.Box, "residents", "open_id_sealed", id, openID)
	w.must(err)
	who := model.Resident{
		ID: id, OpenIDIndex: w.Box.Index("residents.open_id", []byte(openID)), OpenIDSealed: sealed,
		Status: model.ResidentActive, CreatedAt: w.Now(), UpdatedAt: w.Now(),
	}
	documents, err := w.Store.ListCurrentDocuments(ctx, w.Now())
	w.must(err)
	w.must(w.Store.InTx(ctx, func(tx *model.Store) error {
		if _, err := tx.AddResident(ctx, &who); err != nil {
			return err
		}
		for _, d := range documents {
			if err := tx.AddConsent(ctx, model.Consent{ResidentID: id, DocumentID: d.ID, AgreedAt: w.Now()}); err != nil {
				return err
			}
		}
		return nil
	}))
	return id
}

// AddChild adds a child of a resident, so many months old today.
func (w *World) AddChild(resident string, months int) string {
	w.t.Helper()
	today := w.Day(0)
	birth := model.DateOf(time.Date(today.Year, today.Month-time.Month(months), 1, 0, 0, 0, 0, time.UTC))
	ctx, id := context.Background(), w.Store.NewID()
	child := model.Child{
		ID: id, ResidentID: resident, Fingerprint: w.Box.Index("children.fingerprint", []byte(id)),
		Gender: model.GenderUnstated, Status: model.ChildListed, CreatedAt: w.Now(), UpdatedAt: w.Now(),
	}
	var err error
	child.NameSealed, err = model.Seal(w.Box, "children", "name_sealed", id, fmt.Sprintf("示例宝宝%d", w.people.Add(1)))
	w.must(err)
	child.BirthDateSealed, err = model.Seal(w.Box, "children", "birth_date_sealed", id, birth.String())
	w.must(err)
	w.must(w.Store.InTx(ctx, func(tx *model.Store) error { return tx.AddChild(ctx, &child) }))
	return id
}

// Family adds a resident with one child of eighteen months.
func (w *World) Family() (resident, child string) {
	w.t.Helper()
	resident = w.AddResident()
	return resident, w.AddChild(resident, 18)
}

// Sound fails the test when any counter or ledger has drifted.
func (w *World) Sound() {
	w.t.Helper()
	drifts, err := w.Store.Audit(context.Background())
	w.must(err)
	for _, d := range drifts {
		w.t.Errorf("drift: %s: %s", d.Rule, d.SubjectID)
	}
}
