package router

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

// Faults of the request itself, before any rule of the house is asked.
var (
	ErrInvalidRequest   = fault.New(fault.Invalid, "invalid_request", "提交的内容不对，请检查后再试。")
	ErrMalformedBody    = fault.New(fault.Malformed, "malformed_body", "提交的内容不是有效的JSON。")
	ErrUnknownField     = fault.New(fault.Invalid, "unknown_field", "提交了不认识的字段。")
	ErrDoubledKey       = fault.New(fault.Malformed, "doubled_key", "同一个字段提交了两次。")
	ErrBodyMissing      = fault.New(fault.Malformed, "body_missing", "缺少提交的内容。")
	ErrBodyType         = fault.New(wrongType, "body_type_unsupported", "提交的内容类型不对，应为application/json。")
	ErrMalformedQuery   = fault.New(fault.Malformed, "malformed_query", "地址中的参数写法不对。")
	ErrDoubledParameter = fault.New(fault.Malformed, "doubled_parameter", "同一个参数出现了两次。")
	ErrInvalidUTF8      = fault.New(fault.Malformed, "invalid_utf8", "提交的文字编码不对，应为UTF-8。")
	ErrBodyTooLarge     = fault.New(fault.TooLarge, "body_too_large", "提交的内容太大。")
	ErrBodyTooSlow      = fault.New(fault.Malformed, "body_too_slow", "网络太慢，没有收到完整的内容，请重试。")
	ErrKeyMissing       = fault.New(fault.Malformed, "idempotency_key_missing", "缺少请求编号（Idempotency-Key），请刷新页面后重试。")
	ErrKeyInvalid       = fault.New(fault.Malformed, "idempotency_key_invalid", "请求编号（Idempotency-Key）不对：8到64个字母、数字、下划线或连字符。")
	ErrLimitOutOfRange  = fault.New(fault.Invalid, "limit_out_of_range", "每页条数应在1到100之间。")
	ErrDateInvalid      = fault.New(fault.Invalid, "date_invalid", "日期不对：应为存在的日期，如2026-11-24。")
	ErrDateOutOfRange   = fault.New(fault.Invalid, "date_out_of_range", "日期超出可查询的范围。")
	ErrPlaceInvalid     = fault.New(fault.Invalid, "coordinates_invalid", "位置不对：应为“纬度,经度”，如31.19,121.43。")
	ErrRouteNotFound    = fault.New(fault.NotFound, "route_not_found", "没有这个地址。")
	ErrMethodNotAllowed = fault.New(wrongMethod, "method_not_allowed", "这个地址不支持这种请求方式。")
	ErrInternal         = fault.New(fault.Internal, "internal_error", "系统出了点问题，我们已经记录。请稍后再试。")
)

// Kinds that only HTTP knows.
const (
	wrongMethod fault.Kind = "wrong_method"
	wrongType   fault.Kind = "wrong_type"
)

// statusOf is the one place where a kind of fault becomes an HTTP status.
var statusOf = map[fault.Kind]int{
	fault.Malformed:       http.StatusBadRequest,
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.TooMany:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.Internal:        http.StatusInternalServerError,
	wrongMethod:           http.StatusMethodNotAllowed,
	wrongType:             http.StatusUnsupportedMediaType,
}

// Problem is the body of every refusal (RFC 9457).
type Problem struct {
	Title     string         `json:"title" doc:"HTTP状态的名称"`
	Status    int            `json:"status"`
	Code      string         `json:"code" doc:"稳定的错误码，供程序判断"`
	Detail    string         `json:"detail" doc:"给人看的说明"`
	RequestID string         `json:"request_id" doc:"报告问题时请提供"`
	Errors    []FieldProblem `json:"errors,omitempty" nullable:"false" doc:"哪些字段不对"`

	retryAfter time.Duration
}

// FieldProblem is one wrong field.
type FieldProblem struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

func (p *Problem) Error() string { return p.Code }

// GetStatus tells huma the status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType tells huma the media type.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders tells huma when to come back.
func (p *Problem) GetHeaders() http.Header {
	if p.retryAfter <= 0 {
		return nil
	}
	return http.Header{"Retry-After": {strconv.Itoa(int(math.Ceil(p.retryAfter.Seconds())))}}
}

