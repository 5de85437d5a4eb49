import type { WASocket } from '@whiskeysockets/baileys'
import { MAX_TEXT_LENGTH } from '../../schemas/send-message.ts'
import { heldStore, type Lease, type Ownership } from '../cluster/lease.ts'
import type { Config } from '../config.ts'
import { isOwn } from '../contacts/people.ts'
import { messageNotFound, Problem } from '../errors.ts'
import type { LiveChannel } from '../events/live.ts'
import { isGroup } from '../jid.ts'
import type { Log } from '../log.ts'
import type { SessionRegistry } from '../sessions/registry.ts'
import { isRunning, isSettled } from '../sessions/status.ts'
import type { SessionRow, Store } from '../store/store.ts'
import { toContact } from './actions/contacts.ts'
import { removeDevice } from './actions/logout.ts'
import { startRefresh, type RefreshRun } from './actions/refresh.ts'
import { archiveAuthState, isPaired } from './auth-state.ts'
import { unlessClosing } from './closing.ts'
import { startConnection, type Connection } from './connection.ts'
import { deeds } from './deeds.ts'
import type { Endpoint } from './endpoint.ts'
import { quietConsole } from './guard/console.ts'
import { assertAllowed } from './outbound/allowed.ts'
import { sessionOutbox, type Outbox } from './outbox.ts'
import { reachWithin } from './reach.ts'
import { refuse, rejected } from './refusal.ts'
import type { WhatsApp } from './whatsapp.ts'

/** How long a logout waits for a connection, and then for WhatsApp's answer. */
const LOGOUT_MS = 10_000
/** How long a pairing code waits for the socket to be ready. */
const PAIRING_READY_MS = 20_000
/** How often sends that wait for a connection are looked through. */
const EXPIRY_MS = 30_000
/** How long one session may hold a place in the queue of logins after a start. */
const RESUME_PLACE_MS = 30_000
const RESTARTED = 'the gateway was restarted'
const HANDED_OVER = 'the node that ran it has stopped'

/** How long even a caller in a hurry waits to hear that nobody is at a number. */
const REACH_MS = 1000

/** What the manager works with. */
export interface ManagerParts {
  readonly config: Config
  readonly endpoint: Endpoint
  readonly store: Store
  /** Which sessions run here. */
  readonly ownership: Ownership
  readonly sessions: SessionRegistry
  /** Where what only holds for the moment is told. */
  readonly live: LiveChannel
  readonly log: Log
  /** Aborted when the gateway begins to close: whoever waits is answered with what is known. */
  readonly closing: AbortSignal
}

