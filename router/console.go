package router

import (
	"slices"

	"jiamenkou/model"
	"jiamenkou/service/account"
	"jiamenkou/service/desk"
	"jiamenkou/service/staff"
)

// console is everything that staff can do, in the form of operations. The permission stands on the row; the scope in which
// it is held is the service's to look at.
func (a *API) console(t *table) {
	for _, part := range []func(*table){
		a.entranceOperations,
		a.peopleOperations,
		a.doorOperations,
		a.recordOperations,
		a.planningOperations,
		a.forOthersOperations,
		a.staffDrawOperations,
		a.workOperations,
		a.furnishOperations,
		a.policyOperations,
		a.templateOperations,
		a.overviewOperations,
		a.trailOperations,
		a.exportOperations,
	} {
		part(t)
	}
}

// entranceOperations are signing in to the console.
func (a *API) entranceOperations(t *table) {
	const v1 = "/console/api/v1"
	t.section("工作台：登录")
	add(t, row{"POST", v1 + "/sessions", visitor, "login", 200, "登录第一步：登录名和密码", faults{staff.ErrPasswordWrong, model.ErrLocked, model.ErrStaffDisabled}}, a.staffSignIn)
	add(t, row{"POST", v1 + "/sessions/second-factor", visitor, "login", 204, "登录第二步：动态码", faults{staff.ErrTicket, staff.ErrCodeWrong, model.ErrStepUsed, model.ErrLocked}}, a.staffSecondFactor)
	add(t, row{"POST", v1 + "/sessions/passkey", visitor, "login", 200, "用通行密钥登录", nil}, a.askPasskey)
	add(t, row{"POST", v1 + "/sessions/passkey/completion", visitor, "login", 204, "用通行密钥登录：浏览器的回答", faults{staff.ErrTicket, staff.ErrPasskeyRefused, model.ErrStaffDisabled}}, a.signInByPasskey)
	add(t, row{"POST", v1 + "/invitations/opening", visitor, "login", 200, "打开邀请链接（不会用掉）", faults{model.ErrInvitation, model.ErrStaffDisabled}}, a.openInvitation)
	add(t, row{"POST", v1 + "/invitations/completion", visitor, "login", 204, "设置登录方式并登录", slices.Concat(faults{
		staff.ErrTicket, model.ErrInvitation, model.ErrLoginInvalid, model.ErrLoginTaken, staff.ErrCodeWrong, staff.ErrPasswordWrong, model.ErrLocked,
	}, passwordFaults)}, a.completeInvitation)
	add(t, row{"GET", v1 + "/sessions", anyStaff, "read", 200, "我的登录设备", nil}, a.staffDevices)
	add(t, row{"DELETE", v1 + "/sessions", anyStaff, "write", 204, "退出所有设备，本设备除外", nil}, a.endOtherStaffDevices)
	add(t, row{"DELETE", v1 + "/sessions/current", anyStaff, "write", 204, "退出", nil}, a.staffSignOut)
	add(t, row{"DELETE", v1 + "/sessions/{id}", anyStaff, "write", 204, "退出我的一个设备", faults{staff.ErrSessionNotFound}}, a.endStaffDevice)
	add(t, row{"GET", v1 + "/me", anyStaff, "read", 200, "我是谁、能做什么", nil}, a.staffMe)
	add(t, row{"PUT", v1 + "/me/password", anyStaff, "login", 204, "修改我的密码；其他设备都会退出", append(faults{staff.ErrPasswordWrong, model.ErrLocked}, passwordFaults...)}, a.changePassword)
	add(t, row{"GET", v1 + "/me/sign-ins", anyStaff, "read", 200, "我最近的登录记录", faults{ErrLimitOutOfRange}}, a.mySignIns)
	add(t, row{"GET", v1 + "/passkeys", anyStaff, "read", 200, "我的通行密钥", nil}, a.listPasskeys)
	add(t, row{"POST", v1 + "/passkeys", anyStaff, "write", 200, "登记通行密钥", nil}, a.askNewPasskey)
	add(t, row{"POST", v1 + "/passkeys/completion", anyStaff, "write", 201, "登记通行密钥：浏览器的回答", faults{staff.ErrTicket, staff.ErrPasskeyRefused, model.ErrPasskeyExists}}, a.addPasskey)
	add(t, row{"DELETE", v1 + "/passkeys/{id}", anyStaff, "write", 204, "移除我的一把通行密钥", faults{model.ErrPasskeyNotFound}}, a.dropPasskey)
}

