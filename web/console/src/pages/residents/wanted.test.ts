import { expect, test } from 'vitest'

import { amount, wantedOf } from './wanted'

test.each([
  ['0012', { phone_tail: '0012' }],
  [' ００１２ ', { phone_tail: '0012' }],
  ['138 0000 0012', { phone: '13800000012' }],
  ['+86 138-0000-0012', { phone: '13800000012' }],
  ['示例小满', { name: '示例小满' }],
  [' 示例 小满 ', { name: '示例 小满' }],
  ['Xiaoman Li', { name: 'Xiaoman Li' }],
  ['01jd2v7m3q8x5k9n4r6t0w1y2z', { id: '01JD2V7M3Q8X5K9N4R6T0W1Y2Z' }],
])('%s is looked for as %o', (text, wanted) => expect(wantedOf(text)).toEqual(wanted))

test.each(['', '  ', '满', '001', '00123', '1380000001', '示例1号', '长'.repeat(41)])('%s is nothing to look for', (text) =>
  expect(wantedOf(text)).toBeUndefined(),
)

test('amounts in words', () => {
  expect(amount('session', 3)).toBe('3次')
  expect(amount('session', -1)).toBe('-1次')
  expect(amount('minute', 150)).toBe('2小时30分钟')
  expect(amount('minute', 120)).toBe('2小时')
  expect(amount('minute', -90)).toBe('-1小时30分钟')
  expect(amount('minute', 45)).toBe('45分钟')
})
