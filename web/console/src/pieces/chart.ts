// A chart is told as its table: a column of labels and a column of numbers for each series. The picture is made of it.
export interface Series {
  name: string
  kind: 'bar' | 'line'
  values: (number | null)[]
  percent?: boolean // values are 0–1 and read as per cent, on an axis of their own
}

export interface ChartData {
  over: string // what the labels are: 街镇, 周
  labels: string[]
  series: Series[]
}

// figure is a value as people read it.
export function figure(series: Series, value: number | null | undefined): string {
  if (value === null || value === undefined) return '—'
  return series.percent ? `${(value * 100).toFixed(1)}%` : value.toLocaleString('zh-CN')
}

export interface Palette {
  text: string
  line: string
  surface: string
  series: string[]
  font: string // a family that is there: texts are measured by it
}

const [crowded, tooMany] = [7, 26] // labels: more stand aslant; more still, and the picture leaves some out

// aslant lets every label be read where they would not stand side by side.
const aslant = (labels: number): Record<string, number> => (labels > crowded && labels <= tooMany ? { interval: 0, rotate: 38 } : {})

// optionOf is what ECharts draws.
export function optionOf(data: ChartData, palette: Palette): Record<string, unknown> {
  const axis = { axisLabel: { color: palette.text }, axisLine: { lineStyle: { color: palette.line } }, splitLine: { lineStyle: { color: palette.line } } }
  const percents = data.series.some((s) => s.percent)
  const plain = data.series.some((s) => !s.percent)
  const percentAxis = { ...axis, type: 'value', splitLine: { ...axis.splitLine, show: !plain }, axisLabel: { color: palette.text, formatter: (v: number) => `${Math.round(v * 100)}%` } }
  return {
    color: palette.series,
    animation: false,
    aria: { enabled: true, label: { enabled: false }, decal: { show: true } }, // told apart by patterns, not by colour alone
    textStyle: { fontFamily: palette.font },
    grid: { left: 8, right: 8, top: 40, bottom: 8, containLabel: true },
    legend: { top: 0, textStyle: { color: palette.text } },
    tooltip: { trigger: 'axis', backgroundColor: palette.surface, borderColor: palette.line, textStyle: { color: palette.text } },
    xAxis: { ...axis, type: 'category', data: data.labels, axisLabel: { ...axis.axisLabel, ...aslant(data.labels.length) } },
    yAxis: [...(plain ? [{ ...axis, type: 'value', minInterval: 1 }] : []), ...(percents ? [percentAxis] : [])],
    series: data.series.map((s) => ({
      name: s.name,
      type: s.kind,
      data: s.values,
      yAxisIndex: s.percent && plain ? 1 : 0,
      barMaxWidth: 28,
      symbol: 'diamond',
      symbolSize: 8,
      connectNulls: false,
      tooltip: { valueFormatter: (v: number | null) => figure(s, v) },
    })),
  }
}
