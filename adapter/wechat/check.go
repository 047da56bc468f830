package wechat

import (
	"context"
	"unicode/utf8"

	"github.com/silenceper/wechat/v2/miniprogram/security"
)

const (
	callCheckText  = "check_text"
	callCheckMedia = "check_media"
	// longestChecked is msg_sec_check's limit, in characters.
	longestChecked = 2500
)

// What WeChat, or we in its place, say of a content.
const (
	suggestPass   = "pass"
	suggestReview = "review"
	suggestRisky  = "risky"
)

// CheckText asks WeChat about a text of the person openID. scene: 1 profile, 2 comment, 3 forum, 4 social log.
//
// suggest is always one of "pass", "review" and "risky" and is to be obeyed even beside an error: whatever could not be
// checked is "review", a human's. err says why there was no verdict (NotVisited, Invalid, Temporary, …).
func (c *Client) CheckText(ctx context.Context, openID string, scene int, text string) (suggest string, err error) {
	length := utf8.RuneCountInString(text)
	if openID == "" || !isScene(scene) || length == 0 || length > longestChecked || !utf8.ValidString(text) {
		return suggestReview, c.fault(callCheckText, invalid, "openid, scene or text cannot be checked")
	}
	var said security.MsgCheckResponse
	request := &security.MsgCheckRequest{OpenID: openID, Scene: security.MsgScene(scene), Content: text}
	_, err = c.call(ctx, callCheckText, openID, func(one *call) (err error) {
		said, err = security.NewSecurity(one.sdk()).MsgCheckContext(one.ctx, request)
		return err
	})
	if err != nil {
		return suggestReview, err
	}
	if suggest = suggestionOf(string(said.Result.Suggest)); suggest != string(said.Result.Suggest) {
		err = c.fault(callCheckText, temporary, "the answer holds no verdict")
	}
	return suggest, err
}

// CheckMedia has WeChat fetch and check a picture or sound ("image" or "audio") of at most 10 MB. The verdict comes within
// 30 minutes as a push whose Media.TraceID is traceID; until then the content is nobody's to see.
func (c *Client) CheckMedia(ctx context.Context, openID string, scene int, mediaURL, kind string) (traceID string, err error) {
	mediaType, known := map[string]uint8{"audio": 1, "image": 2}[kind]
	if openID == "" || !isScene(scene) || mediaURL == "" || !known {
		return "", c.fault(callCheckMedia, invalid, "openid, scene, address or kind cannot be checked")
	}
	request := &security.MediaCheckAsyncRequest{
		MediaURL: mediaURL, MediaType: mediaType, OpenID: openID, Scene: uint8(scene),
	}
	_, err = c.call(ctx, callCheckMedia, openID, func(one *call) (err error) {
		traceID, err = security.NewSecurity(one.sdk()).MediaCheckAsyncContext(one.ctx, request)
		return err
	})
	if err == nil && traceID == "" {
		err = c.fault(callCheckMedia, temporary, "the answer holds no trace id")
	}
	return traceID, err
}

func isScene(scene int) bool { return 1 <= scene && scene <= 4 }

// suggestionOf takes only WeChat's three words; anything else is a human's to see.
func suggestionOf(word string) string {
	switch word {
	case suggestPass, suggestRisky:
		return word
	}
	return suggestReview
}
