package model

import (
	"strings"
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrPhotoNotFound   = fault.New(fault.NotFound, "photo_not_found", "没有这张照片。")
	ErrPhotoUnreadable = fault.New(fault.Invalid, "photo_unreadable", "打不开这张照片。请另存为JPEG、PNG或WebP格式再传。")
	ErrPhotoTooLarge   = fault.New(fault.Invalid, "photo_too_large", "这张照片的像素太多，请先缩小到2500万像素以内。")
	ErrPhotoCaption    = fault.New(fault.Invalid, "photo_caption_missing", "请写一句照片说明，看不见图的人会听到它。")
	ErrPhotoExists     = fault.New(fault.Conflict, "photo_exists", "这个宝宝屋已有这张照片。")
	ErrTooManyPhotos   = fault.New(fault.Conflict, "too_many_photos", "照片已到上限，请先删去一张。")
	ErrPhotosUnknown   = fault.New(fault.Invalid, "photos_unknown", "照片的排列里有不认识的或重复的照片，请刷新后再排。")
)

// PhotoPath is where a picture is read; what is there never changes.
const PhotoPath = "/api/v1/photos/"

// PhotoFile is a picture of a site as it is handed out: JPEG, without anything the camera wrote beside it.
type PhotoFile struct {
	ID        string    `gorm:"type:char(26);primaryKey"`
	SiteID    string    `gorm:"type:char(26);uniqueIndex:photo_files_once,priority:1"`
	Digest    string    `gorm:"type:char(64);uniqueIndex:photo_files_once,priority:2"` // hex SHA-256 of the content
	Width     int       `gorm:"type:int"`
	Height    int       `gorm:"type:int"`
	Content   []byte    `gorm:"type:mediumblob"`
	CreatedAt time.Time `gorm:"precision:3"`
}

// Photo is the file in a site's list.
func (f PhotoFile) Photo(caption string) Photo { return Photo{PhotoPath + f.ID, caption} }

// FileID is the id of the photo's file; empty for a picture that lies elsewhere.
func (p Photo) FileID() string {
	id, here := strings.CutPrefix(p.URL, PhotoPath)
	if !here {
		return ""
	}
	return id
}

// Arrange gives the photos in another order, with other captions, or fewer of them. Each must be one of those there are,
// once, and have a caption.
func (p Photos) Arrange(wanted []Photo) (Photos, error) {
	there := map[string]bool{}
	for _, photo := range p {
		there[photo.URL] = true
	}
	arranged := Photos{}
	for _, photo := range wanted {
		if !there[photo.URL] {
			return nil, ErrPhotosUnknown
		}
		there[photo.URL] = false
		if photo.Caption = strings.TrimSpace(photo.Caption); photo.Caption == "" {
			return nil, ErrPhotoCaption
		}
		arranged = append(arranged, photo)
	}
	return arranged, nil
}
