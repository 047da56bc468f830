import type { View } from '@/api/client'

type Verdict = Pick<View['VerificationOutputBody'], 'whole' | 'wrong_seq' | 'why' | 'head_seq' | 'anchor_seq' | 'loose'>

const whys: Record<Verdict['why'], string> = {
  '': '',
  changed: '这条记录被改过',
  missing: '这条记录不见了',
  foreign: '这条记录是后来塞进去的',
  head: '末尾的记录对不上',
}

// chainInWords says whether the chain holds, and where it does not.
export function chainInWords(v: Verdict): string {
  if (!v.whole) return `第${v.wrong_seq}条起对不上：${whys[v.why]}。请保留现场，报告信息安全负责人。`
  if (!v.head_seq) return v.loose ? '第一批记录几秒内就会排进链里，请稍后再核对。' : '还没有记录。'
  const gone = v.anchor_seq ? `（第${v.anchor_seq}条以前的已到期清除）` : ''
  const loose = v.loose ? `，另有${v.loose}条几秒内会排进来` : ''
  return `第${v.anchor_seq + 1}条到第${v.head_seq}条都对得上${gone}${loose}。`
}
