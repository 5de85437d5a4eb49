import type { FastifyInstance, InjectOptions } from 'fastify'
import { onTestFinished } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import type { SessionRegistry } from '../../src/sessions/registry.ts'
import { openMemory } from '../../src/store/memory.ts'
import type { Change, SessionRow, Store } from '../../src/store/store.ts'
import type { WhatsApp } from '../../src/whatsapp/whatsapp.ts'

/** The key every test app takes. */
export const KEY = 'test-key-0123456789'
/** The account that {@link TestApp.link} links. */
export const OWN_PHONE = '34600000001'

type Answer = Awaited<ReturnType<FastifyInstance['inject']>>

/** Production's own app over a memory store, with hands to ask it. */
export interface TestApp {
  readonly app: FastifyInstance
  readonly store: Store
  /** Asks with the right key, or without any when `key` is null. */
  ask(method: NonNullable<InjectOptions['method']>, url: string, more?: { body?: unknown; headers?: Record<string, string>; key?: string | null }): Promise<Answer>
  /** Puts a linked, open session with these rows into the store. */
  link(id: string, changes?: readonly Change[]): Promise<SessionRow>
}

/** What stands behind the routes in the present test. */
interface Behind {
  store: Store
  whatsapp: WhatsApp
}

const now: Partial<Behind> = {}
/** Building an app takes far longer than asking it: the tests of a file share one and swap what is behind it. */
let shared: Promise<FastifyInstance> | undefined

/**
 * The app over a new, empty store. `whatsapp` replaces verbs of a WhatsApp that knows nobody and connects nothing.
 * With `env`, or `alone` for a test that listens or closes, it is built for this test and closed after it.
 */
export async function testApp(options: { whatsapp?: Partial<WhatsApp>; env?: Record<string, string>; store?: Store; alone?: boolean } = {}): Promise<TestApp> {
  const store = options.store ?? openMemory()
  const isAlone = options.alone === true || options.env !== undefined
  const behind: Partial<Behind> = isAlone ? {} : now
  behind.store = store
  const app = await (isAlone ? build(behind, options.env) : (shared ??= build(now)))
  behind.whatsapp = { ...quietWhatsApp(app.sessions), ...options.whatsapp }
  if (isAlone) onTestFinished(() => app.close())
  return {
    app,
    store,
    ask: (method, url, { body, headers = {}, key = KEY } = {}) =>
      app.inject({ method, url, headers: { ...(key === null ? {} : { 'x-api-key': key }), ...headers }, ...(body === undefined ? {} : { payload: body as string | object }) }),
    async link(id, changes = []) {
      await app.sessions.create(id)
      await app.sessions.update(id, { state: 'starting', wanted: true })
      const session = await app.sessions.update(id, { state: 'open', linked: true, user: { phone: OWN_PHONE, lid: '111', name: 'Me' } })
      if (changes.length > 0) await store.commit(id, changes)
      return session
    },
  }
}

async function build(behind: Partial<Behind>, env: Record<string, string> = {}): Promise<FastifyInstance> {
  const app = await buildApp(loadConfig({ API_KEY: KEY, LOG_LEVEL: 'silent', ...env }), {
    openStore: async () => through(behind, 'store'),
    whatsapp: ({ sessions }) => {
      behind.whatsapp ??= quietWhatsApp(sessions)
      return through(behind, 'whatsapp')
    },
  })
  await app.ready()
  return app
}

/** Looks up, at each call, what is behind at that moment. */
function through<K extends keyof Behind>(behind: Partial<Behind>, which: K): Behind[K] {
  return new Proxy({} as Behind[K], {
    get(_target, name) {
      const real = behind[which] as object
      const value: unknown = Reflect.get(real, name)
      return typeof value === 'function' ? (value as () => unknown).bind(real) : value
    },
  })
}

/** A WhatsApp for what only routes decide: sessions change their state as asked, and nothing is connected. */
export function quietWhatsApp(sessions: SessionRegistry): WhatsApp {
  return {
    recover: async () => undefined,
    resume: () => undefined,
    start: async (id) => {
      await sessions.create(id)
      return sessions.update(id, { state: 'starting', wanted: true })
    },
    stop: async (id) => {
      await sessions.require(id)
      return sessions.update(id, { state: 'stopped', wanted: false })
    },
    restart: (id) => sessions.require(id),
    logout: async (id) => ({ session: await sessions.require(id), remote: true }),
    async remove(id) {
      await sessions.require(id)
      await sessions.remove(id)
      return { remote: false }
    },
    qr: () => null,
    async waitForQr(id) {
      await sessions.require(id)
      return null
    },
    pairingCode: async () => ({ code: 'ABCD1234', expiresAt: new Date(0).toISOString() }),
    send: async (_id, _chatId, message) => ({ sent: { status: 'sent', messageId: '3EB0', timestamp: 1_700_000_000, message: message.type === 'text' ? message.text : null }, replayed: false }),
    act: async () => true,
    changeChat: async () => undefined,
    deleteChat: async () => undefined,
    readChat: async () => undefined,
    starMessage: async () => undefined,
    removeMessage: async () => undefined,
    showPresence: async () => undefined,
    checkContacts: async () => [],
    contact: async (_id, id) => ({ id, phone: null, lid: null, name: null, pushname: null, verifiedName: null, shortName: null, profilePicThumbObj: null, status: null, lastSeen: null, businessProfile: null, isOnWhatsApp: null }),
    refresh: async () => ({ status: 'ok', chatsCount: 0, loadedChatsCount: 0, requestedChatsCount: 0 }),
    close: async () => undefined,
  }
}
