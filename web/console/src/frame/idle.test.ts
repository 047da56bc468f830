import { expect, test } from 'vitest'

import { inWords, judgeIdleness } from './idle'

test.each([
  [0, 1800, 'working', 1800],
  [1679, 1800, 'working', 121],
  [1680, 1800, 'warning', 120],
  [1799.5, 1800, 'warning', 1],
  [1800, 1800, 'over', 0],
  [9999, 1800, 'over', 0],
  [50, 100, 'warning', 50], // a short setting still warns in time
])('after %s of %s idle seconds: %s, %s left', (passed, idle, state, left) => {
  expect(judgeIdleness(1_000, 1_000 + passed * 1000, idle)).toEqual({ state, left })
})

test('what is left is said in words', () => expect([inWords(80), inWords(9)]).toEqual(['1分20秒', '9秒']))
