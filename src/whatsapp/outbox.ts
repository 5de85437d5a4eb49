import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { proto, type BinaryNode, type WASocket } from '@whiskeysockets/baileys'
import { newest } from './cache.ts'
import type { SendMessage } from '../../schemas/message.ts'
import { Problem } from '../errors.ts'
import type { DomainEvent } from '../events/domain.ts'
import { record } from '../events/record.ts'
import { isGroup } from '../jid.ts'
import type { Log } from '../log.ts'
import type { Change, MessageView, OutboxRow, SessionRow, Store } from '../store/store.ts'
import type { WriteBehind } from './guard/write-behind.ts'
import { fingerprintOf, idFor, newMessageId } from './idempotency.ts'
import { patientLane } from './lane.ts'
import { toOutbound, toQueuedRow } from './outbound/index.ts'
import { watchProgress, type Progress } from './progress.ts'
import { reach } from './reach.ts'

/** How many accepted sends a session may hold. */
const MAX_QUEUED = 1000
const PAGE = 50
/** How long an accepted send may wait for a connection. */
const TTL_MS = 3_600_000
/** Ids of our own sends that are told from those of the phone. */
const REMEMBERED = 2000
/** Tries of a send whose preparation failed while the connection stayed open. */
const MAX_TRIES = 3
const BETWEEN_TRIES_MS = 1000
/** A send that has no ack this long after its turn came has wedged the socket. */
const WEDGED_MS = 90_000
/** How long a chat may hold up the others, such as one that WhatsApp does not answer for. */
const PATIENCE_MS = 1000
/** WhatsApp's answer to a message that begins a chat while the account may not (lib/Socket/messages-recv.js, handleBadAck). */
const REACH_OUT_LOCKED = '463'
/** How long no new chat is begun after that answer. */
const REACH_OUT_PAUSE_MS = 3_600_000

/** What became of a send, once it is known. */
export type Outcome = { readonly kind: 'sent' } | { readonly kind: 'failed'; readonly error: string }

/** An accepted send; `replayed` when the same key had brought it before. */
export interface Accepted {
  readonly message: MessageView
  readonly replayed: boolean
}

/** What the lane of an open connection may call. */
export interface LaneParts {
  onFault(error: Error): void
  /** A send to this chat could not be prepared: what is known of its devices may be wrong. */
  doubt(chatId: string): Promise<void>
}

/** The accepted sends of one session, in order, until WhatsApp acknowledged them. */
export interface Outbox {
  /** Stores the message durably and wakes the lane; under a key that is stored already, answers what it brought. QUEUE_FULL, IDEMPOTENCY_KEY_REUSED, NEW_CHATS_PAUSED. */
  accept(session: SessionRow, chatId: string, message: SendMessage, key: string | null): Promise<Accepted>
  /** Waits for the outcome of an accepted send; null when it is not known after `waitMs`. */
  outcome(id: string, waitMs: number): Promise<Outcome | null>
  /** True for an id that was chosen here, as far as is remembered. */
  has(id: string): boolean
  /** The connection is open: everything without an ack goes again, in order, under its own id. */
  open(socket: WASocket, writes: WriteBehind, lane: LaneParts): void
  /** The connection is gone. */
  close(): void
  /** Gives up the sends that waited too long for a connection. */
  expire(): Promise<void>
}

