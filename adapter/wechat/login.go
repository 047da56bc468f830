package wechat

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/silenceper/wechat/v2/miniprogram/auth"
)

const (
	callLogin = "login"
	callPhone = "phone"
)

// codeShape is what a login or phone code looks like. Nothing else may pass: the SDK puts the login code into its URL
// unescaped, where "&" or "#" would rewrite the call.
var codeShape = regexp.MustCompile(`^[0-9A-Za-z_-]{1,128}$`)

// ValidCode says whether a login or phone code is well formed; not whether WeChat will take it.
func ValidCode(code string) bool { return codeShape.MatchString(code) }

// Login exchanges wx.login's single-use code for the person's openid, and unionid where the account has one. The session
// key is dropped here: nothing in the house needs it.
func (c *Client) Login(ctx context.Context, code string) (openID, unionID string, err error) {
	if !ValidCode(code) {
		return "", "", c.fault(callLogin, rejected, "the code is malformed")
	}
	var session auth.ResCode2Session
	_, err = c.call(ctx, callLogin, code, func(one *call) (err error) {
		session, err = auth.NewAuth(one.sdk()).Code2SessionContext(one.ctx, code)
		return err
	})
	if err == nil && session.OpenID == "" {
		err = c.fault(callLogin, temporary, "the answer names nobody")
	}
	if err != nil {
		return "", "", err
	}
	return session.OpenID, session.UnionID, nil
}

// Phone exchanges getPhoneNumber's single-use code for the number in E.164 form, e.g. +8613800138000.
func (c *Client) Phone(ctx context.Context, code string) (number string, err error) {
	if !ValidCode(code) {
		return "", c.fault(callPhone, rejected, "the code is malformed")
	}
	got, err := c.call(ctx, callPhone, code, func(one *call) error {
		// The SDK's reading fails on a numeric country code; readPhone reads the same answer.
		_, _ = auth.NewAuth(one.sdk()).GetPhoneNumberContext(one.ctx, code)
		return nil
	})
	if err != nil {
		return "", err
	}
	return c.readPhone(got.body)
}

func (c *Client) readPhone(body []byte) (string, error) {
	var said struct {
		Phone struct {
			Full      scalar `json:"phoneNumber"`
			Pure      scalar `json:"purePhoneNumber"`
			Country   scalar `json:"countryCode"`
			Watermark struct {
				AppID string `json:"appid"`
			} `json:"watermark"`
		} `json:"phone_info"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return "", c.fault(callPhone, temporary, "the answer cannot be read")
	}
	if said.Phone.Watermark.AppID != c.appID {
		return "", c.fault(callPhone, rejected, "the number was given to another mini-program")
	}
	number := e164(string(said.Phone.Country), string(said.Phone.Pure), string(said.Phone.Full))
	if number == "" {
		return "", c.fault(callPhone, temporary, "the answer holds no number")
	}
	return number, nil
}

var (
	countryShape = regexp.MustCompile(`^[1-9][0-9]{0,3}$`)
	e164Shape    = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
)

// e164 joins country code and number; without a pure number the full one counts, which has a "+" only when foreign.
// It is empty when no valid number comes of it.
func e164(country, pure, full string) string {
	country = strings.TrimLeft(country, "+0")
	if country == "" {
		country = "86"
	}
	if pure == "" && strings.HasPrefix(full, "+") {
		pure = strings.TrimPrefix(full, "+"+country)
	} else if pure == "" {
		pure = full
	}
	number := "+" + country + pure
	if !countryShape.MatchString(country) || !e164Shape.MatchString(number) {
		return ""
	}
	return number
}
