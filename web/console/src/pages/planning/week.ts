// A week of a site: the slots that are there, and beside them what the weekly plans ask for without one.
import type { View } from '@/api/client'
import { clock, hours } from '@/time/time'
import { type Kind, say, wordOf } from '@/words/words'

import { minuteOf, type Timed } from './grid'

export type Slot = View['StaffSlotView']
export type Planned = View['PlannedView']

export interface Session extends Timed {
  key: string
  time: string
  of: Kind
  state: string
  slot?: Slot
}

// sessionsOf puts the slots and the plans together. A plan whose slot was made is that slot.
export function sessionsOf(slots: readonly Slot[], planned: readonly Planned[]): Session[] {
  return [
    ...slots.map((s): Session => ({ ...timed(s), key: s.id, of: 'slot', state: s.state, slot: s })),
    ...planned
      .filter((p) => p.verdict !== 'made')
      .map((p): Session => ({ ...timed(p), key: `${p.template_id} ${p.date}`, of: 'verdict', state: p.verdict })),
  ]
}

function timed(s: { room: string; date: string; start_at: string; end_at: string }): Timed & { time: string } {
  const to = minuteOf(clock(s.end_at))
  return {
    room: s.room,
    date: s.date,
    from: minuteOf(clock(s.start_at)),
    to: to || 24 * 60, // midnight is the end of the day
    time: hours(s.start_at, s.end_at),
  }
}

// counts are the figures of a slot in words: 已约6/10，保留1，候补3.
export function counts(s: Slot): string {
  const more = [s.held ? `保留${s.held}` : '', s.waiting ? `候补${s.waiting}` : '']
  return [`已约${s.booked}/${s.capacity}`, ...more].filter(Boolean).join('，')
}

// spoken is a session as a screen reader says it.
export function spoken(s: Session): string {
  const parts = [s.time, s.room, say(s.of, s.state)]
  if (s.slot) parts.push(counts(s.slot))
  if (s.slot?.release_mode === 'draw') parts.push('摇号')
  return parts.join('，')
}

export const toneOf = (s: Session) => wordOf(s.of, s.state).tone
