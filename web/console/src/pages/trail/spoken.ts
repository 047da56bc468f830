import { say, words } from '@/words/words'

const subjects: Record<string, string> = {
  resident: '家庭', child: '孩子', pickup_person: '接送人', booking: '预约', appeal: '申诉', slot: '场次名单', waiting: '候补', site: '宝宝屋当天的名单', search: '查找',
}
const fields: Record<string, string> = {
  'residents.phone': '手机号', 'residents.nickname': '昵称', 'children.name': '孩子姓名', 'children.birth_date': '出生日期', 'children.health_note': '健康提示',
  'pickup_persons.name': '接送人姓名', 'pickup_persons.phone': '接送人手机号', 'pickup_persons.*': '接送人', 'appeals.note': '申诉说明', everything: '全部信息（导出）',
}
const places: Record<string, string> = { check_in: '签到', hand_over: '交接', desk: '值班台', list: '名单', record: '查看档案' }

// commands are those of the program that change who may do what; the document knows them not.
const commands: Record<string, string> = {
  'staff-add': '添加工作人员', 'staff-code': '重新发放邀请链接', 'staff-reset': '重置登录方式', 'staff-disable': '停用账号', 'staff-enable': '恢复账号',
  'keys-rotate': '更换密钥', 'audit-purge': '清理过期的操作记录',
}

// done says what was done: as the document says it, or a command; one without words stands as it is kept.
export const done = (summary: string, operation: string): string => summary || (commands[operation] ?? operation)

// what says which kind of record was looked at; a kind without a word stands as it is kept.
export const what = (subject: string): string => subjects[subject] ?? subject

// which says what of it was looked at.
export function which(kept: string): string {
  const masked = kept.endsWith(': masked')
  const names = kept.replace(': masked', '').split(', ').map((name) => fields[name] ?? name)
  return names.join('、') + (masked ? '（遮住的）' : '')
}

// why says what it was looked at for: a chosen reason, and what was written beside it.
export function why(kept: string): string {
  const [chosen = '', ...written] = kept.split(': ')
  const reason = chosen in words.reveal ? say('reveal', chosen) : (places[chosen] ?? chosen)
  return written.length ? `${reason}：${written.join(': ')}` : reason
}
