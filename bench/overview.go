package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"
)

const (
	// mostOverview is how many times as long as the plain counting of the same bookings an overview may take.
	mostOverview = 3.0
	overviews    = 5 // of each, after one that does not count
)

// look is one request of the overview, beside the one statement no answer can do without.
type look struct {
	name, path, byHand string
}

// looks are at the whole of last year, which the house compares with the year before: all that is stored. By hand both years
// are counted at once.
func (d *district) looks() []look {
	year := d.day(0).Year - 1
	from, to := fmt.Sprintf("%d-01-01", year), fmt.Sprintf("%d-12-31", year)
	days := fmt.Sprintf("FROM slots JOIN bookings ON bookings.slot_id = slots.id WHERE slots.date BETWEEN '%d-01-01' AND '%s'", year-1, to)
	return []look{
		{"figures", "/console/api/v1/overview?from=" + from + "&to=" + to, "SELECT slots.site_id, slots.date, bookings.status, COUNT(*) " + days + " GROUP BY slots.site_id, slots.date, bookings.status"},
		{"reach", "/console/api/v1/overview/reach?from=" + from + "&to=" + to, "SELECT slots.site_id, COUNT(DISTINCT bookings.child_id) " + days + " GROUP BY slots.site_id"},
	}
}

// overview has an administrator look at a year of a district.
func (d *district) overview(ctx context.Context, bookings int) (rows []row, err error) {
	cookie, err := d.hire(ctx)
	if err != nil {
		return nil, err
	}
	w, err := dial(ctx, d.addr)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.conn.Close()) }()
	for _, l := range d.looks() {
		request := []byte("GET " + l.path + " HTTP/1.1\r\nHost: bench\r\nCookie: " + cookie + "\r\n\r\n")
		r, err := takeTurns(overviews,
			func() error { _, err := w.want(http.StatusOK, request); return err },
			func() error { return d.countByHand(ctx, l.byHand) })
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.name, err)
		}
		rows = append(rows, atMost(fmt.Sprintf("a year's %s, %s bookings stored", l.name, thousands(bookings)), r, mostOverview))
	}
	return rows, nil
}

// takeTurns lets both do it once in turn, after one that does not count, and gives the medians in milliseconds.
func takeTurns(times int, ours, beside func() error) (result, error) {
	var a, b, ratios []float64
	for n := range times + 1 {
		first, err := stopwatch(ours)
		if err != nil {
			return result{}, err
		}
		second, err := stopwatch(beside)
		if err != nil {
			return result{}, err
		}
		if n > 0 {
			a, b, ratios = append(a, first), append(b, second), append(ratios, first/second)
		}
	}
	return result{ours: median(a), beside: median(b), ratio: median(ratios)}, nil
}

func stopwatch(do func() error) (float64, error) {
	began := time.Now()
	err := do()
	return milliseconds(time.Since(began)), err
}

func (d *district) countByHand(ctx context.Context, query string) error {
	rows, err := d.db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() { // to the last line, as an answer needs them
	}
	return rows.Err()
}

// hire makes an administrator, who takes the invitation with a password and an authenticator, and gives the session's cookie.
func (d *district) hire(ctx context.Context) (cookie string, err error) {
	cmd := exec.CommandContext(ctx, d.program, "staff", "add", "示例管理员", "--role", "administrator") //nolint:gosec // our own program
	cmd.Env = d.environment(d.name)
	printed, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("staff add: %w\n%s", err, printed)
	}
	_, code, _ := strings.Cut(string(printed), "/welcome/")
	code, _, _ = strings.Cut(strings.TrimSpace(code), "\n")
	var opened struct {
		Ticket string `json:"ticket"`
		TOTP   struct {
			Secret string `json:"secret"`
		} `json:"totp"`
	}
	if _, err := d.console(ctx, "invitations/opening", map[string]string{"code": code}, &opened); err != nil {
		return "", err
	}
	now, err := totp.GenerateCode(opened.TOTP.Secret, time.Now())
	if err != nil {
		return "", err
	}
	header, err := d.console(ctx, "invitations/completion", map[string]string{
		"ticket": opened.Ticket, "login": "bench", "password": "Lantern-over-the-river-7", "code": now,
	}, nil)
	cookie, _, _ = strings.Cut(header.Get("Set-Cookie"), ";")
	return cookie, err
}

// console posts to the staff's API.
func (d *district) console(ctx context.Context, path string, body, answer any) (http.Header, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+d.addr+"/console/api/v1/"+path, strings.NewReader(string(text)))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%s answers %s", path, response.Status)
	}
	if answer == nil {
		return response.Header, nil
	}
	return response.Header, json.NewDecoder(response.Body).Decode(answer)
}
