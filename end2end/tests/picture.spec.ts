// The pictures of the README, light and dark: Run Details of the sample's snapshot with two values changed, and the sample's run.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { expect, hydrated, test } from '../fixtures'

test.use({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 })

/** Takes the page in both themes; WebP, which keeps letters sharp in half the bytes. */
async function take(page: Page, name: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: 88 })
    const file = `${name}-${colorScheme}.webp`
    mkdirSync('screenshots', { recursive: true })
    writeFileSync(`screenshots/${file}`, Buffer.from(data, 'base64'))
    if (process.env.README_PICTURE) copyFileSync(`screenshots/${file}`, `pictures/${file}`)
  }
}

test('the picture of Run Details', async ({ page, rest }) => {
  await page.goto(`/projects/default/snapshots/${(await rest.snapshot('print-quality')).id}/run`)
  await hydrated(page)
  await expect(page.getByRole('button', { name: 'YAML', exact: true })).toBeVisible()
  await page.getByRole('radio', { name: 'quadratic' }).check()
  await page.getByLabel(/^epochs/).fill('150')
  await expect(page.getByText('2 changes against the snapshot')).toBeVisible()
  await page.getByRole('heading', { level: 1 }).click()
  await page.evaluate(() => window.scrollTo(0, 0))
  await take(page, 'run-details')
})

test('the picture of a run', async ({ page, rest }) => {
  await page.goto(`/projects/default/runs/${(await rest.firstRun()).id}?step=model_trainer`)
  await hydrated(page)
  await expect(page.getByRole('heading', { name: 'model_trainer' })).toBeVisible()
  await take(page, 'run')
})
