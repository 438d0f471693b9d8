// Form views: the owner makes one with a preview beside; others get nothing but it, with scripts and without.
import type { Browser, Page } from '@playwright/test'
import { expect, expectAccessible, hydrated, test } from '../fixtures'
import { url, type Rest } from '../rest'

const TRAINER = 'steps.model_trainer.parameters'

/** A snapshot of the sample's first run under a name of its own. */
async function snapshot(rest: Rest, page: Page): Promise<string> {
  const run = await rest.firstRun()
  await page.goto(`/projects/default/runs/${run.id}/create-snapshot`)
  await hydrated(page)
  await page.getByLabel('Name', { exact: true }).fill(`form-${Date.now()}`)
  await page.getByRole('button', { name: 'Create' }).click()
  await page.waitForURL(/\/snapshots\/[0-9a-f-]{36}$/)
  return page.url().split('/').pop() ?? ''
}

/** A page of an operator: who may launch snapshots and not edit them. */
async function stranger(rest: Rest, browser: Browser, javaScriptEnabled: boolean): Promise<Page> {
  const name = `stakeholder-${Date.now()}`
  await rest.send('POST', '/users', { name, password: 'Stakeholder-1', is_admin: false, role: 'operator' })
  const context = await browser.newContext({ baseURL: url, storageState: { cookies: [], origins: [] }, javaScriptEnabled })
  const page = await context.newPage()
  await page.goto('/login')
  await page.getByLabel('User name').fill(name)
  await page.getByLabel('Password').fill('Stakeholder-1')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((at) => !at.pathname.startsWith('/login'))
  return page
}

async function makeView(page: Page, id: string): Promise<void> {
  await page.goto(`/projects/default/snapshots/${id}`)
  await page.getByRole('link', { name: 'Form view' }).click()
  await expect(page.getByText('has no form view')).toBeVisible()
  await page.getByRole('checkbox', { name: /^epochs/ }).check()
  await page.getByRole('checkbox', { name: /^model_type/ }).check()
  await page.getByRole('button', { name: 'Add the chosen' }).click()
  const field = (path: string) => page.getByRole('listitem').filter({ has: page.getByText(`${TRAINER}.${path}`, { exact: true }) })
  await field('epochs').getByLabel('Label').fill('Rounds of training')
  await field('epochs').getByLabel('Help').fill('More rounds take **longer**.')
  await field('epochs').getByLabel('At most').fill('1')
  await page.getByRole('button', { name: 'Save the form view' }).click()
  await expect(page.getByText('which is outside of these limits')).toBeVisible()
  await expect(field('epochs').getByLabel('Label')).toHaveValue('Rounds of training')
  await field('epochs').getByLabel('At most').fill('300')
  await field('model_type').getByLabel('Locked').check()
  await field('epochs').getByRole('button', { name: /up$/ }).click()
  await page.getByRole('button', { name: 'Show the preview' }).click()
  await expect(page.getByRole('region', { name: 'As others see it' }).getByText('Rounds of training')).toBeVisible()
  await page.getByRole('button', { name: 'Save the form view' }).click()
  await expect(page.getByText('Saved', { exact: true })).toBeVisible()
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with scripts' : 'without scripts', () => {
    test.use({ javaScriptEnabled, expectedErrors: [/status of (422|403)/] })

    test('an owner makes a form view, and others get nothing but it', async ({ page, rest, browser }) => {
      const id = await snapshot(rest, page)
      await makeView(page, id)
      if (javaScriptEnabled) await expectAccessible(page)
      await page.screenshot({ path: `screenshots/form-view-editor-${javaScriptEnabled}.png`, fullPage: true })

      const other = await stranger(rest, browser, javaScriptEnabled)
      await other.goto(`/projects/default/snapshots/${id}/run`)
      await hydrated(other)
      await expect(other.getByLabel(/^Rounds of training/)).toBeVisible()
      await expect(other.getByText('fixed', { exact: true })).toBeVisible()
      await expect(other.getByRole('button', { name: 'YAML' })).toHaveCount(0)
      await expect(other.locator('input[type=file]')).toHaveCount(0)
      await other.getByLabel(/^Rounds of training/).fill('301')
      if (javaScriptEnabled) {
        await expect(other.getByText('Must be at most 300, not 301.').first()).toBeVisible()
        await expectAccessible(other)
      } else {
        await other.getByRole('button', { name: 'Run', exact: true }).click()
        await expect(other.getByText('Must be at most 300, not 301.').first()).toBeVisible()
      }
      await other.screenshot({ path: `screenshots/form-view-others-${javaScriptEnabled}.png`, fullPage: true })
      await other.getByLabel(/^Rounds of training/).fill('3')
      await other.getByRole('button', { name: 'Run', exact: true }).click()
      await other.waitForURL(/\/runs\//)
      await other.context().close()
    })

    test('a new snapshot offers what was chosen, and its owner can have all fields', async ({ page, rest }) => {
      const run = await rest.firstRun()
      await page.goto(`/projects/default/runs/${run.id}/create-snapshot`)
      await hydrated(page)
      await page.getByLabel('Name', { exact: true }).fill(`chosen-${Date.now()}`)
      await page.getByLabel('Only those chosen here').check()
      await page.getByRole('checkbox', { name: /^epochs/ }).check()
      if (javaScriptEnabled) await expectAccessible(page)
      await page.screenshot({ path: `screenshots/new-snapshot-${javaScriptEnabled}.png`, fullPage: true })
      await page.getByRole('button', { name: 'Create' }).click()
      await page.waitForURL(/\/snapshots\/[0-9a-f-]{36}$/)
      await page.goto(`${page.url()}/run`)
      await hydrated(page)
      await expect(page.getByLabel(/^model_type/)).toHaveCount(0)
      await page.getByLabel(/^epochs/).fill('7')
      await page.getByRole('button', { name: /^Show all \d+ fields$/ }).click()
      await expect(page).toHaveURL(/fields=all/)
      await expect(page.getByLabel(/^epochs/)).toHaveValue('7')
      await expect(page.getByText('model_type', { exact: true }).first()).toBeVisible()
    })
  })
}
