import { expect, test } from 'vitest'

import { type Document, drawnOf, stepOf } from './draw'

type Draw = Parameters<typeof stepOf>[0]

const draw = (change: Partial<Draw>): Draw => ({
  slot_id: 'S', status: 'open', algorithm: 'jiamenkou-draw-1', draw_at: '2026-11-24T01:00:00Z', commitment: 'c', source: '', digest: '', applications: 0, winners: 0, result: '', ...change,
})
const end = Date.parse('2026-11-24T01:00:00Z')

test.each([
  ['before the end', draw({}), '', end - 1, 'applying'],
  ['at the end, the list not settled', draw({}), '', end, 'settling'],
  ['settled with a source', draw({ status: 'closed', source: '某期开奖号' }), '', end + 1, 'waiting'],
  ['settled, with the randomness', draw({ status: 'closed', source: '某期开奖号' }), '1 2 3', end + 1, 'drawing'],
  ['settled without a source', draw({ status: 'closed' }), '', end + 1, 'drawing'],
  ['drawn', draw({ status: 'drawn' }), '', end + 1, 'drawn'],
  ['called off', draw({ status: 'void' }), '', end - 1, 'void'],
])('%s', (_, d, randomness, now, step) => expect(stepOf(d, randomness, now)).toBe(step))

test('the order is told line by line', () => {
  const d: Document = {
    algorithm: 'jiamenkou-draw-1', slot_id: 'S', draw_at: '', drawn_at: '', source: '', commitment: '', digest: '', nonce: '', randomness: '', seed: '', result: '', places: 1,
    applications: [{ id: 'A', visited: true, out: false }, { id: 'B', visited: false, out: true }, { id: 'C', visited: false, out: false }],
    order: ['B', 'C', 'A'],
    winners: ['C'],
  }
  expect(drawnOf(d)).toEqual([
    { number: 1, id: 'B', visited: false, out: true, won: false },
    { number: 2, id: 'C', visited: false, out: false, won: true },
    { number: 3, id: 'A', visited: true, out: false, won: false },
  ])
})
