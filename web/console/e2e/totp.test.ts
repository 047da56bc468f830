import { expect, test } from 'vitest'

import { totp } from './totp'

test('digits are those of RFC 6238', () => {
  expect(totp('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', 59_000)).toBe('287082')
})
