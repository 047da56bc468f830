import { chromium, request, type FullConfig } from '@playwright/test'

import { begin } from './console'

// warmUp opens the browser and the pages once before the clock of any test runs: on a cold machine the first start of
// Chromium, and the first reading of every font, take longer than a whole test may. And it begins the session that the tests
// share, since beginning one for each costs more than most of what they do in it.
export default async function warmUp(config: FullConfig): Promise<void> {
  const { baseURL, launchOptions } = config.projects[0]?.use ?? {}
  const browser = await chromium.launch({ ...launchOptions, timeout: 300_000 })
  const page = await browser.newPage()
  await page.goto(`${baseURL}/console/`, { timeout: 300_000 })
  await page.screenshot({ timeout: 300_000 })
  await browser.close()
  const caller = await request.newContext({ baseURL: baseURL ?? '' })
  process.env['CONSOLE_SESSION'] = await begin(caller, 'administrator')
  await caller.dispose()
}
