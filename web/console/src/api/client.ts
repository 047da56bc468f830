import createClient from 'openapi-fetch'

import { fetchPatiently } from './line'
import { lost, Refusal, refusalOf } from './refusal'
import type { components, paths } from './schema'

export type View = components['schemas']

// api knows every operation of the document: api.GET('/console/api/v1/me'). Wrap each call in ask.
export const api = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? '',
  credentials: 'same-origin',
  fetch: (request: Request) => fetchPatiently(request),
})

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

let signedOut: () => void = () => undefined

// onSignedOut is told when the house says that nobody is signed in.
export function onSignedOut(tell: () => void): void {
  signedOut = tell
}

let passwordDue: () => Promise<void> = () => Promise.resolve()

// onPasswordDue is told when the house lets nothing be done before a new password.
export function onPasswordDue(tell: () => Promise<void>): void {
  passwordDue = tell
}

// ask gives what the house answered, or throws a Refusal.
export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  const answer = await call.catch((thrown: unknown) => {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown
    throw lost()
  })
  if (answer.response.ok) return answer.data as T
  const refusal = refusalOf(answer.response, answer.error)
  if (refusal.status === 401) signedOut()
  if (refusal.code === 'staff_password_change_needed') void passwordDue()
  throw refusal
}

export { Refusal }
