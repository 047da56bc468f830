import { computed, watch } from 'vue'

import { api, ask } from '@/api/client'
import { asking } from '@/pieces/asking'
import { siteId } from '@/scope/scope'

// useChoices reads what a site's plans are made of, whenever the site changes.
export function useChoices() {
  const asked = asking(() => ask(api.GET('/console/api/v1/sites/{id}/choices', { params: { path: { id: siteId.value } } })))
  watch(siteId, (id) => void (id && asked.load()), { immediate: true })
  const nameIn = (list: readonly { id: string; name: string }[] | undefined, id?: string) => list?.find((x) => x.id === id)?.name
  return {
    refusal: asked.refusal,
    rooms: computed(() => asked.answer.value?.rooms ?? []),
    carers: computed(() => asked.answer.value?.carers ?? []),
    services: computed(() => asked.answer.value?.services ?? []),
    carerName: (id?: string) => nameIn(asked.answer.value?.carers, id) ?? '已不在岗',
    serviceName: (id?: string) => nameIn(asked.answer.value?.services, id) ?? '已停办的服务',
  }
}
