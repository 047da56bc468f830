import { beforeEach, expect, test } from 'vitest'

import { fetchPatiently, lineDown } from './line'

const at = 'http://house.test/things'
const broken = () => Promise.reject(new TypeError('Failed to fetch'))

beforeEach(() => {
  lineDown.value = false
})

// trial sends a request over a line that fails a number of times.
async function trial(request: Request, failures: number) {
  let tries = 0
  const waited: number[] = []
  const answer = await fetchPatiently(
    request,
    () => (++tries <= failures ? broken() : Promise.resolve(new Response('ok'))),
    (ms) => {
      waited.push(ms)
      return Promise.resolve()
    },
  ).catch(() => undefined)
  return { tries, waited, answered: answer !== undefined }
}

test('reading is tried again until somebody answers', async () => {
  expect(await trial(new Request(at), 2)).toEqual({ tries: 3, waited: [400, 1200], answered: true })
  expect(lineDown.value).toBe(false)
})

test('a change with a key is sent again with its body and key', async () => {
  const seen: string[] = []
  const request = new Request(at, { method: 'POST', body: '{"a":1}', headers: { 'Idempotency-Key': 'key-00001' } })
  await fetchPatiently(
    request,
    async (r) => {
      seen.push(`${r.headers.get('Idempotency-Key')} ${await r.text()}`)
      return seen.length < 3 ? broken() : new Response('ok')
    },
    () => Promise.resolve(),
  )
  expect(seen).toEqual(Array(3).fill('key-00001 {"a":1}'))
})

test('a change without a key is sent once, and the line is said to be down', async () => {
  expect(await trial(new Request(at, { method: 'POST', body: '{}' }), 9)).toEqual({ tries: 1, waited: [], answered: false })
  expect(lineDown.value).toBe(true)
})

test('after the last try the line is said to be down', async () => {
  expect(await trial(new Request(at), 9)).toEqual({ tries: 4, waited: [400, 1200, 3000], answered: false })
  expect(lineDown.value).toBe(true)
})
