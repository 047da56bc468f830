package notice

import (
	"context"
	"slices"

	"jiamenkou/model"
)

// Question is a kind of message that the mini-program can ask the resident to agree to.
type Question struct {
	Kind       model.NoticeKind `json:"kind"`
	TemplateID string           `json:"template_id"`
	Remaining  int              `json:"remaining"` // messages the resident still agrees to
}

// QuestionsFor gives what a resident can agree to and how much of it is left. Kinds that share a template share what is
// left of it.
func (s *Service) QuestionsFor(ctx context.Context, resident string) ([]Question, error) {
	return s.questions(ctx, s.Store, resident)
}

func (s *Service) questions(ctx context.Context, store *model.Store, resident string) ([]Question, error) {
	consents, err := store.ListMessageConsents(ctx, resident)
	if err != nil {
		return nil, err
	}
	left := map[string]int{}
	for _, c := range consents {
		left[c.TemplateID] = c.Remaining
	}
	templates, err := s.InForce(ctx, store)
	if err != nil {
		return nil, err
	}
	list := []Question{}
	for _, kind := range model.MessageKinds {
		if t, chosen := templates[kind]; chosen {
			list = append(list, Question{kind, t.TemplateID, left[t.TemplateID]})
		}
	}
	return list, nil
}

// Agree notes that the resident has agreed to one more message of each of the templates. The same key again gives the
// same answer.
func (s *Service) Agree(ctx context.Context, resident, key string, templates []string) ([]Question, error) {
	templates = slices.Compact(slices.Sorted(slices.Values(templates)))
	known, err := s.InForce(ctx, s.Store)
	if err != nil {
		return nil, err
	}
	for _, id := range templates {
		if !known.know(id) {
			return nil, model.ErrTemplateUnknown
		}
	}
	return model.Once(ctx, s.Store, s.agreement(resident, key, templates), func(tx *model.Store) ([]Question, error) {
		if err := s.agree(ctx, tx, resident, templates); err != nil {
			return nil, err
		}
		return s.questions(ctx, tx, resident)
	})
}

// agree takes turns with the closing of the account, after which there is nobody to send anything to.
func (s *Service) agree(ctx context.Context, tx *model.Store, resident string, templates []string) error {
	who, err := tx.LockResident(ctx, resident)
	if err != nil || who.Status == model.ResidentClosed {
		return err
	}
	for _, id := range templates {
		if err := tx.AddMessageConsent(ctx, resident, id, s.Now()); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) agreement(resident, key string, templates []string) model.Request {
	return model.NewRequest(resident, key, "agree_to_messages", templates, s.Now(), s.Limits.KeepAnswers)
}

func (t Templates) know(id string) bool {
	for _, one := range t {
		if one.TemplateID == id {
			return true
		}
	}
	return false
}
