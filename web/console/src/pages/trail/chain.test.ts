import { expect, test } from 'vitest'

import { chainInWords } from './chain'

const whole = { whole: true, wrong_seq: 0, why: '' as const, head_seq: 12, anchor_seq: 0, loose: 0 }

test.each([
  [whole, '第1条到第12条都对得上。'],
  [{ ...whole, anchor_seq: 5, loose: 2 }, '第6条到第12条都对得上（第5条以前的已到期清除），另有2条几秒内会排进来。'],
  [{ ...whole, whole: false, wrong_seq: 7, why: 'changed' as const }, '第7条起对不上：这条记录被改过。请保留现场，报告信息安全负责人。'],
  [{ ...whole, head_seq: 0 }, '还没有记录。'],
  [{ ...whole, head_seq: 0, loose: 3 }, '第一批记录几秒内就会排进链里，请稍后再核对。'],
])('%o', (verdict, words) => expect(chainInWords(verdict)).toBe(words))
