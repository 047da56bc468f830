import { readFileSync } from 'node:fs'

import { enter, everyVariant, expect, test } from './console'

// An auditor looks at what the house has kept of this very test.
test.slow()
test.beforeEach(async ({ page }) => enter(page, 'newcomer'))

test('what was done is found, exported, and its chain holds', async ({ page }) => {
  await page.goto('/console/#/trail')
  await expect(page.getByRole('heading', { name: '审计' })).toBeVisible()
  const table = page.getByRole('table', { name: '操作记录' })
  await expect(table.getByText('设置登录方式并登录').first()).toBeVisible()
  await page.getByRole('button', { name: '从头核对' }).click()
  await expect(page.getByText(/对得上|几秒内/)).toBeVisible()
  await everyVariant(page, 'trail')

  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '导出' }).click()])
  const text = readFileSync(await file.path(), 'utf8')
  expect(text.split('\r\n')[0]).toContain('时间,结束,谁')
  expect(text).toContain('设置登录方式并登录')

  await page.getByLabel('记录编号').fill('none')
  await page.getByRole('button', { name: '查找', exact: true }).click()
  await expect(page.getByText('这些条件下没有记录。')).toBeVisible()
})

test('who opened whose data is there to be read', async ({ page }) => {
  await page.goto('/console/#/trail')
  await page.getByRole('tab', { name: '个人信息查看记录' }).click()
  await expect(page.getByRole('table', { name: '个人信息查看记录' }).or(page.getByText('这些条件下没有人看过个人信息。'))).toBeVisible()
  await everyVariant(page, 'trail-accesses')
})
