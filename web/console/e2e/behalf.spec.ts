import type { Page } from '@playwright/test'

import { enter, everyVariant, expect, pretend, test, tick, watch } from './console'
import { birthday, register } from './resident'

// A family without a smartphone rings: when the session is full, for a session that is drawn, to take the place that is held,
// to come on another day. Against the house itself, at a site of its own.
const telephone = JSON.parse(process.env['CONSOLE_TELEPHONE'] ?? '{}') as Record<'site' | 'full' | 'open' | 'later' | 'drawn', string>
const own = (page: Page) => page.getByRole('region', { name: '已有的' })
const told = (page: Page) => page.getByRole('status').filter({ hasText: '请读给家长听' })
const number = (page: Page) => page.getByRole('textbox', { name: '手机号', exact: true })

// ring registers the family, with its papers and its child.
async function ring(page: Page, phone: string, child: string): Promise<void> {
  await page.goto(`/console/#/desk/booking?site=${telephone.site}`)
  await number(page).fill(phone)
  await number(page).press('Enter')
  await page.getByRole('button', { name: '登记这位家长' }).click()
  for (let papers = 3; papers > 0; papers--) {
    await expect(page.getByRole('button', { name: /^登记《/ })).toHaveCount(papers)
    await page.getByRole('button', { name: /^登记《/ }).first().click()
  }
  await page.getByLabel('孩子的姓名').fill(child)
  await page.getByLabel('出生日期').fill(birthday)
  await page.getByRole('button', { name: '添加孩子' }).click()
}

async function choose(page: Page, room: string): Promise<void> {
  await tick(page.getByRole('region', { name: '场次' }).getByRole('radio', { name: room }))
}

async function again(page: Page): Promise<void> {
  await page.getByRole('button', { name: '再约一场' }).click()
}

