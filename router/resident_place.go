package router

import (
	"context"
	"math"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/booking"
)

func (a *API) listSubdistricts(ctx context.Context, _ *none) (*list[subdistrictView], error) {
	all, err := a.Booking.Subdistricts(ctx)
	return listed(viewSubdistrict, all, err)
}

// ServiceView is a care service as residents see it.
type ServiceView struct {
	ID    string `json:"id"`
	Code  string `json:"code"`
	Name  string `json:"name"`
	Intro string `json:"intro"`
}

func viewService(s model.CareService) ServiceView { return ServiceView{s.ID, s.Code, s.Name, s.Intro} }

func (a *API) listServices(ctx context.Context, _ *none) (*list[ServiceView], error) {
	all, err := a.Booking.Services(ctx)
	return listed(viewService, all, err)
}

type sitesInput struct {
	Near        string `query:"near" maxLength:"64" doc:"我的位置：纬度,经度" example:"31.1699,121.4035"`
	Coord       string `query:"coord" enum:"gcj02,wgs84" default:"gcj02" doc:"位置的坐标系：微信为 gcj02，浏览器为 wgs84"`
	Date        string `query:"date" format:"date" doc:"只看这一天的空位；不填为今后各天"`
	Service     string `query:"service" maxLength:"40" doc:"只看这项服务的空位（服务代码）"`
	Subdistrict string `query:"subdistrict" maxLength:"9" doc:"我的街镇（代码）：排在前面"`
	Limit       int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

type dayView struct {
	Date   string `json:"date" format:"date"`
	Places int    `json:"places" doc:"此刻可约的名额"`
}

// SiteView is a site as residents see it in a list.
type SiteView struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Subdistrict subdistrictView `json:"subdistrict"`
	HostKind    string          `json:"host_kind" doc:"所在设施的类型"`
	HostName    string          `json:"host_name"`
	Address     string          `json:"address"`
	Latitude    float64         `json:"latitude" doc:"GCJ-02"`
	Longitude   float64         `json:"longitude" doc:"GCJ-02"`
	Hours       string          `json:"hours"`
	Distance    *int            `json:"distance_m,omitempty" doc:"直线距离，米；不知道位置时没有"`
	OpenDays    []dayView       `json:"open_days" nullable:"false" doc:"有名额的日子"`
}

func (a *API) listSites(ctx context.Context, in *sitesInput) (*list[SiteView], error) {
	near, err := readPlace(in.Near, in.Coord)
	if err != nil {
		return nil, err
	}
	day, err := a.askedDate(in.Date)
	if err != nil {
		return nil, err
	}
	found, err := a.Booking.Nearby(ctx, booking.Search{
		Near: near, Subdistrict: in.Subdistrict, ServiceCode: in.Service, Date: day, Limit: in.Limit,
	})
	return listed(viewNearby, found, err)
}

func viewNearby(n booking.Nearby) SiteView {
	v := viewSite(n.Site, n.Subdistrict)
	if n.Metres != nil {
		metres := int(math.Round(*n.Metres))
		v.Distance = &metres
	}
	v.OpenDays = each(n.OpenDays, viewDay)
	return v
}

func viewDay(o model.OpenPlaces) dayView { return dayView{o.Date.String(), o.Places} }

func viewSite(s model.Site, in model.Subdistrict) SiteView {
	return SiteView{
		ID: s.ID, Name: s.Name, Subdistrict: viewSubdistrict(in), HostKind: s.HostKind, HostName: s.HostName,
		Address: s.Address, Latitude: s.Latitude, Longitude: s.Longitude, Hours: s.Hours, OpenDays: []dayView{},
	}
}

type certificateView struct {
	Kind      string `json:"kind"`
	Issuer    string `json:"issuer"`
	ExpiresOn string `json:"expires_on,omitempty" format:"date"`
}

type carerView struct {
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	Title        string            `json:"title"`
	Intro        string            `json:"intro"`
	Certificates []certificateView `json:"certificates" nullable:"false" doc:"今天有效的证书"`
}

type siteServiceView struct {
	ServiceView
	MinAgeMonths      int `json:"min_age_months" doc:"满多少个月起"`
	MaxAgeMonths      int `json:"max_age_months" doc:"满多少个月为止（不含）"`
	CutoffMinutes     int `json:"cutoff_minutes" doc:"开始前多少分钟截止预约"`
	FreeCancelMinutes int `json:"free_cancel_minutes" doc:"开始前多少分钟可免费取消"`
}

