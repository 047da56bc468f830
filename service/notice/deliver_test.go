package notice_test

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jiamenkou/adapter/wechat/fake"
	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
)

func TestABookedPlaceIsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		resident, openID := h.person(1)
		child := h.w.AddChild(resident, 18)
		slot := h.w.AddSlot(4, 5)
		b, err := h.booking.Book(ctx, resident, "key-00001", booking.Wish{SlotID: slot.ID, ChildID: child})
		must(t, err)
		work := h.take(10)
		must(t, h.Deliver(ctx, work[0]))
		h.sent(1)
		got := h.fake.Sent()[0]
		if got.To != openID || got.Template != templateID || got.Page != "pages/bookings/one?id="+b.ID {
			t.Errorf("sent %+v", got)
		}
		want := map[string]string{
			"thing1": "示例宝宝屋", "time2": model.SessionFact(slot.StartAt, slot.EndAt, h.w.Zone),
			"thing3": model.Spoken(b.FreeCancelUntil, h.w.Zone) + "前可免费取消",
		}
		if !maps.Equal(got.Data, want) {
			t.Errorf("it shows %v, want %v", got.Data, want)
		}
		h.stands(work[0].SubjectID, model.DeliverySent)
		h.owed(work[0].SubjectID, model.WorkOwed, 0)
		h.holds(resident, 0)
		if err := h.Deliver(ctx, work[0]); !errors.Is(err, model.ErrLeaseLost) {
			t.Errorf("once more: %v", err)
		}
		h.sent(1)
	})
}

// No word that a person wrote goes to WeChat, and a message about what is no more goes nowhere.
func TestACalledOffSessionIsTold(t *testing.T) {
	const canary = "金丝雀生病"
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		resident, _ := h.person(3)
		child := h.w.AddChild(resident, 18)
		slot := h.w.AddSlot(4, 5)
		_, err := h.booking.Book(ctx, resident, "key-00001", booking.Wish{SlotID: slot.ID, ChildID: child})
		must(t, err)
		_, err = h.booking.CloseSlot(ctx, slot.ID, canary, "")
		must(t, err)
		for _, w := range h.take(10) {
			must(t, h.Deliver(ctx, w))
		}
		h.sent(1)
		if got := h.fake.Sent()[0].Data; got["thing3"] != "由宝宝屋取消，不计失约" {
			t.Errorf("it shows %v", got)
		}
		notices, err := h.Store.ListNotices(ctx, resident, "", 10)
		must(t, err)
		for _, n := range notices {
			facts := strings.Join(slices.Collect(maps.Values(n.Facts)), " ")
			if strings.Contains(facts, canary) || len(n.Facts) == 0 {
				t.Errorf("the facts of %s: %s", n.Kind, facts)
			}
		}
		h.stands(notices[0].ID, model.DeliverySent)
		h.stands(notices[1].ID, model.DeliveryDropped)
		h.holds(resident, 2)
	})
}

// A place that is held is told, and no more when it has been taken before the message went out.
func TestAnOfferedPlaceIsTold(t *testing.T) {
	for _, taken := range []bool{false, true} {
		onBoth(t, func(t *testing.T, h *house) {
			ctx, slot := context.Background(), h.w.AddSlot(4, 1)
			holder := h.book(slot)
			resident, openID := h.person(2)
			w, err := h.booking.Wait(ctx, resident, "key-00001", booking.Wish{SlotID: slot.ID, ChildID: h.w.AddChild(resident, 18)})
			must(t, err)
			_, err = h.booking.Cancel(ctx, holder.ResidentID, "key-00002", holder.ID, "")
			must(t, err)
			house, err := h.Store.LeaseWork(ctx, model.LaneHouse, h.now(), lease, 10)
			must(t, err)
			must(t, h.booking.Promote(ctx, house[0]))
			until := model.TimeFact(h.now().Add(30*time.Minute), h.w.Zone)
			want := map[string]string{"thing1": "示例宝宝屋", "time2": model.TimeFact(slot.StartAt, h.w.Zone), "time3": until}
			if taken {
				_, err := h.booking.Accept(ctx, resident, "key-00003", w.ID, false)
				must(t, err)
				want = map[string]string{"thing1": "示例宝宝屋", "time2": model.SessionFact(slot.StartAt, slot.EndAt, h.w.Zone)}
			}
			for _, message := range h.take(10) {
				must(t, h.Deliver(ctx, message))
			}
			h.sent(1) // of the offer, or of the booking
			got := h.fake.Sent()[0]
			delete(got.Data, "thing3")
			if got.To != openID || !maps.Equal(got.Data, want) {
				t.Errorf("sent %+v, want %v", got, want)
			}
			h.holds(resident, 1)
		})
	}
}

