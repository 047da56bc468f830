import { expect, test } from 'vitest'

import { takes, wayOf } from './way'

const now = Date.parse('2026-11-24T09:00:00+08:00')

test.each([
  ['open', undefined, false, 'book'],
  ['full', undefined, false, 'wait'],
  ['drawing', '2026-11-24T09:00:01+08:00', false, 'apply'],
  ['drawing', '2026-11-24T09:00:00+08:00', false, 'book'],
  ['drawing', undefined, false, 'book'],
  ['cut_off', undefined, false, 'book'],
  ['open', undefined, true, 'move'],
  ['full', undefined, true, 'move'],
] as const)('a session that is %s, drawn at %s, moving %s: %s', (state, draw_at, moving, way) => {
  expect(wayOf({ state, draw_at }, moving, now)).toBe(way)
})

test('nothing is chosen yet', () => {
  expect(wayOf(undefined, false, now)).toBe('book')
  expect([takes({ state: 'open' }), takes({ state: 'full' })]).toEqual([true, false])
})
