import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { proto, type BinaryNode, type WASocket } from '@whiskeysockets/baileys'
import { newest } from './cache.ts'
import type { SendMessage } from '../../schemas/send-message.ts'
import { Problem } from '../errors.ts'
import { record } from '../events/record.ts'
import { isGroup, isLid } from '../jid.ts'
import type { Log } from '../log.ts'
import type { Change, MessageView, SessionRow, Store } from '../store/store.ts'
import type { WriteBehind } from './guard/write-behind.ts'
import { fingerprintOf, idFor, newMessageId } from './idempotency.ts'
import { patientLane } from './lane.ts'
import { outcomeOf, stateOf, type Outcome } from './outcome.ts'
import { actionText, toActionEvent, toActionStanza, type Acting } from './outbound/action.ts'
import { stanzaNodes, toOutbound, toQueuedRow } from './outbound/index.ts'
import { referencesOf } from './outbound/references.ts'
import { watchProgress, type Progress } from './progress.ts'
import { reach } from './reach.ts'
import { sendQueue, sharedQueue, type SendQueue, type Turn } from './send-queue.ts'

/** How many accepted sends a session may hold. */
const MAX_QUEUED = 1000
/** How long an accepted send may wait for a connection. */
const TTL_MS = 3_600_000
/** Ids of our own sends that are told from those of the phone, and chats that could be reached. */
const REMEMBERED = 2000
/** How long a chat that could be reached is believed to be so, before its next send is accepted. */
const REACHED_MS = 60_000
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

/** What a socket is handed. */
interface Stanza {
  readonly content: proto.IMessage
  readonly nodes: BinaryNode[]
  readonly attributes: Readonly<Record<string, string>>
}

/** An accepted send; `replayed` when the same key had brought it before. */
export interface Accepted {
  readonly message: MessageView
  readonly replayed: boolean
}

/** What the lane of an open connection works with. */
export interface LaneParts {
  /** What writes only while the session runs here. */
  readonly store: Store
  onFault(error: Error): void
  /** A send to this chat could not be prepared: what is known of its devices may be wrong. */
  doubt(chatId: string): Promise<void>
}

/** The accepted sends of one session, in order, until WhatsApp acknowledged them. */
export interface Outbox {
  /** Stores the message durably and wakes the lane; under a key that is stored already, answers what it brought. VALIDATION_FAILED, MESSAGE_NOT_FOUND, QUEUE_FULL, IDEMPOTENCY_KEY_REUSED, NEW_CHATS_PAUSED. */
  accept(session: SessionRow, chatId: string, message: SendMessage, key: string | null): Promise<Accepted>
  /** Stores durably what is to be done to a message, and wakes the lane; answers its id. QUEUE_FULL. */
  act(acting: Acting): Promise<string>
  /** Waits for the outcome of an accepted send; null when it is not known after `waitMs`. */
  outcome(id: string, waitMs: number): Promise<Outcome | null>
  /** True where a send could be addressed a moment ago. It is asked again before each send; this only spares who hands one in the question. */
  reached(chatId: string): boolean
  /** The chat that a send of ours went to, as far as is remembered; null for an id that was not chosen here. */
  sentTo(id: string): string | null
  /** The connection is open: everything without an ack goes again, in order, under its own id. */
  open(socket: WASocket, writes: WriteBehind, lane: LaneParts): void
  /** The connection is gone. */
  close(): void
  /** Gives up the sends that waited too long for a connection. */
  expire(): Promise<void>
}

