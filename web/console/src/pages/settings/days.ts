import type { View } from '@/api/client'
import { addDays, weekday } from '@/time/time'

type Day = View['CalendarDayView']

const short = (date: string) => `${Number(date.slice(5, 7))}月${Number(date.slice(8))}日`

// stretches are days of one kind and name that follow each other, as one: 10月1日至10月7日.
export function stretches(days: readonly Day[]) {
  const list: { from: string; until: string; kind: Day['kind']; name: string; text: string }[] = []
  for (const d of days) {
    const last = list.at(-1)
    if (last && last.kind === d.kind && last.name === d.name && addDays(last.until, 1) === d.date) last.until = d.date
    else list.push({ from: d.date, until: d.date, kind: d.kind, name: d.name, text: '' })
  }
  for (const s of list) s.text = s.from === s.until ? `${short(s.from)} ${weekday(s.from)}` : `${short(s.from)}至${short(s.until)}`
  return list
}
