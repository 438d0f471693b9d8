// Launches that are asked about, several at once, and proposed ones; with and without scripts.
import { expect, expectAccessible, hydrated, openFileMenu, test } from '../fixtures'
import { url, type Rest } from '../rest'
import type { Browser, Page, TestInfo } from '@playwright/test'

const withScripts = (info: TestInfo) => info.project.use.javaScriptEnabled !== false

async function open(page: Page, rest: Rest, query = ''): Promise<void> {
  const snapshot = await rest.snapshot('print-quality')
  await page.goto(`/projects/default/snapshots/${snapshot.id}/run${query}`)
  await hydrated(page)
}

/** Another person, signed in in a browser of their own. */
async function person(browser: Browser, rest: Rest, info: TestInfo, name: string): Promise<Page> {
  const password = 'Browser-tests-2'
  await rest.send('POST', '/users', { name, password, is_admin: false, active: true })
  const context = await browser.newContext({ baseURL: url, storageState: undefined, javaScriptEnabled: withScripts(info) })
  const page = await context.newPage()
  await page.goto('/login')
  await page.getByLabel('User name').fill(name)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('heading', { name: 'Home' })).toBeVisible()
  return page
}

test('a launch with GPUs is asked about with its changes, and runs once', async ({ page, rest }, info) => {
  await open(page, rest, '?mode=split')
  const name = `gpus-${info.project.name}-${info.retry}-${Date.now()}`
  const count = async () => (await rest.items(`/runs?project=default&name=${name}`)).length
  await openFileMenu(page)
  await page.getByLabel('Load a .yaml file').setInputFiles({
    name: 'gpus.yaml', mimeType: 'application/yaml',
    buffer: Buffer.from(`run_name: ${name}\nsettings:\n  resources:\n    gpu_count: 1\nsteps:\n  model_trainer:\n    parameters:\n      epochs: 3\n`),
  })
  if (!withScripts(info)) await page.getByRole('button', { name: 'Load', exact: true }).click()
  await expect(page.getByLabel(/^epochs/)).toHaveValue('3')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  const question = page.getByRole('region', { name: 'Launch print-quality?' })
  await expect(question).toContainText('It asks for GPUs')
  await expect(question).toContainText('steps.model_trainer.parameters.epochs')
  await expect(question.getByRole('heading', { level: 2 })).toBeFocused()
  if (withScripts(info)) await expectAccessible(page)
  await page.screenshot({ path: `screenshots/launch-confirm-${info.project.name}.png`, fullPage: true })
  expect(await count()).toBe(0)
  await question.getByRole('button', { name: 'Launch' }).dblclick()
  await expect(page).toHaveURL(/\/runs\/[0-9a-f-]+$/)
  await expect(page.getByRole('link', { name: 'Launch another' })).toBeVisible()
  expect(await count()).toBe(1)
})

test('several values are several runs with one tag', async ({ page, rest }, info) => {
  await open(page, rest)
  const field = page.locator('.parameter', { has: page.getByLabel(/^epochs/) })
  await field.getByText('Several values').click()
  await field.getByLabel(/One run for each/).fill('2, 3, nine')
  if (!withScripts(info)) await page.getByRole('button', { name: 'Check without running' }).click()
  const review = page.getByRole('complementary', { name: 'Review' })
  await expect(review).toContainText('nine')
  await field.getByLabel(/One run for each/).fill('2, 3, 4')
  if (!withScripts(info)) await page.getByRole('button', { name: 'Check without running' }).click()
  await expect(review.getByRole('table')).toContainText('3 runs')
  if (withScripts(info)) await expectAccessible(page)
  await page.screenshot({ path: `screenshots/launch-several-${info.project.name}.png`, fullPage: true })
  await page.locator('#share > summary').click()
  await expect(page.getByRole('region', { name: 'Python, all 3 runs' })).toContainText('for epochs in [2, 3, 4]:')
  await page.getByRole('button', { name: 'Launch 3 runs' }).click()
  await expect(page).toHaveURL(/\/runs\?tag=sweep-/)
  await expect(page.locator('tbody tr')).toHaveCount(3)
  await page.screenshot({ path: `screenshots/launch-several-list-${info.project.name}.png`, fullPage: true })
})

test('a run is proposed, found, launched with both names', async ({ browser, page, rest }, info) => {
  const name = `ann-${info.project.name}-${info.retry}-${Date.now()}`
  const ann = await person(browser, rest, info, name)
  const note = `A try of ${name}`
  await ann.goto(`/projects/default/snapshots/${(await rest.snapshot('print-quality')).id}/run?propose=1`)
  await hydrated(ann)
  await ann.getByLabel(/^epochs/).fill('5')
  await ann.getByLabel('For', { exact: true }).selectOption({ label: 'admin' })
  await ann.getByLabel(/^Note/).fill(note)
  await ann.getByRole('button', { name: 'Propose', exact: true }).click()
  await expect(ann.getByText('Open: nobody has decided yet.')).toBeVisible()
  await page.goto('/')
  await hydrated(page)
  const proposal = page.locator('.proposals__proposal', { hasText: note })
  await expect(proposal).toContainText(`by ${name}`)
  if (withScripts(info)) await expectAccessible(page)
  await page.screenshot({ path: `screenshots/proposals-home-${info.project.name}.png`, fullPage: true })
  await proposal.getByRole('link', { name: /^Open/ }).click()
  await expect(page.getByRole('heading', { name: `Proposed by ${name}` })).toBeVisible()
  await expect(page.getByLabel(/^epochs/)).toHaveValue('5')
  await expect(page.getByText(`proposal by ${name}`).first()).toBeVisible()
  await page.screenshot({ path: `screenshots/proposal-${info.project.name}.png`, fullPage: true })
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(page.getByText(`proposed by ${name}, launched by admin`)).toBeVisible()
  await ann.goto('/')
  await expect(ann.locator('.proposals__proposal', { hasText: note })).toContainText('launched by admin')
})

test('F8 goes through the problems, and a text is pasted as a file', async ({ page, rest }, info) => {
  test.skip(!withScripts(info), 'keys and the clipboard are of the browser')
  await open(page, rest)
  await openFileMenu(page)
  await expect(page.getByText('dropped anywhere on this page')).toBeVisible()
  await page.getByLabel(/^epochs/).fill('many')
  await expect(page.getByText('1 problem')).toBeVisible()
  await page.getByRole('heading', { level: 1 }).click()
  await page.keyboard.press('F8')
  await expect(page.getByLabel(/^epochs/)).toBeFocused()
  await page.getByRole('heading', { level: 1 }).click()
  await page.evaluate(() => {
    const data = new DataTransfer()
    data.setData('text/plain', 'steps:\n  model_trainer:\n    parameters:\n      epochs: 61\n')
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  })
  await expect(page.getByText('the clipboard was loaded.')).toBeVisible()
  await expect(page.getByLabel(/^epochs/)).toHaveValue('61')
})
