// Run Details: values of several types, and lists of models as cards; the same with scripts and without.
import { CROWD, Crowd, type Parameter } from '../crowd'
import { expect, expectAccessible, hydrated, test } from '../fixtures'
import type { Rest } from '../rest'
import type { Page, TestInfo } from '@playwright/test'

const STEP = 'steps.only_step.parameters'
const layer = {
  type: 'object', title: 'Layer', required: ['units'],
  properties: { units: { type: 'integer', minimum: 1 }, activation: { enum: ['relu', 'tanh'], default: 'relu' } },
}
const TAKES: Record<string, Parameter> = {
  depth: { value: 3, schema: { anyOf: [{ type: 'integer' }, { const: 'auto' }, { type: 'string' }], description: 'How deep it looks' } },
  note: { value: 'x', schema: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
  layers: { value: [{ units: 64 }, { units: 32, activation: 'tanh' }], schema: { type: 'array', items: layer } },
}

test.use({ expectedErrors: [/status of 422/] })

const withScripts = (info: TestInfo) => info.project.use.javaScriptEnabled !== false
const text = (page: Page) => page.locator('textarea[name=yaml]')
const input = (page: Page, path: string) => page.locator(`[id="p.${STEP}.${path}"]`)

async function open(page: Page, rest: Rest, info: TestInfo): Promise<void> {
  const snapshot = await (await Crowd.open(rest)).snapshot('nested_fields', { only_step: [] }, `nested-${info.project.name}-${Date.now()}`, TAKES)
  await page.goto(`/projects/${CROWD}/snapshots/${snapshot}/run?mode=split`)
  await hydrated(page)
  // The buttons of lists send the form until the page is taken over.
  if (withScripts(info)) await expect(page.getByRole('button', { name: 'Check without running' })).toBeHidden()
}

/** What Enter in a field means where no script reads along. */
async function check(page: Page, info: TestInfo): Promise<void> {
  if (!withScripts(info)) await page.locator('[id="p.run_name"]').press('Enter')
}

test('the type is chosen, and what was typed for another one is kept', async ({ page, rest }, info) => {
  await open(page, rest, info)
  const depth = page.getByRole('group', { name: /^depth/ })
  await expect(depth.getByRole('radio', { name: 'an integer' })).toBeChecked()
  await expect(depth.getByRole('radio', { name: /YAML/ })).toBeHidden()
  await expect(input(page, 'depth.?2')).toBeHidden()
  await input(page, 'depth.?0').fill('7')
  await depth.getByRole('radio', { name: 'text', exact: true }).check()
  await expect(input(page, 'depth.?0')).toBeHidden()
  await input(page, 'depth.?2').fill('deep')
  await check(page, info)
  await expect(text(page)).toHaveValue(/depth: deep/)
  if (withScripts(info)) await expectAccessible(page)
  await depth.getByRole('radio', { name: 'an integer' }).check()
  await expect(input(page, 'depth.?0')).toHaveValue('7')
  await check(page, info)
  await expect(text(page)).toHaveValue(/depth: 7/)
  await depth.getByRole('radio', { name: 'auto' }).check()
  await check(page, info)
  await expect(text(page)).toHaveValue(/depth: auto/)
  await depth.getByRole('radio', { name: 'text', exact: true }).check()
  await expect(input(page, 'depth.?2')).toHaveValue('deep')
})

test('null is taken back to what was typed before', async ({ page, rest }, info) => {
  test.skip(!withScripts(info), 'without scripts nothing happens before the form is sent')
  await open(page, rest, info)
  await input(page, 'note').fill('typed')
  await page.locator(`[id="null.${STEP}.note"]`).check()
  await expect(text(page)).toHaveValue(/note: null/)
  await page.locator(`[id="null.${STEP}.note"]`).uncheck()
  await expect(input(page, 'note')).toHaveValue('typed')
  await expect(text(page)).toHaveValue(/note: typed/)
})

test('entries of a list are added, copied, moved and removed', async ({ page, rest }, info) => {
  await open(page, rest, info)
  const layers = page.getByRole('group', { name: /^layers/ })
  const units = (entry: number) => input(page, `layers.?0.${entry}.units`)
  await expect(layers.getByRole('group', { name: /^Entry/ })).toHaveCount(2)
  await units(0).fill('128')
  await layers.getByRole('button', { name: 'Add an entry' }).click()
  await expect(units(2)).toBeVisible()
  if (withScripts(info)) await expect(units(2)).toBeFocused()
  await expect(units(0)).toHaveValue('128')
  await expect(page.getByText('entry 3: units is missing', { exact: false }).first()).toBeVisible()
  await units(2).fill('16')
  await layers.getByRole('button', { name: 'Move up entry 3' }).click()
  await expect(units(1)).toHaveValue('16')
  await expect(units(2)).toHaveValue('32')
  if (withScripts(info)) await expect(layers.getByRole('button', { name: 'Move up entry 2' })).toBeFocused()
  await layers.getByRole('button', { name: 'Duplicate entry 2' }).click()
  await expect(units(2)).toHaveValue('16')
  await expect(layers.getByRole('group', { name: /^Entry/ })).toHaveCount(4)
  await layers.getByRole('button', { name: 'Remove entry 1' }).click()
  await expect(layers.getByRole('group', { name: /^Entry/ })).toHaveCount(3)
  await expect(units(0)).toHaveValue('16')
  if (withScripts(info)) await expectAccessible(page)
  await expect(text(page)).toHaveValue(/units: 16\s+- units: 16\s+- units: 32\s+activation: tanh/)
})

test('a value that fits no control is shown as YAML and left alone', async ({ page, rest }, info) => {
  test.skip(withScripts(info), 'the editor takes the place of the text')
  await open(page, rest, info)
  const other = `steps:\n  only_step:\n    parameters:\n      layers:\n        - units: 1\n          more: 0x10 # kept\n`
  await text(page).fill(other)
  await check(page, info)
  await expect(input(page, 'layers.?1')).toHaveValue(/more: 16/)
  await check(page, info)
  await expect(text(page)).toHaveValue(other)
})
