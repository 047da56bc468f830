package router

import (
	"context"
	"slices"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/overview"
)

// ExportView is a file that one asked for.
type ExportView struct {
	ID        string    `json:"id"`
	Content   string    `json:"content" enum:"figures,sessions" doc:"概览的数字，或每场一行"`
	Format    string    `json:"format" enum:"csv,xlsx"`
	From      string    `json:"from" format:"date"`
	To        string    `json:"to" format:"date"`
	Sites     int       `json:"sites" doc:"包含几个宝宝屋"`
	Status    string    `json:"status" enum:"owed,ready" doc:"在准备、可以下载"`
	Done      int       `json:"done" doc:"已写好的行"`
	Total     int       `json:"total" doc:"共多少行"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at" doc:"到时删除"`
}

func (a *API) viewExportFile(e model.Export) ExportView {
	return ExportView{
		e.ID, string(e.Content), string(e.Format), e.FromDate.String(), e.UntilDate.String(), len(e.Sites), string(e.Status),
		min(e.Done, e.Total), e.Total, e.CreatedAt.In(a.Zone), e.ExpiresAt.In(a.Zone),
	}
}

type askExportInput struct {
	Keyed
	Body struct {
		Content     string `json:"content" enum:"figures,sessions" doc:"概览的数字，或每场一行"`
		Format      string `json:"format" enum:"csv,xlsx"`
		From        string `json:"from" format:"date"`
		To          string `json:"to" format:"date"`
		Subdistrict string `json:"subdistrict,omitempty" maxLength:"9" doc:"只要一个街镇"`
		Site        string `json:"site,omitempty" maxLength:"26" doc:"只要一个宝宝屋"`
	}
}

func (a *API) askExport(ctx context.Context, in *askExportInput) (*one[ExportView], error) {
	b := in.Body
	q, err := a.askedPeriod(PeriodAsked{From: b.From, To: b.To, Subdistrict: b.Subdistrict, Site: b.Site})
	if err != nil {
		return nil, err
	}
	wanted := overview.Wanted{Query: q, Content: model.ExportContent(b.Content), Format: model.ExportFormat(b.Format)}
	e, err := a.Overview.Export(ctx, dutyOf(ctx), in.Key, wanted)
	return shown(a.viewExportFile, e, err)
}

func (a *API) listExports(ctx context.Context, _ *none) (*list[ExportView], error) {
	found, err := a.Overview.Exports(ctx, dutyOf(ctx))
	return listed(a.viewExportFile, found, err)
}

func (a *API) findExport(ctx context.Context, in *ByID) (*one[ExportView], error) {
	e, err := a.Overview.FindExport(ctx, dutyOf(ctx), in.ID)
	return shown(a.viewExportFile, e, err)
}

// sheetOutput is a file as a browser saves it; nothing on the way keeps it.
type sheetOutput struct {
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Cache       string `header:"Cache-Control"`
	Rules       string `header:"Content-Security-Policy"`
	Body        []byte
}

func (*sheetOutput) mediaType() string { return "application/octet-stream" }

func (a *API) downloadExport(ctx context.Context, in *ByID) (*sheetOutput, error) {
	e, content, err := a.Overview.ReadExport(ctx, dutyOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	name := string(e.Content) + "-" + e.FromDate.String() + "-" + e.UntilDate.String() + "." + string(e.Format)
	return &sheetOutput{(*sheetOutput)(nil).mediaType(), `attachment; filename="` + name + `"`, "no-store", nothingRuns, content}, nil
}

// exportOperations are files of figures.
func (a *API) exportOperations(t *table) {
	const v1 = "/console/api/v1"
	look := staffWho(model.MayLook)
	asked := faults{ErrDateInvalid, model.ErrPeriod, model.ErrSiteNotFound, model.ErrSubdistrictNotFound}
	t.section("工作台：导出")
	add(t, row{"GET", v1 + "/exports", look, "read", 200, "我导出的、还没有到期的文件", nil}, a.listExports)
	add(t, row{"POST", v1 + "/exports", look, "write", 201, "导出；短的马上就好，长的在后台准备", slices.Concat(asked, keyFaults)}, a.askExport)
	add(t, row{"GET", v1 + "/exports/{id}", look, "read", 200, "一个导出的文件准备到哪里了", faults{model.ErrExportNotFound}}, a.findExport)
	add(t, row{"GET", v1 + "/exports/{id}/file", look, "read", 200, "下载；只有导出的人能下载，到期删除", faults{model.ErrExportNotFound, model.ErrExportNotReady}}, a.downloadExport)
}
