package overview

import (
	"context"
	"time"

	"jiamenkou/model"
)

// What stands in the files, column by column. No line is about a family.
var (
	figureTitles = []string{
		"统计口径", "名称", "开始日期", "结束日期", "场次", "提供名额", "已约", "到场", "未到", "未到率", "迟取消", "知道的孩子", "用过免费次数的孩子", "用过免费次数的比例",
	}
	sessionTitles = []string{
		"街镇", "宝宝屋", "日期", "星期", "开始", "结束", "服务", "活动室", "状态", "名额", "已约", "到场", "未到", "迟取消",
	}
)

// rows are the lines of the file of figures: the whole, subdistricts, sites, weeks.
func (p Picture) rows() [][]any {
	list := [][]any{figureRow("合计", "合计", p.Period, p.Total), figureRow("前一期", "前一期", p.Compared, p.Before)}
	for _, one := range p.Subdistricts {
		list = append(list, figureRow("街镇", one.Name, p.Period, one.Counted))
	}
	for _, one := range p.Sites {
		list = append(list, figureRow("宝宝屋", one.Name, p.Period, one.Counted))
	}
	for _, one := range p.Weeks {
		list = append(list, figureRow("周", one.From.Week(), one.Period, one.Counted))
	}
	return list
}

func figureRow(kind, name string, of model.Period, c Counted) []any {
	row := []any{
		kind, name, of.From.String(), of.To.String(), c.Sessions, c.Offered, c.Booked, c.Attended, c.NoShows, rate(c.NoShowRate()), c.LateCancels,
	}
	if c.Reach == nil {
		return append(row, nil, nil, nil)
	}
	return append(row, c.Reach.Known, c.Reach.Used, rate(c.Reach.Share()))
}

// rate is a rate as a cell has it, empty where there is none.
func rate(r *float64) any {
	if r == nil {
		return nil
	}
	return *r
}

// speller knows what the ids of a session mean.
type speller struct {
	zone         *time.Location
	sites        map[string]model.Site
	subdistricts map[string]string
	services     map[string]string
}

func (s *Service) speller(ctx context.Context) (sp speller, err error) {
	sp = speller{s.Zone, map[string]model.Site{}, map[string]string{}, map[string]string{}}
	sites, err := s.Store.ListSites(ctx)
	if err != nil {
		return sp, err
	}
	for _, site := range sites {
		sp.sites[site.ID] = site
	}
	subdistricts, err := s.Store.ListSubdistricts(ctx)
	if err != nil {
		return sp, err
	}
	for _, one := range subdistricts {
		sp.subdistricts[one.Code] = one.Name
	}
	services, err := s.Store.ListServices(ctx)
	for _, one := range services {
		sp.services[one.ID] = one.Name
	}
	return sp, err
}

var (
	weekdays  = []string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}
	slotWords = map[model.SlotStatus]string{
		model.SlotOpen: "开放", model.SlotClosed: "不接受预约", model.SlotDone: "已结束", model.SlotCancelled: "已停开",
	}
)

func (sp speller) session(l model.SessionLine) []any {
	site := sp.sites[l.Slot.SiteID]
	return []any{
		sp.subdistricts[site.SubdistrictCode], site.Name, l.Slot.Date.String(), weekdays[l.Slot.Date.Weekday()],
		l.Slot.StartAt.In(sp.zone).Format("15:04"), l.Slot.EndAt.In(sp.zone).Format("15:04"), sp.services[l.Slot.ServiceID], l.Slot.Room,
		slotWords[l.Slot.Status], l.Slot.Capacity, l.Figures.Booked, l.Figures.Attended, l.Figures.NoShows, l.Figures.LateCancels,
	}
}
