import { computed } from 'vue'

import { api, ask, type View } from '@/api/client'
import { asking } from '@/pieces/asking'

export type Place = View['PlaceView']
export type Role = Place['roles'][number]

// Held is a role and a place as a form holds them; place is a key, both are empty until chosen.
export interface Held {
  role: Role | ''
  place: string
}

export const noneHeld = (): Held => ({ role: '', place: '' })

// keyOf names a place in a select.
export const keyOf = (p: { scope: string; scope_id?: string }): string => `${p.scope}:${p.scope_id ?? ''}`

// rolesIn are the roles that can be given in some of the places, in the house's order.
export function rolesIn(places: readonly Place[]): Role[] {
  const order: Role[] = ['keeper', 'administrator', 'auditor', 'system_admin', 'security_admin']
  return order.filter((role) => places.some((p) => p.roles.includes(role)))
}

// placesFor are the places where a role can be given; none while no role is chosen.
export const placesFor = (places: readonly Place[], role: Role | ''): Place[] => (role === '' ? [] : places.filter((p) => p.roles.includes(role)))

// nameOf is a place in words: a site with its subdistrict, when that is known.
export function nameOf(places: readonly Place[], of: { scope: string; scope_id?: string }): string {
  const place = places.find((p) => keyOf(p) === keyOf(of))
  if (!place) return of.scope === 'district' ? '全区' : '范围以外'
  const town = places.find((p) => p.scope === 'subdistrict' && p.scope_id === place.subdistrict_code)
  return town && place.scope === 'site' ? `${town.name} · ${place.name}` : place.name
}

// grantOf is what the house takes for what a form holds.
export function grantOf(held: Held): View['GrantForm'] {
  const [scope = '', id = ''] = held.place.split(':')
  return { role: held.role as Role, scope: scope as Place['scope'], ...(id ? { scope_id: id } : {}) }
}

export const isHeld = (held: Held): boolean => held.role !== '' && held.place !== ''

// usePlaces reads where I may give which roles, and whether duties are split.
export function usePlaces() {
  const asked = asking(() => ask(api.GET('/console/api/v1/staff-choices')))
  const places = computed<readonly Place[]>(() => asked.answer.value?.places ?? [])
  return {
    refusal: asked.refusal,
    load: asked.load,
    places,
    split: computed(() => asked.answer.value?.split_duties ?? false),
    known: computed(() => asked.answer.value !== undefined),
    nameOf: (of: { scope: string; scope_id?: string }) => nameOf(places.value, of),
    mayGive: (g: { role: string; scope: string; scope_id?: string }) => places.value.find((p) => keyOf(p) === keyOf(g))?.roles.includes(g.role as Role) ?? false,
  }
}

export type Places = ReturnType<typeof usePlaces>
