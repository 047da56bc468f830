package router

import (
	"context"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/premises"
)

type siteWarningsView struct {
	Expired  int `json:"expired" doc:"已过期的证书"`
	Expiring int `json:"expiring" doc:"快到期的证书"`
	Lacking  int `json:"lacking" doc:"缺少必备证书的在岗人员"`
}

// SiteCardView is a line in the list of sites.
type SiteCardView struct {
	ID          string           `json:"id"`
	Name        string           `json:"name"`
	Subdistrict subdistrictView  `json:"subdistrict"`
	HostKind    string           `json:"host_kind" doc:"所在设施的类型"`
	HostName    string           `json:"host_name"`
	Address     string           `json:"address"`
	Latitude    float64          `json:"latitude" doc:"GCJ-02"`
	Longitude   float64          `json:"longitude" doc:"GCJ-02"`
	Status      string           `json:"status" enum:"open,suspended" doc:"接待、暂停接待"`
	RoomCount   int              `json:"room_count" doc:"在用的活动室"`
	CarerCount  int              `json:"carer_count" doc:"在岗的照护人员"`
	PhotoCount  int              `json:"photo_count"`
	Warnings    siteWarningsView `json:"warnings"`
}

func viewSiteCard(s premises.Summary) SiteCardView {
	return SiteCardView{
		ID: s.ID, Name: s.Name, Subdistrict: viewSubdistrict(s.Subdistrict), HostKind: s.HostKind, HostName: s.HostName, Address: s.Address,
		Latitude: s.Latitude, Longitude: s.Longitude, Status: string(s.Status), RoomCount: s.Rooms, CarerCount: s.Carers, PhotoCount: len(s.Photos),
		Warnings: siteWarningsView(s.Warnings),
	}
}

type siteCardsInput struct {
	NumberedPage
	Subdistrict string `query:"subdistrict" maxLength:"9" doc:"只看这个街镇（代码）"`
	Status      string `query:"status" enum:"open,suspended" doc:"只看这个状态"`
	Text        string `query:"text" maxLength:"80" doc:"名称、所在设施或地址里有这几个字"`
}

type siteCardsOutput struct {
	Body struct{ Counted[SiteCardView] }
}

func (a *API) listSiteCards(ctx context.Context, in *siteCardsInput) (*siteCardsOutput, error) {
	page, total, err := a.Site.List(ctx, dutyOf(ctx), premises.Query{
		Subdistrict: in.Subdistrict, Status: model.SiteStatus(in.Status), Text: in.Text, Page: in.Page, PageSize: in.PageSize,
	})
	if err != nil {
		return nil, err
	}
	out := &siteCardsOutput{}
	out.Body.Items, out.Body.Total = each(page, viewSiteCard), int64(total)
	return out, nil
}

type keptSiteView struct {
	SiteCardView
	Phone     string          `json:"phone"`
	Hours     string          `json:"hours" doc:"接待时间"`
	Intro     string          `json:"intro"`
	Photos    []photoView     `json:"photos" nullable:"false"`
	Rooms     []roomView      `json:"rooms" nullable:"false" doc:"在用的在前"`
	Carers    []keptCarerView `json:"carers" nullable:"false" doc:"在岗的在前"`
	Notice    int             `json:"certificate_notice_days" doc:"证书到期前多少天起提醒"`
	MostPhoto int             `json:"max_photos" doc:"最多几张照片"`
	Version   int             `json:"version" doc:"修改时带上看到的版本；别人改过就会被拒绝"`
	UpdatedAt time.Time       `json:"updated_at"`
}

func (a *API) viewKeptSite(d premises.Detail) keptSiteView {
	return keptSiteView{
		SiteCardView: viewSiteCard(d.Summary), Phone: d.Phone, Hours: d.Hours, Intro: d.Intro, Photos: each(d.Photos, viewPhoto),
		Rooms: each(d.RoomList, viewRoom), Carers: each(d.CarerList, viewKeptCarer), Notice: a.Site.Limits.Notice, MostPhoto: a.Site.Limits.Photos,
		Version: d.Version, UpdatedAt: d.UpdatedAt.In(a.Zone),
	}
}

func (a *API) keptSite(ctx context.Context, in *ByID) (*one[keptSiteView], error) {
	d, err := a.Site.Find(ctx, dutyOf(ctx), in.ID)
	return shown(a.viewKeptSite, d, err)
}

// afterChange shows a site as it is after a change, if that was done.
func (a *API) afterChange(ctx context.Context, changed model.Site, err error) (*one[keptSiteView], error) {
	if err != nil {
		return nil, err
	}
	return a.keptSite(ctx, &ByID{changed.ID})
}

