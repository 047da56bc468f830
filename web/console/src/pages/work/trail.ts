import { computed, ref } from 'vue'

import { asking } from '@/pieces/asking'

// trail reads a list that the house gives piece by piece, each after the last line of the one before. It serves DataTable
// like paging does; more() adds the next piece.
export function trail<A extends { items: { id: string }[] }>(read: (query: { after?: string; limit: number }) => Promise<A>, limit = 50) {
  type T = A['items'][number]
  const rows = ref<T[]>([]) as { value: T[] }
  const full = ref(false)
  const head = ref<A>() as { value: A | undefined }
  let after: string | undefined
  const asked = asking(async () => {
    const got = await read({ ...(after ? { after } : {}), limit })
    rows.value = after ? [...rows.value, ...got.items] : got.items
    if (!after) head.value = got
    full.value = got.items.length === limit
    return got
  })
  async function first(): Promise<void> {
    after = undefined
    await asked.load()
  }
  async function more(): Promise<void> {
    after = rows.value.at(-1)?.id
    await asked.load()
  }
  return {
    head: computed(() => head.value), // the first answer, with what stands beside its items
    hasMore: computed(() => full.value),
    more,
    list: {
      rows: computed<T[]>(() => rows.value),
      total: computed(() => rows.value.length),
      known: computed(() => asked.answer.value !== undefined),
      busy: asked.busy,
      refusal: asked.refusal,
      page: ref(1),
      pageSize: Number.MAX_SAFE_INTEGER,
      turn: () => first(),
      again: asked.load,
      first,
    },
  }
}
