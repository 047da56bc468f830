import { expect, test } from 'vitest'

import { applied, booked, called, cancelling, held, moved, moving, near, turn, waits } from './aloud'

const now = Date.parse('2026-11-24T09:00:00+08:00')
const session = { start_at: '2026-12-01T09:00:00+08:00', end_at: '2026-12-01T11:30:00+08:00', service_name: '半日托', room: '向阳间' }

test.each([
  ['2026-11-24T10:30:00+08:00', '今天10:30'],
  ['2026-11-24T23:59:00+08:00', '今天23:59'],
  ['2026-11-25T00:00:00+08:00', '明天00:00'],
  ['2026-11-26T08:00:00+08:00', '11月26日 周四 08:00'],
])('%s is said as %s', (at, said) => expect(near(at, now)).toBe(said))

test('a booking, and until when it can be given back', () => {
  const b = { ...session, payment: 'allowance' as const, free_cancel_until: '2026-11-30T21:00:00+08:00' }
  expect(booked('示例', b, now)).toBe('已为示例约好12月1日 周二 09:00–11:30的半日托，在向阳间。来不了的话，11月30日 周一 21:00前可以免费取消。')
  expect(booked('示例', { ...b, payment: 'self_paid' }, now)).toContain('这次自费，到场付。')
  expect(moved('示例', b, now)).toContain('示例的预约已改到12月1日')
  const late = { free_cancel_until: '2026-11-24T09:00:00+08:00' }
  expect([cancelling(late, now), moving(late, now)]).toEqual([expect.stringContaining('已过'), expect.stringContaining('旧的会记一次临时取消')])
  expect(moving(b, now)).toBe('约好新的，才退掉旧的。')
  expect(booked('示*', b, now)).toContain('已为孩子约好')
  expect(called('示例')).toBe('示例')
})

test('whoever waits is told the rank, and until when', () => {
  const w = { ...session, rank: 2, cutoff_at: '2026-12-01T07:00:00+08:00' }
  expect(turn(w, now)).toBe('现在排第2位，候补到12月1日 周二 07:00为止。')
  expect(waits('示例', w, true, now)).toMatch(/现在排第2位.*轮到时宝宝屋打电话告诉您。$/)
  expect(waits('示例', w, false, now)).toMatch(/小程序里通知您。$/)
  expect(held({ offer_expires_at: '2026-11-24T09:30:00+08:00' }, now)).toContain('请在今天09:30前答复')
})

test('whoever applies is told when the draw is', () => {
  expect(applied('示例', { ...session, draw_at: '2026-11-25T08:00:00+08:00' }, true, now)).toMatch(/报名到明天08:00截止，之后摇号。.*请记得打电话来问。$/)
})
