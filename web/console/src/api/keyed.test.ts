import { describe, expect, test } from 'vitest'

import { keyed } from './keyed'
import { lost, Refusal } from './refusal'

function keys() {
  let n = 0
  const used: string[] = []
  const send = keyed(() => `key-${++n}`)
  const attempt = (content: unknown, outcome: 'done' | Error) =>
    send(content, (header) => {
      used.push(header['Idempotency-Key'])
      return outcome === 'done' ? Promise.resolve() : Promise.reject(outcome)
    }).catch(() => undefined)
  return { used, attempt }
}

describe('an intention keeps its key', () => {
  test.each([
    ['while nobody knows what became of it', lost(), 'key-1'],
    ['when the house was in trouble', new Refusal(503, 'store_unavailable', ''), 'key-1'],
    ['while the first try still runs', new Refusal(409, 'idempotency_in_progress', ''), 'key-1'],
    ['and not after a refusal', new Refusal(409, 'slot_full', ''), 'key-2'],
    ['and not after it is done', 'done' as const, 'key-2'],
  ])('%s', async (_, outcome, second) => {
    const { used, attempt } = keys()
    await attempt({ child: 'a' }, outcome)
    await attempt({ child: 'a' }, 'done')
    expect(used).toEqual(['key-1', second])
  })

  test('and not when the person changed something', async () => {
    const { used, attempt } = keys()
    await attempt({ child: 'a' }, lost())
    await attempt({ child: 'b' }, lost())
    await attempt({ child: 'b' }, 'done')
    expect(used).toEqual(['key-1', 'key-2', 'key-2'])
  })
})