// problemOf turns any error into what the caller is shown; the cause goes to the request's log line and no further.
func problemOf(ctx context.Context, err error) *Problem {
	f := fault.Of(err)
	if f == nil {
		f = ErrInternal.WithCause(err)
	}
	note := noteOf(ctx)
	note.refuse(f)
	status := statusOf[f.Kind]
	p := &Problem{
		Title: http.StatusText(status), Status: status, Code: f.Code, Detail: f.Message,
		RequestID: note.id, retryAfter: f.RetryAfter,
	}
	for _, field := range f.Fields {
		p.Errors = append(p.Errors, FieldProblem{field.Name, field.Message})
	}
	return p
}

// refuse answers outside of huma.
func refuse(c *gin.Context, err error) {
	p := problemOf(c.Request.Context(), err)
	writeProblem(c.Writer, p)
	c.Abort()
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client is gone if this fails
}

// speakChinese teaches huma, whose messages are process-wide variables, our words. It runs once, before the first API
// is made.
var speakChinese = sync.OnceFunc(func() {
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return problemOf(context.Background(), invalidRequest(status, message, errs))
	}
	huma.NewErrorWithContext = func(c huma.Context, status int, message string, errs ...error) huma.StatusError {
		return problemOf(c.Context(), invalidRequest(status, message, errs))
	}
	huma.ValidateStrictCasing = true
	translateValidation()
})

// invalidRequest chooses the fault for what huma found wrong with a request.
func invalidRequest(status int, message string, errs []error) error {
	switch {
	case status == http.StatusRequestEntityTooLarge:
		return ErrBodyTooLarge
	case status == http.StatusRequestTimeout:
		return ErrBodyTooSlow
	case message == humaUnreadable: // the connection broke in the middle of the body
		return ErrBodyTooSlow.WithCause(withoutAddresses(errors.Join(errs...)))
	case status == http.StatusUnsupportedMediaType:
		return ErrBodyType
	case status == http.StatusBadRequest && len(errs) == 0:
		return ErrBodyMissing
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
		return withFields(errs)
	}
	return ErrInternal.WithCause(errors.Join(errs...))
}

// withoutAddresses keeps of a connection's failure what happened, and not whose address it happened to.
func withoutAddresses(err error) error {
	var broken *net.OpError
	if errors.As(err, &broken) {
		return broken.Err
	}
	return err
}

// withFields names every wrong field; the first one that has a fault of its own decides the code.
func withFields(errs []error) error {
	refusal := ErrInvalidRequest
	var fields []fault.Field
	for _, err := range errs {
		field, own := fieldFault(err)
		fields = append(fields, field)
		if own != nil && refusal == ErrInvalidRequest {
			refusal = own
		}
	}
	for _, field := range fields {
		refusal = refusal.WithField(field.Name, field.Message)
	}
	return refusal
}

// errBirthDateUnreadable is about what is no day at all.
var errBirthDateUnreadable = model.ErrBirthDateInvalid.WithMessage("%s", ErrDateInvalid.Message)

// locations whose every fault has one code.
var faultAt = map[string]*fault.Error{
	"query.near":             ErrPlaceInvalid,
	"query.limit":            ErrLimitOutOfRange,
	"header.Idempotency-Key": ErrKeyInvalid,
	"query.date":             ErrDateInvalid,
	"query.from":             ErrDateInvalid,
	"query.to":               ErrDateInvalid,
	"query.until":            ErrDateInvalid,
	"body.birth_date":        errBirthDateUnreadable,
}

// fieldFault reads one of huma's findings. Its message may quote what was sent, so only known words are passed on.
func fieldFault(err error) (fault.Field, *fault.Error) {
	detailer, ok := err.(huma.ErrorDetailer)
	if !ok {
		return fault.Field{Name: "request", Message: wrongContent}, nil
	}
	d := detailer.ErrorDetail()
	if own := ownFault(d); own != nil {
		return fault.Field{Name: d.Location, Message: own.Message}, own
	}
	if name, missing := strings.CutPrefix(d.Message, msgRequired); missing {
		return fault.Field{Name: d.Location + "." + name, Message: msgRequired}, nil
	}
	return fault.Field{Name: d.Location, Message: inChinese(d.Message)}, nil
}

// ownFault finds the fault of its own that a finding has, or nil.
func ownFault(d *huma.ErrorDetail) *fault.Error {
	own := faultAt[d.Location]
	switch {
	case bodyFaults[d.Message] != nil:
		return bodyFaults[d.Message]
	case d.Message == msgUnexpected || strings.HasPrefix(d.Message, humaUnknownParameter):
		return ErrUnknownField
	case own == ErrKeyInvalid && strings.HasPrefix(d.Message, humaRequiredHeader):
		return ErrKeyMissing
	}
	return own
}
