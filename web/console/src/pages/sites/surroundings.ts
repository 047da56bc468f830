import { computed } from 'vue'

import { api, ask } from '@/api/client'
import { asking } from '@/pieces/asking'

// useSurroundings reads what helps to find one's way on the map: the subdistricts and the sites within the scope.
export function useSurroundings() {
  const subdistricts = asking(() => ask(api.GET('/api/v1/subdistricts')))
  const sites = asking(() => ask(api.GET('/console/api/v1/site-cards', { params: { query: { page: 1, page_size: 100 } } })))
  void subdistricts.load()
  void sites.load()
  return {
    refusal: subdistricts.refusal,
    again: subdistricts.load,
    subdistricts: computed(() => subdistricts.answer.value?.items ?? []),
    othersThan: (id: string) => (sites.answer.value?.items ?? []).filter((s) => s.id !== id),
  }
}
