import { setTimeout as delay } from 'node:timers/promises'
import makeWASocket, { DisconnectReason, makeCacheableSignalKeyStore, type WASocket } from '@whiskeysockets/baileys'
import { pino } from 'pino'
import type { Endpoint } from '../../../src/whatsapp/endpoint.ts'
import type { Ledger } from './ledger.ts'
import { toTold } from './words.ts'

/** One session on a plain socket of Baileys. */
export interface StockSession {
  state(): 'connecting' | 'qr' | 'open' | 'logged_out'
  qr(): string | null
  /** Sends as Baileys does it, and answers the id; throws what Baileys throws. */
  send(jid: string, text: string): Promise<string>
}

const RECONNECT_MS = 500
const logger = pino({ level: 'silent' })

/** Runs the session, as Baileys' own example does: everything saved on its event, a new socket when one closes. */
export function startStockSession(id: string, ledger: Ledger, { wsUrl, uploads, downloads }: Endpoint): StockSession {
  let state: ReturnType<StockSession['state']> = 'connecting'
  let qr: string | null = null
  let socket: WASocket | null = null

  function connect(): void {
    const creds = ledger.creds(id)
    const sock = makeWASocket({
      auth: { creds, keys: makeCacheableSignalKeyStore(ledger.keys(id), logger) },
      logger,
      ...(wsUrl === null ? {} : { waWebSocketUrl: wsUrl }),
      ...(uploads === null ? {} : { fetchAgent: uploads }),
      ...(downloads === null ? {} : { options: { dispatcher: downloads } as unknown as RequestInit }),
      getMessage: async (key) => ledger.sent(id, key.id ?? ''),
    })
    socket = sock
    sock.ev.on('creds.update', () => ledger.saveCreds(id, creds))
    sock.ev.on('messages.upsert', ({ messages }) => {
      for (const message of messages) {
        const told = toTold(message)
        if (told) ledger.tell(id, told)
      }
    })
    sock.ev.on('connection.update', ({ connection, lastDisconnect, qr: shown }) => {
      if (shown !== undefined) [state, qr] = ['qr', shown]
      if (connection === 'open') [state, qr] = ['open', null]
      if (connection !== 'close') return
      socket = null
      if ((lastDisconnect?.error as { output?: { statusCode?: number } } | undefined)?.output?.statusCode === DisconnectReason.loggedOut) {
        state = 'logged_out'
        ledger.forget(id)
        return
      }
      state = 'connecting'
      void delay(RECONNECT_MS).then(connect)
    })
  }

  connect()
  return {
    state: () => state,
    qr: () => qr,
    async send(jid, text) {
      if (!socket || state !== 'open') throw new Error('not connected')
      const message = await socket.sendMessage(jid, { text })
      if (!message?.key.id || !message.message) throw new Error('not sent')
      ledger.keepSent(id, jid, message.key.id, message.message)
      return message.key.id
    },
  }
}
