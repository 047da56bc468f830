import { enter, everyVariant, expect, pickFrom, test } from './console'

// Planning a week of a site, against the house itself. The tests build on each other's sessions.
test.beforeEach(async ({ page }) => enter(page))

const days = (ahead: number) => new Date(Date.now() + (8 * 60 + ahead * 24 * 60) * 60_000).toISOString().slice(0, 10) // in Shanghai

test('the week is a calendar and a list, and a session tells all about itself', async ({ page }) => {
  await page.goto(`/console/#/planning?week=${days(1)}`)
  await expect(page.getByRole('heading', { name: '排期' })).toBeVisible()
  const block = page.getByRole('button', { name: /09:00–11:30，活动室，可预约，已约0\/8/ }).first()
  await expect(block).toBeVisible()
  await everyVariant(page, 'planning-week')
  await block.click()
  await expect(page.getByRole('dialog', { name: '场次' })).toContainText('没有人候补')
  await everyVariant(page, 'planning-session')
  await page.keyboard.press('Escape')
  await page.getByText('列表', { exact: true }).click()
  await expect(page.getByRole('button', { name: /09:00–11:30/ }).first()).toBeVisible()
  await everyVariant(page, 'planning-list', { keep: false })
  await page.getByRole('button', { name: '下一周' }).click()
  await expect(page.getByRole('heading', { level: 2 }).first()).not.toContainText(String(Number(days(1).slice(8))))
})

test('places are changed with a reason, and a session is closed with a look at who is affected', async ({ page }) => {
  await page.goto(`/console/#/planning?week=${days(1)}`)
  await page.getByRole('button', { name: /活动室，可预约，已约0\/8/ }).first().click()
  await page.getByRole('button', { name: '改名额' }).click()
  const places = page.getByRole('dialog', { name: '改名额' })
  await places.getByRole('spinbutton', { name: '新的名额' }).fill('6')
  await places.getByRole('textbox', { name: '理由' }).fill('少一位老师')
  await places.getByRole('button', { name: '改名额' }).click()
  await expect(page.getByRole('dialog', { name: '场次', exact: true })).toContainText('/ 6')
  await page.getByRole('button', { name: '停开这一场' }).click()
  const closing = page.getByRole('dialog', { name: '停开这一场' })
  await expect(closing.getByText('取消预约')).toBeVisible()
  await closing.getByRole('textbox', { name: '理由' }).fill('设备检修')
  await everyVariant(page, 'planning-closing')
  await closing.getByRole('button', { name: '停开并通知家长' }).click()
  await expect(page.getByRole('dialog', { name: '场次', exact: true })).toContainText('设备检修')
})

test('a weekly plan is added, changed and ended', async ({ page, expectError }) => {
  await page.goto('/console/#/planning/templates')
  await expect(page.getByRole('table', { name: '每周计划' })).toBeVisible()
  await everyVariant(page, 'planning-templates')
  await page.getByRole('button', { name: '添加计划' }).click()
  const form = page.getByRole('dialog', { name: '添加每周计划' })
  await form.getByText('周三').click()
  await form.getByRole('combobox', { name: '活动室' }).fill('示例二楼')
  await page.keyboard.press('Enter')
  for (const name of ['服务', '照护人员']) {
    await pickFrom(form.getByRole('combobox', { name }), page.getByRole('option').filter({ visible: true }).first())
  }
  await form.getByLabel('开始').fill('14:00')
  await form.getByLabel('结束').fill('16:00')
  await everyVariant(page, 'planning-template-form', { keep: false })
  await form.getByRole('button', { name: '添加', exact: true }).click()
  const row = page.getByRole('row', { name: /周三 14:00–16:00 示例二楼/ })
  await expect(row).toBeVisible()

  expectError(/409/)
  await page.getByRole('button', { name: '添加计划' }).click()
  await form.getByRole('combobox', { name: '活动室' }).fill('示例二楼')
  await page.keyboard.press('Enter')
  await pickFrom(form.getByRole('combobox', { name: '照护人员' }), page.getByRole('option').filter({ visible: true }).first())
  await form.getByRole('button', { name: '添加', exact: true }).click()
  await expect(form.getByRole('alert')).toContainText('这个活动室在这段时间已有每周计划')
  await form.getByRole('button', { name: '返回' }).click()

  await row.getByRole('button', { name: /修改/ }).click()
  const change = page.getByRole('dialog', { name: '修改每周计划' })
  await change.getByRole('spinbutton', { name: '名额' }).fill('7')
  await change.getByRole('button', { name: '修改', exact: true }).click()
  await expect(row).toContainText('7')
  await row.getByRole('button', { name: /结束/ }).click()
  const end = page.getByRole('dialog', { name: '结束每周计划' })
  await end.getByRole('textbox', { name: '理由' }).fill('示例楼层装修')
  await expect(end.getByText('正在计算')).toBeHidden()
  await everyVariant(page, 'planning-template-end', { keep: false })
  await end.getByRole('button', { name: '结束这条计划' }).click()
  await expect(row).toContainText('为止')
})

