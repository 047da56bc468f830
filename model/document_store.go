package model

import (
	"context"
	"time"

	"gorm.io/gorm/clause"
)

// current limits a query on documents to the newest published version of each code.
const current = `published_at <= ? AND version = (
	SELECT MAX(newer.version) FROM documents AS newer WHERE newer.code = documents.code AND newer.published_at <= ?)`

// ListCurrentDocuments gives the texts in force, by code.
func (s *Store) ListCurrentDocuments(ctx context.Context, now time.Time) ([]Document, error) {
	var list []Document
	err := s.db.WithContext(ctx).Where(current, now, now).Order("code").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// FindDocument gives one version of a text.
func (s *Store) FindDocument(ctx context.Context, id string) (Document, error) {
	var one Document
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrDocumentNotFound)
}

// ListMissingDocuments gives the current texts needed for one of the purposes that the resident has not agreed to.
func (s *Store) ListMissingDocuments(ctx context.Context, residentID string, now time.Time, purposes ...NeededFor) ([]Document, error) {
	agreed := s.db.Model(&Consent{}).Select("document_id").Where("resident_id = ? AND withdrawn_at IS NULL", residentID)
	var list []Document
	err := s.db.WithContext(ctx).Where(current, now, now).Where("needed_for IN ? AND id NOT IN (?)", purposes, agreed).
		Order("code").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListConsentsOf gives all agreements of a resident, withdrawn ones included.
func (s *Store) ListConsentsOf(ctx context.Context, residentID string) ([]Consent, error) {
	var list []Consent
	err := s.db.WithContext(ctx).Where("resident_id = ?", residentID).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// AddConsent notes the agreement; agreeing again after withdrawing starts anew, agreeing twice changes nothing.
func (s *Store) AddConsent(ctx context.Context, c Consent) error {
	c.ID = s.NewID()
	err := s.db.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&c).Error
	if err != nil {
		return s.fault(ctx, err, nil)
	}
	err = s.db.WithContext(ctx).Model(&Consent{}).
		Where("resident_id = ? AND document_id = ? AND withdrawn_at IS NOT NULL", c.ResidentID, c.DocumentID).
		Updates(map[string]any{"agreed_at": c.AgreedAt, "withdrawn_at": nil}).Error
	return s.fault(ctx, err, nil)
}

// WithdrawConsent ends an agreement.
func (s *Store) WithdrawConsent(ctx context.Context, residentID, documentID string, at time.Time) error {
	done := s.db.WithContext(ctx).Model(&Consent{}).
		Where("resident_id = ? AND document_id = ? AND withdrawn_at IS NULL", residentID, documentID).Update("withdrawn_at", at)
	return s.took(ctx, done, ErrDocumentNotFound)
}
