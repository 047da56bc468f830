import { randomBytes } from 'node:crypto'
import { deflateSync } from 'node:zlib'

import type { Page } from '@playwright/test'

import { enter, everyVariant, expect, keeperOf, pickFrom, test } from './console'

// The sites, against the house itself. What is made here sorts behind the site the other tests use, and is suspended again.
test.beforeEach(async ({ page }) => {
  test.slow() // every page here is looked at in every theme and size
  await enter(page)
})

const days = (ahead: number) => new Date(Date.now() + (8 * 60 + ahead * 24 * 60) * 60_000).toISOString().slice(0, 10) // in Shanghai

// call asks the house from the page, as another window of the same person would.
async function call<T>(page: Page, method: string, path: string, body?: unknown): Promise<T> {
  return page.evaluate(
    async ([method, path, body]) => {
      const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }
      const answer = await fetch(`/console/api/v1${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
      if (!answer.ok) throw new Error(await answer.text())
      return answer.json() as Promise<never>
    },
    [method, path, body] as const,
  )
}

const fields = {
  subdistrict_code: '310104013', name: '示例云朵宝宝屋', host_kind: '邻里汇', host_name: '示例邻里汇', address: '示例路8号2楼', latitude: 31.1612,
  longitude: 121.4187, phone: '021-64000000', hours: '周一至周五 9:00–16:30', intro: '带一个朝南的小院子。',
}

async function openSite(page: Page, change: Partial<typeof fields>): Promise<{ id: string }> {
  await page.goto('/console/#/sites')
  await expect(page.getByRole('heading', { name: '宝宝屋', exact: true })).toBeVisible()
  const made = await call<{ id: string }>(page, 'POST', '/sites', { ...fields, ...change })
  await page.goto(`/console/#/sites/one?site=${made.id}`)
  await page.reload() // the pages read which sites there are when they open
  await expect(page.getByRole('heading', { name: change.name ?? fields.name })).toBeVisible()
  return made
}

async function pick(page: Page, name: string, option: string) {
  await pickFrom(page.getByRole('combobox', { name }), page.getByRole('option', { name: option }).filter({ visible: true }))
}

// painted is a picture as PNG, of three bytes a pixel.
function painted(width: number, height: number, pixels: Buffer): Buffer {
  const chunk = (kind: string, content: Buffer) => {
    const body = Buffer.concat([Buffer.from(kind), content])
    const frame = Buffer.alloc(8)
    frame.writeUInt32BE(content.length)
    frame.writeUInt32BE(crc(body), 4)
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width)
  head.writeUInt32BE(height, 4)
  head.set([8, 2], 8)
  const rows = Buffer.alloc(height * (1 + 3 * width))
  for (let y = 0; y < height; y++) pixels.copy(rows, y * (1 + 3 * width) + 1, 3 * width * y, 3 * width * (y + 1))
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

function crc(bytes: Buffer): number {
  let rest = 0xffffffff
  for (const byte of bytes) {
    rest ^= byte
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1
  }
  return (rest ^ 0xffffffff) >>> 0
}

const shaded = (width: number, height: number, shade: (x: number, y: number) => number[]) =>
  painted(width, height, Buffer.from(Array.from({ length: width * height }, (_, at) => shade(at % width, Math.floor(at / width))).flat()))

const garden = shaded(240, 180, (x, y) => (y > 120 ? [96, 150, 90] : (x - 170) ** 2 + (y - 50) ** 2 < 700 ? [248, 205, 90] : [190 - y / 4, 222, 240]))
const blocks = shaded(180, 240, (x, y) => [[214, 110, 92], [90, 140, 200], [240, 200, 96]][(Math.floor(x / 60) + Math.floor(y / 60)) % 3] ?? [])

test('a site is opened: its papers, and a pin on the map', async ({ page, expectError }) => {
  await page.goto('/console/#/sites')
  await expect(page.getByRole('list', { name: '宝宝屋' }).getByRole('listitem').first()).toBeVisible()
  await everyVariant(page, 'sites')
  await page.getByRole('button', { name: '新建宝宝屋' }).click()
  await expect(page.getByText('还要填：名称')).toBeVisible()
  await page.getByRole('textbox', { name: '名称', exact: true }).fill('示例云朵宝宝屋')
  await pick(page, '街镇', '康健新村街道')
  await pick(page, '所在设施的类型', '邻里汇')
  await page.getByRole('textbox', { name: '所在设施的名称' }).fill('示例邻里汇')
  await page.getByRole('textbox', { name: '地址' }).fill('示例路8号2楼')
  await page.getByRole('textbox', { name: '接待时间' }).fill('周一至周五 9:00–16:30')
  await page.getByRole('textbox', { name: '电话' }).fill('打我手机')
  const latitude = page.getByRole('textbox', { name: '纬度' })
  await latitude.fill('121.4187')
  await page.getByRole('textbox', { name: '经度' }).fill('31.1612')
  await page.getByRole('button', { name: '换过来' }).click()
  await expect(latitude).toHaveValue('31.1612')
  const map = page.getByRole('application')
  await map.focus()
  await page.keyboard.press('Shift+ArrowUp')
  await expect(latitude).toHaveValue('31.1621')
  await map.click({ position: { x: 20, y: 20 } })
  await expect(page.getByText(/离所选的街镇有大约\d+公里/)).toBeVisible()
  await latitude.fill('31.1612')
  await page.getByRole('textbox', { name: '经度' }).fill('121.4187')
  await page.evaluate(() => scrollTo(0, 0))
  await everyVariant(page, 'site-new')
  expectError(/422/)
  await page.getByRole('button', { name: '新建', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('电话不对')
  await page.getByRole('textbox', { name: '电话' }).fill('021-64000000转8')
  await page.getByRole('button', { name: '新建', exact: true }).click()
  await expect(page.getByRole('heading', { name: '示例云朵宝宝屋' })).toBeVisible()
  await expect(page.getByText('暂停接待', { exact: true }).first()).toBeVisible()
})

test('a room, a carer and pictures are added, and then families find the site', async ({ page }) => {
  await openSite(page, { name: '示例星星宝宝屋' })
  await page.getByRole('button', { name: '添加活动室' }).click()
  const room = page.getByRole('dialog', { name: '添加活动室' })
  await room.getByRole('textbox', { name: '名称' }).fill('一楼活动室')
  await room.getByRole('button', { name: '添加', exact: true }).click()
  await expect(page.getByRole('listitem').filter({ hasText: '一楼活动室' })).toContainText('在用')

  await page.getByRole('button', { name: '添加照护人员' }).click()
  const carer = page.getByRole('dialog', { name: '添加照护人员' })
  await carer.getByRole('textbox', { name: '姓名' }).fill('示例老师阿桂')
  await carer.getByLabel('第1张证书的发证机关').fill('示例市教育局')
  await carer.getByLabel('第1张证书的发证日期').fill('2020-05-01')
  await carer.getByLabel('第2张证书的发证机关').fill('示例市人社局')
  await carer.getByLabel('第2张证书的发证日期').fill('2021-05-01')
  await carer.getByLabel('第2张证书的有效期').fill(days(20))
  await carer.getByRole('button', { name: '添加', exact: true }).click()
  await expect(page.getByRole('row', { name: /高级育婴师证/ })).toContainText('快到期')

  for (const [caption, buffer] of [['朝南的小院子', garden], ['积木区', blocks]] as const) {
    await page.getByRole('button', { name: '添加照片' }).click()
    const upload = page.getByRole('dialog', { name: '添加照片' })
    await upload.getByLabel('照片文件').setInputFiles({ name: '示例.png', mimeType: 'image/png', buffer })
    await upload.getByRole('textbox', { name: '说明' }).fill(caption)
    await upload.getByRole('button', { name: '添加', exact: true }).click()
    await expect(page.getByRole('img', { name: caption })).toBeVisible()
  }
  await page.getByRole('button', { name: '前移：积木区' }).click()
  await expect(page.getByRole('button', { name: '前移：积木区' })).toBeDisabled()
  await page.evaluate(() => scrollTo(0, 0))
  await everyVariant(page, 'site')
  const picture = await page.getByRole('img', { name: '积木区' }).getAttribute('src')
  const got = await page.request.get(picture ?? '')
  expect([got.status(), got.headers()['content-type']]).toEqual([200, 'image/jpeg'])

  await page.getByRole('button', { name: '恢复接待' }).click()
  const reopening = page.getByRole('dialog', { name: '恢复接待' })
  await reopening.getByRole('textbox', { name: '理由' }).fill('开张')
  await reopening.getByRole('button', { name: '恢复接待' }).click()
  await expect(page.getByText('接待中')).toBeVisible()
  await page.getByRole('button', { name: '家长看到的样子' }).click()
  const preview = page.getByRole('dialog', { name: '家长看到的样子' })
  await expect(preview.getByRole('heading', { name: '示例星星宝宝屋' })).toBeVisible()
  await expect(preview.getByText('示例老师阿桂')).toBeVisible()
  await everyVariant(page, 'site-preview')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: '暂停接待' }).click()
  await page.getByRole('textbox', { name: '理由' }).fill('示例到此为止')
  await page.getByRole('dialog').getByRole('button', { name: '暂停接待' }).click()
  await expect(page.getByRole('button', { name: '恢复接待' })).toBeVisible()
})

test('what another changed meanwhile is told, and nothing typed is lost', async ({ page, expectError }) => {
  const { id } = await openSite(page, { name: '示例雨燕宝宝屋' })
  await page.getByRole('button', { name: '修改资料' }).click()
  await page.getByRole('textbox', { name: '接待时间' }).fill('每天 8:00–18:00')
  await call(page, 'PUT', `/sites/${id}`, { ...fields, name: '示例雨燕宝宝屋', hours: '周末休息', phone: '021-64000001', version: 1 })
  await page.getByRole('link', { name: '排期' }).click()
  await page.getByRole('dialog', { name: '还没有保存' }).getByRole('button', { name: '留下' }).click()
  expectError(/409/)
  await page.getByRole('button', { name: '保存', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('您填写的都还在')
  await expect(page.getByRole('textbox', { name: '接待时间' })).toHaveValue('每天 8:00–18:00')
  await expect(page.getByRole('textbox', { name: '电话' })).toHaveValue('021-64000001')
  await expect(page.getByText('现在是“周末休息”，您填的是“每天 8:00–18:00”')).toBeVisible()
  await page.evaluate(() => scrollTo(0, 0))
  await everyVariant(page, 'site-changed', { keep: false })
  await page.getByRole('button', { name: '保存', exact: true }).click()
  await expect(page.getByRole('heading', { name: '资料' })).toBeVisible()
  await expect(page.getByText('每天 8:00–18:00')).toBeVisible()
  await expect(page.getByText('021-64000001')).toBeVisible()
  await page.getByRole('button', { name: '添加照护人员' }).click()
  await expect(page.getByRole('dialog', { name: '添加照护人员' })).toBeVisible()
  await everyVariant(page, 'site-carer', { keep: false })
})

test('rooms and carers come and go, and a picture is renamed and removed', async ({ page, expectError }) => {
  const { id } = await openSite(page, { name: '示例月牙宝宝屋' })
  await expect(page.getByText('还没有活动室。')).toBeVisible()
  await everyVariant(page, 'site-empty', { keep: false })
  await call(page, 'POST', `/sites/${id}/rooms`, { name: '旧名', note: '' })
  await call(page, 'POST', `/sites/${id}/carers`, { name: '示例老师阿竹', title: '', intro: '', certificates: [] })
  await page.reload()
  await page.getByRole('button', { name: '改名：旧名' }).click()
  const room = page.getByRole('dialog', { name: '改活动室的名称' })
  await room.getByRole('textbox', { name: '名称' }).fill('彩虹教室')
  await room.getByRole('button', { name: '保存', exact: true }).click()
  await page.getByRole('button', { name: '停用：彩虹教室' }).click()
  await expect(page.getByRole('listitem').filter({ hasText: '彩虹教室' })).toContainText('停用')
  await page.getByRole('button', { name: '恢复：彩虹教室' }).click()
  await expect(page.getByRole('button', { name: '停用：彩虹教室' })).toBeVisible()

  await expect(page.getByText('缺少今天有效的教师资格证、高级育婴师证。')).toBeVisible()
  await page.getByRole('button', { name: '离岗：示例老师阿竹' }).click()
  await page.getByText('也看离岗的1人').click()
  await page.getByRole('button', { name: '回岗：示例老师阿竹' }).click()
  await expect(page.getByRole('button', { name: '离岗：示例老师阿竹' })).toBeVisible()

  expectError(/422/)
  await page.getByRole('button', { name: '添加照片' }).click()
  const upload = page.getByRole('dialog', { name: '添加照片' })
  await upload.getByRole('textbox', { name: '说明' }).fill('门口')
  await upload.getByLabel('照片文件').setInputFiles({ name: '示例.png', mimeType: 'image/png', buffer: garden.subarray(0, 400) })
  await upload.getByRole('button', { name: '添加', exact: true }).click()
  await expect(upload.getByRole('alert')).toContainText('打不开这张照片')
  await expect(upload.getByRole('textbox', { name: '说明' })).toHaveValue('门口')
  await upload.getByLabel('照片文件').setInputFiles({ name: '示例.png', mimeType: 'image/png', buffer: garden })
  await everyVariant(page, 'site-photo', { keep: false })
  await upload.getByRole('button', { name: '添加', exact: true }).click()
  await page.getByRole('button', { name: '改说明：门口' }).click()
  const caption = page.getByRole('dialog', { name: '改照片说明' })
  await caption.getByRole('textbox', { name: '说明' }).fill('院子')
  await caption.getByRole('button', { name: '保存', exact: true }).click()
  await page.getByRole('button', { name: '删去：院子' }).click()
  await page.getByRole('dialog', { name: '删去照片' }).getByRole('button', { name: '删去' }).click()
  await expect(page.getByText('还没有照片。')).toBeVisible()
})

test('a picture larger than the house takes is made smaller on the way', async ({ page }) => {
  await openSite(page, { name: '示例溪流宝宝屋' })
  const buffer = painted(1500, 1300, randomBytes(1500 * 1300 * 3)) // noise, which does not compress
  expect(buffer.length).toBeGreaterThan(5.5 * 1024 * 1024)
  await page.getByRole('button', { name: '添加照片' }).click()
  const upload = page.getByRole('dialog', { name: '添加照片' })
  await upload.getByRole('textbox', { name: '说明' }).fill('大照片')
  await upload.getByLabel('照片文件').setInputFiles({ name: '示例.png', mimeType: 'image/png', buffer })
  await upload.getByRole('button', { name: '添加', exact: true }).click()
  await expect(page.getByRole('img', { name: '大照片' })).toBeVisible()
})

test('a keeper reads the papers of the own site and changes nothing; another site is not there', async ({ page, browser, errors, expectError }) => {
  const other = await openSite(page, { name: '示例松果宝宝屋' })
  const { id } = await openSite(page, { name: '示例铃铛宝宝屋' })
  await call(page, 'POST', `/sites/${id}/rooms`, { name: '铃铛间', note: '' })
  await call(page, 'POST', `/sites/${id}/carers`, { name: '示例老师阿铃', title: '', intro: '', certificates: [] })
  const keeper = await keeperOf(id, page, browser, errors)
  await keeper.goto('/console/#/sites')
  await expect(keeper.getByRole('list', { name: '宝宝屋', exact: true }).getByRole('listitem').filter({ hasText: '示例铃铛宝宝屋' })).toBeVisible()
  await expect(keeper.getByText('示例松果宝宝屋')).toHaveCount(0)
  await keeper.getByRole('link', { name: '示例铃铛宝宝屋' }).click()
  for (const there of ['铃铛间', '示例老师阿铃', '周一至周五 9:00–16:30']) await expect(keeper.getByText(there).first()).toBeVisible()
  await expect(keeper.locator('main').getByRole('button')).toHaveText(['家长看到的样子'])
  await everyVariant(keeper, 'site-keeper', { keep: false })

  for (const address of ['edit', 'new']) {
    await keeper.goto(`/console/#/sites/${address}?site=${id}`)
    await expect(keeper.getByRole('heading', { level: 1 })).toContainText('不')
  }
  const version = { version: 1, reason: '试一下' }
  const asked = async (method: string, path: string, data?: object) => {
    const answer = await keeper.request.fetch(`/console/api/v1${path}`, { method, ...(data ? { data } : {}) })
    return `${answer.status()} ${((await answer.json()) as { code?: string }).code ?? ''}`
  }
  expect(await asked('GET', `/sites/${id}`)).toBe('200 ')
  for (const path of ['suspension', 'reopening']) expect(await asked('POST', `/sites/${id}/${path}`, version)).toBe('403 not_permitted')
  expect(await asked('PUT', `/sites/${id}`, { ...fields, version: 1 })).toBe('403 not_permitted')
  expect(await asked('POST', '/sites', fields)).toBe('403 not_permitted')
  expect(await asked('POST', `/sites/${id}/rooms`, { name: '新间', note: '' })).toBe('403 not_permitted')
  expect(await asked('GET', `/sites/${other.id}`)).toBe('404 site_not_found')

  expectError(/status of 404/)
  await keeper.goto(`/console/#/sites/one?site=${other.id}`)
  await expect(keeper.getByRole('alert')).toContainText('没有找到')
  await expect(keeper.getByText('示例松果宝宝屋')).toHaveCount(0)
  await keeper.context().close()
})
