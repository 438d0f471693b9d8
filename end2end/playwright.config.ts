import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'

// Settled once, in the first process; the workers inherit it.
process.env.DARKROOM_URL ??= `http://127.0.0.1:${20000 + (process.pid % 20000)}`

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

export default defineConfig({
  testDir: 'tests',
  globalSetup: './server.ts',
  outputDir: 'test-results',
  reporter: process.env.CI ? [['list']] : [['list'], ['html', { open: 'never' }]],
  timeout: 60_000,
  // Now and then a browser does not come back from being closed. A test that needed its second try is told as flaky.
  retries: 1,
  expect: { timeout: 10_000 },
  // Launched runs share the machine with the browsers.
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  use: {
    baseURL: process.env.DARKROOM_URL,
    storageState: 'test-results/signed-in.json',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath,
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'javascript' },
    // Every page and every launch works without.
    { name: 'no-javascript', testMatch: ['flows.spec.ts', 'keyboard.spec.ts', 'launches.spec.ts', 'nested_fields.spec.ts', 'run_details.spec.ts', 'snapshots.spec.ts'], use: { javaScriptEnabled: false } },
  ],
})