// forOthersOperations are what staff do for somebody at the door or on the telephone.
func (a *API) forOthersOperations(t *table) {
	const v1 = "/console/api/v1"
	t.section("工作台：代为预约")
	keep, of := staffWho(model.MayKeep), slices.Concat(faults{model.ErrReasonInvalid, model.ErrAccountBlocked, model.ErrAccountClosed}, keyFaults)
	add(t, row{"GET", v1 + "/residents/{id}/under-way", keep, "read", 200, "家庭在范围内宝宝屋还没有结束的预约、候补和摇号报名", faults{model.ErrResidentNotFound}}, a.underWay)
	add(t, row{"POST", v1 + "/slots/{id}/bookings", keep, "booking", 201, "替人预约；写明理由可以破例", slices.Concat(bookingFaults, of)}, a.bookFor)
	add(t, row{"POST", v1 + "/bookings/{id}/cancellation", keep, "booking", 200, "替人取消", slices.Concat(cancelFaults, keyFaults)}, a.cancelFor)
	add(t, row{"POST", v1 + "/bookings/{id}/transfer", keep, "booking", 201, "替人改到另一个时段；写明理由可以破例", slices.Concat(cancelFaults, bookingFaults, of)}, a.moveFor)
	add(t, row{"POST", v1 + "/slots/{id}/waiting", keep, "booking", 201, "替人候补；写明理由可以破例", slices.Concat(waitingFaults, of)}, a.waitFor)
	add(t, row{"POST", v1 + "/waiting/{id}/acceptance", keep, "booking", 201, "替人确认保留的名额；写明理由可以破例", slices.Concat(acceptanceFaults, of)}, a.acceptFor)
	add(t, row{"POST", v1 + "/waiting/{id}/departure", keep, "booking", 200, "替人退出候补，或放弃保留的名额", slices.Concat(faults{model.ErrWaitingNotFound, model.ErrWaitingEnded}, keyFaults)}, a.leaveFor)
	add(t, row{"POST", v1 + "/slots/{id}/applications", keep, "booking", 201, "替人报名摇号；写明理由可以破例", slices.Concat(applicationFaults, of)}, a.applyFor)
	add(t, row{"POST", v1 + "/applications/{id}/withdrawal", keep, "booking", 200, "替人撤回摇号报名", slices.Concat(faults{model.ErrApplicationNotFound, model.ErrApplicationEnded}, keyFaults)}, a.withdrawFor)
	add(t, row{"GET", v1 + "/slots/{id}/waiting", staffWho(model.MayLook), "read", 200, "时段的候补名单", faults{model.ErrSlotNotFound}}, a.lineOf)
}

// staffDrawOperations are the staff's part of a draw.
func (a *API) staffDrawOperations(t *table) {
	const v1 = "/console/api/v1"
	t.section("工作台：摇号")
	add(t, row{"GET", v1 + "/slots/{id}/draw", staffWho(model.MayLook), "read", 200, "时段的摇号", faults{model.ErrSlotNotFound, model.ErrDrawNotFound}}, a.staffDraw)
	add(t, row{"PUT", v1 + "/slots/{id}/draw/source", staffWho(model.MayPlan), "write", 200, "公布随机数来源", faults{model.ErrSlotNotFound, model.ErrDrawNotFound, model.ErrDrawSourceLate}}, a.announceSource)
	add(t, row{"PUT", v1 + "/slots/{id}/draw/randomness", staffWho(model.MayPlan), "write", 200, "填写公布过来源的随机数", faults{model.ErrSlotNotFound, model.ErrDrawNotFound, model.ErrDrawSourceMissing, model.ErrRandomnessEarly, model.ErrRandomnessGiven}}, a.enterRandomness)
	add(t, row{"GET", v1 + "/slots/{id}/draw/document", staffWho(model.MayLook), "read", 200, "导出摇号的全部依据", faults{model.ErrSlotNotFound, model.ErrDrawNotFound, model.ErrNotDrawn}}, a.staffDrawDocument)
}

// workOperations are what the house owes, and whether all adds up.
func (a *API) workOperations(t *table) {
	const v1 = "/console/api/v1"
	t.section("工作台：任务")
	add(t, row{"GET", v1 + "/work", staffWho(model.MayOperate), "read", 200, "待办任务的数量", nil}, a.workFigures)
	add(t, row{"GET", v1 + "/work/dead-letters", staffWho(model.MayOperate), "read", 200, "多次失败、已停下的任务", faults{ErrLimitOutOfRange}}, a.listDeadWork)
	add(t, row{"POST", v1 + "/work/{id}/retry", staffWho(model.MayOperate), "write", 204, "重新办理一项停下的任务", faults{model.ErrWorkNotFound}}, a.retryWork)
	add(t, row{"GET", v1 + "/audit", staffWho(model.MayOperate), "read", 200, "最近一次核对的结果", faults{ErrLimitOutOfRange}}, a.lastAudit)
}

