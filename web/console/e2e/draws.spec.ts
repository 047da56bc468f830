import { readFileSync } from 'node:fs'

import { enter, everyVariant, expect, test } from './console'
import { register } from './resident'

test.beforeEach(async ({ page }) => enter(page))

test('a draw is found, and the source of its randomness announced', async ({ page }) => {
  await page.goto('/console/#/draws')
  await expect(page.getByRole('table', { name: '摇号的场次' })).toContainText('报名中')
  await everyVariant(page, 'draws', { keep: false })
  await page.getByRole('link', { name: /查看摇号/ }).first().click()
  await expect(page.getByRole('heading', { name: '一场摇号' })).toBeVisible()
  await page.getByRole('textbox', { name: '随机数来源' }).fill('示例彩票第2026136期开奖号')
  await page.getByRole('button', { name: '公布' }).click()
  await expect(page.getByRole('definition').filter({ hasText: '示例彩票第2026136期开奖号' })).toBeVisible()
  await everyVariant(page, 'draw-open')
})

test('a draw from its announcement to the published result, by the house itself', async ({ page, request }) => {
  const slot = process.env['CONSOLE_DRAW'] ?? ''
  await page.goto(`/console/#/draws/${slot}`)
  await expect(page.getByText('正在报名')).toBeVisible()
  const families = [await register(request, 'zheng', '13900000031', '郑示例'), await register(request, 'feng', '13900000032', '冯示例')]
  const applications: string[] = []
  for (const { call, child } of families) applications.push((await call('POST', `/slots/${slot}/applications`, { child_id: child })).id)
  await page.getByRole('textbox', { name: '随机数来源' }).fill('示例彩票第2026137期开奖号')
  await page.getByRole('button', { name: '公布' }).click()
  const number = page.getByRole('textbox', { name: '公共随机数' })
  const until = (seen: () => Promise<void>) =>
    expect(async () => {
      await page.getByRole('button', { name: '刷新' }).click()
      await seen()
    }).toPass({ timeout: 40_000, intervals: [1000] })
  await until(() => expect(number).toBeVisible({ timeout: 1000 })) // app/console_test.go ends the applications
  await number.fill('03 11 17 + 04')
  await page.getByRole('button', { name: '摇号', exact: true }).click()
  await page.getByRole('button', { name: '核对过了，摇号' }).click()
  await until(() => expect(page.getByText('已经摇号，结果已公布')).toBeVisible({ timeout: 1000 }))
  const order = page.getByRole('table', { name: '摇出的次序' })
  for (const id of applications) await expect(order).toContainText(id)
  await expect(order.getByText('中签', { exact: true })).toHaveCount(1)
  const known = (await (await request.get(`/api/v1/slots/${slot}/draw`)).json()) as { status: string; winners: number; result: string }
  expect([known.status, known.winners]).toEqual(['drawn', 1])
  await expect(page.getByText(known.result)).toBeVisible()
})

// What takes days in the house is pretended: the end of applications, and the result.
const view = {
  slot_id: 'S', status: 'closed', algorithm: 'jiamenkou-draw-1', draw_at: '2026-11-24T09:00:00+08:00', commitment: '4773d12e2371bb935b9a0f5439b4a1c3ad3f2414b86980f8418d1cfabdfadfef',
  source: '示例彩票第2026136期开奖号', digest: 'b2e562fb1347f0f400b043b49adae99d3719149deeba5b48fdee56cc049871e2', wait_until: '2026-11-25T09:00:00+08:00', applications: 3, winners: 0, result: '',
}
const counts = { applied: 3, withdrawn: 1, lost: 0, void: 0, places: 0, randomness: '', randomness_by: '' }
const drawn = { draw: { ...view, status: 'drawn', winners: 1, drawn_at: '2026-11-24T21:30:00+08:00', result: 'e84deee46201a96d1fe1aded3da61ab76249084829383d0852bee6a10f3491ac' }, ...counts, applied: 0, lost: 1, places: 1, randomness: '02 09 13 + 07' }
const document = {
  algorithm: 'jiamenkou-draw-1', slot_id: 'S', draw_at: '', source: view.source, commitment: view.commitment, digest: view.digest, nonce: '', randomness: '', seed: '', places: 1, drawn_at: '', result: '',
  applications: [{ id: '01KC0000000000000000000001', visited: true, out: false }, { id: '01KC0000000000000000000002', visited: false, out: true }, { id: '01KC0000000000000000000003', visited: false, out: false }],
  order: ['01KC0000000000000000000002', '01KC0000000000000000000003', '01KC0000000000000000000001'], winners: ['01KC0000000000000000000003'],
}

test('randomness is entered after one more look, and the result is shown without names and kept as a file', async ({ page }) => {
  let now: unknown = { draw: view, ...counts }
  await page.goto('/console/#/draws')
  await page.route('**/slots/*/draw', (r) => r.fulfill({ json: now }))
  await page.route('**/slots/*/draw/document', (r) => r.fulfill({ json: document }))
  const sent: unknown[] = []
  await page.route('**/slots/*/draw/randomness', async (r) => {
    sent.push(r.request().postDataJSON())
    now = drawn
    await r.fulfill({ json: drawn.draw })
  })
  await page.getByRole('link', { name: /查看摇号/ }).first().click()
  await page.getByRole('textbox', { name: '公共随机数' }).fill('02 09 13 + 07')
  await everyVariant(page, 'draw-waiting', { keep: false })
  await page.getByRole('button', { name: '摇号', exact: true }).click()
  await page.getByRole('button', { name: '核对过了，摇号' }).click()
  await expect(page.getByRole('table', { name: '摇出的次序' })).toContainText('中签')
  expect(sent).toEqual([{ randomness: '02 09 13 + 07' }])
  await page.getByText('怎样核对').click()
  await everyVariant(page, 'draw-result')
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '导出全部依据' }).click()])
  expect(JSON.parse(readFileSync(await file.path(), 'utf8'))).toEqual(document)
})