func TestWhatBecomesOfAMessage(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		for _, c := range []outcome{
			{"busy", fake.PathSend, fake.Fault{Errcode: -1}, model.DeliveryUnknown, 0, 1, "", false},
			{"bad gateway", fake.PathSend, fake.Fault{Status: 502}, model.DeliveryUnknown, 0, 1, "", false},
			{"no answer", fake.PathSend, fake.Fault{Hang: true}, model.DeliveryUnknown, 0, 1, "", false},
			{"half an answer", fake.PathSend, fake.Fault{CutBody: true}, model.DeliveryUnknown, 1, 1, "", false},
			{"too much answer", fake.PathSend, fake.Fault{Oversized: 3 << 20}, model.DeliveryUnknown, 1, 1, "", false},
			{"an unclear answer", fake.PathSend, fake.Fault{Body: `{"msgid":1}`}, model.DeliveryUnknown, 0, 1, "", false},
			{"no consent", fake.PathSend, fake.Fault{Errcode: 43101}, model.DeliveryNoConsent, 0, 0, "", false},
			{"too often", fake.PathSend, fake.Fault{Errcode: 45009}, model.DeliveryReturned, 0, 2, model.WorkOwed, false},
			{"bad template", fake.PathSend, fake.Fault{Errcode: 40037}, model.DeliveryRefused, 0, 2, model.WorkDead, false},
			{"bad page", fake.PathSend, fake.Fault{Errcode: 41030}, model.DeliveryRefused, 0, 2, model.WorkDead, false},
			{"bad field", fake.PathSend, fake.Fault{Errcode: 47003}, model.DeliveryRefused, 0, 2, model.WorkDead, false},
			{"no token", fake.PathToken, fake.Fault{Status: 502}, model.DeliveryReturned, 0, 2, model.WorkOwed, true},
			{"token out of quota", fake.PathToken, fake.Fault{Errcode: 45009}, model.DeliveryReturned, 0, 2, model.WorkOwed, false},
			{"an unreadable reason", fake.PathSend, fake.Fault{Body: "{\"errcode\":47003,\"errmsg\":\"\xff\xfe\"}"}, model.DeliveryRefused, 0, 2, model.WorkDead, false},
			{"bad secret", fake.PathToken, fake.Fault{Errcode: 40125}, model.DeliveryRefused, 0, 2, model.WorkDead, false},
		} {
			t.Run(c.name, func(t *testing.T) { c.play(t, h) })
		}
	})
}

// outcome is a message to somebody with two consents, and WeChat in a mood.
type outcome struct {
	name   string
	path   string
	fault  fake.Fault
	status model.DeliveryStatus
	sent   int              // delivered by WeChat all the same
	left   int              // consents
	work   model.WorkStatus // empty: done
	failed bool             // an attempt that counts
}

