import type { View } from '@/api/client'

// What a family is looked for by, told from how it is written: four digits, a telephone number, an id, or a child's name.
export type Wanted = Pick<View['RecordSearchInputBody'], 'phone' | 'phone_tail' | 'name' | 'id'>

const idShape = /^[0-9A-HJKMNP-TV-Z]{26}$/
const longestName = 40

// wantedOf is undefined while what is written is nothing that can be looked for.
export function wantedOf(text: string): Wanted | undefined {
  const plain = text.normalize('NFKC').trim()
  const digits = plain.replace(/^\+86/, '').replace(/[\s-]/g, '')
  if (/^\d{4}$/.test(digits)) return { phone_tail: digits }
  if (/^1\d{10}$/.test(digits)) return { phone: digits }
  if (idShape.test(plain.toUpperCase())) return { id: plain.toUpperCase() }
  const isName = /\p{L}/u.test(plain) && !/\d/.test(plain) && [...plain].length >= 2 && [...plain].length <= longestName
  return isName ? { name: plain } : undefined
}

// amount of an allowance in words: 3次, 2小时30分钟.
export function amount(unit: 'session' | 'minute', n: number): string {
  if (unit === 'session') return `${n}次`
  const hours = Math.trunc(n / 60)
  const minutes = Math.abs(n % 60)
  if (hours === 0) return `${n}分钟`
  return `${hours}小时${minutes ? `${minutes}分钟` : ''}`
}
