import { defineConfig } from '@playwright/test'

// The tests run against a server that app/console_test.go starts: the program itself, on a MariaDB and a Redis of its
// own. By hand: CONSOLE_BASE=http://127.0.0.1:8080 npm run e2e.
const base = process.env['CONSOLE_BASE']
if (!base) throw new Error('CONSOLE_BASE names no server; go test ./app -run TestConsole starts one')

const asRoot = process.getuid?.() === 0

// No browser of Playwright's is downloaded: it drives Debian's Chromium, which is to ask nobody but the server.
const flags = [
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
]

// What has a house of its own, a site of its own, or pretends one: nothing in these files is seen by the others, which share one
// house and go through it one after the other.
const apart = ['day', 'desk', 'entrance', 'frame', 'session', 'staff'].map((name) => `**/${name}.spec.ts`)

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  globalSetup: './e2e/warm-up.ts',
  outputDir: 'e2e/results',
  fullyParallel: false,
  workers: 2,
  projects: [
    { name: 'shared', testIgnore: apart, workers: 1 },
    { name: 'apart', testMatch: apart, workers: 1 },
  ],
  retries: 0,
  forbidOnly: true,
  timeout: 180_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    baseURL: base,
    locale: 'zh-CN',
    timezoneId: 'America/New_York', // the pages write Shanghai's time wherever they are read
    // A trace takes the page apart at every step, which costs more than the step: CONSOLE_TRACE=1 asks for one.
    trace: process.env['CONSOLE_TRACE'] ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    // What never comes ends the test where it was waited for, and not when the test's time is up, which says nothing.
    actionTimeout: 60_000,
    navigationTimeout: 60_000,
    reducedMotion: 'reduce',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: asRoot ? ['--no-sandbox', ...flags] : flags,
    },
  },
})
