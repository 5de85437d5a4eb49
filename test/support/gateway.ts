import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { buildApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import type { Chat } from '../../schemas/chat.ts'
import type { Message } from '../../schemas/message.ts'
import type { Problem } from '../../schemas/problem.ts'
import type { Session, SessionStart } from '../../schemas/session.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { storeEnv } from './store-env.ts'
import { until } from './wait.ts'

/** The key of every gateway under test. */
export const API_KEY = 'key-of-the-tests'

/** What an HTTP call answered. */
export interface Answer<Body> {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

/** A call: method and path, a JSON body where there is one, further headers. */
export interface Call {
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

/** The production gateway on a port of its own, with the sandbox inside, spoken to over real HTTP. */
export interface Gateway {
  readonly app: FastifyInstance
  readonly url: string
  readonly dataDir: string
  readonly simulator: Simulator
  call<Body = unknown>(method: string, path: string, call?: Call): Promise<Answer<Body>>
  /** Creates a session and links it to the account of this phone; resolves when it is open. */
  link(id: string, phone: string, name?: string): Promise<Session>
  session(id: string): Promise<Session>
  /** Waits until the session is in the state. */
  state(id: string, state: Session['state']): Promise<Session>
  messages(id: string, chatId: string): Promise<readonly Message[]>
  /** Waits for a message that fits, in a chat that may not exist yet. */
  message(id: string, chatId: string, fits: (message: Message) => boolean): Promise<Message>
  chats(id: string): Promise<readonly Chat[]>
  /** Closes the gateway and keeps its data. */
  stop(): Promise<void>
  /** Closes the gateway and removes its data. */
  close(): Promise<void>
}

/** Starts a gateway; with `dataDir` on the data of an earlier one. */
export async function startGateway(env: Record<string, string> = {}, dataDir?: string): Promise<Gateway> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'puente-test-')))
  const config = loadConfig({ API_KEY, PORT: '0', DATA_DIR: folder, SANDBOX: 'true', LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent', ...storeEnv(folder), ...env })
  const app = await buildApp(config)
  const url = await app.listen({ host: config.http.host, port: config.http.port })

  async function call<Body>(method: string, path: string, { body, headers = {} }: Call = {}): Promise<Answer<Body>> {
    const answer = await fetch(url + path, {
      method,
      headers: { 'x-api-key': API_KEY, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    const json = answer.headers.get('content-type')?.includes('json') ?? false
    return { status: answer.status, headers: answer.headers, body: (json ? JSON.parse(text) : text) as Body }
  }

  const session = async (id: string): Promise<Session> => (await call<Session>('GET', `/sessions/${id}`)).body
  const messages = async (id: string, chatId: string): Promise<readonly Message[]> => {
    const { status, body } = await call<readonly Message[]>('GET', `/sessions/${id}/chats/${encodeURIComponent(chatId)}/messages`)
    return status === 200 ? body : []
  }

  const gateway: Gateway = {
    app,
    url,
    dataDir: folder,
    get simulator() {
      const inside = app.simulator?.simulator
      if (!inside) throw new Error('this gateway has no simulator inside')
      return inside
    },
    call,
    async link(id, phone, name = `Owner of ${id}`) {
      const started = await call<SessionStart>('POST', `/sessions/${id}`)
      if (started.body.status !== 'qr') throw new Error(`session ${id} is ${started.body.status}: ${started.body.reason ?? ''}`)
      await gateway.simulator.scan((await call<{ qr: string }>('GET', `/sessions/${id}/qr`)).body.qr, { phone, name })
      return gateway.state(id, 'open')
    },
    session,
    state: (id, state) => until(async () => {
      const now = await session(id)
      return now.state === state ? now : undefined
    }, `session ${id} to be ${state}`),
    messages,
    message: (id, chatId, fits) => until(async () => (await messages(id, chatId)).find(fits), `a message in ${chatId}`),
    chats: async (id) => (await call<readonly Chat[]>('GET', `/sessions/${id}/chats`)).body,
    async stop() {
      await app.close()
    },
    async close() {
      await app.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return gateway
}

/** The problem document of an answer. */
export const problem = (answer: Answer<unknown>): Problem => answer.body as Problem
