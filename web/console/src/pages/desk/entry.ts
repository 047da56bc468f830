// What is typed, scanned or held to the camera at the door.

export type Entry = { kind: 'tail'; tail: string } | { kind: 'code'; code: string } | { kind: 'unclear' }

const qrMark = 'JMK1:'
const codeShape = /^[0-9A-Z]{6}$/

// entryOf tells the last four digits of a telephone number from a code to check in with: typed in whatever letters and
// spaces, or as the QR code has it.
export function entryOf(text: string): Entry {
  const plain = text.normalize('NFKC').toUpperCase().replace(/[\s-]/g, '')
  if (/^\d{4}$/.test(plain)) return { kind: 'tail', tail: plain }
  const code = plain.startsWith(qrMark) ? plain.slice(qrMark.length) : plain
  return codeShape.test(code) ? { kind: 'code', code } : { kind: 'unclear' }
}

// temperatureOf is what was typed as the house wants it, 36.5; undefined when it is none. Nothing typed is "".
export function temperatureOf(text: string): string | undefined {
  const plain = text.normalize('NFKC').replace(/[\s℃°C]/gi, '').replace('。', '.')
  if (plain === '') return ''
  const tenfold = /^(3[4-9]|4[0-2])\d$/.test(plain) ? `${plain.slice(0, 2)}.${plain.slice(2)}` : plain // 365 is 36.5
  return /^(3[4-9]|4[0-2])(\.\d)?$/.test(tenfold) ? tenfold : undefined
}

// phoneOf is eleven digits of what was typed, or undefined.
export function phoneOf(text: string): string | undefined {
  const digits = text.normalize('NFKC').replace(/^\s*\+86/, '').replace(/[\s-]/g, '')
  return /^1\d{10}$/.test(digits) ? digits : undefined
}

// dialled is a number as one reads it off: 138 0000 0452.
export const dialled = (phone: string): string => phone.replace(/^(\d{3})(\d{4})(\d{4})$/, '$1 $2 $3')