type siteDetailOutput struct {
	Body struct {
		SiteView
		Phone    string            `json:"phone"`
		Intro    string            `json:"intro"`
		Open     bool              `json:"open" doc:"目前是否接待"`
		Photos   []photoView       `json:"photos" nullable:"false"`
		Carers   []carerView       `json:"carers" nullable:"false"`
		Services []siteServiceView `json:"services" nullable:"false"`
	}
}

type photoView struct {
	URL     string `json:"url" doc:"以/开头的在本系统"`
	Caption string `json:"caption"`
}

func viewPhoto(p model.Photo) photoView { return photoView(p) }

func (a *API) findSite(ctx context.Context, in *ByID) (*siteDetailOutput, error) {
	d, err := a.Booking.FindSite(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &siteDetailOutput{}
	out.Body.SiteView = viewSite(d.Site, d.Subdistrict)
	out.Body.OpenDays = each(d.OpenDays, viewDay)
	out.Body.Phone, out.Body.Intro, out.Body.Open = d.Phone, d.Intro, d.Status == model.SiteOpen
	out.Body.Photos = each(d.Photos, viewPhoto)
	out.Body.Carers = each(d.Carers, func(c model.Carer) carerView {
		return carerView{c.ID, c.Name, c.Title, c.Intro, each(d.Certificates[c.ID], viewCertificate)}
	})
	out.Body.Services = each(d.Services, func(s model.CareService) siteServiceView {
		p := d.Policies[s.ID]
		return siteServiceView{viewService(s), p.MinAgeMonths, p.MaxAgeMonths, p.CutoffMinutes, p.FreeCancelMinutes}
	})
	return out, nil
}

func viewCertificate(c model.CarerCertificate) certificateView {
	v := certificateView{Kind: c.Kind, Issuer: c.Issuer}
	if c.ExpiresOn != nil {
		v.ExpiresOn = c.ExpiresOn.String()
	}
	return v
}

type slotView struct {
	ID        string     `json:"id"`
	Site      string     `json:"site_id"`
	Service   string     `json:"service_id"`
	Carer     string     `json:"carer_id"`
	Room      string     `json:"room"`
	Date      string     `json:"date" format:"date"`
	StartAt   time.Time  `json:"start_at"`
	EndAt     time.Time  `json:"end_at"`
	ReleaseAt time.Time  `json:"release_at" doc:"开放预约的时间"`
	CutoffAt  time.Time  `json:"cutoff_at" doc:"预约截止的时间"`
	DrawAt    *time.Time `json:"draw_at,omitempty" doc:"摇号报名截止的时刻；不采用摇号的没有"`
	Capacity  int        `json:"capacity"`
	Free      int        `json:"free" doc:"剩余名额"`
	State     string     `json:"state" enum:"upcoming,open,full,drawing,cut_off,done,closed,cancelled"`
	Reason    string     `json:"reason,omitempty" doc:"宝宝屋取消的原因"`
}

func (a *API) viewSlot(s model.Slot) slotView {
	return slotView{
		ID: s.ID, Site: s.SiteID, Service: s.ServiceID, Carer: s.CarerID, Room: s.Room, Date: s.Date.String(),
		StartAt: s.StartAt.In(a.Zone), EndAt: s.EndAt.In(a.Zone), ReleaseAt: s.ReleaseAt.In(a.Zone), CutoffAt: s.CutoffAt.In(a.Zone), DrawAt: a.local(s.DrawAt),
		Capacity: s.Capacity, Free: s.Free(), State: string(s.State(a.Now())), Reason: s.CancelReason,
	}
}

type slotsInput struct {
	ByID
	From string `query:"from" format:"date" doc:"从哪天起；不填为今天"`
	To   string `query:"to" format:"date" doc:"到哪天为止（含）；不填为两周"`
}

func (a *API) listSlots(ctx context.Context, in *slotsInput) (*list[slotView], error) {
	from, to, err := a.askedDates(in.From, in.To)
	if err != nil {
		return nil, err
	}
	slots, err := a.Booking.SlotsOf(ctx, in.ID, from, to)
	return listed(a.viewSlot, slots, err)
}

func (a *API) findSlot(ctx context.Context, in *ByID) (*one[slotView], error) {
	slot, err := a.Booking.FindSlot(ctx, in.ID)
	return shown(a.viewSlot, slot, err)
}
