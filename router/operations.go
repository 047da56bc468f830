package router

import (
	"slices"

	"jiamenkou/model"
	"jiamenkou/service/account"
	"jiamenkou/service/booking"
	"jiamenkou/service/desk"
)

// operations is everything that residents can do: method, address, who may call it, the limit it counts against, the
// status of success, and its refusals. The parts of the document are in this order.
func (a *API) operations(t *table) {
	for _, part := range []func(*table){
		a.sessionOperations,
		a.profileOperations,
		a.childOperations,
		a.familyOperations,
		a.documentOperations,
		a.placeOperations,
		a.bookingOperations,
		a.waitingOperations,
		a.drawOperations,
		a.noticeOperations,
	} {
		part(t)
	}
}

// sessionOperations are signing in and the devices that are signed in.
func (a *API) sessionOperations(t *table) {
	const v1 = "/api/v1"
	t.section("登录")
	add(t, row{"POST", v1 + "/sessions", anyone, "login", 201, "用微信登录凭证登录", faults{account.ErrLoginCode, account.ErrWeChatRefused, account.ErrWeChatUnavailable, model.ErrAccountBlocked}}, a.signIn)
	add(t, row{"GET", v1 + "/sessions", resident, "read", 200, "我的登录设备", nil}, a.listSessions)
	add(t, row{"DELETE", v1 + "/sessions", resident, "write", 204, "退出所有设备，本设备除外", nil}, a.endOtherSessions)
	add(t, row{"DELETE", v1 + "/sessions/current", resident, "write", 204, "退出本设备", nil}, a.endThisSession)
	add(t, row{"DELETE", v1 + "/sessions/{id}", resident, "write", 204, "退出一个设备", faults{account.ErrSessionNotFound}}, a.endSession)
}

// profileOperations are what a resident is to us.
func (a *API) profileOperations(t *table) {
	const v1 = "/api/v1"
	t.section("我")
	add(t, row{"GET", v1 + "/me", resident, "read", 200, "我的资料", nil}, a.me)
	add(t, row{"PATCH", v1 + "/me", resident, "write", 200, "修改我的资料", faults{model.ErrSubdistrictNotFound, account.ErrNicknameRefused, account.ErrWeChatUnavailable}}, a.changeMe)
	add(t, row{"PUT", v1 + "/me/phone", resident, "write", 200, "填写或授权手机号", faults{account.ErrPhoneInvalid, account.ErrPhoneCode, account.ErrWeChatRefused, account.ErrWeChatUnavailable}}, a.changePhone)
	add(t, row{"GET", v1 + "/me/export", resident, "write", 200, "导出我的全部信息", nil}, a.exportMe)
	add(t, row{"POST", v1 + "/me/closure", resident, "write", 204, "注销账号", faults{ErrClosureUnconfirmed, model.ErrChildHasBookings}}, a.closeMe)
}

// childOperations are the children in one's care.
func (a *API) childOperations(t *table) {
	const v1 = "/api/v1"
	t.section("孩子")
	add(t, row{"GET", v1 + "/children", resident, "read", 200, "我的孩子", nil}, a.listChildren)
	add(t, row{"POST", v1 + "/children", resident, "write", 201, "添加孩子", faults{model.ErrBirthDateInvalid, model.ErrConsentNeeded, model.ErrTooManyChildren, model.ErrChildExists}}, a.addChild)
	add(t, row{"GET", v1 + "/children/{id}", resident, "read", 200, "一个孩子", faults{model.ErrChildNotFound}}, a.findChild)
	add(t, row{"PUT", v1 + "/children/{id}", resident, "write", 200, "修改孩子的信息", faults{model.ErrBirthDateInvalid, model.ErrConsentNeeded, model.ErrChildNotFound, model.ErrChildExists}}, a.changeChild)
	add(t, row{"DELETE", v1 + "/children/{id}", resident, "write", 204, "删除孩子的信息", faults{model.ErrChildNotFound, model.ErrChildHasBookings}}, a.removeChild)
	add(t, row{"GET", v1 + "/children/{id}/allowance/entries", resident, "read", 200, "孩子的免费次数流水", faults{model.ErrChildNotFound, ErrDateInvalid, ErrDateOutOfRange}}, a.allowanceEntries)
	add(t, row{"GET", v1 + "/children/{id}/allowance", resident, "read", 200, "孩子的免费次数", faults{model.ErrChildNotFound, ErrDateInvalid, ErrDateOutOfRange}}, a.allowance)
}

