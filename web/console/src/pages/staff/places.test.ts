import { expect, test } from 'vitest'

import { grantOf, isHeld, nameOf, noneHeld, type Place, placesFor, rolesIn } from './places'

const places: Place[] = [
  { scope: 'subdistrict', scope_id: '310104013', name: '康健新村街道', subdistrict_code: '', roles: ['keeper', 'auditor'] },
  { scope: 'site', scope_id: 'S1', name: '示例宝宝屋', subdistrict_code: '310104013', roles: ['keeper'] },
]

test('roles are those that can be given somewhere, keepers first', () => expect(rolesIn(places)).toEqual(['keeper', 'auditor']))

test('places follow the role', () => {
  expect(placesFor(places, 'auditor').map((p) => p.scope_id)).toEqual(['310104013'])
  expect(placesFor(places, '')).toEqual([])
})

test('places are named with their subdistrict', () => {
  expect(nameOf(places, { scope: 'site', scope_id: 'S1' })).toBe('康健新村街道 · 示例宝宝屋')
  expect(nameOf(places, { scope: 'subdistrict', scope_id: '310104013' })).toBe('康健新村街道')
  expect(nameOf([], { scope: 'district', scope_id: '' })).toBe('全区')
  expect(nameOf(places, { scope: 'site', scope_id: 'S9' })).toBe('范围以外')
})

test('a grant is told as the house takes it', () => {
  expect(isHeld(noneHeld())).toBe(false)
  expect(grantOf({ role: 'keeper', place: 'site:S1' })).toEqual({ role: 'keeper', scope: 'site', scope_id: 'S1' })
  expect(grantOf({ role: 'auditor', place: 'district:' })).toEqual({ role: 'auditor', scope: 'district' })
})
