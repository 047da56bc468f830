package wechat

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1" // #nosec G505 -- the signature WeChat prescribes
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrPush is under every error of ReadPush and Echo: the request is not WeChat's, or not fit to be acted upon.
var ErrPush = errors.New("wechat: push refused")

const (
	// pushWindow is how far a push's timestamp may be from our clock. WeChat's retries come within seconds.
	pushWindow = 5 * time.Minute
	// pushBlock is WeChat's padding block; AES's own is 16.
	pushBlock  = 32
	saltLength = 16
	headLength = saltLength + 4
	// latestSecond keeps the arithmetic of times from overflowing.
	latestSecond = 1 << 40
)

// pushKeys verify and open pushes in safe mode. Without a token they refuse all.
type pushKeys struct {
	token  string
	aesKey []byte
}

func newPushKeys(token, aesKey string) (pushKeys, error) {
	if token == "" && aesKey == "" {
		return pushKeys{}, nil
	}
	key, err := base64.StdEncoding.DecodeString(aesKey + "=")
	if token == "" || len(aesKey) != 43 || err != nil || len(key) != 32 {
		return pushKeys{}, errors.New("wechat: PushToken and PushAESKey (43 characters) belong together")
	}
	return pushKeys{token: token, aesKey: key}, nil
}

// ReadPush verifies, opens and reads a push in safe mode, from the request's query and body. A plaintext push is refused
// even when its plain signature is right. WeChat repeats a push until it is answered with "success": act once for each
// Push.Key.
func (c *Client) ReadPush(query url.Values, body []byte) (Push, error) {
	if int64(len(body)) > c.maxBody {
		return Push{}, refusedPush("too large")
	}
	if err := c.checkPush(query); err != nil {
		return Push{}, err
	}
	sealed, err := sealedIn(body)
	if err != nil {
		return Push{}, err
	}
	if !c.push.signed(query.Get("msg_signature"), query.Get("timestamp"), query.Get("nonce"), sealed) {
		return Push{}, refusedPush("wrong signature")
	}
	plain, err := c.push.open(sealed, c.appID)
	if err != nil {
		return Push{}, err
	}
	return readMessage(plain, c.appID)
}

// echoShape keeps the echo harmless to a browser: the signature does not cover it.
var echoShape = regexp.MustCompile(`^[0-9A-Za-z_+/=-]{1,128}$`)

// Echo answers the GET by which WeChat tests the push address: the string to send back as it is.
func (c *Client) Echo(query url.Values) (string, error) {
	echo := query.Get("echostr")
	switch {
	case !c.push.signed(query.Get("signature"), query.Get("timestamp"), query.Get("nonce")):
		return "", refusedPush("wrong signature")
	case !c.isFresh(query.Get("timestamp")):
		return "", refusedPush("out of its time")
	case !echoShape.MatchString(echo):
		return "", refusedPush("unusual echostr")
	}
	return echo, nil
}

// checkPush is what can be told before the body is looked at.
func (c *Client) checkPush(query url.Values) error {
	for _, name := range []string{"msg_signature", "timestamp", "nonce", "encrypt_type"} {
		if len(query[name]) != 1 {
			return refusedPush("not in safe mode: " + name + " must be there once")
		}
	}
	if query.Get("encrypt_type") != "aes" {
		return refusedPush("not in safe mode")
	}
	if !c.isFresh(query.Get("timestamp")) {
		return refusedPush("out of its time")
	}
	return nil
}

func (c *Client) isFresh(timestamp string) bool {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || seconds < 0 || seconds > latestSecond {
		return false
	}
	return c.now().Sub(time.Unix(seconds, 0)).Abs() <= pushWindow
}

// signed compares a signature with the SHA-1 of the token and parts, sorted and joined: WeChat's scheme.
func (k pushKeys) signed(signature string, parts ...string) bool {
	if k.token == "" {
		return false
	}
	parts = append(parts, k.token)
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) // #nosec G401 -- the signature WeChat prescribes
	return subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(signature)) == 1
}

// open decrypts 16 random bytes, a 4-byte length, the message and the AppID, which must be ours.
func (k pushKeys) open(sealed, appID string) ([]byte, error) {
	data, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(data) < pushBlock || len(data)%aes.BlockSize != 0 {
		return nil, refusedPush("not a ciphertext")
	}
	block, err := aes.NewCipher(k.aesKey)
	if err != nil {
		return nil, refusedPush("no key")
	}
	cipher.NewCBCDecrypter(block, k.aesKey[:aes.BlockSize]).CryptBlocks(data, data)
	data, ok := unpad(data)
	if !ok || len(data) < headLength {
		return nil, refusedPush("wrong padding")
	}
	length, rest := binary.BigEndian.Uint32(data[saltLength:headLength]), data[headLength:]
	if uint64(length) > uint64(len(rest)) {
		return nil, refusedPush("wrong length")
	}
	if string(rest[length:]) != appID {
		return nil, refusedPush("meant for another app")
	}
	return rest[:length], nil
}

// unpad removes PKCS#7 padding to 32 bytes, every byte of it checked. The signature was checked before, so telling bad
// padding apart helps nobody.
func unpad(data []byte) ([]byte, bool) {
	count := int(data[len(data)-1])
	if count < 1 || count > pushBlock || count > len(data) {
		return nil, false
	}
	body, padding := data[:len(data)-count], data[len(data)-count:]
	for _, b := range padding {
		if int(b) != count {
			return nil, false
		}
	}
	return body, true
}

// sealedIn finds the ciphertext in the XML or JSON around it.
func sealedIn(body []byte) (string, error) {
	var envelope struct {
		Encrypt string `json:"Encrypt" xml:"Encrypt"`
	}
	if err := unmarshal(body, &envelope); err != nil {
		return "", err
	}
	if envelope.Encrypt == "" {
		return "", refusedPush("not in safe mode: nothing encrypted")
	}
	return envelope.Encrypt, nil
}

// unmarshal takes XML or JSON, told apart by the first character.
func unmarshal(data []byte, into any) error {
	read := json.Unmarshal
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
		read = xml.Unmarshal
	}
	if err := read(data, into); err != nil {
		// The decoder's reason could quote the message.
		return refusedPush("neither XML nor JSON of the expected form")
	}
	return nil
}

func refusedPush(reason string) error { return fmt.Errorf("%w: %s", ErrPush, reason) }
