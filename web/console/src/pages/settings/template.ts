import type { View } from '@/api/client'

export type MessageTemplate = View['MessageDetailView']
export type Line = View['TemplateLineView']
export type TemplateFields = Omit<View['ChangeMessageTemplateInputBody'], 'version'>
type Field = TemplateFields['fields'][number]

// templateFields is the form of what is in force, or of what the settings have when nothing is.
export function templateFields(t: Pick<MessageTemplate, 'in_force' | 'settings'>): TemplateFields {
  return fieldsOf(t.in_force.template_id ? t.in_force : t.settings)
}

// fieldsOf is the form of a template that is there.
export function fieldsOf(shown: View['ShownTemplateView']): TemplateFields {
  return {
    template_id: shown.template_id,
    page: shown.page,
    fields: shown.lines.map(({ type, number, fact }) => ({ type, number, fact })),
    reason: '',
  }
}

// previewOf is how the fields look, by what the house says of each type and fact; a pair it does not know looks like nothing.
export function previewOf(fields: readonly Field[], choices: MessageTemplate['choices']): Pick<Line, 'name' | 'fact' | 'text'>[] {
  return fields.map((f) => {
    const line = linesOf(f.type, choices).find((l) => l.fact === f.fact)
    return { name: `${f.type}${f.number}`, fact: f.fact as Line['fact'], text: line?.text ?? '' }
  })
}

// linesOf is what a field of a type can show.
export const linesOf = (type: string, choices: MessageTemplate['choices']): Line[] => choices.find((c) => c.type === type)?.lines ?? []

// fitting is the field with another type: what it shows stays where the type can show it.
export function fitting(field: Field, type: string, choices: MessageTemplate['choices']): Field {
  const lines = linesOf(type, choices)
  const stays = lines.some((l) => l.fact === field.fact)
  return { ...field, type, fact: stays ? field.fact : (lines[0]?.fact ?? '') }
}

// another is one more field: a text, with the number behind the highest.
export function another(fields: readonly Field[], choices: MessageTemplate['choices']): Field {
  const number = Math.max(0, ...fields.map((f) => f.number)) + 1
  const [first] = choices
  return { type: first?.type ?? '', number, fact: first?.lines[0]?.fact ?? '' }
}

// agreedTo is how many families agree to get messages of a template.
export const agreedTo = (id: string, agreed: MessageTemplate['agreed']): number => agreed.find((a) => a.template_id === id)?.residents ?? 0

// consentsLost says what another template id means for families; empty while it is the same.
export function consentsLost(id: string, t: Pick<MessageTemplate, 'in_force' | 'agreed'>): string {
  const before = t.in_force.template_id
  if (!id || id === before) return ''
  const fresh = agreedTo(id, t.agreed)
  const start = fresh ? `现在有${fresh}位家长同意收新模板的消息` : '还没有家长同意收新模板的消息'
  const agreed = before ? agreedTo(before, t.agreed) : 0
  const lost = agreed ? `换了模板ID，${agreed}位家长对原来模板的同意就用不上了。` : ''
  return `${lost}家长的同意是按模板ID一个一个算的：${start}，要在小程序里再同意一次才收得到微信消息。小程序收件箱照常。`
}
