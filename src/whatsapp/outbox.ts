import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { proto, type BinaryNode, type WASocket } from '@whiskeysockets/baileys'
import type { SendMessage } from '../../schemas/message.ts'
import { Problem } from '../errors.ts'
import type { Log } from '../log.ts'
import type { MessageRow, OutboxRow, Store } from '../store/store.ts'
import { newMessageId, toOutbound, toQueuedRow } from './outbound/index.ts'
import { reach } from './reach.ts'

/** How many accepted sends a session may hold. */
const MAX_QUEUED = 1000
const PAGE = 50
/** Ids of our own sends that are told from those of the phone. */
const REMEMBERED = 2000
/** Tries of a send whose preparation failed while the connection stayed open. */
const MAX_TRIES = 3
const BETWEEN_TRIES_MS = 1000

/** What became of a send, once it is known. */
export type Outcome = { readonly kind: 'sent' } | { readonly kind: 'failed'; readonly error: string }

/** The accepted sends of one session, in order, until WhatsApp acknowledged them. */
export interface Outbox {
  /** Stores the message durably and wakes the lane. QUEUE_FULL. */
  accept(chatId: string, message: SendMessage): Promise<MessageRow>
  /** Waits for the outcome of an accepted send; null when it is not known after `waitMs`. */
  outcome(id: string, waitMs: number): Promise<Outcome | null>
  /** True for an id that was chosen here, as far as is remembered. */
  has(id: string): boolean
  /** The connection is open: everything without an ack goes again, in order, under its own id. */
  open(socket: WASocket): void
  /** The connection is gone. */
  close(): void
}

/** The outbox of one session. */
export function sessionOutbox(sessionId: string, store: Store, log: Log): Outbox {
  const bell = new EventEmitter().setMaxListeners(0)
  /** Sends that wait for their ack, and the chat they are in. */
  const inFlight = new Map<string, string>()
  const chosen = new LRUCache<string, true>({ max: REMEMBERED })
  let lane: AbortController | null = null

  async function run(socket: WASocket, signal: AbortSignal): Promise<void> {
    let after = 0
    while (!signal.aborted) {
      const rung = once(bell, 'accepted', { signal })
      // The wait is only looked at when there is nothing to send.
      rung.catch(() => undefined)
      const rows = await store.outbox.pending(sessionId, after, PAGE)
      for (const row of rows) {
        await send(socket, row, signal)
        if (signal.aborted) return
        after = row.position
      }
      if (rows.length === 0) await rung
    }
  }

  async function send(socket: WASocket, row: OutboxRow, signal: AbortSignal): Promise<void> {
    const message = await store.messages.find(sessionId, { chatId: row.chatId, id: row.id, sender: '' })
    if (!message?.raw) return settle(row.id, row.chatId, { kind: 'failed', error: 'the message is no longer stored' })
    const content = proto.WebMessageInfo.decode(message.raw).message
    if (!content) return settle(row.id, row.chatId, { kind: 'failed', error: 'the message has no content' })
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const fault = await relay(socket, row, content)
      if (fault === null || signal.aborted) return
      if (fault.final || attempt >= MAX_TRIES) return settle(row.id, row.chatId, { kind: 'failed', error: fault.error })
      await pause(BETWEEN_TRIES_MS * attempt, signal)
    }
  }

  /** Hands the stanza to the socket; null when it went out and the ack decides. */
  async function relay(socket: WASocket, row: OutboxRow, content: proto.IMessage): Promise<{ error: string; final: boolean } | null> {
    const reachable = await reach(socket, row.chatId)
    if (reachable === 'absent') return { error: 'NOT_ON_WHATSAPP', final: true }
    if (reachable === 'forbidden') return { error: 'CHAT_NOT_WRITABLE', final: true }
    if (reachable === 'unknown') return { error: 'WHATSAPP_UNAVAILABLE', final: false }
    inFlight.set(row.id, row.chatId)
    chosen.set(row.id, true)
    await store.commit(sessionId, [{ kind: 'message.state', key: { chatId: row.chatId, id: row.id, sender: '' }, state: 'sending', at: Date.now() }])
    try {
      await socket.relayMessage(row.chatId, content, { messageId: row.id })
      return null
    } catch (error) {
      const code = (error as { data?: unknown }).data
      log.warn({ session: sessionId, messageId: row.id, error: (error as Error).name, ...(typeof code === 'number' ? { code } : {}) }, 'a send failed before its ack')
      return { error: typeof code === 'number' ? `WhatsApp answered ${code}` : 'the message could not be prepared', final: false }
    }
  }

  async function settle(id: string, chatId: string, outcome: Outcome): Promise<void> {
    inFlight.delete(id)
    const key = { chatId, id, sender: '' }
    const at = Date.now()
    await store.commit(sessionId, [
      outcome.kind === 'sent' ? { kind: 'message.state', key, state: 'sent', at } : { kind: 'message.state', key, state: 'failed', at, error: outcome.error },
      { kind: 'outbox.delete', id },
    ])
    bell.emit(id, outcome)
  }

  function onAck({ attrs }: BinaryNode): void {
    const { id, error } = attrs
    const chatId = id === undefined ? undefined : inFlight.get(id)
    if (id === undefined || chatId === undefined) return
    settle(id, chatId, error ? { kind: 'failed', error: `WhatsApp answered ${error}` } : { kind: 'sent' }).catch((fault: unknown) =>
      log.error({ session: sessionId, messageId: id, error: (fault as Error).name }, 'the state of a send could not be stored'),
    )
  }

  return {
    async accept(chatId, message) {
      if ((await store.outbox.count(sessionId)) >= MAX_QUEUED) throw new Problem('QUEUE_FULL', `Session '${sessionId}' has ${MAX_QUEUED} messages waiting to be sent.`, { retryAfterSeconds: 5 })
      const chat = await store.chats.get(sessionId, chatId)
      const now = Date.now()
      const row = toQueuedRow(newMessageId(), chatId, toOutbound(message, chat?.ephemeralExpiration ?? null), now)
      await store.commit(sessionId, [
        { kind: 'message.put', message: row },
        { kind: 'chat.touch', id: chatId, timestamp: row.timestamp, unread: 0 },
        { kind: 'outbox.put', id: row.id, chatId, content: JSON.stringify(message), acceptedAt: now },
      ])
      bell.emit('accepted')
      return row
    },
    async outcome(id, waitMs) {
      const told = once(bell, id, { signal: AbortSignal.timeout(Math.max(1, waitMs)) }).then(([outcome]) => outcome as Outcome, () => null)
      return outcomeOf(await store.messages.own(sessionId, id)) ?? (await told)
    },
    has: (id) => chosen.has(id),
    open(socket) {
      const mine = new AbortController()
      lane?.abort()
      lane = mine
      inFlight.clear()
      socket.ws.on('CB:ack,class:message', onAck)
      run(socket, mine.signal).catch((error: unknown) => {
        if (!mine.signal.aborted) log.error({ session: sessionId, error: (error as Error).name }, 'the lane of sends stopped')
      })
    },
    close() {
      lane?.abort()
      lane = null
    },
  }
}

/** The outcome that a stored message already tells. */
function outcomeOf(message: Pick<MessageRow, 'state' | 'error'> | null): Outcome | null {
  if (message?.state === 'failed' || message?.state === 'expired') return { kind: 'failed', error: message.error ?? message.state }
  return message?.state && message.state !== 'queued' && message.state !== 'sending' ? { kind: 'sent' } : null
}

const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal }).catch(() => undefined)
