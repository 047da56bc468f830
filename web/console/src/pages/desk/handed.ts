// A number that one page of the desk hands to the next: in memory only, and gone when it is taken.
let number = ''

export function hand(to: string): void {
  number = to
}

export function takeHanded(): string {
  const taken = number
  number = ''
  return taken
}
