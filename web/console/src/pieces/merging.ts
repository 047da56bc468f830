// What becomes of a form when others have changed the record while it was open.

export interface Change<F> {
  field: keyof F & string
  mine: unknown
  theirs: unknown
  both: boolean // I changed it too: mine stays
}

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

// merge puts mine and theirs together, both made of base: what I left alone becomes theirs, what I changed stays mine.
// changes are the fields of theirs that differ, so that the person can be told.
export function merge<F extends object>(base: F, mine: F, theirs: F): { form: F; changes: Change<F>[] } {
  const form = { ...mine }
  const changes: Change<F>[] = []
  for (const field of Object.keys(theirs) as (keyof F & string)[]) {
    if (same(theirs[field], base[field]) || same(theirs[field], mine[field])) continue
    const both = !same(mine[field], base[field])
    if (!both) form[field] = theirs[field]
    changes.push({ field, mine: mine[field], theirs: theirs[field], both })
  }
  return { form, changes }
}
