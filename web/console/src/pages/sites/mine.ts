import { may, me } from '@/me/me'

// Which subdistricts a person may put sites into: those whose administrator he is. The house decides again.
const grants = () => (me.value?.grants ?? []).filter((g) => g.role === 'administrator')

export const mayAddSites = (): boolean => may('furnish') && grants().some((g) => g.scope !== 'site')

// choosable keeps the subdistricts of a person's scope, and the one a site is in already.
export function choosable<S extends { code: string }>(all: readonly S[], current: string): S[] {
  const whole = grants().some((g) => g.scope === 'district')
  const own = new Set(grants().flatMap((g) => (g.scope === 'subdistrict' ? [g.scope_id] : [])))
  return all.filter((s) => whole || own.has(s.code) || s.code === current)
}
