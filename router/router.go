// Package router is HTTP in, HTTP out: it reads a request, calls a service, and writes what comes back. It holds no
// rules. The operations table below is the whole of the API.
package router

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"jiamenkou/model"
	"jiamenkou/model/fault"
	"jiamenkou/service/account"
	"jiamenkou/service/booking"
	"jiamenkou/service/notice"
)

// API needs all its fields filled in.
type API struct {
	Account *account.Service
	Booking *booking.Service
	Notice  *notice.Service

	Zone           *time.Location
	Now            func() time.Time
	Log            *slog.Logger
	Metrics        prometheus.Registerer
	NewID          func() string
	Ready          func(ctx context.Context) map[string]error // by dependency, nil when it is well
	Docs           http.Handler                               // the page to read the document
	TrustedProxies []string
	RequestTimeout time.Duration
	MaxBody        int64 // bytes
	Version        string
}

// faults is a list of what an operation may answer besides the common refusals.
type faults []*fault.Error

// operations is every operation: method, address, who may call it, the limit it counts against, the status of
// success, and its refusals.
func (a *API) operations(t *table) {
	const v1 = "/api/v1"
	t.section("登录")
	add(t, row{"POST", v1 + "/sessions", anyone, "login", 201, "用微信登录凭证登录", faults{account.ErrLoginCode, account.ErrWeChatRefused, account.ErrWeChatUnavailable, model.ErrAccountBlocked}}, a.signIn)
	add(t, row{"GET", v1 + "/sessions", resident, "read", 200, "我的登录设备", nil}, a.listSessions)
	add(t, row{"DELETE", v1 + "/sessions", resident, "write", 204, "退出所有设备，本设备除外", nil}, a.endOtherSessions)
	add(t, row{"DELETE", v1 + "/sessions/current", resident, "write", 204, "退出本设备", nil}, a.endThisSession)
	add(t, row{"DELETE", v1 + "/sessions/{id}", resident, "write", 204, "退出一个设备", faults{account.ErrSessionNotFound}}, a.endSession)

	t.section("我")
	add(t, row{"GET", v1 + "/me", resident, "read", 200, "我的资料", nil}, a.me)
	add(t, row{"PATCH", v1 + "/me", resident, "write", 200, "修改我的资料", faults{model.ErrSubdistrictNotFound, account.ErrNicknameRefused, account.ErrWeChatUnavailable}}, a.changeMe)
	add(t, row{"PUT", v1 + "/me/phone", resident, "write", 200, "填写或授权手机号", faults{account.ErrPhoneInvalid, account.ErrPhoneCode, account.ErrWeChatRefused, account.ErrWeChatUnavailable}}, a.changePhone)
	add(t, row{"GET", v1 + "/me/export", resident, "write", 200, "导出我的全部信息", nil}, a.exportMe)
	add(t, row{"POST", v1 + "/me/closure", resident, "write", 204, "注销账号", faults{ErrClosureUnconfirmed, model.ErrChildHasBookings}}, a.closeMe)

	t.section("孩子")
	add(t, row{"GET", v1 + "/children", resident, "read", 200, "我的孩子", nil}, a.listChildren)
	add(t, row{"POST", v1 + "/children", resident, "write", 201, "添加孩子", faults{model.ErrBirthDateInvalid, model.ErrConsentNeeded, model.ErrTooManyChildren, model.ErrChildExists}}, a.addChild)
	add(t, row{"GET", v1 + "/children/{id}", resident, "read", 200, "一个孩子", faults{model.ErrChildNotFound}}, a.findChild)
	add(t, row{"PUT", v1 + "/children/{id}", resident, "write", 200, "修改孩子的信息", faults{model.ErrBirthDateInvalid, model.ErrConsentNeeded, model.ErrChildNotFound, model.ErrChildExists}}, a.changeChild)
	add(t, row{"DELETE", v1 + "/children/{id}", resident, "write", 204, "删除孩子的信息", faults{model.ErrChildNotFound, model.ErrChildHasBookings}}, a.removeChild)
	add(t, row{"GET", v1 + "/children/{id}/allowance", resident, "read", 200, "孩子的免费次数", faults{model.ErrChildNotFound, ErrDateInvalid, ErrDateOutOfRange}}, a.allowance)

	t.section("文件与同意")
	add(t, row{"GET", v1 + "/documents", anyone, "read", 200, "现行的协议与告知", nil}, a.listDocuments)
	add(t, row{"GET", v1 + "/consents", resident, "read", 200, "我对各文件的同意情况", nil}, a.listConsents)
	add(t, row{"PUT", v1 + "/consents/{document}", resident, "write", 204, "同意一份文件", faults{model.ErrDocumentNotFound, model.ErrDocumentOutdated}}, a.agree)
	add(t, row{"DELETE", v1 + "/consents/{document}", resident, "write", 204, "撤回同意", faults{model.ErrDocumentNotFound, model.ErrConsentInUse}}, a.withdraw)

	t.section("宝宝屋")
	add(t, row{"GET", v1 + "/subdistricts", anyone, "read", 200, "街镇", nil}, a.listSubdistricts)
	add(t, row{"GET", v1 + "/services", anyone, "read", 200, "服务项目", nil}, a.listServices)
	add(t, row{"GET", v1 + "/sites", anyone, "search", 200, "附近的宝宝屋", faults{ErrPlaceInvalid, ErrDateInvalid, ErrDateOutOfRange, ErrLimitOutOfRange, model.ErrSubdistrictNotFound, model.ErrServiceNotFound}}, a.listSites)
	add(t, row{"GET", v1 + "/sites/{id}", anyone, "read", 200, "一个宝宝屋", faults{model.ErrSiteNotFound}}, a.findSite)
	add(t, row{"GET", v1 + "/sites/{id}/slots", anyone, "read", 200, "宝宝屋的时段", faults{model.ErrSiteNotFound, ErrDateInvalid, ErrDateOutOfRange}}, a.listSlots)
	add(t, row{"GET", v1 + "/slots/{id}", anyone, "read", 200, "一个时段", faults{model.ErrSlotNotFound}}, a.findSlot)

	t.section("预约")
	add(t, row{"POST", v1 + "/slots/{id}/bookings", resident, "booking", 201, "预约一个时段", append(bookingFaults, keyFaults...)}, a.book)
	add(t, row{"GET", v1 + "/bookings", resident, "read", 200, "我的预约", faults{ErrLimitOutOfRange}}, a.listBookings)
	add(t, row{"GET", v1 + "/bookings/{id}", resident, "read", 200, "一个预约", faults{model.ErrBookingNotFound}}, a.findBooking)
	add(t, row{"POST", v1 + "/bookings/{id}/cancellation", resident, "booking", 200, "取消预约", append(faults{model.ErrBookingNotFound, model.ErrBookingEnded, model.ErrBookingStarted}, keyFaults...)}, a.cancelBooking)

	t.section("通知")
	add(t, row{"GET", v1 + "/notices", resident, "read", 200, "我的通知", faults{ErrLimitOutOfRange}}, a.listNotices)
	add(t, row{"PUT", v1 + "/notices/{id}/reading", resident, "write", 204, "标为已读", faults{model.ErrNoticeNotFound}}, a.readNotice)
}

