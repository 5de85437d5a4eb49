import { readCursor, writeCursor } from '../cursor.ts'
import { joinedChat, mergedChat, newChat, touchedChat } from '../rules/chats.ts'
import type { ChatRow, Page, PageRequest } from '../store.ts'
import type { Connection } from './connection.ts'
import { cut } from '../cut.ts'
import type { Append, Writes } from './write.ts'

type Columns = [
  id: string,
  timestamp: number,
  unread: number,
  name: string | null,
  archived: number,
  pin: number | null,
  mute: number | null,
  ephemeralExpiration: number | null,
  ephemeralSettingTimestamp: number | null,
  labels: string,
]

const COLUMNS = 'id, timestamp, unread, name, archived, pin, mute, ephemeral_expiration, ephemeral_setting_timestamp, labels'

const toRow = ([id, conversationTimestamp, unreadCount, name, archived, pin, mute, ephemeralExpiration, ephemeralSettingTimestamp, labels]: Columns): ChatRow => ({
  id,
  name,
  unreadCount,
  conversationTimestamp,
  archived: archived === 1,
  pin,
  mute,
  ephemeralExpiration,
  ephemeralSettingTimestamp,
  labels: JSON.parse(labels) as string[],
})

const toColumns = (chat: ChatRow): Columns => [
  chat.id,
  chat.conversationTimestamp,
  chat.unreadCount,
  chat.name,
  Number(chat.archived),
  chat.pin,
  chat.mute,
  chat.ephemeralExpiration,
  chat.ephemeralSettingTimestamp,
  JSON.stringify(chat.labels),
]

/** Reads of stored chats. */
export function chatQueries(db: Connection) {
  const one = db.query<Columns>(`SELECT ${COLUMNS} FROM chats WHERE session = ? AND id = ?`)
  const first = db.query<Columns>(`SELECT ${COLUMNS} FROM chats WHERE session = ? ORDER BY timestamp DESC, id DESC LIMIT ?`)
  const after = db.query<Columns>(`SELECT ${COLUMNS} FROM chats WHERE session = ? AND (timestamp, id) < (?, ?) ORDER BY timestamp DESC, id DESC LIMIT ?`)
  const count = db.query<[number]>('SELECT count(*) FROM chats WHERE session = ?')
  return {
    get: (sessionId: string, id: string): ChatRow | null => {
      const columns = one.get(sessionId, id)
      return columns === null ? null : toRow(columns)
    },
    page: (sessionId: string, { limit, cursor }: PageRequest): Page<ChatRow> => {
      const from = readCursor('chats', cursor)
      const found = (from === null ? first.all(sessionId, limit + 1) : after.all(sessionId, ...from, limit + 1)).map(toRow)
      return cut(found, limit, ({ conversationTimestamp, id }) => writeCursor('chats', [conversationTimestamp, id]))
    },
    count: (sessionId: string): number => count.get(sessionId)?.[0] ?? 0,
  }
}

const PUT = `INSERT OR REPLACE INTO chats (session, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

/** What a message does to its chat. */
export function chatTouch(db: Connection): (sessionId: string, id: string, timestamp: number, unread: number) => void {
  const { get } = chatQueries(db)
  const insert = db.query(PUT)
  const touch = db.query('UPDATE chats SET timestamp = ?, unread = ? WHERE session = ? AND id = ?')
  return (sessionId, id, timestamp, unread) => {
    const stored = get(sessionId, id)
    const touched = touchedChat(stored ?? newChat(id), timestamp, unread)
    if (stored === null) insert.run(sessionId, ...toColumns(touched))
    else touch.run(touched.conversationTimestamp, touched.unreadCount, sessionId, id)
  }
}

/** What chats need of others: `clear` empties one of its messages and says whether there were any. */
export interface AroundChats {
  readonly clear: (sessionId: string, chatId: string) => boolean
  readonly append: Append
}

/** Writes of chats; `rename` says whether there was a chat to move. */
export function chatWrites(db: Connection, { clear, append }: AroundChats): Writes<'chat.merge' | 'chat.touch' | 'chat.delete' | 'chat.clear'> & { readonly rename: (sessionId: string, from: string, to: string) => boolean } {
  const { get } = chatQueries(db)
  const insert = db.query(PUT)
  const remove = db.query('DELETE FROM chats WHERE session = ? AND id = ?')
  const touchChat = chatTouch(db)
  const put = (sessionId: string, chat: ChatRow): void => void insert.run(sessionId, ...toColumns(chat))
  return {
    'chat.merge': (sessionId, { id, fields, event }) => {
      const stored = get(sessionId, id)
      const before = stored ?? newChat(id)
      const merged = mergedChat(before, fields)
      if (merged !== null || stored === null) put(sessionId, merged ?? before)
      if (merged !== null) append(sessionId, event)
    },
    'chat.touch': (sessionId, { id, timestamp, unread }) => touchChat(sessionId, id, timestamp, unread),
    'chat.delete': (sessionId, { id, event }) => {
      clear(sessionId, id)
      if (remove.run(sessionId, id).changes > 0) append(sessionId, event)
    },
    'chat.clear': (sessionId, { id, event }) => {
      if (clear(sessionId, id)) append(sessionId, event)
    },
    rename: (sessionId, from, to) => {
      const moved = get(sessionId, from)
      if (moved === null) return false
      const there = get(sessionId, to)
      remove.run(sessionId, from)
      put(sessionId, there === null ? { ...moved, id: to } : joinedChat(there, moved))
      return true
    },
  }
}
