import type { Page } from '@playwright/test'

import { everyVariant, expect, pretend, test, tick } from './console'

// The desk and appeals, for a pretended session: what the house answers is written here, in its words.
const hour = 3_600_000
const at = (shift: number) => new Date(Date.now() + shift * hour).toISOString()
const session = (id: string, from: number) => ({
  id, service_name: '半日托', room: `${id}号室`, start_at: at(from), end_at: at(from + 2), status: 'open', capacity: 8, booked: 4, expected: 1, checked_in: 1, completed: 1, no_show: 1, waiting: 2,
})
const line = (id: string, child: string, status: string, more = {}) => ({
  booking_id: id, slot_id: '1', child, age_months: 20, phone_tail: '0012', has_health_note: id === 'B1', start_at: at(-0.5), end_at: at(1.5), status, ...more,
})
const lines = [line('B1', '示*', 'confirmed'), line('B2', '例*', 'checked_in', { checked_in_at: at(-0.4) }), line('B3', '小*', 'completed', { checked_in_at: at(-0.4), ended_at: at(-0.1) }), line('B4', '大*', 'no_show')]
const opened = {
  booking_id: 'B1', slot_id: '1', start_at: at(-0.5), end_at: at(1.5), status: 'checked_in', child_name: '示例孩子', birth_date: '2025-03-02', age_months: 20, gender: 'female', health_note: '对鸡蛋过敏',
  guardian_phone: '13800000012', pickup_persons: [{ id: 'P1', name: '示例外婆', relation: 'grandparent', phone_tail: '0099' }], checked_in_at: at(0), temperature: '36.5', remark: '', ending: '',
}
const appeal = { id: 'A1', reason: 'came', has_note: true, created_at: at(-20), site_id: 'X', booking_id: 'B4', start_at: at(-40), status: 'open', mark: { id: 'M1', kind: 'no_show', points: 2 } }

async function house(page: Page): Promise<void> {
  await pretend(page, { grants: [{ role: 'keeper', scope: 'district', scope_id: '' }], permissions: ['look', 'keep', 'judge'] })
  const answer = (pattern: string, json: unknown, status = 200) => page.route(`**/console/api/v1/${pattern}`, (r) => r.fulfill({ status, json }))
  await page.route('**/console/api/v1/sites/*/live', (r) => r.fulfill({ contentType: 'text/event-stream', body: 'retry: 600000\n\nevent: day\ndata: {"revision":"r1"}\n\n' }))
  await answer('sites/*/sessions*', { items: [session('1', -0.5), session('2', 3)] })
  await answer('sites/*/held-places', { items: [] })
  await answer('slots/*/bookings', { items: lines })
  await answer('sites/*/booking-search', { items: [lines[0]] })
  await answer('bookings/*/opening', opened)
  await answer('appeals?*', { items: [appeal] })
  await answer('appeals/A1', { appeal, child_name: '示例孩子', note: '那天其实到了，门口的阿姨可以作证。' })
}

test.beforeEach(({ page }) => house(page))

test('the desk: a code checks in, and the field is ready for the next', async ({ page, expectError }) => {
  expectError(/ERR_FAILED/)
  const keys: string[] = []
  await page.route('**/console/api/v1/check-ins', (r) => {
    keys.push(r.request().headers()['idempotency-key'] ?? '')
    return keys.length === 1 ? r.abort() : r.fulfill({ status: 201, json: opened })
  })
  await page.goto('/console/#/desk')
  const field = page.getByLabel('签到码，或手机号后四位')
  await expect(field).toBeFocused()
  await expect(page.getByRole('table', { name: '名单' })).toContainText('示*')
  await everyVariant(page, 'desk')
  await page.keyboard.type('jmk1:abc234')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: '示例孩子' })).toBeVisible()
  await expect(field).toBeFocused()
  await expect(field).toHaveValue('')
  expect(new Set(keys).size).toBe(1) // the line was lost once: sent again under the same key
  await everyVariant(page, 'desk-checked-in')
  await page.keyboard.type('0012')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('table', { name: '尾号0012的预约' })).toBeVisible()
})

test('a refused code says why and keeps what was typed', async ({ page, expectError }) => {
  expectError(/status of 422/)
  await page.route('**/console/api/v1/check-ins', (r) => r.fulfill({ status: 422, json: { code: 'check_in_code_invalid', detail: '签到码不对、已用过或已过期。' } }))
  await page.goto('/console/#/desk')
  const field = page.getByLabel('签到码，或手机号后四位')
  await field.fill('ABC234')
  await field.press('Enter')
  await expect(page.getByText('签到码不对、已用过或已过期。')).toBeVisible()
  await expect(field).toHaveValue('ABC234')
  await everyVariant(page, 'desk-refused', { keep: false })
})

