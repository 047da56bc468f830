package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"jiamenkou/adapter/wechat/fake"
	"jiamenkou/model"
)

// told are notices of the kind that goes out in crowds: the site called a session off. Everybody has agreed to more
// messages than will be sent.
const (
	told         = model.NoticeSiteCancelled
	toldConsents = 1_000_000
	toldBody     = "很抱歉，11月24日周二 9:00–11:30的时段由宝宝屋取消，原因：示例。不计失约。"
	toldNote     = "由宝宝屋取消，不计失约"
)

// mail is notices to many families, and the work of sending messages about them.
type mail struct {
	*district
	slot  model.Slot
	facts model.Facts
	next  int // family

	lease string
	ids   []string // of the work laid down last
	first int      // the family of its first piece
	about []string // the notices of it

	client *http.Client
	sendTo string

	hold, notice, delivery, template, resident, site, reserve, underway, used, sent, finish *sql.Stmt
}

// measureNotices has the server's jobs send messages about notices; beside it the same statements by hand and a bare POST
// to the same WeChat.
func measureNotices(ctx context.Context, s *stage, e effort) (rows []row, err error) {
	m, err := s.openMail(ctx, "notices")
	if err != nil {
		return nil, err
	}
	if err := m.open(ctx, soonPoll); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.stop()) }()
	if err := m.prepare(ctx); err != nil {
		return nil, err
	}
	ours := &batch{size: e.batch, cpu: m.cpu, lay: func(ctx context.Context) error { return m.write(ctx, e.batch, "") },
		work: func(ctx context.Context) error { return m.settled(ctx, model.LaneMessages, oftenLook) }}
	beside := &batch{size: e.batch, lay: func(ctx context.Context) error { return m.write(ctx, e.batch, m.store.NewID()) },
		work: func(ctx context.Context) error { return byHand(e.batch, func(i int) error { return m.send(ctx, i) }) }}
	result, err := m.exhaust(ctx, e, ours, beside)
	if err != nil {
		return nil, err
	}
	return []row{atLeast("WeChat messages/s through the jobs", "/s", result, 0.6)}, errors.Join(m.insist(ctx, 2*(e.rounds+1)*e.batch), m.drifts(ctx))
}

// openMail is a district with families who have agreed to messages. Its server is not started yet.
func (s *stage) openMail(ctx context.Context, name string) (*mail, error) {
	d, err := s.settle(ctx, name, 9)
	if err != nil {
		return nil, err
	}
	m := &mail{district: d, slot: d.slot(2, 1)}
	m.facts = model.SessionFacts(m.slot.SiteID, m.slot.StartAt, m.slot.EndAt, toldNote, d.zone)
	if err := d.populate(ctx, lineFamilies); err != nil {
		return nil, err
	}
	at := now()
	return m, insert(ctx, d.db, "message_consents (resident_id, template_id, remaining, reserved, updated_at)", len(d.families), func(i int) []any {
		return []any{d.families[i].resident, templateOf(told), toldConsents, 0, at}
	})
}

// write puts n notices down, and then owes the messages about them all at once.
func (m *mail) write(ctx context.Context, n int, lease string) (err error) {
	m.about, m.lease, m.first = nil, lease, m.next
	for range n {
		m.about = append(m.about, m.store.NewID())
	}
	at := now()
	const into = "notices (id, resident_id, kind, title, body, subject_id, facts, useful_until, created_at)"
	err = insert(ctx, m.db, into, n, func(i int) []any {
		return []any{m.about[i], m.family(i).resident, told, "宝宝屋取消了时段", toldBody, m.about[i], m.facts, m.slot.StartAt, at}
	})
	if err != nil {
		return err
	}
	m.next += n
	m.ids, err = m.owe(ctx, model.WorkDeliver, lease, m.about)
	return err
}

// family is whom the i-th notice laid down last is for.
func (m *mail) family(i int) family { return m.families[m.number(i)] }

func (m *mail) number(i int) int { return (m.first + i) % len(m.families) }

// prepare gets ready to send by hand.
func (m *mail) prepare(ctx context.Context) error {
	m.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: hands}, Timeout: answerTime}
	asked := map[string]any{"grant_type": "client_credential", "appid": appID, "secret": appSecret}
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := m.post(ctx, m.webURL+fake.PathToken, asked, &answer); err != nil {
		return err
	}
	m.sendTo = m.webURL + fake.PathSend + "?access_token=" + url.QueryEscape(answer.Token)
	return prepareAll(ctx, m.db, m.statements())
}

func (m *mail) statements() []statement {
	const consent = " WHERE resident_id = ? AND template_id = ?"
	return []statement{
		{&m.hold, holdWork},
		{&m.notice, "SELECT * FROM notices WHERE id = ? LIMIT 1"},
		{&m.delivery, "SELECT * FROM message_deliveries WHERE notice_id = ? LIMIT 1"},
		{&m.template, "SELECT * FROM message_templates WHERE kind = ? ORDER BY version DESC LIMIT 1"},
		{&m.resident, "SELECT * FROM residents WHERE id = ? LIMIT 1"},
		{&m.site, "SELECT * FROM sites WHERE id = ? LIMIT 1"},
		{&m.reserve, "UPDATE message_consents SET remaining = remaining - 1, reserved = reserved + 1, updated_at = ?" + consent + " AND remaining > 0"},
		{&m.underway, "INSERT INTO message_deliveries (notice_id, resident_id, template_id, status, reason, created_at, updated_at)" + marks(7)},
		{&m.used, "UPDATE message_consents SET reserved = reserved - 1, updated_at = ?" + consent + " AND reserved > 0"},
		{&m.sent, "UPDATE message_deliveries SET reason = '', status = 'sent', updated_at = ? WHERE notice_id = ? AND status = 'reserved'"},
		{&m.finish, finishWork},
	}
}

