package premises

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"jiamenkou/model"
)

// AddPhoto puts a picture at the end of a site's list. What the camera wrote beside it (where, when, with what) is not
// kept. The same picture again is ErrPhotoExists, so that sending it twice adds it once.
func (s *Service) AddPhoto(ctx context.Context, by model.OnDuty, siteID, caption string, upload []byte) (site model.Site, err error) {
	if site, err = s.site(ctx, by, siteID); err != nil {
		return site, err
	}
	if caption = strings.TrimSpace(caption); caption == "" {
		return site, model.ErrPhotoCaption
	}
	if len(site.Photos) >= s.Limits.Photos { // before the work; the lock judges again
		return site, model.ErrTooManyPhotos
	}
	picture, err := s.darkroom.develop(ctx, upload)
	if err != nil {
		return site, err
	}
	sum := sha256.Sum256(picture.jpeg)
	file := model.PhotoFile{
		SiteID: siteID, Digest: hex.EncodeToString(sum[:]), Width: picture.width, Height: picture.height, Content: picture.jpeg, CreatedAt: s.Now(),
	}
	return s.hang(ctx, by, file, caption)
}

// hang adds a developed picture. Whoever adds one overwrites nothing, so no version is asked for.
func (s *Service) hang(ctx context.Context, by model.OnDuty, file model.PhotoFile, caption string) (site model.Site, err error) {
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		if site, err = tx.LockSite(ctx, file.SiteID); err != nil {
			return err
		}
		if !by.Covers(site) { // another has moved it away meanwhile
			return model.ErrSiteNotFound
		}
		if len(site.Photos) >= s.Limits.Photos {
			return model.ErrTooManyPhotos
		}
		file.ID = tx.NewID()
		if err := tx.AddPhotoFile(ctx, file); err != nil {
			return err
		}
		site.Photos, site.UpdatedAt = append(site.Photos, file.Photo(caption)), s.Now()
		if err := tx.SaveSite(ctx, site, site.Version); err != nil {
			return err
		}
		site.Version++
		return tx.AddEvents(ctx, site.Changed(site.Status, by.StaffID, "添照片", s.Now()))
	})
	return site, err
}

// Arrange gives a site's photos in another order, with other captions, or fewer of them. What is left out is gone at
// once; only browsers that have it keep it for a while.
func (s *Service) Arrange(ctx context.Context, by model.OnDuty, siteID string, seen int, wanted []model.Photo) (model.Site, error) {
	return s.change(ctx, by, siteID, seen, func(tx *model.Store, site model.Site) (model.Site, string, error) {
		before := len(site.Photos)
		arranged, err := site.Photos.Arrange(wanted)
		if err != nil {
			return site, "", err
		}
		site.Photos = arranged
		what := "排照片、改说明"
		if len(arranged) < before {
			what = "删照片"
		}
		return site, what, tx.DropPhotoFiles(ctx, site)
	})
}

// Photo gives a picture's content, JPEG.
func (s *Service) Photo(ctx context.Context, id string) ([]byte, error) {
	file, err := s.Store.FindPhotoFile(ctx, id)
	return slices.Clip(file.Content), err
}
