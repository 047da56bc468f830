import type { View } from '@/api/client'

export type Session = View['DeskSlotView']
export type Line = View['DeskLineView']

export const figures = ['booked', 'expected', 'checked_in', 'completed', 'no_show', 'waiting'] as const
export type Counts = Record<(typeof figures)[number], number>

// totals are the day's, over all its sessions.
export function totals(sessions: readonly Session[]): Counts {
  const sum = (of: keyof Counts) => sessions.reduce((n, s) => n + s[of], 0)
  return Object.fromEntries(figures.map((f) => [f, sum(f)])) as Counts
}

// sessionNow is the one to show first: that which goes on, else the next, else the last.
export function sessionNow(sessions: readonly Session[], now: number): Session | undefined {
  const held = sessions.filter((s) => s.status !== 'cancelled')
  return held.find((s) => Date.parse(s.end_at) > now) ?? held.at(-1) ?? sessions[0]
}

// What can be done with a line at the moment. The house judges again; these are the buttons.
export function deeds(line: Line, now: number) {
  const started = now >= Date.parse(line.start_at)
  return {
    checkIn: line.status === 'confirmed' || (line.status === 'no_show' && now < Date.parse(line.end_at)),
    handOver: line.status === 'checked_in',
    noShow: line.status === 'confirmed' && started,
    cancel: line.status === 'confirmed' && !started,
  }
}

const order: Record<Line['status'], number> = { confirmed: 0, checked_in: 1, completed: 2, no_show: 3, cancelled: 4, late_cancelled: 4, site_cancelled: 4 }

// inOrder puts first who is still to come, then who is there, then who has gone, last who has cancelled.
export const inOrder = (lines: readonly Line[]): Line[] => lines.toSorted((a, b) => order[a.status] - order[b.status] || a.booking_id.localeCompare(b.booking_id))

export { ageInWords } from '@/time/time'
