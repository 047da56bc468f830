import { expect, test } from 'vitest'

import { moved, sizeWithin } from './picture'

test.each([
  [4800, 3200, 2400, 1600],
  [3000, 4000, 1800, 2400],
  [640, 480, 640, 480],
  [100_000, 1, 2400, 1],
])('%i × %i is drawn as %i × %i', (width, height, wide, high) => expect(sizeWithin(width, height)).toEqual({ width: wide, height: high }))

test.each([
  [0, 1, ['乙', '甲', '丙']],
  [2, -1, ['甲', '丙', '乙']],
  [0, -1, ['甲', '乙', '丙']],
  [2, 1, ['甲', '乙', '丙']],
])('the %ith moves by %i', (from, by, want) => expect(moved(['甲', '乙', '丙'], from, by)).toEqual(want))