func (c outcome) play(t *testing.T, h *house) {
	h.t = t
	h.clock(1, 10, 0)
	if c.path == fake.PathToken {
		h.fake.RevokeToken() // so that the call needs a new one
	}
	before := len(h.fake.Sent())
	resident, _ := h.person(2)
	id := h.tell(resident)
	h.fake.Fail(c.path, c.fault, 1)
	if err := h.deliver(); (err != nil) != c.failed {
		t.Errorf("delivering: %v", err)
	}
	h.stands(id, c.status)
	h.sent(before + c.sent)
	h.holds(resident, c.left)
	h.owed(id, model.WorkOwed, b2i(c.work == model.WorkOwed))
	h.owed(id, model.WorkDead, b2i(c.work == model.WorkDead))
	told := h.d.Count(t, "SELECT COUNT(*) FROM events e JOIN owed_work w ON w.id = e.subject_id WHERE w.subject_id = ? AND e.to_state = 'dead'", id)
	if told != b2i(c.work == model.WorkDead) {
		t.Errorf("%d events of a dead letter", told)
	}
	h.pass(time.Hour)
	for _, w := range h.take(10) { // what is tried again succeeds now
		must(t, h.Deliver(context.Background(), w))
		h.stands(id, model.DeliverySent)
	}
	h.sent(before + c.sent + b2i(c.work == model.WorkOwed))
	h.w.Sound()
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestTooOftenIsPutOffAndNotLost(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		resident, _ := h.person(1)
		id := h.tell(resident)
		h.fake.Fail(fake.PathSend, fake.Fault{Errcode: 45009}, 3)
		for range 3 {
			must(t, h.deliver())
			h.pass(14 * time.Minute)
			if early := h.take(10); len(early) != 0 {
				t.Fatal("it is tried again too early")
			}
			h.pass(time.Minute)
		}
		must(t, h.deliver())
		h.stands(id, model.DeliverySent)
		h.sent(1)
		h.holds(resident, 0)
	})
}

// Somebody mended the template and revived the dead letter: it goes out.
func TestARevivedMessageGoesOut(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		resident, _ := h.person(1)
		id := h.tell(resident)
		h.fake.Fail(fake.PathSend, fake.Fault{Errcode: 40037}, 1)
		must(t, h.deliver())
		h.d.Exec(t, "UPDATE owed_work SET status = 'owed' WHERE subject_id = ?", id)
		must(t, h.deliver())
		h.stands(id, model.DeliverySent)
		h.holds(resident, 0)
	})
}

func TestNobodyIsDisturbedAtNight(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		resident, _ := h.person(3)
		h.clock(2, 21, 30)
		later, soon := h.w.Day(3).At(8, 0, h.w.Zone).UTC(), h.w.Day(3).At(7, 30, h.w.Zone).UTC()
		waits := h.tell(resident, func(n *model.Notice) { n.UsefulUntil = &later })
		must(t, h.deliver())
		h.stands(waits, "")
		cannotWait := h.tell(resident, func(n *model.Notice) { n.UsefulUntil = &soon })
		must(t, h.deliver())
		h.stands(cannotWait, model.DeliverySent)
		h.clock(3, 7, 29)
		if early := h.take(10); len(early) != 0 {
			t.Fatal("it is due at night")
		}
		h.clock(3, 7, 30)
		must(t, h.deliver())
		h.stands(waits, model.DeliverySent)
		h.sent(2)
		h.holds(resident, 1)
	})
}

func TestWhatIsNotSent(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		resident, _ := h.person(2)
		past := h.now().Add(time.Hour)
		worthless := h.tell(resident, func(n *model.Notice) { n.UsefulUntil = &past })
		h.pass(time.Hour)
		must(t, h.deliver())
		h.stands(worthless, model.DeliveryDropped)

		h.clock(1, 12, 0)
		stale := h.tell(resident)
		h.clock(3, 12, 0)
		must(t, h.deliver())
		h.stands(stale, model.DeliveryDropped)

		h.tell(resident, func(n *model.Notice) { n.Kind = model.NoticeCancelled }) // for the inbox alone
		if work := h.take(10); len(work) != 0 {
			t.Error("a message is owed that has no template")
		}
		unchosen := h.tell(resident, func(n *model.Notice) { n.Kind = model.NoticeDrawResult }) // the operator has no template
		must(t, h.deliver())
		h.stands(unchosen, "")
		h.owed(unchosen, model.WorkOwed, 0)

		stranger, _ := h.person(0)
		unasked := h.tell(stranger)
		must(t, h.deliver())
		h.stands(unasked, model.DeliveryNoConsent)

		leaver, _ := h.person(1)
		late := h.tell(leaver)
		h.leave(leaver)
		must(t, h.deliver())
		h.stands(late, model.DeliveryDropped)
		h.sent(0)
		h.holds(resident, 2)
	})
}

