// The picture of the README: Run Details of the sample's snapshot, with two values changed.
import { copyFileSync } from 'node:fs'
import { expect, hydrated, test } from '../fixtures'

test.use({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 })

test('the picture of the README', async ({ page, rest }) => {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  await page.goto(`/projects/default/snapshots/${(await rest.snapshot('print-quality')).id}/run`)
  await hydrated(page)
  await expect(page.getByRole('button', { name: 'YAML', exact: true })).toBeVisible()
  await page.getByRole('radio', { name: 'quadratic' }).check()
  await page.getByLabel(/^epochs/).fill('150')
  await expect(page.getByText('2 changes against the snapshot')).toBeVisible()
  await page.getByRole('heading', { level: 1 }).click()
  await page.screenshot({ path: 'screenshots/readme.png' })
  if (process.env.README_PICTURE) copyFileSync('screenshots/readme.png', 'readme.png')
})
