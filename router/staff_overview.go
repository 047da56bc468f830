package router

import (
	"context"
	"maps"
	"slices"

	"jiamenkou/model"
	"jiamenkou/service/overview"
)

// FiguresView is what happened in a period at a place.
type FiguresView struct {
	Sessions    int      `json:"sessions" doc:"场次：没有停开的"`
	Offered     int      `json:"offered" doc:"这些场次提供的名额"`
	Booked      int      `json:"booked" doc:"没有取消的预约"`
	BookedRate  *float64 `json:"booked_rate,omitempty" doc:"已约占提供名额的比例，0到1；没有名额时没有"`
	Attended    int      `json:"attended" doc:"到场：签到的预约"`
	NoShows     int      `json:"no_shows" doc:"登记为未到的预约"`
	NoShowRate  *float64 `json:"no_show_rate,omitempty" doc:"未到率：未到占到场与未到之和的比例；都没有时没有"`
	LateCancels int      `json:"late_cancels" doc:"迟取消的预约，不算在已约里"`
}

func viewFigures(c overview.Counted) FiguresView {
	return FiguresView{
		Sessions: c.Sessions, Offered: c.Offered, Booked: c.Booked, BookedRate: c.BookedRate(), Attended: c.Attended,
		NoShows: c.NoShows, NoShowRate: c.NoShowRate(), LateCancels: c.LateCancels,
	}
}

// ReachView is how many children used a free session, among those known.
type ReachView struct {
	Children       int      `json:"children" doc:"知道的孩子：街镇和全区按居住地，宝宝屋按当年来约过的"`
	FreeUsers      int      `json:"free_users" doc:"其中当年到本期结束用过免费次数的"`
	AllowanceShare *float64 `json:"allowance_share,omitempty" doc:"用过免费次数的孩子的比例，0到1；不知道有孩子时没有"`
}

func viewReach(r model.Reach) ReachView { return ReachView{r.Known, r.Used, r.Share()} }

type subdistrictFiguresView struct {
	Code string `json:"code"`
	Name string `json:"name"`
	FiguresView
}

type siteFiguresView struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	Subdistrict     string `json:"subdistrict_code"`
	SubdistrictName string `json:"subdistrict_name"`
	FiguresView
}

type weekFiguresView struct {
	Week string `json:"week" doc:"ISO 8601的周，如2026-W48"`
	From string `json:"from" format:"date" doc:"在本期里的第一天"`
	To   string `json:"to" format:"date" doc:"在本期里的最后一天"`
	FiguresView
}

// overviewBody is named, so that the pages have a type for it.
type overviewBody struct {
	From         string                   `json:"from" format:"date"`
	To           string                   `json:"to" format:"date"`
	ComparedFrom string                   `json:"compared_from" format:"date" doc:"与之比较的前一期"`
	ComparedTo   string                   `json:"compared_to" format:"date"`
	Total        FiguresView              `json:"total"`
	Before       FiguresView              `json:"before" doc:"前一期的合计"`
	Subdistricts []subdistrictFiguresView `json:"subdistricts" nullable:"false"`
	Sites        []siteFiguresView        `json:"sites" nullable:"false"`
	Weeks        []weekFiguresView        `json:"weeks" nullable:"false"`
}

type subdistrictReachView struct {
	Code string `json:"code"`
	ReachView
}

type siteReachView struct {
	ID string `json:"id"`
	ReachView
}

type weekReachView struct {
	Week string `json:"week" doc:"ISO 8601的周，如2026-W48"`
	ReachView
}

// reachBody is named, so that the pages have a type for it. Subdistricts and sites are by code and id.
type reachBody struct {
	ByHome       bool                   `json:"by_home" doc:"合计里知道的孩子按居住地算，否则按来约过的算"`
	Total        ReachView              `json:"total"`
	Before       ReachView              `json:"before" doc:"到前一期结束时"`
	Subdistricts []subdistrictReachView `json:"subdistricts" nullable:"false" doc:"职责覆盖全部的街镇"`
	Sites        []siteReachView        `json:"sites" nullable:"false"`
	Weeks        []weekReachView        `json:"weeks" nullable:"false" doc:"当年到这一周为止累计；在前一年结束的周没有"`
}

