import { expect, test } from 'vitest'

import { emptySession, isSession, weekdayName } from './forms'

const whole = { ...emptySession(), room: '活动室', service_id: 'V', carer_id: 'C' }

test.each([
  ['complete', whole, true],
  ['without a room', { ...whole, room: ' ' }, false],
  ['without who cares', { ...whole, carer_id: '' }, false],
  ['that ends before it begins', { ...whole, start: '12:00', end: '11:30' }, false],
  ['of no length', { ...whole, start: '11:30', end: '11:30' }, false],
  ['whose time was deleted', { ...whole, end: '' }, false],
])('a session %s', (_, form, ready) => expect(isSession(form)).toBe(ready))

test('the week begins on Monday', () => expect([1, 7].map(weekdayName)).toEqual(['周一', '周日']))