/** The outbox of one session; `isShared` where other nodes accept its sends too. */
export function sessionOutbox(sessionId: string, store: Store, log: Log, isShared = false): Outbox {
  const bell = new EventEmitter().setMaxListeners(0)
  /** Sends that wait for their ack: the chat they are in, and what they do to a message. */
  const inFlight = new Map<string, Pick<Turn, 'chatId' | 'acting'>>()
  /** Accepted sends whose commit is on the way: nobody is told of them before it is durable. */
  const durable = new Map<string, Promise<void>>()
  const chosen = newest<string>(REMEMBERED)
  const reached = newest<true>(REMEMBERED, REACHED_MS)
  /** Sends accepted here whose outcome is not stored yet: it will be told. */
  const unsettled = new Set<string>()
  /** How many the store holds; null where it has to be counted. */
  let held: number | null = null
  let queue: SendQueue | null = null
  /** What the owner of the session writes to. */
  let owned = store
  let silence = (): void => undefined
  let lane: AbortController | null = null
  let accepting: Promise<unknown> = Promise.resolve()
  let newChatsPausedUntil = 0
  let progress: Progress | null = null
  let doubt: LaneParts['doubt'] = async () => undefined

  async function run(socket: WASocket, writes: WriteBehind, turns: AsyncGenerator<Turn, void>, signal: AbortSignal, onFault: (error: Error) => void): Promise<void> {
    const patient = patientLane(PATIENCE_MS, (error) => {
      if (!signal.aborted) onFault(error)
    })
    for await (const turn of turns) {
      await patient.take(turn.chatId, () => send(socket, writes, turn, signal))
      if (signal.aborted) return
    }
  }

  async function send(socket: WASocket, writes: WriteBehind, turn: Turn, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    // The chat may have moved under the phone while the send waited.
    const row = isLid(turn.chatId) ? { ...turn, chatId: await chatOf(turn.id, turn.chatId) } : turn
    if (row.expiresAt <= Date.now()) return expireRow(row)
    const acts = turn.acting === null ? null : toActionStanza(turn.acting)
    const message = turn.content || acts ? null : await store.messages.find(sessionId, { chatId: row.chatId, id: row.id, sender: '' })
    const content = acts?.content ?? turn.content ?? (message?.raw ? proto.WebMessageInfo.decode(message.raw).message : null)
    if (!content) return settle(row, { kind: 'failed', error: 'the message is no longer stored' })
    const stanza: Stanza = { content, nodes: stanzaNodes(content), attributes: acts?.attributes ?? {} }
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      if (isGroup(row.chatId) && (attempt > 1 || message?.state === 'sending')) await forgetKeyHolders(socket, row.chatId)
      const refused = await relay(socket, writes, row, stanza, signal)
      if (refused === null || signal.aborted) return
      if (!refused.final) await doubt(row.chatId)
      if (refused.final || attempt >= MAX_TRIES) return settle(row, { kind: 'failed', error: refused.error })
      await sleep(BETWEEN_TRIES_MS * attempt, undefined, { signal }).catch(() => undefined)
    }
  }

  /** What another node, which runs the session, tells of a send. */
  function toldElsewhere(id: string, waitMs: number): Promise<Outcome | null> {
    return new Promise((resolve, reject) => {
      const end = (outcome: Outcome | null): void => {
        clearTimeout(timer)
        hush()
        resolve(outcome)
      }
      const look = (): void => {
        store.messages.own(sessionId, id).then((message) => {
          const outcome = outcomeOf(message)
          if (outcome) end(outcome)
        }, reject)
      }
      const timer = setTimeout(() => end(null), Math.max(1, waitMs))
      const hush = store.onTold(sessionId, look)
      look()
    })
  }

  /** What is told of a send from now on; null when nothing was after `waitMs` or `stop`. */
  function toldOf(id: string, waitMs: number): { readonly outcome: Promise<Outcome | null>; stop(): void } {
    let stop = (): void => undefined
    const outcome = new Promise<Outcome | null>((resolve) => {
      const end = (told: Outcome | null): void => {
        clearTimeout(timer)
        bell.off(id, end)
        resolve(told)
      }
      stop = () => end(null)
      const timer = setTimeout(stop, Math.max(1, waitMs))
      bell.on(id, end)
    })
    return { outcome, stop }
  }

  /** Hands the stanza to the socket; null when it went out and the ack decides. */
  async function relay(socket: WASocket, writes: WriteBehind, row: Turn, { content, nodes, attributes }: Stanza, signal: AbortSignal): Promise<{ error: string; final: boolean } | null> {
    const reachable = await reach(socket, row.chatId)
    if (signal.aborted) return null
    if (reachable === 'absent') return { error: 'NOT_ON_WHATSAPP', final: true }
    if (reachable === 'forbidden') return { error: 'CHAT_NOT_WRITABLE', final: true }
    if (reachable === 'unknown') return { error: 'WHATSAPP_UNAVAILABLE', final: false }
    reached.set(row.chatId, true)
    inFlight.set(row.id, row)
    progress?.begun(row.id)
    chosen.set(row.id, row.chatId)
    if (row.acting === null) writes.write(stateOf(row.id, row.chatId, 'sending', null))
    try {
      await socket.relayMessage(row.chatId, content, { messageId: row.id, additionalNodes: nodes, additionalAttributes: attributes })
      return null
    } catch (error) {
      const code = (error as { data?: unknown }).data
      log.warn({ session: sessionId, messageId: row.id, error: (error as Error).name, ...(typeof code === 'number' ? { code } : {}) }, 'a send failed before its ack')
      return { error: typeof code === 'number' ? `WhatsApp answered ${code}` : 'the message could not be prepared', final: false }
    }
  }

  /** Stores what became of a send, at once and durably, then tells who waits for it. */
  async function settle({ id, chatId, acting }: Pick<Turn, 'id' | 'chatId' | 'acting'>, outcome: Outcome): Promise<void> {
    inFlight.delete(id)
    progress?.ended(id)
    // What was done shows only now: until WhatsApp has it, the message is as it was.
    if (acting !== null) return leave(id, outcome.kind === 'sent' ? record(toActionEvent({ ...acting, target: { ...acting.target, chatId } }), Date.now()) : [], outcome)
    const at = isLid(chatId) ? await chatOf(id, chatId) : chatId
    return leave(id, outcome.kind === 'sent' ? stateOf(id, at, 'sent', null) : stateOf(id, at, 'failed', outcome.error), outcome)
  }

  function expireRow({ id, chatId }: Pick<Turn, 'id' | 'chatId'>): Promise<void> {
    return leave(id, stateOf(id, chatId, 'expired', 'the session was not connected in time'), { kind: 'failed', error: 'expired' })
  }

  /** The last of a send: its state is stored and its row goes, then its outcome is told. */
  async function leave(id: string, state: readonly Change[], outcome: Outcome): Promise<void> {
    const stored = owned.commit(sessionId, [...state, { kind: 'outbox.delete', id }])
    if (held !== null) held -= 1
    await stored.catch((error: unknown) => {
      held = null
      throw error
    })
    unsettled.delete(id)
    bell.emit(id, outcome)
  }

  /** The chat that a message of ours is in now: one under a LID moves when the phone becomes known. */
  const chatOf = async (id: string, chatId: string): Promise<string> => (await store.messages.own(sessionId, id))?.chatId ?? chatId

  /** How many sends wait; at the bound they are counted, since a count kept here may be off after a fault. */
  async function waiting(): Promise<number> {
    if (isShared || held === null || held >= MAX_QUEUED) held = await store.outbox.count(sessionId)
    return held
  }

  function onAck({ attrs }: BinaryNode): void {
    const { id, error } = attrs
    const sent = id === undefined ? undefined : inFlight.get(id)
    if (id === undefined || sent === undefined) return
    if (error === REACH_OUT_LOCKED) newChatsPausedUntil = Date.now() + REACH_OUT_PAUSE_MS
    settle({ id, chatId: sent.chatId, acting: sent.acting }, error ? { kind: 'failed', error: `WhatsApp answered ${error}` } : { kind: 'sent' }).catch((cause: unknown) =>
      log.error({ session: sessionId, messageId: id, error: (cause as Error).name }, 'the state of a send could not be stored'),
    )
  }

  const isFull = async (): Promise<boolean> => (await waiting()) >= MAX_QUEUED
  const queueFull = (): Problem => new Problem('QUEUE_FULL', `Session '${sessionId}' has ${MAX_QUEUED} messages waiting to be sent.`, { retryAfterSeconds: 5 })

  /** The check for the key and the write are one step: no other accept of the session comes between. */
  async function place(session: SessionRow, chatId: string, message: SendMessage, key: string | null): Promise<Accepted> {
    const id = key === null ? newMessageId() : idFor(session, key)
    const fingerprint = key === null ? null : fingerprintOf(chatId, message)
    const stored = key === null ? null : await store.messages.own(sessionId, id)
    if (stored) {
      if (stored.fingerprint !== fingerprint) throw keyReused()
      return { message: stored, replayed: true }
    }
    if (await isFull()) throw queueFull()
    const chat = await store.chats.known(sessionId, chatId)
    if (chat === null && newChatsPausedUntil > Date.now()) {
      throw new Problem('NEW_CHATS_PAUSED', 'WhatsApp does not let this account begin new chats for now.', { retryAfterSeconds: Math.ceil((newChatsPausedUntil - Date.now()) / 1000) })
    }
    const references = await referencesOf(store, session, chatId, message, chat?.ephemeralExpiration ?? null)
    const now = Date.now()
    const content = toOutbound(message, references, now)
    const row = { ...toQueuedRow(id, chatId, content, references, now), fingerprint }
    const expiresAt = now + TTL_MS
    const commit = store.commit(sessionId, [
      ...record({ type: 'message.sent', message: row, source: 'api' }, now),
      { kind: 'outbox.put', id, chatId, content: JSON.stringify(message), acceptedAt: now, expiresAt },
    ])
    held = (held ?? 0) + 1
    unsettled.add(id)
    durable.set(id, commit)
    commit.then(
      () => {
        durable.delete(id)
        queue?.add({ id, chatId, expiresAt, content, acting: null })
      },
      () => {
        durable.delete(id)
        unsettled.delete(id)
        held = null
      },
    )
    return { message: row, replayed: false }
  }

  async function placeAction(acting: Acting): Promise<string> {
    if (await isFull()) throw queueFull()
    const { target: { chatId }, at } = acting
    const id = newMessageId()
    const expiresAt = at + TTL_MS
    held = (held ?? 0) + 1
    unsettled.add(id)
    try {
      await store.commit(sessionId, [{ kind: 'outbox.put', id, chatId, content: actionText(acting), acceptedAt: at, expiresAt }])
    } catch (error) {
      unsettled.delete(id)
      held = null
      throw error
    }
    queue?.add({ id, chatId, expiresAt, content: null, acting })
    return id
  }

  return {
    async act(acting) {
      const turn = accepting.then(() => placeAction(acting))
      accepting = turn.catch(() => undefined)
      return turn
    },
    async accept(session, chatId, message, key) {
      const turn = accepting.then(() => place(session, chatId, message, key))
      accepting = turn.catch(() => undefined)
      const placed = await turn
      await durable.get(placed.message.id)
      // Another node may have taken the key in the same moment; the first commit counts.
      if (isShared && key !== null && (await store.messages.own(sessionId, placed.message.id))?.fingerprint !== placed.message.fingerprint) throw keyReused()
      return placed
    },
    async outcome(id, waitMs) {
      if (isShared && queue === null) return toldElsewhere(id, waitMs)
      const told = toldOf(id, waitMs)
      if (unsettled.has(id)) return told.outcome
      const stored = outcomeOf(await store.messages.own(sessionId, id))
      if (stored) told.stop()
      return stored ?? (await told.outcome)
    },
    reached: (chatId) => reached.has(chatId),
    sentTo: (id) => chosen.get(id) ?? null,
    open(socket, writes, laneParts) {
      const mine = new AbortController()
      lane?.abort()
      lane = mine
      progress?.stop()
      progress = watchProgress(WEDGED_MS, () => laneParts.onFault(new Error('a send made no progress')))
      doubt = laneParts.doubt
      owned = laneParts.store
      inFlight.clear()
      reached.clear()
      held = null
      const opened = isShared ? sharedQueue(owned, sessionId, mine.signal) : sendQueue(owned, sessionId, mine.signal)
      queue = opened
      silence()
      silence = isShared ? store.onTold(sessionId, opened.look) : silence
      socket.ws.on('CB:ack,class:message', onAck)
      run(socket, writes, opened.turns(), mine.signal, laneParts.onFault).catch((error: unknown) => {
        if (!mine.signal.aborted) laneParts.onFault(error as Error)
      })
    },
    close() {
      silence()
      lane?.abort()
      lane = null
      queue = null
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

const keyReused = (): Problem =>
  new Problem('IDEMPOTENCY_KEY_REUSED', 'The Idempotency-Key was used before for another message.', { errors: [{ path: '/headers/idempotency-key', message: 'was used before with another body or chat' }] })
