package router

import (
	"math"
	"strconv"
	"strings"

	"jiamenkou/model"
)

// readPlace reads “latitude,longitude” in degrees; coord says in which system, gcj02 or wgs84.
func readPlace(text, coord string) (*model.Point, error) {
	if text == "" {
		return nil, nil
	}
	lat, lon, found := strings.Cut(text, ",")
	latitude, latOK := degrees(lat, 90)
	longitude, lonOK := degrees(lon, 180)
	if !found || !latOK || !lonOK {
		return nil, ErrPlaceInvalid.WithField("query.near", ErrPlaceInvalid.Message)
	}
	p := model.Point{Latitude: latitude, Longitude: longitude}
	if coord == "wgs84" {
		p = model.FromWGS84(p)
	}
	return &p, nil
}

// longestDegrees is more digits than any receiver gives.
const longestDegrees = 24

func degrees(text string, most float64) (float64, bool) {
	text = strings.TrimSpace(text)
	if len(text) > longestDegrees {
		return 0, false
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil && math.Abs(v) <= most // false for NaN
}

// Days that may be asked for: a little back for what has just been, and as far ahead as anyone plans.
const (
	daysBack   = 31
	daysAhead  = 92
	daysAtOnce = 31
)

// askedDate reads a date and keeps it within what may be asked for.
func (a *API) askedDate(text string) (model.Date, error) {
	day, err := optionalDate(text)
	if err != nil || day.IsZero() {
		return day, err
	}
	if ahead := a.today().DaysUntil(day); ahead < -daysBack || ahead > daysAhead {
		return day, ErrDateOutOfRange
	}
	return day, nil
}

// askedDates reads a range of days: by default from today, and two weeks on.
func (a *API) askedDates(from, to string) (first, last model.Date, err error) {
	if first, err = a.askedDate(from); err != nil {
		return first, last, err
	}
	if last, err = a.askedDate(to); err != nil {
		return first, last, err
	}
	if first.IsZero() {
		first = a.today()
	}
	if last.IsZero() {
		last = first.AddDays(14)
	}
	if days := first.DaysUntil(last); days < 0 || days >= daysAtOnce {
		return first, last, ErrDateOutOfRange.WithMessage("结束日期不能早于开始日期，一次最多查%d天。", daysAtOnce)
	}
	return first, last, nil
}

func (a *API) today() model.Date { return model.DateOf(a.Now().In(a.Zone)) }