// doorOperations are what is done at the door of a site.
func (a *API) doorOperations(t *table) {
	const v1 = "/console/api/v1"
	keep, judge := staffWho(model.MayKeep), staffWho(model.MayJudge)
	t.section("工作台：门口")
	add(t, row{"GET", v1 + "/sites/{id}/sessions", keep, "read", 200, "一天的时段和人数", faults{model.ErrSiteNotFound, ErrDateInvalid}}, a.deskDay)
	add(t, row{"GET", v1 + "/sites/{id}/live", keep, "read", 200, "当天有变化时得到消息（server-sent events），连接一直开着", faults{model.ErrSiteNotFound}}, a.deskLive)
	add(t, row{"GET", v1 + "/slots/{id}/bookings", keep, "read", 200, "一个时段的名单", faults{model.ErrSlotNotFound}}, a.deskBookings)
	add(t, row{"POST", v1 + "/sites/{id}/booking-search", keep, "read", 200, "按手机号后四位找当天的预约", faults{model.ErrSiteNotFound, ErrDateInvalid}}, a.deskSearch)
	add(t, row{"POST", v1 + "/bookings/{id}/opening", keep, "write", 200, "查看一个预约的全部信息", faults{model.ErrBookingNotFound}}, a.deskOpen)
	add(t, row{"GET", v1 + "/sites/{id}/held-places", keep, "read", 200, "为没有微信的家庭留着的名额，要打电话告诉家长", faults{model.ErrSiteNotFound}}, a.heldToRing)
	add(t, row{"POST", v1 + "/waiting/{id}/opening", keep, "write", 200, "查看要打电话的家长的手机号和孩子的姓名", faults{model.ErrWaitingNotFound, model.ErrNotOffered, model.ErrOfferExpired, model.ErrWaitingEnded}}, a.openHeld)
	add(t, row{"POST", v1 + "/check-ins", keep, "write", 201, "签到", slices.Concat(keyFaults, stateFaults, faults{model.ErrBookingNotFound, model.ErrCheckInCode, desk.ErrCodesDown, model.ErrCheckInOtherDay, model.ErrCheckInTooEarly, model.ErrCheckInTooLate, model.ErrOverlap, model.ErrSlotClosed})}, a.checkIn)
	add(t, row{"POST", v1 + "/bookings/{id}/hand-over", keep, "write", 200, "交接：孩子被接走", slices.Concat(keyFaults, faults{model.ErrBookingNotFound, model.ErrNotCheckedIn, model.ErrAlreadyLeft, model.ErrBookingCalledOff, model.ErrPickupPersonNotFound})}, a.handOver)
	add(t, row{"POST", v1 + "/bookings/{id}/no-show", keep, "write", 200, "登记未到", slices.Concat(keyFaults, stateFaults, faults{model.ErrBookingNotFound, model.ErrNoShowTooEarly, model.ErrAlreadyNoShow})}, a.missOut)

	t.section("工作台：没有智能手机的家长")
	add(t, row{"POST", v1 + "/residents", keep, "write", 201, "按手机号登记家长", faults{account.ErrPhoneInvalid, model.ErrAccountBlocked}}, a.registerResident)
	add(t, row{"POST", v1 + "/resident-search", keep, "write", 200, "按手机号找家长", nil}, a.searchResidents)
	add(t, row{"GET", v1 + "/residents/{id}/children", keep, "read", 200, "家长名下的孩子", faults{model.ErrResidentNotFound}}, a.residentChildren)
	add(t, row{"POST", v1 + "/residents/{id}/children", keep, "write", 201, "替家长添加孩子", faults{model.ErrResidentNotFound, model.ErrAccountBlocked, account.ErrUsesWeChat, model.ErrBirthDateInvalid, model.ErrConsentNeeded, model.ErrTooManyChildren, model.ErrChildExists}}, a.addResidentChild)
	add(t, row{"PUT", v1 + "/residents/{id}/consents/{document}", keep, "write", 204, "登记家长已在纸上同意", faults{model.ErrResidentNotFound, model.ErrAccountBlocked, account.ErrUsesWeChat, model.ErrDocumentNotFound, model.ErrDocumentOutdated}}, a.agreeOnPaper)

	t.section("工作台：失约与申诉")
	add(t, row{"GET", v1 + "/appeals", judge, "read", 200, "待答复的申诉", faults{ErrLimitOutOfRange}}, a.openAppeals)
	add(t, row{"GET", v1 + "/appeals/{id}", judge, "read", 200, "查看一条申诉", faults{model.ErrAppealNotFound}}, a.openAppeal)
	add(t, row{"POST", v1 + "/appeals/{id}/answer", judge, "write", 200, "答复申诉", faults{model.ErrAppealNotFound, model.ErrAppealAnswered, model.ErrReasonInvalid}}, a.answerAppeal)
	add(t, row{"POST", v1 + "/marks/{id}/lifting", judge, "write", 200, "撤销一条失约记录", faults{model.ErrMarkNotFound, model.ErrMarkLifted, model.ErrReasonInvalid}}, a.liftMark)
}

