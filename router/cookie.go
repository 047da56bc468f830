package router

import (
	"net/http"
	"strings"
	"unicode"

	"jiamenkou/model/fault"
)

// ErrCrossOrigin is for requests that another page had a browser send.
var ErrCrossOrigin = fault.New(fault.Forbidden, "cross_origin", "这个请求来自别的网站，已拒绝。请从工作台页面操作。")

// staffCookie carries the session of a member of staff. The prefix makes browsers refuse it unless it is Secure, for all
// paths and for this host alone.
const staffCookie = "__Host-jmk-staff"

// setCookie is the header that signs a browser in; with an empty token it signs it out. It lasts as long as the browser
// runs: when the session ends is the server's to say.
func setCookie(token string) string {
	// #nosec G124 -- all three stand in the line below
	c := http.Cookie{Name: staffCookie, Value: token, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode}
	if token == "" {
		c.MaxAge = -1
	}
	return c.String()
}

func staffToken(r *http.Request) string {
	c, err := r.Cookie(staffCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// fromConsole refuses changes that a page of another origin had a browser send. Whatever is no browser says nothing of
// origins, and has no cookie either unless somebody gave it one.
func (a *API) fromConsole(r *http.Request) error {
	protection := http.NewCrossOriginProtection()
	if a.ConsoleOrigin != "" { // behind a proxy that renames the host, the origin is still the console's
		if err := protection.AddTrustedOrigin(a.ConsoleOrigin); err != nil {
			return err
		}
	}
	if err := protection.Check(r); err != nil {
		return ErrCrossOrigin
	}
	return nil
}

const deviceLength = 60

// What browsers call systems and themselves, and what people call them; the first that is named counts, since browsers
// also name those they resemble.
var (
	systems  = [][2]string{{"HarmonyOS", "鸿蒙"}, {"Android", "安卓"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "Mac"}, {"Linux", "Linux"}}
	browsers = [][2]string{{"MicroMessenger", "微信"}, {"QQBrowser", "QQ浏览器"}, {"Edg", "Edge"}, {"Firefox", "Firefox"}, {"Chrome", "Chrome"}, {"Safari", "Safari"}}
)

// deviceOf is what a browser calls itself, in words where both its system and itself are known, else shortened to what a
// person can read.
func deviceOf(userAgent string) string {
	system, browser := firstNamed(systems, userAgent), firstNamed(browsers, userAgent)
	if system != "" && browser != "" {
		return system + "，" + browser
	}
	var kept []rune
	for _, r := range strings.ToValidUTF8(userAgent, "") {
		if unicode.IsPrint(r) && len(kept) < deviceLength {
			kept = append(kept, r)
		}
	}
	return string(kept)
}

func firstNamed(names [][2]string, text string) string {
	for _, name := range names {
		if strings.Contains(text, name[0]) {
			return name[1]
		}
	}
	return ""
}