// familyOperations are a guardian's part of the door: who may fetch the child, the code to check in with, and marks.
func (a *API) familyOperations(t *table) {
	const v1 = "/api/v1"
	t.section("接送人与失约记录")
	add(t, row{"GET", v1 + "/children/{id}/pickup-persons", resident, "read", 200, "可以接走孩子的人", faults{model.ErrChildNotFound}}, a.listPickupPersons)
	add(t, row{"POST", v1 + "/children/{id}/pickup-persons", resident, "write", 201, "添加接送人", faults{model.ErrChildNotFound, model.ErrTooManyPickupPersons, account.ErrPhoneInvalid}}, a.addPickupPerson)
	add(t, row{"PUT", v1 + "/children/{id}/pickup-persons/{person}", resident, "write", 200, "修改接送人", faults{model.ErrChildNotFound, model.ErrPickupPersonNotFound, account.ErrPhoneInvalid}}, a.restatePickupPerson)
	add(t, row{"DELETE", v1 + "/children/{id}/pickup-persons/{person}", resident, "write", 204, "删除接送人", faults{model.ErrChildNotFound, model.ErrPickupPersonNotFound}}, a.removePickupPerson)
	add(t, row{"GET", v1 + "/children/{id}/marks", resident, "read", 200, "孩子的失约记录", faults{model.ErrChildNotFound}}, a.listMarks)
	add(t, row{"POST", v1 + "/marks/{id}/appeal", resident, "write", 201, "申诉一条失约记录", faults{model.ErrMarkNotFound, model.ErrMarkLifted, model.ErrAppealExists, model.ErrAppealTooLate}}, a.appeal)
	add(t, row{"POST", v1 + "/bookings/{id}/check-in-code", resident, "booking", 201, "出示签到码", append(faults{model.ErrBookingNotFound, desk.ErrCodesDown, model.ErrCheckInTooLate}, stateFaults...)}, a.newCheckInCode)
}

// documentOperations are what one agrees to.
func (a *API) documentOperations(t *table) {
	const v1 = "/api/v1"
	t.section("文件与同意")
	add(t, row{"GET", v1 + "/documents", anyone, "read", 200, "现行的协议与告知", nil}, a.listDocuments)
	add(t, row{"GET", v1 + "/consents", resident, "read", 200, "我对各文件的同意情况", nil}, a.listConsents)
	add(t, row{"PUT", v1 + "/consents/{document}", resident, "write", 204, "同意一份文件", faults{model.ErrDocumentNotFound, model.ErrDocumentOutdated}}, a.agree)
	add(t, row{"DELETE", v1 + "/consents/{document}", resident, "write", 204, "撤回同意", faults{model.ErrDocumentNotFound, model.ErrConsentInUse}}, a.withdraw)
}

// placeOperations are where and when children are cared for.
func (a *API) placeOperations(t *table) {
	const v1 = "/api/v1"
	t.section("宝宝屋")
	add(t, row{"GET", v1 + "/subdistricts", anyone, "read", 200, "街镇", nil}, a.listSubdistricts)
	add(t, row{"GET", v1 + "/services", anyone, "read", 200, "服务项目", nil}, a.listServices)
	add(t, row{"GET", v1 + "/sites", anyone, "search", 200, "附近的宝宝屋", faults{ErrPlaceInvalid, ErrDateInvalid, ErrDateOutOfRange, ErrLimitOutOfRange, model.ErrSubdistrictNotFound, model.ErrServiceNotFound}}, a.listSites)
	add(t, row{"GET", v1 + "/sites/{id}", anyone, "read", 200, "一个宝宝屋", faults{model.ErrSiteNotFound}}, a.findSite)
	add(t, row{"GET", v1 + "/photos/{id}", anyone, "read", 200, "宝宝屋的一张照片", faults{model.ErrPhotoNotFound}}, a.photo)
	add(t, row{"GET", v1 + "/sites/{id}/slots", anyone, "read", 200, "宝宝屋的时段", faults{model.ErrSiteNotFound, ErrDateInvalid, ErrDateOutOfRange}}, a.listSlots)
	add(t, row{"GET", v1 + "/slots/{id}", anyone, "read", 200, "一个时段", faults{model.ErrSlotNotFound}}, a.findSlot)
}

