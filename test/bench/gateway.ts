import { now, poll, freePort, run, temporaryFolder, type Program, type RunOptions } from './process.ts'
import type { SimulatorProcess } from './simulator.ts'
import type { Subject } from './subject.ts'

/** The API key of every gateway here. */
export const KEY = 'bench'
const PAGE = 200
/** Asking costs the gateway time, so long waits ask seldom. */
const HISTORY_STEP_MS = 20
const LIST_STEP_MS = 25

/** Where a gateway answers. */
export interface Api {
  /** GET; null when nobody listens, the answer is an error or there is nothing yet. */
  get<T>(path: string): Promise<T | null>
  post<T>(path: string, body?: object): Promise<T>
  /** The whole of a list, page by page. */
  list<T>(path: string): Promise<readonly T[]>
  /** The path of the page that comes after this many entries. */
  skip(path: string, entries: number): Promise<string>
}

interface Page<T> {
  readonly entries: readonly T[]
  /** Path and query of the next page. */
  readonly next: string | null
}

/** The gateway as a process, on this store and this simulated WhatsApp; `more` is how else it is run. */
export async function startGatewayProcess(settings: { dataDir: string; sandbox: string }, more: RunOptions = {}): Promise<{ readonly program: Program; readonly api: Api; readonly url: string }> {
  const port = await freePort()
  const env = { HOST: '127.0.0.1', PORT: String(port), API_KEY: KEY, LOG_LEVEL: 'warn', DATA_DIR: settings.dataDir, SANDBOX: settings.sandbox, ...more.env }
  const program = run('../../src/server.js', { ...more, env })
  const url = `http://127.0.0.1:${port}`
  const headers = { 'X-Api-Key': KEY }
  async function turn<T>(path: string): Promise<Page<T>> {
    const response = await fetch(url + path, { headers })
    if (!response.ok) throw new Error(`${path} answered ${response.status}`)
    const link = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1]
    const next = link === undefined ? null : new URL(link, url)
    return { entries: (await response.json()) as T[], next: next && next.pathname + next.search }
  }
  const api: Api = {
    async get<T>(path: string) {
      const response = await fetch(url + path, { headers }).catch(() => null)
      if (response?.ok) return (await response.json()) as T
      await response?.arrayBuffer()
      return null
    },
    async post<T>(path: string, body?: object) {
      const response = await fetch(url + path, { method: 'POST', ...(body ? { headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) } : { headers }) })
      if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
      return (await response.json()) as T
    },
    async list<T>(path: string) {
      const entries: T[] = []
      for (let next: string | null = `${path}?limit=${PAGE}`; next !== null; ) {
        const page: Page<T> = await turn<T>(next)
        entries.push(...page.entries)
        next = page.next
      }
      return entries
    },
    async skip(path, entries) {
      const from = new URL(path, url)
      const limit = from.searchParams.get('limit') ?? ''
      from.searchParams.set('limit', String(PAGE))
      let next = from.pathname + from.search
      for (let left = entries; left > 0; left -= PAGE) {
        const page = await turn(next)
        if (page.next === null) throw new Error(`${path} ends before ${entries} entries`)
        next = page.next
      }
      const found = new URL(next, url)
      found.searchParams.set('limit', limit)
      return found.pathname + found.search
    },
  }
  return { program, api, url }
}

/** Waits until it takes requests. */
export const ready = (api: Api): Promise<unknown> => poll('the gateway being ready', () => api.get('/health/ready'))

interface ListedSession {
  readonly isLoggedIn: boolean
}

/** The gateway on this simulator. */
export async function startGateway(simulator: SimulatorProcess): Promise<Subject> {
  const settings = { dataDir: temporaryFolder(), sandbox: simulator.controlUrl }
  let gateway = await startGatewayProcess(settings)
  await ready(gateway.api)

  async function scanned(id: string, phone: string): Promise<number> {
    const { api } = gateway
    await api.post(`/sessions/${id}`)
    const qr = await poll('a QR code', async () => (await api.get<{ qr: string | null }>(`/sessions/${id}/qr`))?.qr ?? null)
    return await simulator.scan(qr, phone)
  }

  /** When the session was seen logged in, in `now` time. */
  const loggedIn = (id: string): Promise<number> =>
    poll('logging in', async () => ((await gateway.api.get<ListedSession>(`/sessions/${id}`))?.isLoggedIn === true ? now() : null))

  const isComplete = async (id: string, chat: string, messages: number): Promise<boolean> =>
    (await gateway.api.get<unknown[]>(`/sessions/${id}/chats/${chat}/messages?limit=${PAGE}`))?.length === messages

  return {
    get pid() {
      return gateway.program.pid
    },
    async link(id, phone) {
      const from = await scanned(id, phone)
      return (await loggedIn(id)) - from
    },
    async linkWithHistory(id, phone, { chats, messagesPerChat, oldestChat }) {
      const from = await scanned(id, phone)
      // The phone hands over the newest chats first, so the clock runs until the oldest one is whole.
      const whole = (chat: string) => poll('the history being stored', async () => ((await isComplete(id, chat, messagesPerChat)) ? now() : null), HISTORY_STEP_MS)
      let complete = await whole(oldestChat)
      const listed = await gateway.api.list<{ id: string }>(`/sessions/${id}/chats`)
      if (listed.length !== chats) throw new Error(`${listed.length} chats are listed instead of ${chats}`)
      for (const chat of listed) {
        if (!(await isComplete(id, chat.id, messagesPerChat))) complete = await whole(chat.id)
      }
      return complete - from
    },
    async restart(sessions) {
      await gateway.program.stop()
      const from = now()
      gateway = await startGatewayProcess(settings)
      const { api } = gateway
      const complete = await poll('all sessions being open', async () => {
        const listed = await api.get<ListedSession[]>(`/sessions?limit=${PAGE}`)
        return listed?.filter(({ isLoggedIn }) => isLoggedIn).length === sessions ? now() : null
      }, LIST_STEP_MS)
      return complete - from
    },
    stop: () => gateway.program.stop(),
  }
}
