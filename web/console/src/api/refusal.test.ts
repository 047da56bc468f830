import { expect, test } from 'vitest'

import { asRefusal, Refusal, refusalOf } from './refusal'

test('a problem is read with its fields', () => {
  const body = { code: 'invalid_request', detail: '请求有误。', request_id: 'r1', errors: [{ field: 'body.name', message: '请填写。' }] }
  const refusal = refusalOf(new Response(null, { status: 422, headers: { 'Retry-After': '30' } }), body)
  expect(refusal).toMatchObject({ status: 422, code: 'invalid_request', detail: '请求有误。', requestId: 'r1', fields: { name: '请填写。' }, retryAfter: 30 })
})

test('an answer without a problem still has words', () => {
  expect(refusalOf(new Response(null, { status: 502 }), '<html>').detail).toMatch(/请稍后再试/)
})

test('whatever was thrown becomes a refusal', () => {
  const refusal = new Refusal(404, 'site_not_found', '没有这个宝宝屋。')
  expect(asRefusal(refusal)).toBe(refusal)
  expect(asRefusal(new TypeError('x is undefined')).code).toBe('page_fault')
})
