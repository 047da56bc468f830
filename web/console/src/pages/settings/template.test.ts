import { expect, test } from 'vitest'

import { another, consentsLost, fieldsOf, fitting, type Line, previewOf, templateFields } from './template'

const line = (type: string, fact: Line['fact'], text: string): Line => ({ name: `${type}1`, type, number: 1, fact, text })
const choices = [
  { type: 'thing', takes: '文字', lines: [line('thing', 'site', '示例宝宝屋'), line('thing', 'note', '示例说明')] },
  { type: 'time', takes: '时间', lines: [line('time', 'session', '2030年1月2日 09:00~11:30'), line('time', 'start', '2030年1月2日 09:00')] },
]
const none = { template_id: '', page: '', lines: [] }
const some = { template_id: 'old-template', page: 'pages/notices/index', lines: [{ ...line('time', 'start', '…'), name: 'time7', number: 7 }] }

test('the form begins with what is in force, else with what the settings have', () => {
  expect(templateFields({ in_force: some, settings: none })).toEqual({ template_id: 'old-template', page: 'pages/notices/index', fields: [{ type: 'time', number: 7, fact: 'start' }], reason: '' })
  expect(templateFields({ in_force: none, settings: some })).toEqual(fieldsOf(some))
  expect(templateFields({ in_force: none, settings: none }).fields).toEqual([])
})

test('the preview shows what the house says of a type and a fact, under the name WeChat has for the field', () => {
  const fields = [{ type: 'thing', number: 12, fact: 'note' }, { type: 'time', number: 2, fact: 'session' }, { type: 'thing', number: 3, fact: 'session' }]
  expect(previewOf(fields, choices)).toEqual([
    { name: 'thing12', fact: 'note', text: '示例说明' },
    { name: 'time2', fact: 'session', text: '2030年1月2日 09:00~11:30' },
    { name: 'thing3', fact: 'session', text: '' },
  ])
})

test('another type keeps what is shown where it can', () => {
  expect(fitting({ type: 'time', number: 3, fact: 'start' }, 'thing', choices)).toEqual({ type: 'thing', number: 3, fact: 'site' })
  expect(fitting({ type: 'thing', number: 3, fact: 'note' }, 'thing', choices)).toEqual({ type: 'thing', number: 3, fact: 'note' })
  expect(fitting({ type: 'thing', number: 3, fact: 'note' }, 'adrift', choices)).toEqual({ type: 'adrift', number: 3, fact: '' })
})

test('one more field has a number of its own', () => {
  expect(another([], choices)).toEqual({ type: 'thing', number: 1, fact: 'site' })
  expect(another([{ type: 'time', number: 7, fact: 'start' }], choices).number).toBe(8)
})

test('another id is said to begin without consents, the same id says nothing', () => {
  const t = { in_force: some, agreed: [{ template_id: 'old-template', residents: 12 }, { template_id: 'used-before', residents: 3 }] }
  expect(consentsLost('old-template', t)).toBe('')
  expect(consentsLost('', t)).toBe('')
  expect(consentsLost('brand-new', t)).toMatch(/12位家长.*还没有家长同意收新模板/)
  expect(consentsLost('used-before', t)).toContain('现在有3位家长同意收新模板的消息')
  expect(consentsLost('brand-new', { ...t, in_force: none })).not.toContain('换了')
})
