// Run Details: one draft in two views, files, and the help of the editor; what works without scripts is tried without them too.
import { CROWD, Crowd, fanOut } from '../crowd'
import { expect, expectAccessible, hydrated, openFileMenu, test } from '../fixtures'
import type { Rest } from '../rest'
import type { Page, TestInfo } from '@playwright/test'

const withScripts = (info: TestInfo) => info.project.use.javaScriptEnabled !== false

async function open(page: Page, rest: Rest, query = ''): Promise<void> {
  const snapshot = await rest.snapshot('print-quality')
  await page.goto(`/projects/default/snapshots/${snapshot.id}/run${query}`)
  await hydrated(page)
}

const text = (page: Page) => page.locator('textarea[name=yaml]')

async function choose(page: Page, info: TestInfo, name: string, content: string): Promise<void> {
  await openFileMenu(page)
  await page.getByLabel('Load a .yaml file').setInputFiles({ name, mimeType: 'application/yaml', buffer: Buffer.from(content) })
  if (!withScripts(info)) await page.getByRole('button', { name: 'Load', exact: true }).click()
}

const epochs = (value: number) => `steps:\n  model_trainer:\n    parameters:\n      epochs: ${value}\n`

test('the URL says which views are shown, and what was typed stays', async ({ page, rest }) => {
  await open(page, rest, '?mode=yaml')
  await expect(page.getByRole('heading', { name: 'Run configuration' })).toBeVisible()
  await expect(page.getByLabel(/^epochs/)).toBeHidden()
  await page.getByRole('button', { name: 'Split' }).click()
  await expect(page).toHaveURL(/mode=split/)
  await page.getByLabel(/^epochs/).fill('77')
  await page.getByRole('button', { name: 'Form', exact: true }).click()
  await expect(page).toHaveURL(/mode=form/)
  await expect(page.getByRole('heading', { name: 'Run configuration' })).toBeHidden()
  await expect(page.getByLabel(/^epochs/)).toHaveValue('77')
  await expect(text(page)).toHaveValue(/epochs: 77/)
})

