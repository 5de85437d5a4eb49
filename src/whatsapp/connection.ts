import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectionState, WASocket } from '@whiskeysockets/baileys'
import { sole, type Lease } from '../cluster/lease.ts'
import type { Config } from '../config.ts'
import { Problem } from '../errors.ts'
import type { LiveChannel } from '../events/live.ts'
import type { Log } from '../log.ts'
import type { SessionChange, SessionRegistry } from '../sessions/registry.ts'
import { StoreFailed } from '../store/faults.ts'
import type { SessionRow, Store } from '../store/store.ts'
import { ownOf, toUser } from './account.ts'
import { archiveAuthState, clearAuthState, CredentialsMissing, loadAuthState, type AuthState } from './auth-state.ts'
import type { Endpoint } from './endpoint.ts'
import { deviceCache } from './guard/device-cache.ts'
import { watchDevices } from './guard/device-watch.ts'
import { holdSocket } from './guard/holds.ts'
import { decryptJournal } from './guard/journal.ts'
import { keepKeyShare } from './guard/key-share.ts'
import { watchQueue } from './guard/queue-watch.ts'
import { watchConnect } from './guard/watchdog.ts'
import { writeBehind, type WriteBehind } from './guard/write-behind.ts'
import { startIntake } from './intake.ts'
import type { Outbox } from './outbox.ts'
import { afterClose, backoffMs, timesReplaced, type Verdict } from './reconnect.ts'
import { FIRST_QR_MS, NEXT_QR_MS, openSocket, sessionCaches } from './socket.ts'
import { statusOf } from './status-code.ts'
import { translation } from './translation.ts'
import type { QrNow } from './whatsapp.ts'

/** The longest wait before a failed store is tried again. */
const STORE_RETRY_MS = 3000
const STORE_FAILED = 'the store cannot be read or written right now'

/** What a connection works with. */
export interface ConnectionParts {
  readonly sessionId: string
  /** The right to run the session. */
  readonly lease: Lease
  readonly config: Config
  readonly endpoint: Endpoint
  /** What writes only while the lease is held. */
  readonly store: Store
  readonly sessions: SessionRegistry
  /** Where what only holds for the moment is told. */
  readonly live: LiveChannel
  readonly outbox: Outbox
  readonly log: Log
}

/** One session's life with WhatsApp: sockets come and go, the connection stays until it is stopped or cannot go on. */
export interface Connection {
  /** The open socket, or null. */
  socket(): WASocket | null
  /** Resolves when all that the socket told so far can be read. */
  taken(): Promise<void>
  qr(): QrNow | null
  /** Resolves when the session is `starting`. */
  readonly started: Promise<unknown>
  /** True when no socket lives and none will. */
  ended(): boolean
  /** Asks for a pairing code; the socket must show a QR code. */
  pairingCode(phone: string): Promise<{ code: string; expiresAt: Date }>
  /** Ends the socket and waits until all it told is stored. */
  stop(): Promise<void>
}

interface SocketEnd {
  readonly code: number | null
  readonly codesUsedUp: boolean
}

