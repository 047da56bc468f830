import { expect, test } from 'vitest'

import { addDays, ageOn, clock, dated, dateOf, day, hours, instant, moment, span, weekOf } from './time'

const now = '2026-11-01T00:00:00Z'

test.each([
  ['a session', span('2026-11-24T01:00:00Z', '2026-11-24T03:30:00Z', now), '11月24日 周二 09:00–11:30'],
  ['over midnight', span('2026-11-24T15:00:00Z', '2026-11-24T17:00:00Z', now), '11月24日 周二 23:00 至 11月25日 周三 01:00'],
  ['another year', moment('2026-12-31T16:00:00Z', now), '2027年1月1日 周五 00:00'],
  ['the year begins here first', day('2027-01-01', '2026-12-31T16:00:00Z'), '1月1日 周五'],
  ['a day of any year', dated('2020-05-01'), '2020年5月1日'],
  ['hours', hours('2026-11-24T01:00:00Z', '2026-11-24T03:30:00Z'), '09:00–11:30'],
  ['midnight is 00', clock('2026-11-23T16:00:00Z'), '00:00'],
  ['with an offset', clock('2026-11-24T09:05:00+08:00'), '09:05'],
])('%s is written as people here do', (_, got, want) => expect(got).toBe(want))

test('the civil day is the one here, not that of UTC', () => {
  expect(dateOf('2026-11-23T15:59:59.999Z')).toBe('2026-11-23')
  expect(dateOf('2026-11-23T16:00:00Z')).toBe('2026-11-24')
})

test('days are counted over ends of months and leap days', () => {
  expect(addDays('2028-02-28', 1)).toBe('2028-02-29')
  expect(addDays('2027-01-01', -1)).toBe('2026-12-31')
})

test.each(['2026-11-23', '2026-11-25', '2026-11-29'])('the week of %s begins on Monday', (date) => {
  expect(weekOf(date)).toEqual(['2026-11-23', '2026-11-24', '2026-11-25', '2026-11-26', '2026-11-27', '2026-11-28', '2026-11-29'])
})

test('what is typed here is sent with its offset', () => {
  expect(dateOf(instant('2026-11-24', '00:30'))).toBe('2026-11-24')
  expect(clock(instant('2026-11-24', '23:30'))).toBe('23:30')
})

test.each([
  ['2025-03-24', '2026-11-24', '20个月'],
  ['2025-03-25', '2026-11-24', '19个月'],
  ['2024-11-24', '2026-11-24', '2岁'],
  ['2024-10-20', '2026-11-24', '2岁1个月'],
])('born %s, on %s: %s', (born, on, want) => expect(ageOn(born, on)).toBe(want))
