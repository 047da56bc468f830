import { expect, test } from 'vitest'

import { sumOf, warningsOf } from './warnings'

test('only what there is to look after is said, the worst first', () => {
  expect(warningsOf({ expired: 0, expiring: 0, lacking: 0 })).toEqual([])
  expect(warningsOf({ expired: 1, expiring: 2, lacking: 3 }).map((w) => w.text)).toEqual(['1张证书已过期', '3人缺必备证书', '2张证书快到期'])
})

test('what is to be looked after at several sites adds up', () => {
  expect(sumOf([{ expired: 1, expiring: 0, lacking: 2 }, { expired: 2, expiring: 1, lacking: 0 }])).toEqual({ expired: 3, expiring: 1, lacking: 2 })
})
