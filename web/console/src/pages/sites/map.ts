// The district as a plain map, without anybody's tiles: metres east and south of a middle, from GCJ-02 degrees. Pure;
// MapPin.vue draws what comes of it.

export interface Place {
  latitude: number
  longitude: number
}

// Where the subdistricts lie, roughly: enough to know which way to look. The code is that of GB/T 2260.
export const subdistrictPlaces: Record<string, Place> = {
  '310104003': { latitude: 31.2032, longitude: 121.4415 },
  '310104004': { latitude: 31.2112, longitude: 121.4395 },
  '310104007': { latitude: 31.1968, longitude: 121.4655 },
  '310104008': { latitude: 31.1945, longitude: 121.4528 },
  '310104010': { latitude: 31.1335, longitude: 121.4425 },
  '310104011': { latitude: 31.1745, longitude: 121.4205 },
  '310104012': { latitude: 31.1668, longitude: 121.3925 },
  '310104013': { latitude: 31.1585, longitude: 121.4195 },
  '310104014': { latitude: 31.1868, longitude: 121.4355 },
  '310104015': { latitude: 31.1445, longitude: 121.4265 },
  '310104016': { latitude: 31.1712, longitude: 121.4485 },
  '310104017': { latitude: 31.1665, longitude: 121.4065 },
  '310104103': { latitude: 31.1165, longitude: 121.4525 },
}

export const middle: Place = { latitude: 31.1635, longitude: 121.4295 }

const metresPerDegree = 111_320
const eastPerDegree = metresPerDegree * Math.cos((middle.latitude * Math.PI) / 180)

export interface Spot {
  x: number // metres east of the middle
  y: number // metres south of it
}

export const spotOf = (p: Place): Spot => ({ x: (p.longitude - middle.longitude) * eastPerDegree, y: (middle.latitude - p.latitude) * metresPerDegree })

// placeOf is the way back, in degrees with five decimals: about a metre.
export const placeOf = (s: Spot): Place => ({
  latitude: fine(middle.latitude - s.y / metresPerDegree),
  longitude: fine(middle.longitude + s.x / eastPerDegree),
})

const fine = (degrees: number) => Math.round(degrees * 1e5) / 1e5

// A view is what part of the district is shown: how many metres from edge to edge, and around where.
export interface Extent {
  name: string
  metres: number
}

export const extents: readonly Extent[] = [
  { name: '全区', metres: 13_000 },
  { name: '片区', metres: 4_000 },
  { name: '街坊', metres: 1_000 },
]

// boxOf is the square to draw: the whole district around its middle, less of it around the pin.
export function boxOf(extent: number, around: Place): { x: number; y: number; size: number } {
  const size = extents[extent]?.metres ?? 0
  const at = extent === 0 || !isPlace(around) ? { x: 0, y: 0 } : spotOf(around)
  return { x: at.x - size / 2, y: at.y - size / 2, size }
}

// isPlace tells whether degrees can be drawn here: somewhere in Shanghai.
export const isPlace = (p: Place) => p.latitude >= 30.65 && p.latitude <= 31.9 && p.longitude >= 120.83 && p.longitude <= 122.3

// step moves a place by metres, as the arrow keys do.
export function step(from: Place, key: string, metres: number): Place | undefined {
  const way = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[key]
  if (!way) return undefined
  const at = spotOf(from)
  return placeOf({ x: at.x + (way[0] ?? 0) * metres, y: at.y + (way[1] ?? 0) * metres })
}

// apart is the distance in metres, as far as a map this small is flat.
export function apart(a: Place, b: Place): number {
  const from = spotOf(a)
  const to = spotOf(b)
  return Math.round(Math.hypot(from.x - to.x, from.y - to.y))
}

// farOff says in words when a pin lies far from its subdistrict: written the wrong way round, or of another map.
export function farOff(p: Place, subdistrict: string): number | undefined {
  const there = subdistrictPlaces[subdistrict]
  const metres = there && isPlace(p) ? apart(p, there) : 0
  return metres > 3000 ? metres : undefined
}
