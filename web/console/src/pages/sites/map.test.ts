import { expect, test } from 'vitest'

import subdistricts from '../../../../../model/foundation/subdistricts.json?raw'
import { apart, boxOf, farOff, isPlace, middle, placeOf, spotOf, step, subdistrictPlaces } from './map'

test('every subdistrict has its place', () => {
  const codes = (JSON.parse(subdistricts) as { code: string }[]).map((s) => s.code)
  expect(Object.keys(subdistrictPlaces).sort()).toEqual(codes.toSorted())
  for (const p of Object.values(subdistrictPlaces)) expect(isPlace(p)).toBe(true)
})

test.each(Object.values(subdistrictPlaces))('there and back again: %o', (p) => expect(placeOf(spotOf(p))).toEqual(p))

test('a kilometre is a kilometre', () => {
  expect(apart(middle, { ...middle, latitude: middle.latitude + 0.01 })).toBe(1113)
  expect(apart(middle, { ...middle, longitude: middle.longitude + 0.01 })).toBe(953)
})

test.each([
  ['ArrowUp', { latitude: 31.16359, longitude: 121.4295 }],
  ['ArrowRight', { latitude: 31.1635, longitude: 121.4296 }],
  ['Enter', undefined],
])('%s moves the pin by ten metres', (key, to) => expect(step(middle, key, 10)).toEqual(to))

test('the whole district stands still, a part of it lies around the pin', () => {
  expect(boxOf(0, { latitude: 31.2, longitude: 121.44 })).toEqual({ x: -6500, y: -6500, size: 13000 })
  expect(boxOf(2, middle)).toEqual({ x: -500, y: -500, size: 1000 })
  expect(boxOf(2, { latitude: 121.4, longitude: 31.2 })).toEqual({ x: -500, y: -500, size: 1000 })
})

test('a pin far from its subdistrict is noticed', () => {
  expect(farOff({ latitude: 31.1699, longitude: 121.4035 }, '310104017')).toBeUndefined()
  expect(farOff({ latitude: 31.2112, longitude: 121.4395 }, '310104103')).toBeGreaterThan(10_000)
  expect(farOff({ latitude: 0, longitude: 0 }, '310104103')).toBeUndefined()
})
