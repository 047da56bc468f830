package fake

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Message is a subscription message that was delivered.
type Message struct {
	To, Template, Page, State string
	Data                      map[string]string
	At                        time.Time
}

// Consent adds n consents of openID for template, as the person's "allow" does.
func (s *Server) Consent(openID, template string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.consents[[2]string{openID, template}] += n
}

// ConsentsLeft is what WeChat knows and tells nobody.
func (s *Server) ConsentsLeft(openID, template string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.consents[[2]string{openID, template}]
}

// Sent returns the delivered messages, oldest first.
func (s *Server) Sent() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// order is the body of a send call.
type order struct {
	ToUser     string `json:"touser"`
	TemplateID string `json:"template_id"`
	Page       string `json:"page"`
	State      string `json:"miniprogram_state"`
	Data       map[string]struct {
		Value any `json:"value"`
	} `json:"data"`
}

func (s *Server) send(in request) (reply, verdict) {
	var o order
	if json.Unmarshal(in.body, &o) != nil {
		return reply{}, badJSON
	}
	if problem := s.checkOrder(o); !problem.ok() {
		return reply{}, problem
	}
	data, problem := checkData(o)
	if !problem.ok() {
		return reply{}, problem
	}
	consent := [2]string{o.ToUser, o.TemplateID}
	switch {
	case s.consents[consent] > 0:
		s.consents[consent]--
	case !s.o.AlwaysConsents:
		return reply{}, verdict{43101, "user refuse to accept the msg"}
	}
	s.deliver(Message{o.ToUser, o.TemplateID, o.Page, o.State, data, in.now})
	return said(map[string]any{"errcode": 0, "errmsg": "ok", "msgid": len(s.sent)}), verdict{}
}

func (s *Server) deliver(m Message) {
	s.sent = append(s.sent, m)
	if len(s.sent) > s.o.KeepCalls {
		s.sent = slices.Delete(s.sent, 0, 1)
	}
	if s.o.OnMessage != nil {
		s.o.OnMessage(m)
	}
}

func (s *Server) checkOrder(o order) verdict {
	switch {
	case o.ToUser == "":
		return verdict{40003, "invalid openid"}
	case o.TemplateID == "" || len(s.o.Templates) > 0 && !slices.Contains(s.o.Templates, o.TemplateID):
		return verdict{40037, "invalid template_id"}
	case strings.HasPrefix(o.Page, "/"):
		return verdict{41030, "invalid page"}
	case !slices.Contains([]string{"", "formal", "trial", "developer"}, o.State):
		return verdict{47003, "argument invalid! miniprogram_state invalid"}
	case len(o.Data) == 0:
		return verdict{47003, "argument invalid! data is empty"}
	}
	return verdict{}
}

// checkData judges the fields in order of their names, so that the same mistake gets the same answer.
func checkData(o order) (map[string]string, verdict) {
	data := map[string]string{}
	for _, field := range slices.Sorted(maps.Keys(o.Data)) {
		value, isText := o.Data[field].Value.(string)
		if !isText || value == "" {
			return nil, verdict{47003, "argument invalid! data." + field + ".value is empty"}
		}
		if shape := shapeOf(field); shape == nil || !shape.MatchString(value) {
			return nil, verdict{47003, "argument invalid! data." + field + ".value invalid"}
		}
		data[field] = value
	}
	return data, verdict{}
}

const (
	day   = `(\d{4}年\d{1,2}月\d{1,2}日|\d{4}[-/.]\d{1,2}[-/.]\d{1,2})`
	clock = `\d{1,2}:\d{2}(:\d{2})?`
	stamp = `(` + day + `( ?` + clock + `)?|` + clock + `)`
)

// shapes is WeChat's table of field types.
var shapes = map[string]*regexp.Regexp{
	"thing":            regexp.MustCompile(`^.{1,20}$`),
	"phrase":           regexp.MustCompile(`^\p{Han}{1,5}$`),
	"name":             regexp.MustCompile(`^(.{1,10}|\P{Han}{1,20})$`),
	"letter":           regexp.MustCompile(`^[A-Za-z]{1,32}$`),
	"number":           regexp.MustCompile(`^[0-9.]{1,32}$`),
	"character_string": regexp.MustCompile(`^[ -~]{1,32}$`),
	"symbol":           regexp.MustCompile(`^[\pP\pS]{1,5}$`),
	"phone_number":     regexp.MustCompile(`^[0-9+()# -]{1,17}$`),
	"car_number":       regexp.MustCompile(`^\S{1,8}$`),
	"amount":           regexp.MustCompile(`^\p{Sc}?[0-9]{1,10}(\.[0-9]{1,2})?元?$`),
	"time":             regexp.MustCompile(`^` + stamp + `( ?~ ?` + stamp + `)?$`),
	"date":             regexp.MustCompile(`^` + stamp + `( ?~ ?` + stamp + `)?$`),
}

func shapeOf(field string) *regexp.Regexp {
	return shapes[strings.TrimRight(field, "0123456789")]
}
