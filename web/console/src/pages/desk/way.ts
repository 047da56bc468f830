import type { View } from '@/api/client'

// What can be asked for in a session: a place, a turn on the waiting list, a part in the draw; or to come there instead.
export type Way = 'book' | 'wait' | 'apply' | 'move'

type Slot = Pick<View['SlotView'], 'state' | 'draw_at'>

// wayOf is what is asked for when the session is chosen. Where nothing is possible it is a booking, and the house says why
// not.
export function wayOf(slot: Slot | undefined, moving: boolean, now: number): Way {
  if (moving) return 'move'
  if (slot?.state === 'full') return 'wait'
  if (slot?.state === 'drawing' && Date.parse(slot.draw_at ?? '') > now) return 'apply'
  return 'book'
}

// takes tells whether a session can be moved to without an exception.
export const takes = (slot: Slot): boolean => slot.state === 'open'

export const verb: Record<Way, (child: string) => string> = {
  book: (child) => `替${child}预约`,
  wait: (child) => `替${child}加入候补`,
  apply: (child) => `替${child}报名摇号`,
  move: () => '改到这一场',
}

// exceptional says what a reason sets aside, and what nothing does.
export const exceptional: Record<Way, string> = {
  book: '破例不看开放和截止时间、月龄、失约和未结束预约数；名额、时间冲突、免费次数和协议不能破例。理由会被记录。',
  move: '破例不看新场次的开放和截止时间、月龄、失约和未结束预约数；名额、时间冲突、免费次数和协议不能破例。理由会被记录。',
  wait: '破例不看月龄、失约和候补数；次序、截止时间、时间冲突和协议不能破例。轮到时会重新看规则，接受时再写一次理由。理由会被记录。',
  apply: '破例不看月龄和失约；报名时间、时间冲突和协议不能破例。中签后会重新看规则，接受名额时再写一次理由。理由会被记录。',
}
