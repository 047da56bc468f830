package model

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrMessageKindNotFound = fault.New(fault.NotFound, "message_kind_not_found", "没有这一类消息。")
	ErrTemplateInvalid     = fault.New(fault.Invalid, "message_template_invalid", "模板填得不对，请看标出的各项。")
	ErrTemplateUnchanged   = fault.New(fault.Conflict, "message_template_unchanged", "和现在的一样，没有要保存的。")
)

// Template is one of WeChat's message templates, and what its fields show. Without an id there is none, and what it would
// be for is for the inbox alone.
type Template struct {
	TemplateID string         `gorm:"size:64"`            // as WeChat gave it
	Page       string         `gorm:"size:128"`           // of the mini-program, opened by the message; {id} stands for the record it is about; empty: none
	Fields     TemplateFields `gorm:"type:varchar(1000)"` // in the order in which they are shown
}

// TemplateField is a field of a template, and the fact it shows.
type TemplateField struct {
	Type   string `json:"type"` // of FieldTypes
	Number int    `json:"number"`
	Fact   Fact   `json:"fact"`
}

// Name is what WeChat calls the field: thing1.
func (f TemplateField) Name() string { return f.Type + strconv.Itoa(f.Number) }

// FieldNamed is the field of a name, such as thing1, showing the fact.
func FieldNamed(name string, fact Fact) TemplateField {
	kind := strings.TrimRight(name, "0123456789")
	number, _ := strconv.Atoi(name[len(kind):]) // digits alone
	return TemplateField{kind, number, fact}
}

// TemplateFields are the fields of a template in their order.
type TemplateFields []TemplateField

// Value stores the fields as a JSON array.
func (f TemplateFields) Value() (driver.Value, error) {
	if f == nil {
		return "[]", nil
	}
	b, err := json.Marshal([]TemplateField(f))
	return string(b), err
}

// Scan reads a JSON array.
func (f *TemplateFields) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return json.Unmarshal([]byte(v), (*[]TemplateField)(f))
	case []byte:
		return json.Unmarshal(v, (*[]TemplateField)(f))
	}
	return fmt.Errorf("cannot read fields from %T", src)
}

// TemplateSource says where a kind of messages has its template from.
type TemplateSource string

const (
	TemplateOfConsole  TemplateSource = "console"
	TemplateOfSettings TemplateSource = "settings"
	TemplateOff        TemplateSource = "off" // no messages of the kind
)

// MessageTemplate is one version of what the console has said of the template of a kind of messages. The newest holds; a
// kind without any has the settings' template.
type MessageTemplate struct {
	ID      string         `gorm:"type:char(26);primaryKey"`
	Kind    NoticeKind     `gorm:"size:32;uniqueIndex:message_templates_once,priority:1"`
	Version int            `gorm:"type:int;uniqueIndex:message_templates_once,priority:2"`
	Source  TemplateSource `gorm:"size:16"`
	Template
	StaffID   string    `gorm:"type:char(26)"`
	Reason    string    `gorm:"size:200"`
	CreatedAt time.Time `gorm:"precision:3"`
}

// Choice is where the template comes from: the settings until the console has said something else.
func (m MessageTemplate) Choice() TemplateSource {
	if m.Version == 0 {
		return TemplateOfSettings
	}
	return m.Source
}

// InForce is the template messages go out under when m is the newest version, or none yet: the console's, else the
// settings'.
func (m MessageTemplate) InForce(settings Template) Template {
	switch m.Choice() {
	case TemplateOfConsole:
		return m.Template
	case TemplateOff:
		return Template{}
	default:
		return settings
	}
}

// Succeeds refuses a version that says what m, the newest so far, says already.
func (m MessageTemplate) Succeeds(newest MessageTemplate) error {
	same := m.Source == newest.Choice() && m.TemplateID == newest.TemplateID && m.Page == newest.Page && slices.Equal(m.Fields, newest.Fields)
	if same {
		return ErrTemplateUnchanged
	}
	return nil
}

// Event tells of the version: the versions are its states.
func (m MessageTemplate) Event() Event {
	return Event{
		Subject: "message_template", SubjectID: string(m.Kind), FromState: strconv.Itoa(m.Version - 1), ToState: strconv.Itoa(m.Version),
		Actor: ActorStaff, ActorID: m.StaffID, Reason: m.Reason, CreatedAt: m.CreatedAt,
	}
}

// FieldType is a type of the fields of WeChat's templates.
type FieldType struct {
	Name  string // of its fields, without the number
	Takes string // in words; what does not fit is cut when the message goes out
	Most  int    // characters it takes; 0 where they are not counted
	Shows []Fact // the facts that stay what they are when they are made to fit
}

// FieldTypes are WeChat's types of fields, the common ones first. Moments are too long for a text when they have an end.
var FieldTypes = []FieldType{
	{"thing", "20个字以内的文字", 20, []Fact{FactSite, FactNote, FactResult, FactStart, FactUntil}},
	{"time", "日期和时间，可以有起止", 0, []Fact{FactSession, FactStart, FactUntil}},
	{"date", "日期和时间，可以有起止", 0, []Fact{FactSession, FactStart, FactUntil}},
	{"phrase", "5个以内的汉字", 5, []Fact{FactResult}},
	{"name", "10个字以内的名称", 10, []Fact{FactSite}},
	{"number", "数字", 32, nil},
	{"letter", "字母", 32, nil},
	{"character_string", "数字、字母和符号", 32, nil},
	{"symbol", "符号", 5, nil},
	{"amount", "金额", 10, nil},
	{"phone_number", "电话号码", 17, nil},
	{"car_number", "车牌号码", 8, nil},
}

