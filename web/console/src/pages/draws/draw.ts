import type { View } from '@/api/client'

export type Document = View['DrawDocument']

export interface Drawn {
  number: number
  id: string
  visited: boolean
  out: boolean
  won: boolean
}

// drawnOf is the order of a draw's document, line by line: no names, an application is its id.
export function drawnOf(d: Document): Drawn[] {
  const applicants = new Map(d.applications.map((a) => [a.id, a]))
  const winners = new Set(d.winners)
  return d.order.map((id, i) => {
    const a = applicants.get(id)
    return { number: i + 1, id, visited: a?.visited ?? false, out: a?.out ?? false, won: winners.has(id) }
  })
}

export type Step = 'applying' | 'settling' | 'waiting' | 'drawing' | 'drawn' | 'void'

// stepOf is where a draw stands, and so what can be done about it now.
export function stepOf(d: View['DrawView'], randomness: string, now: number): Step {
  if (d.status === 'void' || d.status === 'drawn') return d.status
  if (d.status === 'open') return d.draw_at && Date.parse(d.draw_at) <= now ? 'settling' : 'applying'
  return d.source && !randomness ? 'waiting' : 'drawing'
}

// says is what the step means to whoever works at the site.
export const says: Record<Step, string> = {
  applying: '正在报名。报名截止前，可以公布将采用哪里的公共随机数。',
  settling: '报名已经截止，系统正在封存名单，请稍后刷新。',
  waiting: '名单已封存，等待公共随机数。公布以后照原样填写，随即摇号。',
  drawing: '名单已封存，系统正在摇号，请稍后刷新。',
  drawn: '已经摇号，结果已公布，家长已收到通知。',
  void: '这场摇号作废：场次取消，或已过预约截止。',
}

// offerFile lets the person keep a text as a file.
export function offerFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
