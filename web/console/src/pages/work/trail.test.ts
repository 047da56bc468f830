import { expect, test } from 'vitest'

import { trail } from './trail'

const all = ['A', 'B', 'C'].map((id) => ({ id }))

test('pieces follow each other until one is not full', async () => {
  const asked: unknown[] = []
  const t = trail((query) => {
    asked.push(query)
    const from = query.after ? all.findIndex((x) => x.id === query.after) + 1 : 0
    return Promise.resolve({ items: all.slice(from, from + query.limit), note: `after ${query.after ?? 'nothing'}` })
  }, 2)
  await t.list.first()
  expect([t.list.rows.value.map((r) => r.id), t.hasMore.value]).toEqual([['A', 'B'], true])
  await t.more()
  expect([t.list.rows.value.map((r) => r.id), t.hasMore.value]).toEqual([['A', 'B', 'C'], false])
  expect(t.head.value?.note).toBe('after nothing')
  await t.list.first()
  expect(t.list.rows.value).toHaveLength(2)
  expect(asked).toEqual([{ limit: 2 }, { after: 'B', limit: 2 }, { limit: 2 }])
})
