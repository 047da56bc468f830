import { expect, test } from 'vitest'

import { stretches } from './days'

test('days that follow each other are one stretch, and others their own', () => {
  const days = [
    { date: '2027-01-31', kind: 'holiday', name: '春节' },
    { date: '2027-02-01', kind: 'holiday', name: '春节' },
    { date: '2027-02-03', kind: 'holiday', name: '春节' },
    { date: '2027-02-04', kind: 'makeup', name: '调休上班' },
  ] as const
  expect(stretches(days).map((s) => `${s.text} ${s.name}`)).toEqual(['1月31日至2月1日 春节', '2月3日 周三 春节', '2月4日 周四 调休上班'])
})
