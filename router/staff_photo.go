package router

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

// ErrUpload is about a form that is not one.
var ErrUpload = fault.New(fault.Malformed, "upload_malformed", "没有收到照片，请重新选择后再传。")

// photoRoute is where pictures are uploaded, as gin writes it: bodies may be larger there, and slower.
const photoRoute = "/console/api/v1/sites/:id/photos"

// uploadInput is read whole by huma, within the limits of its operation, and taken apart here: the standard library's
// multipart.Form, which huma would use, puts files of some size onto a disk that may not be there.
type uploadInput struct {
	ByID
	Type    string `header:"Content-Type" hidden:"true"`
	RawBody []byte `contentType:"multipart/form-data"`
}

func (*uploadInput) uploads() {}

// uploadForm documents the form.
var uploadForm = &huma.MediaType{Schema: &huma.Schema{
	Type: huma.TypeObject, Required: []string{"caption", "photo"},
	Properties: map[string]*huma.Schema{
		"caption": {Type: huma.TypeString, Description: "照片说明，看不见图的人会听到它；最多60个字"},
		"photo":   {Type: huma.TypeString, Format: "binary", Description: "JPEG、PNG或WebP"},
	},
}}

const (
	longestCaption = 60   // characters
	roomForForm    = 4096 // bytes around the picture itself
)

// parts takes the form apart.
func (in *uploadInput) parts() (caption string, photo []byte, err error) {
	kind, parameters, err := mime.ParseMediaType(in.Type)
	if err != nil || kind != "multipart/form-data" {
		return "", nil, ErrUpload
	}
	for reader := multipart.NewReader(bytes.NewReader(in.RawBody), parameters["boundary"]); ; {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", nil, ErrUpload.WithCause(err)
		}
		content, err := io.ReadAll(part)
		switch {
		case err != nil:
			return "", nil, ErrUpload.WithCause(err)
		case part.FormName() == "caption":
			caption = string(content)
		case part.FormName() == "photo":
			photo = content
		}
	}
	return caption, photo, checkUpload(caption, photo)
}

func checkUpload(caption string, photo []byte) error {
	switch {
	case len(photo) == 0:
		return ErrUpload
	case !cleanText(caption):
		return ErrInvalidUTF8
	case utf8.RuneCountInString(strings.TrimSpace(caption)) > longestCaption:
		return model.ErrPhotoCaption.WithMessage("照片说明最多%d个字。", longestCaption)
	}
	return nil
}

func (a *API) addPhoto(ctx context.Context, in *uploadInput) (*one[keptSiteView], error) {
	caption, photo, err := in.parts()
	if err != nil {
		return nil, err
	}
	changed, err := a.Site.AddPhoto(ctx, dutyOf(ctx), in.ID, caption, photo)
	return a.afterChange(ctx, changed, err)
}

type arrangePhotosInput struct {
	ByID
	Body struct {
		Seen
		Photos []photoForm `json:"photos" maxItems:"40" nullable:"false" doc:"留下的照片，按顺序；没有列出的就删去"`
	}
}

type photoForm struct {
	URL     string `json:"url" maxLength:"500"`
	Caption string `json:"caption" maxLength:"60" doc:"照片说明"`
}

func (a *API) arrangePhotos(ctx context.Context, in *arrangePhotosInput) (*one[keptSiteView], error) {
	wanted := each(in.Body.Photos, func(f photoForm) model.Photo { return model.Photo(f) })
	changed, err := a.Site.Arrange(ctx, dutyOf(ctx), in.ID, in.Body.Version, wanted)
	return a.afterChange(ctx, changed, err)
}

type photoOutput struct {
	Type  string `header:"Content-Type"`
	Cache string `header:"Cache-Control"`
	Rules string `header:"Content-Security-Policy"`
	Body  []byte
}

func (*photoOutput) mediaType() string { return "image/jpeg" }

// What is at a picture's address never changes; a month, so that a picture that had to go is not kept for ever.
const (
	keptForAMonth = "public, max-age=2592000, immutable"
	nothingRuns   = "default-src 'none'; sandbox"
)

func (a *API) photo(ctx context.Context, in *ByID) (*photoOutput, error) {
	content, err := a.Site.Photo(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &photoOutput{"image/jpeg", keptForAMonth, nothingRuns, content}, nil
}
