import { expect, test } from 'vitest'

import text from '../../../../docs/openapi.json?raw'
import work from '../../../../model/work.go?raw'

import { say, words } from './words'

const document = JSON.parse(text) as {
  components: { schemas: Record<string, { properties?: Record<string, { enum?: string[] }> }> }
}

// Enums of the document and the words for them: a state that is added without one fails here.
test.each([
  ['SlotView', 'state', 'slot'],
  ['BookingView', 'status', 'booking'],
  ['WaitingView', 'status', 'waiting'],
  ['LineView', 'status', 'waiting'],
  ['ApplicationView', 'status', 'application'],
  ['DrawView', 'status', 'draw'],
  ['ExceptionView', 'kind', 'exception'],
  ['PlannedView', 'verdict', 'verdict'],
  ['ChildView', 'gender', 'gender'],
  ['CancelInputBody', 'reason', 'cancel_reason'],
  ['BookingView', 'payment', 'payment'],
  ['StaffSlotView', 'release_mode', 'release'],
  ['StaffSlotView', 'status', 'slot'],
  ['DeskSlotView', 'status', 'slot'],
  ['DeskLineView', 'status', 'booking'],
  ['DeskOpenInputBody', 'reason', 'access'],
  ['DeskMarkView', 'kind', 'mark'],
  ['EscortView', 'relation', 'relation'],
  ['StayOutputBody', 'ending', 'ending'],
  ['OpenAppealView', 'status', 'appeal'],
  ['OpenAppealView', 'reason', 'appeal_reason'],
  ['AnswerAppealInputBody', 'outcome', 'appeal'],
  ['RecordView', 'status', 'resident'],
  ['RecordMarkView', 'kind', 'mark'],
  ['RevealInputBody', 'reason', 'reveal'],
  ['LedgerLineView', 'kind', 'ledger'],
  ['RecordAllowanceOutputBody', 'beyond', 'beyond'],
  ['MaskedEscortView', 'relation', 'relation'],
  ['DocumentView', 'needed_for', 'needed_for'],
  ['SiteCardView', 'status', 'site'],
  ['RoomView', 'status', 'room'],
  ['KeptCarerView', 'status', 'carer'],
  ['KeptCertificateView', 'standing', 'certificate'],
  ['ExportView', 'status', 'export'],
  ['ExportView', 'content', 'export_content'],
  ['GrantView', 'role', 'role'],
  ['GrantView', 'scope', 'scope'],
  ['MemberView', 'state', 'staff'],
  ['ResetView', 'kind', 'reset'],
  ['SignInView', 'outcome', 'sign_in'],
  ['SignInView', 'method', 'sign_in_method'],
  ['PolicyVersionView', 'standing', 'policy'],
  ['PolicyLineView', 'reach', 'reach'],
  ['KeptServiceView', 'status', 'service'],
  ['TrailView', 'outcome', 'trail'],
  ['TrailView', 'hand', 'hand'],
  ['CalendarYearView', 'status', 'calendar_year'],
  ['CalendarDayView', 'kind', 'calendar_day'],
  ['MessageCardView', 'kind', 'message'],
  ['MessageCardView', 'source', 'template_source'],
  ['TemplateLineView', 'fact', 'fact'],
] as const)('%s.%s is put into words', (schema, property, kind) => {
  const states = document.components.schemas[schema]?.properties?.[property]?.enum ?? []
  expect(states.length).toBeGreaterThan(0)
  expect(states.filter((state) => !(state in words[kind]))).toEqual([])
})

test('every kind of owed work is put into words', () => {
  const kinds = [...work.matchAll(/WorkKind = "(\w+)"/g)].map((m) => m[1] ?? '')
  expect(kinds.length).toBeGreaterThan(10)
  expect(kinds.filter((kind) => !(kind in words.work))).toEqual([])
})

test('words are Chinese', () => {
  const all = Object.values(words).flatMap((kind) => Object.values(kind).map((w) => w.text))
  expect(all.filter((text) => !/^[\u4e00-\u9fff]+$/.test(text))).toEqual([])
})

test('a state without a word stands for itself', () => expect(say('slot', 'adrift')).toBe('adrift'))
