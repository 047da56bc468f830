// Refusal is how the house says no, in words for people. Pages show detail; forms show fields[name] beside the field.
export class Refusal extends Error {
  constructor(
    readonly status: number, // 0 when nobody answered
    readonly code: string, // stable; decide by this
    readonly detail: string, // Chinese, for people
    readonly requestId = '', // to be quoted in a report
    readonly fields: Record<string, string> = {},
    readonly retryAfter = 0, // seconds
  ) {
    super(`${status} ${code}`)
    this.name = 'Refusal'
  }
}

export const lineLost = 'line_lost'

// lost is the refusal of a line that is down: nobody knows whether the request arrived.
export function lost(): Refusal {
  return new Refusal(0, lineLost, '连接已断开，填写的内容都还在。连接恢复后请再试一次。')
}

interface Problem {
  code?: string
  detail?: string
  request_id?: string
  errors?: { field: string; message: string }[]
}

// refusalOf reads an answer that is not a success.
export function refusalOf(response: Response, body: unknown): Refusal {
  const problem: Problem = typeof body === 'object' && body !== null ? body : {}
  const fields = Object.fromEntries((problem.errors ?? []).map((e) => [fieldName(e.field), e.message]))
  return new Refusal(
    response.status,
    problem.code ?? 'unreadable',
    problem.detail ?? '系统没有给出说明，请稍后再试；一直这样，请联系管理员。',
    problem.request_id ?? response.headers.get('X-Request-Id') ?? '',
    fields,
    Number(response.headers.get('Retry-After') ?? 0) || 0,
  )
}

// fieldName is a field as forms know it: body.child_id → child_id.
function fieldName(path: string): string {
  return path.replace(/^body\./, '')
}

// asRefusal makes one of anything that was thrown, so that a page has one kind to show.
export function asRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown
  return new Refusal(0, 'page_fault', '这一页出了问题，请刷新后再试；一直这样，请联系管理员。')
}
