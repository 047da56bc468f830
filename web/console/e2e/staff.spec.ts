// The first administrator's way in, the staff pages and one's own account, against an installation as make run begins
// one, at localhost: passkeys and the session's cookie are the browser's own. The tests build on each other.
import type { BrowserContext, CDPSession, Locator, Page } from '@playwright/test'

import { accept, authenticate, elsewhere, menu, password, signIn, type Colleague } from './colleague'
import { everyVariant, expect, pickFrom, test } from './console'
import { totp } from './totp'

test.describe.configure({ mode: 'serial' })

const setting = (name: string): string => process.env[name] ?? ''
const home = setting('CONSOLE_FIRST')
const first: Colleague = { login: 'yi-shili', password, secret: '', step: 0 }

// authenticator gives the page's browser a device with a fingerprint that is always the right one.
async function authenticator(page: Page): Promise<CDPSession> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  })
  return cdp
}

const leave = async (page: Page) => {
  await page.getByRole('button', { name: '我的账号' }).click()
  await page.getByRole('menuitem', { name: '退出' }).click()
  await expect(page.getByRole('heading', { name: '登录工作台' })).toBeVisible()
}

test('the first administrator comes in by the printed link, once, and then by passkey', async ({ page, expectError }) => {
  test.setTimeout(150_000)
  expectError(/status of 4(01|22)/)
  await authenticator(page)
  await accept(page, setting('CONSOLE_FIRST_LINK'), first)
  await everyVariant(page, 'welcome-passkey', { keep: false })
  await page.getByRole('button', { name: '添加通行密钥' }).click()
  await expect(page.getByRole('heading', { name: /，管理员/ })).toBeVisible()
  const [cookie] = await page.context().cookies()
  expect(cookie).toMatchObject({ name: '__Host-jmk-staff', httpOnly: true, secure: true, sameSite: 'Strict', path: '/' })

  await leave(page)
  expect(await page.context().cookies()).toEqual([])
  await page.goto(setting('CONSOLE_FIRST_LINK'))
  await expect(page.getByRole('heading', { name: '这个邀请打不开' })).toBeVisible()
  await everyVariant(page, 'welcome-used', { keep: false })

  await page.getByRole('link', { name: '直接登录' }).click()
  await page.getByRole('button', { name: '用通行密钥登录' }).click()
  await expect(page.getByRole('heading', { name: /，管理员/ })).toBeVisible()
  await page.goto(`${home}/console/#/account/passkeys`)
  await expect(page.getByRole('row', { name: /第一把通行密钥/ })).toBeVisible()
  await everyVariant(page, 'account-passkeys', { keep: false })
  await page.getByRole('textbox', { name: '名称' }).fill('值班台平板')
  await page.getByRole('button', { name: '添加这台设备' }).click()
  await expect(page.getByRole('alert')).toContainText('这台设备已经有一把通行密钥了')
  await page.getByRole('button', { name: '删除第一把通行密钥' }).click()
  await expect(page.getByText('还没有通行密钥。')).toBeVisible()
})

test('my own account: devices and password', async ({ page, browser, errors, expectError }) => {
  test.setTimeout(150_000)
  expectError(/status of 4(01|22)/)
  const opened: BrowserContext[] = []
  const other = await elsewhere(browser, errors, opened)
  await signIn(other, home, first)
  await signIn(page, home, first)
  await page.goto(`${home}/console/#/account/devices`)
  await expect(page.getByRole('table', { name: '登录设备' }).getByText('本设备')).toBeVisible()
  await everyVariant(page, 'account-devices', { keep: false })

  await page.goto(`${home}/console/#/account/password`)
  const renew = async (old: string, fresh: string) => {
    await page.getByLabel('现在的密码').fill(old)
    await page.getByLabel('新密码').fill(fresh)
    await page.getByLabel('再填一次').fill(fresh)
    await page.getByRole('button', { name: '修改密码' }).click()
  }
  await renew('not the password at all', 'Zwei graue Kiesel 5')
  await expect(page.getByRole('alert')).toContainText('登录名或密码不对')
  await everyVariant(page, 'account-password', { keep: false })
  await renew(first.password, 'Zwei graue Kiesel 5')
  await expect(page.getByText('密码已修改')).toBeVisible()
  first.password = 'Zwei graue Kiesel 5'
  await page.goto(`${home}/console/#/`)
  await expect(page.getByRole('heading', { name: /，管理员/ })).toBeVisible()
  await menu(other, '任务').click() // the other device is out at its next action
  await expect(other.getByText('登录已经结束')).toBeVisible()
  for (const context of opened) await context.close()
})

