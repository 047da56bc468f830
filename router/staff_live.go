package router

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"jiamenkou/model"
)

// liveRoute is the one operation that stays open, as Gin writes it.
const liveRoute = "/console/api/v1/sites/:id/live"

// liveOutput is a stream of server-sent events: "day", with the revision of the site's day, when it is opened and
// whenever anything has changed; "beat" at once and every so many seconds, so that whoever hears nothing for longer knows
// that the line is dead: a browser sees no cut cable.
type liveOutput struct{ Body func(huma.Context) }

func (liveOutput) mediaType() string { return "text/event-stream" }

func (a *API) deskLive(ctx context.Context, in *ByID) (*liveOutput, error) {
	revisions, err := a.Desk.Watch(ctx, dutyOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	mayStay := func() bool { return a.mayStay(ctx, in.ID) }
	return &liveOutput{func(hc huma.Context) { a.stream(hc, revisions, mayStay) }}, nil
}

// mayStay reports whether the caller's session, permission and scope still hold. It does not count as use: a desk nobody
// works at is signed out all the same.
func (a *API) mayStay(ctx context.Context, siteID string) bool {
	duty, err := a.Staff.StillOnDuty(ctx, staffSessionOf(ctx), model.MayKeep)
	return err == nil && a.Desk.CheckSite(ctx, duty, siteID) == nil
}

// stream writes events until the listener is gone, may not stay, or the house closes. Neither of the server's timeouts
// cuts it.
func (a *API) stream(hc huma.Context, revisions <-chan string, mayStay func() bool) {
	control := http.NewResponseController(humagin.Unwrap(hc).Writer)
	_, _ = control.SetReadDeadline(time.Time{}), control.SetWriteDeadline(time.Time{}) // what has none needs none lifted
	hc.SetHeader("Content-Type", liveOutput{}.mediaType())
	hc.SetHeader("X-Accel-Buffering", "no") // or nginx keeps events to itself
	beat := time.NewTicker(a.Desk.Live.Beat)
	defer beat.Stop()
	alive := fmt.Sprintf("event: beat\ndata: {\"seconds\":%g}\n\n", a.Desk.Live.Beat.Seconds())
	text := fmt.Sprintf("retry: %d\n\n%s", comeBackAfter.Milliseconds(), alive)
	for {
		if _, err := hc.BodyWriter().Write([]byte(text)); err != nil || control.Flush() != nil {
			return
		}
		select {
		case revision, open := <-revisions:
			if !open {
				return
			}
			text = fmt.Sprintf("event: day\ndata: {\"revision\":%q}\n\n", revision)
		case <-beat.C:
			if !mayStay() {
				return
			}
			text = alive
		}
	}
}

const comeBackAfter = 3 * time.Second // of a browser whose stream was cut
