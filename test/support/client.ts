import { Agent as HttpAgent } from 'node:http'
import { connect } from 'node:net'
import {
  DEFAULT_CONNECTION_CONFIG,
  initAuthCreds,
  makeWASocket,
  proto,
  type AuthenticationCreds,
  type BaileysEventMap,
  type SignalDataSet,
  type SignalDataTypeMap,
  type UserFacingSocketConfig,
  type WAMessage,
  type WASocket,
} from '@whiskeysockets/baileys'
import { pino } from 'pino'
import { Agent } from 'undici'
import { until } from './wait.ts'

// libsignal prints sessions with their private keys to the console.
for (const method of ['info', 'warn', 'error'] as const) console[method] = () => undefined

const RESTART_REQUIRED = 515
const { RECENT } = proto.HistorySync.HistorySyncType

/** What a client needs to know of a simulator. */
export type ClientTarget = { wsUrl: string; mediaUrl: string }

/** The same and a phone that scans. */
export type LinkTarget = ClientTarget & {
  scan(qr: string, scanner: { phone: string; name?: string }): Promise<{ account: string; device: number }>
}

/** An in-memory copy of what a real client keeps on disk. */
export type ClientState = { creds: AuthenticationCreds; keys: Map<string, unknown> }

/** Every event of one kind that a client emitted, in order. */
export type EventRecord = { [K in keyof BaileysEventMap]?: BaileysEventMap[K][] }

/** A raw, unmodified Baileys client with everything it emitted. */
export type Client = {
  /** The current socket; another one after a reconnect. */
  readonly sock: WASocket
  readonly state: ClientState
  /** All events since the client was made, by name. */
  readonly events: EventRecord
  /** Messages of all upserts, in order. */
  readonly messages: WAMessage[]
  /** The highest status a message reached: 1 pending, 2 sent, 3 delivered, 4 read, 5 played, 0 refused. */
  statusOf(id: string | null | undefined): number | undefined
  /** Status codes of all closes, in order. */
  readonly closes: number[]
  readonly isOpen: boolean
  /** Makes a socket; it reconnects by itself only for 515. */
  connect(): void
  /** Waits for the message that fits. */
  message(fits: (message: WAMessage) => boolean, words?: string): Promise<WAMessage>
  /** Waits for an event of this kind that fits. */
  event<K extends keyof BaileysEventMap>(kind: K, fits?: (event: BaileysEventMap[K]) => boolean): Promise<BaileysEventMap[K]>
  end(): Promise<void>
}

/** A fresh, unlinked identity. */
export const newState = (): ClientState => ({ creds: initAuthCreds(), keys: new Map() })

const keyStore = (keys: Map<string, unknown>) => ({
  get: async <T extends keyof SignalDataTypeMap>(type: T, ids: string[]): Promise<{ [id: string]: SignalDataTypeMap[T] }> => {
    const found: { [id: string]: SignalDataTypeMap[T] } = {}
    for (const id of ids) {
      const value = keys.get(`${type}/${id}`)
      if (value === undefined) continue
      // Copies, as Baileys changes what it is given.
      const copy: SignalDataTypeMap[T] = structuredCloneOf(type, value)
      found[id] = copy
    }
    return found
  },
  set: async (data: SignalDataSet): Promise<void> => {
    for (const [type, rows] of Object.entries(data)) {
      for (const [id, value] of Object.entries(rows ?? {})) {
        if (value === null || value === undefined) keys.delete(`${type}/${id}`)
        else keys.set(`${type}/${id}`, type === 'app-state-sync-key' ? value : buffersIn(value))
      }
    }
  },
})

const buffersIn = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (Array.isArray(value)) return value.map(buffersIn)
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, buffersIn(part)]))
  }
  return value
}

const structuredCloneOf = <T extends keyof SignalDataTypeMap>(type: T, value: unknown): SignalDataTypeMap[T] => {
  const copy = type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(Object(value)) : buffersIn(value)
  return copy as SignalDataTypeMap[T]
}