func fieldType(name string) (FieldType, bool) {
	i := slices.IndexFunc(FieldTypes, func(t FieldType) bool { return t.Name == name })
	if i < 0 {
		return FieldType{}, false
	}
	return FieldTypes[i], true
}

// Facts are what notices of a kind always have to show: a field with nothing to show makes WeChat refuse the message.
func (k NoticeKind) Facts() []Fact {
	facts := []Fact{FactSite, FactSession, FactStart, FactNote}
	switch k { //nolint:exhaustive // the others have no more
	case NoticePlaceOffered:
		facts = append(facts, FactUntil)
	case NoticeDrawResult:
		facts = append(facts, FactResult)
	}
	return facts
}

var (
	templateID   = regexp.MustCompile(`^[0-9A-Za-z_-]{10,64}$`)
	templatePage = regexp.MustCompile(`^([0-9A-Za-z_-]+(/[0-9A-Za-z_-]+)+(\?[0-9A-Za-z_-]+=` + pageValue + `(&[0-9A-Za-z_-]+=` + pageValue + `)*)?)?$`)
)

const (
	pageValue     = `([0-9A-Za-z_.~-]|\{id\})+`
	longestPage   = 128
	mostFields    = 10
	highestNumber = 99 // of a field
)

// Check refuses a template that messages of the kind could not go out under, and names everything that is wrong.
func (t Template) Check(kind NoticeKind) error {
	const in = "body."
	var refused *fault.Error
	if !templateID.MatchString(t.TemplateID) {
		refused = misfit(refused, in+"template_id", "请从微信公众平台“订阅消息、我的模板”里复制：只有字母、数字、下划线和连字符，一般43位。")
	}
	if len(t.Page) > longestPage || !templatePage.MatchString(t.Page) {
		refused = misfit(refused, in+"page", "照例子写小程序的页面：开头没有斜线，记录的编号只能放在问号后面。")
	}
	if len(t.Fields) == 0 || len(t.Fields) > mostFields {
		refused = misfit(refused, in+"fields", fmt.Sprintf("模板的每个字段都要写上，1到%d个。", mostFields))
	}
	seen := map[string]bool{}
	for i, f := range t.Fields {
		if at, why := f.wrong(kind, seen[f.Name()]); why != "" {
			refused = misfit(refused, fmt.Sprintf("%sfields[%d].%s", in, i, at), why)
		}
		seen[f.Name()] = true
	}
	return refusal(refused)
}

// wrong says what is wrong with a field, and where; nothing when it is well.
func (f TemplateField) wrong(kind NoticeKind, seen bool) (at, why string) {
	t, known := fieldType(f.Type)
	switch {
	case !known:
		return "type", "微信没有这种字段。"
	case f.Number < 1 || f.Number > highestNumber:
		return "number", "字段的编号是1到99，照微信模板里写的填。"
	case seen:
		return "number", "这个字段写了两次，每个字段只写一次。"
	case len(t.Shows) == 0:
		return "type", "没有内容能放进这种字段，请在微信另选一个模板。"
	case !slices.Contains(kind.Facts(), f.Fact):
		return "fact", "这一类消息没有这项内容，发出去会是空的。"
	case !slices.Contains(t.Shows, f.Fact):
		return "fact", "这种字段放不下这项内容，请换一项。"
	}
	return "", ""
}

func misfit(refused *fault.Error, field, message string) *fault.Error {
	if refused == nil {
		refused = ErrTemplateInvalid
	}
	return refused.WithField(field, message)
}

// SampleNotice is an invented notice of the kind, to show what a message looks like. Its words are as long as those of real
// ones.
func SampleNotice(kind NoticeKind, zone *time.Location) Notice {
	start := time.Date(2030, 1, 2, 9, 0, 0, 0, zone)
	n := Notice{Kind: kind, Title: "示例通知", Facts: SessionFacts("", start, start.Add(150*time.Minute), "示例说明", zone)}
	n.Facts[FactSite] = "示例街道第一居民区党群服务中心二楼示例宝宝屋" // longer than a field takes
	switch kind {                                //nolint:exhaustive // those that go out as messages
	case NoticeBooked:
		n.Facts[FactNote] = Spoken(start.Add(-12*time.Hour), zone) + "前可免费取消"
	case NoticeReminder:
		n.Facts[FactNote] = "不能来请尽早取消"
	case NoticePlaceOffered:
		n.Facts[FactNote], n.Facts[FactUntil] = "已为孩子保留，请尽快确认", TimeFact(start.Add(-24*time.Hour), zone)
	case NoticeSiteCancelled:
		n.Facts[FactNote] = "由宝宝屋取消，不计失约"
	case NoticeDrawResult:
		n.Facts[FactNote], n.Facts[FactResult] = "摇号结果：已中签", "已中签"
	case NoticeStrike:
		n.Facts[FactNote] = "已记一次失约，如有异议可申诉"
	}
	return n
}
