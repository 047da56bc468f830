import { expect, test } from 'vitest'

import { clockOf, length, minuteOf } from './numbers'

test.each([[0, ''], [30, ''], [60, '1小时'], [90, '1小时30分钟'], [720, '12小时'], [4320, '3天']])('%i minutes are %s', (minutes, said) =>
  expect(length(minutes)).toBe(said))

test.each(['00:00', '08:00', '23:59'])('%s comes back', (clock) => expect(clockOf(minuteOf(clock))).toBe(clock))
