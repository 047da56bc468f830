// The house's words for enums and states, in one place. The keys are those of the document.

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'quiet'

export interface Word {
  text: string
  tone: Tone
}

const word = (text: string, tone: Tone = 'quiet'): Word => ({ text, tone })

export const words = {
  slot: {
    draft: word('草稿'),
    upcoming: word('未开放'),
    open: word('可预约', 'good'),
    full: word('已约满', 'busy'),
    drawing: word('待摇号', 'busy'),
    cut_off: word('已截止'),
    done: word('已结束'),
    closed: word('停止预约', 'warn'),
    cancelled: word('已取消', 'bad'),
  },
  booking: {
    confirmed: word('已预约', 'busy'),
    checked_in: word('已到', 'good'),
    completed: word('已完成'),
    cancelled: word('已取消'),
    late_cancelled: word('临时取消', 'warn'),
    site_cancelled: word('宝宝屋取消', 'bad'),
    no_show: word('未到', 'bad'),
  },
  waiting: {
    waiting: word('候补中', 'busy'),
    offered: word('待确认', 'warn'),
    accepted: word('已确认', 'good'),
    declined: word('已放弃'),
    expired: word('过时未确认'),
    left: word('已退出'),
  },
  application: {
    applied: word('已报名', 'busy'),
    withdrawn: word('已撤回'),
    won: word('中签', 'good'),
    lost: word('未中签'),
    void: word('作废', 'bad'),
  },
  draw: {
    open: word('报名中', 'busy'),
    closed: word('待摇号', 'warn'),
    drawn: word('已摇号', 'good'),
    void: word('作废', 'bad'),
  },
  trail: {
    done: word('办成', 'good'),
    refused: word('没有办', 'warn'),
    under_way: word('正在办', 'busy'),
    unknown: word('结果不明', 'bad'),
  },
  hand: {
    staff: word('工作人员'),
    command: word('命令行'),
    nobody: word('还没登录的人'),
  },
  exception: {
    close: word('停开', 'bad'),
    open: word('加开', 'good'),
    capacity: word('改名额', 'warn'),
  },
  verdict: {
    made: word('已生成', 'good'),
    due: word('待生成', 'busy'),
    closed: word('停开'),
    room_taken: word('活动室已被占用', 'bad'),
    no_rules: word('没有适用的规则', 'bad'),
  },
  gender: {
    female: word('女'),
    male: word('男'),
    unstated: word('未填'),
  },
  cancel_reason: {
    unwell: word('孩子不舒服'),
    plans_changed: word('安排有变'),
    mistake: word('约错了'),
    other: word('其他'),
  },
  payment: {
    allowance: word('免费次数', 'good'),
    free: word('免费'),
    self_paid: word('自费', 'warn'),
  },
  mark: {
    late_cancel: word('临时取消', 'warn'),
    no_show: word('未到', 'bad'),
  },
  role: {
    administrator: word('管理员', 'busy'),
    system_admin: word('系统管理员', 'busy'),
    security_admin: word('安全管理员', 'busy'),
    keeper: word('宝宝屋工作人员', 'good'),
    auditor: word('审计员'),
  },
  scope: {
    district: word('全区'),
    subdistrict: word('街镇'),
    site: word('宝宝屋'),
  },
  staff: {
    active: word('在岗', 'good'),
    invited: word('待接受邀请', 'busy'),
    disabled: word('已停用', 'bad'),
  },
  staff_lock: {
    locked: word('锁定中', 'warn'),
  },
  reset: {
    everything: word('全部重新设置'),
    second_factor: word('重新设置身份验证器'),
  },
  sign_in: {
    signed_in: word('登录成功', 'good'),
    password_right: word('密码正确'),
    password_wrong: word('密码不对', 'warn'),
    code_wrong: word('动态码不对', 'warn'),
    code_used: word('动态码已用过', 'warn'),
    passkey_wrong: word('通行密钥没有通过验证', 'warn'),
    passkey_repeated: word('通行密钥可能被复制', 'bad'),
    locked: word('锁定中', 'bad'),
    disabled: word('账号已停用', 'bad'),
  },
  sign_in_method: {
    password: word('密码'),
    totp: word('身份验证器'),
    passkey: word('通行密钥'),
    invitation: word('邀请链接'),
  },
  resident: {
    active: word('正常', 'good'),
    blocked: word('已停用', 'bad'),
    closed: word('已注销'),
  },
  access: {
    hand_over: word('交接'),
    contact_guardian: word('联系家长'),
    emergency: word('紧急情况', 'bad'),
    appeal: word('处理申诉'),
    other_reason: word('其他'),
  },
  reveal: {
    contact_guardian: word('联系家长'),
    written_request: word('家长书面申请'),
    verify: word('核实信息'),
    appeal: word('处理申诉'),
    emergency: word('紧急情况', 'bad'),
    other_reason: word('其他'),
  },
  ledger: {
    debit: word('用掉', 'busy'),
    return: word('退回', 'good'),
  },
  beyond: {
    refuse: word('用完后不能再约'),
    self_paid: word('用完后到场自费'),
  },
  relation: {
    parent: word('父母'),
    grandparent: word('祖辈'),
    relative: word('其他亲属'),
    nanny: word('保姆'),
    other: word('其他'),
  },
  ending: {
    guardian: word('家长接走'),
    pickup_person: word('接送人接走'),
    unrecorded: word('没有登记', 'warn'),
  },
  appeal: {
    open: word('待答复', 'busy'),
    upheld: word('已通过', 'good'),
    rejected: word('未通过', 'bad'),
  },
  appeal_reason: {
    unwell: word('身体不适'),
    came: word('其实到了'),
    site: word('宝宝屋的原因'),
    emergency: word('家有急事'),
    other_cause: word('其他'),
  },
  site: {
    open: word('接待中', 'good'),
    suspended: word('暂停接待', 'warn'),
  },
  room: {
    active: word('在用', 'good'),
    retired: word('停用'),
  },
  carer: {
    active: word('在岗', 'good'),
    left: word('离岗'),
  },
  certificate: {
    holds: word('有效', 'good'),
    expiring: word('快到期', 'warn'),
    expired: word('已过期', 'bad'),
  },
  needed_for: {
    child: word('添加孩子前'),
    booking: word('首次预约前'),
  },
  applied: {
    pending: word('正在处理', 'busy'),
  },
  work: {
    promote: word('把空位给候补的家庭'),
    expire_offer: word('收回过期的保留'),
    close_line: word('截止时结束候补'),
    deliver: word('发送微信消息'),
    draw: word('摇号'),
    settle_draw: word('替中签的家庭预约'),
    apply_exception: word('停开后取消场次'),
    export: word('准备导出的文件'),
    generate_slots: word('生成场次'),
    sweep_sessions: word('收尾结束的场次'),
    remind: word('发送提醒'),
    clean_up: word('清理过期的内容'),
    audit: word('每晚核对'),
  },
  export: {
    owed: word('正在准备'),
    ready: word('可以下载'),
  },
  export_content: {
    figures: word('概览数字'),
    sessions: word('场次明细'),
  },
  release: {
    first_come: word('先约先得'),
    draw: word('摇号', 'busy'),
  },
  policy: {
    in_force: word('生效中', 'good'),
    to_come: word('待生效', 'busy'),
    past: word('已过去'),
    superseded: word('已被取代'),
  },
  reach: {
    new_slots: word('之后新建的场次'),
    new_bookings: word('之后的预约'),
    at_once: word('之后每次预约时的判断', 'warn'),
    new_grants: word('之后发放的免费次数'),
  },
  calendar_year: {
    official: word('按正式通知', 'good'),
    provisional: word('暂定', 'warn'),
  },
  calendar_day: {
    holiday: word('放假', 'good'),
    makeup: word('调休上班', 'busy'),
  },
  message: {
    booked: word('预约成功'),
    reminder: word('上门前提醒'),
    place_offered: word('候补有名额'),
    site_cancelled: word('宝宝屋取消'),
    draw_result: word('摇号结果'),
    strike: word('失约提醒'),
  },
  template_source: {
    settings: word('设置文件'),
    console: word('工作台', 'good'),
    off: word('已关掉', 'warn'),
  },
  fact: {
    site: word('宝宝屋'),
    session: word('日期和起止时间'),
    start: word('开始时间'),
    until: word('最晚何时办理'),
    result: word('摇号结果'),
    note: word('提示'),
  },
  service: {
    offered: word('提供中', 'good'),
    withdrawn: word('停办'),
  },
} as const satisfies Record<string, Record<string, Word>>

export type Kind = keyof typeof words

// wordOf is the word for a state; a state that has none yet stands for itself, so that it is noticed.
export function wordOf(kind: Kind, state: string): Word {
  const known: Record<string, Word> = words[kind]
  return known[state] ?? word(state)
}

export const say = (kind: Kind, state: string): string => wordOf(kind, state).text
