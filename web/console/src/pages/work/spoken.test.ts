import { expect, test } from 'vitest'

import { waited } from './spoken'

test.each([
  [0, '0秒'],
  [59, '59秒'],
  [60, '1分钟'],
  [3599, '59分钟'],
  [3600, '1小时'],
  [86399, '23小时'],
  [200000, '2天'],
])('%i seconds are %s', (seconds, text) => expect(waited(seconds)).toBe(text))
