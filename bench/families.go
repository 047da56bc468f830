package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"jiamenkou/model"
)

// family is a resident with one child of eighteen months, and an allowance of this year and the years around it.
type family struct {
	resident, child string
	token           string // of a session; empty before signIn
}

// yearsGranted are the years a family has allowances of, from this one.
var yearsGranted = []int{-2, -1, 0, 1}

// allowance is the id of a family's allowance of the year.
func (f family) allowance(year int) string { return f.child[:22] + fmt.Sprint(year) }

func openID(i int) string { return fmt.Sprintf("openid-of-bench-%010d", i) }

// populate adds families who have agreed to every document. The id of each record is the family's number, so that
// their history can be written by the database itself.
func (d *district) populate(ctx context.Context, n int) error {
	for i := range n {
		d.families = append(d.families, family{resident: familyID(i), child: familyID(i)})
	}
	for _, add := range []func(context.Context) error{d.addResidents, d.addChildren, d.addConsents, d.addAllowances} {
		if err := add(ctx); err != nil {
			return err
		}
	}
	return nil
}

// familyID leaves the last four digits for the year of an allowance.
func familyID(i int) string { return fmt.Sprintf("00%020d0000", i) }

func (d *district) addResidents(ctx context.Context) error {
	const into = "residents (id, open_id_index, open_id_sealed, nickname, subdistrict_code, status, created_at, updated_at)"
	at := now()
	return insert(ctx, d.db, into, len(d.families), func(i int) []any {
		id := d.families[i].resident
		return []any{id, d.box.Index("residents.open_id", []byte(openID(i))), d.sealed("residents", "open_id_sealed", id, openID(i)), "", "", "active", at, at}
	})
}

func (d *district) addChildren(ctx context.Context) error {
	const into = "children (id, resident_id, fingerprint, name_sealed, birth_date_sealed, gender, status, created_at, updated_at)"
	at, birth := now(), d.day(-18*30).String()
	return insert(ctx, d.db, into, len(d.families), func(i int) []any {
		f := d.families[i]
		return []any{
			f.child, f.resident, d.box.Index("children.fingerprint", []byte(f.child)), d.sealed("children", "name_sealed", f.child, "示例宝宝"),
			d.sealed("children", "birth_date_sealed", f.child, birth), "unstated", "listed", at, at,
		}
	})
}

// sealed panics where the keys are broken, which they are not: they were made a moment ago.
func (d *district) sealed(table, column, row, plain string) model.Sealed {
	cell, err := model.Seal(d.box, table, column, row, plain)
	if err != nil {
		panic(err)
	}
	return cell
}

func (d *district) addConsents(ctx context.Context) error {
	documents, err := d.store.ListCurrentDocuments(ctx, now())
	if err != nil {
		return err
	}
	at, n := now(), len(documents)
	return insert(ctx, d.db, "consents (id, resident_id, document_id, agreed_at)", n*len(d.families), func(i int) []any {
		return []any{numbered(i), d.families[i/n].resident, documents[i%n].ID, at}
	})
}

func (d *district) addAllowances(ctx context.Context) error {
	policy, err := d.store.FindAllowancePolicy(ctx, now())
	if err != nil {
		return err
	}
	n := len(yearsGranted)
	return insert(ctx, d.db, "allowances (id, child_id, year, policy_id, unit, granted, used)", n*len(d.families), func(i int) []any {
		f, year := d.families[i/n], d.day(0).Year+yearsGranted[i%n]
		return []any{f.allowance(year), f.child, year, policy.ID, policy.Unit, policy.Amount, 0}
	})
}

// signIn opens a session for the first n families, through the front door.
func (d *district) signIn(ctx context.Context, n int) error {
	all, err := d.wires(ctx, workers)
	if err != nil {
		return err
	}
	defer all.close()
	return together(workers, func(worker int) error {
		for i := worker; i < min(n, len(d.families)); i += workers {
			if err := d.families[i].signIn(all[worker], d.wechat.IssueLoginCode(openID(i))); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f *family) signIn(w *wire, code string) error {
	body, err := w.want(http.StatusCreated, compose(http.MethodPost, "/api/v1/sessions", "", "", `{"code":"`+code+`","device":"bench"}`))
	if err != nil {
		return err
	}
	var answer struct {
		Token    string `json:"token"`
		Resident string `json:"resident_id"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	if answer.Resident != f.resident {
		return fmt.Errorf("signed in as %s, want %s", answer.Resident, f.resident)
	}
	f.token = answer.Token
	return nil
}