// Somebody leaves while a message is on its way to them: nothing is left to settle, and nothing drifts.
func TestLeavingWhileAMessageIsUnderWay(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		resident, _ := h.person(2)
		id, real := h.tell(resident), h.WeChat
		h.WeChat = send(func(ctx context.Context, openID, templateID, page string, fields map[string]string) error {
			h.leave(resident)
			return real.Send(ctx, openID, templateID, page, fields)
		})
		must(t, h.deliver())
		h.stands(id, model.DeliverySent)
		if left, err := h.Store.ListMessageConsents(context.Background(), resident); err != nil || len(left) != 0 {
			t.Errorf("left are %+v, %v", left, err)
		}
		h.w.Sound()
	})
}

// The worker is gone between the call and writing down what came of it, whichever way the call went: nobody knows, and
// nobody sends again.
func TestAWorkerKilledWhileSending(t *testing.T) {
	for name, reaches := range map[string]bool{"after the call": true, "before the call": false} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, h *house) {
				resident, _ := h.person(2)
				id, real := h.tell(resident), h.WeChat
				h.WeChat = send(func(ctx context.Context, openID, templateID, page string, fields map[string]string) error {
					if reaches {
						must(t, real.Send(ctx, openID, templateID, page, fields))
					}
					runtime.Goexit()
					return nil
				})
				work := h.take(1)
				var killed sync.WaitGroup
				killed.Go(func() { _ = h.Deliver(context.Background(), work[0]) })
				killed.Wait()
				h.stands(id, model.DeliveryReserved)
				h.WeChat = real
				if early := h.take(10); len(early) != 0 {
					t.Fatal("it is taken again while its lease lasts")
				}
				h.pass(lease)
				must(t, h.deliver())
				h.stands(id, model.DeliveryUnknown)
				h.sent(b2i(reaches))
				h.holds(resident, 1)
				h.owed(id, model.WorkOwed, 0)
			})
		})
	}
}

// The server is told to stop while a message is on its way: it still writes down what came of it.
func TestAServerStoppedWhileSending(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		resident, _ := h.person(1)
		id, real := h.tell(resident), h.WeChat
		ctx, stop := context.WithCancel(context.Background())
		h.WeChat = send(func(_ context.Context, openID, templateID, page string, fields map[string]string) error {
			defer stop()
			return real.Send(context.Background(), openID, templateID, page, fields)
		})
		must(t, h.Deliver(ctx, h.take(1)[0]))
		h.stands(id, model.DeliverySent)
		h.holds(resident, 0)
	})
}

// The database dies between the call and writing down what came of it.
func TestADatabaseLostWhileSending(t *testing.T) {
	server := modeltest.Own(t, modeltest.Durable())
	database := server.CreateDatabase(t)
	store := modeltest.OpenDSN(t, server.DSN(database))
	h := open(t, nil, store)
	resident, _ := h.person(1)
	id, real := h.tell(resident), h.WeChat
	h.WeChat = send(func(ctx context.Context, openID, templateID, page string, fields map[string]string) error {
		err := real.Send(ctx, openID, templateID, page, fields)
		must(t, server.Kill())
		return err
	})
	if err := h.deliver(); err == nil {
		t.Error("it was written down without a database")
	}
	must(t, server.Restart())
	h.WeChat = real
	h.pass(lease)
	must(t, h.deliver())
	h.stands(id, model.DeliveryUnknown)
	h.sent(1)
	h.holds(resident, 0)
}

