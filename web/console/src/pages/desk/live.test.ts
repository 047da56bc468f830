import { expect, test } from 'vitest'

import { askEvery, liveDay, type Source } from './live'

// A house that can be made to speak, and clocks that are wound by hand.
function setUp() {
  const sources: { address: string; readyState: number; closed: boolean; say: (kind: string, data?: string) => void }[] = []
  const timers = new Set<() => void>()
  const lasts: number[] = []
  const hold = (run: () => void, ms: number) => {
    lasts.push(ms)
    timers.add(run)
    return () => timers.delete(run)
  }
  const device: Record<'lost' | 'back', () => void> = { lost: () => undefined, back: () => undefined }
  let changes = 0
  const live = liveDay(() => changes++, {
    open: (address) => {
      const listeners: Record<string, (e: Event) => void> = {}
      const one = { address, readyState: 1, closed: false, say: (kind: string, data = '') => listeners[kind]?.({ data } as unknown as Event) }
      sources.push(one)
      return { ...one, get readyState() { return one.readyState }, addEventListener: (kind: string, f: unknown) => (listeners[kind] = f as (e: Event) => void), close: () => (one.closed = true) } as unknown as Source
    },
    every: hold,
    later: (run, ms) => {
      const once = () => { timers.delete(once); run() }
      return hold(once, ms)
    },
    line: (lost, back) => {
      Object.assign(device, { lost, back })
      return () => Object.assign(device, { lost: () => undefined, back: () => undefined })
    },
  })
  const day = (revision: string, i = sources.length - 1) => sources[i]?.say('day', JSON.stringify({ revision }))
  const tick = () => [...timers].forEach((run) => run())
  const beat = (seconds: number) => sources.at(-1)?.say('beat', JSON.stringify({ seconds }))
  return { live, sources, day, beat, tick, timers, lasts, device, changes: () => changes }
}

test('every revision is a change, heard twice it is one', () => {
  const { live, day, changes, sources } = setUp()
  live.follow('A/1')
  expect(sources[0]?.address).toBe('/console/api/v1/sites/A%2F1/live')
  expect(live.hearing.value).toBe('starting')
  day('r1')
  expect([live.hearing.value, changes()]).toEqual(['live', 1])
  day('r2')
  day('r2')
  expect(changes()).toBe(2)
})

test('while the house cannot be heard, the page asks', () => {
  const { live, day, tick, sources, changes, timers, lasts } = setUp()
  live.follow('A')
  day('r1')
  sources[0]?.say('error')
  expect(live.hearing.value).toBe('asking')
  sources[0]?.say('error')
  tick()
  tick()
  expect(lasts).toEqual([askEvery])
  expect(changes()).toBe(3)
  day('r1') // the browser has come back by itself; what happened meanwhile is read
  expect([live.hearing.value, changes(), timers.size]).toEqual(['live', 4, 0])
})

test('after a refusal it is tried again', () => {
  const { live, tick, sources, day } = setUp()
  live.follow('A')
  if (sources[0]) sources[0].readyState = 2
  sources[0]?.say('error')
  expect(sources).toHaveLength(1)
  tick()
  expect(sources).toHaveLength(2)
  day('r1', 0) // the old one says nothing any more
  expect(live.hearing.value).toBe('asking')
  day('r1')
  expect(live.hearing.value).toBe('live')
})

test('another site begins anew, and stopping leaves nothing', () => {
  const { live, sources, day, changes, timers } = setUp()
  live.follow('A')
  day('r1')
  live.follow('B')
  expect(sources[0]?.closed).toBe(true)
  day('r9', 0)
  expect(changes()).toBe(1)
  day('s1')
  expect(changes()).toBe(2)
  sources[1]?.say('error')
  live.stop()
  expect([sources[1]?.closed, timers.size]).toEqual([true, 0])
})

test('a line on which no beat comes is dead, and the house is called anew', () => {
  const { live, day, beat, tick, sources, lasts, timers } = setUp()
  live.follow('A')
  beat(15)
  day('r1')
  beat(15)
  expect([lasts, timers.size]).toEqual([[37_500, 37_500], 1])
  tick() // nothing came
  expect([live.hearing.value, sources[0]?.closed, sources.length]).toEqual(['asking', true, 1])
  tick()
  expect(sources).toHaveLength(2)
  beat(15)
  day('r1')
  expect([live.hearing.value, timers.size]).toEqual(['live', 1])
})

test('a device without a line asks at once, and listens as soon as it has one', () => {
  const { live, day, device, sources, timers } = setUp()
  live.follow('A')
  day('r1')
  device.lost()
  expect([live.hearing.value, sources[0]?.closed]).toEqual(['asking', true])
  device.back()
  expect(sources).toHaveLength(2)
  day('r1')
  expect([live.hearing.value, timers.size]).toEqual(['live', 0])
  live.stop()
  device.back()
  expect(sources).toHaveLength(2)
})
