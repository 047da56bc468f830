import type { Page, Request } from '@playwright/test'

import { enter, expect, test } from './console'
import { register } from './resident'

// Nothing that tells who somebody is stands in an address, or stays behind in the browser, wherever staff look for a family.
const { site, soon } = JSON.parse(process.env['CONSOLE_FAMILY'] ?? '{}') as Record<'site' | 'soon', string>

// said is all that was asked of the house: addresses, and what was sent in bodies, as people would read it.
function said(page: Page): { addresses: () => string[]; bodies: () => string } {
  const requests: Request[] = []
  const seen: string[] = []
  page.on('request', (request) => requests.push(request))
  page.on('framenavigated', (frame) => seen.push(frame.url()))
  const plain = (address: string) => decodeURIComponent(address.replaceAll('+', ' '))
  return {
    addresses: () => [...requests.flatMap((r) => [r.url(), r.headers()['referer'] ?? '']), ...seen, page.url()].map(plain),
    bodies: () => requests.map((r) => r.postData() ?? '').join('\n'),
  }
}

// kept is everything that the browser holds of the pages beyond themselves.
const kept = (page: Page) =>
  page.evaluate(async () => ({
    storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    caches: await caches.keys(),
    databases: (await indexedDB.databases()).map((d) => d.name),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    cookie: document.cookie,
    history: JSON.stringify(history.state),
    title: document.title,
  }))

test('no name, number, code or word that was searched for is in an address or stays in the browser', async ({ page, request, expectError }) => {
  test.slow()
  expectError(/status of 422/) // the code is nobody's
  const who = { phone: '13900000061', child: '许示例小树', code: 'HX4M7Q', colleague: '示例值班老师', reason: '家长来电核对示例' }
  const { call, child } = await register(request, 'xu', who.phone, who.child)
  await call('POST', `/slots/${soon}/bookings`, { child_id: child })
  const tail = who.phone.slice(-4)

  await enter(page)
  const all = said(page)
  await page.goto('/console/')
  // An address that is typed before the first page has opened is overruled by it.
  await expect(page.getByRole('heading', { level: 1, name: /示例管理员/ })).toBeVisible()
  const empty = await kept(page)
  const still = async (at: RegExp) => {
    expect(page.url()).toMatch(at)
    const now = await kept(page)
    expect({ ...now, history: '', title: '' }, page.url()).toEqual({ ...empty, history: '', title: '' })
    for (const secret of [...Object.values(who), tail]) expect(now.history + now.title).not.toContain(secret)
  }

  await page.goto(`/console/#/desk?site=${site}`)
  const door = page.getByLabel('签到码，或手机号后四位')
  const enterAtDoor = async (text: string, path: RegExp) => {
    const answered = page.waitForResponse(path)
    await door.fill(text)
    await door.press('Enter')
    await answered
  }
  await enterAtDoor(tail, /booking-search/)
  await still(/#\/desk\?site=\w{26}$/)
  await enterAtDoor(who.code, /check-ins/)
  await still(/#\/desk\?site=\w{26}$/)

  await page.getByRole('button', { name: '代为预约' }).click()
  const number = page.getByRole('textbox', { name: '手机号', exact: true })
  await number.fill(who.phone)
  await number.press('Enter')
  await expect(page.getByText('没有找到这个手机号的家长')).toBeVisible() // the number is typed in, not WeChat's
  await still(/#\/desk\/booking\?site=\w{26}$/)

  await page.goto('/console/#/residents')
  for (const wanted of [who.phone, who.child, tail]) {
    await page.getByLabel(/手机号后四位/).fill(wanted)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('row', { name: new RegExp(`139\\*{4}${tail}`) })).toBeVisible()
    await still(/#\/residents(\?site=\w{26})?$/)
  }
  await page.getByRole('row', { name: new RegExp(`139\\*{4}${tail}`) }).getByRole('button', { name: '看档案' }).click()
  await page.getByRole('button', { name: '查看手机号' }).click()
  const opening = page.getByRole('dialog', { name: '查看手机号' })
  await opening.getByText('核实信息').click()
  await opening.getByLabel('理由').fill(who.reason)
  await opening.getByRole('button', { name: '查看', exact: true }).click()
  await expect(page.getByText(who.phone)).toBeVisible()
  await still(/#\/residents/)

  await page.goto('/console/#/trail')
  const colleague = page.getByLabel('工作人员姓名')
  await colleague.fill(who.colleague)
  await page.getByLabel('记录编号').fill(child)
  await page.getByRole('button', { name: '查找', exact: true }).click()
  await expect(page.getByText('这些条件下没有记录。')).toBeVisible()
  await still(/#\/trail/)

  await page.goto('/console/#/staff')
  await page.getByRole('textbox', { name: '姓名或登录名' }).fill(who.colleague)
  await page.getByRole('button', { name: '查找' }).click()
  await expect(page.getByRole('row', { name: new RegExp(who.colleague) }).first()).toBeVisible()
  await still(/#\/staff/)

  const addresses = all.addresses()
  for (const [what, secret] of Object.entries(who)) {
    // The body of what may be sent twice is a stream, which the browser does not show: that the code was sent is seen by its answer.
    if (what !== 'code') expect(all.bodies(), `${what} was sent, so that there was something to leave behind`).toContain(secret)
    expect(addresses.filter((a) => a.includes(secret)), what).toEqual([])
  }
  expect(addresses.filter((a) => a.split(/[^\p{L}\d]+/u).includes(tail)), 'the last four digits').toEqual([])
})
