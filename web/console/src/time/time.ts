// Times as people here write them, in Shanghai's zone whatever the browser's. Instants come and go as RFC 3339 text;
// a date is a civil day, 2026-11-24.

const zone = 'Asia/Shanghai'
const weekdays = ['周日', '周一', '周二', '周三', '周四', '周五', '周六']
const dayLength = 24 * 60 * 60 * 1000

type Instant = string | number | Date

const parts = new Intl.DateTimeFormat('en-CA', {
  timeZone: zone,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})

function read(at: Instant): Record<string, string> {
  return Object.fromEntries(parts.formatToParts(new Date(at)).map((p) => [p.type, p.value]))
}

// dateOf is the civil day of an instant: 2026-11-24.
export function dateOf(at: Instant): string {
  const { year, month, day } = read(at)
  return `${year}-${month}-${day}`
}

// clock is the time of day: 09:00.
export function clock(at: Instant): string {
  const { hour, minute } = read(at)
  return `${hour}:${minute}`
}

// day is a civil day in words: 11月24日 周二, with the year when it is not this one.
export function day(date: string, now: Instant = Date.now()): string {
  const [year = '', month, dayOfMonth] = date.split('-')
  const ofAnotherYear = year === read(now)['year'] ? '' : `${year}年`
  return `${ofAnotherYear}${Number(month)}月${Number(dayOfMonth)}日 ${weekday(date)}`
}

// dated is a civil day with its year: 2020年5月1日.
export function dated(date: string): string {
  const [year, month, dayOfMonth] = date.split('-')
  return `${year}年${Number(month)}月${Number(dayOfMonth)}日`
}

// weekday is 周二.
export function weekday(date: string): string {
  return weekdays[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? ''
}

// moment is an instant in words: 11月24日 周二 09:00.
export function moment(at: Instant, now: Instant = Date.now()): string {
  return `${day(dateOf(at), now)} ${clock(at)}`
}

// span is a stretch of time in words: 11月24日 周二 09:00–11:30; the second day only where it is another.
export function span(from: Instant, to: Instant, now: Instant = Date.now()): string {
  const sameDay = dateOf(from) === dateOf(to)
  return `${moment(from, now)}${sameDay ? `–${clock(to)}` : ` 至 ${moment(to, now)}`}`
}

// hours is a stretch within a day: 09:00–11:30.
export function hours(from: Instant, to: Instant): string {
  return `${clock(from)}–${clock(to)}`
}

export function today(now: Instant = Date.now()): string {
  return dateOf(now)
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * dayLength).toISOString().slice(0, 10)
}

// weekOf is the seven days of a date's week, from Monday.
export function weekOf(date: string): string[] {
  const sinceMonday = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7
  return Array.from({ length: 7 }, (_, i) => addDays(date, i - sinceMonday))
}

// instant is a time of a civil day here as the wire wants it: 2026-11-24, 09:00 → 2026-11-24T09:00:00+08:00.
export function instant(date: string, timeOfDay: string): string {
  return `${date}T${timeOfDay}:00+08:00`
}

// ageOn is an age as people here say it: 20个月, 2岁1个月.
export function ageOn(birthDate: string, date: string): string {
  const [by = 0, bm = 0, bd = 0] = birthDate.split('-').map(Number)
  const [y = 0, m = 0, d = 0] = date.split('-').map(Number)
  return ageInWords((y - by) * 12 + (m - bm) - (d < bd ? 1 : 0))
}

// ageInWords is an age in completed months.
export function ageInWords(months: number): string {
  if (months < 24) return `${months}个月`
  return `${Math.floor(months / 12)}岁${months % 12 === 0 ? '' : `${months % 12}个月`}`
}
