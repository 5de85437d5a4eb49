import makeWASocket, { DEFAULT_CONNECTION_CONFIG, proto, type CacheStore, type GroupMetadata, type SocketConfig, type WASocket } from '@whiskeysockets/baileys'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Store } from '../store/store.ts'
import { normalizeJid } from '../jid.ts'
import type { AuthState } from './auth-state.ts'
import { boundedCache } from './cache.ts'
import type { Endpoint } from './endpoint.ts'
import { deviceLists, type DeviceCache, type DeviceLists } from './guard/device-cache.ts'
import { guardedRepository, type DecryptJournal } from './guard/signal-repository.ts'
import { baileysLogger } from './logger.ts'

/** None: Baileys would give every frame a timer and two stack traces, and what hangs is ended by the watchdogs. */
const CONNECT_TIMEOUT_MS = 0
const KEEP_ALIVE_MS = 30_000
/** One stuck query blocks the sends of its socket, and Baileys' own default is a minute. */
const QUERY_TIMEOUT_MS = 15_000
/** Baileys sleeps this long inside the lock of all inbound messages. */
const RETRY_REQUEST_DELAY_MS = 10
/** The first QR code lives this long, each following one {@link NEXT_QR_MS}; Baileys' own times. */
export const FIRST_QR_MS = 60_000
export const NEXT_QR_MS = 20_000

/** The caches of a session that outlive its sockets. */
export interface SessionCaches {
  readonly devices: DeviceLists
  readonly retries: CacheStore
  readonly calls: CacheStore
  readonly placeholders: CacheStore
}

const HOUR_MS = 3_600_000

/** Empty caches for one session. */
export const sessionCaches = (): SessionCaches => ({
  devices: deviceLists(),
  retries: boundedCache(1000, HOUR_MS),
  calls: boundedCache(100, HOUR_MS / 12),
  placeholders: boundedCache(1000, HOUR_MS),
})

/** What a socket of a session is made of. */
export interface SocketParts {
  readonly sessionId: string
  readonly config: Pick<Config, 'whatsapp'>
  readonly endpoint: Endpoint
  readonly store: Store
  readonly log: Log
  readonly auth: AuthState
  readonly caches: SessionCaches
  readonly journal: DecryptJournal
  readonly devices: DeviceCache
}

/** Who makes the socket and the repository under ours: Baileys itself. */
interface Makers {
  readonly makeSocket: typeof makeWASocket
  readonly makeRepository: SocketConfig['makeSignalRepository']
}

const BAILEYS: Makers = { makeSocket: makeWASocket, makeRepository: DEFAULT_CONNECTION_CONFIG.makeSignalRepository }

/** Opens a socket to WhatsApp; it starts to connect at once. */
export function openSocket({ sessionId, config, endpoint, store, log, auth, caches, journal, devices }: SocketParts, { makeSocket, makeRepository }: Makers = BAILEYS): WASocket {
  const { deviceName, version } = config.whatsapp
  return makeSocket({
    auth,
    makeSignalRepository: guardedRepository(auth.layer, journal, makeRepository),
    logger: baileysLogger(log),
    version: version ? [...version] : DEFAULT_CONNECTION_CONFIG.version,
    browser: [deviceName, 'Chrome', '1.0.0'],
    ...(endpoint.wsUrl === null ? {} : { waWebSocketUrl: endpoint.wsUrl }),
    ...(endpoint.uploads === null ? {} : { fetchAgent: endpoint.uploads }),
    ...(endpoint.downloads === null ? {} : { options: { dispatcher: endpoint.downloads } as unknown as RequestInit }),
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    keepAliveIntervalMs: KEEP_ALIVE_MS,
    defaultQueryTimeoutMs: QUERY_TIMEOUT_MS,
    retryRequestDelayMs: RETRY_REQUEST_DELAY_MS,
    // Online companions silence the notifications of the phone.
    markOnlineOnConnect: false,
    emitOwnEvents: false,
    syncFullHistory: false,
    userDevicesCache: devices.cache,
    msgRetryCounterCache: caches.retries,
    callOfferCache: caches.calls,
    placeholderResendCache: caches.placeholders,
    getMessage: async ({ id }) => {
      const own = id ? await store.messages.own(sessionId, id) : null
      const row = own ? await store.messages.find(sessionId, own) : null
      return row?.raw ? (proto.WebMessageInfo.decode(row.raw).message ?? undefined) : undefined
    },
    cachedGroupMetadata: async (jid) => {
      const id = normalizeJid(jid)
      const group = id ? await store.groups.get(sessionId, id) : null
      return group ? (JSON.parse(group.raw) as GroupMetadata) : undefined
    },
  })
}
