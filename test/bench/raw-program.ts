/** The other side of the comparison, a process of its own: Baileys as it comes, credentials and keys in memory, no store. */
import { readFileSync, writeFileSync } from 'node:fs'
import { BufferJSON, DisconnectReason, initAuthCreds, makeWASocket, proto, type AuthenticationCreds, type SignalDataTypeMap, type SignalKeyStore, type WASocket } from '@whiskeysockets/baileys'
import { pino } from 'pino'
import { mediaOptions } from '../support/client.ts'
import { textOf } from './cost/load.ts'
import type { ProbeCommand } from './cost/probed.ts'
import { monotonicMs, now } from './process.ts'
import type { RawCommand, RawEvent, RawSend, Seen } from './raw.ts'

const [wsUrl = '', mediaUrl = ''] = process.argv.slice(2)
const media = mediaOptions(mediaUrl)
const logger = pino({ level: 'silent' })

interface Identity {
  readonly creds: AuthenticationCreds
  readonly keys: Map<string, unknown>
}

const identities = new Map<string, Identity>()
const sockets = new Map<string, WASocket>()
const watched = new Map<string, Seen[]>()
const tell = (event: RawEvent): void => void process.send?.(event)

const keyStore = (keys: Map<string, unknown>): SignalKeyStore => ({
  get: async <T extends keyof SignalDataTypeMap>(type: T, ids: string[]) => {
    const found: Record<string, SignalDataTypeMap[T]> = {}
    for (const id of ids) {
      const value = keys.get(`${type}/${id}`)
      if (value !== undefined) found[id] = value as SignalDataTypeMap[T]
    }
    return found
  },
  set: async (data) => {
    for (const [type, rows] of Object.entries(data)) {
      for (const [id, value] of Object.entries(rows ?? {})) {
        if (value === null) keys.delete(`${type}/${id}`)
        else keys.set(`${type}/${id}`, value)
      }
    }
  },
})

function connect(id: string): void {
  const identity = identities.get(id)
  if (!identity) throw new Error(`nobody is called ${id}`)
  const socket = makeWASocket({ ...media, waWebSocketUrl: wsUrl, auth: { creds: identity.creds, keys: keyStore(identity.keys) }, logger })
  sockets.set(id, socket)
  socket.ev.on('creds.update', (change) => void Object.assign(identity.creds, change))
  socket.ev.on('messaging-history.set', ({ messages }) => tell({ kind: 'history', id, messages: messages.length, at: now() }))
  socket.ev.on('connection.update', ({ qr, connection, lastDisconnect }) => {
    if (qr !== undefined) tell({ kind: 'qr', id, qr })
    if (connection === 'open') tell({ kind: 'open', id, at: now() })
    const code = (lastDisconnect?.error as { output?: { statusCode?: number } } | undefined)?.output?.statusCode
    if (connection === 'close' && code === DisconnectReason.restartRequired) connect(id)
  })
}

function save(file: string): void {
  const all = [...identities].map(([id, { creds, keys }]) => ({ id, creds, keys: [...keys] }))
  writeFileSync(file, JSON.stringify(all, BufferJSON.replacer))
  tell({ kind: 'saved' })
}

function load(file: string): void {
  const all = JSON.parse(readFileSync(file, 'utf8'), BufferJSON.reviver) as { id: string; creds: AuthenticationCreds; keys: [string, unknown][] }[]
  for (const { id, creds, keys } of all) {
    const revived = keys.map(([name, value]) => [name, name.startsWith('app-state-sync-key/') ? proto.Message.AppStateSyncKeyData.fromObject(Object(value)) : value] as const)
    identities.set(id, { creds, keys: new Map(revived) })
    connect(id)
  }
}

function watch(id: string): void {
  const seen: Seen[] = []
  watched.set(id, seen)
  sockets.get(id)?.ev.on('messages.upsert', ({ messages }) => {
    const atMs = monotonicMs()
    for (const { key } of messages) seen.push([key.id ?? '', atMs])
  })
}

async function send({ id, chats, count, inFlight }: RawSend): Promise<void> {
  const socket = sockets.get(id)
  let next = 0
  const lane = async (): Promise<void> => {
    for (let place = next++; place < count; place = next++) {
      await socket?.sendMessage(chats[place % chats.length] ?? '', { text: textOf(place) })
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  tell({ kind: 'sent', id })
}

process.on('message', (command: RawCommand | ProbeCommand) => {
  switch (command.kind) {
    case 'save':
      return save(command.file)
    case 'resume':
      return load(command.file)
    case 'send':
      return void send(command)
    case 'link':
      identities.set(command.id, { creds: initAuthCreds(), keys: new Map() })
      return connect(command.id)
    case 'watch':
      return watch(command.id)
    case 'report':
      return tell({ kind: 'seen', id: command.id, seen: watched.get(command.id) ?? [] })
    case 'probe.start':
    case 'probe.stop':
      // For the probe that a measure may have loaded before.
  }
})
process.once('SIGTERM', () => process.exit(0))
process.once('disconnect', () => process.exit(0))
tell({ kind: 'ready' })
