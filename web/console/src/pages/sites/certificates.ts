import { api, ask } from '@/api/client'

import { sumOf, warningsOf } from './warnings'

const most = 100 // cards at a time, the house's limit

// certificates puts into words what is to be looked after at all sites in scope together.
export async function certificates(): Promise<string[]> {
  const all = []
  for (let page = 1, total = 1; all.length < total; page++) {
    const answer = await ask(api.GET('/console/api/v1/site-cards', { params: { query: { page, page_size: most } } }))
    if (!answer.items.length) break
    all.push(...answer.items)
    total = answer.total
  }
  return warningsOf(sumOf(all.map((card) => card.warnings))).map((warning) => warning.text)
}
