package router

import (
	"context"
	"maps"
	"slices"
	"time"

	"jiamenkou/model"
)

type workFigureView struct {
	Kind           string     `json:"kind" doc:"任务的种类"`
	Owed           int        `json:"owed" doc:"还没办的，含未到时间的"`
	Due            int        `json:"due" doc:"已到时间、还没办的"`
	Failing        int        `json:"failing" doc:"上一次没办成、还会再试的"`
	Dead           int        `json:"dead" doc:"多次失败、已停下的"`
	OldestDueAt    *time.Time `json:"oldest_due_at,omitempty" doc:"已到时间的里面最早的一项，是什么时候到的"`
	OverdueSeconds int        `json:"overdue_seconds" doc:"那一项已经等了多少秒"`
}

func (a *API) viewWorkFigure(f model.WorkFigure) workFigureView {
	return workFigureView{string(f.Kind), f.Owed, f.Due, f.Failing, f.Dead, a.local(f.OldestDueAt), int(f.Overdue(a.Now()).Seconds())}
}

func (a *API) workFigures(ctx context.Context, _ *none) (*list[workFigureView], error) {
	found, err := a.Work.Figures(ctx, dutyOf(ctx))
	return listed(a.viewWorkFigure, found, err)
}

type deadLetterView struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind"`
	Subject   string    `json:"subject_id" doc:"与哪条记录有关"`
	Attempts  int       `json:"attempts" doc:"试过几次"`
	LastError string    `json:"last_error" doc:"最后一次为什么没办成，给技术人员看"`
	CreatedAt time.Time `json:"created_at"`
	FailedAt  time.Time `json:"failed_at" doc:"最后一次试的时间"`
}

func (a *API) viewDeadLetter(w model.Work) deadLetterView {
	return deadLetterView{w.ID, string(w.Kind), w.SubjectID, w.Attempts, w.LastError, w.CreatedAt.In(a.Zone), w.UpdatedAt.In(a.Zone)}
}

func (a *API) listDeadWork(ctx context.Context, in *Page) (*list[deadLetterView], error) {
	found, err := a.Work.ListDead(ctx, dutyOf(ctx), in.After, in.Limit)
	return listed(a.viewDeadLetter, found, err)
}

type retryInput struct {
	ByID
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"200" doc:"为什么重新办理，记入变更记录"`
	}
}

// retryWork needs no idempotency key: a second press finds the work owed already, or done and gone.
func (a *API) retryWork(ctx context.Context, in *retryInput) (*none, error) {
	return nil, a.Work.Retry(ctx, dutyOf(ctx), in.ID, in.Body.Reason)
}

type driftView struct {
	Rule   string `json:"rule" doc:"哪条规则对不上"`
	Drifts int    `json:"drifts" doc:"有几处"`
}

type findingView struct {
	ID      string `json:"id"`
	Rule    string `json:"rule"`
	Subject string `json:"subject_id" doc:"哪条记录对不上"`
}

func viewFinding(f model.AuditFinding) findingView { return findingView{f.ID, f.Rule, f.SubjectID} }

type auditOutput struct {
	Body struct {
		StartedAt *time.Time    `json:"started_at,omitempty" doc:"没有则还没核对过"`
		EndedAt   *time.Time    `json:"ended_at,omitempty"`
		Drifts    []driftView   `json:"drifts" nullable:"false" doc:"各条规则对不上的数量；都对得上则为空"`
		Items     []findingView `json:"items" nullable:"false"`
	}
}

func (a *API) lastAudit(ctx context.Context, in *Page) (*auditOutput, error) {
	last, err := a.Work.FindAudit(ctx, dutyOf(ctx), in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &auditOutput{}
	if last.Ran {
		out.Body.StartedAt, out.Body.EndedAt = a.local(&last.Run.StartedAt), a.local(&last.Run.EndedAt)
	}
	out.Body.Drifts, out.Body.Items = []driftView{}, listOf(each(last.Findings, viewFinding)).Body.Items
	for _, rule := range slices.Sorted(maps.Keys(last.Drifts)) {
		out.Body.Drifts = append(out.Body.Drifts, driftView{rule, last.Drifts[rule]})
	}
	return out, nil
}
