// Members of the staff of the installation that app/console_first_test.go begins as make run does, who come in by the pages.
import { expect, type Browser, type BrowserContext, type Page } from '@playwright/test'

import { watch } from './console'
import { totp } from './totp'

export const password = 'Lantern-over-the-river-7'

// Somebody on the staff, with what their authenticator knows.
export interface Colleague {
  login: string
  password: string
  secret: string
  step: number // the last that was used: none is good twice
}

// digits gives what the authenticator shows in a step that was not used yet. The house takes the step before and the one after,
// for clocks that differ, so this rarely waits; the step before is left out when it ends too soon to be typed.
export async function digits(who: Colleague): Promise<string> {
  for (;;) {
    const [earliest, latest] = [Math.floor((Date.now() + 15_000) / 30_000) - 1, Math.floor(Date.now() / 30_000) + 1]
    const step = Math.max(who.step + 1, earliest)
    if (step <= latest) {
      who.step = step
      return totp(who.secret, step * 30_000)
    }
    await new Promise((done) => setTimeout(done, 500))
  }
}

// accept opens an invitation and sets everything, up to the offer of a passkey.
export async function accept(page: Page, link: string, who: Colleague): Promise<void> {
  await page.goto(link)
  await page.getByLabel('账号').fill(who.login)
  await page.getByLabel('新密码').fill(who.password)
  await page.getByLabel('再填一次').fill(who.password)
  await page.getByRole('button', { name: '下一步' }).click()
  await authenticate(page, who)
}

// authenticate takes the secret from the page, as somebody does whose camera is broken.
export async function authenticate(page: Page, who: Colleague): Promise<void> {
  who.secret = ((await page.locator('code').textContent()) ?? '').replaceAll(' ', '')
  who.step = 0
  await page.getByLabel('六位数字').fill(await digits(who))
  await page.getByRole('button', { name: '完成' }).click()
  await expect(page.getByRole('button', { name: '添加通行密钥' })).toBeVisible()
}

export async function signIn(page: Page, base: string, who: Colleague): Promise<void> {
  await page.goto(`${base}/console/#/sign-in`)
  await page.getByLabel('账号').fill(who.login)
  await page.getByLabel('密码').fill(who.password)
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByLabel('六位数字').fill(await digits(who))
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await expect(page.getByRole('navigation', { name: '主菜单' })).toBeVisible()
}

// elsewhere is a page in a browser of somebody else.
export async function elsewhere(browser: Browser, errors: string[], opened: BrowserContext[]): Promise<Page> {
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'America/New_York', reducedMotion: 'reduce' })
  opened.push(context)
  const page = await context.newPage()
  watch(page, errors)
  return page
}

// menu is an entry of the menu at the left.
export const menu = (page: Page, name: string | RegExp) => page.getByRole('navigation', { name: '主菜单' }).getByRole('link', { name })
