// The REST surface, for what a test prepares or checks behind the browser's back.

export const url = process.env.DARKROOM_URL ?? ''
export const PASSWORD = 'Browser-tests-1'

interface Entity {
  id: string
  name: string
  body: { status: string, runnable: boolean }
  resources: { snapshot: Entity | null, source_snapshot: Entity | null }
}

export class Rest {
  private constructor(private readonly token: string, private readonly cookie: { name: string, value: string }) {}

  static async signIn(username = 'admin', password = PASSWORD): Promise<Rest> {
    const answer = await fetch(`${url}/api/v1/login`, { method: 'POST', body: new URLSearchParams({ username, password }) })
    if (!answer.ok) throw new Error(`login: ${answer.status} ${await answer.text()}`)
    const [name, value] = (answer.headers.getSetCookie()[0] ?? '').split(';')[0].split('=')
    return new Rest((await answer.json()).access_token, { name, value })
  }

  async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { 'Authorization': `Bearer ${this.token}`, 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return await answer.json() as T
  }

  async items(path: string): Promise<Entity[]> {
    return (await this.send<{ items: Entity[] }>('GET', path)).items
  }

  snapshots(): Promise<Entity[]> {
    return this.items('/pipeline_snapshots?project=default&named_only=true&sort_by=desc:created&size=100')
  }

  runs(): Promise<Entity[]> {
    return this.items('/runs?project=default&sort_by=desc:created&size=100')
  }

  async snapshot(name: string): Promise<Entity> {
    const found = (await this.snapshots()).find((one) => one.name === name)
    if (!found) throw new Error(`no snapshot ${name}`)
    return found
  }

  /** The sample's own run, which is as old as the server. */
  async firstRun(): Promise<Entity> {
    return (await this.items('/runs?project=default&sort_by=asc:created&size=1'))[0]
  }

  /** What a browser that is signed in has stored. */
  storageState(): object {
    const cookie = { ...this.cookie, domain: new URL(url).hostname, path: '/', expires: -1, httpOnly: true, secure: false, sameSite: 'Lax' }
    return { cookies: [cookie], origins: [] }
  }
}
