// The two things Darkroom is for, as a user does them; once with scripts and once without.
import { expect, expectAccessible, hydrated, openFileMenu, test } from '../fixtures'
import type { Rest } from '../rest'
import type { Page, TestInfo } from '@playwright/test'

const withScripts = (info: TestInfo) => info.project.use.javaScriptEnabled !== false

/** Waits until the run whose page is shown is complete: pushed with scripts, reloaded without. */
async function untilCompleted(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  // Without scripts the page reloads itself every ten seconds.
  await expect(page.getByRole('main').getByText('Completed').first()).toBeVisible({ timeout: 50_000 })
}

/** The run whose page is shown, over REST: dashboard and client agree. */
async function evaluatorOf(page: Page, rest: Rest): Promise<{ accuracy: number, model_type: string }> {
  const run = new URL(page.url()).pathname.split('/').at(-1) ?? ''
  const answer = await rest.send<{ body: { status: string } }>('GET', `/runs/${run}`)
  expect(answer.body.status).toBe('completed')
  const steps = await rest.send<{ items: { name: string, metadata: { run_metadata: never } }[] }>(
    'GET', `/steps?project=default&pipeline_run_id=${run}&hydrate=true`)
  return steps.items.find((step) => step.name === 'evaluator')?.metadata.run_metadata as never
}

test('a run becomes a snapshot: run, New Snapshot, Create', async ({ page, rest }, info) => {
  const name = `made-${info.project.name}-${Date.now()}`
  await page.goto('/projects/default/runs')
  const first = await rest.firstRun()
  await page.getByRole('link', { name: new RegExp(first.name) }).click()
  await expect(page).toHaveURL(new RegExp(`/runs/${first.id}`))
  await hydrated(page)

  await page.getByLabel('More actions').click()
  await page.getByRole('link', { name: 'New Snapshot' }).click()
  const form = withScripts(info) ? page.getByRole('dialog') : page.getByRole('main')
  await form.getByRole('textbox', { name: 'Name' }).fill(name)
  await form.getByLabel('Description').fill('Made in a browser test')
  await form.getByRole('textbox', { name: 'Tags' }).fill('browser, test')
  if (withScripts(info)) await expectAccessible(page)
  await form.getByRole('button', { name: 'Create' }).click()

  await expect(page).toHaveURL(/\/projects\/default\/snapshots\/[0-9a-f-]{36}$/)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name)
  await expect(page.locator('.markdown')).toHaveText('Made in a browser test')
  await expect(page.getByRole('heading', { name: 'Ready to run' })).toBeVisible()
  const made = await rest.snapshot(name)
  expect(made.body.runnable).toBe(true)
})