/** One connection per running session. */
export function whatsappManager(parts: ManagerParts): WhatsApp {
  quietConsole()
  const { config, store, ownership, sessions, log } = parts
  const connections = new Map<string, Connection>()
  const outboxes = new Map<string, Outbox>()
  const refreshes = new Map<string, RefreshRun>()
  /** Sessions that wait for their turn to log in, and how many do at this moment. */
  const logins: string[] = []
  let loggingIn = 0
  let closing = false
  const expiry = setInterval(() => {
    for (const outbox of outboxes.values()) outbox.expire().catch(() => log.warn({}, 'waiting sends could not be looked through'))
  }, EXPIRY_MS)

  const outboxOf = (id: string): Outbox => {
    const known = outboxes.get(id)
    if (known) return known
    const made = sessionOutbox(id, store, log, ownership.isShared)
    outboxes.set(id, made)
    return made
  }

  /** The living connection of the session, or a new one; two callers get the same. */
  async function connect(id: string): Promise<void> {
    if (closing) throw new Problem('SHUTTING_DOWN', 'The gateway is stopping.', { retryAfterSeconds: 5 })
    const lease = await ownership.take(id)
    if (lease === null) throw new Problem('OWNER_UNAVAILABLE', `Session '${id}' runs on another node.`, { retryAfterSeconds: 2 })
    const known = connections.get(id)
    if (known && !known.ended()) {
      await known.started
      return
    }
    const made = startConnection({ ...parts, lease, store: heldStore(store, lease), sessionId: id, outbox: outboxOf(id) })
    connections.set(id, made)
    await made.started
  }

  async function disconnect(id: string): Promise<void> {
    const connection = connections.get(id)
    connections.delete(id)
    await connection?.stop()
  }

  async function start(id: string, waitMs: number): Promise<SessionRow> {
    await sessions.create(id)
    await sessions.update(id, { wanted: true })
    await connect(id)
    await unlessClosing(sessions.waitFor(id, (session) => isSettled(session.state), waitMs), parts.closing)
    return (await sessions.get(id)) ?? removed(id)
  }

  async function stop(id: string): Promise<SessionRow> {
    await sessions.require(id)
    await disconnect(id)
    const { state } = await sessions.require(id)
    return sessions.update(id, { wanted: false, ...(isRunning(state) || state === 'store_error' ? { state: 'stopped', reason: 'stopped by the API' } : {}) })
  }

  /** Asks WhatsApp to forget this device; a linked session that is not connected is connected for it. */
  async function forget(id: string): Promise<boolean> {
    const { linked } = await sessions.require(id)
    if (!linked) return false
    const deadline = Date.now() + LOGOUT_MS
    if (!connections.get(id)?.socket() && !closing) {
      await connect(id)
      await sessions.waitFor(id, ({ state }) => isSettled(state), LOGOUT_MS)
    }
    const socket = connections.get(id)?.socket()
    return socket ? removeDevice(socket, Math.max(1000, deadline - Date.now())) : false
  }

  /** Sends that waited too long while no process ran; what still waits is looked through from now on, whether or not the session runs. */
  async function giveUpOld(id: string): Promise<void> {
    if ((await store.outbox.count(id)) > 0) await outboxOf(id).expire()
  }

  /** Linked, or in the middle of a linking that the phone has finished. */
  const resumable = async ({ id, linked, wanted }: SessionRow): Promise<boolean> => wanted && (linked || (await isPaired(store, id)))

  async function required(id: string): Promise<SessionRow> {
    const session = await sessions.require(id)
    if (!session.linked) throw new Problem('NOT_LINKED', `Session '${id}' has no WhatsApp account; link it first.`)
    return session
  }

  /** No stored session may look connected before it is. */
  async function recoverOne(session: SessionRow): Promise<SessionRow> {
    await giveUpOld(session.id)
    // A store that failed may be well again.
    if (!isRunning(session.state) && session.state !== 'store_error') return session
    return sessions.update(session.id, (await resumable(session)) ? { state: 'reconnecting', reason: RESTARTED } : { state: 'stopped', reason: RESTARTED, wanted: false })
  }

  /** Logs in again what was linked, a bounded number at a time. */
  function login(ids: readonly string[]): void {
    logins.push(...ids)
    for (; loggingIn < config.whatsapp.resumeConcurrency && logins.length > 0; loggingIn += 1) {
      void logInNext().catch((error: unknown) => log.error({ error: (error as Error).name }, 'sessions could not be resumed')).finally(() => (loggingIn -= 1))
    }
  }

  async function logInNext(): Promise<void> {
    for (let id = logins.shift(); id !== undefined; id = logins.shift()) {
      if (closing) return
      if (connections.has(id)) continue
      await connect(id)
      await sessions.waitFor(id, ({ state }) => isSettled(state), RESUME_PLACE_MS)
    }
  }

  /** The session begins to run here, or must not any more. */
  async function owned(id: string, lease: Lease | null): Promise<void> {
    if (lease === null) {
      await disconnect(id)
      outboxes.delete(id)
      // Given back in order: nobody is told that it is connected until another node is. Where that cannot be stored, that node says it.
      if (ownership.lease(id) !== null && (await sessions.get(id))?.state === 'open') await sessions.update(id, { state: 'reconnecting', reason: HANDED_OVER }).catch(() => undefined)
      sessions.released(id)
      return
    }
    const session = await sessions.get(id)
    if (session !== null && (await recoverOne(session)).state === 'reconnecting') login([id])
  }
  ownership.follow(owned)

  const socketOf = (id: string): WASocket | null => connections.get(id)?.socket() ?? null
  const storeOf = (id: string): Store => {
    const lease = ownership.lease(id)
    return lease === null ? store : heldStore(store, lease)
  }

  return {
    ...deeds({ log, linked: required, socketOf, storeOf }),
    async recover() {
      // Where several nodes share the store, a session is looked after when it comes to run here.
      if (ownership.isShared) return
      let cursor: string | null = null
      do {
        const { rows, next } = await sessions.page({ limit: 200, cursor })
        await Promise.all(rows.map(recoverOne))
        cursor = next
      } while (cursor !== null)
    },
    resume() {
      if (!ownership.isShared) resumeAll().catch((error: unknown) => log.error({ error: (error as Error).name }, 'sessions could not be resumed'))
    },
    start,
    stop,
    async restart(id) {
      await stop(id)
      return start(id, LOGOUT_MS)
    },
    async logout(id) {
      await sessions.require(id)
      const remote = await forget(id)
      await disconnect(id)
      await archiveAuthState(store, id)
      const { state } = await sessions.require(id)
      const session = await sessions.update(id, {
        linked: false, wanted: false,
        ...(state === 'logged_out' ? {} : { state: 'stopped' as const, reason: 'logged out by the API' }),
      })
      return { session, remote }
    },
    async remove(id) {
      await sessions.require(id)
      const remote = await forget(id)
      await disconnect(id)
      await sessions.remove(id)
      outboxes.delete(id)
      refreshes.delete(id)
      return { remote }
    },
    qr: (id) => connections.get(id)?.qr() ?? null,
    async waitForQr(id, waitMs) {
      await sessions.require(id)
      await unlessClosing(sessions.waitFor(id, ({ state }) => connections.get(id)?.qr() !== null || !isRunning(state) || state === 'open', waitMs), parts.closing)
      return connections.get(id)?.qr() ?? null
    },
    async pairingCode(id, phone) {
      const before = await sessions.create(id)
      if (before.linked) throw new Problem('ALREADY_LINKED', `Session '${id}' is linked already; log it out before linking another account.`)
      // A code asked for before leaves credentials that WhatsApp refuses: start over.
      if (before.state === 'pairing') await disconnect(id)
      await start(id, PAIRING_READY_MS)
      const session = await sessions.waitFor(id, ({ state }) => state === 'qr' || !isRunning(state), PAIRING_READY_MS)
      const connection = connections.get(id)
      if (session?.state !== 'qr' || !connection) throw new Problem('PAIRING_FAILED', `Session '${id}' is ${session?.state ?? 'gone'}; no pairing code can be made now.`, { retryAfterSeconds: 5 })
      const { code, expiresAt } = await connection.pairingCode(phone)
      return { code, expiresAt: expiresAt.toISOString() }
    },
    async send(id, chatId, message, { waitMs, key }) {
      const session = await required(id)
      if (message.type === 'text' && message.text.length > MAX_TEXT_LENGTH) throw new Problem('TEXT_TOO_LONG', `text has ${message.text.length} characters; WhatsApp takes ${MAX_TEXT_LENGTH}.`, { errors: [{ path: '/body/text', message: `must have at most ${MAX_TEXT_LENGTH} characters` }] })
      const deadline = Date.now() + waitMs
      const socket = connections.get(id)?.socket()
      const outbox = outboxOf(id)
      if (socket && !outbox.reached(chatId)) refuse(await reachWithin(socket, chatId, Math.max(waitMs, REACH_MS)), chatId)
      const { message: row, replayed } = await outbox.accept(session, chatId, message, key)
      const isConnected = connections.get(id)?.socket() !== undefined && connections.get(id)?.socket() !== null
      const runsElsewhere = ownership.lease(id) === null && session.state === 'open'
      const outcome = await unlessClosing(outbox.outcome(row.id, isConnected || runsElsewhere ? deadline - Date.now() : 0), parts.closing)
      if (outcome?.kind === 'failed') throw rejected(outcome.error, chatId)
      return { sent: { status: outcome ? 'sent' : 'queued', messageId: row.id, timestamp: row.timestamp, message: row.text }, replayed }
    },
    async act(id, chatId, messageId, action, waitMs) {
      const session = await required(id)
      const deadline = Date.now() + waitMs
      const message = await store.messages.get(id, chatId, messageId)
      if (message === null) throw messageNotFound(chatId, messageId)
      assertAllowed(action, message, session, isGroup(chatId) ? await store.groups.get(id, chatId) : null, Date.now())
      const outbox = outboxOf(id)
      const errand = await outbox.act({ action, target: { chatId: message.chatId, id: message.id, sender: message.sender }, at: Date.now() })
      const isConnected = (connections.get(id)?.socket() ?? null) !== null
      const outcome = await unlessClosing(outbox.outcome(errand, isConnected ? deadline - Date.now() : 0), parts.closing)
      if (outcome?.kind === 'failed') throw rejected(outcome.error, chatId)
      return outcome !== null
    },
    async contact(id, personId) {
      const session = await sessions.require(id)
      const row = (await store.contacts.get(id, [personId])).get(personId) ?? null
      const socket = session.state === 'open' ? (connections.get(id)?.socket() ?? null) : null
      return toContact(row?.id ?? personId, row, isOwn(session.user, personId) ? session.user : null, socket)
    },
    async refresh(id, ask, waitMs) {
      await required(id)
      const connection = connections.get(id)
      const socket = connection?.socket()
      const run = refreshes.get(id) ?? (connection && socket ? startRefresh({ sessionId: id, socket, store, log, taken: connection.taken }, ask) : null)
      if (!run) throw new Problem('NOT_CONNECTED', `Session '${id}' is linked but not connected right now.`, { retryAfterSeconds: 5 })
      if (!refreshes.has(id)) {
        refreshes.set(id, run)
        void run.done.finally(() => refreshes.delete(id))
      }
      const slow = new AbortController()
      const timer = setTimeout(() => slow.abort(), waitMs)
      await unlessClosing(Promise.race([run.done, new Promise((resolve) => slow.signal.addEventListener('abort', resolve))]), parts.closing)
      clearTimeout(timer)
      return run.progress()
    },
    async close() {
      closing = true
      clearInterval(expiry)
      await Promise.all([...connections.values()].map((connection) => connection.stop()))
      await parts.endpoint.close()
    },
  }

  async function resumeAll(): Promise<void> {
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<SessionRegistry['page']>> = await sessions.page({ limit: 200, cursor })
      login(page.rows.filter(({ state }) => state === 'reconnecting').map(({ id }) => id))
      cursor = page.next
    } while (cursor !== null)
  }
}

function removed(id: string): never {
  throw new Problem('SESSION_REMOVED', `Session '${id}' was removed meanwhile.`)
}
