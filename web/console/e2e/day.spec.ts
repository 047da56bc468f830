import type { APIRequestContext, Browser, Locator, Page } from '@playwright/test'
import { encodeQR } from 'qr'

import { enter, everyVariant, expect, test, tick, watch } from './console'
import { birthday, register } from './resident'

// A whole day at the desk, on two tablets at once, against the house itself. The site and its two sessions of today are
// made by app/console_test.go, and nobody else comes to it.
const desk = JSON.parse(process.env['CONSOLE_DESK'] ?? '{}') as { site: string; begun: string; soon: string }
const rooms = { begun: '向阳间', soon: '朝南间' }
const field = (page: Page) => page.getByLabel('签到码，或手机号后四位')
const figure = (page: Page, name: string) => page.getByLabel('全天人数').locator('div').filter({ hasText: name }).getByRole('definition')
const lineOf = (page: Page, child: string) => page.getByRole('table', { name: '名单' }).getByRole('row').filter({ hasText: child })
const session = (page: Page, room: string) => page.getByRole('group', { name: '场次' }).getByRole('button').filter({ hasText: room })

// A tablet is a browser of its own, at whose desk a keeper has come in.
async function tablet(page: Page): Promise<Page> {
  await enter(page, 'keeper')
  await page.goto('/console/#/desk')
  await expect(page.getByText('随时更新')).toBeVisible()
  return page
}

async function another(browser: Browser, errors: string[]): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 820, height: 1180 } })).newPage()
  watch(page, errors)
  return tablet(page)
}

// family is one with the mini-program, that books for its child by itself.
async function family(request: APIRequestContext, who: { name: string; phone: string; child: string; slot: string; escort?: string }) {
  const { call, child } = await register(request, who.name, who.phone, who.child)
  if (who.escort) await call('POST', `/children/${child}/pickup-persons`, { name: who.escort, relation: 'grandparent', phone: '13900000099' })
  const { id } = await call('POST', `/slots/${who.slot}/bookings`, { child_id: child })
  return { code: () => call('POST', `/bookings/${id}/check-in-code`, {}) }
}

// ring is a family without a smartphone, on the telephone or at the door: registered with its papers, up to the session.
async function ring(page: Page, phone: string, child: string, room: string): Promise<Locator> {
  await page.getByRole('button', { name: '代为预约' }).click()
  const number = page.getByRole('textbox', { name: '手机号', exact: true }) // the desk has one with a longer name
  await number.fill(phone)
  await number.press('Enter')
  await page.getByRole('button', { name: '登记这位家长' }).click()
  for (let papers = 3; papers > 0; papers--) {
    await expect(page.getByRole('button', { name: /^登记《/ })).toHaveCount(papers)
    await page.getByRole('button', { name: /^登记《/ }).first().click()
  }
  await page.getByLabel('孩子的姓名').fill(child)
  await page.getByLabel('出生日期').fill(birthday)
  await page.getByRole('button', { name: '添加孩子' }).click()
  await tick(page.getByRole('radio', { name: room }))
  return page.getByRole('button', { name: `替${child}预约` })
}

async function backToDesk(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { name: '已预约' })).toBeVisible()
  await page.getByRole('button', { name: '回值班台' }).click()
}

async function handOver(page: Page, child: string, to: RegExp | string): Promise<void> {
  await page.getByRole('button', { name: `${child}交接` }).click()
  const dialog = page.getByRole('dialog', { name: '交接' })
  await tick(dialog.getByRole('radio', { name: to }))
  await dialog.getByRole('button', { name: '已接走' }).click()
  await expect(dialog).toBeHidden()
}

// camera gives the page one that sees a QR code held before it.
async function camera(page: Page, text: string): Promise<void> {
  await page.evaluate((modules) => {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 480
    const pen = canvas.getContext('2d')
    const size = Math.floor(400 / modules.length)
    const draw = () => {
      pen?.reset()
      if (!pen) return
      pen.fillStyle = 'white'
      pen.fillRect(0, 0, 480, 480)
      pen.fillStyle = 'black'
      modules.forEach((row, y) => row.forEach((dark, x) => dark && pen.fillRect(40 + x * size, 40 + y * size, size, size)))
    }
    setInterval(draw, 50)
    navigator.mediaDevices.getUserMedia = () => Promise.resolve(canvas.captureStream(20))
  }, encodeQR(text, 'raw', { border: 1 }))
}

