package fake

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// A checked text or media address that holds one of these is judged by it; anything else passes.
const (
	RiskyWord  = "违规"
	ReviewWord = "存疑"
	// The same for addresses, where Han characters are awkward.
	RiskySign  = "risky"
	ReviewSign = "review"
)

type checkOrder struct {
	Version   int    `json:"version"`
	OpenID    string `json:"openid"`
	Scene     int    `json:"scene"`
	Content   string `json:"content"`
	MediaURL  string `json:"media_url"`
	MediaType int    `json:"media_type"`
}

func (s *Server) checkText(in request) (reply, verdict) {
	o, problem := s.readCheck(in)
	switch length := utf8.RuneCountInString(o.Content); {
	case !problem.ok():
		return reply{}, problem
	case length == 0:
		return reply{}, verdict{44004, "empty content"}
	case length > 2500:
		return reply{}, verdict{45002, "content size out of limit"}
	}
	suggest, label := judge(o.Content)
	return said(map[string]any{
		"errcode": 0, "errmsg": "ok", "trace_id": s.traceID(in.now),
		"result": map[string]any{"suggest": suggest, "label": label},
		"detail": []any{map[string]any{"strategy": "content_model", "errcode": 0, "suggest": suggest, "label": label, "prob": 90}},
	}), verdict{}
}

func (s *Server) checkMedia(in request) (reply, verdict) {
	o, problem := s.readCheck(in)
	if !problem.ok() {
		return reply{}, problem
	}
	address, err := url.Parse(o.MediaURL)
	switch {
	case err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https":
		return reply{}, verdict{40066, "invalid url"}
	case o.MediaType != 1 && o.MediaType != 2:
		return reply{}, verdict{40004, "invalid media type"}
	}
	suggest, label := judge(o.MediaURL)
	v := Verdict{OpenID: o.OpenID, TraceID: s.traceID(in.now), Suggest: suggest, Label: label}
	s.promise(v)
	return said(map[string]any{"errcode": 0, "errmsg": "ok", "trace_id": v.TraceID}), verdict{}
}

// readCheck judges what both checks have in common.
func (s *Server) readCheck(in request) (checkOrder, verdict) {
	var o checkOrder
	switch err := json.Unmarshal(in.body, &o); {
	case err != nil:
		return o, badJSON
	case o.Version != 2:
		return o, verdict{40097, "invalid args: version"}
	case o.Scene < 1 || o.Scene > 4:
		return o, verdict{40097, "invalid args: scene"}
	case o.OpenID == "":
		return o, verdict{40003, "invalid openid"}
	case !s.visited(o.OpenID, in.now):
		return o, verdict{61010, "code is expired"}
	}
	return o, verdict{}
}

func judge(content string) (suggest string, label int) {
	switch {
	case strings.Contains(content, RiskyWord), strings.Contains(content, RiskySign):
		return "risky", 20006
	case strings.Contains(content, ReviewWord), strings.Contains(content, ReviewSign):
		return "review", 21000
	}
	return "pass", 100
}

func (s *Server) traceID(now time.Time) string {
	s.serial++
	return fmt.Sprintf("%08x-%08x-fa4e", now.Unix(), s.serial)
}
