// How long a key takes to be seen in a form of 200 parameters, on a processor four times as slow. Timings depend on the
// machine, so this runs by `make typing`, not with the tests; it prints figures.
import { CROWD, Crowd, fanOut } from '../crowd'
import { expect, hydrated, test } from '../fixtures'
import type { Page } from '@playwright/test'

const STEPS = 40
const SLOWER = 4
/** With pauses among them, in which the text is checked. */
const KEYS = 60

test.skip(!process.env.TYPING, 'runs by `make typing`')
test.describe.configure({ mode: 'default', timeout: 300_000 })
// Traces take a picture of the page with every key.
test.use({ trace: 'off', screenshot: 'off' })

const TAKES = {
  learning_rate: { value: 0.1, schema: { type: 'number', exclusiveMinimum: 0, maximum: 1, description: 'Step size of the optimiser' } },
  epochs: { value: 3, schema: { type: 'integer', minimum: 1, maximum: 500 } },
  label: { value: 'north', schema: { type: 'string' } },
  shuffle: { value: true, schema: { type: 'boolean' } },
  layers: { value: [64, 32], schema: { type: 'array', items: { type: 'integer' } } },
}

interface Figures { keys: number[], tasks: number[] }

/** Milliseconds from each key to the frame that shows it, as the page's own clock has them; and tasks of more than 50 ms. */
async function type(page: Page): Promise<Figures> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
  const figures = await page.evaluateHandle(() => {
    const found: Figures = { keys: [], tasks: [] }
    new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => found.tasks.push(Math.round(duration)))).observe({ type: 'longtask' })
    const channel = new MessageChannel()
    channel.port1.onmessage = ({ data }) => found.keys.push(Math.round(performance.now() - data))
    addEventListener('keydown', () => {
      const began = performance.now()
      requestAnimationFrame(() => channel.port2.postMessage(began))
    }, true)
    return found
  })
  for (let key = 0; key < KEYS; key++) {
    await page.keyboard.press('abcdefghij'[key % 10])
    await page.waitForTimeout(key % 10 === 9 ? 700 : 140)
  }
  await page.waitForTimeout(1500)
  const found = await figures.jsonValue()
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 1 })
  return found
}

test('a key in a form of 200 parameters', async ({ page, rest }) => {
  const snapshot = await (await Crowd.open(rest)).snapshot('wide', fanOut(STEPS), `wide-${Date.now()}`, TAKES)
  const places = {
    form: (page: Page) => page.locator('[id="p.steps.train_region_20.parameters.label"]').click(),
    yaml: async (page: Page) => {
      await page.locator('.cm-content').click()
      await page.keyboard.type('steps:\n  train_region_20:\n  parameters:\n  label: a')
    },
    split: (page: Page) => page.locator('[id="p.steps.train_region_20.parameters.label"]').click(),
  }
  page.on('dialog', (dialog) => dialog.accept())
  for (const [mode, focus] of Object.entries(places)) {
    await page.goto(`/projects/${CROWD}/snapshots/${snapshot}/run?mode=${mode}`)
    await hydrated(page)
    await expect(page.locator('.cm-content')).toBeAttached()
    await page.waitForTimeout(2500)
    await focus(page)
    const { keys, tasks } = await type(page)
    expect(keys.length).toBeGreaterThan(KEYS / 2)
    await expect(page.locator('[id="p.steps.train_region_20.parameters.label"]')).toHaveValue(/abcdefghij/)
    const sorted = keys.sort((left, right) => left - right)
    const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]
    const long = `${tasks.length} tasks of more than 50 ms, the longest ${Math.max(0, ...tasks)} ms`
    console.log(`${mode}: key to frame ${at(0.5)} ms (median), ${at(0.9)} ms (nine in ten), ${at(1)} ms (worst); ${long}`)
  }
})