// SiteForm is what staff fill in of a site.
type SiteForm struct {
	Subdistrict string  `json:"subdistrict_code" maxLength:"9" doc:"街镇代码"`
	Name        string  `json:"name" maxLength:"80"`
	HostKind    string  `json:"host_kind" maxLength:"40" doc:"所在设施的类型，如党群服务中心、邻里汇"`
	HostName    string  `json:"host_name" maxLength:"80"`
	Address     string  `json:"address" maxLength:"160"`
	Latitude    float64 `json:"latitude" doc:"GCJ-02，在上海"`
	Longitude   float64 `json:"longitude" doc:"GCJ-02，在上海"`
	Phone       string  `json:"phone" maxLength:"32"`
	Hours       string  `json:"hours" maxLength:"160" doc:"接待时间，居民原样看到"`
	Intro       string  `json:"intro" maxLength:"1000" doc:"介绍，可以不写"`
}

func (f SiteForm) form() premises.Form {
	return premises.Form{
		SubdistrictCode: f.Subdistrict, Name: f.Name, HostKind: f.HostKind, HostName: f.HostName, Address: f.Address,
		Latitude: f.Latitude, Longitude: f.Longitude, Phone: f.Phone, Hours: f.Hours, Intro: f.Intro,
	}
}

type addSiteInput struct {
	Keyed
	Body SiteForm
}

func (a *API) addSite(ctx context.Context, in *addSiteInput) (*one[keptSiteView], error) {
	added, err := a.Site.Add(ctx, dutyOf(ctx), in.Key, in.Body.form())
	return a.afterChange(ctx, added, err)
}

type changeSiteInput struct {
	ByID
	Body struct {
		Seen
		SiteForm
	}
}

func (a *API) changeSite(ctx context.Context, in *changeSiteInput) (*one[keptSiteView], error) {
	changed, err := a.Site.Change(ctx, dutyOf(ctx), in.ID, in.Body.Version, in.Body.form())
	return a.afterChange(ctx, changed, err)
}

type turnSiteInput struct {
	ByID
	Body struct {
		Seen
		Reason string `json:"reason" maxLength:"200"`
	}
}

func (a *API) suspendSite(ctx context.Context, in *turnSiteInput) (*one[keptSiteView], error) {
	changed, err := a.Site.Suspend(ctx, dutyOf(ctx), in.ID, in.Body.Version, in.Body.Reason)
	return a.afterChange(ctx, changed, err)
}

func (a *API) reopenSite(ctx context.Context, in *turnSiteInput) (*one[keptSiteView], error) {
	changed, err := a.Site.Reopen(ctx, dutyOf(ctx), in.ID, in.Body.Version, in.Body.Reason)
	return a.afterChange(ctx, changed, err)
}

type roomView struct {
	ID      string `json:"id"`
	Site    string `json:"site_id"`
	Name    string `json:"name"`
	Note    string `json:"note" doc:"备注，居民看不到"`
	Status  string `json:"status" enum:"active,retired" doc:"在用、停用"`
	Version int    `json:"version"`
}

func viewRoom(r model.Room) roomView {
	return roomView{r.ID, r.SiteID, r.Name, r.Note, string(r.Status), r.Version}
}

func roomAfter(r model.Room, err error) (*one[roomView], error) {
	return shown(viewRoom, r, err)
}

// RoomForm is what staff fill in of a room.
type RoomForm struct {
	Name string `json:"name" maxLength:"40"`
	Note string `json:"note" maxLength:"200" doc:"备注，居民看不到；可以不写"`
}

type addRoomInput struct {
	ByID
	Body RoomForm
}

func (a *API) addRoom(ctx context.Context, in *addRoomInput) (*one[roomView], error) {
	return roomAfter(a.Site.AddRoom(ctx, dutyOf(ctx), in.ID, in.Body.Name, in.Body.Note))
}

type changeRoomInput struct {
	ByID
	Body struct {
		Seen
		RoomForm
	}
}

func (a *API) changeRoom(ctx context.Context, in *changeRoomInput) (*one[roomView], error) {
	return roomAfter(a.Site.ChangeRoom(ctx, dutyOf(ctx), in.ID, in.Body.Version, in.Body.Name, in.Body.Note))
}

// seenInput asks for a change that says nothing but which version it was made on.
type seenInput struct {
	ByID
	Body Seen
}

func (a *API) retireRoom(ctx context.Context, in *seenInput) (*one[roomView], error) {
	return roomAfter(a.Site.RetireRoom(ctx, dutyOf(ctx), in.ID, in.Body.Version))
}

func (a *API) restoreRoom(ctx context.Context, in *seenInput) (*one[roomView], error) {
	return roomAfter(a.Site.RestoreRoom(ctx, dutyOf(ctx), in.ID, in.Body.Version))
}
