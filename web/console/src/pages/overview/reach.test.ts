import { expect, test } from 'vitest'

import { belonging, reachOf, standing } from './reach'

const share = (children: number, free_users: number) => ({ children, free_users, allowance_share: free_users / children })

test('the reach is found by code, id and week; of what nothing is said there is none', () => {
  const of = reachOf({
    by_home: true, total: share(10, 5), before: share(10, 4),
    subdistricts: [{ code: '310104003', ...share(4, 1) }], sites: [{ id: 'S1', ...share(2, 2) }], weeks: [{ week: '2026-W48', ...share(10, 5) }],
  })
  expect([of('310104003')?.free_users, of('S1')?.children, of('2026-W48')?.free_users, of('2026-W01')]).toEqual([1, 2, 5, undefined])
  expect(reachOf(undefined)('S1')).toBeUndefined()
})

test('the children of one question never stand beside the figures of another', () => {
  const figures = { question: 'june', body: 1 }
  expect(belonging(figures, { question: 'june', body: 'of june' })).toBe('of june')
  expect(belonging(figures, { question: 'july', body: 'of july' })).toBeUndefined()
  expect([belonging(undefined, { question: 'june', body: 1 }), belonging(figures, undefined)]).toEqual([undefined, undefined])
})

test('what is not there yet, what could not be counted and what nobody counts are told apart', () => {
  expect([standing(undefined, false), standing(undefined, true), standing({}, false)]).toEqual(['正在统计', '没有统计出来', '—'])
})
