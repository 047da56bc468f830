package model

import (
	"context"
	"errors"

	"gorm.io/gorm"
)

// FindMessageTemplate gives the newest version of what the console has said of the kind; before the first the zero
// MessageTemplate.
func (s *Store) FindMessageTemplate(ctx context.Context, kind NoticeKind) (one MessageTemplate, err error) {
	err = s.db.WithContext(ctx).Where("kind = ?", kind).Order("version DESC").Take(&one).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return MessageTemplate{Kind: kind}, nil
	}
	return one, s.fault(ctx, err, nil)
}

// MapMessageTemplates gives the newest version of each kind of which the console has said something.
func (s *Store) MapMessageTemplates(ctx context.Context) (map[NoticeKind]MessageTemplate, error) {
	newest := s.db.Model(&MessageTemplate{}).Select("kind, MAX(version)").Group("kind")
	var list []MessageTemplate
	err := s.db.WithContext(ctx).Where("(kind, version) IN (?)", newest).Find(&list).Error
	found := make(map[NoticeKind]MessageTemplate, len(list))
	for _, m := range list {
		found[m.Kind] = m
	}
	return found, s.fault(ctx, err, nil)
}

// ListMessageTemplates gives every version of a kind, newest first.
func (s *Store) ListMessageTemplates(ctx context.Context, kind NoticeKind) ([]MessageTemplate, error) {
	var list []MessageTemplate
	err := s.db.WithContext(ctx).Where("kind = ?", kind).Order("version DESC").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// AddMessageTemplate writes the next version of a kind; ErrChangedMeanwhile when another has the number.
func (s *Store) AddMessageTemplate(ctx context.Context, m MessageTemplate) error {
	return s.addVersion(ctx, &m)
}

// CountAgreed gives, by template, how many residents agree to at least one more message of it. It reads through all
// consents: for the page of an administrator, not for what is done often.
func (s *Store) CountAgreed(ctx context.Context) (map[string]int, error) {
	var rows []struct {
		TemplateID string
		Residents  int
	}
	err := s.db.WithContext(ctx).Model(&MessageConsent{}).Select("template_id, COUNT(*) AS residents").
		Where("remaining > 0").Group("template_id").Find(&rows).Error
	agreed := make(map[string]int, len(rows))
	for _, r := range rows {
		agreed[r.TemplateID] = r.Residents
	}
	return agreed, s.fault(ctx, err, nil)
}
