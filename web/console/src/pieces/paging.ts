import { computed, ref } from 'vue'

import { asking } from './asking'

export interface Page<T> {
  items: T[]
  total: number
}

export interface PageQuery {
  page: number
  page_size: number
}

// paging reads a list page by page. Hand it to <DataTable :list="list">, and call list.first() when a filter changes.
//
//   const list = paging((q) => ask(api.GET('…', { params: { query: { ...q, ...filter } } })))
export function paging<T>(read: (query: PageQuery) => Promise<Page<T>>, pageSize = 20) {
  const page = ref(1)
  const asked = asking(() => read({ page: page.value, page_size: pageSize }))
  async function turn(to: number): Promise<void> {
    page.value = to
    await asked.load()
  }
  return {
    rows: computed<T[]>(() => asked.answer.value?.items ?? []),
    total: computed(() => asked.answer.value?.total ?? 0),
    known: computed(() => asked.answer.value !== undefined),
    busy: asked.busy,
    refusal: asked.refusal,
    page,
    pageSize,
    turn,
    again: asked.load,
    first: () => turn(1),
  }
}

// whole is paging for a list that the house gives in one piece.
export function whole<T>(read: () => Promise<{ items: T[] }>) {
  return paging<T>(async () => {
    const { items } = await read()
    return { items, total: items.length }
  }, Number.MAX_SAFE_INTEGER)
}

export type List<T> = ReturnType<typeof paging<T>>
