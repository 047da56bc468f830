import { describe, expect, test } from 'vitest'

import { apart, hoursOf, layOut, minuteOf, rowOf, type Timed } from './grid'

const at = (room: string, from: string, to: string, date = '2026-11-24'): Timed => ({ room, date, from: minuteOf(from), to: minuteOf(to) })

test.each([
  ['08:00', 8, 1],
  ['09:00', 8, 13],
  ['09:07', 8, 14],
  ['11:30', 8, 43],
  ['24:00', 8, 193],
])('%s stands below %i o’clock on line %i', (clock, first, line) => expect(rowOf(minuteOf(clock), first)).toBe(line))

describe('the hours', () => {
  test('are a common day when sessions lie within it', () => {
    expect(hoursOf([at('甲', '09:00', '11:30')])).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18])
  })
  test('stretch to sessions outside', () => {
    const hours = hoursOf([at('甲', '07:45', '08:00'), at('甲', '18:30', '20:05')])
    expect([hours[0], hours.at(-1)]).toEqual([7, 21])
  })
  test('are there without sessions', () => expect(hoursOf([])).toHaveLength(11))
})

describe('lanes of a room', () => {
  test.each([
    ['one after another share one', [at('甲', '09:00', '10:00'), at('甲', '10:00', '11:00')], [1, 1], 1],
    ['that overlap stand beside each other', [at('甲', '09:00', '10:30'), at('甲', '10:00', '11:00')], [1, 2], 2],
    ['use one that is free again', [at('甲', '09:00', '12:00'), at('甲', '09:30', '10:00'), at('甲', '10:00', '11:00')], [1, 2, 2], 2],
    ['do not depend on the order they came in', [at('甲', '10:00', '11:00'), at('甲', '09:00', '10:30')], [2, 1], 2],
  ])('%s', (_, sessions, lanes, wide) => {
    const got = apart(sessions)
    expect(sessions.map((s) => got.lanes.get(s))).toEqual(lanes)
    expect(got.wide).toBe(wide)
  })
})

test('every room of a day has its own lanes, and every day stands for itself', () => {
  const week = layOut(
    ['2026-11-24', '2026-11-25'],
    [at('乙', '09:00', '10:00'), at('甲', '09:00', '10:00'), at('甲', '09:30', '10:30'), at('乙', '14:00', '15:00', '2026-11-25')],
  )
  expect(week.rows).toBe(120)
  expect(week.days[0]?.lanes).toEqual([{ room: '甲', wide: 2 }, { room: '乙', wide: 1 }])
  expect(week.days[0]?.sessions.map((s) => [s.room, s.lane, s.firstRow, s.endRow])).toEqual([
    ['甲', 1, 13, 25],
    ['乙', 3, 13, 25],
    ['甲', 2, 19, 31],
  ])
  expect(week.days[1]?.sessions.map((s) => [s.room, s.lane])).toEqual([['乙', 1]])
})

test('a session of no length is still there to click on', () => {
  const [only] = layOut(['2026-11-24'], [at('甲', '09:00', '09:00')]).days[0]?.sessions ?? []
  expect(only && only.endRow - only.firstRow).toBe(1)
})
