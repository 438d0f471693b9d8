// What a page may weigh on its way to a browser. A page that outgrows its budget fails here, not on somebody's phone.
import { CROWD, Crowd, fanOut } from '../crowd'
import { expect, hydrated, test } from '../fixtures'
import { Rest } from '../rest'
import { gzipSync } from 'node:zlib'
import type { Page, Request } from '@playwright/test'

const KIB = 1024
/** The module of all pages but Run Details, as sent with brotli. */
const APPLICATION = 350 * KIB
/** The module of Run Details, which checks run configurations. */
const RUN_DETAILS = 450 * KIB
/** Style sheets, the editor, and the HTML of a list of 25 rows, all with gzip. */
const STYLE = 30 * KIB
const EDITOR = 170 * KIB
const LIST = 60 * KIB

interface Sent { path: string, bytes: number, gzipped: number }

/** Opens a page in a browser that has nothing cached and tells what was sent for it. */
async function sentFor(page: Page, path: string): Promise<Sent[]> {
  const finished: Request[] = []
  page.on('requestfinished', (request) => finished.push(request))
  await page.goto(path)
  await hydrated(page)
  await page.waitForLoadState('networkidle')
  const files = finished.filter((request) => /\/assets\//.test(request.url()))
  return Promise.all(files.map(async (request) => {
    const body = await (await request.response())?.body()
    return { path: new URL(request.url()).pathname, bytes: (await request.sizes()).responseBodySize, gzipped: gzipSync(body ?? '').length }
  }))
}

const sum = (files: Sent[], name: RegExp, size: 'bytes' | 'gzipped') =>
  files.filter(({ path }) => name.test(path)).reduce((total, file) => total + file[size], 0)

test('home: application and style sheet, and no editor', async ({ page }) => {
  const files = await sentFor(page, '/')
  const module = sum(files, /\.wasm$/, 'bytes')
  console.log(`WebAssembly ${module}, style sheet ${sum(files, /\.css$/, 'gzipped')} bytes`)
  expect(module).toBeGreaterThan(0)
  expect(module).toBeLessThanOrEqual(APPLICATION)
  expect(sum(files, /\.css$/, 'gzipped')).toBeLessThanOrEqual(STYLE)
  expect(files.filter(({ path }) => /editor|launch/.test(path))).toEqual([])
})

test('Run Details: its own module, and the editor', async ({ page, rest }) => {
  const files = await sentFor(page, `/projects/default/snapshots/${(await rest.snapshot('print-quality')).id}/run?mode=split`)
  const [modules, editor] = [sum(files, /\.wasm$/, 'bytes'), sum(files, /editor-.*\.js$/, 'gzipped')]
  console.log(`WebAssembly ${modules}, editor ${editor} bytes`)
  expect(modules).toBeGreaterThan(0)
  expect(modules).toBeLessThanOrEqual(RUN_DETAILS)
  expect(editor).toBeLessThanOrEqual(EDITOR)
  expect(files.filter(({ path }) => /darkroom/.test(path))).toEqual([])
})

test('the HTML of a list of 25 rows', async ({ page }) => {
  const crowd = await Crowd.open(await Rest.signIn())
  const snapshot = await crowd.snapshot('weighed', fanOut(1), 'weighed')
  await crowd.runs(snapshot, 25, 'weighed')
  const answer = await page.goto(`/projects/${CROWD}/runs?size=25`)
  await expect(page.getByRole('row').filter({ hasText: 'weighed' })).not.toHaveCount(0)
  const bytes = gzipSync(await answer?.body() ?? '').length
  console.log(`HTML ${bytes} bytes`)
  expect(bytes).toBeLessThanOrEqual(LIST)
})
