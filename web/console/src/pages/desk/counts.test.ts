import { expect, test } from 'vitest'

import { ageInWords, deeds, inOrder, type Line, type Session, sessionNow, totals } from './counts'

const at = (time: string) => `2026-11-24T${time}:00+08:00`
const session = (id: string, from: string, to: string, more: Partial<Session> = {}): Session => ({
  id, service_name: '半日托', room: '1号室', start_at: at(from), end_at: at(to), status: 'open', capacity: 8,
  booked: 3, expected: 1, checked_in: 1, completed: 1, no_show: 0, waiting: 2, ...more,
})
const line = (status: Line['status'], id = 'B1'): Line => ({
  booking_id: id, slot_id: 'S1', child: '示*', age_months: 20, phone_tail: '0012', has_health_note: false, start_at: at('09:00'), end_at: at('11:30'), status,
})
const when = (time: string) => Date.parse(at(time))

test('the day is the sum of its sessions', () => {
  expect(totals([])).toEqual({ booked: 0, expected: 0, checked_in: 0, completed: 0, no_show: 0, waiting: 0 })
  expect(totals([session('a', '09:00', '11:30'), session('b', '13:00', '15:00', { booked: 4 })])).toMatchObject({ booked: 7, expected: 2, waiting: 4 })
})

test.each([
  ['08:00', 'a'],
  ['11:29', 'a'],
  ['11:30', 'b'],
  ['20:00', 'b'],
])('at %s it is %s', (now, want) => {
  const day = [session('off', '08:30', '11:30', { status: 'cancelled' }), session('a', '09:00', '11:30'), session('b', '13:00', '15:00')]
  expect(sessionNow(day, when(now))?.id).toBe(want)
})

test('no sessions, no session', () => expect(sessionNow([], 0)).toBeUndefined())
test('nothing but called off', () => expect(sessionNow([session('off', '09:00', '11:30', { status: 'cancelled' })], 0)?.id).toBe('off'))

test.each([
  ['confirmed', '08:50', 'checkIn cancel'],
  ['confirmed', '09:00', 'checkIn noShow'],
  ['checked_in', '09:00', 'handOver'],
  ['completed', '10:00', ''],
  ['no_show', '10:00', 'checkIn'],
  ['no_show', '11:30', ''],
  ['site_cancelled', '08:00', ''],
] as const)('%s at %s: %s', (status, now, want) => {
  const may = deeds(line(status), when(now))
  expect(Object.entries(may).filter(([, is]) => is).map(([name]) => name).join(' ')).toBe(want)
})

test('who is still to come stands first', () => {
  const lines = [line('cancelled', '1'), line('completed', '2'), line('checked_in', '3'), line('confirmed', '5'), line('confirmed', '4')]
  expect(inOrder(lines).map((l) => l.booking_id)).toEqual(['4', '5', '3', '2', '1'])
})

test.each([[20, '20个月'], [24, '2岁'], [29, '2岁5个月']])('%d months', (months, want) => expect(ageInWords(months)).toBe(want))