/** Starts a connection; it goes on by itself. */
export function startConnection(parts: ConnectionParts): Connection {
  const { sessionId, store, sessions, outbox, log } = parts
  const stopping = new AbortController()
  const caches = sessionCaches()
  let live: { socket: WASocket; end: (error: Error) => void } | null = null
  let taken = (): Promise<void> => Promise.resolve()
  let open = false
  let qr: (QrNow & { readonly first: Date }) | null = null
  let pairing = false
  let ended = false
  let failures = 0
  /** How often in a row another connection took the place of ours. */
  let replaced = 0

  const tell = async (change: SessionChange): Promise<SessionRow | null> => {
    if (stopping.signal.aborted) return null
    try {
      return await sessions.update(sessionId, change)
    } catch (error) {
      // It was stopped meanwhile, perhaps because another node has the session now.
      if (stopping.signal.aborted) return null
      log.error({ session: sessionId, error: (error as Error).name, wanted: change.state }, 'the state of a session could not be stored')
      if (error instanceof StoreFailed) sessions.failed(sessionId, STORE_FAILED)
      live?.end(new Error('the store failed'))
      return null
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const waitMs = await once().catch(storeFailed)
      if (waitMs === null) return
      if (waitMs > 0) await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }

  /** One socket from start to end, and what its end means: the wait before the next one in milliseconds, or null when there is none. */
  async function once(): Promise<number | null> {
    const end = await oneSocket()
    if (stopping.signal.aborted) return null
    const session = await sessions.get(sessionId)
    if (!session) return null
    replaced = timesReplaced(replaced, end.code, end.openMs)
    const verdict = afterClose({ code: end.code, linked: session.linked, codesUsedUp: end.codesUsedUp, replacedBefore: parts.lease === sole ? null : replaced - 1 })
    log.info({ session: sessionId, code: end.code, verdict: verdict.kind }, 'the connection closed')
    if (await settleVerdict(verdict, session)) return null
    if (verdict.kind === 'again' && verdict.delay !== 'backoff') return verdict.delay === 'none' ? 0 : verdict.delay
    failures = end.openMs > 0 ? 1 : failures + 1
    return backoffMs(failures)
  }

  /** The store cannot be read or written: nothing is said to WhatsApp until it can. */
  async function storeFailed(error: unknown): Promise<number> {
    if (error instanceof CredentialsMissing) throw error
    live = null
    open = false
    outbox.close()
    log.error({ session: sessionId, error: (error as Error).name }, 'the store failed; the session waits for it')
    await tell({ state: 'store_error', reason: STORE_FAILED })
    failures += 1
    return Math.min(backoffMs(failures), STORE_RETRY_MS)
  }

  /** Stores what a close means; true when the connection is over. */
  async function settleVerdict(verdict: Verdict, session: SessionRow): Promise<boolean> {
    switch (verdict.kind) {
      case 'stop':
        if (verdict.state === 'logged_out') {
          await archiveAuthState(store, sessionId)
          await tell({ state: verdict.state, reason: verdict.reason, linked: false, wanted: false })
        } else await tell({ state: verdict.state, reason: verdict.reason, ...(session.linked ? {} : { wanted: false }) })
        return true
      case 'fresh':
        await forgetKeys()
        await tell({ state: 'reconnecting', reason: verdict.reason })
        return false
      case 'again':
        await tell(verdict.delay === 'none' ? { state: 'connecting', reason: verdict.reason } : { state: 'reconnecting', reason: verdict.reason })
        return false
    }
  }

  async function forgetKeys(): Promise<void> {
    await clearAuthState(store, sessionId)
    caches.devices.clear()
  }

  async function authenticate(writes: WriteBehind): Promise<AuthState> {
    const session = await sessions.require(sessionId)
    const auth = await loadAuthState(store, sessionId, session.linked, writes)
    // A pairing code that was never used leaves credentials which WhatsApp refuses (lib/Socket/socket.js, requestPairingCode).
    const unfinished = !session.linked && auth.creds.me !== undefined && auth.creds.account === undefined
    if (!unfinished) return auth
    await forgetKeys()
    return loadAuthState(store, sessionId, false, writes)
  }

  async function oneSocket(): Promise<SocketEnd & { readonly openMs: number }> {
    let end: (error: Error) => void = () => undefined
    const writes = writeBehind(store, sessionId, (error) => end(error))
    const auth = await authenticate(writes)
    if ((await sessions.get(sessionId))?.state === 'store_error') await tell({ state: 'reconnecting', reason: 'the store works again' })
    const words = translation({ sessionId, store, own: () => ownOf(auth), sentTo: outbox.sentTo, live: (fact) => parts.live.tell(sessionId, fact) })
    const journal = decryptJournal({
      sessionId, store, writes, log,
      keepNotice: (message, transaction) => keepKeyShare(message, transaction, auth),
      changesOf: async (message, offline) => (await words.of('messages.upsert', { messages: [message], type: offline ? 'append' : 'notify' })).changes,
    })
    const devices = deviceCache({ sessionId, store, writes, lists: caches.devices })
    const socket = openSocket({ ...parts, auth, caches, journal, devices })
    let openedAt: number | null = null
    let over = false
    end = (error) => {
      if (over) return
      over = true
      socket.ev.flush()
      void Promise.resolve(socket.end(error))
    }
    live = { socket, end }
    holdSocket({ socket, writes, journal, keys: auth.layer.keys, mayReach: parts.lease.isHeld, onFault: end })
    const { doubt } = watchDevices(socket, { sessionId, store, forget: devices.forget, onFault: end })
    const giveUp = (reason: string): void => end(new Error(reason))
    const watchdog = watchConnect(socket, giveUp)
    const queue = watchQueue(socket, giveUp)
    const intake = startIntake({ sessionId, socket, writes, translation: words, log, echoes: journal.echoes, onFault: end })
    taken = intake.taken
    const shown = (text: string): void => {
      watchdog.rest()
      const now = Date.now()
      qr = { text, expiresAt: new Date(now + (qr ? NEXT_QR_MS : FIRST_QR_MS)), first: qr?.first ?? new Date(now) }
      if (!pairing) void tell({ state: 'qr' })
    }
    const opened = (): void => {
      watchdog.rest()
      queue.opened()
      openedAt = performance.now()
      open = true
      void tell({ state: 'open', linked: true, user: toUser(auth) }).then(() => {
        if (open && live?.socket === socket) outbox.open(socket, writes, { store, onFault: end, doubt })
      })
      journal.replay(socket).catch(() => log.warn({ session: sessionId }, 'notices of the own phone could not be processed again'))
      intake.opened()
    }

    socket.ev.on('creds.update', () => {
      attempt(() => auth.saveCreds(), end)
      if (openedAt !== null) void tell({ user: toUser(auth) })
    })
    const closed = new Promise<SocketEnd>((resolve) => {
      socket.ev.on('connection.update', (update: Partial<ConnectionState>) => {
        if (update.qr !== undefined) shown(update.qr)
        if (update.isNewLogin) {
          qr = null
          pairing = false
          void tell({ state: 'connecting' })
        }
        if (update.connection === 'open') opened()
        if (update.connection === 'close') {
          const error = update.lastDisconnect?.error
          resolve({ code: statusOf(error), codesUsedUp: qr !== null && error?.message === 'QR refs attempts ended' })
        }
      })
    })
    if (auth.creds.me) void tell({ state: 'connecting' })
    if (stopping.signal.aborted) end(new Error('stopped'))
    const ending = await closed
    over = true
    open = false
    qr = null
    pairing = false
    live = null
    watchdog.stop()
    queue.stop()
    outbox.close()
    await intake.drain()
    journal.stop()
    // What is still at work for this socket would write an older ratchet over its follower's.
    writes.close()
    await writes.settled()
    return { ...ending, openMs: openedAt === null ? 0 : Math.max(1, performance.now() - openedAt) }
  }

  const started = tell({ state: 'starting' })
  const finished = started
    .then(run)
    .catch(async (error: unknown) => {
      log.error({ session: sessionId, error: (error as Error).name }, 'the connection cannot go on')
      await tell({ state: 'store_error', reason: (error as Error).message })
    })
    .finally(() => {
      ended = true
    })

  return {
    started,
    taken: () => taken(),
    socket: () => (open ? (live?.socket ?? null) : null),
    qr: () => (pairing ? null : qr),
    ended: () => ended,
    async pairingCode(phone) {
      if (!live || !qr) throw new Problem('PAIRING_FAILED', 'The session is not ready for a pairing code.', { retryAfterSeconds: 2 })
      const expiresAt = new Date(qr.first.getTime() + FIRST_QR_MS + 5 * NEXT_QR_MS)
      pairing = true
      const code = await live.socket.requestPairingCode(phone)
      await tell({ state: 'pairing' })
      return { code, expiresAt }
    },
    async stop() {
      stopping.abort()
      live?.end(new Error('stopped'))
      await finished
    },
  }
}

/** A listener of Baileys must not throw: the batch would be emitted again for ever. */
function attempt(work: () => void, onFault: (error: Error) => void): void {
  try {
    work()
  } catch (error) {
    onFault(error instanceof Error ? error : new Error('a listener failed'))
  }
}
