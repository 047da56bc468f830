// What every test of the pages uses. A test fails on any console error, any refused load (CSP), any page error; a test
// that provokes one says so with expectError.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test as plain } from '@playwright/test'

import type { Me } from '../src/api/entrance'

export { expect }

interface Watched {
  // errors is what the browser complained of so far.
  errors: string[]
  // expectError lets complaints that match pass: expectError(/422/) before a wrong password is typed.
  expectError: (pattern: RegExp) => void
}

export const test = plain.extend<Watched & { allowed: RegExp[] }>({
  allowed: async ({}, use) => use([]), // eslint-disable-line no-empty-pattern -- Playwright wants a pattern
  expectError: async ({ allowed }, use) => use((pattern) => void allowed.push(pattern)),
  errors: [
    async ({ page, allowed }, use) => {
      const errors: string[] = []
      watch(page, errors)
      await use(errors)
      expect(errors.filter((text) => !allowed.some((pattern) => pattern.test(text))), 'complaints of the browser').toEqual([])
    },
    { auto: true },
  ],
})

// watch collects what a page's browser complains of; for a second page of a test, hand its errors in yourself.
export function watch(page: Page, errors: string[]): void {
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', (error) => errors.push(String(error)))
  void page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (e) => console.error(`CSP: ${e.violatedDirective} ${e.blockedURI}`))
  })
}

// variants are what every page has to look well in.
export const variants = (['light', 'dark'] as const).flatMap((scheme) =>
  [
    { name: '1440x900', width: 1440, height: 900 },
    { name: '820x1180', width: 820, height: 1180 },
  ].map(({ name, ...viewport }) => ({ scheme, viewport, name: `${scheme}-${name}` })),
)

const screenshots = join(import.meta.dirname, '../../../docs/screenshots')

// everyVariant shows the page in every theme and size: axe finds nothing in any, nothing sticks out sideways, and a
// picture is kept in docs/screenshots where CONSOLE_SCREENSHOTS is set, of the pages worth showing.
export async function everyVariant(page: Page, name: string, { keep = true } = {}): Promise<void> {
  for (const v of variants) {
    await page.emulateMedia({ colorScheme: v.scheme })
    await page.setViewportSize(v.viewport)
    await settled(page)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map((x) => `${x.id}: ${x.nodes.map((n) => n.html).join(' ')}`), `axe, ${name} ${v.name}`).toEqual([])
    const outside = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(outside, `${name} ${v.name}: wider than the window`).toBeLessThanOrEqual(0)
    if (keep && process.env['CONSOLE_SCREENSHOTS']) {
      mkdirSync(screenshots, { recursive: true })
      await page.screenshot({ path: join(screenshots, `${name}-${v.name}.png`), animations: 'disabled' })
    }
  }
}

// settled waits until styles, fonts and running requests have come to rest.
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle')
  await page.evaluate(async () => {
    await document.fonts.ready
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  })
}

// pretend answers GET /me as if somebody had signed in, and with the house's open sites as those in scope. Only for what
// the server cannot do yet.
export async function pretend(page: Page, me: Partial<Me>): Promise<void> {
  const whole: Me = { id: 'S1', name: '示例小林', login: 'shili', grants: [], permissions: [], idle_seconds: 1800, ...me }
  await page.route('**/console/api/v1/me', (route) => route.fulfill({ json: whole }))
  await page.route('**/console/api/v1/sites', async (route) => {
    const { items } = (await (await page.request.get('/api/v1/sites')).json()) as { items: { id: string; name: string; subdistrict: { code: string } }[] }
    await route.fulfill({ json: { items: items.map((s) => ({ id: s.id, name: s.name, subdistrict_code: s.subdistrict.code, open: true })) } })
  })
}

// enter comes in as an administrator of the district, or as a keeper of the site of the day at the desk, whom
// app/console_test.go has invited: the first invitation that is still good is taken, with a password and an
// authenticator, and the page has the session's cookie.
export async function enter(page: Page, as: 'administrator' | 'keeper' = 'administrator'): Promise<void> {
  const { totp } = await import('./totp')
  const codes = JSON.parse(process.env[as === 'keeper' ? 'CONSOLE_KEEPERS' : 'CONSOLE_INVITATIONS'] ?? '[]') as string[]
  for (const [i, code] of codes.entries()) {
    const opened = await page.request.post('/console/api/v1/invitations/opening', { data: { code } })
    if (!opened.ok()) continue
    const { ticket, totp: authenticator } = (await opened.json()) as { ticket: string; totp: { secret: string } }
    const data = { ticket, login: `shili-${as}-${i}`, password: 'Lantern-over-the-river-7', code: totp(authenticator.secret) }
    const done = await page.request.post('/console/api/v1/invitations/completion', { data })
    if (!done.ok()) throw new Error(`the invitation was not taken: ${done.status()} ${await done.text()}`)
    const [, value] = /__Host-jmk-staff=([^;]+)/.exec(done.headers()['set-cookie'] ?? '') ?? []
    if (!value) throw new Error('there is no cookie')
    await page.context().addCookies([
      { name: '__Host-jmk-staff', value, domain: '127.0.0.1', path: '/', secure: true, httpOnly: true, sameSite: 'Strict' },
    ])
    return
  }
  throw new Error('app/console_test.go has invited too few')
}

// Person is a member of staff whom app/console_test.go has made; CONSOLE_STAFF holds them by role.
export interface Person {
  login: string
  password: string
  secret: string // of the authenticator, base32
}

export function person(role: string): Person {
  const all = JSON.parse(process.env['CONSOLE_STAFF'] ?? '{}') as Record<string, Person>
  const found = all[role]
  if (!found) throw new Error(`app/console_test.go made no ${role}`)
  return found
}

// signIn goes the whole way in: password, then the authenticator's digits.
export async function signIn(page: Page, who: Person): Promise<void> {
  const { totp } = await import('./totp')
  await page.goto('/console/')
  await page.getByLabel('账号').fill(who.login)
  await page.getByLabel('密码').fill(who.password)
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByLabel('六位数字').fill(totp(who.secret))
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await expect(page.getByRole('navigation', { name: '主菜单' })).toBeVisible()
}
