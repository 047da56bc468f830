package router

import (
	"context"
	"strings"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/account"
)

// ByPerson names a pick-up person of a child.
type ByPerson struct {
	ByID
	Person string `path:"person" doc:"接送人编号"`
}

type pickupPersonView struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Relation string `json:"relation" enum:"parent,grandparent,relative,nanny,other"`
	Phone    string `json:"phone"`
}

func viewPickupPerson(p account.PickupPerson) pickupPersonView {
	return pickupPersonView{p.ID, p.Name, string(p.Relation), p.Phone}
}

type pickupForm struct {
	Name     string `json:"name" minLength:"1" maxLength:"40" doc:"姓名"`
	Relation string `json:"relation" enum:"parent,grandparent,relative,nanny,other" doc:"和孩子的关系：父母、祖辈、其他亲属、保姆、其他"`
	Phone    string `json:"phone" maxLength:"20" doc:"11位手机号；工作人员只看得到后四位"`
}

func (f pickupForm) read() (account.PickupForm, error) {
	if !strings.ContainsFunc(f.Name, visible) {
		return account.PickupForm{}, ErrInvalidRequest.WithField("body.name", blank)
	}
	return account.PickupForm{Name: strings.TrimSpace(f.Name), Relation: model.Relation(f.Relation), Phone: f.Phone}, nil
}

func pickupPerson(p account.PickupPerson, err error) (*one[pickupPersonView], error) {
	return shown(viewPickupPerson, p, err)
}

func (a *API) listPickupPersons(ctx context.Context, in *ByID) (*list[pickupPersonView], error) {
	persons, err := a.Account.ListPickupPersons(ctx, sessionOf(ctx).Resident, in.ID)
	return listed(viewPickupPerson, persons, err)
}

type addPickupPersonInput struct {
	ByID
	Body pickupForm
}

func (a *API) addPickupPerson(ctx context.Context, in *addPickupPersonInput) (*one[pickupPersonView], error) {
	form, err := in.Body.read()
	if err != nil {
		return nil, err
	}
	return pickupPerson(a.Account.AddPickupPerson(ctx, sessionOf(ctx).Resident, in.ID, form))
}

type restatePickupPersonInput struct {
	ByPerson
	Body pickupForm
}

func (a *API) restatePickupPerson(ctx context.Context, in *restatePickupPersonInput) (*one[pickupPersonView], error) {
	form, err := in.Body.read()
	if err != nil {
		return nil, err
	}
	return pickupPerson(a.Account.RestatePickupPerson(ctx, sessionOf(ctx).Resident, in.ID, in.Person, form))
}

func (a *API) removePickupPerson(ctx context.Context, in *ByPerson) (*none, error) {
	return nil, a.Account.RemovePickupPerson(ctx, sessionOf(ctx).Resident, in.ID, in.Person)
}

type doorExport struct {
	Child         string             `json:"child_id"`
	PickupPersons []pickupPersonView `json:"pickup_persons" nullable:"false"`
	Stays         []stayExport       `json:"stays" nullable:"false"`
	Appeals       []appealExport     `json:"appeals" nullable:"false"`
}

type stayExport struct {
	Booking     string     `json:"booking_id"`
	CheckedInAt time.Time  `json:"checked_in_at"`
	EndedAt     *time.Time `json:"ended_at,omitempty"`
	Ending      string     `json:"ending"`
	Temperature string     `json:"temperature"`
	Remark      string     `json:"remark"`
}

type appealExport struct {
	Mark      string    `json:"mark_id"`
	Reason    string    `json:"reason"`
	Note      string    `json:"note"`
	Status    string    `json:"status"`
	Answer    string    `json:"answer"`
	CreatedAt time.Time `json:"created_at"`
}

func (a *API) exportDoor(d account.DoorRecord) doorExport {
	return doorExport{
		Child: d.ChildID, PickupPersons: each(d.PickupPersons, viewPickupPerson),
		Stays: each(d.Stays, func(s account.Stay) stayExport {
			return stayExport{s.BookingID, s.CheckedInAt.In(a.Zone), a.local(s.EndedAt), string(s.Ending), s.Temperature, s.Remark}
		}),
		Appeals: each(d.Appeals, func(p account.Appeal) appealExport {
			return appealExport{p.MarkID, string(p.Reason), p.Note, string(p.Status), p.Answer, p.CreatedAt.In(a.Zone)}
		}),
	}
}