// PeriodAsked is a period with what of the scope is looked at.
type PeriodAsked struct {
	From        string `query:"from" format:"date" doc:"从哪天起；不填为本月第一天"`
	To          string `query:"to" format:"date" doc:"到哪天为止（含）；不填为开始那个月的最后一天"`
	Subdistrict string `query:"subdistrict" maxLength:"9" doc:"只看一个街镇"`
	Site        string `query:"site" maxLength:"26" doc:"只看一个宝宝屋"`
}

func (a *API) overview(ctx context.Context, in *PeriodAsked) (*one[overviewBody], error) {
	q, err := a.askedPeriod(*in)
	if err != nil {
		return nil, err
	}
	p, err := a.Overview.Look(ctx, dutyOf(ctx), q)
	return shown(viewOverview, p, err)
}

func (a *API) overviewReach(ctx context.Context, in *PeriodAsked) (*one[reachBody], error) {
	q, err := a.askedPeriod(*in)
	if err != nil {
		return nil, err
	}
	r, err := a.Overview.LookReach(ctx, dutyOf(ctx), q)
	return shown(viewReached, r, err)
}

// askedPeriod reads what is asked for: by default the month that it is.
func (a *API) askedPeriod(in PeriodAsked) (q overview.Query, err error) {
	q = overview.Query{Subdistrict: in.Subdistrict, SiteID: in.Site}
	if q.From, err = optionalDate(in.From); err != nil {
		return q, err
	}
	if q.To, err = optionalDate(in.To); err != nil {
		return q, err
	}
	if q.From.IsZero() {
		q.From = a.today()
		q.From.Day = 1
	}
	if q.To.IsZero() {
		q.To = q.From.LastOfMonth()
	}
	return q, nil
}

func viewOverview(p overview.Picture) overviewBody {
	return overviewBody{
		From: p.From.String(), To: p.To.String(), ComparedFrom: p.Compared.From.String(), ComparedTo: p.Compared.To.String(),
		Total: viewFigures(p.Total), Before: viewFigures(p.Before),
		Subdistricts: each(p.Subdistricts, func(s overview.Subdistrict) subdistrictFiguresView {
			return subdistrictFiguresView{s.Code, s.Name, viewFigures(s.Counted)}
		}),
		Sites: each(p.Sites, func(s overview.Site) siteFiguresView {
			return siteFiguresView{s.ID, s.Name, s.SubdistrictCode, s.Subdistrict, viewFigures(s.Counted)}
		}),
		Weeks: each(p.Weeks, func(w overview.Week) weekFiguresView {
			return weekFiguresView{w.From.Week(), w.From.String(), w.To.String(), viewFigures(w.Counted)}
		}),
	}
}

func viewReached(r overview.Reached) reachBody {
	body := reachBody{
		ByHome: r.ByHome, Total: viewReach(r.Total), Before: viewReach(r.Before), Subdistricts: []subdistrictReachView{}, Sites: []siteReachView{},
		Weeks: each(r.Weeks, func(w overview.WeekReach) weekReachView { return weekReachView{w.From.Week(), viewReach(w.Reach)} }),
	}
	for _, code := range slices.Sorted(maps.Keys(r.Subdistricts)) {
		body.Subdistricts = append(body.Subdistricts, subdistrictReachView{code, viewReach(r.Subdistricts[code])})
	}
	for _, id := range slices.Sorted(maps.Keys(r.Sites)) {
		body.Sites = append(body.Sites, siteReachView{id, viewReach(r.Sites[id])})
	}
	return body
}

// overviewOperations are the figures of what is in scope.
func (a *API) overviewOperations(t *table) {
	const v1 = "/console/api/v1"
	asked := faults{ErrDateInvalid, model.ErrPeriod, model.ErrSiteNotFound, model.ErrSubdistrictNotFound}
	t.section("工作台：概览")
	add(t, row{"GET", v1 + "/overview", staffWho(model.MayLook), "read", 200, "一段时间的名额、预约、到场和未到率，按街镇、宝宝屋、周", asked}, a.overview)
	add(t, row{"GET", v1 + "/overview/reach", staffWho(model.MayLook), "read", 200, "到一段时间结束，当年多少孩子用过免费次数；数得久一些", asked}, a.overviewReach)
}
