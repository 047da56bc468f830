import { Refusal } from './refusal'

export interface KeyHeader {
  'Idempotency-Key': string
}

// keyed gives a sender for one form or button. As long as the content stays the same and nobody knows what became of it,
// sending again uses the same key, and the house does it once. A changed content, or a definite answer, begins anew.
//
//   const send = keyed()
//   await send(form, (header) => ask(api.POST('…', { params: { path, header }, body: form })))
export function keyed(newKey: () => string = () => crypto.randomUUID()) {
  let under: { content: string; key: string } | undefined
  return async function send<T>(content: unknown, how: (header: KeyHeader) => Promise<T>): Promise<T> {
    const text = JSON.stringify(content) ?? ''
    if (under?.content !== text) under = { content: text, key: newKey() }
    try {
      const answer = await how({ 'Idempotency-Key': under.key })
      under = undefined
      return answer
    } catch (thrown) {
      if (isDefinite(thrown)) under = undefined
      throw thrown
    }
  }
}

// isDefinite tells a refusal after which it is known that nothing was done.
function isDefinite(thrown: unknown): boolean {
  if (!(thrown instanceof Refusal)) return false
  const open = ['idempotency_in_progress', 'outcome_unknown']
  return thrown.status >= 400 && thrown.status < 500 && !open.includes(thrown.code)
}
