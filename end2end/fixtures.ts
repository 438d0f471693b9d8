// What every browser test has: a page whose errors fail the test, and the check for accessibility.
import AxeBuilder from '@axe-core/playwright'
import { test as base, expect, type Page } from '@playwright/test'
import { Rest } from './rest'

interface Fixtures {
  rest: Rest
  /** Messages that this test expects on the console, for pages that are to answer with an error. */
  expectedErrors: RegExp[]
}

/** What a browser whose scripts are switched off says about every page that has one. */
const WITHOUT_SCRIPTS = [/^request: \S+\.js csp$/, /was preloaded using link preload but not used/]

export const test = base.extend<Fixtures>({
  rest: async ({}, use) => use(await Rest.signIn()),
  expectedErrors: async ({}, use) => use([]),
  // Errors of scripts, of hydration (told on the console) and of requests that got no answer.
  page: async ({ page, expectedErrors, javaScriptEnabled }, use) => {
    const errors: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') errors.push(`console: ${message.text()} (${message.location().url})`)
    })
    page.on('pageerror', (error) => errors.push(`page: ${error.stack ?? error.message}`))
    page.on('requestfailed', (request) => {
      // Leaving a page ends its event stream and what it was loading.
      if (request.failure()?.errorText !== 'net::ERR_ABORTED') errors.push(`request: ${request.url()} ${request.failure()?.errorText}`)
    })
    await use(page)
    const expected = javaScriptEnabled === false ? [...expectedErrors, ...WITHOUT_SCRIPTS] : expectedErrors
    expect(errors.filter((error) => !expected.some((known) => known.test(error)))).toEqual([])
  },
})

/** Nothing serious by axe's rules on the page as it is now. */
export async function expectAccessible(page: Page): Promise<void> {
  const found = await new AxeBuilder({ page }).analyze()
  const serious = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  const told = serious.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map(({ html }) => `  ${html.slice(0, 200)}`).join('\n')}`)
  expect(told.join('\n')).toBe('')
}

/** Waits until the browser has taken the page over from the server, where scripts run. */
export async function hydrated(page: Page): Promise<void> {
  await page.waitForLoadState('load')
}

/** Opens the menu of Run Details that takes a file. */
export async function openFileMenu(page: Page): Promise<void> {
  const menu = page.locator('details').filter({ has: page.getByText('Upload YAML', { exact: true }) })
  if (await menu.getAttribute('open') === null) await menu.locator('summary').click()
}

export { expect }
