import { expect, test } from 'vitest'
import { effectScope } from 'vue'

import { lost } from '@/api/refusal'

import { asking, doing } from './asking'
import { paging } from './paging'

test('an answer that comes after a later question is not shown', async () => {
  const open: ((text: string) => void)[] = []
  const asked = asking(() => new Promise<string>((done) => open.push(done)))
  const both = [asked.load(), asked.load()]
  open[1]?.('second')
  open[0]?.('first')
  await Promise.all(both)
  expect([asked.answer.value, asked.busy.value]).toEqual(['second', false])
})

test('a later question, or leaving the page, gives the earlier one up', async () => {
  const signals: AbortSignal[] = []
  const page = effectScope()
  const asked = page.run(() => asking((signal) => new Promise<string>((_, fail) => { signals.push(signal); signal.addEventListener('abort', () => fail(new DOMException('', 'AbortError'))) })))
  const first = asked?.load()
  const second = asked?.load()
  expect(signals.map((s) => s.aborted)).toEqual([true, false])
  page.stop()
  await Promise.all([first, second])
  expect([signals[1]?.aborted, asked?.refusal.value]).toEqual([true, undefined])
})

test('what was read stays while it cannot be read again', async () => {
  let broken = false
  const asked = asking(() => (broken ? Promise.reject(lost()) : Promise.resolve('read')))
  await asked.load()
  broken = true
  await asked.load()
  expect([asked.answer.value, asked.refusal.value?.code]).toEqual(['read', 'line_lost'])
})

test('a second click is not a second change', async () => {
  let changes = 0
  let done: () => void = () => undefined
  const saving = doing()
  const change = () => new Promise<void>((ok) => { changes++; done = ok })
  const first = saving.run(change)
  expect(await saving.run(change)).toBe(false)
  done()
  expect([await first, changes]).toEqual([true, 1])
})

test('a changed filter begins at the first page', async () => {
  const pages: number[] = []
  const list = paging(async ({ page }) => { pages.push(page); return { items: [page], total: 50 } })
  await list.turn(3)
  await list.first()
  expect([pages, list.rows.value, list.total.value]).toEqual([[3, 1], [1], 50])
})