// bookingOperations are a child's places.
func (a *API) bookingOperations(t *table) {
	const v1 = "/api/v1"
	t.section("预约")
	add(t, row{"POST", v1 + "/slots/{id}/bookings", resident, "booking", 201, "预约一个时段", append(bookingFaults, keyFaults...)}, a.book)
	add(t, row{"GET", v1 + "/bookings", resident, "read", 200, "我的预约", faults{ErrLimitOutOfRange}}, a.listBookings)
	add(t, row{"GET", v1 + "/bookings/{id}", resident, "read", 200, "一个预约", faults{model.ErrBookingNotFound}}, a.findBooking)
	add(t, row{"POST", v1 + "/bookings/{id}/cancellation", resident, "booking", 200, "取消预约", slices.Concat(cancelFaults, keyFaults)}, a.cancelBooking)
	add(t, row{"POST", v1 + "/bookings", resident, "booking", 201, "一次预约几个时段", slices.Concat(faults{booking.ErrTooManyAtOnce, booking.ErrSlotTwice, booking.ErrNotAllBookable, model.ErrChildNotFound, model.ErrConsentNeeded}, keyFaults)}, a.bookSeveral)
	add(t, row{"POST", v1 + "/bookings/{id}/transfer", resident, "booking", 201, "改到另一个时段", slices.Concat(faults{model.ErrBookingNotFound, model.ErrBookingEnded, model.ErrBookingStarted}, bookingFaults, keyFaults)}, a.moveBooking)
	add(t, row{"GET", v1 + "/bookings/{id}/calendar", resident, "read", 200, "一个预约的日历文件", faults{model.ErrBookingNotFound}}, a.bookingCalendar)
	add(t, row{"GET", v1 + "/calendar", resident, "read", 200, "未结束的预约的日历文件", nil}, a.calendar)
}

// waitingOperations are the lists of those who wait for a place.
func (a *API) waitingOperations(t *table) {
	const v1 = "/api/v1"
	t.section("候补")
	add(t, row{"POST", v1 + "/slots/{id}/waiting", resident, "booking", 201, "候补一个约满的时段", slices.Concat(waitingFaults, keyFaults)}, a.wait)
	add(t, row{"GET", v1 + "/waiting", resident, "read", 200, "我的候补", faults{ErrLimitOutOfRange}}, a.listWaiting)
	add(t, row{"GET", v1 + "/waiting/{id}", resident, "read", 200, "一条候补", faults{model.ErrWaitingNotFound}}, a.findWaiting)
	add(t, row{"POST", v1 + "/waiting/{id}/acceptance", resident, "booking", 201, "确认为孩子保留的名额", slices.Concat(acceptanceFaults, keyFaults)}, a.accept)
	add(t, row{"POST", v1 + "/waiting/{id}/departure", resident, "booking", 200, "退出候补，或放弃为孩子保留的名额", slices.Concat(faults{model.ErrWaitingNotFound, model.ErrWaitingEnded}, keyFaults)}, a.leave)
}

// drawOperations are applications to a draw and what came of them.
func (a *API) drawOperations(t *table) {
	const v1 = "/api/v1"
	t.section("摇号")
	add(t, row{"POST", v1 + "/slots/{id}/applications", resident, "booking", 201, "报名一个时段的摇号", slices.Concat(applicationFaults, keyFaults)}, a.apply)
	add(t, row{"GET", v1 + "/applications", resident, "read", 200, "我的摇号报名与结果", faults{ErrLimitOutOfRange}}, a.listApplications)
	add(t, row{"GET", v1 + "/applications/{id}", resident, "read", 200, "一份摇号报名与结果", faults{model.ErrApplicationNotFound}}, a.findApplication)
	add(t, row{"POST", v1 + "/applications/{id}/withdrawal", resident, "booking", 200, "撤回摇号报名", slices.Concat(faults{model.ErrApplicationNotFound, model.ErrApplicationEnded}, keyFaults)}, a.withdrawApplication)
	add(t, row{"GET", v1 + "/slots/{id}/draw", anyone, "read", 200, "一个时段的摇号", faults{model.ErrSlotNotFound, model.ErrDrawNotFound}}, a.findDraw)
	add(t, row{"GET", v1 + "/slots/{id}/draw/document", anyone, "read", 200, "摇号的全部依据，谁都可以重算", faults{model.ErrSlotNotFound, model.ErrDrawNotFound, model.ErrNotDrawn}}, a.drawDocument)
}

