import { api, ask } from '@/api/client'

export async function missingYear(): Promise<string[]> {
  const { missing_year: year } = await ask(api.GET('/console/api/v1/calendar'))
  return year ? [`${year}年的放假通知该导入了`] : []
}