// recordOperations are about families' accounts: masked until something is opened, for a reason.
func (a *API) recordOperations(t *table) {
	const v1 = "/console/api/v1"
	keep, reveal := staffWho(model.MayKeep), staffWho(model.MayReveal)
	found := faults{model.ErrResidentNotFound}
	paper := slices.Concat(found, faults{model.ErrReasonInvalid, model.ErrPaperPhone})
	t.section("工作台：家庭档案")
	add(t, row{"POST", v1 + "/residents/search", keep, "search", 200, "按手机号、后四位、孩子的姓名或编号找家庭档案", faults{account.ErrPhoneInvalid}}, a.searchRecords)
	add(t, row{"GET", v1 + "/residents/{id}", keep, "read", 200, "一份家庭档案，个人信息遮住", found}, a.findRecord)
	add(t, row{"GET", v1 + "/residents/{id}/bookings", keep, "read", 200, "家庭在范围内宝宝屋的预约", found}, a.recordBookings)
	add(t, row{"GET", v1 + "/residents/{id}/children/{child}/allowance", keep, "read", 200, "孩子一年的免费次数和流水", slices.Concat(found, faults{model.ErrChildNotFound, ErrDateInvalid, ErrDateOutOfRange})}, a.recordAllowance)
	add(t, row{"GET", v1 + "/residents/{id}/children/{child}/marks", keep, "read", 200, "孩子的失约记录、申诉和暂停预约", slices.Concat(found, faults{model.ErrChildNotFound})}, a.recordMarks)
	add(t, row{"POST", v1 + "/residents/{id}/openings", reveal, "reveal", 200, "写明理由，打开一项个人信息，显示一分钟", slices.Concat(found, faults{model.ErrChildNotFound, model.ErrPickupPersonNotFound, model.ErrNothingHeld, model.ErrReasonInvalid})}, a.reveal)
	add(t, row{"POST", v1 + "/residents/{id}/export", reveal, "reveal", 200, "按家长的书面申请导出全部信息", slices.Concat(paper, faults{model.ErrAccountClosed})}, a.exportOnRequest)
	add(t, row{"GET", v1 + "/residents/{id}/closure", reveal, "read", 200, "注销账号会取消和删除什么", found}, a.previewClosing)
	add(t, row{"POST", v1 + "/residents/{id}/closure", reveal, "write", 200, "按家长的书面申请注销账号", slices.Concat(paper, faults{model.ErrChildHasBookings})}, a.closeOnRequest)
}

