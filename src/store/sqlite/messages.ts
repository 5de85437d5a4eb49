import { readCursor, writeCursor } from '../cursor.ts'
import { shortBody, wholeBody, type ShortBody } from '../message-body.ts'
import type { MessageKey, MessageRow, MessageView, Page, PageRequest } from '../store.ts'
import type { Connection } from './connection.ts'
import { cut } from '../cut.ts'

/** A message and its place in the order of storing. */
export interface StoredMessage<Row extends MessageView = MessageRow> {
  readonly n: number
  readonly row: Row
}

type ViewColumns = [n: number, chatId: string, id: string, sender: string, timestamp: number, body: string]
type Columns = [...ViewColumns, raw: Uint8Array | null]

const VIEW = 'n, chat, id, sender, timestamp, body'
const FULL = `${VIEW}, raw`
const IN_CHAT = 'FROM messages WHERE session = ? AND chat = ?'
/** Named: for a sender that is asked for, SQLite would look at its value each time, whether the index of our own messages serves too, and prepare the statement anew. */
const BY_KEY = 'FROM messages INDEXED BY sqlite_autoindex_messages_1 WHERE session = ? AND chat = ? AND id = ? AND sender = ?'

/** The JSON column of a message. */
export const bodyOf = (message: MessageView): string => JSON.stringify(shortBody(message))

const toView = ([, chatId, id, sender, timestamp, body]: ViewColumns | Columns): MessageView => ({
  chatId,
  id,
  sender,
  timestamp,
  ...wholeBody(JSON.parse(body) as ShortBody),
})

const toStored = (columns: Columns | null): StoredMessage | null => (columns === null ? null : { n: columns[0], row: { ...toView(columns), raw: columns[6] } })

/** Reads of stored messages. */
export function messageQueries(db: Connection) {
  const get = db.query<Columns>(`SELECT ${FULL} FROM messages WHERE n = (SELECT min(n) ${IN_CHAT} AND id = ?)`)
  const find = db.query<Columns>(`SELECT ${FULL} ${BY_KEY}`)
  const view = db.query<ViewColumns>(`SELECT ${VIEW} ${BY_KEY}`)
  const place = db.query<Columns>(`SELECT ${FULL} FROM messages WHERE n = ?`)
  const own = db.query<ViewColumns>(`SELECT ${VIEW} FROM messages WHERE session = ? AND id = ? AND sender = '' ORDER BY n LIMIT 1`)
  const first = db.query<ViewColumns>(`SELECT ${VIEW} ${IN_CHAT} ORDER BY timestamp DESC, n DESC LIMIT ?`)
  const after = db.query<ViewColumns>(`SELECT ${VIEW} ${IN_CHAT} AND (timestamp, n) < (?, ?) ORDER BY timestamp DESC, n DESC LIMIT ?`)
  const oldest = db.query<Columns>(`SELECT ${FULL} ${IN_CHAT} AND raw IS NOT NULL ORDER BY timestamp, n LIMIT 1`)
  const newest = db.query<Columns>(`SELECT ${FULL} ${IN_CHAT} AND raw IS NOT NULL ORDER BY timestamp DESC, n DESC LIMIT 1`)
  const rowOf = (columns: Columns | null): MessageRow | null => toStored(columns)?.row ?? null
  return {
    get: (sessionId: string, chatId: string, id: string): MessageRow | null => rowOf(get.get(sessionId, chatId, id)),
    find: (sessionId: string, { chatId, id, sender }: MessageKey): MessageRow | null => rowOf(find.get(sessionId, chatId, id, sender)),
    /** With its place, for the writer. */
    stored: (sessionId: string, { chatId, id, sender }: MessageKey): StoredMessage | null => toStored(find.get(sessionId, chatId, id, sender)),
    /** The same without the bytes only WhatsApp understands: to hand those over costs more than the rest of a statement. */
    storedView: (sessionId: string, { chatId, id, sender }: MessageKey): StoredMessage<MessageView> | null => {
      const columns = view.get(sessionId, chatId, id, sender)
      return columns === null ? null : { n: columns[0], row: toView(columns) }
    },
    /** The message at a place of the order of storing. */
    at: (n: number): StoredMessage | null => toStored(place.get(n)),
    own: (sessionId: string, id: string): MessageView | null => {
      const columns = own.get(sessionId, id)
      return columns === null ? null : toView(columns)
    },
    page: (sessionId: string, chatId: string, { limit, cursor }: PageRequest): Page<MessageView> => {
      const from = readCursor('messages', cursor)
      const found = from === null ? first.all(sessionId, chatId, limit + 1) : after.all(sessionId, chatId, ...from, limit + 1)
      const { rows, next } = cut(found, limit, ([n, , , , timestamp]) => writeCursor('messages', [timestamp, n]))
      return { rows: rows.map(toView), next }
    },
    oldest: (sessionId: string, chatId: string): MessageRow | null => rowOf(oldest.get(sessionId, chatId)),
    newest: (sessionId: string, chatId: string): MessageRow | null => rowOf(newest.get(sessionId, chatId)),
  }
}