// ringUp is the tablet at the door, which says who is to be rung, and goes on with the family that has answered.
async function ringUp(page: Page, errors: string[]): Promise<void> {
  const tablet = await page.context().newPage()
  watch(tablet, errors)
  await tablet.goto(`/console/#/desk?site=${telephone.site}`)
  const ringing = tablet.getByRole('region', { name: '要打电话的家庭' })
  await expect(ringing.getByRole('listitem')).toHaveText(/小满间.*示\*，尾号0452，留到/)
  await expect(ringing).not.toContainText('小雨')
  await ringing.getByRole('button', { name: '查看示*家长的电话，尾号0452' }).click()
  await expect(ringing.getByRole('status')).toHaveText('示例小雨的家长 138 0000 0452')
  await everyVariant(tablet, 'desk-ring')
  await ringing.getByRole('button', { name: '家长答复了，去办理' }).click()
  await expect(number(tablet)).toHaveValue('13800000452')
  await expect(tablet.getByText('138****0452，在宝宝屋登记')).toBeVisible()
  expect(tablet.url()).toMatch(/#\/desk\/booking\?site=\w{26}$/)
  await tablet.close()
}

test('a family on the telephone waits, is told its rank, takes the place that is held, and moves', async ({ page, errors, expectError }) => {
  expectError(/ERR_FAILED/)
  test.setTimeout(360_000)
  await enter(page)
  const holder = await register(page.request, 'telephone-holder', '13800000451', '示例大雪')
  const { id: place } = await holder.call('POST', `/slots/${telephone.full}/bookings`, { child_id: holder.child })
  await ring(page, '13800000452', '示例小雨')
  await expect(own(page)).toContainText('没有要来的预约，也没有候补和摇号报名')

  // The answer is lost once, after the house has done it: sent again under the same key, the child waits once.
  const keys: string[] = []
  await page.route('**/console/api/v1/slots/*/waiting', async (r) => {
    keys.push(r.request().headers()['idempotency-key'] ?? '')
    if (keys.length > 1) return r.fallback()
    await r.fetch()
    return r.abort()
  })
  await choose(page, '小满间')
  await expect(page.getByText('这场已经约满。加入候补后')).toBeVisible()
  await everyVariant(page, 'desk-waiting-join')
  await page.getByRole('button', { name: '替示例小雨加入候补' }).click()
  await expect(page.getByRole('heading', { name: '已候补，排第1位' })).toBeVisible()
  await expect(told(page)).toContainText(/现在排第1位，候补到.+为止。.*轮到时宝宝屋打电话告诉您/)
  expect([keys.length, new Set(keys).size]).toEqual([2, 1])
  await everyVariant(page, 'desk-waiting-told')

  await again(page)
  await expect(own(page).getByRole('listitem')).toHaveCount(1)
  await choose(page, '谷雨间')
  await expect(page.getByText(/这场要摇号，先报名。报名到.+截止，之后摇号。/)).toBeVisible()
  await page.getByRole('button', { name: '替示例小雨报名摇号' }).click()
  await expect(told(page)).toContainText('没中签的按摇出的次序候补')
  await again(page)
  await choose(page, '清明间')
  await page.getByRole('button', { name: '替示例小雨预约' }).click()
  await expect(told(page)).toContainText('来不了的话')
  await again(page)
  await expect(own(page).getByRole('listitem')).toHaveCount(3)

  await holder.call('POST', `/bookings/${place}/cancellation`, {})
  await expect(async () => {
    await own(page).getByRole('button', { name: '刷新' }).click()
    await expect(own(page)).toContainText(/有名额了，已经为孩子留着。要的话请在.+前答复/, { timeout: 1000 })
  }).toPass()
  await everyVariant(page, 'desk-waiting-offer')
  await ringUp(page, errors)
  await own(page).getByRole('button', { name: /^接受/ }).click()
  await everyVariant(page, 'desk-waiting-accept')
  await page.getByRole('dialog', { name: '接受名额' }).getByRole('button', { name: '接受，约下来' }).click()
  await expect(told(page)).toContainText('小满间')
  expect(await (await page.request.get(`/console/api/v1/sites/${telephone.site}/held-places`)).json()).toEqual({ items: [] })

  await again(page)
  await own(page).getByRole('button', { name: /^改约/ }).nth(1).click() // in the order of the sessions: that in 清明间
  await expect(page.getByRole('heading', { name: '3 改到哪一场' })).toBeVisible()
  await expect(page.getByRole('radio', { name: '清明间' })).toBeDisabled()
  await choose(page, '立夏间')
  await everyVariant(page, 'desk-waiting-move')
  await page.getByRole('button', { name: '改到这一场' }).click()
  await expect(page.getByRole('heading', { name: '已改约' })).toBeVisible()
  await expect(told(page)).toContainText('立夏间')

  await again(page)
  await own(page).getByRole('button', { name: /^撤回/ }).click()
  await page.getByRole('dialog', { name: '撤回报名' }).getByRole('button', { name: '撤回报名' }).click()
  await expect(own(page).getByRole('listitem')).toHaveCount(2)
  await own(page).getByRole('button', { name: /^取消/ }).first().click()
  const cancelling = page.getByRole('dialog', { name: '取消预约' })
  await tick(cancelling.getByRole('radio', { name: '安排有变' }))
  await cancelling.getByRole('button', { name: '取消预约' }).click()
  await expect(own(page).getByRole('listitem')).toHaveCount(1)
  await expect(own(page)).toContainText('立夏间')
})

test('an offer that has ended meanwhile says so, and one can be declined', async ({ page, expectError }) => {
  expectError(/status of 409/)
  await pretend(page, { grants: [{ role: 'keeper', scope: 'district', scope_id: '' }], permissions: ['look', 'keep'] })
  const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString()
  const entry = {
    id: 'W1', child_id: 'C1', slot_id: 'T1', site_id: 'X', site_name: '示例来电宝宝屋', room: '小满间', service_name: '上午托', start_at: at(48), end_at: at(50),
    cutoff_at: at(46), status: 'offered', rank: 0, offer_expires_at: at(0.4), accept_self_paid: false, created_at: at(-20),
  }
  let waiting = [entry]
  await page.route('**/console/api/v1/resident-search', (r) => r.fulfill({ json: { items: [{ id: 'R1', phone: '138****0453', at_desk: true }] } }))
  await page.route('**/console/api/v1/residents/R1/children', (r) => r.fulfill({ json: { items: [{ id: 'C1', name: '示例小雪', birth_date: birthday, age_months: 20, gender: 'female', health_note: '' }] } }))
  await page.route('**/console/api/v1/residents/R1/under-way', (r) => r.fulfill({ json: { bookings: [], waiting, applications: [] } }))
  await page.route('**/console/api/v1/waiting/W1/acceptance', (r) => r.fulfill({ status: 409, json: { code: 'offer_expired', detail: '保留的名额已过确认时间，已经让给下一位。' } }))
  await page.route('**/console/api/v1/waiting/W1/departure', (r) => {
    waiting = []
    return r.fulfill({ json: { ...entry, status: 'declined' } })
  })
  await page.goto('/console/#/desk/booking')
  await number(page).fill('138 0000 0453')
  await number(page).press('Enter')
  await own(page).getByRole('button', { name: /^接受/ }).click()
  const dialog = page.getByRole('dialog', { name: '接受名额' })
  await dialog.getByText('破例', { exact: true }).click()
  await expect(dialog.getByRole('button', { name: '接受，约下来' })).toBeDisabled()
  await dialog.getByLabel('破例的理由').fill('父母住院')
  await dialog.getByRole('button', { name: '接受，约下来' }).click()
  await expect(dialog.getByText('已经让给下一位')).toBeVisible()
  await expect(dialog.getByLabel('破例的理由')).toHaveValue('父母住院')
  await dialog.getByRole('button', { name: '返回' }).click()
  await own(page).getByRole('button', { name: /^放弃/ }).click()
  await page.getByRole('dialog', { name: '放弃名额' }).getByRole('button', { name: '放弃', exact: true }).click()
  await expect(own(page)).toContainText('没有要来的预约')
})

test('a lost line keeps what was typed, and the same key goes again', async ({ page, expectError }) => {
  expectError(/ERR_FAILED/)
  test.setTimeout(240_000)
  await enter(page)
  await ring(page, '13800000454', '示例谷子')
  const keys: string[] = []
  let down = true
  await page.route('**/console/api/v1/slots/*/applications', (r) => {
    keys.push(r.request().headers()['idempotency-key'] ?? '')
    return down ? r.abort() : r.fallback()
  })
  await choose(page, '谷雨间')
  await page.getByText('破例', { exact: true }).click()
  await page.getByLabel('破例的理由').fill('街道来电，孩子父母住院')
  const apply = page.getByRole('button', { name: '替示例谷子报名摇号' })
  await apply.click()
  await expect(page.getByRole('region', { name: '场次' }).getByRole('alert').first()).toBeVisible({ timeout: 30_000 })
  await expect(page.getByLabel('破例的理由')).toHaveValue('街道来电，孩子父母住院')
  down = false
  await apply.click()
  await expect(page.getByRole('heading', { name: '已报名摇号' })).toBeVisible()
  expect(new Set(keys).size).toBe(1)
})
