/**
 * A gateway of stock Baileys, for the first row of the table: what an integrator builds who reads its documentation carefully.
 * Credentials and keys go to SQLite on their events, messages into the log on theirs, sends straight to `sendMessage`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { sandboxEndpoint } from '../../../src/whatsapp/endpoint.ts'
import { openLedger } from './ledger.ts'
import { startStockSession, type StockSession } from './session.ts'

const STEP_MS = 25
const env = process.env
const ledger = openLedger(env['DATA_DIR'] ?? '')
const told = (await (await fetch(`${env['SANDBOX'] ?? ''}/sandbox`)).json()) as { wsUrl: string; mediaUrl: string; rootKey: string }
const endpoint = sandboxEndpoint({ ...told, rootKey: Buffer.from(told.rootKey, 'base64') })
const sessions = new Map<string, StockSession>()

function start(id: string): StockSession {
  const session = sessions.get(id) ?? startStockSession(id, ledger, endpoint)
  sessions.set(id, session)
  return session
}

/** Waits until it says yes, as long as the caller wants to. */
async function settled(isDone: () => boolean, seconds: number): Promise<void> {
  const deadline = Date.now() + seconds * 1000
  while (!isDone() && Date.now() < deadline) await delay(STEP_MS)
}

interface Reply {
  readonly status: number
  readonly body: Record<string, unknown>
}

async function respond({ method, url = '/' }: IncomingMessage, body: () => Promise<{ text?: string }>): Promise<Reply> {
  const { pathname, searchParams } = new URL(url, 'http://gateway')
  const [, root, id = '', below, chat = ''] = pathname.split('/')
  if (root !== 'sessions' || id === '') return { status: 404, body: {} }
  const session = method === 'POST' && below === undefined ? start(id) : sessions.get(id)
  if (!session) return { status: 404, body: { code: 'SESSION_NOT_FOUND' } }
  const seconds = Number(searchParams.get('wait') ?? 0)
  if (below === undefined) await settled(() => session.state() !== 'connecting', seconds)
  if (below === 'qr') await settled(() => session.qr() !== null, seconds)
  if (below !== 'chats') return { status: 200, body: { state: session.state(), qr: session.qr() } }
  try {
    const jid = chat.includes('@') ? chat : `${chat}@s.whatsapp.net`
    return { status: 201, body: { messageId: await session.send(jid, (await body()).text ?? '') } }
  } catch {
    return { status: 503, body: { code: 'NOT_SENT' } }
  }
}

async function bodyOf(request: IncomingMessage): Promise<{ text?: string }> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return JSON.parse(Buffer.concat(pieces).toString('utf8')) as { text?: string }
}

function listen(request: IncomingMessage, response: ServerResponse): void {
  respond(request, () => bodyOf(request)).then(
    ({ status, body }) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
    () => response.writeHead(500).end('{}'),
  )
}

// One frame that cannot be read would end the process otherwise: whoever runs Baileys learns that soon.
process.on('unhandledRejection', () => undefined)
process.once('SIGTERM', () => {
  ledger.close()
  process.exit(0)
})
for (const id of ledger.sessions()) start(id)
const server = createServer(listen)
server.listen(0, '127.0.0.1', () => process.stdout.write(`Stock Baileys listens on http://127.0.0.1:${(server.address() as AddressInfo).port} \n`))
