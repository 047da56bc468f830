import { expect, test } from 'vitest'

import { faultOf, ruleInWords } from './password'

const plain = { min_length: 12, complexity: 1 }
const mixed = { min_length: 12, complexity: 3 }

test.each([
  ['eleven chars', '12345678901', '12345678901', plain, /12/],
  ['characters, not bytes', '桥边有一棵很老的梧桐树啊', '桥边有一棵很老的梧桐树啊', plain, /^$/],
  ['different', 'abcdefghijkl', 'abcdefghijkm', plain, /不一样/],
  ['two kinds', 'abcdefghij12', 'abcdefghij12', mixed, /三种/],
  ['three kinds', 'Abcdefghij12', 'Abcdefghij12', mixed, /^$/],
])('%s', (_, password, again, rule, want) => expect(faultOf(password, again, rule)).toMatch(want))

test('the rule is told beforehand', () => expect([ruleInWords(plain), ruleInWords(mixed)].join()).toMatch(/12.*12.*三种/))
