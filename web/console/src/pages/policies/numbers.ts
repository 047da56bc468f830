import type { View } from '@/api/client'

// The numbers of a policy as a form has them. What they mean, and what is wrong with them, the house says; here is only how
// each is filled in.
export type ServiceNumbers = View['ServiceNumbers']
export type AllowanceNumbers = View['AllowanceNumbers']

type NumberKey = { [K in keyof ServiceNumbers]: ServiceNumbers[K] extends number ? K : never }[keyof ServiceNumbers]

export interface NumberField {
  key: NumberKey
  unit: string // minutes are also said in hours and days
}

export const groups: { title: string; fields: NumberField[] }[] = [
  { title: '孩子的月龄', fields: [{ key: 'min_age_months', unit: '个月' }, { key: 'max_age_months', unit: '个月' }] },
  { title: '失约和暂停预约', fields: [
    { key: 'late_cancel_points', unit: '分' }, { key: 'no_show_points', unit: '分' }, { key: 'points_per_strike', unit: '分' },
    { key: 'strikes_to_block', unit: '次' }, { key: 'strike_window_days', unit: '天' }, { key: 'block_days', unit: '天' }, { key: 'appeal_days', unit: '天' },
  ] },
  { title: '候补和到场', fields: [{ key: 'offer_minutes', unit: '分钟' }, { key: 'check_in_minutes', unit: '分钟' }, { key: 'no_show_minutes', unit: '分钟' }] },
]

// length is minutes as people say them: 12小时; nothing where minutes say it best.
export function length(minutes: number): string {
  if (minutes > 0 && minutes % 1440 === 0) return `${minutes / 1440}天`
  if (minutes > 0 && minutes % 60 === 0) return `${minutes / 60}小时`
  return minutes > 60 ? `${Math.floor(minutes / 60)}小时${minutes % 60}分钟` : ''
}

export const clockOf = (minute: number) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

export function minuteOf(clock: string): number {
  const [hour = '0', minute = '0'] = clock.split(':')
  return Number(hour) * 60 + Number(minute)
}