// send does as service/notice does, statement by statement: a consent is set aside, the message sent, and what came of it
// noted.
func (m *mail) send(ctx context.Context, i int) error {
	at, f, template := now(), m.family(i), templateOf(told)
	held := step{m.hold, []any{m.ids[i], m.lease}}
	err := m.inTx(ctx, func(tx *sql.Tx) error {
		for _, q := range []step{held, {m.notice, []any{m.about[i]}}, {m.delivery, []any{m.about[i]}}, {m.template, []any{told}}, {m.resident, []any{f.resident}}, {m.site, []any{m.slot.SiteID}}} {
			if err := read(ctx, tx.StmtContext(ctx, q.statement), q.args...); err != nil {
				return err
			}
		}
		return execute(ctx, tx,
			step{m.reserve, []any{at, f.resident, template}},
			step{m.underway, []any{m.about[i], f.resident, template, model.DeliveryReserved, "", at, at}})
	})
	if err != nil {
		return err
	}
	if err := m.post(ctx, m.sendTo, m.message(i), nil); err != nil {
		return err
	}
	return m.inTx(ctx, func(tx *sql.Tx) error {
		if err := read(ctx, tx.StmtContext(ctx, m.hold), held.args...); err != nil {
			return err
		}
		return execute(ctx, tx,
			step{m.used, []any{at, f.resident, template}},
			step{m.sent, []any{at, m.about[i]}},
			step{m.finish, held.args})
	})
}

// message is what the house sends for the i-th notice.
func (m *mail) message(i int) map[string]any {
	type value struct {
		Value string `json:"value"`
	}
	return map[string]any{
		"touser": openID(m.number(i)), "template_id": templateOf(told), "page": "pages/notices/index", "miniprogram_state": "formal", "lang": "zh_CN",
		"data": map[string]value{"thing1": {m.sites[0].Name}, "time2": {m.facts[model.FactSession]}, "thing3": {m.facts[model.FactNote]}},
	}
}

// post asks WeChat for something, which must not refuse.
func (m *mail) post(ctx context.Context, to string, asked, into any) error {
	body, err := json.Marshal(asked)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := m.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	var verdict struct {
		Errcode int `json:"errcode"`
	}
	if err := json.Unmarshal(text, &verdict); err != nil {
		return err
	}
	if verdict.Errcode != 0 {
		return fmt.Errorf("the fake WeChat says %s", text)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}

// insist that every message has been sent, once.
func (m *mail) insist(ctx context.Context, want int) error {
	var sent int
	err := m.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM message_deliveries WHERE status = 'sent'").Scan(&sent)
	if err == nil && sent != want {
		err = fmt.Errorf("%d messages are sent, want %d", sent, want)
	}
	return err
}

const (
	// mostGrowth is how much more than at rest a server may hold that works through all it owes.
	mostGrowth = 2.0
	// boundedAfter is the share of the work after which memory is looked at the first time.
	boundedAfter = 10
)

// measureDrain starts a server that owes many messages, and watches its memory until all are sent.
func measureDrain(ctx context.Context, s *stage, e effort) ([]row, error) {
	m, err := s.openMail(ctx, "drain")
	if err != nil {
		return nil, err
	}
	idle, err := m.rested(ctx)
	if err != nil {
		return nil, err
	}
	if err := m.write(ctx, e.owed, ""); err != nil {
		return nil, err
	}
	if err := m.open(ctx, soonPoll); err != nil {
		return nil, err
	}
	began := time.Now()
	early, most, err := m.drained(ctx, e.owed)
	took := time.Since(began)
	if err := errors.Join(err, m.stop(), m.insist(ctx, e.owed), m.drifts(ctx)); err != nil {
		return nil, err
	}
	r := row{
		figure: fmt.Sprintf("most memory, %s owed messages sent", thousands(e.owed)), measured: fmt.Sprintf("%.0f MB", most), beside: fmt.Sprintf("%.0f MB", idle),
		ratio: fmt.Sprintf("%.2f", most/idle), goal: fmt.Sprintf("≤ %.1f", mostGrowth), reached: most/idle <= mostGrowth,
		note: fmt.Sprintf("beside the idle server; in %.1f s, %.0f /s; %.0f MB when a tenth was sent", took.Seconds(), float64(e.owed)/took.Seconds(), early),
	}
	return []row{r}, nil
}

// rested is the memory of the server when it has nothing to do, in MB.
func (d *district) rested(ctx context.Context) (float64, error) {
	if err := d.open(ctx, soonPoll); err != nil {
		return 0, err
	}
	held, err := d.held(ctx)
	return held, errors.Join(err, d.stop())
}

// drained gives the most memory held until the first part was sent, and until everything was, in MB.
func (m *mail) drained(ctx context.Context, all int) (early, most float64, err error) {
	for left := all; left > all-all/boundedAfter; {
		time.Sleep(seldomLook)
		err := m.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM owed_work WHERE lane = ? AND status = 'owed'", model.LaneMessages).Scan(&left)
		if err != nil {
			return 0, 0, err
		}
	}
	if early, err = m.peakMB(); err != nil {
		return 0, 0, err
	}
	if err := m.settled(ctx, model.LaneMessages, seldomLook); err != nil {
		return 0, 0, err
	}
	most, err = m.peakMB()
	return early, most, err
}

func (s *server) peakMB() (float64, error) {
	bytes, err := s.peak()
	return float64(bytes) / 1e6, err
}
