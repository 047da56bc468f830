import { computed } from 'vue'

import { api, ask, type View } from '@/api/client'
import { asking } from '@/pieces/asking'

// useHolidays are the days that differ from their weekday, by date. Without them the week is shown all the same.
export function useHolidays() {
  const calendar = asking(() => ask(api.GET('/console/api/v1/calendar')))
  void calendar.load()
  return computed<Record<string, View['CalendarDayView']>>(() =>
    Object.fromEntries((calendar.answer.value?.items ?? []).flatMap((y) => y.days).map((d) => [d.date, d])))
}