test('a whole day at the desk, on two tablets', async ({ page, browser, request, errors, expectError }) => {
  test.setTimeout(180_000)
  expectError(/status of 4(09|22)|ERR_INTERNET_DISCONNECTED|ERR_FAILED|ERR_NETWORK/)
  const one = await tablet(page)
  const two = await another(browser, errors)

  await test.step('a family rings: what one tablet books, the other shows', async () => {
    await session(two, rooms.soon).click()
    await expect(two.getByText('这一场还没有预约')).toBeVisible()
    await (await ring(one, '13900000021', '丁示例', rooms.soon)).click()
    await backToDesk(one)
    await expect(lineOf(two, '丁*')).toContainText('0021')
    await expect(figure(two, '已约')).toHaveText('1')
  })

  const li = await family(request, { name: 'li', phone: '13900000022', child: '李示例', slot: desk.soon, escort: '示例外婆' })
  await test.step('a family books on its phone: both show it', async () => {
    await session(one, rooms.soon).click()
    for (const t of [one, two]) await expect(lineOf(t, '李*')).toContainText('有健康提示')
  })

  await test.step('six characters check in, once, however often they are sent', async () => {
    const { code } = await li.code()
    await field(two).fill(code.toLowerCase())
    await two.getByRole('button', { name: '签到', exact: true }).dblclick()
    await expect(two.getByRole('heading', { name: '李示例' })).toBeVisible()
    await expect(two.getByText('对花生过敏')).toBeVisible()
    await expect(field(two)).toHaveValue('')
    await expect(field(two)).toBeFocused()
    await field(two).press('Enter') // a third tap finds nothing to do
    await expect(two.getByRole('region', { name: '签到' }).getByRole('alert')).toHaveCount(0)
    await expect(lineOf(one, '李*')).toContainText('已到')
    await expect(figure(one, '在场')).toHaveText('1')
    await field(one).fill(code)
    await field(one).press('Enter')
    await expect(one.getByRole('region', { name: '签到' }).getByRole('alert')).toContainText('签到码不对、已用过或已过期')
    await field(one).fill('')
  })

  await test.step('both tablets check in the same child at the same moment: one does', async () => {
    for (const t of [one, two]) await t.getByRole('button', { name: '丁*签到' }).click()
    const press = (t: Page) => t.getByRole('dialog', { name: '签到：丁*' }).getByRole('button', { name: '签到' }).click()
    await Promise.all([press(one), press(two)])
    const came = [one, two].map((t) => t.getByRole('heading', { name: '丁示例' }))
    const told = [one, two].map((t) => t.getByRole('dialog', { name: '签到：丁*' }).getByText(/孩子已经在.*签到/))
    await expect(async () => {
      const seen = await Promise.all([...came, ...told].map((l) => l.count()))
      expect(seen).toEqual(seen[0] ? [1, 0, 0, 1] : [0, 1, 1, 0])
    }).toPass({ timeout: 15_000 })
    for (const t of [one, two]) {
      await t.keyboard.press('Escape')
      await expect(figure(t, '在场')).toHaveText('2')
    }
  })

  await test.step('somebody stands at the door of a session that has begun: only by an exception, and that wants a reason', async () => {
    const book = await ring(one, '13900000023', '钱示例', rooms.begun)
    await book.click()
    await expect(one.getByRole('region', { name: '场次' }).getByRole('alert')).toContainText('截止')
    await one.getByText('破例', { exact: true }).click()
    await expect(book).toBeDisabled()
    await one.getByLabel('破例的理由').fill('家长在门口，急诊陪护')
    await book.click()
    await backToDesk(one)
    await session(two, rooms.begun).click()
    await expect(lineOf(two, '钱*')).toContainText('0023')
    await two.getByRole('button', { name: '钱*签到' }).click()
    const dialog = two.getByRole('dialog', { name: '签到：钱*' })
    await dialog.getByLabel('体温').fill('36.8')
    await dialog.getByRole('button', { name: '签到' }).click()
    await expect(two.getByText('36.8℃')).toBeVisible()
    await session(one, rooms.begun).click()
    await expect(lineOf(one, '钱*')).toContainText('已到')
  })

  await test.step('a named person fetches a child', async () => {
    await session(one, rooms.soon).click()
    await handOver(one, '李*', /示例外婆.*尾号0099/)
    await session(two, rooms.soon).click()
    await expect(lineOf(two, '李*')).toContainText('已完成')
    await expect(figure(two, '已离开')).toHaveText('1')
  })

  await test.step('the answer to a booking is lost on its way: it is booked once', async () => {
    const before = Number(await figure(two, '已约').textContent())
    const keys: string[] = []
    await one.route('**/console/api/v1/slots/*/bookings', async (route) => {
      if (route.request().method() !== 'POST') return route.continue()
      keys.push(route.request().headers()['idempotency-key'] ?? '')
      await route.fetch() // the house books; the tablet does not hear of it
      await route.abort()
    })
    const book = await ring(one, '13900000024', '孙示例', rooms.begun)
    await one.getByText('破例', { exact: true }).click()
    await one.getByLabel('破例的理由').fill('街道来电')
    await book.click()
    await expect(one.getByRole('region', { name: '场次' }).getByRole('alert')).toContainText('连接已断开，填写的内容都还在')
    await expect(one.getByLabel('破例的理由')).toHaveValue('街道来电')
    await one.unroute('**/console/api/v1/slots/*/bookings')
    await book.click()
    await backToDesk(one)
    expect([keys.length, new Set(keys).size]).toEqual([4, 1])
    await expect(figure(two, '已约')).toHaveText(String(before + 1))
    await session(two, rooms.begun).click()
    await expect(lineOf(two, '孙*')).toHaveCount(1)
  })

  await test.step('a child does not come', async () => {
    await two.getByRole('button', { name: '孙*未到' }).click()
    await two.getByRole('dialog').getByRole('button', { name: '登记未到' }).click()
    await session(one, rooms.begun).click()
    await expect(lineOf(one, '孙*')).toContainText('未到')
    await expect(figure(one, '未到')).toHaveText('1')
  })

  const zhou = await family(request, { name: 'zhou', phone: '13900000025', child: '周示例', slot: desk.soon })
  await test.step('the line is down: it says so, keeps what was typed, and comes back by itself', async () => {
    await one.context().setOffline(true)
    const { code } = await zhou.code()
    await field(one).fill(code)
    await one.getByLabel('备注').fill('精神好')
    await field(one).press('Enter')
    await expect(one.getByText('连接已断开，正在重新连接')).toBeVisible()
    await expect(one.getByText('每十秒更新一次')).toBeVisible()
    await expect(one.getByRole('button', { name: '签到', exact: true })).toBeEnabled()
    await expect(field(one)).toHaveValue(code)
    await expect(one.getByLabel('备注')).toHaveValue('精神好')
    await one.context().setOffline(false)
    await expect(one.getByText('连接已断开，正在重新连接')).toBeHidden()
    await expect(one.getByText('随时更新')).toBeVisible({ timeout: 25_000 })
    await field(one).press('Enter')
    await expect(one.getByRole('heading', { name: '周示例' })).toBeVisible()
    await session(two, rooms.soon).click()
    await expect(lineOf(two, '周*')).toContainText('已到')
  })

  const wu = await family(request, { name: 'wu', phone: '13900000026', child: '吴示例', slot: desk.soon })
  await test.step('a code is held to the camera', async () => {
    await camera(one, (await wu.code()).qr)
    await one.getByRole('button', { name: '扫码' }).click()
    await expect(one.getByRole('heading', { name: '吴示例' })).toBeVisible()
  })

  await test.step('a tablet that cannot hear the house asks it', async () => {
    await two.route('**/live', (route) => route.abort())
    await two.reload()
    await expect(two.getByText('每十秒更新一次')).toBeVisible()
    await session(two, rooms.soon).click()
    await expect(lineOf(two, '周*')).toContainText('已到')
    await session(one, rooms.soon).click()
    await one.getByRole('button', { name: '查看周*' }).click()
    await one.getByText('联系家长', { exact: true }).click()
    await one.getByRole('dialog').getByRole('button', { name: '查看', exact: true }).click()
    const card = one.getByRole('region', { name: '预约的全部信息' })
    await expect(card).toContainText('已到')
    await handOver(one, '周*', '家长本人')
    await expect(card).toContainText('已完成') // the card keeps up with the list
    await expect(lineOf(two, '周*')).toContainText('已完成', { timeout: 25_000 })
    await two.unroute('**/live')
    await expect(two.getByText('随时更新')).toBeVisible({ timeout: 25_000 })
  })

  await test.step('the last four digits find a family, and everybody goes home', async () => {
    await field(two).fill('0021')
    await field(two).press('Enter')
    const found = two.getByRole('table', { name: '尾号0021的预约' })
    await expect(found).toContainText('丁*')
    await two.getByRole('button', { name: '收起', exact: true }).click()
    await handOver(two, '丁*', '家长本人')
    await handOver(two, '吴*', '家长本人')
    await session(two, rooms.begun).click()
    await handOver(two, '钱*', '家长本人')
    for (const t of [one, two]) {
      for (const [name, many] of [['已约', '6'], ['待到', '0'], ['在场', '0'], ['已离开', '5'], ['未到', '1'], ['候补', '0']] as const) {
        await expect(figure(t, name)).toHaveText(many)
      }
    }
  })
  await everyVariant(one, 'desk-day')

  await test.step('the overview counts the day as it was', async () => {
    await one.goto('/console/#/overview?unit=week')
    const sum = one.getByRole('table', { name: '按周' }).getByRole('row', { name: /^合计/ })
    // sessions, places, booked and its rate, attended, no-shows and their rate, late cancels; children last
    await expect(sum.getByRole('cell')).toHaveText(['2', '12', '6', '50.0%', '5', '1', '16.7%', '0', /%（\d+\/\d+）$/])
    await one.getByRole('button', { name: '看表' }).first().click()
    const chart = one.getByRole('region', { name: '各周的名额和预约，数据表' }).getByRole('row').last()
    await expect(chart.getByRole('cell')).toHaveText(['12', '6', '5', '16.7%'])
  })
})
