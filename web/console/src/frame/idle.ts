// judgeIdleness judges how long nobody has done anything. The house ends the session after idleSeconds without a
// request; the page warns before that, and keeps the session while a person works without sending anything.

export const warnBefore = 120 // seconds

export interface Idleness {
  state: 'working' | 'warning' | 'over'
  left: number // whole seconds until the session ends
}

export function judgeIdleness(lastActive: number, now: number, idleSeconds: number): Idleness {
  const left = Math.max(0, Math.ceil(idleSeconds - (now - lastActive) / 1000))
  if (left === 0) return { state: 'over', left }
  return { state: left <= Math.min(warnBefore, idleSeconds / 2) ? 'warning' : 'working', left }
}

// inWords is 1分20秒.
export function inWords(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  return minutes ? `${minutes}分${seconds % 60}秒` : `${seconds}秒`
}
