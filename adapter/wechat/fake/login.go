package fake

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
	"time"
)

const (
	codeLife  = 5 * time.Minute
	visitLife = 2 * time.Hour
	demoSign  = "demo-"
	// demoPerson begins the openid of everyone who came by a demo code.
	demoPerson = "oDEMO"
)

// code is a single-use code and what it stands for.
type code struct {
	worth   string
	expires time.Time
	used    bool
}

// IssueLoginCode returns a code as wx.login would give it to the person openID.
func (s *Server) IssueLoginCode(openID string) string { return s.issue(s.logins, openID) }

// IssuePhoneCode returns a code as getPhoneNumber would give it. phone is "13800138000", or "+85291234567" when foreign.
func (s *Server) IssuePhoneCode(phone string) string { return s.issue(s.phones, phone) }

// SetUnionID makes logins of openID tell a unionid too.
func (s *Server) SetUnionID(openID, unionID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unions[openID] = unionID
}

// Visit marks openID as having opened the mini-program now; a login does so too.
func (s *Server) Visit(openID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.visits[openID] = s.o.Now()
}

// OpenID is who the demo code demo-<name> logs in as.
func OpenID(name string) string {
	sum := sha256.Sum256([]byte("person " + name))
	return demoPerson + base64.RawURLEncoding.EncodeToString(sum[:])[:23]
}

func (s *Server) issue(into map[string]*code, worth string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	made := "0" + rand.Text()
	into[made] = &code{worth: worth, expires: s.o.Now().Add(codeLife)}
	return made
}

// redeem takes a code for what it stands for.
func (s *Server) redeem(from map[string]*code, given string, demo func(string) string, now time.Time) (string, verdict) {
	if name, isDemo := strings.CutPrefix(given, demoSign); isDemo && s.o.Demo && demo(name) != "" {
		return demo(name), verdict{}
	}
	found := from[given]
	switch {
	case found == nil:
		return "", verdict{40029, "invalid code"}
	case found.used:
		return "", verdict{40163, "code been used"}
	case !now.Before(found.expires):
		return "", verdict{40029, "invalid code: expired"}
	}
	found.used = true
	return found.worth, verdict{}
}

func (s *Server) login(in request) (reply, verdict) {
	if problem := s.checkAccount(in.query.Get("appid"), in.query.Get("secret")); !problem.ok() {
		return reply{}, problem
	}
	if in.query.Get("grant_type") != "authorization_code" {
		return reply{}, verdict{40002, "invalid grant_type"}
	}
	openID, problem := s.redeem(s.logins, in.query.Get("js_code"), demoOpenID, in.now)
	if !problem.ok() {
		return reply{}, problem
	}
	if !s.isDemoPerson(openID) {
		s.visits[openID] = in.now
	}
	answer := map[string]any{"openid": openID, "session_key": s.secret("sessionkey")}
	if union := s.unions[openID]; union != "" {
		answer["unionid"] = union
	}
	return said(answer), verdict{}
}

func demoOpenID(name string) string {
	if name == "" {
		return ""
	}
	return OpenID(name)
}

func (s *Server) checkAccount(appID, secret string) verdict {
	switch {
	case appID != s.o.AppID:
		return verdict{40013, "invalid appid"}
	case secret != s.o.AppSecret:
		return verdict{40125, "invalid appsecret"}
	}
	return verdict{}
}

var digits = regexp.MustCompile(`^[0-9]{5,15}$`)

func demoPhone(name string) string {
	if digits.MatchString(name) {
		return name
	}
	return ""
}

func (s *Server) phone(in request) (reply, verdict) {
	var asked struct{ Code string }
	if json.Unmarshal(in.body, &asked) != nil {
		return reply{}, badJSON
	}
	number, problem := s.redeem(s.phones, asked.Code, demoPhone, in.now)
	if !problem.ok() {
		return reply{}, problem
	}
	return said(map[string]any{"errcode": 0, "errmsg": "ok", "phone_info": s.phoneInfo(number, in.now)}), verdict{}
}

// phoneInfo splits a foreign number after a two- or three-digit country code, Hong Kong's and its neighbours' being three.
func (s *Server) phoneInfo(number string, now time.Time) map[string]any {
	country, pure := "86", number
	if foreign, is := strings.CutPrefix(number, "+"); is {
		width := 2
		if strings.HasPrefix(foreign, "85") {
			width = 3
		}
		width = min(width, len(foreign))
		country, pure = foreign[:width], foreign[width:]
	}
	return map[string]any{
		"phoneNumber": number, "purePhoneNumber": pure, "countryCode": country,
		"watermark": map[string]any{"timestamp": now.Unix(), "appid": s.o.AppID},
	}
}

// visited says whether a content check on openID's words is allowed. Demo people are always welcome: a restart of the
// demo forgets visits, their sessions it does not.
func (s *Server) visited(openID string, now time.Time) bool {
	at, known := s.visits[openID]
	return s.isDemoPerson(openID) || known && now.Sub(at) <= visitLife
}

func (s *Server) isDemoPerson(openID string) bool {
	return s.o.Demo && strings.HasPrefix(openID, demoPerson)
}
