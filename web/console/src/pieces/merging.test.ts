import { expect, test } from 'vitest'

import { merge } from './merging'

const base = { phone: '1', hours: '早', rooms: ['甲'] }

test('nobody else changed anything', () => {
  expect(merge(base, { ...base, phone: '2' }, base)).toEqual({ form: { ...base, phone: '2' }, changes: [] })
})

test('what I left alone becomes what it is now, and I am told', () => {
  expect(merge(base, { ...base, phone: '2' }, { ...base, hours: '晚' })).toEqual({
    form: { phone: '2', hours: '晚', rooms: ['甲'] },
    changes: [{ field: 'hours', mine: '早', theirs: '晚', both: false }],
  })
})

test('what both changed stays mine, and I am told what it is now', () => {
  expect(merge(base, { ...base, rooms: ['甲', '乙'] }, { ...base, rooms: [] })).toEqual({
    form: { ...base, rooms: ['甲', '乙'] },
    changes: [{ field: 'rooms', mine: ['甲', '乙'], theirs: [], both: true }],
  })
})

test('what both changed to the same is no difference', () => {
  const now = { ...base, phone: '2' }
  expect(merge(base, now, now)).toEqual({ form: now, changes: [] })
})