/** Socket options that send all media to the simulator's plain HTTP port, whatever host the url names. */
export const mediaOptions = (mediaUrl: string): Pick<UserFacingSocketConfig, 'fetchAgent' | 'options'> => {
  const { hostname, port } = new URL(mediaUrl)
  const uploads = new HttpAgent()
  Object.assign(uploads, { protocol: 'https:', createConnection: () => connect(Number(port), hostname) })
  const dispatcher = new Agent({
    connect: (_options, done) => {
      const socket = connect(Number(port), hostname)
      socket.once('connect', () => done(null, socket))
      socket.once('error', (error) => done(error, null))
    },
  })
  return { fetchAgent: uploads as never, options: { dispatcher } as never }
}

/** Makes a raw client on a simulator, without connecting it. */
export const makeClient = (target: ClientTarget, state = newState(), config: Partial<UserFacingSocketConfig> = {}): Client => {
  const events: EventRecord = {}
  const messages: WAMessage[] = []
  const closes: number[] = []
  const statuses = new Map<string, number>()
  const noteStatus = (id: string | null | undefined, status: number | null | undefined): void => {
    if (!id || typeof status !== 'number') return
    const before = statuses.get(id)
    if (status === 0 || before === undefined || status > before) statuses.set(id, status)
  }
  const sent = new Map<string, proto.IMessage>()
  let isOpen = false
  let isEnded = false
  let sock: WASocket | undefined
  const media = mediaOptions(target.mediaUrl)

  const connectSocket = (): void => {
    const made = makeWASocket({
      ...media,
      waWebSocketUrl: target.wsUrl,
      auth: { creds: state.creds, keys: keyStore(state.keys) },
      logger: pino({ level: 'silent' }),
      getMessage: async (key) => sent.get(key.id ?? ''),
      makeSignalRepository: DEFAULT_CONNECTION_CONFIG.makeSignalRepository,
      ...config,
    })
    sock = made
    made.ev.process((batch) => {
      for (const [kind, event] of Object.entries(batch)) {
        const list: unknown[] = (events[kind as keyof BaileysEventMap] ??= [] as never)
        list.push(event)
      }
      for (const message of batch['messages.upsert']?.messages ?? []) {
        messages.push(message)
        noteStatus(message.key.id, message.status)
        if (message.key.fromMe && message.key.id && message.message) sent.set(message.key.id, message.message)
      }
      for (const { key, update } of batch['messages.update'] ?? []) noteStatus(key.id, update.status)
      const update = batch['connection.update']
      if (update?.connection === 'open') isOpen = true
      if (update?.connection !== 'close' || sock !== made) return
      isOpen = false
      const error = update.lastDisconnect?.error as { output?: { statusCode?: number } } | undefined
      const code = error?.output?.statusCode ?? 0
      closes.push(code)
      if (code === RESTART_REQUIRED && !isEnded) connectSocket()
    })
  }

  const client: Client = {
    get sock() {
      if (!sock) throw new Error('this client was never connected')
      return sock
    },
    state,
    events,
    messages,
    statusOf: (id) => statuses.get(id ?? ''),
    closes,
    get isOpen() {
      return isOpen
    },
    connect: connectSocket,
    message: (fits, words = 'a message') => until(() => messages.find(fits), words),
    event: async <K extends keyof BaileysEventMap>(kind: K, fits: (event: BaileysEventMap[K]) => boolean = () => true) => {
      const list = (): BaileysEventMap[K][] => events[kind] ?? []
      return (await until(() => list().find(fits), `the event ${kind}`)) as BaileysEventMap[K]
    },
    end: async () => {
      isEnded = true
      if (isOpen || sock) await sock?.end(undefined)
    },
  }
  return client
}

/** Makes a client, shows its QR to a phone of this number, and waits until it is linked, open and in sync. */
export const linkClient = async (
  target: LinkTarget,
  person: { phone: string; name?: string },
  config: Partial<UserFacingSocketConfig> = {},
): Promise<Client> => {
  const client = makeClient(target, newState(), config)
  client.connect()
  const { qr } = await client.event('connection.update', (update) => update.qr !== undefined)
  await target.scan(qr ?? '', person)
  await until(() => client.isOpen, 'the linked client to open')
  await client.event('connection.update', (update) => update.receivedPendingNotifications === true)
  await until(() => client.state.creds.me?.name, 'the push name')
  // The phone's last message of a link: until it is there, one that is still under way may bring the old name back.
  if (!config.shouldSyncHistoryMessage) await client.event('messaging-history.set', ({ syncType }) => syncType === RECENT)
  return client
}
