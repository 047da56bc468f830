package model

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ErrTrailKept refuses to purge what has to be kept. Only the command line can ask for that.
var ErrTrailKept = errors.New("the record of what was done is kept for at least 180 days: nothing has been removed")

// TrailKeep is how long records of what was done are kept at least (网络安全法第二十一条: six months).
const TrailKeep = 180 * 24 * time.Hour

// TrailPart says which of the facts about one request a record is.
type TrailPart string

const (
	TrailBegun   TrailPart = "begun"   // written before anything is done; without an outcome nobody knows how it ended
	TrailEnded   TrailPart = "ended"   // how it ended
	TrailRefused TrailPart = "refused" // turned away at the door: nothing was begun
)

// Hand is who did something, by kind.
type Hand string

const (
	HandStaff   Hand = "staff"
	HandCommand Hand = "command" // the command line
	HandNobody  Hand = "nobody"  // nobody has signed in yet
)

// TrailRecord is one fact about who did what when from where. It is written once; only its place in the chain is given
// afterwards. Reasons are not in it, since people write names into them: they stand in the events of what was changed.
type TrailRecord struct {
	ID              string    `gorm:"type:char(26);primaryKey"`
	RequestID       string    `gorm:"type:char(26);uniqueIndex:trail_records_once,priority:1"` // ties begun and ended
	Part            TrailPart `gorm:"size:8;uniqueIndex:trail_records_once,priority:2"`
	HappenedAt      time.Time `gorm:"precision:3;index:trail_records_by_time;index:trail_records_by_staff,priority:2;index:trail_records_by_subject,priority:2"`
	Hand            Hand      `gorm:"size:16"`
	StaffID         string    `gorm:"size:26;index:trail_records_by_staff,priority:1"`
	StaffName       string    `gorm:"size:40"` // as it stood
	Operation       string    `gorm:"size:80"` // the operation's id in the document, or the command
	Subject         string    `gorm:"size:24"`
	SubjectID       string    `gorm:"size:26;index:trail_records_by_subject,priority:1"`
	SiteID          string    `gorm:"size:26"` // where it fell, if that is known
	SubdistrictCode string    `gorm:"size:26"`
	Address         string    `gorm:"size:64"`
	Device          string    `gorm:"size:60"`
	Status          int       `gorm:"type:int"` // of HTTP; 0 while begun. A command: 0 well, 1 failed
	Code            string    `gorm:"size:48"`  // of the refusal; empty: it went well
	Seq             *int64    `gorm:"type:bigint;uniqueIndex:trail_records_seq"`
	Hash            string    `gorm:"size:64"`
}

// TrailChain is where the chain ends and where it begins. The anchor is the last record that was purged.
type TrailChain struct {
	ID         int    `gorm:"type:int;primaryKey;autoIncrement:false"`
	HeadSeq    int64  `gorm:"type:bigint"`
	HeadHash   string `gorm:"size:64"`
	AnchorSeq  int64  `gorm:"type:bigint"`
	AnchorHash string `gorm:"size:64"`
}

// trailVersion begins what is hashed: another way to spell a record takes another version.
const trailVersion = "jiamenkou-trail-1"

// Link is the hash of the record at its place: SHA-256 of version, number, hash before, and every field, each behind its
// length in bytes and a colon. Anybody can compute it.
func (r TrailRecord) Link(seq int64, before string) string {
	var text strings.Builder
	for _, part := range []string{
		trailVersion, strconv.FormatInt(seq, 10), before,
		r.ID, r.RequestID, string(r.Part), strconv.FormatInt(r.HappenedAt.UnixMilli(), 10), string(r.Hand), r.StaffID, r.StaffName, r.Operation,
		r.Subject, r.SubjectID, r.SiteID, r.SubdistrictCode, r.Address, r.Device, strconv.Itoa(r.Status), r.Code,
	} {
		fmt.Fprintf(&text, "%d:%s", len(part), part)
	}
	sum := sha256.Sum256([]byte(text.String()))
	return hex.EncodeToString(sum[:])
}

// TrailBreak says where the chain does not hold, and how.
type TrailBreak struct {
	Seq int64
	Why TrailWrong
}

// TrailWrong is a way in which the chain does not hold.
type TrailWrong string

const (
	TrailChanged TrailWrong = "changed" // the record is not what was linked
	TrailMissing TrailWrong = "missing" // no record has the number
	TrailForeign TrailWrong = "foreign" // a record has a number that the chain never gave
	TrailHead    TrailWrong = "head"    // the head is not the last record's
	TrailNoted   TrailWrong = "noted"   // the head noted earlier is not in the chain
)

// Follow walks on from a place in the chain over the records that come next, and stops at the first that does not fit.
func (c TrailChain) Follow(next []TrailRecord) (TrailChain, *TrailBreak) {
	for _, r := range next {
		want := c.HeadSeq + 1
		switch {
		case r.Seq == nil || *r.Seq != want:
			return c, &TrailBreak{want, TrailMissing}
		case r.Hash != r.Link(want, c.HeadHash):
			return c, &TrailBreak{want, TrailChanged}
		}
		c.HeadSeq, c.HeadHash = want, r.Hash
	}
	return c, nil
}

// Start is the chain as it was when only what has been purged stood in it.
func (c TrailChain) Start() TrailChain {
	c.HeadSeq, c.HeadHash = c.AnchorSeq, c.AnchorHash
	return c
}

// MayPurge refuses to remove what has to be kept.
func MayPurge(keep time.Duration) error {
	if keep < TrailKeep {
		return ErrTrailKept
	}
	return nil
}
