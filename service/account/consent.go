package account

import (
	"context"

	"jiamenkou/model"
)

// Agreement is a current document and whether the resident agrees to it.
type Agreement struct {
	model.Document
	Consent *model.Consent // nil when not agreed to, or withdrawn
}

// Agreements gives the documents in force with the resident's standing on each.
func (s *Service) Agreements(ctx context.Context, resident string) ([]Agreement, error) {
	documents, err := s.Documents(ctx)
	if err != nil {
		return nil, err
	}
	consents, err := s.Store.ListConsentsOf(ctx, resident)
	if err != nil {
		return nil, err
	}
	list := make([]Agreement, len(documents))
	for i, d := range documents {
		list[i] = Agreement{d, standing(consents, d.ID)}
	}
	return list, nil
}

func standing(consents []model.Consent, documentID string) *model.Consent {
	for i := range consents {
		if consents[i].DocumentID == documentID && consents[i].WithdrawnAt == nil {
			return &consents[i]
		}
	}
	return nil
}

// Documents gives the texts in force.
func (s *Service) Documents(ctx context.Context) ([]model.Document, error) {
	return s.Store.ListCurrentDocuments(ctx, s.Now())
}

// Agree notes the resident's agreement to a document, which must still be the version in force.
func (s *Service) Agree(ctx context.Context, resident, documentID string) error {
	if _, err := s.currentDocument(ctx, documentID); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		if _, err := lock(ctx, tx, resident); err != nil {
			return err
		}
		return tx.AddConsent(ctx, model.Consent{ResidentID: resident, DocumentID: documentID, AgreedAt: s.Now()})
	})
}

// currentDocument gives a document that is the version in force.
func (s *Service) currentDocument(ctx context.Context, id string) (model.Document, error) {
	document, err := s.Store.FindDocument(ctx, id)
	if err != nil {
		return document, err
	}
	documents, err := s.Documents(ctx)
	if err == nil && !inForce(documents, id) {
		err = model.ErrDocumentOutdated
	}
	return document, err
}

func inForce(documents []model.Document, id string) bool {
	for _, d := range documents {
		if d.ID == id {
			return true
		}
	}
	return false
}

// WithdrawConsent ends an agreement, once nothing rests on it any more: no child's data, or no live booking, depending on
// what the document is needed for.
func (s *Service) WithdrawConsent(ctx context.Context, resident, documentID string) error {
	document, err := s.Store.FindDocument(ctx, documentID)
	if err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		if _, err := lock(ctx, tx, resident); err != nil {
			return err
		}
		if err := s.restsOn(ctx, tx, resident, document.NeededFor); err != nil {
			return err
		}
		return tx.WithdrawConsent(ctx, resident, documentID, s.Now())
	})
}

// restsOn refuses while something rests on the agreement. The children are locked first: whoever is booking for one is
// done then, or asks for the agreement after us.
func (s *Service) restsOn(ctx context.Context, tx *model.Store, resident string, needed model.NeededFor) error {
	children, err := tx.ListChildrenOf(ctx, resident)
	if err != nil {
		return err
	}
	if needed == model.NeededForChild && len(children) > 0 {
		return model.ErrConsentInUse
	}
	for _, child := range children {
		if _, err := tx.LockChild(ctx, resident, child.ID); err != nil {
			return err
		}
	}
	waiting, err := tx.ListWaitingOf(ctx, resident, true, "", 1)
	if err != nil {
		return err
	}
	if len(waiting) > 0 {
		return model.ErrConsentInUse
	}
	applied, err := tx.ListApplicationsOf(ctx, resident, true, "", 1)
	if err != nil {
		return err
	}
	if len(applied) > 0 {
		return model.ErrConsentInUse
	}
	live, err := tx.ListBookingsOf(ctx, resident, model.BookingFilter{LiveAt: s.Now()}, "", 1)
	if err == nil && len(live) > 0 {
		return model.ErrConsentInUse
	}
	return err
}
