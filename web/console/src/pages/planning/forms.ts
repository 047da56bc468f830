import { minuteOf } from './grid'

export interface SessionForm {
  room: string
  service_id: string
  carer_id: string
  capacity: number
  start: string
  end: string
}

export const emptySession = (): SessionForm => ({ room: '', service_id: '', carer_id: '', capacity: 10, start: '09:00', end: '11:30' })

// isSession tells whether a session is complete enough to be asked for; the house judges the rest.
export function isSession(f: SessionForm): boolean {
  return f.room.trim() !== '' && f.service_id !== '' && f.carer_id !== '' && f.start !== '' && f.end !== '' && minuteOf(f.start) < minuteOf(f.end)
}

export const weekdays = ['周一', '周二', '周三', '周四', '周五', '周六', '周日']

// weekdayName is 周一 for 1.
export const weekdayName = (n: number): string => weekdays[n - 1] ?? ''