test.describe('with a name that is taken', () => {
  test.use({ expectedErrors: [/status of 4(09|22)/] })

  test('a new snapshot says so, keeps what was typed, and may replace the other', async ({ page, rest }, info) => {
    const name = `taken-${info.project.name}-${Date.now()}`
    const page_of_form = `/projects/default/runs/${(await rest.firstRun()).id}/create-snapshot`
    await page.goto(page_of_form)
    await page.getByRole('main').getByRole('textbox', { name: 'Name' }).fill(name)
    await page.getByRole('main').getByRole('button', { name: 'Create' }).click()
    await expect(page).toHaveURL(/\/snapshots\//)
    const other = await rest.snapshot(name)

    await page.goto(page_of_form)
    const form = page.getByRole('main')
    await form.getByRole('textbox', { name: 'Name' }).fill(name)
    await form.getByLabel('Description').fill('The second')
    await form.getByRole('button', { name: 'Create' }).click()
    await expect(form.getByText(/has a snapshot named/)).toBeVisible()
    await expect(form.getByLabel('Description')).toHaveValue('The second')
    await form.getByLabel(/^Replace it/).check()
    await form.getByRole('button', { name: 'Create' }).click()
    await expect(page).toHaveURL(/\/snapshots\//)
    await expect(page.locator('.markdown')).toHaveText('The second')
    expect((await rest.snapshot(name)).id).not.toBe(other.id)
  })
})

test('a snapshot runs again with other values: Run a Pipeline, form, Run', async ({ page, rest }, info) => {
  await page.goto('/projects/default/pipelines')
  await page.getByRole('link', { name: 'Run a Pipeline' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Run a Pipeline')
  await page.getByRole('row', { name: /print-quality/ }).getByRole('link', { name: /^Run/ }).click()
  await expect(page).toHaveURL(/\/snapshots\/[0-9a-f-]+\/run$/)
  await hydrated(page)

  await page.getByRole('radio', { name: 'quadratic' }).check()
  await page.getByLabel(/^epochs/).fill('150')
  if (withScripts(info)) {
    await expect(page.getByText('2 changes against the snapshot')).toBeVisible()
    await expectAccessible(page)
  } else {
    await page.getByRole('button', { name: 'Check without running' }).click()
    await expect(page.getByText('2 changes against the snapshot')).toBeVisible()
    await expect(page.getByRole('radio', { name: 'quadratic' })).toBeChecked()
  }
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(page).toHaveURL(/\/projects\/default\/runs\/[0-9a-f-]{36}$/)
  await untilCompleted(page)
  const evaluator = await evaluatorOf(page, rest)
  expect(evaluator.model_type).toBe('quadratic')
  expect(evaluator.accuracy).toBeGreaterThan(0.85)
})

test('a snapshot runs with an uploaded file: Run Snapshot, upload, Run', async ({ page, rest }, info) => {
  const snapshot = await rest.snapshot('print-quality')
  await page.goto(`/projects/default/snapshots/${snapshot.id}`)
  await page.getByRole('link', { name: 'Run Snapshot' }).click()
  await expect(page).toHaveURL(/\/run$/)
  await hydrated(page)
  if (withScripts(info)) await page.getByRole('button', { name: 'YAML', exact: true }).click()
  const yaml = 'run_name: uploaded_{date}_{time}\nsteps:\n  model_trainer:\n    parameters:\n      model_type: quadratic\n'
  await openFileMenu(page)
  await page.getByLabel('Load a .yaml file').setInputFiles({ name: 'run.yaml', mimeType: 'application/yaml', buffer: Buffer.from(yaml) })
  if (withScripts(info)) {
    await expect(page.getByText('run.yaml was loaded.')).toBeVisible()
    await page.getByRole('button', { name: 'Form', exact: true }).click()
  } else {
    await page.getByRole('button', { name: 'Load', exact: true }).click()
  }
  await expect(page.getByRole('radio', { name: 'quadratic' })).toBeChecked()
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(page).toHaveURL(/\/projects\/default\/runs\/[0-9a-f-]{36}$/)
  await expect(page.getByRole('heading', { level: 1 })).toContainText('uploaded_2')
  await untilCompleted(page)
  expect((await evaluatorOf(page, rest)).model_type).toBe('quadratic')
})

test.describe('with a value that is out of range', () => {
  test.use({ expectedErrors: [/status of 422/] })

  test('nothing runs and the field says why', async ({ page, rest }, info) => {
    const snapshot = await rest.snapshot('print-quality')
    await page.goto(`/projects/default/snapshots/${snapshot.id}/run`)
    await hydrated(page)
    await page.getByLabel(/^epochs/).fill('0')
    if (!withScripts(info)) await page.getByRole('button', { name: 'Run', exact: true }).click()
    await expect(page.getByText('1 problem', { exact: true })).toBeVisible()
    await expect(page.getByLabel(/^epochs/)).toHaveAttribute('aria-invalid', 'true')
    await expect(page.getByLabel(/^epochs/)).toHaveValue('0')
    await expect(page).toHaveURL(/\/run$/)
  })
})

test('the way to Run Details and back is one history', async ({ page, rest }) => {
  const snapshot = await rest.snapshot('print-quality')
  const field = page.getByLabel(/^epochs/)
  await page.goto(`/projects/default/snapshots/${snapshot.id}`)
  await hydrated(page)
  await page.getByRole('link', { name: 'Run Snapshot' }).click()
  await expect(field).toBeVisible()
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Stacks' }).click()
  await expect(page.getByRole('heading', { name: 'Stacks', level: 1 })).toBeVisible()
  await page.goBack()
  await expect(field).toBeVisible()
  await page.goBack()
  await expect(page).toHaveURL(new RegExp(`/snapshots/${snapshot.id}$`))
  await expect(page.getByRole('heading', { name: 'print-quality', level: 1 })).toBeVisible()
  await page.goForward()
  await expect(field).toBeVisible()
})
