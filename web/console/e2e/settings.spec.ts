import { enter, everyVariant, expect, test } from './console'

// The calendar of working days, against the house itself.
test.slow() // every page here is looked at in every theme and size
test.beforeEach(async ({ page }) => enter(page))

test('a year of the calendar is pasted with a fault, mended, looked at and saved', async ({ page, expectError }) => {
  expectError(/422/)
  await page.goto('/console/#/settings/calendar')
  await expect(page.getByRole('region', { name: '2026年' })).toContainText('国庆节')
  await everyVariant(page, 'settings-calendar')
  await page.getByRole('button', { name: '导入一年' }).click()
  const form = page.getByRole('form', { name: '导入一年' })
  const text = form.getByRole('textbox', { name: '放假和调休的日子' })
  await text.fill('2027-01-01,放假,元旦\n2027-01-02,放假,元旦\n2027-01-05,调休')
  await form.getByRole('textbox', { name: '依据' }).fill('示例：关于节假日安排的通知')
  await form.getByRole('button', { name: '先看会改动什么' }).click()
  await expect(form.getByRole('alert')).toContainText('2027-01-05不是周末')
  await text.fill('日期,类型,名称\n2027-01-01,放假,元旦\n2027-01-02,放假,元旦\n2027-01-10,调休')
  await form.getByRole('button', { name: '先看会改动什么' }).click()
  const changes = form.getByRole('region', { name: '会改动的日子' })
  await expect(changes.getByRole('row', { name: /1月10日/ })).toContainText('调休上班')
  await everyVariant(page, 'settings-calendar-import')
  await form.getByRole('button', { name: '保存这一年' }).click()
  const dialog = page.getByRole('dialog', { name: '保存日历' })
  await dialog.getByRole('textbox', { name: '理由' }).fill('示例：新的通知')
  await dialog.getByRole('button', { name: '保存', exact: true }).click()
  await expect(page.getByRole('region', { name: '2027年' })).toContainText('1月1日至1月2日')
  await expect(page.getByRole('region', { name: '2027年' })).toContainText('按正式通知')
  await page.goto('/console/#/planning?week=2026-12-28')
  await expect(page.getByRole('heading', { name: '2027年1月1日 周五，元旦' })).toBeVisible() // the window is still a narrow one
  await page.getByText('日历', { exact: true }).click()
  await expect(page.getByRole('region', { name: '1月1日 周五，元旦' })).toContainText('元旦')
  await everyVariant(page, 'planning-holidays', { keep: false })
})
