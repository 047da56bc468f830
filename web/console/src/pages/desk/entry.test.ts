import { expect, test } from 'vitest'

import { entryOf, dialled, phoneOf, temperatureOf } from './entry'

test.each([
  ['0012', { kind: 'tail', tail: '0012' }],
  [' 00 12 ', { kind: 'tail', tail: '0012' }],
  ['００１２', { kind: 'tail', tail: '0012' }],
  ['abc234', { kind: 'code', code: 'ABC234' }],
  ['ABC 234', { kind: 'code', code: 'ABC234' }],
  ['abc-234', { kind: 'code', code: 'ABC234' }],
  ['JMK1:ABC234', { kind: 'code', code: 'ABC234' }],
  ['jmk1:abc234\n', { kind: 'code', code: 'ABC234' }],
  ['123456', { kind: 'code', code: '123456' }],
  ['', { kind: 'unclear' }],
  ['123', { kind: 'unclear' }],
  ['13800000012', { kind: 'unclear' }],
  ['https://example.com', { kind: 'unclear' }],
])('%j', (text, want) => expect(entryOf(text)).toEqual(want))

test.each([
  ['', ''],
  ['36.5', '36.5'],
  ['３６。５', '36.5'],
  ['36.5℃', '36.5'],
  ['365', '36.5'],
  ['37', '37'],
  ['42.9', '42.9'],
  ['43', undefined],
  ['33.9', undefined],
  ['36.55', undefined],
  ['热', undefined],
])('temperature %j', (text, want) => expect(temperatureOf(text)).toBe(want))

test.each([
  ['138 0000 0012', '13800000012'],
  ['+86 138-0000-0012', '13800000012'],
  ['1380000001', undefined],
  ['02154321234', undefined],
])('phone %j', (text, want) => expect(phoneOf(text)).toBe(want))

test('a number is written as one dials it', () => {
  expect(dialled('13800000452')).toBe('138 0000 0452')
  expect(dialled('021-00000000')).toBe('021-00000000')
})
