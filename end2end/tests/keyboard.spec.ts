// From a sign-in to the comparison of two runs with nothing but the keyboard, with and without scripts; and what a screen
// reader is told on the way.
import { expect, test } from '../fixtures'
import { PASSWORD } from '../rest'
import type { Locator, Page, TestInfo } from '@playwright/test'

const withScripts = (info: TestInfo) => info.project.use.javaScriptEnabled !== false

/** More controls than any of these pages has. */
const MOST = 150

/** Goes with Tab to what can be focused, where the place of the focus must be seen. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await expect(wanted).toBeVisible()
  for (let presses = 0; presses < MOST; presses++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) {
      const outline = await wanted.evaluate((element) => {
        const style = getComputedStyle(element)
        return style.outlineStyle !== 'none' || style.boxShadow !== 'none'
      })
      expect(outline, 'a focus that can be seen').toBe(true)
      return
    }
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to ${wanted}`)
}

async function press(page: Page, wanted: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, wanted)
  await page.keyboard.press(key)
}

test.use({ storageState: { cookies: [], origins: [] }, expectedErrors: [/status of 422/] })

test('a file is loaded, its error mended, the run launched and compared', async ({ page, rest }, info) => {
  test.slow()
  const snapshot = await rest.snapshot('print-quality')
  await page.goto(`/projects/default/snapshots/${snapshot.id}`)
  await tabTo(page, page.getByLabel('User name'))
  await page.keyboard.type('admin')
  await tabTo(page, page.getByLabel('Password'))
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('print-quality')
  await press(page, page.getByRole('link', { name: 'Run Snapshot' }))

  await expect(page).toHaveURL(/\/run$/)
  const yaml = 'run_name: by_keyboard_{date}_{time}\nsteps:\n  model_trainer:\n    parameters:\n      epochs: 0\n'
  await press(page, page.locator('summary').getByText('Upload YAML'))
  await tabTo(page, page.getByLabel('Load a .yaml file'))
  const chooser = page.waitForEvent('filechooser')
  await page.keyboard.press('Enter')
  await (await chooser).setFiles({ name: 'run.yaml', mimeType: 'application/yaml', buffer: Buffer.from(yaml) })
  if (!withScripts(info)) await press(page, page.getByRole('button', { name: 'Load', exact: true }))

  const epochs = page.getByLabel(/^epochs/)
  await expect(epochs).toHaveAttribute('aria-invalid', 'true')
  await expect(epochs).toHaveAccessibleDescription(/at least 1/)
  await expect(epochs).toHaveAccessibleName(/an integer/)
  await expect(page.getByRole('region', { name: 'Review' })).toMatchAriaSnapshot(`
    - heading "Review" [level=2]
    - heading "1 problem" [level=3]
    - list:
      - listitem:
        - link /epochs/
        - paragraph: Must be at least 1, not 0.
  `)
  // The problem leads to its field.
  await press(page, page.getByRole('link', { name: /epochs/ }).first())
  await tabTo(page, epochs)
  await page.keyboard.press('Control+a')
  await page.keyboard.type('30')
  if (withScripts(info)) await expect(epochs).not.toHaveAttribute('aria-invalid', 'true')
  await press(page, page.getByRole('button', { name: 'Run', exact: true }))

  await expect(page).toHaveURL(/\/projects\/default\/runs\/[0-9a-f-]{36}/)
  await expect(page.getByRole('heading', { level: 1 })).toContainText('by_keyboard_2')
  await expect(page.getByRole('main').getByText('Completed').first()).toBeVisible({ timeout: 100_000 })
  await press(page, page.getByLabel('More actions'))
  await press(page, page.getByRole('link', { name: 'Compare with the run before' }))
  await expect(page.getByRole('heading', { level: 1 })).toContainText(/#\d+ .* → #\d+ by_keyboard_2/)
  await expect(page.getByRole('main')).toMatchAriaSnapshot(`
    - table "What they are":
      - rowgroup:
        - row /Run .* by_keyboard_2/
  `)
})