// planningOperations are those by which keepers make the plan of their site.
func (a *API) planningOperations(t *table) {
	const v1 = "/console/api/v1"
	look, plan := staffWho(model.MayLook), staffWho(model.MayPlan)
	dates := faults{ErrDateInvalid, ErrDateOutOfRange}
	session := faults{model.ErrServiceNotFound, model.ErrCarerNotFound, model.ErrSessionTimes, model.ErrRoomUnnamed, model.ErrCapacityNegative, model.ErrPlanDates, model.ErrPlanDatePast, model.ErrRoomTaken}
	t.section("工作台：排班")
	add(t, row{"GET", v1 + "/sites", look, "read", 200, "我范围内的宝宝屋", nil}, a.listSitesInScope)
	add(t, row{"GET", v1 + "/sites/{id}/choices", look, "read", 200, "排班可选的活动室、照护人员和服务", faults{model.ErrSiteNotFound}}, a.planChoices)
	add(t, row{"GET", v1 + "/sites/{id}/plan", look, "read", 200, "按每周计划应有的时段，和各自的情况", slices.Concat(faults{model.ErrSiteNotFound}, dates)}, a.sitePlan)
	add(t, row{"GET", v1 + "/sites/{id}/templates", look, "read", 200, "每周计划", faults{model.ErrSiteNotFound}}, a.listTemplates)
	add(t, row{"POST", v1 + "/sites/{id}/templates", plan, "write", 201, "添加一条每周计划", slices.Concat(faults{model.ErrSiteNotFound, model.ErrRoomRetired}, session, keyFaults)}, a.addTemplate)
	add(t, row{"PATCH", v1 + "/templates/{id}", plan, "write", 200, "修改每周计划的名额或照护人员，已有的时段随之而变", slices.Concat(faults{model.ErrTemplateNotFound, model.ErrTemplateEnded, model.ErrCarerNotFound, model.ErrCapacityNegative, model.ErrSessionOver}, keyFaults)}, a.changeTemplate)
	add(t, row{"POST", v1 + "/templates/{id}/ending", plan, "write", 200, "结束一条每周计划", slices.Concat(faults{model.ErrTemplateNotFound, model.ErrTemplateEnded, model.ErrPlanDates, model.ErrPlanDatePast, model.ErrReasonInvalid}, keyFaults)}, a.endTemplate)
	add(t, row{"GET", v1 + "/sites/{id}/exceptions", look, "read", 200, "例外安排", slices.Concat(faults{model.ErrSiteNotFound}, dates)}, a.listExceptions)
	add(t, row{"POST", v1 + "/sites/{id}/exceptions", plan, "write", 201, "添加例外安排：不开放、加开、改名额", slices.Concat(faults{model.ErrSiteNotFound, model.ErrTemplateNotFound, model.ErrExceptionScope, model.ErrRoomRetired, model.ErrNoSessionThen, model.ErrReasonInvalid, model.ErrCapacityTooSmall, model.ErrSlotClosed, model.ErrSessionOver}, session, keyFaults)}, a.addException)
	add(t, row{"GET", v1 + "/exceptions/{id}", look, "read", 200, "一条例外安排，和涉及的时段", faults{model.ErrExceptionNotFound}}, a.findException)
	add(t, row{"POST", v1 + "/exceptions/{id}/withdrawal", plan, "write", 200, "撤回不开放或改名额，之后的时段照常生成", slices.Concat(faults{model.ErrExceptionNotFound, model.ErrExceptionStands}, keyFaults)}, a.liftException)
	add(t, row{"GET", v1 + "/sites/{id}/closure", look, "read", 200, "不开放会影响谁", slices.Concat(faults{model.ErrSiteNotFound, model.ErrPlanDates, model.ErrExceptionScope}, dates)}, a.previewClosure)
	add(t, row{"GET", v1 + "/sites/{id}/slots", look, "read", 200, "宝宝屋的时段和人数", slices.Concat(faults{model.ErrSiteNotFound}, dates)}, a.listStaffSlots)
	add(t, row{"GET", v1 + "/slots/{id}", look, "read", 200, "一个时段和人数", faults{model.ErrSlotNotFound}}, a.findStaffSlot)
	add(t, row{"PUT", v1 + "/slots/{id}/capacity", plan, "write", 200, "修改一个时段的名额", slices.Concat(faults{model.ErrSlotNotFound, model.ErrSlotClosed, model.ErrSessionOver, model.ErrCapacityTooSmall, model.ErrCapacityNegative, model.ErrReasonInvalid}, keyFaults)}, a.setCapacity)
	add(t, row{"GET", v1 + "/slots/{id}/closure", look, "read", 200, "关闭一个时段会影响多少人", faults{model.ErrSlotNotFound}}, a.previewSlotClosure)
	add(t, row{"POST", v1 + "/slots/{id}/closure", plan, "write", 200, "关闭一个时段", slices.Concat(faults{model.ErrSlotNotFound, model.ErrSlotClosed, model.ErrSlotInSession, model.ErrReasonInvalid}, keyFaults)}, a.closeSlot)
}

