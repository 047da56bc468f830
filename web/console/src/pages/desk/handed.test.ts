import { expect, test } from 'vitest'

import { hand, takeHanded } from './handed'

test('what is handed over is taken once', () => {
  expect(takeHanded()).toBe('')
  hand('13800000452')
  expect(takeHanded()).toBe('13800000452')
  expect(takeHanded()).toBe('')
})
