package router

import (
	"context"

	"jiamenkou/model"
)

type staffDrawView struct {
	Draw         drawView `json:"draw" doc:"大家都能看到的"`
	Applied      int      `json:"applied" doc:"等待摇号的报名"`
	Withdrawn    int      `json:"withdrawn"`
	Lost         int      `json:"lost" doc:"未中签，已进入候补"`
	Void         int      `json:"void" doc:"作废：孩子已有别的预约，或时段取消"`
	Places       int      `json:"places" doc:"摇号时的名额"`
	Randomness   string   `json:"randomness" doc:"已填写的随机数"`
	RandomnessBy string   `json:"randomness_by" doc:"填写的工作人员"`
}

func (a *API) staffDraw(ctx context.Context, in *ByID) (*one[staffDrawView], error) {
	d, err := a.Booking.StaffDrawOf(ctx, dutyOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &one[staffDrawView]{staffDrawView{
		Draw: a.viewDraw(d), Applied: d.Counts[model.ApplicationApplied], Withdrawn: d.Counts[model.ApplicationWithdrawn],
		Lost: d.Counts[model.ApplicationLost], Void: d.Counts[model.ApplicationVoid], Places: d.Places,
		Randomness: d.Randomness, RandomnessBy: d.RandomnessBy,
	}}, nil
}

type drawSourceInput struct {
	ByID
	Body struct {
		Source string `json:"source" maxLength:"100" doc:"将采用的公共随机数，写到谁都能找到：如某日某期福利彩票开奖号。为空则撤回"`
	}
}

func (a *API) announceSource(ctx context.Context, in *drawSourceInput) (*one[drawView], error) {
	return a.drawn(a.Booking.AnnounceSource(ctx, dutyOf(ctx), in.ID, in.Body.Source))
}

type randomnessInput struct {
	ByID
	Body struct {
		Randomness string `json:"randomness" maxLength:"200" pattern:"\\S" doc:"照公布的原样填写；填后不能再改，随即摇号"`
	}
}

func (a *API) enterRandomness(ctx context.Context, in *randomnessInput) (*one[drawView], error) {
	return a.drawn(a.Booking.EnterRandomness(ctx, dutyOf(ctx), in.ID, in.Body.Randomness))
}

func (a *API) staffDrawDocument(ctx context.Context, in *ByID) (*one[model.DrawDocument], error) {
	d, err := a.Booking.StaffDrawDocumentOf(ctx, dutyOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &one[model.DrawDocument]{d}, nil
}
