package router

import (
	"context"

	"jiamenkou/service/premises"
)

type keptCertificateView struct {
	Kind      string `json:"kind"`
	Issuer    string `json:"issuer"`
	IssuedOn  string `json:"issued_on" format:"date"`
	ExpiresOn string `json:"expires_on,omitempty" format:"date" doc:"最后有效的一天；没有则长期有效"`
	Standing  string `json:"standing" enum:"holds,expiring,expired" doc:"有效、快到期、已过期"`
}

type keptCarerView struct {
	ID           string                `json:"id"`
	Site         string                `json:"site_id"`
	Name         string                `json:"name"`
	Title        string                `json:"title"`
	Intro        string                `json:"intro"`
	Status       string                `json:"status" enum:"active,left" doc:"在岗、离岗"`
	Certificates []keptCertificateView `json:"certificates" nullable:"false"`
	Missing      []string              `json:"missing" nullable:"false" doc:"必备而没有、或今天无效的证书"`
	Version      int                   `json:"version"`
}

func viewKeptCarer(c premises.Carer) keptCarerView {
	return keptCarerView{
		ID: c.ID, Site: c.SiteID, Name: c.Name, Title: c.Title, Intro: c.Intro, Status: string(c.Status),
		Certificates: each(c.Certificates, viewKeptCertificate), Missing: each(c.Missing, func(kind string) string { return kind }), Version: c.Version,
	}
}

func viewKeptCertificate(h premises.Held) keptCertificateView {
	seen := viewCertificate(h.CarerCertificate)
	return keptCertificateView{seen.Kind, seen.Issuer, h.IssuedOn.String(), seen.ExpiresOn, string(h.Standing)}
}

func carerAfter(c premises.Carer, err error) (*one[keptCarerView], error) {
	return shown(viewKeptCarer, c, err)
}

type certificateForm struct {
	Kind      string `json:"kind" maxLength:"40" doc:"证书名称，如教师资格证"`
	Issuer    string `json:"issuer" maxLength:"80" doc:"发证机关"`
	IssuedOn  string `json:"issued_on" format:"date"`
	ExpiresOn string `json:"expires_on,omitempty" format:"date" doc:"最后有效的一天；不填为长期有效"`
}

func (f certificateForm) certificate() premises.Certificate {
	c := premises.Certificate{Kind: f.Kind, Issuer: f.Issuer, IssuedOn: dayOf(f.IssuedOn)}
	if expires := dayOf(f.ExpiresOn); !expires.IsZero() {
		c.ExpiresOn = &expires
	}
	return c
}

// CarerForm is what staff fill in of a carer.
type CarerForm struct {
	Name         string            `json:"name" maxLength:"40"`
	Title        string            `json:"title" maxLength:"40" doc:"职务，如照护组长；可以不写"`
	Intro        string            `json:"intro" maxLength:"400" doc:"介绍，居民看得到；可以不写"`
	Certificates []certificateForm `json:"certificates" maxItems:"20" nullable:"false" doc:"全部证书；没有列出的就没有了"`
}

func (f CarerForm) form() premises.CarerForm {
	return premises.CarerForm{Name: f.Name, Title: f.Title, Intro: f.Intro, Certificates: each(f.Certificates, certificateForm.certificate)}
}

type addCarerInput struct {
	ByID
	Keyed
	Body CarerForm
}

func (a *API) addCarer(ctx context.Context, in *addCarerInput) (*one[keptCarerView], error) {
	return carerAfter(a.Site.AddCarer(ctx, dutyOf(ctx), in.Key, in.ID, in.Body.form()))
}

type changeCarerInput struct {
	ByID
	Body struct {
		Seen
		CarerForm
	}
}

func (a *API) changeCarer(ctx context.Context, in *changeCarerInput) (*one[keptCarerView], error) {
	return carerAfter(a.Site.ChangeCarer(ctx, dutyOf(ctx), in.ID, in.Body.Version, in.Body.form()))
}

func (a *API) carerLeaves(ctx context.Context, in *seenInput) (*one[keptCarerView], error) {
	return carerAfter(a.Site.Leave(ctx, dutyOf(ctx), in.ID, in.Body.Version))
}

func (a *API) carerReturns(ctx context.Context, in *seenInput) (*one[keptCarerView], error) {
	return carerAfter(a.Site.Return(ctx, dutyOf(ctx), in.ID, in.Body.Version))
}
