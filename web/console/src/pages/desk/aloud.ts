import type { View } from '@/api/client'
import { addDays, clock, dateOf, moment, span, today } from '@/time/time'

// Sentences that whoever is at the telephone reads out to a family, word for word.

type Booking = Pick<View['BookingView'], 'start_at' | 'end_at' | 'service_name' | 'room' | 'free_cancel_until' | 'payment'>
type Waiting = Pick<View['WaitingView'], 'start_at' | 'end_at' | 'service_name' | 'cutoff_at' | 'rank' | 'offer_expires_at'>
type Application = Pick<View['ApplicationView'], 'start_at' | 'end_at' | 'service_name' | 'draw_at'>

// near is an instant as one says it on the telephone: 今天10:30, 明天7:00, else with its date.
export function near(at: string, now: number = Date.now()): string {
  const date = dateOf(at)
  if (date === today(now)) return `今天${clock(at)}`
  if (date === addDays(today(now), 1)) return `明天${clock(at)}`
  return moment(at, now)
}

// called is what a child is called aloud: a name that is masked cannot be read out.
export const called = (name: string): string => (name.includes('*') ? '孩子' : name)

export const booked = (child: string, b: Booking, now: number = Date.now()): string =>
  `已为${called(child)}约好${span(b.start_at, b.end_at, now)}的${b.service_name}，在${b.room}。${paid(b)}${cancelling(b, now)}`

export const moved = (child: string, b: Booking, now: number = Date.now()): string =>
  `${called(child)}的预约已改到${span(b.start_at, b.end_at, now)}，${b.service_name}，在${b.room}。原来的已退掉。${paid(b)}${cancelling(b, now)}`

const paid = (b: Booking): string => (b.payment === 'self_paid' ? '这次自费，到场付。' : '')

// cancelling says until when giving the place back is free.
export const cancelling = (b: Pick<Booking, 'free_cancel_until'>, now: number = Date.now()): string =>
  Date.parse(b.free_cancel_until) > now ? `来不了的话，${near(b.free_cancel_until, now)}前可以免费取消。` : '免费取消的时间已过，现在取消会记一次临时取消。'

// moving says what giving the old place back comes to.
export const moving = (b: Pick<Booking, 'free_cancel_until'>, now: number = Date.now()): string =>
  Date.parse(b.free_cancel_until) > now ? '约好新的，才退掉旧的。' : '约好新的，才退掉旧的。免费取消的时间已过，旧的会记一次临时取消。'

// waits says the rank, until when it can still come to a place, and how the family hears of it.
export const waits = (child: string, w: Waiting, atDesk: boolean, now: number = Date.now()): string =>
  `已为${called(child)}候补${span(w.start_at, w.end_at, now)}的${w.service_name}，${turn(w, now)}轮到时名额会留一段时间，过时就让给下一位。${atDesk ? '您不用微信，轮到时宝宝屋打电话告诉您。' : hears}`

// turn is how it stands with somebody who waits.
export const turn = (w: Pick<Waiting, 'rank' | 'cutoff_at'>, now: number = Date.now()): string =>
  `现在排第${w.rank}位，候补到${near(w.cutoff_at, now)}为止。`

// held says until when a place is held.
export const held = (w: Pick<Waiting, 'offer_expires_at'>, now: number = Date.now()): string =>
  `有名额了，已经为孩子留着。要的话请在${near(w.offer_expires_at ?? '', now)}前答复，过时就让给下一位。`

export const applied = (child: string, a: Application, atDesk: boolean, now: number = Date.now()): string =>
  `已为${called(child)}报名${span(a.start_at, a.end_at, now)}的${a.service_name}。${drawn(a, now)}中签就直接约好，没中签的按摇出的次序候补。${atDesk ? '您不用微信，摇号后请记得打电话来问。' : hears}`

// drawn says when a draw is.
export const drawn = (a: { draw_at?: string | null }, now: number = Date.now()): string => `报名到${near(a.draw_at ?? '', now)}截止，之后摇号。`

const hears = '有消息会在小程序里通知您。'
