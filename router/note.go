package router

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"jiamenkou/model/fault"
)

// note is what a request leaves behind in the log: filled in on the way, written once at the end. It holds no
// personal data and no secret.
type note struct {
	id      string
	fault   *fault.Error
	triedAs string // whose account somebody tried to sign in to
}

type noteKey struct{}

// noteOf gives the request's note; outside a request, one that nobody reads.
func noteOf(ctx context.Context) *note {
	if n, ok := ctx.Value(noteKey{}).(*note); ok {
		return n
	}
	return &note{}
}

func (n *note) refuse(f *fault.Error) {
	if n.fault == nil {
		n.fault = f
	}
}

// observe gives every request an id, logs and measures it once it is done, and turns a panic into an answer.
func observe(newID func() string, log *slog.Logger, seconds *prometheus.HistogramVec) gin.HandlerFunc {
	return func(c *gin.Context) {
		n, start := &note{id: newID()}, time.Now() //nolint:forbidigo // a duration on the monotonic clock
		c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), noteKey{}, n))
		c.Header("X-Request-Id", n.id)
		defer func() {
			if caught := recover(); caught != nil {
				recovered(c, caught, log)
			}
			took := time.Since(start) //nolint:forbidigo // see above
			seconds.WithLabelValues(methodOf(c), c.FullPath(), strconv.Itoa(c.Writer.Status())).Observe(took.Seconds())
			n.write(c, log, took)
		}()
		c.Next()
	}
}

// methodOf keeps made-up methods at unknown addresses from each becoming a figure of its own.
func methodOf(c *gin.Context) string {
	if c.FullPath() == "" {
		return "other"
	}
	return c.Request.Method
}

func recovered(c *gin.Context, caught any, log *slog.Logger) {
	log.ErrorContext(c.Request.Context(), "panic", "request_id", noteOf(c.Request.Context()).id, "panic", caught, "route", c.FullPath(), "stack", stack())
	if !c.Writer.Written() {
		refuse(c, ErrInternal)
	}
}

// write logs the route's pattern rather than the address: ids in addresses belong to people.
func (n *note) write(c *gin.Context, log *slog.Logger, took time.Duration) {
	level, status := slog.LevelInfo, c.Writer.Status()
	attrs := []any{"request_id", n.id, "method", c.Request.Method, "route", c.FullPath(), "status", status, "ms", took.Milliseconds()}
	if n.fault != nil {
		attrs = append(attrs, "code", n.fault.Code)
		if n.fault.Cause != nil {
			attrs = append(attrs, "cause", n.fault.Cause.Error())
		}
	}
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	log.Log(c.Request.Context(), level, "request", attrs...)
}
