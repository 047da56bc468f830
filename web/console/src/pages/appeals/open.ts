import { api, ask } from '@/api/client'

// most is the house's limit; appeals are answered from the oldest on, and what is more comes up.
export const most = 100

// listOpen gives the appeals that nobody has answered yet, from the oldest on.
export const listOpen = () => ask(api.GET('/console/api/v1/appeals', { params: { query: { limit: most } } }))

export async function openAppeals(): Promise<string[]> {
  const { items } = await listOpen()
  return items.length ? [`${items.length}条${items.length < most ? '' : '以上'}申诉等着答复`] : []
}
