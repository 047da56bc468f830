import { enter, everyVariant, expect, test } from './console'

// What WeChat messages look like, kind by kind, against the house itself.
test.slow() // every page here is looked at in every theme and size
test.beforeEach(async ({ page }) => enter(page))

const fresh = 'example-template-of-the-pages-0123456789012'

test('a template is changed with a fault, mended, previewed, and stands as a version', async ({ page, expectError }) => {
  expectError(/422/)
  await page.goto('/console/#/settings/calendar')
  await page.getByRole('navigation', { name: '设置的各页' }).getByRole('link', { name: '消息模板' }).click()
  const row = page.getByRole('table', { name: '消息模板' }).getByRole('row', { name: /候补有名额/ })
  await expect(row).toContainText('demo-place_offered')
  await expect(row).toContainText('设置文件')
  await everyVariant(page, 'settings-templates')
  await row.getByRole('link', { name: '查看：候补有名额' }).click()
  await expect(page.getByRole('figure', { name: /候补有名额/ })).toContainText('2030年1月2日 09:00~11:30')
  await expect(page.getByRole('region', { name: '各版' })).toContainText('还没有在工作台改过')

  await page.getByRole('button', { name: '换模板' }).click()
  const form = page.getByRole('form', { name: '换模板' })
  await expect(form.getByRole('button', { name: '保存' })).toBeDisabled()
  await form.getByRole('textbox', { name: '模板ID' }).fill('too short')
  await expect(form.getByRole('status').filter({ hasText: '还没有家长同意收新模板的消息' })).toBeVisible()
  await form.getByRole('textbox', { name: '打开的页面' }).fill('/pages/notices/index')
  await form.getByRole('textbox', { name: '理由' }).fill('示例：微信换了模板')
  await form.getByRole('button', { name: '保存' }).click()
  await expect(form.getByRole('alert')).toContainText('模板填得不对')
  await expect(form).toContainText('请从微信公众平台')
  await expect(form).toContainText('开头没有斜线')

  await form.getByRole('textbox', { name: '模板ID' }).fill(`${fresh} `)
  await form.getByRole('textbox', { name: '打开的页面' }).fill('pages/waiting/one?id={id}')
  await form.getByRole('button', { name: '再加一个字段' }).click()
  const field = form.getByRole('group', { name: '第4个字段' })
  await field.getByRole('combobox', { name: '第4个字段显示什么' }).press('Enter') // by the keyboard alone
  await field.getByRole('option', { name: '提示' }).click()
  const preview = form.getByRole('figure', { name: /候补有名额/ })
  await expect(preview).toContainText('已为孩子保留，请尽快确认')
  await expect(preview).toContainText('示例街道第一居民区党群服务中心二楼示例…')
  await everyVariant(page, 'settings-templates-form')
  await form.getByRole('button', { name: '去掉第1个字段' }).click()
  await expect(preview).not.toContainText('示例街道')
  await form.getByRole('button', { name: '保存' }).click()

  const versions = page.getByRole('region', { name: '各版' })
  await expect(versions.getByRole('listitem').filter({ hasText: '第1版' })).toContainText('示例：微信换了模板')
  await expect(page.getByRole('region', { name: '现在的模板' })).toContainText(fresh)
  const { items } = (await (await page.request.get('/console/api/v1/message-templates')).json()) as { items: { kind: string; source: string; in_force: { template_id: string; lines: unknown[] } }[] }
  const kept = items.find((k) => k.kind === 'place_offered')
  expect([kept?.source, kept?.in_force.template_id, kept?.in_force.lines.length]).toEqual(['console', fresh, 3])
})

test('messages of a kind are turned off, and set back to the settings', async ({ page }) => {
  await page.goto('/console/#/settings/messages/strike')
  const now = page.getByRole('region', { name: '现在的模板' })
  await expect(now).toContainText('demo-strike')
  await page.getByRole('button', { name: '关掉微信消息' }).click()
  const off = page.getByRole('dialog', { name: '关掉微信消息' })
  await off.getByRole('textbox', { name: '理由' }).fill('示例：先不发')
  await off.getByRole('button', { name: '关掉', exact: true }).click()
  await expect(now).toContainText('家长收不到微信消息')
  await expect(page.getByRole('button', { name: '设一个模板' })).toBeVisible()
  await page.getByRole('button', { name: '改回设置文件的' }).click()
  const back = page.getByRole('dialog', { name: '改回设置文件的模板' })
  await expect(back).toContainText('demo-strike')
  await back.getByRole('textbox', { name: '理由' }).fill('示例：照旧')
  await back.getByRole('button', { name: '改回', exact: true }).click()
  await expect(now).toContainText('示例：照旧')
  await expect(page.getByRole('region', { name: '各版' }).getByRole('listitem')).toHaveCount(2)
  await everyVariant(page, 'settings-templates-versions')
})

test('who saves what another has changed meanwhile is told, and keeps what was typed', async ({ page, expectError }) => {
  expectError(/409/)
  await page.goto('/console/#/settings/messages/reminder')
  await page.getByRole('button', { name: '换模板' }).click()
  const form = page.getByRole('form', { name: '换模板' })
  await form.getByRole('textbox', { name: '模板ID' }).fill(fresh)
  await form.getByRole('textbox', { name: '理由' }).fill('示例：我的')
  const theirs = {
    version: 0, template_id: `${fresh}-theirs`, page: 'pages/bookings/one', reason: '示例：别人的',
    fields: [{ type: 'thing', number: 1, fact: 'site' }, { type: 'time', number: 2, fact: 'session' }, { type: 'thing', number: 3, fact: 'note' }],
  }
  const origin = { Origin: 'https://console.example' }
  expect((await page.request.put('/console/api/v1/message-templates/reminder', { data: theirs, headers: origin })).status()).toBe(200)
  await form.getByRole('button', { name: '保存' }).click()
  await expect(form.getByRole('alert')).toContainText('别人已经改过')
  const note = form.getByRole('status').filter({ hasText: '别人刚改过的' })
  await expect(note).toContainText('打开的页面：已换成现在的“pages/bookings/one”。')
  await expect(form.getByRole('textbox', { name: '模板ID' })).toHaveValue(fresh)
  await everyVariant(page, 'settings-templates-changed', { keep: false })
  await form.getByRole('button', { name: '保存' }).click()
  await expect(page.getByRole('region', { name: '各版' }).getByRole('listitem')).toHaveCount(2)
  await expect(page.getByRole('region', { name: '现在的模板' })).toContainText('pages/bookings/one')
})
