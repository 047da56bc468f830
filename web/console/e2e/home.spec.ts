import { enter, everyVariant, expect, test } from './console'

test('home says what waits to be done, and where; what does not answer says so alone', async ({ page, expectError }) => {
  expectError(/status of 503/)
  await enter(page)
  await page.route('**/console/api/v1/calendar', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, json: { ...((await response.json()) as object), missing_year: 2031 } })
  })
  await page.route('**/console/api/v1/work', (route) => route.fulfill({ status: 503, json: { code: 'busy', detail: '忙' } }))
  await page.goto('/console/')
  const waiting = page.getByRole('region', { name: '要办的事' })
  await expect(waiting.getByRole('link', { name: '2031年的放假通知该导入了' })).toHaveAttribute('href', /settings/)
  await expect(waiting).toContainText('“任务”现在读不到')
  await page.unroute('**/console/api/v1/work')
  await waiting.getByRole('button', { name: '再试' }).click()
  await expect(waiting).not.toContainText('现在读不到')
  await expect(page.getByRole('table', { name: '接下来的场次' })).toBeVisible()
  await everyVariant(page, 'home')
  await waiting.getByRole('link', { name: '2031年的放假通知该导入了' }).click()
  await expect(page.getByRole('heading', { name: '日历' })).toBeVisible()
})
