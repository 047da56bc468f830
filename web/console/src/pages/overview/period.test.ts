import { expect, test } from 'vitest'

import { changed } from './change'
import { named, periodOf, stepped } from './period'

test('a day lies in a week from Monday, a month, a quarter', () => {
  expect(periodOf('week', '2027-01-01')).toEqual({ from: '2026-12-28', to: '2027-01-03' })
  expect(periodOf('month', '2028-02-10')).toEqual({ from: '2028-02-01', to: '2028-02-29' })
  expect(periodOf('quarter', '2026-11-28')).toEqual({ from: '2026-10-01', to: '2026-12-31' })
})

test('one steps across the year', () => {
  expect(stepped('week', '2027-01-01', 1)).toBe('2027-01-04')
  expect(stepped('month', '2026-12-31', 1)).toBe('2027-01-01')
  expect(stepped('quarter', '2027-03-31', -1)).toBe('2026-10-01')
})

test('periods are called what people call them', () => {
  expect(named('month', periodOf('month', '2026-11-28'))).toBe('2026年11月')
  expect(named('quarter', periodOf('quarter', '2026-11-28'))).toBe('2026年第4季度')
  expect(named('week', periodOf('week', '2026-11-28'))).toBe('2026年11月23日–29日')
  expect(named('week', periodOf('week', '2026-12-31'))).toBe('2026年12月28日–1月3日')
})

test('a change is told in words, and nothing is made of nothing', () => {
  expect([changed(12, 10, '上月'), changed(8, 10, '上月'), changed(10, 10, '上月'), changed(10, 0, '上月')]).toEqual([
    '比上月多2（20.0%）', '比上月少2（20.0%）', '与上月相同', '上月为0',
  ])
  expect([changed(0.05, 0.031, '上周', true), changed(undefined, 0.03, '上周', true), changed(0.05, undefined, '上周', true)]).toEqual([
    '比上周高1.9个百分点', '', '上周没有可比的数',
  ])
})
