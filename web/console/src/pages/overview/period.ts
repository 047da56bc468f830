import { addDays, weekOf } from '@/time/time'

// What is looked at in one go: a week from Monday, a month or a quarter of the calendar.
export type Unit = 'week' | 'month' | 'quarter'
export const units: { unit: Unit; name: string }[] = [
  { unit: 'week', name: '周' },
  { unit: 'month', name: '月' },
  { unit: 'quarter', name: '季' },
]

export interface Period {
  from: string
  to: string
}

const months = { month: 1, quarter: 3 }

// periodOf is the unit's period that the day lies in, both ends included.
export function periodOf(unit: Unit, day: string): Period {
  if (unit === 'week') {
    const week = weekOf(day)
    return { from: week[0] ?? day, to: week[6] ?? day }
  }
  const [year = 0, month = 1] = day.split('-').map(Number)
  const first = month - ((month - 1) % months[unit])
  return { from: firstOf(year, first), to: addDays(firstOf(year, first + months[unit]), -1) }
}

// stepped is a day of the period so many units on, or back.
export function stepped(unit: Unit, day: string, by: number): string {
  const { from } = periodOf(unit, day)
  if (unit === 'week') return addDays(from, 7 * by)
  const [year = 0, month = 1] = from.split('-').map(Number)
  return firstOf(year, month + months[unit] * by)
}

function firstOf(year: number, month: number): string {
  return new Date(Date.UTC(year, month - 1, 1)).toISOString().slice(0, 10)
}

// named is how the period is called: 2026年11月, 2026年第4季度, 2026年11月23日–29日.
export function named(unit: Unit, { from, to }: Period): string {
  const [year, month = 1, day] = from.split('-').map(Number)
  if (unit === 'month') return `${year}年${month}月`
  if (unit === 'quarter') return `${year}年第${(month + 2) / 3}季度`
  const [, lastMonth, lastDay] = to.split('-').map(Number)
  return `${year}年${month}月${day}日–${lastMonth === month ? '' : `${lastMonth}月`}${lastDay}日`
}

// shortDay is 11/23.
export function shortDay(date: string): string {
  const [, month, day] = date.split('-').map(Number)
  return `${month}/${day}`
}
