import type { View } from '@/api/client'

type Reach = View['ReachView']

// reachOf finds in an answer what is said of a place by its code or id, or of a week by its name.
export function reachOf(answer: View['ReachBody'] | undefined): (key: string) => Reach | undefined {
  const said = new Map<string, Reach>()
  for (const s of answer?.subdistricts ?? []) said.set(s.code, s)
  for (const s of answer?.sites ?? []) said.set(s.id, s)
  for (const w of answer?.weeks ?? []) said.set(w.week, w)
  return (key) => said.get(key)
}

// Asked is an answer with the question it is one to.
export interface Asked<T> {
  question: string
  body: T
}

// belonging gives the second answer only while it is one to the same question as the first: figures of June never stand beside
// the children of July.
export function belonging<T>(first: Asked<unknown> | undefined, second: Asked<T> | undefined): T | undefined {
  return first && second && first.question === second.question ? second.body : undefined
}

// standing is what a table says where the reach is not there.
export function standing(answer: unknown, refused: boolean): string {
  if (answer) return '—'
  return refused ? '没有统计出来' : '正在统计'
}
