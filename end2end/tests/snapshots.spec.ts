// What people do with snapshots besides running them; once with scripts and once without.
import { expect, expectAccessible, hydrated, test } from '../fixtures'
import { Crowd, fanOut } from '../crowd'
import type { Page, TestInfo } from '@playwright/test'

const withScripts = (info: TestInfo) => info.project.use.javaScriptEnabled !== false

let crowd: Crowd
test.beforeEach(async ({ rest }) => { crowd = await Crowd.open(rest) })

const LIST = '/projects/crowd/snapshots'
const row = (page: Page, name: string) => page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) })

test('a snapshot is taken off the list by its menu, and put back', async ({ page }, info) => {
  const name = `unwanted-${info.project.name}-${Date.now()}`
  await crowd.snapshot('housekeeping', fanOut(3), name)
  await page.goto(`${LIST}?q=${name}`)
  await hydrated(page)
  await page.getByRole('button', { name: `More actions for ${name}` }).click()
  if (withScripts(info)) await expectAccessible(page)
  await page.getByRole('link', { name: 'Remove from list…' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Remove ${name} from the list?`)
  await page.getByRole('button', { name: 'Remove from list' }).click()
  await expect(page.getByText(`${name} is off the list. Its runs keep it.`)).toBeVisible()
  await expect(row(page, name)).toHaveCount(0)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(row(page, name)).toBeVisible()
})

test('a menu stays open while the list changes, which shows when it is closed', async ({ page }, info) => {
  test.skip(!withScripts(info), 'the list follows what happens with scripts only')
  const name = `followed-${Date.now()}`
  await crowd.snapshot('housekeeping', fanOut(3), name)
  const events = page.waitForRequest((request) => request.url().endsWith('/events'))
  await page.goto(`${LIST}?q=${name}`)
  await events
  const menu = page.getByRole('button', { name: `More actions for ${name}`, exact: true })
  await menu.click()
  const answered = page.waitForResponse((response) => response.url().includes('/_fn/'))
  await crowd.snapshot('housekeeping', fanOut(3), `${name}-too`)
  // Longer than the page waits after an event.
  await page.waitForTimeout(1_000)
  await expect(page.getByRole('link', { name: 'Remove from list…' })).toBeVisible()
  await expect(row(page, `${name}-too`)).toHaveCount(0)
  await menu.click()
  await answered
  await expect(row(page, `${name}-too`)).toBeVisible()
})

test('cards, filters and tabs are in the URL', async ({ page }, info) => {
  const name = `carded-${info.project.name}-${Date.now()}`
  await crowd.snapshot('housekeeping', fanOut(3), name)
  await page.goto(`${LIST}?q=${name}`)
  await hydrated(page)
  await page.getByRole('link', { name: 'Cards' }).click()
  await expect(page).toHaveURL(/view=cards/)
  await page.getByLabel('Use', { exact: true }).selectOption('90')
  if (!withScripts(info)) await page.getByRole('button', { name: 'Apply' }).click()
  await expect(page).toHaveURL(/unused=90/)
  await expect(page).toHaveURL(/view=cards/)
  await expect(page.getByText('No snapshots match')).toBeVisible()
  await page.getByRole('link', { name: 'Any use' }).click()
  await expect(page.getByRole('heading', { level: 2, name })).toBeVisible()
  await page.getByRole('link', { name, exact: true }).click()
  await page.getByRole('link', { name: 'Parameters', exact: true }).click()
  await expect(page).toHaveURL(/tab=parameters/)
  await page.getByLabel('Find a parameter').fill('compare_and')
  await page.getByRole('button', { name: 'Find' }).click()
  await expect(page.getByText('1 of 3')).toBeVisible()
})

test('a snapshot is renamed and described, and told apart from the one before', async ({ page }, info) => {
  const pipeline = `pipeline-${info.project.name}-${Date.now()}`
  const before = await crowd.snapshot(pipeline, fanOut(3), `${pipeline}-one`)
  const id = await crowd.snapshot(pipeline, fanOut(4), `${pipeline}-two`)
  await page.goto(`${LIST}/${id}`)
  await hydrated(page)
  await page.getByLabel('More actions').click()
  await page.getByRole('link', { name: 'Rename, edit description and tags' }).click()
  const form = withScripts(info) ? page.getByRole('dialog') : page.getByRole('main')
  await form.getByLabel('Name', { exact: false }).first().fill(`${pipeline}-one`)
  if (withScripts(info)) {
    await expect(form.getByText(/Replacing deletes the snapshot of/).first()).toBeVisible()
    await expectAccessible(page)
  }
  await form.getByLabel('Name', { exact: false }).first().fill(`${pipeline}-three`)
  await form.getByLabel('Description').fill('Has *one* step more.')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`${pipeline}-three`)
  await expect(page.locator('.markdown em')).toHaveText('one')

  await page.getByRole('link', { name: 'History' }).click()
  await page.getByRole('link', { name: /^What changed from/ }).click()
  await expect(page).toHaveURL(new RegExp(`a=${before}&b=${id}`))
  await expect(page.getByRole('heading', { level: 2, name: 'Steps' })).toBeVisible()
  await expect(page.getByRole('listitem').filter({ hasText: /^train_region_2$/ })).toBeVisible()
  await page.getByRole('link', { name: 'Swap' }).click()
  await expect(page.getByRole('heading', { name: '− Removed' })).toBeVisible()
  if (withScripts(info)) await expectAccessible(page)
})

test('usage has a chart and the same as a table', async ({ page }, info) => {
  const pipeline = `used-${info.project.name}-${Date.now()}`
  const id = await crowd.snapshot(pipeline, fanOut(3), pipeline)
  await crowd.launchedRuns(id, pipeline, ['completed', 'failed', 'completed'])
  await page.goto(`${LIST}/${id}?tab=usage`)
  await hydrated(page)
  await expect(page.getByText('67 %').first()).toBeVisible()
  await page.getByText('Durations as a table').click()
  await expect(page.getByRole('region', { name: 'Durations of the last finished runs' }).getByRole('row')).toHaveCount(4)
  if (withScripts(info)) await expectAccessible(page)
})

test('a new snapshot begins with the choice of a run', async ({ page, rest }, info) => {
  const name = `chosen-${info.project.name}-${Date.now()}`
  await page.goto('/projects/default/snapshots')
  await hydrated(page)
  await page.getByRole('link', { name: 'New Snapshot' }).click()
  await page.getByLabel('Or the id of any run').fill((await rest.firstRun()).id)
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(page.getByRole('heading', { name: 'Ready to run' })).toBeVisible()
  await page.getByRole('main').getByLabel('Name').first().fill(name)
  await page.getByRole('button', { name: 'Create' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name)
})