test('dialogs of the desk', async ({ page }) => {
  test.setTimeout(120_000) // four dialogs in every variant
  await page.goto('/console/#/desk')
  for (const [button, dialog] of [['例*交接', '交接'], ['示*未到', '登记未到：示*'], ['查看示*', '查看：示*'], ['示*签到', '签到：示*']] as const) {
    await page.getByRole('button', { name: button }).first().click()
    await expect(page.getByRole('dialog', { name: dialog })).toBeVisible()
    if (dialog === '交接') await expect(page.getByText(/示例外婆/)).toBeVisible()
    await everyVariant(page, `desk-${dialog === '交接' ? 'hand-over' : 'dialog'}`, { keep: dialog === '交接' })
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog', { name: dialog })).toBeHidden()
  }
})

test('booking for somebody on the telephone', async ({ page, expectError }) => {
  expectError(/status of 409|Failed to load/)
  const keys: string[] = []
  await page.route('**/console/api/v1/resident-search', (r) => r.fulfill({ json: { items: [{ id: 'R1', phone: '138****0012', at_desk: true }] } }))
  await page.route('**/console/api/v1/residents/R1/children', (r) => r.fulfill({ json: { items: [{ id: 'C1', name: '示例孩子', birth_date: '2025-03-02', age_months: 20, gender: 'female', health_note: '' }] } }))
  await page.route('**/console/api/v1/residents/R1/under-way', (r) => r.fulfill({ json: { bookings: [], waiting: [], applications: [] } }))
  await page.route('**/console/api/v1/slots/*/bookings', (r) => {
    keys.push(r.request().headers()['idempotency-key'] ?? '')
    return r.fulfill({ status: 409, json: { code: 'booking_blocked', detail: '因多次失约，暂停预约。' } })
  })
  await page.goto('/console/#/desk/booking')
  await page.getByLabel('手机号').fill('138 0000 0012')
  await page.keyboard.press('Enter')
  await expect(page.getByText('138****0012，在宝宝屋登记')).toBeVisible()
  expect(page.url()).not.toContain('138')
  await tick(page.getByRole('region', { name: '场次' }).getByRole('radio').first())
  await page.getByRole('button', { name: '替示例孩子预约' }).click()
  await expect(page.getByText('因多次失约，暂停预约。')).toBeVisible()
  await page.getByText('破例', { exact: true }).click()
  await expect(page.getByRole('button', { name: '替示例孩子预约' })).toBeDisabled()
  await page.getByLabel('破例的理由').fill('街道来电，孩子父母住院')
  await everyVariant(page, 'desk-booking')
})

test('an appeal is read and answered', async ({ page }) => {
  await page.route('**/console/api/v1/appeals/A1/answer', (r) => r.fulfill({ json: { id: 'A1', reason: 'came', status: 'upheld', answer: '核实属实', created_at: at(-20) } }))
  await page.goto('/console/#/appeals')
  await expect(page.getByRole('table', { name: '待答复的申诉' })).toContainText('其实到了')
  await everyVariant(page, 'appeals')
  await page.getByRole('button', { name: '答复', exact: true }).click()
  await expect(page.getByText(/门口的阿姨/)).toBeVisible()
  await page.getByText('通过，撤销失约记录').click()
  await page.getByLabel('给家长的答复').fill('核实属实，已撤销。')
  await everyVariant(page, 'appeal-answer', { keep: false })
  await page.getByRole('dialog').getByRole('button', { name: '答复', exact: true }).click()
  await expect(page.getByText('已答复，家长会收到通知')).toBeVisible()
})

test('a family to ring whose place is gone by the time one wants its number', async ({ page, expectError }) => {
  expectError(/status of 409/)
  let items = [{ id: 'W1', slot_id: '1', service_name: '半日托', room: '1号室', start_at: at(48), end_at: at(50), child: '示*', phone_tail: '0033', offer_expires_at: at(0.3) }]
  await page.route('**/console/api/v1/sites/*/held-places', (r) => r.fulfill({ json: { items } }))
  await page.route('**/console/api/v1/waiting/W1/opening', (r) => {
    items = []
    return r.fulfill({ status: 409, json: { code: 'offer_expired', detail: '保留的名额已过确认时间，已经让给下一位。' } })
  })
  await page.goto('/console/#/desk')
  const ringing = page.getByRole('region', { name: '要打电话的家庭' })
  await ringing.getByRole('button', { name: '查看示*家长的电话，尾号0033' }).click()
  await expect(page.getByRole('alert')).toContainText('已经让给下一位')
  await expect(ringing.getByRole('listitem')).toHaveCount(0)
})
