// Lighthouse's figures for the main pages, with its desktop preset. Timings depend on the machine, so this runs by
// `make lighthouse`, not with the tests.
import { expect, test } from '../fixtures'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { url } from '../rest'

const VERSION = '13.5.0'
const CATEGORIES = ['performance', 'accessibility', 'best-practices']

test.skip(!process.env.LIGHTHOUSE, 'runs by `make lighthouse`')
test.describe.configure({ mode: 'default', timeout: 300_000 })

test('performance, accessibility and best practices are 95 or more', async ({ rest, launchOptions }) => {
  const snapshot = (await rest.snapshot('print-quality')).id
  const pages = { Home: '/', Snapshots: '/projects/default/snapshots', Runs: '/projects/default/runs', 'Run Details': `/projects/default/snapshots/${snapshot}/run` }
  const [cookie] = (rest.storageState() as { cookies: { name: string, value: string }[] }).cookies
  const folder = mkdtempSync(join(tmpdir(), 'darkroom-lighthouse-'))
  const low: string[] = []
  for (const [name, path] of Object.entries(pages)) {
    const report = join(folder, 'report.json')
    const options = [
      '--preset=desktop', '--quiet', '--output=json', `--output-path=${report}`, `--only-categories=${CATEGORIES.join(',')}`,
      `--extra-headers=${JSON.stringify({ Cookie: `${cookie.name}=${cookie.value}` })}`,
      `--chrome-flags=--headless=new ${(launchOptions.args ?? []).join(' ')}`,
    ]
    await promisify(execFile)('npx', ['--yes', `lighthouse@${VERSION}`, `${url}${path}`, ...options], {
      env: { ...process.env, CHROME_PATH: launchOptions.executablePath },
    })
    const { categories, audits } = JSON.parse(readFileSync(report, 'utf8'))
    const scores = CATEGORIES.map((category) => `${category} ${Math.round(categories[category].score * 100)}`)
    const times = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift']
    console.log(`${name}: ${scores.join(', ')} (${times.map((audit) => `${audit} ${audits[audit].displayValue}`).join(', ')})`)
    for (const category of CATEGORIES) {
      const lost = categories[category].auditRefs.filter(({ id, weight }: { id: string, weight: number }) => weight && (audits[id].score ?? 1) < 0.9)
      if (lost.length) console.log(`  ${category}: ${lost.map(({ id }: { id: string }) => `${id} ${audits[id].displayValue ?? ''}`).join('; ')}`)
      if (categories[category].score < 0.95) low.push(`${name} ${category}`)
    }
  }
  rmSync(folder, { recursive: true })
  expect(low).toEqual([])
})
