package fake

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"image"
	"image/jpeg"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

var sceneAllowed = regexp.MustCompile(`^[0-9A-Za-z!#$&'()*+,/:;=?@._~-]{1,32}$`)

func (s *Server) qrCode(in request) (reply, verdict) {
	var o struct {
		Scene      string `json:"scene"`
		Page       string `json:"page"`
		EnvVersion string `json:"env_version"`
	}
	switch err := json.Unmarshal(in.body, &o); {
	case err != nil:
		return reply{}, badJSON
	case !sceneAllowed.MatchString(o.Scene):
		return reply{}, verdict{40169, "invalid length for scene, or the data is not json string"}
	case strings.HasPrefix(o.Page, "/") || strings.ContainsAny(o.Page, "?#"):
		return reply{}, verdict{41030, "invalid page"}
	case !slices.Contains([]string{"", "release", "trial", "develop"}, o.EnvVersion):
		return reply{}, verdict{40097, "invalid args: env_version"}
	}
	return reply{status: http.StatusOK, mediaType: "image/jpeg", body: picture(o.Scene + "\n" + o.Page)}, verdict{}
}

// picture draws squares that differ from text to text. It is no code that a telephone could read.
func picture(text string) []byte {
	const squares, side = 16, 16
	sum := sha256.Sum256([]byte(text))
	drawn := image.NewGray(image.Rect(0, 0, squares*side, squares*side))
	for at := range drawn.Pix {
		square := at/(squares*side)/side*squares + at%(squares*side)/side
		if sum[square/8]>>(square%8)&1 == 0 {
			drawn.Pix[at] = 0xFF
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, drawn, nil); err != nil {
		panic(err) // writing to memory cannot fail
	}
	return out.Bytes()
}
