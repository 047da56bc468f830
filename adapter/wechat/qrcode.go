package wechat

import (
	"context"
	"regexp"
	"strings"

	"github.com/silenceper/wechat/v2/miniprogram/qrcode"
)

const callQRCode = "qrcode"

// sceneShape is WeChat's: 1 to 32 of these characters.
var sceneShape = regexp.MustCompile(`^[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}$`)

// codeVersions maps the state that messages name to the version that QR codes name.
var codeVersions = map[string]string{"formal": "release", "trial": "trial", "developer": "develop"}

// QRCode makes a mini-program code that opens page with scene, as a JPEG. page carries no parameters; scene is 1 to 32 of
// the characters WeChat allows.
func (c *Client) QRCode(ctx context.Context, scene, page string) (jpeg []byte, err error) {
	page = strings.TrimPrefix(page, "/")
	if !sceneShape.MatchString(scene) || strings.ContainsAny(page, "?#") {
		return nil, c.fault(callQRCode, invalid, "scene or page cannot be put into a code")
	}
	// Only a released page can be checked for.
	checkPath := c.state == "formal"
	wanted := qrcode.QRCoder{Page: page, Scene: scene, CheckPath: &checkPath, EnvVersion: codeVersions[c.state]}
	got, err := c.call(ctx, callQRCode, "", func(one *call) error {
		// The SDK wants exactly "image/jpeg"; the picture's first bytes are the better witness.
		_, _ = qrcode.NewQRCode(one.sdk()).GetWXACodeUnlimit(wanted)
		return nil
	})
	if err == nil && !got.isJPEG() {
		err = c.fault(callQRCode, temporary, "the answer is no picture")
	}
	if err != nil {
		return nil, err
	}
	return got.body, nil
}
