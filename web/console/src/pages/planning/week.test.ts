import { expect, test } from 'vitest'

import { counts, type Planned, sessionsOf, type Slot, spoken } from './week'

const slot = (change: Partial<Slot> = {}): Slot => ({
  id: 'S1', site_id: 'X', service_id: 'V', carer_id: 'C', room: '活动室', date: '2026-11-24',
  start_at: '2026-11-24T09:00:00+08:00', end_at: '2026-11-24T11:30:00+08:00',
  release_at: '2026-11-10T09:00:00+08:00', cutoff_at: '2026-11-24T07:00:00+08:00', release_mode: 'first_come',
  capacity: 10, booked: 6, held: 0, waiting: 0, live: 6, ended_by_site: 0, status: 'open', state: 'open', ...change,
})

const planned = (verdict: Planned['verdict'], change: Partial<Planned> = {}): Planned => ({
  template_id: 'T1', date: '2026-11-25', room: '活动室', start_at: '2026-11-25T09:00:00+08:00', end_at: '2026-11-25T11:30:00+08:00', verdict, ...change,
})

test('a plan whose slot is made is that slot; one without stands beside', () => {
  const sessions = sessionsOf([slot()], [planned('made', { slot_id: 'S1' }), planned('room_taken'), planned('closed', { template_id: 'T2' })])
  expect(sessions.map((s) => [s.of, s.state, s.from, s.to])).toEqual([
    ['slot', 'open', 540, 690],
    ['verdict', 'room_taken', 540, 690],
    ['verdict', 'closed', 540, 690],
  ])
  expect(new Set(sessions.map((s) => s.key)).size).toBe(3)
})

test('a session until midnight ends with its day', () => {
  const [late] = sessionsOf([slot({ start_at: '2026-11-24T22:00:00+08:00', end_at: '2026-11-25T00:00:00+08:00' })], [])
  expect([late?.from, late?.to]).toEqual([1320, 1440])
})

test.each([
  [slot(), '已约6/10'],
  [slot({ held: 1, waiting: 3 }), '已约6/10，保留1，候补3'],
])('figures are said without those that are nothing', (s, text) => expect(counts(s)).toBe(text))

test('a session is said with all that its block shows', () => {
  const [s] = sessionsOf([slot({ release_mode: 'draw', state: 'drawing', waiting: 2 })], [])
  expect(s && spoken(s)).toBe('09:00–11:30，活动室，待摇号，已约6/10，候补2，摇号')
})
