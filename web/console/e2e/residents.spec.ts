import { readFileSync } from 'node:fs'

import type { APIRequestContext, Page } from '@playwright/test'

import { enter, everyVariant, expect, keeperOf, test } from './console'

// Families, against the house itself: each test has one of its own, made by the mini-program's API.
const { site, soon, later } = JSON.parse(process.env['CONSOLE_FAMILY'] ?? '{}') as Record<'site' | 'soon' | 'later', string>

interface Family {
  id: string
  child: string
  phone: string
  tail: string
}

let families = 0

async function family(request: APIRequestContext): Promise<Family> {
  const number = `${Date.now()}`.slice(-6) + `${++families % 10}${Math.floor(Math.random() * 10)}`
  const phone = `138${number}`
  const tail = phone.slice(-4)
  const signedIn = await request.post('/api/v1/sessions', { data: { code: `demo-family-${number}`, device: '示例手机' } })
  const { token } = (await signedIn.json()) as { token: string }
  const send = async (method: 'GET' | 'POST' | 'PUT' | 'PATCH', path: string, data?: unknown) => {
    const headers = { Authorization: `Bearer ${token}`, 'Idempotency-Key': crypto.randomUUID() }
    const answer = await request.fetch(`/api/v1${path}`, { method, headers, ...(data === undefined ? {} : { data }) })
    expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true)
    return (answer.status() === 204 ? {} : await answer.json()) as { id: string; items: { id: string }[] }
  }
  for (const document of (await send('GET', '/documents')).items) await send('PUT', `/consents/${document.id}`)
  await send('PUT', '/me/phone', { number: phone })
  await send('PATCH', '/me', { nickname: '示例妈妈' })
  const born = `${new Date().getFullYear() - 2}-06-01`
  const child = (await send('POST', '/children', { name: '示例小满', birth_date: born, health_note: '对鸡蛋过敏' })).id
  await send('POST', `/children/${child}/pickup-persons`, { name: '李外婆', relation: 'grandparent', phone: '13900000099' })
  const missed = await send('POST', `/slots/${soon}/bookings`, { child_id: child })
  await send('POST', `/bookings/${missed.id}/cancellation`, { reason: 'unwell' })
  await send('POST', `/slots/${later}/bookings`, { child_id: child })
  const { id } = await send('GET', '/me')
  return { id, child, phone, tail }
}

async function openRecord(page: Page, f: Family): Promise<void> {
  await page.goto('/console/#/residents')
  await page.getByLabel(/手机号后四位/).fill(f.phone)
  await page.keyboard.press('Enter')
  await page.getByRole('row', { name: new RegExp(`138\\*{4}${f.tail}`) }).getByRole('button', { name: '看档案' }).click()
  await expect(page.getByRole('heading', { name: '孩子 示*' })).toBeVisible()
}

test('a family is found by what it tells, and nothing of it stands in the address', async ({ page }) => {
  await enter(page)
  const f = await family(page.request)
  await page.goto('/console/#/residents')
  await expect(page.getByRole('heading', { name: '家庭', exact: true })).toBeVisible()
  await page.getByLabel(/手机号后四位/).fill('满')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toContainText('请写手机号的后四位')
  for (const wanted of [f.tail, '示例 小满', f.child]) {
    await page.getByLabel(/手机号后四位/).fill(wanted)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('row', { name: new RegExp(`138\\*{4}${f.tail}`) })).toContainText('示*')
    expect(page.url()).toMatch(/#\/residents$/)
  }
  await everyVariant(page, 'residents')
  await page.getByLabel(/手机号后四位/).fill('0000')
  await page.keyboard.press('Enter')
  await expect(page.getByText(/没有找到。请核对一下/)).toBeVisible()
})

test('a family is read behind masks', async ({ page }) => {
  await enter(page)
  const f = await family(page.request)
  await openRecord(page, f)
  await expect(page.getByRole('region', { name: '预约', exact: true }).getByRole('row', { name: /临时取消/ })).toBeVisible()
  await expect(page.getByText(/用了\d+(次|小时)/)).toBeVisible()
  const text = (await page.locator('body').textContent()) ?? ''
  for (const hidden of [f.phone, '示例小满', '示例妈妈', '对鸡蛋过敏', '李外婆', '13900000099']) expect(text).not.toContain(hidden)
  await everyVariant(page, 'resident')
  await page.getByRole('button', { name: '看示*的免费次数流水' }).click()
  await expect(page.getByRole('table', { name: '免费次数流水' })).toBeVisible()
  await everyVariant(page, 'resident-ledger', { keep: false })
})

