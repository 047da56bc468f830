import { expect, test } from 'vitest'

import drawTold from '../../../../../service/booking/draw_told.go?raw'
import told from '../../../../../service/booking/told.go?raw'

import { drawTexts, texts, toApplied, toBooked, toWaiting } from './message'

test.each(texts)('the house says it so: %s', (text) => expect(told).toContain(`"${text}"`))

test.each(drawTexts)('the house says it so to who waits for a draw: %s', (text) => expect(drawTold).toContain(`"${text}"`))

const at = { start_at: '2026-11-24T01:00:00Z', end_at: '2026-11-24T03:30:00Z' }

test('the message has the time and the reason, as it was written', () => {
  expect(toBooked('老师生病 $& %s', at)).toContain('周二 09:00–11:30的时段由宝宝屋取消，原因：老师生病 $& %s。不计失约。')
  expect(toWaiting('', at)).toContain('原因：（理由）。')
  expect(toApplied('停电', at)).toContain('的时段不再摇号，原因：停电。')
})
