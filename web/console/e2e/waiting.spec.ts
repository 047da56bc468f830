import type { Locator, Page } from '@playwright/test'

import { enter, everyVariant, expect, keeperOf, test } from './console'
import { register } from './resident'

// The waiting list of a session with one place, which app/console_test.go has made, with families who book and wait by themselves.
const { site = '', slot = '' } = JSON.parse(process.env['CONSOLE_WAITING'] ?? '{}') as { site?: string; slot?: string }

test('who waits is seen by turn and without a name; a place more is offered to the first', async ({ page, browser, request, errors }) => {
  test.slow() // several families, and three looks in every theme and size
  const families = [
    { name: 'yang', phone: '13900000051', child: '杨示例' },
    { name: 'zhu', phone: '13900000052', child: '朱示例' },
    { name: 'qin', phone: '13900000053', child: '秦示例' },
  ]
  const [booked, first, second] = await Promise.all(families.map((f) => register(request, f.name, f.phone, f.child)))
  if (!booked || !first || !second) throw new Error('three families')
  const { start_at: start } = await booked.call('POST', `/slots/${slot}/bookings`, { child_id: booked.child })
  const places = [await first.call('POST', `/slots/${slot}/waiting`, { child_id: first.child }), await second.call('POST', `/slots/${slot}/waiting`, { child_id: second.child })]
  expect(places.map((p) => p.rank)).toEqual([1, 2])

  await enter(page)
  const keeper = await keeperOf(site, page, browser, errors)
  await keeper.goto(`/console/#/planning?week=${start.slice(0, 10)}`)
  const panel = keeper.getByRole('dialog', { name: '场次', exact: true })
  const line = panel.getByRole('table', { name: '候补名单' })
  await open(keeper, panel)
  await expect(panel).toContainText('/ 1')
  await expect(line.getByRole('row')).toHaveCount(3)
  await expect(line.getByRole('row').nth(1)).toContainText(/^1.*候补中/s)
  await expect(line.getByRole('row').nth(2)).toContainText(/^2.*候补中/s)
  const text = (await keeper.locator('body').textContent()) ?? ''
  for (const { child, phone } of families) for (const hidden of [child, phone, phone.slice(-4)]) expect(text).not.toContain(hidden)
  await everyVariant(keeper, 'planning-waiting')

  await panel.getByRole('button', { name: '改名额' }).click()
  const change = keeper.getByRole('dialog', { name: '改名额' })
  await change.getByRole('spinbutton', { name: '新的名额' }).fill('2')
  await change.getByRole('textbox', { name: '理由' }).fill('多一位老师')
  await change.getByRole('button', { name: '改名额' }).click()
  await expect(panel).toContainText('/ 2')
  await expect(line.getByRole('row').nth(1)).toContainText(/^1.*保留到.*待确认/s, { timeout: 30_000 }) // without being opened again
  await expect(line.getByRole('row').nth(2)).toContainText(/^2.*候补中/s)
  await expect(figure(panel, '保留')).toContainText('1')
  await expect(figure(panel, '候补')).toContainText('1')
  await everyVariant(keeper, 'planning-waiting-offered', { keep: false })

  await first.call('POST', `/waiting/${places[0]?.id}/acceptance`, {})
  await panel.getByRole('button', { name: '关闭' }).click()
  await expect(panel).toBeHidden()
  await open(keeper, panel)
  await expect(figure(panel, '已约')).toContainText('2')
  await expect(line.getByRole('row')).toHaveCount(2)
  await expect(line.getByRole('row').nth(1)).toContainText(/^2.*候补中/s) // a turn is kept, whoever is before it
  await keeper.context().close()
})

const open = (page: Page, panel: Locator) =>
  expect(async () => {
    await page.getByRole('button', { name: /示例候补间，/ }).first().click({ timeout: 5_000 })
    await expect(panel).toBeVisible({ timeout: 5_000 })
  }).toPass()

const figure = (panel: Locator, name: string) => panel.locator('.figures > *').filter({ hasText: name })
