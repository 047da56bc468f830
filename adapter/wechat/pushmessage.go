package wechat

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Push is a verified message of WeChat's.
type Push struct {
	// Key is the same for every repetition of one push, and differs between pushes.
	Key string
	// To is the account's original id, From the person's openid.
	To, From string
	// Type is WeChat's MsgType ("event", "text", …), Event its Event ("wxa_media_check", …).
	Type, Event string
	// At is WeChat's CreateTime, to the second; zero when there is none.
	At    time.Time
	MsgID string
	// Media is set for wxa_media_check only.
	Media *MediaVerdict
	// Subscriptions is what subscribe_msg_popup_event, …_change_event and …_sent_event list.
	Subscriptions []Subscription
}

// MediaVerdict answers an earlier CheckMedia.
type MediaVerdict struct {
	TraceID string
	// Suggest is "pass", "review" or "risky"; "review" also where the check itself failed.
	Suggest string
	// Label is WeChat's reason, 100 for none.
	Label   int
	Errcode int
}

// Subscription is one line of a subscription event.
type Subscription struct {
	TemplateID string
	// Status is "accept" or "reject" in popup and change events.
	Status string
	Scene  string
	// MsgID, ErrorCode and ErrorStatus tell in sent events what became of a message.
	MsgID, ErrorCode, ErrorStatus string
}

// head is what every push has, in both formats. What else there is, is read only where the event is known: elsewhere
// the same names may hold anything.
type head struct {
	To      scalar `json:"ToUserName" xml:"ToUserName"`
	From    scalar `json:"FromUserName" xml:"FromUserName"`
	Created scalar `json:"CreateTime" xml:"CreateTime"`
	Type    scalar `json:"MsgType" xml:"MsgType"`
	Event   scalar `json:"Event" xml:"Event"`
	MsgID   scalar `json:"MsgId" xml:"MsgId"`
	AppID   scalar `json:"appid" xml:"appid"`
}

// mediaBody is what wxa_media_check adds.
type mediaBody struct {
	TraceID scalar `json:"trace_id" xml:"trace_id"`
	Errcode scalar `json:"errcode" xml:"errcode"`
	Result  struct {
		Suggest scalar `json:"suggest" xml:"suggest"`
		Label   scalar `json:"label" xml:"label"`
	} `json:"result" xml:"result"`
}

// listBody is what the subscription events add: JSON has the list at the top, XML in an element named after the event.
type listBody struct {
	List   lines `json:"List" xml:"-"`
	Popup  group `json:"SubscribeMsgPopupEvent" xml:"SubscribeMsgPopupEvent"`
	Change group `json:"SubscribeMsgChangeEvent" xml:"SubscribeMsgChangeEvent"`
	Sent   group `json:"SubscribeMsgSentEvent" xml:"SubscribeMsgSentEvent"`
}

type group struct {
	List lines `json:"List" xml:"List"`
}

type line struct {
	TemplateID  scalar `json:"TemplateId" xml:"TemplateId"`
	Status      scalar `json:"SubscribeStatusString" xml:"SubscribeStatusString"`
	Scene       scalar `json:"PopupScene" xml:"PopupScene"`
	MsgID       scalar `json:"MsgID" xml:"MsgID"`
	ErrorCode   scalar `json:"ErrorCode" xml:"ErrorCode"`
	ErrorStatus scalar `json:"ErrorStatus" xml:"ErrorStatus"`
}

// lines takes one line or an array of them.
type lines []line

// UnmarshalJSON takes an object for an array of one.
func (l *lines) UnmarshalJSON(data []byte) error {
	if data[0] == '{' {
		*l = make(lines, 1)
		return json.Unmarshal(data, &(*l)[0])
	}
	return json.Unmarshal(data, (*[]line)(l))
}

func readMessage(plain []byte, appID string) (Push, error) {
	var h head
	if err := unmarshal(plain, &h); err != nil {
		return Push{}, err
	}
	if h.Type == "" || h.AppID != "" && string(h.AppID) != appID {
		return Push{}, refusedPush("no message of this app")
	}
	at, ok := h.createdAt()
	if !ok {
		return Push{}, refusedPush("no time")
	}
	push := Push{
		To: string(h.To), From: string(h.From), Type: string(h.Type), Event: string(h.Event),
		At: at, MsgID: string(h.MsgID),
	}
	if err := push.readBody(plain); err != nil {
		return Push{}, err
	}
	push.Key = push.key(plain)
	return push, nil
}

func (h *head) createdAt() (time.Time, bool) {
	if h.Created == "" {
		return time.Time{}, true
	}
	seconds, err := strconv.ParseInt(string(h.Created), 10, 64)
	if err != nil || seconds < 0 || seconds > latestSecond {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0).UTC(), true
}

func (p *Push) readBody(plain []byte) error {
	switch {
	case p.Event == "wxa_media_check":
		return p.readMedia(plain)
	case strings.HasPrefix(p.Event, "subscribe_msg_"):
		return p.readSubscriptions(plain)
	}
	return nil
}

func (p *Push) readMedia(plain []byte) error {
	var body mediaBody
	if err := unmarshal(plain, &body); err != nil {
		return err
	}
	if body.TraceID == "" {
		return refusedPush("a verdict on nothing")
	}
	p.Media = &MediaVerdict{TraceID: string(body.TraceID), Suggest: suggestionOf(string(body.Result.Suggest))}
	p.Media.Label, _ = strconv.Atoi(string(body.Result.Label))
	if body.Errcode != "" && body.Errcode != "0" {
		p.Media.Suggest, p.Media.Errcode = suggestReview, codeOr(body.Errcode, codeBusy)
	}
	return nil
}

func codeOr(errcode scalar, otherwise int) int {
	if code, err := strconv.Atoi(string(errcode)); err == nil {
		return code
	}
	return otherwise
}

func (p *Push) readSubscriptions(plain []byte) error {
	var body listBody
	if err := unmarshal(plain, &body); err != nil {
		return err
	}
	for _, l := range slices.Concat(body.List, body.Popup.List, body.Change.List, body.Sent.List) {
		p.Subscriptions = append(p.Subscriptions, Subscription{
			TemplateID: string(l.TemplateID), Status: string(l.Status), Scene: string(l.Scene),
			MsgID: string(l.MsgID), ErrorCode: string(l.ErrorCode), ErrorStatus: string(l.ErrorStatus),
		})
	}
	return nil
}

// key names the push by what WeChat keeps the same when it repeats it. Events carry no id of their own; their content
// stands for it, as two events of one person may share a second.
func (p *Push) key(plain []byte) string {
	switch {
	case p.Media != nil:
		return "media:" + p.Media.TraceID
	case p.MsgID != "" && p.MsgID != "0":
		return "message:" + p.MsgID
	}
	sum := sha256.Sum256(plain)
	return "event:" + hex.EncodeToString(sum[:])
}