// peopleOperations are about who works here: accounts, roles, resets.
func (a *API) peopleOperations(t *table) {
	const v1 = "/console/api/v1"
	manager := staffWho(model.MayManage)
	other := faults{model.ErrStaffNotFound, model.ErrOwnAccount}
	granting := faults{model.ErrGrantOutOfTown, model.ErrGrantTooMuch, model.ErrDutiesExclude, model.ErrSiteNotFound, model.ErrSubdistrictNotFound}
	t.section("工作台：人员")
	add(t, row{"GET", v1 + "/staff", manager, "read", 200, "管辖范围内的工作人员", nil}, a.listMembers)
	add(t, row{"POST", v1 + "/staff/search", manager, "read", 200, "按姓名、状态、岗位找工作人员", nil}, a.searchMembers)
	add(t, row{"GET", v1 + "/staff-choices", manager, "read", 200, "我可以在哪里授予哪些岗位", nil}, a.staffChoices)
	add(t, row{"POST", v1 + "/staff", manager, "write", 201, "邀请工作人员", append(faults{model.ErrAlreadyInvited}, granting...)}, a.invite)
	add(t, row{"GET", v1 + "/staff/{id}", manager, "read", 200, "一位工作人员", faults{model.ErrStaffNotFound}}, a.findMember)
	add(t, row{"PATCH", v1 + "/staff/{id}", manager, "write", 204, "修改姓名", other}, a.renameMember)
	add(t, row{"POST", v1 + "/staff/{id}/invitation", manager, "write", 201, "重发邀请链接；原来的链接失效", append(faults{model.ErrNotInvitable, model.ErrStaffDisabled}, other...)}, a.reinvite)
	add(t, row{"POST", v1 + "/staff/{id}/grants", manager, "write", 201, "授予岗位；本人须重新登录", slices.Concat(faults{model.ErrGrantExists}, other, granting)}, a.grant)
	add(t, row{"DELETE", v1 + "/staff/{id}/grants/{grant}", manager, "write", 204, "收回岗位；本人须重新登录", append(faults{model.ErrGrantNotFound, model.ErrGrantTooMuch}, other...)}, a.ungrant)
	add(t, row{"POST", v1 + "/staff/{id}/disabling", manager, "write", 204, "停用账号，立即退出所有设备", other}, a.disableMember)
	add(t, row{"POST", v1 + "/staff/{id}/enabling", manager, "write", 204, "重新启用账号", other}, a.enableMember)
	add(t, row{"POST", v1 + "/staff/{id}/password-demand", manager, "write", 204, "要求修改密码", other}, a.demandPassword)
	add(t, row{"DELETE", v1 + "/staff/{id}/lock", manager, "write", 204, "解除登录锁定", other}, a.unlockMember)
	add(t, row{"GET", v1 + "/staff/{id}/sessions", manager, "read", 200, "一位工作人员的登录设备", faults{model.ErrStaffNotFound}}, a.devicesOf)
	add(t, row{"DELETE", v1 + "/staff/{id}/sessions", manager, "write", 204, "退出一位工作人员的所有设备", other}, a.endDevicesOf)
	add(t, row{"DELETE", v1 + "/staff/{id}/sessions/{session}", manager, "write", 204, "退出一位工作人员的一个设备", append(faults{staff.ErrSessionNotFound}, other...)}, a.endDeviceOf)
	add(t, row{"GET", v1 + "/staff/{id}/sign-ins", manager, "read", 200, "一位工作人员最近的登录记录", faults{model.ErrStaffNotFound, ErrLimitOutOfRange}}, a.signInsOf)
	add(t, row{"POST", v1 + "/staff/{id}/resets", manager, "write", 201, "申请重置登录方式，由另一位管理员批准", append(faults{model.ErrNotSignedUp}, other...)}, a.askReset)
	add(t, row{"GET", v1 + "/resets", manager, "read", 200, "待批准的重置", nil}, a.listResets)
	add(t, row{"POST", v1 + "/resets/{id}/approval", manager, "write", 201, "批准重置：原来的登录方式失效，给本人新的邀请链接", faults{model.ErrResetNotFound, model.ErrResetByTwo, model.ErrOwnAccount}}, a.approveReset)
	add(t, row{"POST", v1 + "/resets/{id}/refusal", manager, "write", 204, "不批准重置", faults{model.ErrResetNotFound, model.ErrOwnAccount}}, a.refuseReset)
}