test('one field is opened for a reason, and is masked again after a minute or when the tab is left', async ({ page }) => {
  await enter(page)
  const f = await family(page.request)
  await page.clock.install()
  await openRecord(page, f)
  const dialog = page.getByRole('dialog', { name: '查看手机号' })
  const open = async () => {
    await page.getByRole('button', { name: '查看手机号' }).click()
    await dialog.getByText('核实信息').click()
    await dialog.getByLabel('理由').fill('家长来电，核实号码')
    await dialog.getByRole('button', { name: '查看', exact: true }).click()
    await expect(page.getByText(f.phone)).toBeVisible()
  }

  await page.getByRole('button', { name: '查看手机号' }).click()
  await dialog.getByLabel('理由').fill('家长来电，核实号码')
  await expect(dialog.getByRole('button', { name: '查看', exact: true })).toBeDisabled() // no reason is chosen
  await dialog.getByText('核实信息').click()
  await dialog.getByLabel('理由').fill('看')
  await expect(dialog.getByText('请写得具体一点，至少两个字。')).toBeVisible()
  await expect(dialog.getByRole('button', { name: '查看', exact: true })).toBeDisabled()
  await everyVariant(page, 'resident-opening')
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()

  const asked = page.waitForRequest(/\/residents\/[^/]+\/openings$/)
  await open()
  expect((await asked).postDataJSON()).toMatchObject({ field: 'phone', reason: 'verify', note: '家长来电，核实号码' })
  await expect(page.getByText(/隐藏（[56]\d秒）/)).toBeVisible()
  await page.clock.fastForward(40_000)
  await expect(page.getByText(f.phone)).toBeVisible()
  await page.clock.fastForward(21_000)
  await expect(page.getByText(f.phone)).toBeHidden()

  await open()
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  })
  await expect(page.getByText(f.phone)).toBeHidden()
})

test('a keeper reads behind masks and opens nothing', async ({ page, browser, errors }) => {
  await enter(page)
  const f = await family(page.request)
  const keeper = await keeperOf(site, page, browser, errors)
  await openRecord(keeper, f)
  await expect(keeper.getByRole('region', { name: '孩子示*' })).toContainText('李*')
  await expect(keeper.getByRole('button', { name: /查看|书面申请/ })).toHaveCount(0)
  const refused = await keeper.request.post(`/console/api/v1/residents/${f.id}/openings`, { data: { field: 'phone', reason: 'verify', note: '想看一下' } })
  expect(refused.status()).toBe(403)
  await keeper.context().close()
})

test('a mark is lifted with a reason', async ({ page }) => {
  await enter(page)
  await openRecord(page, await family(page.request))
  const child = page.getByRole('region', { name: '孩子示*' })
  await child.getByRole('button', { name: /撤销.*的失约记录/ }).click()
  const dialog = page.getByRole('dialog', { name: '撤销失约记录' })
  await dialog.getByLabel('理由').fill('孩子临时住院')
  await dialog.getByRole('button', { name: '撤销', exact: true }).click()
  await expect(child.getByText(/撤销：孩子临时住院/)).toBeVisible()
})

test('a written request: everything is handed over, then the account is closed', async ({ page, expectError }) => {
  expectError(/status of 409/)
  await enter(page)
  const f = await family(page.request)
  await openRecord(page, f)
  await page.getByRole('button', { name: '按书面申请导出' }).click()
  const taking = page.getByRole('dialog', { name: '按书面申请导出' })
  await taking.getByLabel('书面申请的编号或存放处').fill('档案室第12号')
  await taking.getByLabel('申请上写的手机号').fill('139 0000 0000')
  await taking.getByRole('button', { name: '导出', exact: true }).click()
  await expect(taking.getByRole('alert')).toContainText('不一致')
  await taking.getByLabel('申请上写的手机号').fill(f.phone)
  const [download] = await Promise.all([page.waitForEvent('download'), taking.getByRole('button', { name: '导出', exact: true }).click()])
  expect(download.suggestedFilename()).toBe(`家庭档案-${f.id}.json`)
  const held = readFileSync(await download.path(), 'utf8')
  for (const there of [f.phone, '示例小满', '对鸡蛋过敏', '李外婆']) expect(held).toContain(there)

  await page.getByRole('button', { name: '按书面申请注销' }).click()
  const closing = page.getByRole('dialog', { name: '按书面申请注销' })
  await expect(closing).toContainText('还没开始的预约1个')
  await expect(closing.getByRole('button', { name: '注销账号' })).toBeDisabled()
  await closing.getByLabel('书面申请的编号或存放处').fill('档案室第13号')
  await closing.getByLabel('申请上写的手机号').fill(f.phone)
  await everyVariant(page, 'resident-closing')
  await closing.getByRole('button', { name: '注销账号' }).click()
  await expect(page.getByRole('heading', { name: '账号已注销' })).toBeVisible()
  await expect(page.getByRole('region', { name: '预约', exact: true }).getByRole('row', { name: /已删除/ })).toHaveCount(2)
  await everyVariant(page, 'resident-closed', { keep: false })
  await page.getByRole('button', { name: '回到查找' }).click()
  await page.getByLabel(/手机号后四位/).fill(f.phone)
  await page.keyboard.press('Enter')
  await expect(page.getByText(/没有找到。请核对一下/)).toBeVisible()
})
