import { once } from 'node:events'
import { generateSignalPubKey, initAuthCreds, proto, type AuthenticationCreds, type BinaryNode, type SignalRepositoryWithLIDStore, type WASocket } from '@whiskeysockets/baileys'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Log } from '../../../log.ts'
import { openMemory } from '../../../store/memory.ts'
import type { Change, MessageRow, Store } from '../../../store/store.ts'
import { loadAuthState, type AuthState } from '../../auth-state.ts'
import { baileysLogger } from '../../logger.ts'
import { openSocket, sessionCaches } from '../../socket.ts'
import { translation } from '../../translation.ts'
import { deviceCache } from '../device-cache.ts'
import { decryptJournal, type Journal } from '../journal.ts'
import { keyLayer } from '../key-layer.ts'
import { keepKeyShare } from '../key-share.ts'
import { writeBehind, type WriteBehind } from '../write-behind.ts'
import type { Installed } from './installed.ts'
import { eventually } from './require.ts'

const SESSION = 'self-test'
const nothing = (): void => undefined
const SILENT: Log = { level: 'silent', debug: nothing, info: nothing, warn: nothing, error: nothing }

/** Invented people: the account under test and somebody who writes to it. */
export const ME = { id: '15550000001:2@s.whatsapp.net', lid: '1001:2@lid' }
export const PEER = { pn: '15550000002@s.whatsapp.net', lid: '1002@lid' }

/** A socket of an invented account at an endpoint that never answers, and somebody who writes to it. */
export interface Bench {
  readonly installed: Installed
  readonly socket: WASocket
  readonly auth: AuthState
  readonly store: Store
  readonly writes: WriteBehind
  readonly journal: Journal
  readonly devices: ReturnType<typeof deviceCache>
  /** What was told of the socket as a fault. */
  readonly faults: readonly Error[]
  mayReach(): boolean
  onFault(error: Error): void
  /** Every commit so far, oldest first. */
  readonly commits: readonly (readonly Change[])[]
  /** Ciphertexts that came to the guarded repository. */
  readonly tried: Set<Uint8Array>
  /** Another decryption waits until this is resolved. */
  gate: Promise<void>
  /** A commit is durable only when this is resolved. */
  disk: Promise<void>
  readonly peer: { readonly creds: AuthenticationCreds; readonly repository: SignalRepositoryWithLIDStore }
  /** The endpoint's end of the link. */
  endpoint(): Promise<WebSocket>
  /** How many frames have arrived there. */
  frames(): number
  /** The message stanza of a ciphertext of the peer. */
  stanza(id: string, enc: { readonly type: string; readonly ciphertext: Uint8Array }, attrs?: Record<string, string>): BinaryNode
  stored(id: string): Promise<MessageRow | null>
  /** Waits until it holds; throws when it does not in time. */
  eventually(holds: () => boolean | Promise<boolean>): Promise<void>
  close(): Promise<void>
}

/** What somebody needs to begin a Signal session with a device. */
export const bundleOf = ({ registrationId, signedIdentityKey, signedPreKey }: AuthenticationCreds): Parameters<SignalRepositoryWithLIDStore['injectE2ESession']>[0]['session'] =>
  ({
    registrationId,
    identityKey: generateSignalPubKey(signedIdentityKey.public),
    signedPreKey: { keyId: signedPreKey.keyId, publicKey: generateSignalPubKey(signedPreKey.keyPair.public), signature: signedPreKey.signature },
  })

/** The Baileys repository of somebody else, over keys in memory. */
function stranger(makeRepository: Installed['makeRepository']): Bench['peer'] {
  const store = openMemory()
  const layer = keyLayer(store, SESSION, writeBehind(store, SESSION, nothing))
  const creds = initAuthCreds()
  const keys = { ...layer.keys, set: (data: Parameters<typeof layer.keys.set>[0]) => layer.transact(async () => layer.keys.set(data)) }
  return { creds, repository: makeRepository({ creds, keys }, baileysLogger(SILENT)) }
}

/** Opens the bench: a store in memory, an endpoint on the loopback, and the socket as a session would open it. */
export async function openBench(installed: Installed, patienceMs: number): Promise<Bench> {
  const memory = openMemory()
  const commits: (readonly Change[])[] = []
  const store: Store = Object.assign(Object.create(memory) as Store, {
    commit: async (sessionId: string, changes: readonly Change[]) => {
      commits.push(changes)
      const written = memory.commit(sessionId, changes)
      await bench.disk
      return written
    },
  })
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const accepted = once(server, 'connection').then(([link]: unknown[]) => link as WebSocket)
  let frames = 0
  accepted.then((link) => link.on('message', () => (frames += 1)), nothing)

  const writes = writeBehind(store, SESSION, nothing)
  const auth = await loadAuthState(store, SESSION, false, writes)
  auth.creds.me = { ...ME }
  const tried = new Set<Uint8Array>()
  const words = translation({ sessionId: SESSION, store, own: () => ({ phone: '15550000001', lid: '1001' }), sentTo: () => null, live: nothing })
  const recorded = decryptJournal({
    sessionId: SESSION, store, writes, log: SILENT,
    keepNotice: (message, transaction) => keepKeyShare(message, transaction, auth),
    changesOf: async (message, offline) => (await words.of('messages.upsert', { messages: [message], type: offline ? 'append' : 'notify' })).changes,
  })
  const journal: Journal = {
    ...recorded,
    async known(ciphertext) {
      tried.add(ciphertext)
      await bench.gate
      return recorded.known(ciphertext)
    },
  }
  const caches = sessionCaches()
  const devices = deviceCache({ sessionId: SESSION, store, writes, lists: caches.devices })
  const { port } = server.address() as { port: number }
  const socket = openSocket(
    {
      sessionId: SESSION, config: { whatsapp: { deviceName: 'Self-test', version: null, resumeConcurrency: 1 } }, log: SILENT, store, auth, caches, journal, devices,
      endpoint: { wsUrl: `ws://127.0.0.1:${port}`, uploads: null, downloads: null, close: async () => undefined },
    },
    installed,
  )
  const faults: Error[] = []
  const bench: Bench = {
    installed, socket, auth, store, writes, journal, devices, faults, commits, tried,
    mayReach: () => true,
    onFault: (error) => void faults.push(error),
    gate: Promise.resolve(),
    disk: Promise.resolve(),
    peer: stranger(installed.makeRepository),
    endpoint: () => accepted,
    frames: () => frames,
    stanza: (id, { type, ciphertext }, attrs = {}) => ({
      tag: 'message',
      attrs: { from: PEER.lid, sender_pn: PEER.pn, id, t: String(Math.floor(Date.now() / 1000)), type: 'text', notify: 'Peer', ...attrs },
      content: [{ tag: 'enc', attrs: { v: '2', type }, content: ciphertext }],
    }),
    stored: (id) => store.messages.find(SESSION, { chatId: PEER.pn, id, sender: PEER.pn }),
    eventually: (holds) => eventually(holds, patienceMs),
    async close() {
      journal.stop()
      await Promise.resolve(socket.end(undefined))
      for (const link of server.clients) link.terminate()
      server.close()
    },
  }
  return bench
}

/** A text as it is encrypted, with WhatsApp's padding. */
export const padded = (text: string): Buffer => Buffer.concat([proto.Message.encode({ conversation: text }).finish(), Buffer.from([1])])
