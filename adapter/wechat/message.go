package wechat

import (
	"context"
	"strings"
	"unicode"

	"github.com/silenceper/wechat/v2/miniprogram/subscribe"
)

const callSend = "send"

// Send sends one subscription message; every field is made to Fit first. It uses up one consent of the person for this
// template when it succeeds. After an error that is not Unsent nobody knows whether it was delivered.
func (c *Client) Send(ctx context.Context, openID, templateID, page string, fields map[string]string) error {
	data, problem := dataOf(fields)
	switch {
	case openID == "" || templateID == "":
		problem = "openid or template is missing"
	case len(fields) == 0:
		problem = "there are no fields"
	}
	if problem != "" {
		return c.fault(callSend, invalid, problem)
	}
	message := &subscribe.Message{
		ToUser: openID, TemplateID: templateID, Page: strings.TrimPrefix(page, "/"), Data: data,
		MiniprogramState: c.state, Lang: "zh_CN",
	}
	got, err := c.call(ctx, callSend, openID, func(one *call) error {
		return subscribe.NewSubscribe(one.sdk()).Send(message)
	})
	if err == nil && !got.saysOK() {
		err = c.fault(callSend, temporary, "the answer does not say that it was sent")
	}
	return err
}

func dataOf(fields map[string]string) (data map[string]*subscribe.DataItem, problem string) {
	data = make(map[string]*subscribe.DataItem, len(fields))
	for field, value := range fields {
		value = Fit(field, value)
		if value == "" {
			// WeChat refuses the whole message for one empty field.
			problem = "field " + field + " has nothing to show"
		}
		data[field] = &subscribe.DataItem{Value: value}
	}
	return data, problem
}

// Fit makes a value acceptable for a template field such as "thing1", by WeChat's table of field types. Words are cut,
// characters the type does not allow are dropped. Numbers and amounts lose at most their decimals: one too large is left
// as it is, for WeChat to refuse, rather than shown false. Unknown types pass unchanged.
func Fit(field, value string) string {
	value = strings.Join(strings.Fields(strings.ToValidUTF8(value, "")), " ")
	switch strings.TrimRight(field, "0123456789") {
	case "thing":
		return shorten(value, 20)
	case "phrase":
		return firstRunes(keep(value, isHan), 5)
	case "name":
		return fitName(value)
	case "letter":
		return firstRunes(keep(value, isLetter), 32)
	case "character_string":
		return firstRunes(keep(value, isPrintable), 32)
	case "symbol":
		return firstRunes(keep(value, isSymbol), 5)
	case "phone_number":
		return firstRunes(keep(value, isDialable), 17)
	case "car_number":
		return firstRunes(strings.ReplaceAll(value, " ", ""), 8)
	case "number":
		return fitNumber(value, 32)
	case "amount":
		return fitNumber(value, 10)
	case "time", "date":
		return rangeSigns.Replace(value)
	}
	return value
}

// rangeSigns turns the ways people write a range into the one WeChat reads.
var rangeSigns = strings.NewReplacer("～", "~", "–", "~", "—", "~", "至", "~")

// shorten cuts with a sign that something is missing.
func shorten(value string, limit int) string {
	if len([]rune(value)) <= limit {
		return value
	}
	return firstRunes(value, limit-1) + "…"
}

// fitName allows 10 characters once a Han character is among them, else 20.
func fitName(value string) string {
	if strings.ContainsFunc(value, isHan) {
		return firstRunes(value, 10)
	}
	return firstRunes(value, 20)
}

// fitNumber drops separators, and decimals when the digits are more than the type allows.
func fitNumber(value string, digits int) string {
	value = strings.NewReplacer(",", "", "，", "", " ", "").Replace(value)
	whole, rest, decimal := strings.Cut(value, ".")
	if !decimal || countDigits(value) <= digits {
		return value
	}
	// "元" may end an amount and stays.
	return whole + strings.TrimLeftFunc(rest, unicode.IsDigit)
}

func countDigits(value string) int {
	return len(keep(value, func(r rune) bool { return '0' <= r && r <= '9' }))
}

func keep(value string, allowed func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if allowed(r) {
			return r
		}
		return -1
	}, value)
}

func isHan(r rune) bool       { return unicode.Is(unicode.Han, r) }
func isLetter(r rune) bool    { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }
func isPrintable(r rune) bool { return ' ' <= r && r <= '~' }
func isSymbol(r rune) bool    { return unicode.IsPunct(r) || unicode.IsSymbol(r) }
func isDialable(r rune) bool  { return '0' <= r && r <= '9' || strings.ContainsRune("+-()# ", r) }