// invite fills the dialog in and gives the link that is shown once.
async function invite(page: Page, name: string, role: string, place: string | RegExp, picture = ''): Promise<string> {
  const form = await fillInvitation(page, name, role, place)
  if (picture) await everyVariant(page, `${picture}-invite`)
  await form.getByRole('button', { name: '生成邀请链接' }).click()
  const shown = page.getByRole('dialog', { name: '邀请链接' })
  const link = await shown.getByRole('textbox', { name: '邀请链接' }).inputValue()
  if (picture) await everyVariant(page, `${picture}-link`, { keep: false })
  await shown.getByRole('button', { name: '关闭', exact: true }).click()
  await expect(page.getByRole('row', { name: new RegExp(name) })).toBeVisible()
  return link
}

// fillInvitation opens the dialog and fills it in.
async function fillInvitation(page: Page, name: string, role: string, place: string | RegExp): Promise<Locator> {
  await page.getByRole('button', { name: '邀请', exact: true }).click()
  const form = page.getByRole('dialog', { name: '邀请工作人员' })
  await form.getByRole('textbox', { name: '姓名' }).fill(name)
  await pickFrom(form.getByRole('combobox', { name: '岗位' }), page.getByRole('option', { name: role, exact: true }))
  await pickFrom(form.getByRole('combobox', { name: '在哪里' }), page.getByRole('option', { name: place }).filter({ visible: true }).first())
  return form
}

// openMember goes from the list to somebody's page.
async function openMember(page: Page, name: string): Promise<void> {
  await page.goto(`${home}/console/#/staff`)
  await page.getByRole('textbox', { name: '姓名或登录名' }).fill(name)
  await page.getByRole('button', { name: '查找' }).click()
  await page.getByRole('link', { name }).click()
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible()
}

test('a keeper is invited for one site, sees only that, and is out at once when stopped; a lost telephone takes two', async ({ page, browser, errors, expectError }) => {
  test.setTimeout(300_000)
  expectError(/status of 4(01|03|22)/)
  const opened: BrowserContext[] = []
  const second: Colleague = { login: 'er-shili', password, secret: '', step: 0 }
  const keeper: Colleague = { login: 'shouhu-shili', password, secret: '', step: 0 }

  await signIn(page, home, first)
  await menu(page, '人员').click()
  await expect(page.getByRole('table', { name: '人员' })).toBeVisible()
  const toSecond = await invite(page, '示例小陈', '管理员', '全区')
  const toKeeper = await invite(page, '示例小吴', '宝宝屋工作人员', / · /, 'staff')
  await everyVariant(page, 'staff')

  const [other, door] = [await elsewhere(browser, errors, opened), await elsewhere(browser, errors, opened)]
  await accept(other, toSecond, second)
  await other.getByRole('button', { name: '以后再说' }).click()
  await accept(door, toKeeper, keeper)
  await door.getByRole('button', { name: '以后再说' }).click()
  await expect(menu(door, '值班台')).toBeVisible()
  await expect(menu(door, '人员')).toHaveCount(0)
  const seen = (await (await door.request.get(`${home}/console/api/v1/sites`)).json()) as { items: unknown[] }
  const all = (await (await page.request.get(`${home}/console/api/v1/sites`)).json()) as { items: unknown[] }
  expect(seen.items).toHaveLength(1)
  expect(all.items.length).toBeGreaterThan(1)
  await expect(door.getByRole('combobox', { name: '宝宝屋' })).toHaveCount(0) // nothing to choose

  await openMember(page, '示例小吴')
  await expect(page.getByRole('table', { name: '登录设备' }).getByRole('row')).toHaveCount(2)
  await everyVariant(page, 'staff-member')
  await page.getByRole('button', { name: '停用账号' }).click()
  await page.getByRole('textbox', { name: '理由' }).fill('示例：调离岗位')
  await page.getByRole('dialog').getByRole('button', { name: '停用', exact: true }).click()
  await expect(page.getByText('账号已停用，所有设备已退出')).toBeVisible()
  await menu(door, '排期').click() // the page that is open is out at its next action
  await expect(door.getByText('登录已经结束')).toBeVisible()
  await page.getByRole('button', { name: '重新启用' }).click()
  await page.getByRole('textbox', { name: '理由' }).fill('示例：调回')
  await page.getByRole('dialog').getByRole('button', { name: '启用', exact: true }).click()
  await expect(page.getByText('账号已启用')).toBeVisible()

  await page.getByRole('button', { name: '申请重置' }).click()
  const asking = page.getByRole('dialog', { name: '申请重置登录方式' })
  await asking.getByRole('textbox', { name: '理由' }).fill('示例：手机丢失')
  await everyVariant(page, 'staff-reset-ask', { keep: false })
  await asking.getByRole('button', { name: '提交申请' }).click()
  const mine = page.getByRole('region', { name: '重置申请：示例小吴' })
  await expect(mine).toContainText('现在请另一位管理员核实本人后批准')
  await expect(mine.getByRole('button', { name: '批准', exact: true })).toHaveCount(0)

  await other.goto(`${home}/console/#/staff`)
  const wish = other.getByRole('region', { name: '重置申请：示例小吴' })
  await expect(wish).toContainText('示例：手机丢失')
  await everyVariant(other, 'staff-reset')
  await wish.getByRole('button', { name: '批准', exact: true }).click()
  const approving = other.getByRole('dialog', { name: '批准重置' })
  await expect(approving.getByRole('button', { name: '批准，生成邀请链接' })).toBeDisabled()
  await approving.getByText('我已当面或打电话核实').click()
  await everyVariant(other, 'staff-reset-approve', { keep: false })
  await approving.getByRole('button', { name: '批准，生成邀请链接' }).click()
  const again = await other.getByRole('textbox', { name: '邀请链接' }).inputValue()

  await door.goto(again)
  await expect(door.getByLabel('账号')).toHaveValue(keeper.login)
  await door.getByLabel('现在的密码').fill('not the password at all')
  await door.getByRole('button', { name: '下一步' }).click()
  const old = keeper.secret
  const fresh = ((await door.locator('code').textContent()) ?? '').replaceAll(' ', '')
  expect(fresh).not.toBe(old)
  await door.getByLabel('六位数字').fill(totp(fresh))
  await door.getByRole('button', { name: '完成' }).click()
  await expect(door.getByRole('alert')).toContainText('登录名或密码不对')
  await door.getByLabel('现在的密码').fill(keeper.password)
  await everyVariant(door, 'welcome-again', { keep: false })
  await door.getByRole('button', { name: '下一步' }).click()
  await authenticate(door, keeper)
  await door.getByRole('button', { name: '以后再说' }).click()
  await expect(menu(door, '值班台')).toBeVisible()
  for (const context of opened) await context.close()
})

