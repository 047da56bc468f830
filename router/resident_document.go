package router

import (
	"context"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/account"
)

type documentView struct {
	ID          string    `json:"id"`
	Code        string    `json:"code"`
	Version     int       `json:"version"`
	Title       string    `json:"title"`
	Body        string    `json:"body"`
	NeededFor   string    `json:"needed_for" enum:"child,booking" doc:"添加孩子前，或首次预约前，须同意"`
	PublishedAt time.Time `json:"published_at"`
}

func (a *API) viewDocument(d model.Document) documentView {
	return documentView{d.ID, d.Code, d.Version, d.Title, d.Body, string(d.NeededFor), d.PublishedAt.In(a.Zone)}
}

func (a *API) listDocuments(ctx context.Context, _ *none) (*list[documentView], error) {
	documents, err := a.Account.Documents(ctx)
	return listed(a.viewDocument, documents, err)
}

type agreementView struct {
	Document string     `json:"document_id"`
	Code     string     `json:"code"`
	Version  int        `json:"version"`
	Title    string     `json:"title"`
	Agreed   bool       `json:"agreed"`
	AgreedAt *time.Time `json:"agreed_at,omitempty"`
}

func (a *API) listConsents(ctx context.Context, _ *none) (*list[agreementView], error) {
	agreements, err := a.Account.Agreements(ctx, sessionOf(ctx).Resident)
	return listed(a.viewAgreement, agreements, err)
}

func (a *API) viewAgreement(g account.Agreement) agreementView {
	v := agreementView{Document: g.ID, Code: g.Code, Version: g.Version, Title: g.Title, Agreed: g.Consent != nil}
	if g.Consent != nil {
		v.AgreedAt = a.local(&g.Consent.AgreedAt)
	}
	return v
}

type byDocument struct {
	Document string `path:"document" doc:"文件编号"`
}

func (a *API) agree(ctx context.Context, in *byDocument) (*none, error) {
	return nil, a.Account.Agree(ctx, sessionOf(ctx).Resident, in.Document)
}

func (a *API) withdraw(ctx context.Context, in *byDocument) (*none, error) {
	return nil, a.Account.WithdrawConsent(ctx, sessionOf(ctx).Resident, in.Document)
}
