import { expect, test } from 'vitest'

import audit from '../../../../../model/audit.go?raw'

import { ruleOf } from './rules'

test('every rule of the audit has words', () => {
  const rules = [...audit.matchAll(/^\t"([^"]+)": `/gm)].map((m) => m[1] ?? '')
  expect(rules.length).toBeGreaterThan(20)
  expect(rules.filter((rule) => ruleOf(rule) === rule)).toEqual([])
})