test('the answer to an invitation is lost on its way: the person is there once, and gets another link', async ({ page, browser, errors, expectError }) => {
  test.setTimeout(150_000)
  expectError(/status of 4(01|09)|ERR_FAILED/)
  const opened: BrowserContext[] = []
  await signIn(page, home, first)
  await page.goto(`${home}/console/#/staff`)
  await page.route('**/console/api/v1/staff', async (route) => {
    await route.fetch() // the house invites; the browser does not hear of it
    await route.abort()
  })
  const form = await fillInvitation(page, '示例小何', '审计员', '全区')
  await form.getByRole('button', { name: '生成邀请链接' }).click()
  await expect(form.getByRole('alert')).toContainText('连接已断开，填写的内容都还在')
  await page.unroute('**/console/api/v1/staff')
  await form.getByRole('button', { name: '生成邀请链接' }).click()
  await expect(form.getByRole('alert')).toContainText('已邀请过同名的人')
  const before = form.getByRole('region', { name: '邀请过的同名的人' })
  await expect(before).toContainText('审计员，全区')
  await everyVariant(page, 'staff-invited-before')
  await before.getByRole('button', { name: '重新发放链接' }).click()
  const link = await page.getByRole('textbox', { name: '邀请链接' }).inputValue()
  await page.getByRole('dialog', { name: '邀请链接' }).getByRole('button', { name: '关闭', exact: true }).click()
  await expect(page.getByRole('row', { name: /示例小何/ })).toHaveCount(1)

  const namesake = await fillInvitation(page, '示例小何', '审计员', '全区')
  await namesake.getByRole('button', { name: '生成邀请链接' }).click()
  await namesake.getByText('不是同一位，确是另一位同名的人').click()
  await namesake.getByRole('button', { name: '生成邀请链接' }).click()
  await page.getByRole('dialog', { name: '邀请链接' }).getByRole('button', { name: '关闭', exact: true }).click()
  await expect(page.getByRole('row', { name: /示例小何/ })).toHaveCount(2)

  const he = await elsewhere(browser, errors, opened)
  await accept(he, link, { login: 'he-shili', password, secret: '', step: 0 })
  for (const context of opened) await context.close()
})

