// What is in the cookie of a session: nothing that anybody had before they came in, and nothing that outlives a change of what
// they may do. At localhost, where the cookie is the browser's own.
import type { BrowserContext, Page } from '@playwright/test'

import { accept, digits, elsewhere, password, signIn, type Colleague } from './colleague'
import { expect, test } from './console'

const home = process.env['CONSOLE_FIRST'] ?? ''
const [toOne = '', toOther = ''] = JSON.parse(process.env['CONSOLE_FIRST_PAIR'] ?? '[]') as string[]
const planted = 'planted-by-somebody-else'

const valueIn = async (page: Page) => (await page.context().cookies(home)).find((c) => c.name === '__Host-jmk-staff')?.value
const plant = (page: Page, value: string) =>
  page.context().addCookies([{ name: '__Host-jmk-staff', value, domain: 'localhost', path: '/', secure: true, httpOnly: true, sameSite: 'Strict' }])

test('the cookie is a new one at every sign-in, and after a change of the password or of rights; the old one is dead', async ({ page, browser, errors, expectError }) => {
  expectError(/status of 401/)
  const opened: BrowserContext[] = []
  const who: Colleague = { login: 'shili-cookie', password, secret: '', step: 0 }
  const probe = await elsewhere(browser, errors, opened)
  // alive asks with a cookie alone, as whoever had copied it would.
  const alive = async (value: string | undefined) => {
    await plant(probe, value ?? '')
    return (await probe.request.get(`${home}/console/api/v1/me`)).status()
  }

  await plant(page, planted)
  await accept(page, `${home}/console/#/welcome/${toOne}`, who)
  await page.getByRole('button', { name: '以后再说' }).click()
  const invited = await valueIn(page)
  expect(invited).not.toBe(planted)
  expect([await alive(invited), await alive(planted)]).toEqual([200, 401])

  // Signing in over a session and a planted value: neither the password alone nor anything brought along makes a session.
  await page.context().clearCookies()
  await plant(page, planted)
  await page.goto(`${home}/console/#/sign-in`)
  await page.reload()
  await page.getByLabel('账号').fill(who.login)
  await page.getByLabel('密码').fill(who.password)
  await page.getByRole('button', { name: '下一步' }).click()
  await expect(page.getByLabel('六位数字')).toBeVisible()
  expect([undefined, planted]).toContain(await valueIn(page))
  expect((await page.request.get(`${home}/console/api/v1/me`)).status()).toBe(401)
  await page.getByLabel('六位数字').fill(await digits(who))
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await expect(page.getByRole('navigation', { name: '主菜单' })).toBeVisible()
  const signedIn = await valueIn(page)
  expect(new Set([invited, planted, signedIn]).size).toBe(3)
  expect([await alive(signedIn), await alive(planted)]).toEqual([200, 401])

  await page.goto(`${home}/console/#/account/password`)
  await page.getByLabel('现在的密码').fill(who.password)
  who.password = 'Zwei graue Kiesel 5'
  await page.getByLabel('新密码').fill(who.password)
  await page.getByLabel('再填一次').fill(who.password)
  await page.getByRole('button', { name: '修改密码' }).click()
  await expect(page.getByText('密码已修改')).toBeVisible()
  const renewed = await valueIn(page)
  expect(new Set([invited, signedIn, renewed]).size).toBe(3)
  expect([await alive(invited), await alive(signedIn), await alive(renewed)]).toEqual([401, 401, 200])

  const { id } = (await (await page.request.get(`${home}/console/api/v1/me`)).json()) as { id: string }
  const other = await elsewhere(browser, errors, opened)
  await accept(other, `${home}/console/#/welcome/${toOther}`, { login: 'shili-other', password, secret: '', step: 0 })
  const given = await other.request.post(`${home}/console/api/v1/staff/${id}/grants`, { data: { role: 'keeper', scope: 'district' } })
  expect(given.status()).toBe(201)
  expect(await alive(renewed)).toBe(401)
  await signIn(page, home, who)
  const changed = await valueIn(page)
  expect(changed).not.toBe(renewed)
  expect([await alive(renewed), await alive(changed)]).toEqual([401, 200])

  await page.getByRole('button', { name: '我的账号' }).click()
  await page.getByRole('menuitem', { name: '退出' }).click()
  await expect(page.getByRole('heading', { name: '登录工作台' })).toBeVisible()
  expect([await valueIn(page), await alive(changed)]).toEqual([undefined, 401])
  for (const context of opened) await context.close()
})
