import { ref } from 'vue'

// line is the connection to the house. While it is down, the banner says so and everything typed stays.
export const lineDown = ref(false)

const patience = [400, 1200, 3000] // milliseconds before a try again
const lookEvery = 3000

type Send = (request: Request) => Promise<Response>

// fetchPatiently sends a request again when nobody answered: what only reads, and what carries an Idempotency-Key,
// which the house carries out once however often it hears it. Anything else is sent once.
export async function fetchPatiently(
  request: Request,
  send: Send = (r) => fetch(r),
  wait: (ms: number) => Promise<void> = (ms) => new Promise((done) => setTimeout(done, ms)),
): Promise<Response> {
  const pauses = mayRepeat(request) ? patience : []
  for (const pause of pauses) {
    try {
      return up(await send(request.clone()))
    } catch (thrown) {
      if (request.signal.aborted) throw thrown
      await wait(pause)
    }
  }
  try {
    return up(await send(request))
  } catch (thrown) {
    if (!request.signal.aborted) down()
    throw thrown
  }
}

function mayRepeat(request: Request): boolean {
  return request.method === 'GET' || request.headers.has('Idempotency-Key')
}

function up(response: Response): Response {
  lineDown.value = false
  return response
}

let looking = false

// down says that the line is, and looks for it until it is back.
export function down(): void {
  lineDown.value = true
  if (looking || typeof window === 'undefined') return
  looking = true
  const look = async () => {
    const answer = await fetch('/livez', { cache: 'no-store' }).catch(() => undefined)
    await answer?.text().catch(() => '') // an answer that is not read to its end keeps its connection
    if (answer?.ok) {
      lineDown.value = false
      looking = false
    } else {
      setTimeout(() => void look(), lookEvery)
    }
  }
  setTimeout(() => void look(), lookEvery)
}
