// changed says how a figure compares with the one of the period before; rates in points of a hundred.
export function changed(now: number | undefined, before: number | undefined, than: string, percent = false): string {
  if (now === undefined) return ''
  if (before === undefined) return `${than}没有可比的数`
  const difference = Number((now - before).toFixed(4))
  if (difference === 0) return `与${than}相同`
  if (percent) return `比${than}${difference > 0 ? '高' : '低'}${Math.abs(difference * 100).toFixed(1)}个百分点`
  if (before === 0) return `${than}为0`
  return `比${than}${difference > 0 ? '多' : '少'}${Math.abs(difference).toLocaleString('zh-CN')}（${((Math.abs(difference) / before) * 100).toFixed(1)}%）`
}

export function percentOf(rate: number | undefined): string {
  return rate === undefined ? '—' : `${(rate * 100).toFixed(1)}%`
}
