package wechat

import (
	"net/url"
	"regexp"
	"strings"
)

const (
	blot         = "***"
	longestText  = 300
	shortestBlot = 4 // blotting shorter strings would only garble the text
)

// secretPair is a name and value as they stand in URLs, JSON and XML.
var secretPair = regexp.MustCompile(
	`(?i)((?:access_token|app_?secret|secret|js_code|session_key)["']?\s*[=:]\s*["']?)[^&"'\s,;})<]+`)

// redactor cleans text that came from outside before it enters an error or a log line.
type redactor struct{ known []string }

func newRedactor(secrets ...string) redactor { return redactor{known: secrets} }

// clean blots the known secrets, those given, and whatever looks like one; it also keeps the text to one short line.
func (r redactor) clean(text string, more ...string) string {
	for _, secret := range append(append([]string(nil), r.known...), more...) {
		if len(secret) >= shortestBlot {
			text = strings.ReplaceAll(text, secret, blot)
			text = strings.ReplaceAll(text, url.QueryEscape(secret), blot)
		}
	}
	text = secretPair.ReplaceAllString(text, "${1}"+blot)
	return firstRunes(strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " "), longestText)
}

func firstRunes(text string, limit int) string {
	count := 0
	for at := range text {
		if count == limit {
			return text[:at]
		}
		count++
	}
	return text
}
