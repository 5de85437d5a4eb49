import type { BaileysEventMap, Chat } from '@whiskeysockets/baileys'
import { isPerson, normalizeJid } from '../../jid.ts'
import type { ChatRow } from '../../store/store.ts'
import type { People } from './people.ts'
import type { Scope } from './scope.ts'
import { toCount, toFilledText, toNumber, toSeconds } from './values.ts'

type Fields = { -readonly [F in keyof Omit<ChatRow, 'id'>]?: ChatRow[F] }

/** More unread messages than anybody counts. */
const MAX_UNREAD = 10_000_000
const MAX_EPHEMERAL_SECONDS = 315_360_000
/** From here on a time is in milliseconds: as seconds it would be in the year 5138. */
const MILLISECONDS_FROM = 100_000_000_000
/** A mute that ends later than this never ends. */
const FOREVER_SECONDS = 4_102_444_800

/** A chat in any of Baileys' forms. */
export type ChatLike = Partial<Chat>

/** Takes the pairs that chats teach: their id and its other form. */
export function learnChats(chats: readonly ChatLike[], people: People): void {
  for (const { id, pnJid, lidJid, accountLid } of chats) {
    people.pair(id, pnJid)
    people.pair(id, lidJid)
    people.pair(id, accountLid)
  }
}

/** Chats that are new or changed. */
export function convertChats(chats: readonly ChatLike[], scope: Scope): void {
  for (const chat of chats) {
    const id = scope.directory.canonical(chat.id ?? '')
    if (id === '') continue
    const fields = toFields(chat, unreadOf(chat), id)
    if (Object.keys(fields).length > 0) scope.emit({ type: 'chat.updated', id, fields })
    touch(chat, id, scope)
  }
}

/** Chats of a history: their unread counts are absolute, and a chat is told even if nothing but its id is known. */
export function convertHistoryChats(chats: readonly ChatLike[], scope: Scope): void {
  for (const chat of chats) {
    const id = scope.directory.canonical(chat.id ?? '')
    if (id === '') continue
    scope.emit({ type: 'chat.updated', id, fields: toFields(chat, absoluteUnread(chat), id) })
    touch(chat, id, scope)
  }
}

/** Chats that were deleted, with their messages. */
export function convertChatDeletes(ids: BaileysEventMap['chats.delete'], scope: Scope): void {
  for (const jid of ids) {
    const id = scope.directory.canonical(jid)
    if (id !== '') scope.emit({ type: 'chat.deleted', id })
  }
}

/** A chat hidden behind the phone's lock, or no longer. */
export function convertLock({ id: jid, locked }: BaileysEventMap['chats.lock'], scope: Scope): void {
  const id = scope.directory.canonical(jid)
  if (id !== '') scope.emit({ type: 'chat.locked', id, locked })
}

function touch(chat: ChatLike, id: string, scope: Scope): void {
  const timestamp = toSeconds(chat.conversationTimestamp) ?? toSeconds(chat.lastMsgTimestamp)
  if (timestamp !== null) scope.emit({ type: 'chat.touched', id, timestamp })
}

/**
 * The unread count that an update sets. With each live message Baileys sends an increment beside the message itself, which counts
 * already; what remains is read (0) and marked unread (-1). Null is Baileys' word for "no change".
 */
function unreadOf(chat: ChatLike): number | undefined {
  const count = toNumber(chat.unreadCount)
  if (count === null) return undefined
  if (count < 0) return -1
  return count > 0 && chat.messages?.length ? undefined : Math.min(count, MAX_UNREAD)
}

function absoluteUnread(chat: ChatLike): number | undefined {
  const count = toNumber(chat.unreadCount)
  if (chat.markedAsUnread === true && (count === null || count <= 0)) return -1
  if (count === null) return undefined
  return count < 0 ? -1 : Math.min(count, MAX_UNREAD)
}

/** Only what is set on the object itself: a decoded message shows null for every field that was not sent. */
function toFields(chat: ChatLike, unreadCount: number | undefined, id: string): Fields {
  const fields: Fields = {}
  const name = toFilledText(chat.name) ?? toFilledText(chat.displayName)
  if (name !== null && !sameAddress(name, id)) fields.name = name
  if (unreadCount !== undefined) fields.unreadCount = unreadCount
  if (typeof chat.archived === 'boolean') fields.archived = chat.archived
  if (given(chat, 'pinned')) fields.pin = toSeconds(inSeconds(chat.pinned))
  if (given(chat, 'muteEndTime')) fields.mute = toMute(chat.muteEndTime)
  if (given(chat, 'ephemeralExpiration')) fields.ephemeralExpiration = toCount(chat.ephemeralExpiration, MAX_EPHEMERAL_SECONDS) || null
  if (given(chat, 'ephemeralSettingTimestamp')) fields.ephemeralSettingTimestamp = toSeconds(chat.ephemeralSettingTimestamp)
  return fields
}

const given = (chat: ChatLike, field: keyof ChatLike): boolean => Object.hasOwn(chat, field) && chat[field] !== undefined

const sameAddress = (name: string, id: string): boolean => isPerson(id) && normalizeJid(name) === id

/** History counts in seconds, app state in milliseconds. */
function inSeconds(value: unknown): number | null {
  const time = toNumber(value)
  return time !== null && time >= MILLISECONDS_FROM ? Math.floor(time / 1000) : time
}

/** Both write "for ever" as a time that never comes or as -1. */
function toMute(value: unknown): number | null {
  const seconds = inSeconds(value)
  if (seconds === null || seconds === 0) return null
  return seconds < 0 || seconds > FOREVER_SECONDS ? -1 : seconds
}