test('a day is closed with a look at who is affected, and opened again', async ({ page }) => {
  await page.goto('/console/#/planning/exceptions')
  await page.getByRole('button', { name: '添加例外' }).click()
  const form = page.getByRole('dialog', { name: '添加例外安排' })
  await form.getByLabel('从哪天起').fill(days(20))
  await form.getByRole('textbox', { name: '理由' }).fill('消防演习')
  await expect(form.getByText('正在计算')).toBeHidden()
  await everyVariant(page, 'planning-exception-form', { keep: false })
  await form.getByRole('button', { name: '停开并通知家长' }).click()
  const row = page.getByRole('row', { name: /整个宝宝屋.*消防演习/ })
  await expect(row).toContainText('停开')
  await everyVariant(page, 'planning-exceptions')
  await row.getByRole('button', { name: /撤回/ }).click()
  await page.getByRole('dialog', { name: '撤回例外安排' }).getByRole('button', { name: '撤回', exact: true }).click()
  await expect(row).toContainText('已撤回')
})

test('owed work, and what the night found', async ({ page }) => {
  await page.goto('/console/#/work')
  await expect(page.getByRole('heading', { name: '每晚核对' })).toBeVisible()
  await expect(page.getByText('没有停下的任务。')).toBeVisible()
  await everyVariant(page, 'work', { keep: false })
})

test('a task that has stopped is tried again, and what does not add up is told', async ({ page }) => {
  const dead = { id: 'W1', kind: 'deliver', subject_id: '01KC000000000000000000000N', attempts: 12, last_error: 'dial tcp: i/o timeout', created_at: '2026-11-24T01:00:00+08:00', failed_at: '2026-11-24T03:00:00+08:00' }
  const figure = { kind: 'deliver', owed: 3, due: 2, failing: 1, dead: 1, oldest_due_at: '2026-11-24T02:00:00+08:00', overdue_seconds: 4000 }
  const audit = { started_at: '2026-11-24T03:00:00+08:00', ended_at: '2026-11-24T03:01:00+08:00', drifts: [{ rule: 'slot places within capacity', drifts: 1 }], items: [{ id: 'F1', rule: 'slot places within capacity', subject_id: '01KC000000000000000000000S' }] }
  await page.route('**/api/v1/work', (r) => r.fulfill({ json: { items: [figure] } }))
  await page.route('**/work/dead-letters?**', (r) => r.fulfill({ json: { items: [dead] } }))
  await page.route('**/api/v1/audit?**', (r) => r.fulfill({ json: audit }))
  const asked: unknown[] = []
  await page.route('**/work/W1/retry', async (r) => {
    asked.push(r.request().postDataJSON())
    await r.fulfill({ status: 204 })
  })
  await page.goto('/console/#/work')
  await expect(page.getByText('场次占用的名额超过总数').first()).toBeVisible()
  await everyVariant(page, 'work-trouble')
  await page.getByRole('button', { name: /重办：发送微信消息/ }).click()
  await page.getByRole('textbox', { name: '理由' }).fill('网络已恢复')
  await page.getByRole('dialog').getByRole('button', { name: '重办', exact: true }).click()
  await expect(page.getByText('已重新安排')).toBeVisible()
  expect(asked).toEqual([{ reason: '网络已恢复' }])
})
