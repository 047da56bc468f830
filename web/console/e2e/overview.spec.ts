import { readFileSync } from 'node:fs'

import type { Page } from '@playwright/test'

import { enter, everyVariant, expect, test } from './console'

// The figures of the district, against the house itself. The page has much on it for axe to look at.
test.slow()
test.beforeEach(async ({ page }) => enter(page))

const today = new Date(Date.now() + 8 * 60 * 60_000).toISOString().slice(0, 10) // in Shanghai
const add = (date: string, n: number) => new Date(Date.parse(`${date}T00:00:00Z`) + n * 86_400_000).toISOString().slice(0, 10)
const monday = add(today, -((new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7))
const nextWeek = add(monday, 7)

interface Slot {
  status: string
  capacity: number
  booked: number
}

// counted is what the plans of all sites say of the week, added up here.
async function counted(page: Page): Promise<{ sessions: number; offered: number; booked: number }> {
  const read = async <T>(path: string) => (await (await page.request.get(`/console/api/v1${path}`)).json()) as { items: T[] }
  const sum = { sessions: 0, offered: 0, booked: 0 }
  for (const site of (await read<{ id: string }>('/sites')).items) {
    for (const slot of (await read<Slot>(`/sites/${site.id}/slots?from=${nextWeek}&to=${add(nextWeek, 6)}`)).items) {
      if (!['open', 'closed', 'done'].includes(slot.status)) continue
      sum.sessions += 1
      sum.offered += slot.capacity
      sum.booked += slot.booked
    }
  }
  return sum
}

test('the figures are those of the plans, in cards, charts and tables', async ({ page }) => {
  await page.goto(`/console/#/overview?unit=week&day=${nextWeek}`)
  await expect(page.getByRole('heading', { name: '概览' })).toBeVisible()
  const table = page.getByRole('table', { name: '按街镇' })
  const total = table.getByRole('row', { name: /^合计/ })
  const want = await counted(page)
  expect(want.offered).toBeGreaterThan(0)
  await expect(total.getByRole('cell').nth(0)).toHaveText(want.sessions.toLocaleString('zh-CN'))
  await expect(total.getByRole('cell').nth(1)).toHaveText(want.offered.toLocaleString('zh-CN'))
  await expect(total.getByRole('cell').nth(2)).toHaveText(want.booked.toLocaleString('zh-CN'))
  await expect(page.locator('figure svg').first()).toBeVisible()
  await everyVariant(page, 'overview')
  await page.getByRole('button', { name: '看表' }).first().click()
  await expect(page.getByRole('region', { name: '各街镇的名额和预约，数据表' })).toBeVisible()
  await page.getByText('这些数字怎么算').click()
  await expect(page.getByText('登记为未到的')).toBeVisible()
})

test('the figures stand while the children are still counted, and when they could not be', async ({ page, expectError }) => {
  expectError(/503/)
  let answer: () => void = () => undefined
  const until = new Promise<void>((done) => (answer = done))
  let broken = true
  await page.route('**/console/api/v1/overview/reach?**', async (route) => {
    await until
    if (!broken) return route.fallback()
    await route.fulfill({ status: 503, contentType: 'application/problem+json', json: { status: 503, code: 'request_timeout', detail: '处理时间过长，已停止。请稍后再试。', request_id: 'shili' } })
  })
  await page.goto(`/console/#/overview?unit=week&day=${nextWeek}`)
  const total = page.getByRole('table', { name: '按街镇' }).getByRole('row', { name: /^合计/ })
  await expect(total.getByRole('cell').last()).toHaveText('正在统计')
  await expect(total.getByRole('cell').nth(1)).not.toHaveText('0')
  answer()
  const refused = page.getByRole('alert').filter({ hasText: '处理时间过长' })
  await expect(refused).toBeVisible()
  await expect(total.getByRole('cell').last()).toHaveText('没有统计出来')
  broken = false
  await refused.getByRole('button', { name: '再试一次' }).click()
  await expect(total.getByRole('cell').last()).toHaveText(/^\d+\.\d%（\d+\/\d+）$|^—（0\/0）$/)
  await expect(refused).toBeHidden()
})

test('one goes from the district to a subdistrict to a site, and back; and from week to week', async ({ page }) => {
  await page.goto(`/console/#/overview?unit=week&day=${nextWeek}`)
  await page.getByRole('table', { name: '按街镇' }).getByRole('button', { name: '漕河泾街道' }).click()
  const crumbs = page.getByRole('navigation', { name: '看的范围' })
  await expect(crumbs).toContainText('漕河泾街道')
  await expect(page.getByRole('table', { name: '按周' })).toBeVisible()
  await crumbs.getByRole('button', { name: '全部' }).click()
  await expect(page.getByRole('table', { name: '按街镇' })).toBeVisible()
  await page.getByText('月', { exact: true }).click()
  await expect(page.getByRole('heading', { level: 2 }).first()).toContainText(/\d{4}年\d{1,2}月$/)
  await page.getByText('季', { exact: true }).click()
  await expect(page.getByRole('heading', { level: 2 }).first()).toContainText(/第\d季度$/)
  await page.getByRole('button', { name: '后一季' }).click()
  await page.getByRole('button', { name: '后一季' }).click()
  await expect(page.getByText('这段时间没有场次')).toBeVisible()
  await page.getByRole('button', { name: '回到本季' }).click()
  await expect(page.getByRole('table', { name: '按周' })).toBeVisible()
})

test('what is looked at is exported, downloaded and read', async ({ page }) => {
  await page.goto(`/console/#/overview?unit=week&day=${nextWeek}`)
  await page.getByRole('button', { name: '概览数字（CSV）' }).click()
  const file = page.getByRole('list', { name: '导出的文件' }).getByRole('listitem').first()
  await expect(file).toContainText('概览数字')
  const [download] = await Promise.all([page.waitForEvent('download'), file.getByRole('link', { name: '下载' }).click()])
  expect(download.suggestedFilename()).toBe(`figures-${nextWeek}-${add(nextWeek, 6)}.csv`)
  const text = readFileSync(await download.path(), 'utf8')
  expect(text.startsWith('\uFEFF统计口径,名称,')).toBe(true)
  const [kind, , from, to, sessions, offered, booked] = (text.split('\r\n')[1] ?? '').split(',')
  const want = await counted(page)
  expect([kind, from, to, sessions, offered, booked]).toEqual(['合计', nextWeek, add(nextWeek, 6), ...[want.sessions, want.offered, want.booked].map(String)])
})

test('a long file is prepared in the background, tells until when it is kept, and is whole', async ({ page }) => {
  await page.goto(`/console/#/overview?unit=week&day=${nextWeek}`)
  const want = await counted(page)
  expect(want.sessions).toBeGreaterThan(1) // app/console_test.go sets exports.at_once to one line
  const asked = page.waitForResponse((r) => r.url().endsWith('/console/api/v1/exports') && r.request().method() === 'POST')
  await page.getByRole('button', { name: '场次明细（CSV）' }).click()
  const made = (await (await asked).json()) as { status: string; done: number; total: number }
  expect([made.status, made.total]).toEqual(['owed', want.sessions])
  const file = page.getByRole('list', { name: '导出的文件' }).getByRole('listitem').filter({ hasText: '场次明细' })
  await expect(file).toContainText(/\d+日.*删除/)
  await expect(file.getByRole('status').or(file.getByRole('link', { name: '下载' }))).toBeVisible()
  const [download] = await Promise.all([page.waitForEvent('download'), file.getByRole('link', { name: '下载' }).click({ timeout: 60_000 })])
  const lines = readFileSync(await download.path(), 'utf8').trimEnd().split('\r\n')
  expect(lines.length).toBe(want.sessions + 1)
  expect(lines.slice(1).map((line) => line.split(',')[2]).every((day) => day !== undefined && nextWeek <= day && day <= add(nextWeek, 6))).toBe(true)
})
