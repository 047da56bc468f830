import { computed, readonly, ref } from 'vue'

import { api, ask, type View } from '@/api/client'
import { may } from '@/me/me'

type Site = View['SiteInScopeView']

const sites = ref<Site[]>([])
const chosen = ref('')

// sitesInScope are those that some role of mine covers, as the house says, by name.
export const sitesInScope = computed(() => sites.value.toSorted((a, b) => a.name.localeCompare(b.name, 'zh-CN')))

// siteId is the site that the pages are about: remembered here and in the address (?site=…), nowhere else. Empty: none
// chosen yet, or none in scope.
export const siteId = readonly(chosen)

export const site = computed(() => sitesInScope.value.find((s) => s.id === chosen.value))

// loadSites reads what there is to choose from; nothing for roles that look at no site.
export async function loadSites(): Promise<void> {
  sites.value = may('look') ? (await ask(api.GET('/console/api/v1/sites'))).items : []
  if (!site.value) chooseSite(sitesInScope.value[0]?.id ?? '')
}

export function chooseSite(id: string): void {
  chosen.value = id
}

export function forgetSites(): void {
  sites.value = []
  chosen.value = ''
}