// A replica stops for ten minutes in the middle of sending and comes back holding a lease that is somebody else's by now.
func TestAReplicaThatComesBack(t *testing.T) {
	h := onMariaDB(t)
	resident, _ := h.person(2)
	id, real := h.tell(resident), h.WeChat
	stopped, wake := make(chan struct{}), make(chan struct{})
	h.WeChat = send(func(_ context.Context, openID, templateID, page string, fields map[string]string) error {
		close(stopped)
		<-wake
		return real.Send(context.Background(), openID, templateID, page, fields)
	})
	work, back := h.take(1), make(chan error, 1)
	go func() { back <- h.Deliver(context.Background(), work[0]) }()
	select {
	case <-stopped:
	case err := <-back:
		t.Fatalf("nothing was sent: %v", err)
	}
	h.pass(10 * time.Minute)
	must(t, h.deliver()) // finds it under way
	h.stands(id, model.DeliveryUnknown)
	close(wake)
	if err := <-back; !errors.Is(err, model.ErrLeaseLost) {
		t.Errorf("the one that came back: %v", err)
	}
	h.stands(id, model.DeliveryUnknown)
	h.sent(1)
	h.holds(resident, 1)
}

// Two workers have one and the same message in hand, the one with a lease that has run out.
func TestTwoWorkersSendOnce(t *testing.T) {
	h := onMariaDB(t)
	const people = 12
	var residents []string
	for range people {
		resident, _ := h.person(2)
		h.tell(resident)
		residents = append(residents, resident)
	}
	first := h.take(people)
	h.pass(lease)
	second := h.take(people)
	var all sync.WaitGroup
	for i := range people {
		for _, w := range []model.Work{first[i], second[i], second[i]} {
			all.Go(func() {
				if err := h.Deliver(context.Background(), w); err != nil && !errors.Is(err, model.ErrLeaseLost) {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	to := map[string]int{}
	for _, m := range h.fake.Sent() {
		to[m.To]++
	}
	if len(to) != people || len(h.fake.Sent()) != people {
		t.Errorf("%d messages reached %d of %d people", len(h.fake.Sent()), len(to), people)
	}
	for _, resident := range residents {
		h.holds(resident, 1)
	}
}

// Many messages at once for fewer consents, with WeChat in a mood: no consent is used twice, and none is lost to a refusal.
func TestConsentsUnderParallelSends(t *testing.T) {
	const messages, consents = 60, 25
	h := onMariaDB(t)
	resident, openID := h.person(consents)
	for range messages {
		h.tell(resident)
	}
	h.fake.Fail(fake.PathSend, fake.Fault{Errcode: 45009}, 10)
	h.fake.Fail(fake.PathSend, fake.Fault{Status: 502}, 5)
	for range 4 { // those put off come again
		var all sync.WaitGroup
		for _, w := range h.take(messages) {
			all.Go(func() { must(t, h.Deliver(context.Background(), w)) })
		}
		all.Wait()
		h.pass(15 * time.Minute)
	}
	unknown := h.d.Count(t, "SELECT COUNT(*) FROM message_deliveries WHERE status = 'unknown'")
	if unknown != 5 || len(h.fake.Sent()) != consents-unknown {
		t.Errorf("%d sent and %d unknown, of %d consents", len(h.fake.Sent()), unknown, consents)
	}
	if left := h.fake.ConsentsLeft(openID, templateID); left != unknown {
		t.Errorf("WeChat still has %d consents", left)
	}
	h.holds(resident, 0)
}

// WeChat knows of fewer consents than we do: the first refusal settles it.
func TestARefusalLeavesNoConsent(t *testing.T) {
	h := onMariaDB(t)
	resident, _ := h.person(2)
	must(t, h.Store.InTx(context.Background(), func(tx *model.Store) error {
		for range 5 {
			must(t, tx.AddMessageConsent(context.Background(), resident, templateID, h.now()))
		}
		return nil
	}))
	for range 4 {
		h.tell(resident)
	}
	work := h.take(10)
	for _, w := range work {
		must(t, h.Deliver(context.Background(), w))
	}
	h.stands(work[2].SubjectID, model.DeliveryNoConsent)
	h.stands(work[3].SubjectID, model.DeliveryNoConsent)
	if calls := len(h.fake.CallsTo(fake.PathSend)); calls != 3 {
		t.Errorf("WeChat was asked %d times, want 3", calls)
	}
	h.holds(resident, 0)
}
