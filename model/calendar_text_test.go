package model_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

var given = model.CalendarYear{Status: model.YearOfficial, Source: "示例通知"}

func daysSaid(days []model.CalendarDay) string {
	var said []string
	for _, d := range days {
		said = append(said, fmt.Sprintf("%s %s %s", d.Date, d.Kind, d.Name))
	}
	return strings.Join(said, "; ")
}

func TestReadYear(t *testing.T) {
	const want = "2031-01-01 holiday 元旦; 2031-01-04 makeup 调休上班"
	for what, text := range map[string]string{
		"lines":                "2031-01-01,放假,元旦\n2031-01-04,调休",
		"a head, a mark first": "\ufeff日期,类型,名称\r\n2031-01-01,放假,元旦\r\n2031-01-04,调休上班,\r\n",
		"from a table":         "2031-01-01\t放假\t元旦\n\n2031-01-04，makeup",
		"quoted":               `"2031-01-01","holiday","元旦"` + "\n" + `"2031-01-04","调休"`,
		"JSON":                 `{"year":2031,"holidays":[{"name":"元旦","from":"2031-01-01","to":"2031-01-01"}],"makeup":["2031-01-04"]}`,
		"a list of one":        `[{"year":2031,"status":"official","source":"示例通知","holidays":[{"name":"元旦","from":"2031-01-01","to":"2031-01-01"}],"makeup":["2031-01-04"]}]`,
	} {
		year, days, err := model.ReadYear(text, given)
		if err != nil || year.Year != 2031 || year.Status != model.YearOfficial || year.Source != "示例通知" || daysSaid(days) != want {
			t.Errorf("%s: %+v %s, %v", what, year, daysSaid(days), err)
		}
	}
}

func TestReadYearSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "读不出来",
		"{":                             "读不出来",
		"[]":                            "这里有0年",
		`[{"year":2031},{"year":2032}]`: "这里有2年",
		"2031-01-01,放假,元旦\n今天":          "第2行",
		"2031-01-01,放假":                 "第1行", // a holiday has a name
		"2031-02-30,放假,元旦":              "第1行",
		"2031-01-01,开门,元旦":              "第1行",
		"2031-01-01,放假,元旦,多":            "第1行",
		"2031-01-01,放假,元旦\n2031-01-01,放假,元旦": "2031-01-01有两次",
		"2031-01-01,放假,元旦\n2032-01-01,放假,元旦": "2032-01-01不在2031年",
		"2031-01-02,调休": "2031-01-02不是周末",
		"2031-01-01,放假," + strings.Repeat("元", 41):                                       "1到40个字",
		`{"year":2031,"holidays":[{"name":"元旦","from":"2031-01-03","to":"2031-01-01"}]}`: "起止日期",
		`{"year":2031,"holidays":[{"name":"元旦","from":"2031-01-01","to":"2099-01-01"}]}`: "起止日期",
	} {
		_, _, err := model.ReadYear(text, given)
		var refused *fault.Error
		if !errors.As(err, &refused) || refused.Code != model.ErrCalendarText.Code || !strings.Contains(refused.Message, want) {
			t.Errorf("%q: %+v, want %s", text, refused, want)
		}
	}
	_, _, err := model.ReadYear("2031-01-01,放假,元旦", model.CalendarYear{Status: model.YearOfficial, Source: " "})
	wantErr(t, err, model.ErrCalendarText)
}

func FuzzReadYear(f *testing.F) {
	f.Add("2031-01-01,放假,元旦\n2031-01-04,调休")
	f.Add(`[{"year":2031,"holidays":[{"name":"元旦","from":"2031-01-01","to":"2031-01-02"}],"makeup":["2031-01-04"]}]`)
	f.Fuzz(func(t *testing.T, text string) {
		year, days, err := model.ReadYear(text, given)
		for _, d := range days {
			if err == nil && d.Date.Year != year.Year {
				t.Errorf("%s is not of %d", d.Date, year.Year)
			}
		}
	})
}

func TestCompareDays(t *testing.T) {
	before := []model.CalendarDay{{Date: day("2031-01-01"), Kind: model.DayHoliday, Name: "元旦"}, {Date: day("2031-01-03"), Kind: model.DayHoliday, Name: "元旦"}, {Date: day("2031-02-01"), Kind: model.DayHoliday, Name: "旧"}}
	after := []model.CalendarDay{{Date: day("2031-01-01"), Kind: model.DayHoliday, Name: "元旦"}, {Date: day("2031-01-04"), Kind: model.DayMakeup, Name: "调休上班"}, {Date: day("2031-02-01"), Kind: model.DayHoliday, Name: "新"}}
	var said []string
	for _, d := range model.CompareDays(before, after) {
		said = append(said, fmt.Sprintf("%s %s→%s %s→%s", d.Date, d.Before, d.After, d.NameBefore, d.Name))
	}
	if got := strings.Join(said, "; "); got != "2031-01-03 holiday→ 元旦→; 2031-01-04 →makeup →调休上班; 2031-02-01 holiday→holiday 旧→新" {
		t.Error(got)
	}
}
