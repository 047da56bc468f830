import { expect, test } from 'vitest'

import { figure, optionOf } from './chart'

const palette = { text: '#000', line: '#ccc', surface: '#fff', series: ['#0f6b62'], font: 'sans-serif' }

test('figures are written as people read them', () => {
  const rate = { name: '未到率', kind: 'line' as const, values: [], percent: true }
  const places = { name: '名额', kind: 'bar' as const, values: [] }
  expect([figure(rate, 0.0345), figure(places, 12345), figure(places, null)]).toEqual(['3.5%', '12,345', '—'])
})

test('per cent stands on an axis of its own', () => {
  const option = optionOf(
    { over: '周', labels: ['第47周'], series: [{ name: '名额', kind: 'bar', values: [10] }, { name: '未到率', kind: 'line', values: [0.1], percent: true }] },
    palette,
  )
  expect((option['yAxis'] as unknown[]).length).toBe(2)
  expect((option['series'] as { yAxisIndex: number }[]).map((s) => s.yAxisIndex)).toEqual([0, 1])
})

test('every subdistrict has its name below, aslant; two places stand upright', () => {
  const below = (n: number) => {
    const labels = Array.from({ length: n }, (_, i) => `${i}号街道`)
    const option = optionOf({ over: '街镇', labels, series: [{ name: '名额', kind: 'bar', values: labels.map(() => 1) }] }, palette)
    return (option['xAxis'] as { axisLabel: Record<string, unknown> }).axisLabel
  }
  expect(below(13)).toMatchObject({ interval: 0, color: '#000' })
  expect(below(13)['rotate']).toBeGreaterThan(0)
  expect(below(2)).not.toHaveProperty('rotate')
})
