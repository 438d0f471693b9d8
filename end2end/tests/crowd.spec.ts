// What much data and long names do to the pages.
import { CROWD, Crowd, LONG_NAME, fanOut } from '../crowd'
import { expect, expectAccessible, hydrated, test } from '../fixtures'
import { Rest } from '../rest'
import type { Page } from '@playwright/test'

test.describe.configure({ mode: 'default' })

let crowd: Crowd

test.beforeAll(async () => {
  crowd = await Crowd.open(await Rest.signIn())
})

async function picture(page: Page, name: string): Promise<void> {
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect(wider, 'pixels that the page is wider than the window').toBeLessThanOrEqual(0)
  await page.screenshot({ path: `screenshots/${name}.png`, fullPage: true })
}

test('200 runs with long names', async ({ page }, info) => {
  const snapshot = await crowd.snapshot(LONG_NAME, fanOut(1), `${LONG_NAME}-nightly-${info.retry}`)
  await crowd.runs(snapshot, 200, `${LONG_NAME}-${info.retry}`)
  for (const [name, path] of [['runs-200', 'runs'], ['runs-last-page', 'runs?page=2'], ['snapshots-long', 'snapshots'], ['pipelines-long', 'pipelines']]) {
    await page.goto(`/projects/${CROWD}/${path}`)
    await hydrated(page)
    await expect(page.getByRole('row').filter({ hasText: LONG_NAME }).first()).toBeVisible()
    await expectAccessible(page)
    await picture(page, name)
  }
})

test('a filter and a page are in the URL and survive a reload', async ({ page }) => {
  await page.goto(`/projects/${CROWD}/runs?status=failed`)
  await hydrated(page)
  const rows = page.getByRole('row').filter({ has: page.getByRole('link', { name: /-\d+$/ }) })
  const count = await rows.count()
  expect(count).toBeGreaterThan(0)
  await expect(rows.filter({ hasText: /failed/i })).toHaveCount(count)
  await page.reload()
  await expect(rows).toHaveCount(count)
})

for (const count of [1, 30, 300]) {
  test(`a graph of ${count} steps: no text clipped or overlapping`, async ({ page }, info) => {
    const steps = fanOut(count)
    const snapshot = await crowd.snapshot(`graph_of_${count}`, steps)
    const run = await crowd.run(snapshot, `graph-${count}-${info.retry}`, Object.keys(steps).slice(0, Math.ceil(count / 2)).slice(0, 20))
    await page.goto(`/projects/${CROWD}/runs/${run}`)
    await hydrated(page)
    const graph = page.locator('svg').filter({ has: page.locator('text') }).first()
    await expect(graph).toBeVisible()
    const boxes = await graph.locator('text').evaluateAll((texts) => texts.map((text) => {
      const { x, y, width, height } = text.getBoundingClientRect()
      return { text: text.textContent ?? '', x, y, width, height }
    }))
    for (const step of Object.keys(steps)) expect(boxes.some(({ text }) => step.startsWith(text.replace(/…$/, '')) && text !== '')).toBe(true)
    const shown = boxes.filter(({ width }) => width > 0)
    const overlapping = shown.flatMap((one, index) => shown.slice(index + 1)
      .filter((other) => one.x < other.x + other.width - 1 && other.x < one.x + one.width - 1 && one.y < other.y + other.height - 1 && other.y < one.y + one.height - 1)
      .map((other) => `${one.text} / ${other.text}`))
    expect(overlapping).toEqual([])
    await expectAccessible(page)
    await picture(page, `graph-${count}`)
  })
}