var keyFaults = faults{ErrKeyMissing, ErrKeyInvalid, model.ErrKeyReused, model.ErrStillRunning, model.ErrOutcomeUnknown}

var bookingFaults = faults{
	model.ErrSlotNotFound, model.ErrSlotNotReleased, model.ErrSlotCutOff, model.ErrSlotClosed, model.ErrSlotFull,
	model.ErrChildNotFound, model.ErrTooYoung, model.ErrTooOld, model.ErrConsentNeeded, model.ErrBookingIsBlocked,
	model.ErrAlreadyBooked, model.ErrOverlap, model.ErrTooManyBookings, model.ErrAllowanceUsedUp, model.ErrSelfPaidUnaccepted,
}

// Handler puts the whole together.
func (a *API) Handler() http.Handler {
	engine := a.engine()
	engine.GET("/api/openapi.json", serveDocument(a.register(engine)))
	engine.GET("/api/docs", func(c *gin.Context) { c.Redirect(http.StatusPermanentRedirect, "/api/docs/") })
	engine.GET("/api/docs/*page", gin.WrapH(http.StripPrefix("/api/docs", a.Docs)))
	a.probes(engine)
	return engine
}

// register puts every operation on the engine and into the document.
func (a *API) register(engine *gin.Engine) huma.API {
	api := a.document(engine)
	a.operations(&table{api: api, a: a})
	documentProbes(api)
	documentNowhere(api)
	return api
}

func (a *API) engine() *gin.Engine {
	engine := bareEngine()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false           // gin would redirect past everything that follows here
	engine.UseRawPath = true                       // an escaped slash is part of a value
	_ = engine.SetTrustedProxies(a.TrustedProxies) // the settings have been validated
	engine.Use(observe(a.NewID, a.Log, a.histogram()), headers, a.bounds, strictAddress)
	engine.NoRoute(func(c *gin.Context) { refuse(c, ErrRouteNotFound) })
	engine.NoMethod(func(c *gin.Context) { refuse(c, ErrMethodNotAllowed) })
	return engine
}

// Document is the OpenAPI document without a running server.
func (a *API) Document() *huma.OpenAPI {
	return a.register(bareEngine()).OpenAPI()
}

func bareEngine() *gin.Engine {
	gin.SetMode(gin.ReleaseMode) // before New, which else talks on standard output
	return gin.New()
}
