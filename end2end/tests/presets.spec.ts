// What a draft of Run Details starts from, and what it is shown as.
import { expect, expectAccessible, hydrated, test } from '../fixtures'

test('a draft becomes a preset, which fills in the form and is named in Review', async ({ page, rest }) => {
  const name = `long-${Date.now()}`
  const form = `/projects/default/snapshots/${(await rest.snapshot('print-quality')).id}/run`
  await page.goto(form)
  await hydrated(page)
  await page.getByLabel(/^epochs/).fill('170')
  await expect(page.getByText('1 change against the snapshot')).toBeVisible()
  await page.getByText('Presets', { exact: false }).first().click()
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByRole('button', { name: 'Save preset' }).click()
  await expect(page.getByText('is now a preset of this pipeline')).toBeVisible()
  await expect(page.getByLabel(/^epochs/)).toHaveValue('170')

  await page.goto(`${form}?preset=${name}`)
  await hydrated(page)
  await expect(page.getByLabel(/^epochs/)).toHaveValue('170')
  await expect(page.getByRole('complementary').getByText(`preset ${name}`)).toBeVisible()
  await page.getByLabel(/^epochs/).fill('171')
  await expect(page.getByRole('complementary').getByText('typed here')).toBeVisible()
  await page.locator('#presets > summary').click()
  await page.getByRole('button', { name: `Apply ${name}` }).click()
  await expect(page.getByLabel(/^epochs/)).toHaveValue('170')
})

test('the draft as code follows what is typed', async ({ page, rest }) => {
  await page.goto(`/projects/default/snapshots/${(await rest.snapshot('print-quality')).id}/run`)
  await hydrated(page)
  await page.locator('#share > summary').click()
  await expect(page.getByRole('region', { name: 'Python' })).toContainText('trigger_pipeline')
  await page.getByLabel(/^epochs/).fill('173')
  for (const kind of ['Python', 'CLI', 'curl', 'GitHub Action', 'Link']) {
    await expect(page.getByRole('region', { name: kind })).toContainText('173')
  }
  await expectAccessible(page)
  await page.screenshot({ path: 'screenshots/run-details-code.png', fullPage: true })
})

test('a run starts again with the values that it had', async ({ page, rest }) => {
  const snapshot = (await rest.snapshot('print-quality')).id
  const configuration = { steps: { model_trainer: { parameters: { epochs: 12 } } } }
  const run = await rest.send<{ id: string, name: string }>('POST', `/pipeline_snapshots/${snapshot}/runs`, { run_configuration: configuration })
  await page.goto(`/projects/default/runs/${run.id}`)
  await hydrated(page)
  await page.getByText('Run again', { exact: true }).click()
  await page.getByRole('link', { name: 'Edit values' }).click()
  await expect(page).toHaveURL(/from_run=/)
  await expect(page.getByLabel(/^epochs/)).toHaveValue('12')
  await expect(page.getByRole('complementary').getByText(`run ${run.name}`)).toBeVisible()
})
