// How a week of sessions lies on the page: days beside each other, hours downwards, in each day a lane for every room.
// Pure; WeekGrid.vue draws what comes of it.

export const step = 5 // minutes to a row

export interface Timed {
  room: string
  date: string
  from: number // minutes since midnight
  to: number
}

export type Placed<T> = T & {
  lane: number // from 1, in its day
  firstRow: number // lines of the grid, from 1
  endRow: number
}

export interface Lane {
  room: string
  wide: number // lanes beside each other; more than one where sessions of a room overlap
}

export interface DayColumn<T> {
  date: string
  lanes: Lane[]
  sessions: Placed<T>[]
}

export interface WeekLayout<T> {
  hours: number[] // full hours, the first and the last are the edges
  rows: number
  days: DayColumn<T>[]
}

// minuteOf reads a time of day: 09:30 → 570.
export function minuteOf(clock: string): number {
  const [hour = 0, minute = 0] = clock.split(':').map(Number)
  return hour * 60 + minute
}

// rowOf is the line of the grid at which a minute of the day stands.
export function rowOf(minute: number, firstHour: number): number {
  return Math.floor((minute - firstHour * 60) / step) + 1
}

// hoursOf are the full hours that hold all sessions, and a common day where there are fewer.
export function hoursOf(sessions: readonly Timed[], common: readonly [number, number] = [8, 18]): number[] {
  const first = Math.min(common[0], ...sessions.map((s) => Math.floor(s.from / 60)))
  const last = Math.max(common[1], ...sessions.map((s) => Math.ceil(s.to / 60)))
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

// layOut places every session of the dates.
export function layOut<T extends Timed>(dates: readonly string[], sessions: readonly T[]): WeekLayout<T> {
  const hours = hoursOf(sessions)
  const first = hours[0] ?? 0
  const days = dates.map((date) => dayColumn(date, sessions.filter((s) => s.date === date), first))
  return { hours, rows: ((hours.length - 1) * 60) / step, days }
}

function dayColumn<T extends Timed>(date: string, sessions: readonly T[], firstHour: number): DayColumn<T> {
  const rooms = [...new Set(sessions.map((s) => s.room))].toSorted((a, b) => a.localeCompare(b, 'zh-CN'))
  const column: DayColumn<T> = { date, lanes: [], sessions: [] }
  let before = 0
  for (const room of rooms) {
    const { lanes, wide } = apart(sessions.filter((s) => s.room === room))
    for (const [session, lane] of lanes) column.sessions.push(place(session, before + lane, firstHour))
    column.lanes.push({ room, wide })
    before += wide
  }
  column.sessions.sort((a, b) => a.from - b.from || a.lane - b.lane)
  return column
}

function place<T extends Timed>(session: T, lane: number, firstHour: number): Placed<T> {
  const firstRow = rowOf(session.from, firstHour)
  return { ...session, lane, firstRow, endRow: Math.max(rowOf(session.to, firstHour), firstRow + 1) }
}

// apart gives sessions of one room lanes in which none overlaps another: each the first lane that is free by then.
export function apart<T extends Timed>(sessions: readonly T[]): { lanes: Map<T, number>; wide: number } {
  const lanes = new Map<T, number>()
  const busyUntil: number[] = []
  for (const session of sessions.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    const free = busyUntil.findIndex((until) => until <= session.from)
    const lane = free < 0 ? busyUntil.length : free
    busyUntil[lane] = session.to
    lanes.set(session, lane + 1)
  }
  return { lanes, wide: Math.max(1, busyUntil.length) }
}
