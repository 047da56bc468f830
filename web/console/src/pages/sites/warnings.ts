import type { View } from '@/api/client'

export interface Warning {
  text: string
  tone: 'bad' | 'warn'
}

type Counts = View['SiteCardView']['warnings']

// sumOf adds up what is to be looked after at several sites.
export const sumOf = (all: Counts[]): Counts =>
  all.reduce((sum, w) => ({ expired: sum.expired + w.expired, lacking: sum.lacking + w.lacking, expiring: sum.expiring + w.expiring }), { expired: 0, lacking: 0, expiring: 0 })

// warningsOf puts what is to be looked after at a site into words; nothing when all is well.
export function warningsOf(w: Counts): Warning[] {
  const all: (Warning & { n: number })[] = [
    { n: w.expired, text: `${w.expired}张证书已过期`, tone: 'bad' },
    { n: w.lacking, text: `${w.lacking}人缺必备证书`, tone: 'bad' },
    { n: w.expiring, text: `${w.expiring}张证书快到期`, tone: 'warn' },
  ]
  return all.filter((x) => x.n > 0).map(({ text, tone }) => ({ text, tone }))
}