// furnishOperations are what residents read of a site: the site itself, rooms, carers, pictures.
func (a *API) furnishOperations(t *table) {
	const v1 = "/console/api/v1"
	look, furnish := staffWho(model.MayLook), staffWho(model.MayFurnish)
	form := faults{model.ErrSubdistrictNotFound, model.ErrSiteIncomplete, model.ErrSitePhone, model.ErrSitePosition}
	site := faults{model.ErrSiteNotFound, model.ErrChangedMeanwhile}
	room := faults{model.ErrRoomNotFound, model.ErrChangedMeanwhile}
	carer := faults{model.ErrCarerNotFound, model.ErrChangedMeanwhile}
	certificates := faults{model.ErrCarerIncomplete, model.ErrCertificateDates}
	t.section("工作台：宝宝屋")
	add(t, row{"GET", v1 + "/site-cards", look, "read", 200, "管辖范围内的宝宝屋，和要留意的证书", nil}, a.listSiteCards)
	add(t, row{"POST", v1 + "/sites", furnish, "write", 201, "新建宝宝屋；先是暂停接待", slices.Concat(form, keyFaults)}, a.addSite)
	add(t, row{"GET", v1 + "/sites/{id}", look, "read", 200, "一个宝宝屋的全部资料", faults{model.ErrSiteNotFound}}, a.keptSite)
	add(t, row{"PUT", v1 + "/sites/{id}", furnish, "write", 200, "修改宝宝屋的资料", slices.Concat(site, form)}, a.changeSite)
	add(t, row{"POST", v1 + "/sites/{id}/suspension", furnish, "write", 200, "暂停接待：不能再预约，不再生成时段；已有的预约不变", slices.Concat(site, faults{model.ErrSiteStatus, model.ErrReasonInvalid})}, a.suspendSite)
	add(t, row{"POST", v1 + "/sites/{id}/reopening", furnish, "write", 200, "恢复接待", slices.Concat(site, faults{model.ErrSiteStatus, model.ErrReasonInvalid})}, a.reopenSite)
	add(t, row{"POST", v1 + "/sites/{id}/rooms", furnish, "write", 201, "添加活动室", faults{model.ErrSiteNotFound, model.ErrRoomUnnamed, model.ErrRoomExists}}, a.addRoom)
	add(t, row{"PUT", v1 + "/rooms/{id}", furnish, "write", 200, "修改活动室；改名后，今天起的计划和时段随之改名", slices.Concat(room, faults{model.ErrRoomUnnamed, model.ErrRoomExists})}, a.changeRoom)
	add(t, row{"POST", v1 + "/rooms/{id}/retirement", furnish, "write", 200, "停用活动室", slices.Concat(room, faults{model.ErrRoomInUse})}, a.retireRoom)
	add(t, row{"POST", v1 + "/rooms/{id}/restoration", furnish, "write", 200, "恢复活动室", room}, a.restoreRoom)
	add(t, row{"POST", v1 + "/sites/{id}/carers", furnish, "write", 201, "添加照护人员", slices.Concat(faults{model.ErrSiteNotFound}, certificates, keyFaults)}, a.addCarer)
	add(t, row{"PUT", v1 + "/carers/{id}", furnish, "write", 200, "修改照护人员的资料和证书", slices.Concat(carer, certificates)}, a.changeCarer)
	add(t, row{"POST", v1 + "/carers/{id}/leaving", furnish, "write", 200, "照护人员离岗", slices.Concat(carer, faults{model.ErrCarerPlanned, model.ErrCarerStatus})}, a.carerLeaves)
	add(t, row{"POST", v1 + "/carers/{id}/return", furnish, "write", 200, "照护人员回岗", slices.Concat(carer, faults{model.ErrCarerStatus})}, a.carerReturns)
	add(t, row{"POST", v1 + "/sites/{id}/photos", furnish, "write", 201, "上传照片；只留下看得见的，拍摄地点等信息都会去掉", faults{model.ErrSiteNotFound, ErrUpload, model.ErrPhotoUnreadable, model.ErrPhotoTooLarge, model.ErrPhotoCaption, model.ErrPhotoExists, model.ErrTooManyPhotos}}, a.addPhoto)
	add(t, row{"PUT", v1 + "/sites/{id}/photos", furnish, "write", 200, "排列照片、改说明、删照片", slices.Concat(site, faults{model.ErrPhotosUnknown, model.ErrPhotoCaption})}, a.arrangePhotos)
}