test('roles are given and taken; a new password is demanded; nobody changes himself', async ({ page, browser, errors, expectError }) => {
  test.setTimeout(150_000)
  expectError(/status of 4(01|03)/)
  const opened: BrowserContext[] = []
  const auditor: Colleague = { login: 'shenji-shili', password, secret: '', step: 0 }
  await signIn(page, home, first)
  await page.goto(`${home}/console/#/staff`)
  const link = await invite(page, '示例小郑', '审计员', '全区')
  const desk = await elsewhere(browser, errors, opened)
  await accept(desk, link, auditor)
  await desk.getByRole('button', { name: '以后再说' }).click()

  await openMember(page, '示例小郑')
  await page.getByRole('button', { name: '要求修改密码' }).click()
  await expect(page.getByText('下次做任何事之前须先修改')).toBeVisible()
  await menu(desk, '排期').click()
  await expect(desk.getByText('换好之后才能继续工作')).toBeVisible()
  await everyVariant(desk, 'account-password-due', { keep: false })
  await desk.getByLabel('现在的密码').fill(auditor.password)
  await desk.getByLabel('新密码').fill('Drei graue Kiesel 5')
  await desk.getByLabel('再填一次').fill('Drei graue Kiesel 5')
  await desk.getByRole('button', { name: '修改密码' }).click()
  await expect(desk.getByRole('navigation', { name: '我能做的' }).getByRole('link', { name: /排期/ })).toBeVisible()

  await page.getByRole('button', { name: '授予岗位' }).click()
  const form = page.getByRole('dialog', { name: '授予岗位' })
  await pickFrom(form.getByRole('combobox', { name: '岗位' }), page.getByRole('option', { name: '宝宝屋工作人员', exact: true }))
  await pickFrom(form.getByRole('combobox', { name: '在哪里' }), page.getByRole('option', { name: / · / }).filter({ visible: true }).first())
  await form.getByRole('button', { name: '授予', exact: true }).click()
  await expect(page.getByRole('table', { name: '岗位' }).getByRole('row')).toHaveCount(3)
  await page.getByRole('button', { name: /收回：审计员/ }).click()
  await everyVariant(page, 'staff-grant-end', { keep: false })
  await page.getByRole('dialog', { name: '收回岗位' }).getByRole('button', { name: '收回', exact: true }).click()
  await expect(page.getByRole('table', { name: '岗位' }).getByRole('row')).toHaveCount(2)
  await menu(desk, '排期').click()
  await expect(desk.getByText('登录已经结束')).toBeVisible()

  await page.goto(`${home}/console/#/staff`)
  await pickFrom(page.getByRole('combobox', { name: '状态' }), page.getByRole('option', { name: '待接受邀请' }))
  await expect(page.getByRole('row', { name: /示例小郑/ })).toHaveCount(0)
  await page.goto(`${home}/console/#/`)
  await openMember(page, '管理员')
  await expect(page.getByText('自己的账号自己不能改')).toBeVisible()
  await expect(page.getByRole('button', { name: /停用|授予|申请重置|要求/ })).toHaveCount(0)
  await everyVariant(page, 'staff-own', { keep: false })
  for (const context of opened) await context.close()
})

test('with duties split the security administrator has the staff, and the administrator has not', async ({ page, browser, errors, expectError }) => {
  test.setTimeout(150_000)
  expectError(/status of 40[13]/)
  const split = setting('CONSOLE_SPLIT')
  const opened: BrowserContext[] = []
  await accept(page, `${split}/console/#/welcome/${setting('CONSOLE_SPLIT_SECURITY')}`, { login: 'anquan-shili', password, secret: '', step: 0 })
  await page.getByRole('button', { name: '以后再说' }).click()
  await menu(page, '人员').click()
  await expect(page.getByText('本系统已启用三员分立')).toBeVisible()
  await expect(menu(page, /排期|任务|值班台/)).toHaveCount(0)
  await everyVariant(page, 'staff-split')

  const plain = await elsewhere(browser, errors, opened)
  await accept(plain, `${split}/console/#/welcome/${setting('CONSOLE_SPLIT_ADMINISTRATOR')}`, { login: 'guanli-shili', password, secret: '', step: 0 })
  await plain.getByRole('button', { name: '以后再说' }).click()
  await expect(menu(plain, '排期')).toBeVisible()
  await expect(menu(plain, /人员|任务/)).toHaveCount(0)
  await plain.goto(`${split}/console/#/staff`)
  await expect(plain.getByRole('heading', { level: 1 })).toContainText('不')
  await everyVariant(plain, 'not-permitted', { keep: false })
  for (const context of opened) await context.close()
})
