import { api, ask } from '@/api/client'
import { me } from '@/me/me'

export const listResets = () => ask(api.GET('/console/api/v1/resets'))

// openResets are those that I may approve: somebody else asked, for somebody else.
export async function openResets(): Promise<string[]> {
  const { items } = await listResets()
  const mine = me.value?.id
  const open = items.filter((reset) => reset.asked_by !== mine && reset.staff_id !== mine).length
  return open ? [`${open}个重置申请等着批准`] : []
}
