import { expect, type APIRequestContext } from '@playwright/test'

// birthday is of a child that every service admits.
export const birthday = `${new Date().getFullYear() - 2}-06-15`

interface Answer { id: string; token: string; status: string; code: string; qr: string; rank: number; start_at: string }

// register is what a family does in the mini-program: it signs in, agrees to every document, gives its number and names its
// child. call is its every further request.
export async function register(request: APIRequestContext, name: string, phone: string, child: string) {
  let auth: Record<string, string> = {}
  async function call(method: string, path: string, data: object): Promise<Answer> {
    const answer = await request.fetch(`/api/v1${path}`, { method, data, headers: { ...auth, 'Idempotency-Key': crypto.randomUUID() } })
    expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBe(true)
    return (answer.status() === 204 ? {} : await answer.json()) as Answer
  }
  const { token } = await call('POST', '/sessions', { code: `demo-${name}`, device: '示例手机' })
  auth = { Authorization: `Bearer ${token}` }
  const { items } = (await (await request.get('/api/v1/documents')).json()) as { items: { id: string }[] }
  for (const d of items) await call('PUT', `/consents/${d.id}`, {})
  await call('PUT', '/me/phone', { number: phone })
  const { id } = await call('POST', '/children', { name: child, birth_date: birthday, health_note: '对花生过敏' })
  return { call, child: id }
}
