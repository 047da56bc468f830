import { api, ask, type View } from '@/api/client'
import { say, words } from '@/words/words'

type Field = View['RevealInputBody']['field']
type Reason = View['RevealInputBody']['reason']

// What a field may be opened for.
export const kinds = (Object.keys(words.reveal) as Reason[]).map((value) => ({ value, text: say('reveal', value) }))

// revealing gives, for a family, what opens one field: of a child or a pick-up person, or of the guardian.
export const revealing =
  (id: string) =>
  (field: Field, of = '') =>
  async (note: string, kind: string): Promise<string> => {
    const body = { field, of, reason: kind as Reason, note }
    return (await ask(api.POST('/console/api/v1/residents/{id}/openings', { params: { path: { id } }, body }))).value
  }

export type Reveal = ReturnType<typeof revealing>
