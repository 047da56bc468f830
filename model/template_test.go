package model_test

import (
	"errors"
	"strings"
	"testing"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

// aTemplate is one that messages about a booking can go out under, changed by the case.
func aTemplate(change ...func(*model.Template)) model.Template {
	t := model.Template{
		TemplateID: "example-template-id", Page: "pages/bookings/one?id={id}",
		Fields: model.TemplateFields{{Type: "thing", Number: 1, Fact: model.FactSite}, {Type: "time", Number: 2, Fact: model.FactSession}},
	}
	for _, c := range change {
		c(&t)
	}
	return t
}

func TestTemplatesThatCanBe(t *testing.T) {
	id := func(id string) func(*model.Template) { return func(t *model.Template) { t.TemplateID = id } }
	page := func(page string) func(*model.Template) { return func(t *model.Template) { t.Page = page } }
	fields := func(f ...model.TemplateField) func(*model.Template) { return func(t *model.Template) { t.Fields = f } }
	field := func(name string, fact model.Fact) model.TemplateField { return model.FieldNamed(name, fact) }
	site := field("thing1", model.FactSite)
	for _, c := range []struct {
		name   string
		kind   model.NoticeKind
		change func(*model.Template)
		wrong  string // what is named; empty: nothing
	}{
		{"as it should be", model.NoticeBooked, nil, ""},
		{"an id of WeChat's length", model.NoticeBooked, id(strings.Repeat("aB-_9", 9)[:43]), ""},
		{"no id", model.NoticeBooked, id(""), "body.template_id"},
		{"half an id", model.NoticeBooked, id("zun-LzcQy"), "body.template_id"},
		{"an id with a blank", model.NoticeBooked, id("example template id"), "body.template_id"},
		{"an id with a new line", model.NoticeBooked, id("example-template-id\n"), "body.template_id"},
		{"an id that is too long", model.NoticeBooked, id(strings.Repeat("a", 65)), "body.template_id"},
		{"no page", model.NoticeBooked, page(""), ""},
		{"a plain page", model.NoticeBooked, page("pages/notices/index"), ""},
		{"a page with more", model.NoticeBooked, page("pages/notices/index?from=message&id={id}"), ""},
		{"a page with a slash before it", model.NoticeBooked, page("/pages/notices/index"), "body.page"},
		{"a page with a blank", model.NoticeBooked, page("pages/notices index"), "body.page"},
		{"an address", model.NoticeBooked, page("https://example.org/"), "body.page"},
		{"a record in the path", model.NoticeBooked, page("pages/{id}/index"), "body.page"},
		{"another placeholder", model.NoticeBooked, page("pages/notices/index?id={name}"), "body.page"},
		{"a question without an answer", model.NoticeBooked, page("pages/notices/index?"), "body.page"},
		{"a page that is too long", model.NoticeBooked, page("pages/" + strings.Repeat("a", 123)), "body.page"},
		{"no fields", model.NoticeBooked, fields(), "body.fields"},
		{"a field WeChat does not have", model.NoticeBooked, fields(site, field("text2", model.FactNote)), "body.fields[1].type"},
		{"a field without a number", model.NoticeBooked, fields(field("thing", model.FactSite)), "body.fields[0].number"},
		{"a field twice", model.NoticeBooked, fields(site, field("thing1", model.FactNote)), "body.fields[1].number"},
		{"a field nothing fits", model.NoticeBooked, fields(site, field("amount2", model.FactSite)), "body.fields[1].type"},
		{"a session in a text", model.NoticeBooked, fields(field("thing1", model.FactSession)), "body.fields[0].fact"},
		{"a site in a moment", model.NoticeBooked, fields(field("time1", model.FactSite)), "body.fields[0].fact"},
		{"a fact of another kind", model.NoticeBooked, fields(field("phrase1", model.FactResult)), "body.fields[0].fact"},
		{"the result of a draw", model.NoticeDrawResult, fields(field("phrase1", model.FactResult)), ""},
		{"until when a place is held", model.NoticePlaceOffered, fields(field("time1", model.FactUntil)), ""},
		{"a fact twice", model.NoticeBooked, fields(field("time1", model.FactStart), field("date2", model.FactStart)), ""},
	} {
		change := c.change
		if change == nil {
			change = func(*model.Template) {}
		}
		err := aTemplate(change).Check(c.kind)
		switch found := fault.Of(err); {
		case c.wrong == "" && err != nil:
			t.Errorf("%s: %v %+v", c.name, err, found.Fields)
		case c.wrong != "" && (!errors.Is(err, model.ErrTemplateInvalid) || len(found.Fields) != 1 || found.Fields[0].Name != c.wrong):
			t.Errorf("%s: %v, want %s", c.name, err, c.wrong)
		}
	}
}

// Everything that is wrong is said at once.
func TestATemplateThatIsWrongInEveryWay(t *testing.T) {
	err := model.Template{TemplateID: "?", Page: "/", Fields: model.TemplateFields{{Type: "thing", Number: 100}, {Type: "x"}}}.Check(model.NoticeBooked)
	if found := fault.Of(err); found == nil || len(found.Fields) != 4 {
		t.Errorf("it says %+v", found)
	}
}

func TestWhichTemplateHolds(t *testing.T) {
	settings := model.Template{TemplateID: "of-the-settings"}
	version := func(source model.TemplateSource, id string) model.MessageTemplate {
		return model.MessageTemplate{Version: 3, Source: source, Template: model.Template{TemplateID: id}}
	}
	for _, c := range []struct {
		name     string
		newest   model.MessageTemplate
		settings model.Template
		want     string
	}{
		{"nothing said", model.MessageTemplate{}, settings, "of-the-settings"},
		{"nothing said, nothing set", model.MessageTemplate{}, model.Template{}, ""},
		{"the console's", version(model.TemplateOfConsole, "of-the-console"), settings, "of-the-console"},
		{"the console's, nothing set", version(model.TemplateOfConsole, "of-the-console"), model.Template{}, "of-the-console"},
		{"back to the settings", version(model.TemplateOfSettings, ""), settings, "of-the-settings"},
		{"off", version(model.TemplateOff, ""), settings, ""},
	} {
		if got := c.newest.InForce(c.settings).TemplateID; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAVersionSaysSomethingNew(t *testing.T) {
	one := model.MessageTemplate{Version: 1, Source: model.TemplateOfConsole, Template: aTemplate()}
	off := model.MessageTemplate{Version: 2, Source: model.TemplateOff}
	back := model.MessageTemplate{Version: 2, Source: model.TemplateOfSettings}
	other := one
	other.Template = aTemplate(func(t *model.Template) { t.Page = "" })
	for _, c := range []struct {
		name         string
		next, newest model.MessageTemplate
		same         bool
	}{
		{"the first", one, model.MessageTemplate{}, false},
		{"the same again", one, one, true},
		{"another page", other, one, false},
		{"off", off, one, false},
		{"off twice", off, off, true},
		{"back", back, off, false},
		{"back before anything was said", back, model.MessageTemplate{}, true},
	} {
		if err := c.next.Succeeds(c.newest); errors.Is(err, model.ErrTemplateUnchanged) != c.same {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// The sample says of every kind all that its messages can show.
func TestSamplesAreWhole(t *testing.T) {
	for _, kind := range model.MessageKinds {
		sample := model.SampleNotice(kind, shanghai(t))
		for _, fact := range kind.Facts() {
			if sample.Facts[fact] == "" {
				t.Errorf("%s has no %s", kind, fact)
			}
		}
	}
}

func TestFieldsByName(t *testing.T) {
	for _, name := range []string{"thing1", "character_string12", "phone_number3"} {
		if got := model.FieldNamed(name, model.FactNote).Name(); got != name {
			t.Errorf("%s became %s", name, got)
		}
	}
}
