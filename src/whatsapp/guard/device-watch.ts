import { getBinaryNodeChild, jidDecode, type BinaryNode, type GroupMetadata, type WASocket } from '@whiskeysockets/baileys'
import { isGroup, normalizeJid } from '../../jid.ts'
import type { Store } from '../../store/store.ts'
import { newest } from '../cache.ts'

/** Lists are asked for again on a hint at most this often: each time costs a session with the contact. */
const HINT_PAUSE_MS = 3_600_000
const REMEMBERED = 1000
/** The server refused a message, likely for a device that is no more (lib/Socket/messages-recv.js, handleBadAck). */
const STALE_DEVICE = '479'

/** What a watch works with. */
export interface DeviceWatchParts {
  readonly sessionId: string
  readonly store: Store
  /** Forgets the lists of these users. */
  forget(users: readonly string[]): void
  onFault(error: Error): void
}

/** A watch over the device lists of one socket. */
export interface DeviceWatch {
  /** Something speaks against the lists that a message to this chat is encrypted by: they are asked for again. */
  doubt(chatId: string): Promise<void>
}

/**
 * Notices what Baileys passes over: the hash that the server answers a message with when it knows other devices of the recipients,
 * a refusal for a device, and a change of the own account's devices (lib/Socket/messages-recv.js, handleBadAck and `account_sync`).
 */
export function watchDevices(socket: WASocket, { sessionId, store, forget, onFault }: DeviceWatchParts): DeviceWatch {
  const doubted = newest<true>(REMEMBERED, HINT_PAUSE_MS)
  const own = (): string[] => usersOf([socket.authState.creds.me?.id, socket.authState.creds.me?.lid])

  async function doubt(chatId: string): Promise<void> {
    if (doubted.has(chatId)) return
    doubted.set(chatId, true)
    if (!isGroup(chatId)) return forget([...usersOf([chatId]), ...own()])
    const group = await store.groups.get(sessionId, chatId)
    if (group) forget(usersOf((JSON.parse(group.raw) as GroupMetadata).participants.map(({ id }) => id)))
  }

  socket.ws.on('CB:ack,class:message', ({ attrs: { from, phash, error } }: BinaryNode) => {
    const chatId = normalizeJid(from)
    if (chatId !== null && (phash !== undefined || error === STALE_DEVICE)) doubt(chatId).catch(onFault)
  })
  socket.ws.on('CB:notification,type:account_sync', (notification: BinaryNode) => {
    if (getBinaryNodeChild(notification, 'devices')) forget(own())
  })
  return { doubt }
}

/** The user parts of JIDs, which device lists are kept under. */
const usersOf = (jids: readonly (string | undefined)[]): string[] => jids.flatMap((jid) => jidDecode(jid)?.user ?? [])
