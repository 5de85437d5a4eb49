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

/** Builds the app; it closes when the test ends. `whatsapp` replaces verbs of a WhatsApp that knows nobody and connects nothing. */
export async function testApp(options: { whatsapp?: Partial<WhatsApp>; env?: Record<string, string>; store?: Store } = {}): Promise<TestApp> {
  const store = options.store ?? openMemory()
  const app = await buildApp(loadConfig({ API_KEY: KEY, LOG_LEVEL: 'silent', ...options.env }), {
    openStore: async () => store,
    whatsapp: ({ sessions }) => ({ ...quietWhatsApp(sessions), ...options.whatsapp }),
  })
  onTestFinished(() => app.close())
  await app.ready()
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
    send: async (_id, _chatId, { text }) => ({ sent: { status: 'sent', messageId: '3EB0', timestamp: 1_700_000_000, message: text }, replayed: false }),
    contact: async (_id, id) => ({ id, phone: null, lid: null, name: null, pushname: null, verifiedName: null, shortName: null, profilePicThumbObj: null, status: null, lastSeen: null, businessProfile: null, isOnWhatsApp: null }),
    refresh: async () => ({ status: 'ok', chatsCount: 0, loadedChatsCount: 0, requestedChatsCount: 0 }),
    close: async () => undefined,
  }
}