// policyOperations are the care services and the district's rules, version by version.
func (a *API) policyOperations(t *table) {
	const v1 = "/console/api/v1"
	look, set := staffWho(model.MayLook), staffWho(model.MaySet)
	draft := faults{model.ErrPolicyNotFound, model.ErrChangedMeanwhile}
	service := faults{model.ErrServiceNotFound, model.ErrChangedMeanwhile}
	t.section("工作台：服务与规则")
	add(t, row{"GET", v1 + "/policies", look, "read", 200, "各项服务和免费次数的规则", nil}, a.listPolicies)
	add(t, row{"GET", v1 + "/policies/{id}", look, "read", 200, "一套规则的各版和草稿", faults{model.ErrPolicyNotFound}}, a.findPolicy)
	add(t, row{"GET", v1 + "/policies/{id}/comparison", look, "read", 200, "逐项对照两版规则，或一版和草稿", faults{model.ErrPolicyNotFound, model.ErrDraftNotFound}}, a.comparePolicies)
	add(t, row{"PUT", v1 + "/policies/{id}/draft", set, "write", 200, "保存下一版规则的草稿", slices.Concat(draft, faults{model.ErrPolicyInvalid})}, a.savePolicyDraft)
	add(t, row{"DELETE", v1 + "/policies/{id}/draft", set, "write", 204, "丢弃草稿", draft}, a.dropPolicyDraft)
	add(t, row{"POST", v1 + "/policies/{id}/publication", set, "write", 200, "发布草稿为下一版；已有的预约仍按旧规则", slices.Concat(draft, faults{model.ErrPolicyInvalid, model.ErrPolicyUnchanged, model.ErrReasonInvalid, model.ErrEffectivePast, model.ErrYearStartSettled}, keyFaults)}, a.publishPolicy)
	add(t, row{"GET", v1 + "/services", look, "read", 200, "服务项目，停办的也在内", nil}, a.listKeptServices)
	add(t, row{"POST", v1 + "/services", set, "write", 201, "新建服务项目；先是停办", append(faults{model.ErrServiceNotFound, model.ErrServiceIncomplete}, keyFaults...)}, a.addService)
	add(t, row{"PUT", v1 + "/services/{id}", set, "write", 200, "修改服务项目的名称、介绍和次序", append(faults{model.ErrServiceIncomplete}, service...)}, a.changeService)
	add(t, row{"POST", v1 + "/services/{id}/withdrawal", set, "write", 200, "停办：不再生成时段，不能再预约；已有的预约不变", append(faults{model.ErrServiceStatus, model.ErrReasonInvalid}, service...)}, a.withdrawService)
	add(t, row{"POST", v1 + "/services/{id}/offering", set, "write", 200, "恢复提供", append(faults{model.ErrServiceStatus, model.ErrReasonInvalid}, service...)}, a.offerService)

	text := faults{model.ErrCalendarText, model.ErrYearOfficial}
	t.section("工作台：日历")
	add(t, row{"GET", v1 + "/calendar", look, "read", 200, "各年的节假日和调休", nil}, a.keptCalendar)
	add(t, row{"POST", v1 + "/calendar/reading", set, "read", 200, "读一年的日历，看会改动哪些日子；不保存", text}, a.readYear)
	add(t, row{"PUT", v1 + "/calendar", set, "write", 200, "保存一年的日历；已有的时段不变", append(faults{model.ErrChangedMeanwhile, model.ErrReasonInvalid}, text...)}, a.saveYear)
}

// templateOperations are the WeChat templates of messages, kind by kind.
func (a *API) templateOperations(t *table) {
	const v1 = "/console/api/v1"
	look, set := staffWho(model.MayLook), staffWho(model.MaySet)
	found := faults{model.ErrMessageKindNotFound}
	change := slices.Concat(found, faults{model.ErrChangedMeanwhile, model.ErrTemplateUnchanged, model.ErrReasonInvalid})
	t.section("工作台：消息模板")
	add(t, row{"GET", v1 + "/message-templates", look, "read", 200, "各类微信消息现在用的模板", nil}, a.listMessageTemplates)
	add(t, row{"GET", v1 + "/message-templates/{kind}", look, "read", 200, "一类消息的模板、各版，和可用的字段", found}, a.findMessageTemplate)
	add(t, row{"PUT", v1 + "/message-templates/{kind}", set, "write", 200, "换一类消息的模板；还没发出的消息也用新的", append(faults{model.ErrTemplateInvalid}, change...)}, a.changeMessageTemplate)
	add(t, row{"POST", v1 + "/message-templates/{kind}/withdrawal", set, "write", 200, "这一类不再发微信消息，只发小程序收件箱", change}, a.withdrawMessageTemplate)
	add(t, row{"POST", v1 + "/message-templates/{kind}/reversion", set, "write", 200, "改回设置文件里的模板", change}, a.revertMessageTemplate)
}

var passwordFaults = faults{model.ErrPasswordLength, model.ErrPasswordCommon, model.ErrPasswordPersonal, model.ErrPasswordKinds, model.ErrPasswordReused}
