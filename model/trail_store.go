package model

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
)

const (
	theChain     = 1 // the id of the one row
	linksAtOnce  = 200
	followAtOnce = 1000
	purgeAtOnce  = 2000
)

// AddTrail writes one fact. It takes no lock that another writer wants.
func (s *Store) AddTrail(ctx context.Context, r TrailRecord) error {
	r.ID, r.Seq, r.Hash = s.NewID(), nil, ""
	return s.fault(ctx, s.db.WithContext(ctx).Create(&r).Error, nil)
}

// FindTrailChain gives where the chain begins and ends.
func (s *Store) FindTrailChain(ctx context.Context) (TrailChain, error) {
	var c TrailChain
	err := s.db.WithContext(ctx).Where("id = ?", theChain).Take(&c).Error
	return c, s.fault(ctx, err, nil)
}

// LockTrailChain holds the chain until the transaction ends: one at a time links or purges. Nothing else is locked with it.
func (s *Store) LockTrailChain(ctx context.Context) (TrailChain, error) {
	var c TrailChain
	err := s.engine.lockRows(s.db.WithContext(ctx), false).Where("id = ?", theChain).Take(&c).Error
	return c, s.fault(ctx, err, nil)
}

// LinkTrail gives records that have none their place in the chain, oldest first, some at a time; n is how many. The
// caller has the chain locked.
func (s *Store) LinkTrail(ctx context.Context, c TrailChain) (n int, err error) {
	var loose []TrailRecord
	err = s.db.WithContext(ctx).Where("seq IS NULL").Order("id").Limit(linksAtOnce).Find(&loose).Error
	if err != nil || len(loose) == 0 {
		return 0, s.fault(ctx, err, nil)
	}
	for _, r := range loose {
		seq := c.HeadSeq + 1
		hash := r.Link(seq, c.HeadHash)
		done := s.db.WithContext(ctx).Model(&TrailRecord{}).Where("id = ? AND seq IS NULL", r.ID).Updates(map[string]any{"seq": seq, "hash": hash})
		if err := s.took(ctx, done, ErrStoreBusy); err != nil {
			return 0, err
		}
		c.HeadSeq, c.HeadHash = seq, hash
	}
	return len(loose), s.saveTrailChain(ctx, c)
}

func (s *Store) saveTrailChain(ctx context.Context, c TrailChain) error {
	err := s.db.WithContext(ctx).Model(&TrailChain{}).Where("id = ?", theChain).Updates(map[string]any{
		"head_seq": c.HeadSeq, "head_hash": c.HeadHash, "anchor_seq": c.AnchorSeq, "anchor_hash": c.AnchorHash,
	}).Error
	return s.fault(ctx, err, nil)
}

// ListTrailLinks gives the records that follow a place in the chain, in its order, up to the number last.
func (s *Store) ListTrailLinks(ctx context.Context, after, last int64) ([]TrailRecord, error) {
	var list []TrailRecord
	err := s.db.WithContext(ctx).Where("seq > ? AND seq <= ?", after, last).Order("seq").Limit(followAtOnce).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// FindForeignLink gives a number outside of the chain that some record has. The caller has the chain locked.
func (s *Store) FindForeignLink(ctx context.Context, c TrailChain) (seq int64, found bool, err error) {
	var list []TrailRecord
	err = s.db.WithContext(ctx).Where("seq <= ? OR seq > ?", c.AnchorSeq, c.HeadSeq).Order("seq").Limit(1).Find(&list).Error
	if err != nil || len(list) == 0 {
		return 0, false, s.fault(ctx, err, nil)
	}
	return *list[0].Seq, true, nil
}

// FindTrailHash gives the hash at a place in the chain.
func (s *Store) FindTrailHash(ctx context.Context, seq int64) (hash string, found bool, err error) {
	var list []TrailRecord
	err = s.db.WithContext(ctx).Where("seq = ?", seq).Limit(1).Find(&list).Error
	if err != nil || len(list) == 0 {
		return "", false, s.fault(ctx, err, nil)
	}
	return list[0].Hash, true, nil
}

// CountLooseTrail counts the records that wait for their place in the chain.
func (s *Store) CountLooseTrail(ctx context.Context) (n int64, err error) {
	err = s.db.WithContext(ctx).Model(&TrailRecord{}).Where("seq IS NULL").Count(&n).Error
	return n, s.fault(ctx, err, nil)
}

// PurgeTrail removes the oldest records of the chain as long as they are from before the moment, some at a time, and
// leaves the last of them as the anchor; n is how many. The caller has the chain locked.
func (s *Store) PurgeTrail(ctx context.Context, c TrailChain, before time.Time) (n int64, err error) {
	last, err := s.lastBefore(ctx, c, before)
	if err != nil || last <= c.AnchorSeq {
		return 0, err
	}
	last = min(last, c.AnchorSeq+purgeAtOnce)
	hash, found, err := s.FindTrailHash(ctx, last)
	if err != nil {
		return 0, err
	}
	if !found {
		return 0, errors.New("the chain of the trail is broken: run jiamenkou audit verify")
	}
	done := s.db.WithContext(ctx).Where("seq > ? AND seq <= ?", c.AnchorSeq, last).Delete(&TrailRecord{})
	if done.Error != nil {
		return 0, s.fault(ctx, done.Error, nil)
	}
	c.AnchorSeq, c.AnchorHash = last, hash
	return done.RowsAffected, s.saveTrailChain(ctx, c)
}

// lastBefore is the place in the chain up to which everything is from before the moment.
func (s *Store) lastBefore(ctx context.Context, c TrailChain, before time.Time) (int64, error) {
	var kept []TrailRecord
	err := s.db.WithContext(ctx).Where("seq > ? AND happened_at >= ?", c.AnchorSeq, before).Order("seq").Limit(1).Find(&kept).Error
	if err != nil || len(kept) == 0 {
		return c.HeadSeq, s.fault(ctx, err, nil)
	}
	return *kept[0].Seq - 1, nil
}

// ofSite are the kinds of records that lie at a site, by the table that says at which.
var ofSite = map[string]string{
	"slots": "slots", "bookings": "bookings", "templates": "weekly_templates", "exceptions": "plan_exceptions", "rooms": "site_rooms",
	"carers": "carers", "appeals": "appeals", "waiting": "waiting_entries", "applications": "draw_applications",
}

// FindTrailPlace gives the site and the subdistrict a record lies in; empty when that is not known of its kind.
func (s *Store) FindTrailPlace(ctx context.Context, subject, id string) (site, subdistrict string, err error) {
	sites := s.db.WithContext(ctx).Table("sites").Select("sites.id, sites.subdistrict_code")
	switch table := ofSite[subject]; {
	case id == "":
		return "", "", nil
	case subject == "sites":
		sites = sites.Where("sites.id = ?", id)
	case table != "":
		sites = sites.Joins("JOIN "+table+" ON "+table+".site_id = sites.id").Where(table+".id = ?", id)
	default:
		return "", "", nil
	}
	var found Site
	err = sites.Take(&found).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return "", "", nil
	}
	return found.ID, found.SubdistrictCode, s.fault(ctx, err, nil)
}
