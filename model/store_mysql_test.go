package model_test

import (
	"net/url"
	"strings"
	"testing"

	"jiamenkou/model"
)

func TestCharacterSetIsOursWhateverTheDSNSays(t *testing.T) {
	for _, asked := range []string{"", "?charset=latin1", "?charset=gbk,utf8mb4&collation=gbk_chinese_ci"} {
		dsn, err := model.SettledDSN("jmk:geheim@tcp(db:3306)/jiamenkou" + asked)
		if err != nil {
			t.Fatal(err)
		}
		_, query, _ := strings.Cut(dsn, "?")
		got, err := url.ParseQuery(query)
		if err != nil || got.Get("charset") != "utf8mb4" || got.Has("collation") {
			t.Errorf("%q became %q, %v", asked, query, err)
		}
	}
}