/** The outbox of one session. */
export function sessionOutbox(sessionId: string, store: Store, log: Log): Outbox {
  const bell = new EventEmitter().setMaxListeners(0)
  /** Sends that wait for their ack, and the chat they are in. */
  const inFlight = new Map<string, string>()
  /** Accepted sends whose commit is on the way: nobody is told of them before it is durable. */
  const durable = new Map<string, Promise<void>>()
  const chosen = newest<true>(REMEMBERED)
  /** How many sends were accepted: tells the lane that there is more. */
  let accepted = 0
  let lane: AbortController | null = null
  let accepting: Promise<unknown> = Promise.resolve()
  let newChatsPausedUntil = 0
  let progress: Progress | null = null
  let doubt: LaneParts['doubt'] = async () => undefined

  async function run(socket: WASocket, writes: WriteBehind, signal: AbortSignal, onFault: (error: Error) => void): Promise<void> {
    const patient = patientLane(PATIENCE_MS, (error) => {
      if (!signal.aborted) onFault(error)
    })
    let after = 0
    while (!signal.aborted) {
      const before = accepted
      const rows = await store.outbox.pending(sessionId, after, PAGE)
      for (const row of rows) {
        await patient.take(row.chatId, () => send(socket, writes, row, signal))
        if (signal.aborted) return
        after = row.position
      }
      // What was accepted while the page was read is on the next one.
      if (rows.length === 0 && accepted === before) await once(bell, 'accepted', { signal })
    }
  }

  async function send(socket: WASocket, writes: WriteBehind, row: OutboxRow, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    if (row.expiresAt <= Date.now()) return expireRow(row)
    const message = await store.messages.find(sessionId, { chatId: row.chatId, id: row.id, sender: '' })
    const content = message?.raw ? proto.WebMessageInfo.decode(message.raw).message : null
    if (!content) return settle(row.id, row.chatId, { kind: 'failed', error: 'the message is no longer stored' })
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      if (isGroup(row.chatId) && (attempt > 1 || message?.state === 'sending')) await forgetKeyHolders(socket, row.chatId)
      const refused = await relay(socket, writes, row, content, signal)
      if (refused === null || signal.aborted) return
      if (!refused.final) await doubt(row.chatId)
      if (refused.final || attempt >= MAX_TRIES) return settle(row.id, row.chatId, { kind: 'failed', error: refused.error })
      await sleep(BETWEEN_TRIES_MS * attempt, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Hands the stanza to the socket; null when it went out and the ack decides. */
  async function relay(socket: WASocket, writes: WriteBehind, row: OutboxRow, content: proto.IMessage, signal: AbortSignal): Promise<{ error: string; final: boolean } | null> {
    const reachable = await reach(socket, row.chatId)
    if (signal.aborted) return null
    if (reachable === 'absent') return { error: 'NOT_ON_WHATSAPP', final: true }
    if (reachable === 'forbidden') return { error: 'CHAT_NOT_WRITABLE', final: true }
    if (reachable === 'unknown') return { error: 'WHATSAPP_UNAVAILABLE', final: false }
    inFlight.set(row.id, row.chatId)
    progress?.begun(row.id)
    chosen.set(row.id, true)
    writes.write(stateOf(row.id, row.chatId, 'sending', null))
    try {
      await socket.relayMessage(row.chatId, content, { messageId: row.id })
      return null
    } catch (error) {
      const code = (error as { data?: unknown }).data
      log.warn({ session: sessionId, messageId: row.id, error: (error as Error).name, ...(typeof code === 'number' ? { code } : {}) }, 'a send failed before its ack')
      return { error: typeof code === 'number' ? `WhatsApp answered ${code}` : 'the message could not be prepared', final: false }
    }
  }

  /** Stores what became of a send, at once and durably, then tells who waits for it. */
  async function settle(id: string, chatId: string, outcome: Outcome): Promise<void> {
    inFlight.delete(id)
    progress?.ended(id)
    // The chat may have moved under the phone meanwhile.
    const at = (await store.messages.own(sessionId, id))?.chatId ?? chatId
    const state = outcome.kind === 'sent' ? stateOf(id, at, 'sent', null) : stateOf(id, at, 'failed', outcome.error)
    await store.commit(sessionId, [...state, { kind: 'outbox.delete', id }])
    bell.emit(id, outcome)
  }

  async function expireRow({ id, chatId }: OutboxRow): Promise<void> {
    await store.commit(sessionId, [...stateOf(id, chatId, 'expired', 'the session was not connected in time'), { kind: 'outbox.delete', id }])
    bell.emit(id, { kind: 'failed', error: 'expired' } satisfies Outcome)
  }

  function onAck({ attrs }: BinaryNode): void {
    const { id, error } = attrs
    const chatId = id === undefined ? undefined : inFlight.get(id)
    if (id === undefined || chatId === undefined) return
    if (error === REACH_OUT_LOCKED) newChatsPausedUntil = Date.now() + REACH_OUT_PAUSE_MS
    settle(id, chatId, error ? { kind: 'failed', error: `WhatsApp answered ${error}` } : { kind: 'sent' }).catch((cause: unknown) =>
      log.error({ session: sessionId, messageId: id, error: (cause as Error).name }, 'the state of a send could not be stored'),
    )
  }

  /** The check for the key and the write are one step: no other accept of the session comes between. */
  async function place(session: SessionRow, chatId: string, message: SendMessage, key: string | null): Promise<Accepted> {
    const id = key === null ? newMessageId() : idFor(session, key)
    const fingerprint = key === null ? null : fingerprintOf(chatId, message)
    const stored = key === null ? null : await store.messages.own(sessionId, id)
    if (stored) {
      if (stored.fingerprint !== fingerprint) throw new Problem('IDEMPOTENCY_KEY_REUSED', 'The Idempotency-Key was used before for another message.', { errors: [{ path: '/headers/idempotency-key', message: 'was used before with another body or chat' }] })
      return { message: stored, replayed: true }
    }
    if ((await store.outbox.count(sessionId)) >= MAX_QUEUED) throw new Problem('QUEUE_FULL', `Session '${sessionId}' has ${MAX_QUEUED} messages waiting to be sent.`, { retryAfterSeconds: 5 })
    const chat = await store.chats.get(sessionId, chatId)
    if (chat === null && newChatsPausedUntil > Date.now()) {
      throw new Problem('NEW_CHATS_PAUSED', 'WhatsApp does not let this account begin new chats for now.', { retryAfterSeconds: Math.ceil((newChatsPausedUntil - Date.now()) / 1000) })
    }
    const now = Date.now()
    const row = { ...toQueuedRow(id, chatId, toOutbound(message, chat?.ephemeralExpiration ?? null), now), fingerprint }
    const commit = store.commit(sessionId, [
      ...record({ type: 'message.sent', message: row, source: 'api' }, now),
      { kind: 'outbox.put', id, chatId, content: JSON.stringify(message), acceptedAt: now, expiresAt: now + TTL_MS },
    ])
    durable.set(id, commit)
    const forget = (): void => void durable.delete(id)
    commit.then(forget, forget)
    return { message: row, replayed: false }
  }

  return {
    async accept(session, chatId, message, key) {
      const turn = accepting.then(() => place(session, chatId, message, key))
      accepting = turn.catch(() => undefined)
      const placed = await turn
      await durable.get(placed.message.id)
      if (!placed.replayed) {
        accepted += 1
        bell.emit('accepted')
      }
      return placed
    },
    async outcome(id, waitMs) {
      const told = once(bell, id, { signal: AbortSignal.timeout(Math.max(1, waitMs)) }).then(([outcome]) => outcome as Outcome, () => null)
      return outcomeOf(await store.messages.own(sessionId, id)) ?? (await told)
    },
    has: (id) => chosen.has(id),
    open(socket, writes, laneParts) {
      const mine = new AbortController()
      lane?.abort()
      lane = mine
      progress?.stop()
      progress = watchProgress(WEDGED_MS, () => laneParts.onFault(new Error('a send made no progress')))
      doubt = laneParts.doubt
      inFlight.clear()
      socket.ws.on('CB:ack,class:message', onAck)
      run(socket, writes, mine.signal, laneParts.onFault).catch((error: unknown) => {
        if (!mine.signal.aborted) laneParts.onFault(error as Error)
      })
    },
    close() {
      lane?.abort()
      lane = null
      progress?.stop()
    },
    async expire() {
      for (const row of await store.outbox.pending(sessionId, 0, MAX_QUEUED)) {
        if (row.expiresAt > Date.now() || inFlight.has(row.id)) return
        await expireRow(row)
      }
    },
  }
}

/**
 * Baileys notes that the members hold the group's sender key before the message that brings it to them has left (lib/Socket/messages-send.js,
 * relayMessage): when that message may be lost, the key goes along with it again, or nobody could read what follows.
 */
async function forgetKeyHolders(socket: WASocket, groupId: string): Promise<void> {
  await socket.authState.keys.set({ 'sender-key-memory': { [groupId]: null } })
}

/** The step of a message of ours, with its entry in the log. */
function stateOf(id: string, chatId: string, state: 'sending' | 'sent' | 'failed' | 'expired', error: string | null): Change[] {
  const at = Date.now()
  return record({ type: 'message.state', key: { chatId, id, sender: '' }, state, at, error } satisfies DomainEvent, at)
}

/** The outcome that a stored message already tells. */
function outcomeOf(message: Pick<MessageView, 'state' | 'error'> | null): Outcome | null {
  if (message?.state === 'failed' || message?.state === 'expired') return { kind: 'failed', error: message.error ?? message.state }
  return message?.state && message.state !== 'queued' && message.state !== 'sending' ? { kind: 'sent' } : null
}
