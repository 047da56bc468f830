package router

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"jiamenkou/model"
	"jiamenkou/model/fault"
	"jiamenkou/service/staff"
)

// openings are the operations that read, and show what is sealed or a family's whole file: they leave a record like those
// that change something.
var openings = []string{
	"/console/api/v1/appeals/{id}", "/console/api/v1/residents/{id}", "/console/api/v1/residents/{id}/children",
}

// trailed reports the operations that leave a record of who did them. It is asked where every operation of the console
// passes, so that none can be forgotten.
func (r row) trailed() bool {
	return r.who.ofConsole() && (r.method != http.MethodGet || slices.Contains(openings, r.path))
}

// leaveTrail lets an operation run between a record that it begins and one of how it ended. Whatever ends the program in
// between leaves the first.
func (a *API) leaveTrail(c *gin.Context, ctx huma.Context, r row, session staff.Session, next func(huma.Context)) {
	begun, err := a.Trail.Begin(ctx.Context(), a.trailRecord(ctx.Context(), c, r, session.Duty))
	if err != nil {
		refuse(c, err)
		return
	}
	whole := false
	defer func() { a.endTrail(ctx.Context(), c, begun, whole) }()
	next(ctx)
	whole = true
}

// endTrail writes how it ended; unless the handler came back, it panicked.
func (a *API) endTrail(ctx context.Context, c *gin.Context, r model.TrailRecord, whole bool) {
	n := noteOf(ctx)
	r.Status = c.Writer.Status()
	if n.fault != nil {
		r.Code = n.fault.Code
	}
	if !whole {
		r.Status, r.Code = http.StatusInternalServerError, ErrInternal.Code
	}
	if r.StaffID == "" {
		r.StaffID = n.triedAs
		if n.triedAs != "" && r.Code == "" {
			r.Hand = model.HandStaff
		}
	}
	if err := a.Trail.End(ctx, r); err != nil {
		a.Log.ErrorContext(ctx, "the outcome is not in the trail", "request_id", n.id, "cause", err)
	}
}

// trailRefused writes that somebody who is signed in was turned away. Those nobody knows leave nothing, nor does haste:
// anybody could fill the table.
func (a *API) trailRefused(ctx context.Context, c *gin.Context, r row, session any, refusal error) {
	who, is := session.(staff.Session)
	f := fault.Of(refusal)
	if !is || who.Duty.StaffID == "" || f == nil || !r.trailed() {
		return
	}
	record := a.trailRecord(ctx, c, r, model.OnDuty{StaffID: who.Duty.StaffID, Name: who.Duty.Name})
	record.Status, record.Code = statusOf[f.Kind], f.Code
	if err := a.Trail.Refuse(ctx, record); err != nil {
		a.Log.ErrorContext(ctx, "a refusal is not in the trail", "request_id", record.RequestID, "cause", err)
	}
}

// trailRecord is who is about to do what from where. On is what the address names; what it falls in is the one scope of
// the person's, where there is one, until more is known.
func (a *API) trailRecord(ctx context.Context, c *gin.Context, r row, duty model.OnDuty) model.TrailRecord {
	record := model.TrailRecord{
		RequestID: noteOf(ctx).id, Hand: model.HandStaff, StaffID: duty.StaffID, StaffName: duty.Name, Operation: operationID(r),
		Address: standsFor(c.ClientIP()), Device: deviceOf(c.Request.UserAgent()),
	}
	if duty.StaffID == "" {
		record.Hand = model.HandNobody
	}
	record.Subject, record.SubjectID = subjectOf(r.path, c.Param)
	if len(duty.Grants) == 1 {
		switch g := duty.Grants[0]; g.Scope {
		case model.ScopeSite:
			record.SiteID = g.ScopeID
		case model.ScopeSubdistrict:
			record.SubdistrictCode = g.ScopeID
		case model.ScopeDistrict:
		}
	}
	return record
}

// plainID is what our ids look like; whatever else an address holds may be anything, and stays out of the trail.
var plainID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,26}$`)

// subjectOf is the kind of the first record that an address names, and its id.
func subjectOf(path string, param func(string) string) (kind, id string) {
	before, after, named := strings.Cut(strings.TrimPrefix(path, "/console/api/v1/"), "/{")
	if !named {
		return "", ""
	}
	name, _, _ := strings.Cut(after, "}")
	if id = param(name); !plainID.MatchString(id) {
		id = ""
	}
	return before[strings.LastIndex(before, "/")+1:], id
}
