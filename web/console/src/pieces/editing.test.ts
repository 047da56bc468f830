import { expect, test, vi } from 'vitest'

import { Refusal } from '@/api/refusal'

import { editing } from './editing'

interface Record {
  version: number
  phone: string
  hours: string
}

const refused = new Refusal(409, 'changed_meanwhile', '别人已经改过', 'R1')
const first: Record = { version: 1, phone: '1', hours: '早' }

function open(newest: Record, ...answers: (Refusal | undefined)[]) {
  const save = vi.fn(async () => {
    const answer = answers.shift()
    if (answer) throw answer
  })
  const edit = editing({ formOf: ({ phone, hours }: Record) => ({ phone, hours }), reread: async () => newest, save })
  edit.begin(first)
  return { edit, save }
}

test('a form goes with the version it was made on', async () => {
  const { edit, save } = open(first)
  edit.form.value.phone = '2'
  expect(edit.touched()).toBe(true)
  await edit.act()
  expect(save).toHaveBeenCalledWith({ phone: '2', hours: '早' }, 1)
})

test('what was typed stays when another was faster, and goes with the newest version', async () => {
  const { edit, save } = open({ version: 5, phone: '3', hours: '晚' }, refused)
  edit.form.value.phone = '2'
  await expect(edit.act()).rejects.toThrow('changed_meanwhile')
  expect(edit.form.value).toEqual({ phone: '2', hours: '晚' })
  expect(edit.changes.value.map((c) => [c.field, c.both])).toEqual([['phone', true], ['hours', false]])
  await edit.act()
  expect(save).toHaveBeenLastCalledWith({ phone: '2', hours: '晚' }, 5)
})

test('an answer that was lost is no quarrel with oneself', async () => {
  const { edit, save } = open({ version: 2, phone: '2', hours: '早' }, refused)
  edit.form.value.phone = '2'
  await edit.act()
  expect(save).toHaveBeenCalledTimes(1)
})

test('one field is given up for what it is now', async () => {
  const { edit } = open({ version: 5, phone: '3', hours: '早' }, refused)
  edit.form.value.phone = '2'
  await edit.act().catch(() => undefined)
  const [change] = edit.changes.value
  if (change) edit.takeTheirs(change)
  expect(edit.form.value.phone).toBe('3')
  expect(edit.changes.value[0]?.both).toBe(false)
})

test('another refusal changes nothing', async () => {
  const { edit } = open(first, new Refusal(422, 'site_phone_invalid', '电话不对'))
  edit.form.value.phone = '2'
  await expect(edit.act()).rejects.toThrow('site_phone_invalid')
  expect(edit.changes.value).toEqual([])
})
