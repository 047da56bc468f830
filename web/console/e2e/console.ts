// What every test of the pages uses. A test fails on any console error, any refused load (CSP), any page error; a test
// that provokes one says so with expectError.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { expect, type APIRequestContext, type Browser, type Locator, type Page, type Request, test as plain } from '@playwright/test'
import axe from 'axe-core'

import type { Me } from '../src/api/entrance'

import { totp } from './totp'

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
      await page.unrouteAll({ behavior: 'ignoreErrors' }) // waiting for one that is held would take as long as the test may
      expect(errors.filter((text) => !allowed.some((pattern) => pattern.test(text))), 'complaints of the browser').toEqual([])
    },
    { auto: true },
  ],
})

// underWay are the requests that a watched page waits for. What the house tells as it happens is never done with.
const underWay = new WeakMap<Page, Set<Request>>()

// watch collects what a page's browser complains of; for a second page of a test, hand its errors in yourself.
export function watch(page: Page, errors: string[]): void {
  const requests = new Set<Request>()
  underWay.set(page, requests)
  page.on('request', (request) => void (request.url().endsWith('/live') || requests.add(request)))
  page.on('requestfinished', (request) => void requests.delete(request))
  page.on('requestfailed', (request) => void requests.delete(request))
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
    expect(await violations(page), `axe, ${name} ${v.name}`).toEqual([])
    const outside = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(outside, `${name} ${v.name}: wider than the window`).toBeLessThanOrEqual(0)
    if (keep && process.env['CONSOLE_SCREENSHOTS']) {
      mkdirSync(screenshots, { recursive: true })
      await page.screenshot({ path: join(screenshots, `${name}-${v.name}.png`), animations: 'disabled' })
    }
  }
}

// violations are what every rule of axe finds in the page. axe is put into a page once and run there: @axe-core/playwright
// opens one more page for each look, which takes several times as long, and is of use with frames only.
async function violations(page: Page): Promise<string[]> {
  expect(page.frames(), 'frames, into which axe does not look').toHaveLength(1)
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] })
    return violations.map((x) => `${x.id}: ${x.nodes.map((n) => `${n.html} ${n.failureSummary}`).join('\n')}`)
  })
}

// pickFrom opens a list and takes one of what is in it. A list that is asked to open while its dialog still moves may stay shut.
export async function pickFrom(list: Locator, option: Locator): Promise<void> {
  await expect(async () => {
    if ((await list.getAttribute('aria-expanded')) !== 'true') await list.click({ force: true })
    await option.click({ timeout: 3000 })
  }).toPass({ timeout: 60_000 })
}

// tick takes one of several buttons of a kind. What was pressed while its page was still being put together may be another
// element's by the time the page has heard of it.
export async function tick(one: Locator): Promise<void> {
  await expect(async () => {
    await one.check({ force: true, timeout: 3000 })
    await expect(one).toBeChecked({ timeout: 1000 })
  }).toPass({ timeout: 60_000 })
}

// settled waits until running requests, styles and fonts have come to rest.
async function settled(page: Page): Promise<void> {
  const requests = underWay.get(page)
  if (!requests) throw new Error('this page is not watched')
  await expect.poll(() => [...requests].map((r) => r.url()), { message: 'requests under way', intervals: [20] }).toEqual([])
  await page.evaluate(async () => {
    await document.fonts.ready
    // A colour that is inherited changes a frame later with every element it goes through.
    const changing = () => document.getAnimations().some((a) => a instanceof CSSTransition)
    for (let still = 0; still < 3; still = changing() ? 0 : still + 1) await new Promise((done) => requestAnimationFrame(done))
  })
}

// pretend answers GET /me as if somebody had signed in, and with the house's open sites as those in scope. Only for what
// the server cannot do yet.
export async function pretend(page: Page, me: Partial<Me>): Promise<void> {
  const whole: Me = { id: 'S1', name: '示例小林', login: 'shili', grants: [], permissions: [], idle_seconds: 1800, password_due: false, password: { min_length: 12, complexity: 0 }, ...me }
  await page.route('**/console/api/v1/me', (route) => route.fulfill({ json: whole }))
  await page.route('**/console/api/v1/sites', async (route) => {
    const { items } = (await (await page.request.get('/api/v1/sites')).json()) as { items: { id: string; name: string; subdistrict: { code: string } }[] }
    await route.fulfill({ json: { items: items.map((s) => ({ id: s.id, name: s.name, subdistrict_code: s.subdistrict.code, open: true })) } })
  })
}

// Who comes in: the administrator whose session the tests share, another for whom it is the first time, or a keeper of the site
// of the day at the desk.
type Comer = 'administrator' | 'newcomer' | 'keeper'

// enter gives the page a session. Only for the administrator is it one that others have as well: begun by warm-up.ts.
export async function enter(page: Page, as: Comer = 'administrator'): Promise<void> {
  await giveSession(page, as === 'administrator' ? (process.env['CONSOLE_SESSION'] ?? '') : await begin(page.request, as))
}

async function giveSession(page: Page, value: string): Promise<void> {
  if (!value) throw new Error('there is no session')
  await page.context().addCookies([{ name: '__Host-jmk-staff', value, domain: '127.0.0.1', path: '/', secure: true, httpOnly: true, sameSite: 'Strict' }])
}

// begin takes the first invitation of app/console_test.go that is still good, and gives the session's cookie.
export async function begin(request: APIRequestContext, as: Comer): Promise<string> {
  const codes = JSON.parse(process.env[as === 'keeper' ? 'CONSOLE_KEEPERS' : 'CONSOLE_INVITATIONS'] ?? '[]') as string[]
  for (const [i, code] of codes.entries()) {
    const value = await accept(request, code, `shili-${as}-${i}`)
    if (value) return value
  }
  throw new Error('app/console_test.go has invited too few')
}

// keeperOf is a browser in which a keeper of a site has come in, whom the administrator at the page has invited.
export async function keeperOf(site: string, administrator: Page, browser: Browser, errors: string[]): Promise<Page> {
  const data = { name: '示例值班员', grants: [{ role: 'keeper', scope: 'site', scope_id: site }] }
  const { code } = (await (await administrator.request.post('/console/api/v1/staff', { data })).json()) as { code: string }
  const keeper = await (await browser.newContext()).newPage()
  watch(keeper, errors)
  await giveSession(keeper, (await accept(keeper.request, code, `shili-${crypto.randomUUID().slice(0, 8)}`)) ?? '')
  return keeper
}

// accept takes an invitation with a password and an authenticator, and gives the session's cookie; nothing when it is used up.
async function accept(request: APIRequestContext, code: string, login: string): Promise<string | undefined> {
  const opened = await request.post('/console/api/v1/invitations/opening', { data: { code } })
  if (!opened.ok()) return undefined
  const { ticket, totp: authenticator } = (await opened.json()) as { ticket: string; totp: { secret: string } }
  const data = { ticket, login, password: 'Lantern-over-the-river-7', code: totp(authenticator.secret) }
  const done = await request.post('/console/api/v1/invitations/completion', { data })
  if (!done.ok()) throw new Error(`the invitation was not taken: ${done.status()} ${await done.text()}`)
  return /__Host-jmk-staff=([^;]+)/.exec(done.headers()['set-cookie'] ?? '')?.[1]
}