// noticeOperations are what one is told, in the house and through WeChat.
func (a *API) noticeOperations(t *table) {
	const v1 = "/api/v1"
	t.section("通知")
	add(t, row{"GET", v1 + "/notices", resident, "read", 200, "我的通知", faults{ErrLimitOutOfRange}}, a.listNotices)
	add(t, row{"PUT", v1 + "/notices/{id}/reading", resident, "write", 204, "标为已读", faults{model.ErrNoticeNotFound}}, a.readNotice)
	add(t, row{"PUT", v1 + "/notices/reading", resident, "write", 204, "全部标为已读", nil}, a.readNotices)
	add(t, row{"GET", v1 + "/message-consents", resident, "read", 200, "可以订阅的微信消息、还可以收到几条", nil}, a.listMessageConsents)
	add(t, row{"POST", v1 + "/message-consents", resident, "write", 200, "报告本人同意接收的微信消息", append(faults{model.ErrTemplateUnknown}, keyFaults...)}, a.agreeToMessages)
}

var keyFaults = faults{ErrKeyMissing, ErrKeyInvalid, model.ErrKeyReused, model.ErrStillRunning, model.ErrOutcomeUnknown}

var bookingFaults = faults{
	model.ErrSlotNotFound, model.ErrSlotNotReleased, model.ErrSlotCutOff, model.ErrSlotClosed, model.ErrSlotFull, model.ErrSlotInDraw,
	model.ErrChildNotFound, model.ErrTooYoung, model.ErrTooOld, model.ErrConsentNeeded, model.ErrBookingIsBlocked,
	model.ErrAlreadyBooked, model.ErrOverlap, model.ErrTooManyBookings, model.ErrAllowanceUsedUp, model.ErrSelfPaidUnaccepted,
}

var cancelFaults = faults{model.ErrBookingNotFound, model.ErrBookingEnded, model.ErrBookingStarted}

// waitingFaults are those of booking that can be judged before there is a place, and those of the list itself.
var waitingFaults = faults{
	model.ErrSlotNotFound, model.ErrSlotNotReleased, model.ErrSlotCutOff, model.ErrSlotClosed, model.ErrSlotInDraw, model.ErrSlotHasPlaces,
	model.ErrChildNotFound, model.ErrTooYoung, model.ErrTooOld, model.ErrConsentNeeded, model.ErrBookingIsBlocked,
	model.ErrAlreadyBooked, model.ErrOverlap, model.ErrAlreadyWaiting, model.ErrTooManyWaiting,
}

var acceptanceFaults = faults{
	model.ErrWaitingNotFound, model.ErrNotOffered, model.ErrOfferExpired, model.ErrWaitingEnded, model.ErrSlotClosed,
	model.ErrChildNotFound, model.ErrTooYoung, model.ErrTooOld, model.ErrConsentNeeded, model.ErrBookingIsBlocked,
	model.ErrAlreadyBooked, model.ErrOverlap, model.ErrTooManyBookings, model.ErrAllowanceUsedUp, model.ErrSelfPaidUnaccepted,
}

// applicationFaults are those of booking that can be judged before there is a place, and those of the draw itself.
var applicationFaults = faults{
	model.ErrSlotNotFound, model.ErrSlotNotReleased, model.ErrSlotCutOff, model.ErrSlotClosed, model.ErrDrawNotFound, model.ErrDrawClosed,
	model.ErrChildNotFound, model.ErrTooYoung, model.ErrTooOld, model.ErrConsentNeeded, model.ErrBookingIsBlocked,
	model.ErrAlreadyBooked, model.ErrOverlap, model.ErrAlreadyApplied,
}

// stateFaults are what a booking may be instead of awaited.
var stateFaults = faults{model.ErrAlreadyCheckedIn, model.ErrAlreadyLeft, model.ErrBookingCalledOff}
