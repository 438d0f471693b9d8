// Every page in light, dark and forced colours: no errors, nothing serious by axe, nothing wider than the window; a picture of each.
import { expect, expectAccessible, hydrated, test } from '../fixtures'
import type { Rest } from '../rest'

type Path = (rest: Rest) => Promise<string> | string

const snapshot: Path = async (rest) => `/projects/default/snapshots/${(await rest.snapshot('print-quality')).id}`
const run: Path = async (rest) => `/projects/default/runs/${(await rest.firstRun()).id}`
const after = (path: Path, rest: string): Path => async (source) => `${await path(source)}${rest}`

const PAGES: Record<string, Path> = {
  home: () => '/',
  pipelines: () => '/projects/default/pipelines',
  pipeline: async (rest) => `/projects/default/pipelines/${(await rest.items('/pipelines?project=default'))[0].id}`,
  'run-a-pipeline': () => '/projects/default/run',
  snapshots: () => '/projects/default/snapshots',
  'snapshots-cards': () => '/projects/default/snapshots?view=cards',
  'snapshots-unused': () => '/projects/default/snapshots?unused=90',
  snapshot,
  'snapshot-parameters': after(snapshot, '?tab=parameters'),
  'snapshot-usage': after(snapshot, '?tab=usage'),
  'snapshot-history': after(snapshot, '?tab=history'),
  'snapshot-api': after(snapshot, '?tab=api'),
  'snapshot-edit': after(snapshot, '/edit'),
  'snapshots-compare': async (rest) => {
    const { id } = await rest.snapshot('print-quality')
    return `/projects/default/snapshots/compare?a=${id}&b=${id}`
  },
  'snapshots-new': () => '/projects/default/snapshots/new',
  'snapshots-remove': async (rest) => `/projects/default/snapshots/remove?id=${(await rest.snapshot('print-quality')).id}`,
  'run-details': after(snapshot, '/run'),
  runs: () => '/projects/default/runs',
  run,
  'run-steps': after(run, '?tab=steps'),
  'run-logs': after(run, '?tab=logs'),
  'run-configuration': after(run, '?tab=configuration'),
  'run-code': after(run, '?tab=code'),
  'runs-compare': async (rest) => {
    const { id } = await rest.firstRun()
    return `/projects/default/runs/compare?a=${id}&b=${id}`
  },
  'new-snapshot': after(run, '/create-snapshot'),
  stacks: () => '/stacks',
  'no-rows': () => '/projects/default/runs?name=contains:nothing-is-called-this',
}

const COLOURS = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  forced: { colorScheme: 'dark', forcedColors: 'active' },
} as const

for (const [name, path] of Object.entries(PAGES)) {
  for (const [colours, media] of Object.entries(COLOURS)) {
    test(`${name}, ${colours}`, async ({ page, rest }) => {
      await page.emulateMedia({ ...media, reducedMotion: 'reduce' })
      const answer = await page.goto(await path(rest))
      expect(answer?.status()).toBe(200)
      await hydrated(page)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expectAccessible(page)
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      expect(wider, 'pixels that the page is wider than the window').toBeLessThanOrEqual(0)
      await page.screenshot({ path: `screenshots/${name}-${colours}.png`, fullPage: true })
    })
  }
}

test.describe('a page that does not exist', () => {
  test.use({ expectedErrors: [/status of 404/] })

  test('says so and leads back', async ({ page }) => {
    const answer = await page.goto('/projects/default/nothing-here')
    expect(answer?.status()).toBe(404)
    await expect(page.getByRole('heading', { level: 1, name: 'There is no such page' })).toBeVisible()
    await expectAccessible(page)
    await page.getByRole('main').getByRole('link').first().click()
    await expect(page).not.toHaveURL(/nothing-here/)
  })
})
