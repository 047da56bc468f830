import { onScopeDispose, readonly, ref } from 'vue'

// Changes of a site's day without a reload: the house tells of them, and while it cannot be heard, the page asks. A
// browser does not notice a line that is dead, so the house has a beat, and the device says when it has no line.

export type Hearing = 'starting' | 'live' | 'asking'

export const askEvery = 10_000 // milliseconds
const missedBeats = 2.5 // after so many, nobody is there

// Source is what of an EventSource is used.
export type Source = Pick<EventSource, 'addEventListener' | 'close' | 'readyState'>

interface Means {
  open?: (address: string) => Source
  every?: (run: () => void, ms: number) => () => void
  later?: (run: () => void, ms: number) => () => void
  line?: (lost: () => void, back: () => void) => () => void // when the device has none, and when it has one again
}

const browser: Required<Means> = {
  open: (address) => new EventSource(address),
  every: (run, ms) => {
    const timer = setInterval(run, ms)
    return () => clearInterval(timer)
  },
  later: (run, ms) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  line: (lost, back) => {
    addEventListener('offline', lost)
    addEventListener('online', back)
    return () => {
      removeEventListener('offline', lost)
      removeEventListener('online', back)
    }
  },
}

const closed = 2 // EventSource.CLOSED

// liveDay calls changed when anything of the site's day has. follow(site) begins, with another site it begins anew.
//
//   const live = liveDay(() => void day.load())
//   watch(siteId, live.follow, { immediate: true })
export function liveDay(changed: () => void, means: Means = {}) {
  const { open, every, later, line } = { ...browser, ...means }
  const hearing = ref<Hearing>('starting')
  const [asking, waiting, minding] = [oneAtATime(), oneAtATime(), oneAtATime()]
  let source: Source | undefined
  let known = ''

  function ask() {
    if (hearing.value === 'asking') return
    hearing.value = 'asking'
    asking.begin(every(changed, askEvery))
  }

  function heard(revision: string) {
    asking.end()
    const missed = hearing.value === 'asking'
    hearing.value = 'live'
    if (known === revision && !missed) return
    known = revision
    changed() // the first too: something may have happened since the page was read
  }

  function listen(site: string) {
    hangUp()
    const mine = (source = open(`/console/api/v1/sites/${encodeURIComponent(site)}/live`))
    const on = (kind: string, hear: (event: Event) => void) => mine.addEventListener(kind, (event) => mine === source && hear(event))
    on('day', (event) => heard(dataOf<{ revision: string }>(event).revision))
    on('beat', (event) => waiting.begin(later(() => lose(site), dataOf<{ seconds: number }>(event).seconds * 1000 * missedBeats)))
    // A browser comes back by itself after a cut line, not after a refusal.
    on('error', () => (mine.readyState === closed ? lose(site) : ask()))
  }

  // lose gives up a line on which nobody is, and calls again after a while.
  function lose(site: string) {
    hangUp()
    ask()
    waiting.begin(later(() => listen(site), askEvery))
  }

  function hangUp() {
    source?.close()
    source = undefined
    waiting.end()
  }

  function stop() {
    hangUp()
    asking.end()
    minding.end()
    known = ''
    hearing.value = 'starting'
  }

  function follow(site: string) {
    stop()
    if (!site) return
    minding.begin(line(() => lose(site), () => listen(site)))
    listen(site)
  }

  onScopeDispose(stop, true)
  return { hearing: readonly(hearing), follow, stop }
}

// oneAtATime holds the end of something that goes on, which ends when another begins.
function oneAtATime() {
  let stop: (() => void) | undefined
  const end = () => {
    stop?.()
    stop = undefined
  }
  return { end, begin: (how: () => void) => (end(), (stop = how)) }
}

function dataOf<T>(event: Event): T {
  return JSON.parse((event as MessageEvent<string>).data) as T
}
