// Starts the program under test with its sample, waits until the sample has run, and signs in once for all tests.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PASSWORD, Rest, url } from './rest'

const here = import.meta.dirname
const binary = resolve(here, '..', process.env.DARKROOM_BINARY ?? 'target/release/darkroom')

/** What `condition` gives once it gives something; fails after `seconds`. */
async function until<T>(seconds: number, what: string, condition: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + seconds * 1000
  while (Date.now() < end) {
    const value = await condition()
    if (value) return value
    await sleep(200)
  }
  throw new Error(`not within ${seconds} s: ${what}`)
}

export default async function start(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'darkroom-browser-'))
  const log = join(folder, 'server.log')
  const output = openSync(log, 'a')
  const options = ['serve', '--demo', '--addr', new URL(url).host, '--data-dir', join(folder, 'data')]
  if (process.env.CLIENT_PYTHON) options.push('--runner-python', process.env.CLIENT_PYTHON)
  const server: ChildProcess = spawn(binary, options, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, DARKROOM_ADMIN_PASSWORD: PASSWORD },
    stdio: ['ignore', output, output],
  })
  const stop = async () => {
    server.kill('SIGTERM')
    await Promise.race([new Promise((ended) => server.once('exit', ended)), sleep(10_000)])
    server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await until(60, 'the server is ready', async () => (await fetch(`${url}/ready`).catch(() => undefined))?.ok)
    const rest = await Rest.signIn()
    mkdirSync(join(here, 'test-results'), { recursive: true })
    writeFileSync(join(here, 'test-results/signed-in.json'), JSON.stringify(rest.storageState()))
    await until(180, 'the sample has run', async () => (await rest.snapshots()).some((one) => one.name === 'print-quality'))
    return stop
  } catch (error) {
    console.error(readFileSync(log, 'utf8').split('\n').slice(-40).join('\n'))
    await stop()
    throw error
  }
}
