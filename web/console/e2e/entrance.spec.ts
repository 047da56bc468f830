import { everyVariant, expect, pretend, test } from './console'

// The browser reports it as an error that nobody is signed in.
test.beforeEach(({ expectError }) => expectError(/status of 401/))

test('the way in opens with the sign-in page', async ({ page }) => {
  await page.route('**/console/api/v1/me', (r) => r.fulfill({ status: 401, json: { code: 'staff_sign_in_needed', detail: '请先登录。' } }))
  await page.goto('/console/')
  await expect(page.getByRole('heading', { name: '登录工作台' })).toBeVisible()
  await expect(page.getByLabel('账号')).toBeFocused()
  await everyVariant(page, 'sign-in')
})

test('an invitation shows its code to scan, drawn here', async ({ page }) => {
  const uri = 'otpauth://totp/%E5%AE%B6%E9%97%A8%E5%8F%A3:shili?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%E5%AE%B6%E9%97%A8%E5%8F%A3'
  await page.route('**/invitations/opening', (r) =>
    r.fulfill({ json: { ticket: 't', name: '示例小林', login: 'shili', totp: { secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', uri }, password: { min_length: 12, complexity: 0 } } }),
  )
  await page.goto('/console/#/welcome/EXAMPLE')
  await expect(page.getByRole('heading', { name: '示例小林，欢迎' })).toBeVisible()
  await everyVariant(page, 'welcome-password', { keep: false })
  await page.getByLabel('新密码').fill('桥边有一棵很老的梧桐树啊')
  await page.getByLabel('再填一次').fill('桥边有一棵很老的梧桐树啊')
  await page.getByRole('button', { name: '下一步' }).click()
  await expect(page.getByRole('img', { name: /二维码/ })).toBeVisible()
  await everyVariant(page, 'welcome-authenticator')
})

test('a page that is not there says so', async ({ page }) => {
  await pretend(page, {})
  await page.goto('/console/#/nowhere')
  await expect(page.getByRole('heading', { name: '没有这一页' })).toBeVisible()
  await everyVariant(page, 'nowhere', { keep: false })
})

test('a lost connection says so and keeps what was typed', async ({ page, context, expectError }) => {
  expectError(/ERR_INTERNET_DISCONNECTED|Failed to load/)
  await page.route('**/console/api/v1/me', (r) => r.fulfill({ status: 401, json: { code: 'staff_sign_in_needed', detail: '请先登录。' } }))
  await page.goto('/console/')
  await page.getByLabel('账号').fill('shili')
  await page.getByLabel('密码').fill('anything at all')
  await context.setOffline(true)
  await page.getByRole('button', { name: '下一步' }).click()
  await expect(page.getByText(/连接已断开，正在重新连接/)).toBeVisible()
  await expect(page.getByLabel('账号')).toHaveValue('shili')
  await everyVariant(page, 'offline', { keep: false })
  await context.setOffline(false)
  await expect(page.getByText(/连接已断开，正在重新连接/)).toBeHidden()
})