test('a file is replaced, another merged, and the last one taken back', async ({ page, rest }, info) => {
  await open(page, rest, '?mode=split')
  await choose(page, info, 'first.yaml', `# mine\n${epochs(70)}`)
  await expect(page.getByText('It has 1 value that fit')).toBeVisible()
  await expect(text(page)).toHaveValue(/# mine[^]*epochs: 70/)
  await openFileMenu(page)
  await page.getByRole('radio', { name: 'Merge' }).check()
  await choose(page, info, 'second.json', '{"steps": {"model_trainer": {"parameters": {"model_type": "quadratic", "epoch": 3}}}}')
  await expect(page.getByText('second.json was merged.')).toBeVisible()
  await expect(page.getByText('1 unknown key')).toBeVisible()
  await expect(page.getByText('Did you mean epochs?').first()).toBeVisible()
  await expect(text(page)).toHaveValue(/# mine[^]*epochs: 70[^]*model_type: quadratic/)
  await page.getByRole('button', { name: 'Remove unknown' }).click()
  await expect(text(page)).not.toHaveValue(/epoch: 3/)
  await expect(text(page)).toHaveValue(/model_type: quadratic/)
})

test('loading a file can be undone', async ({ page, rest }, info) => {
  await open(page, rest)
  await page.getByLabel(/^epochs/).fill('88')
  await choose(page, info, 'file.yaml', epochs(70))
  await expect(page.getByLabel(/^epochs/)).toHaveValue('70')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByLabel(/^epochs/)).toHaveValue('88')
})

test('all values are written out', async ({ page, rest }) => {
  await open(page, rest, '?mode=split')
  await page.getByRole('button', { name: 'Expand defaults' }).click()
  await expect(text(page)).toHaveValue(/epochs: \d+/)
  await expect(page.getByText('No changes: it runs as saved.')).toBeVisible()
})

test('the editor completes, explains, and lets the keyboard go', async ({ page, rest }, info) => {
  test.skip(!withScripts(info), 'an editor of the browser')
  await open(page, rest, '?mode=yaml')
  const editor = page.locator('.cm-content')
  await editor.click()
  await page.keyboard.type('st')
  const options = page.locator('.cm-tooltip-autocomplete')
  await expect(options.getByText('steps', { exact: true })).toBeVisible()
  await page.waitForTimeout(150)
  await page.keyboard.press('Enter')
  await page.keyboard.press('Control+Space')
  await expect(options.getByText('model_trainer', { exact: true })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText('steps:\n  model_trainer:\n    parameters:\n      epochs: fast\n')
  await expect(page.locator('.cm-lintRange-error').first()).toBeVisible()
  await editor.getByText('epochs').hover()
  await expect(page.locator('.yaml-help')).toContainText('Takes an integer')
  await expectAccessible(page)
  await editor.press('Escape')
  await page.keyboard.press('Tab')
  await expect(editor).not.toBeFocused()
})

test('among many fields one is found by words, by its step, and by what is wrong with it', async ({ page, rest }, info) => {
  const snapshot = await (await Crowd.open(rest)).snapshot('many_fields', fanOut(24), `many-fields-${info.project.name}`)
  await page.goto(`/projects/${CROWD}/snapshots/${snapshot}/run`)
  await hydrated(page)
  const field = (step: string) => page.locator(`[id="p.steps.${step}.parameters.region"]`)
  await page.getByText('Go to (27)').click()
  await page.getByRole('link', { name: 'train_region_20' }).click()
  await expect(field('train_region_20')).toBeInViewport()
  if (!withScripts(info)) return

  await page.getByLabel('Find fields').fill('WORLD region_2')
  await expect(page.getByText(/^4 of \d+ fields$/)).toBeVisible()
  await expect(field('train_region_2')).toBeVisible()
  await expect(field('train_region_19')).toBeHidden()
  await expect(page.locator('legend', { hasText: /^train_region_19$/ })).toBeHidden()
  await expectAccessible(page)

  await page.getByLabel('Find fields').fill('')
  await field('train_region_3').fill('north')
  await page.getByLabel('Only changed').check()
  await expect(page.getByText(/^1 of \d+ fields$/)).toBeVisible()
  await page.getByText('Go to (27)').click()
  await expect(page.getByRole('link', { name: 'train_region_3 1 changed' })).toBeVisible()
  await page.getByRole('link', { name: 'load_everything' }).click()
  await expect(field('load_everything')).toBeVisible()
  await expect(page.getByLabel('Only changed')).not.toBeChecked()
})

test('options of the run and of a step are folded, and in sight where they are set', async ({ page, rest }, info) => {
  const snapshot = await (await Crowd.open(rest)).snapshot('options', fanOut(12), `options-${info.project.name}`)
  const path = `/projects/${CROWD}/snapshots/${snapshot}/run`
  await page.goto(path)
  await hydrated(page)
  const control = (name: string) => page.locator(`[id="p.${name}"]`)
  const [cpu, retries] = ['settings.resources.cpu_count', 'steps.train_region_3.retry.max_retries'].map(control)
  await expect(cpu).toBeHidden()
  await page.getByText('Resources and step settings').click()
  await cpu.fill('2')
  // A step has its options when somebody asks for them; what was typed is still there.
  await page.getByLabel('Set options of a step').selectOption('train_region_3')
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await expect(retries).toBeVisible()
  await expect(cpu).toHaveValue('2')
  await hydrated(page)
  await retries.fill('4')
  if (withScripts(info)) {
    await expectAccessible(page)
    await expect(page.getByText('Resources and step settings 2 changed')).toBeVisible()
    // The filter opens what it finds, and folds it again.
    await page.getByLabel('Find fields').fill('environment')
    await expect(page.locator('[id="key.environment.0"]')).toBeVisible()
    await expect(cpu).toBeHidden()
    await page.getByLabel('Find fields').fill('')
    await expect(page.locator('[id="key.environment.0"]')).toBeHidden()
    await expect(retries).toBeVisible()
    // A problem leads into what is folded.
    await retries.fill('0')
    await page.getByText('Resources and step settings').click()
    await expect(retries).toBeHidden()
    await page.getByRole('link', { name: /max_retries/ }).click()
    await expect(retries).toBeFocused()
    await retries.fill('4')
  }
  await page.goto(`${path}?p.steps.train_region_3.retry.max_retries=4`)
  await expect(retries).toBeVisible()
  await expect(page.getByText('the link', { exact: false }).first()).toBeVisible()
  await page.getByRole('button', { name: 'Remove the values of the link' }).click()
  await expect(page).not.toHaveURL(/max_retries/)
  await expect(page.getByRole('button', { name: 'Remove the values of the link' })).toBeHidden()
})
