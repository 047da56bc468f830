import { everyVariant, expect, pretend, test } from './console'

// The frame around the pages, for somebody who is signed in.
test.beforeEach(async ({ page }) => {
  await pretend(page, { grants: [{ role: 'keeper', scope: 'district', scope_id: '' }], idle_seconds: 600 })
})

test('the keyboard reaches everything, and the content first', async ({ page }) => {
  await page.goto('/console/')
  await expect(page.getByRole('heading', { name: /示例小林/ })).toBeVisible()
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: '跳到正文' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.locator('main')).toBeFocused()
  await page.getByRole('button', { name: '我的账号' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menuitem', { name: '登录设备' })).toBeVisible()
  await everyVariant(page, 'user-menu', { keep: false })
})

test('whoever does nothing is warned before the session ends, and comes back to the same page', async ({ page, expectError }) => {
  expectError(/status of 40[14]/)
  await page.clock.install()
  await page.goto('/console/#/account/password')
  await expect(page.getByRole('heading', { name: '修改密码' })).toBeVisible()
  await page.clock.fastForward(500_000)
  await expect(page.getByRole('dialog', { name: '还在吗？' })).toBeVisible()
  await page.getByRole('button', { name: '继续使用' }).click()
  await expect(page.getByRole('dialog', { name: '还在吗？' })).toBeHidden()
  await page.clock.fastForward(601_000)
  await expect(page.getByText('登录已经结束，请重新登录')).toBeVisible()
  expect(page.url()).toContain(encodeURIComponent('/account/password').replaceAll('%2F', '/'))
})

test('nothing but the theme is kept in the browser', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' })
  await page.goto('/console/')
  await page.getByRole('button', { name: /外观/ }).click()
  await page.getByRole('button', { name: /外观/ }).click()
  await expect(page.locator('html')).toHaveClass(/dark/)
  await page.reload()
  await expect(page.locator('html')).toHaveClass(/dark/)
  expect(await page.evaluate(() => ({ local: Object.keys(localStorage), session: Object.keys(sessionStorage) }))).toEqual({ local: ['jmk-theme'], session: [] })
})
