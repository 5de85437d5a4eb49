import { readCursor, writeCursor } from '../cursor.ts'
import { joinedChat, newChat, touchedChat } from '../rules/chats.ts'
import { given } from '../rules/contacts.ts'
import type { ChatRow, Page, PageRequest } from '../store.ts'
import type { Connection } from './connection.ts'
import { cut } from './page.ts'
import type { Rename, Writes } from './write.ts'

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

/** Writes of chats, given what empties a chat of its messages. */
export function chatWrites(db: Connection, clear: (sessionId: string, chatId: string) => void): Writes<'chat.merge' | 'chat.touch' | 'chat.delete' | 'chat.clear'> & { readonly rename: Rename } {
  const { get } = chatQueries(db)
  const insert = db.query(PUT)
  const remove = db.query('DELETE FROM chats WHERE session = ? AND id = ?')
  const touchChat = chatTouch(db)
  const put = (sessionId: string, chat: ChatRow): void => void insert.run(sessionId, ...toColumns(chat))
  return {
    'chat.merge': (sessionId, { id, fields }) => put(sessionId, { ...(get(sessionId, id) ?? newChat(id)), ...given(fields) }),
    'chat.touch': (sessionId, { id, timestamp, unread }) => touchChat(sessionId, id, timestamp, unread),
    'chat.delete': (sessionId, { id }) => {
      remove.run(sessionId, id)
      clear(sessionId, id)
    },
    'chat.clear': (sessionId, { id }) => clear(sessionId, id),
    rename: (sessionId, from, to) => {
      const moved = get(sessionId, from)
      if (moved === null) return
      const there = get(sessionId, to)
      remove.run(sessionId, from)
      put(sessionId, there === null ? { ...moved, id: to } : joinedChat(there, moved))
    },
  }
}
