package model_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

func TestCheckBirthDate(t *testing.T) {
	for _, c := range []struct {
		birth, today string
		want         error
	}{
		{"2026-11-23", "2026-11-23", nil},
		{"2026-11-24", "2026-11-23", model.ErrBirthDateInvalid},
		{"2008-11-23", "2026-11-23", nil},
		{"2008-11-22", "2026-11-23", model.ErrBirthDateInvalid},
		{"2010-02-28", "2028-02-29", model.ErrBirthDateInvalid},
		{"2010-03-01", "2028-02-29", nil},
	} {
		err := model.CheckBirthDate(day(c.birth), day(c.today))
		t.Run(c.birth+" on "+c.today, func(t *testing.T) { wantErr(t, err, c.want) })
		if f := fault.Of(err); f != nil && (len(f.Fields) != 1 || f.Fields[0].Name != "body.birth_date") {
			t.Errorf("it blames %v", f.Fields)
		}
	}
}

func TestMayUse(t *testing.T) {
	for status, want := range map[model.ResidentStatus]error{
		model.ResidentActive: nil, model.ResidentBlocked: model.ErrAccountBlocked, model.ResidentClosed: model.ErrAccountClosed,
	} {
		wantErr(t, model.Resident{Status: status}.MayUse(), want)
	}
}

func TestMissingConsent(t *testing.T) {
	wantErr(t, model.MissingConsent(nil), nil)
	err := model.MissingConsent([]model.Document{{Code: "health-notice", Title: "健康告知"}, {Code: "pickup-agreement", Title: "接送协议"}})
	wantErr(t, err, model.ErrConsentNeeded)
	var named []string
	for _, f := range fault.Of(err).Fields {
		named = append(named, f.Name+" "+f.Message)
	}
	want := []string{"document.health-notice 请先阅读并同意《健康告知》。", "document.pickup-agreement 请先阅读并同意《接送协议》。"}
	if fmt.Sprint(named) != fmt.Sprint(want) {
		t.Errorf("it names %v", named)
	}
	if len(model.ErrConsentNeeded.Fields) != 0 {
		t.Error("the declared fault was written to")
	}
}

// plainBox seals by writing the place before the text: enough to see what is asked of a box.
type plainBox struct{ fail error }

func (b plainBox) Seal(table, column, row string, plain []byte) ([]byte, error) {
	return []byte("\x01" + table + "/" + column + "/" + row + "/" + string(plain)), b.fail
}

func (b plainBox) Open(table, column, row string, cell []byte) ([]byte, error) {
	prefix := "\x01" + table + "/" + column + "/" + row + "/"
	if b.fail == nil && (len(cell) < len(prefix) || string(cell[:len(prefix)]) != prefix) {
		return nil, errors.New("moved")
	}
	return cell[min(len(prefix), len(cell)):], b.fail
}

func (plainBox) Index(column string, value []byte) []byte {
	sum := sha256.Sum256([]byte(column + string(value)))
	return sum[:]
}

func TestSealed(t *testing.T) {
	sealed, err := model.Seal(plainBox{}, "children", "name_sealed", "row-1", "示例宝宝")
	must(t, err)
	if plain, err := sealed.Open(plainBox{}, "children", "name_sealed", "row-1"); err != nil || plain != "示例宝宝" {
		t.Errorf("opened %q, %v", plain, err)
	}
	if _, err := sealed.Open(plainBox{}, "children", "name_sealed", "row-2"); err == nil {
		t.Error("a cell opened in another row")
	}
	if text := fmt.Sprintf("%v %s %+v", sealed, sealed, struct{ S model.Sealed }{sealed}); text != "[sealed] [sealed] {S:[sealed]}" {
		t.Errorf("a log would say %s", text)
	}
	if _, err := model.Seal(plainBox{errors.New("no key")}, "children", "name_sealed", "row-1", "x"); err == nil {
		t.Error("sealed without a key")
	}
}

func TestSealedNothing(t *testing.T) {
	empty, err := model.Seal(plainBox{errors.New("must not be asked")}, "children", "health_note_sealed", "row-1", "")
	must(t, err)
	plain, err := empty.Open(plainBox{errors.New("must not be asked")}, "children", "health_note_sealed", "row-1")
	if value, _ := empty.Value(); err != nil || plain != "" || value != nil || !empty.IsZero() {
		t.Errorf("nothing is %q, %v, stored as %v", plain, err, value)
	}
	if err := new(model.Sealed).Scan("plain text"); err == nil {
		t.Error("text was read as a sealed cell")
	}
}

func TestPhotos(t *testing.T) {
	for _, c := range []struct {
		photos model.Photos
		text   string
	}{
		{nil, "[]"}, {model.Photos{}, "[]"},
		{model.Photos{{URL: "https://example.com/1.jpg", Caption: "活动室"}}, `[{"url":"https://example.com/1.jpg","caption":"活动室"}]`},
	} {
		value, err := c.photos.Value()
		if err != nil || value != c.text {
			t.Errorf("stored as %v, %v", value, err)
		}
		var back model.Photos
		if err := back.Scan([]byte(c.text)); err != nil || len(back) != len(c.photos) {
			t.Errorf("read as %v, %v", back, err)
		}
	}
	if err := new(model.Photos).Scan(7); err == nil {
		t.Error("a number was read as photos")
	}
}
