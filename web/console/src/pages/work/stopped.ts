import { api, ask } from '@/api/client'

export async function stoppedWork(): Promise<string[]> {
  const { items } = await ask(api.GET('/console/api/v1/work'))
  const stopped = items.reduce((sum, figure) => sum + figure.dead, 0)
  return stopped ? [`${stopped}件任务停下了，要有人看过再重办`] : []
}
