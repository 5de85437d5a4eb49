import { isLid } from '../../jid.ts'
import { advancedMessage, deletedMessage, editedMessage, peopleIn, reactedMessage, renamedMessage, replacedMessage } from '../rules/messages.ts'
import type { LogEntry, MessageKey, MessageRow, MessageView } from '../store.ts'
import type { Connection } from './connection.ts'
import { bodyOf, messageQueries, type StoredMessage } from './messages.ts'
import type { Append, Rename, Writes } from './write.ts'

/** What a change of a message brings along when it takes effect. */
export interface After {
  touch(sessionId: string, chatId: string, timestamp: number, unread: number): void
  append: Append
}

type Kinds = 'message.put' | 'message.state' | 'message.edit' | 'message.delete' | 'message.remove' | 'message.react'

const lidsIn = (message: MessageView): string[] => [...peopleIn(message)].filter(isLid)

/** Writes of messages, and of the traces that find those which name a LID. */
export function messageWrites(db: Connection, { touch, append }: After): Writes<Kinds> & { readonly clear: (sessionId: string, chatId: string) => boolean; readonly rename: Rename } {
  const { stored, storedView, at } = messageQueries(db)
  const insert = db.query('INSERT INTO messages (session, chat, id, sender, timestamp, body, raw) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING')
  const update = db.query('UPDATE messages SET body = ? WHERE n = ?')
  const move = db.query('UPDATE OR IGNORE messages SET chat = ?, sender = ? WHERE n = ?')
  const updateRaw = db.query('UPDATE messages SET raw = ? WHERE n = ?')
  const remove = db.query('DELETE FROM messages WHERE n = ?')
  const removeChat = db.query('DELETE FROM messages WHERE session = ? AND chat = ?')
  const trace = db.query('INSERT INTO lid_traces (message, lid, session) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const untrace = db.query('DELETE FROM lid_traces WHERE message = ?')
  const untraceChat = db.query('DELETE FROM lid_traces WHERE message IN (SELECT n FROM messages WHERE session = ? AND chat = ?)')
  const untraceLid = db.query('DELETE FROM lid_traces WHERE session = ? AND lid = ?')
  const traced = db.query<[n: number]>('SELECT message FROM lid_traces WHERE session = ? AND lid = ?')
  const inChat = db.query<[n: number]>('SELECT n FROM messages WHERE session = ? AND chat = ?')

  const traceAll = (sessionId: string, n: number, lids: readonly string[]): void => {
    for (const lid of lids) trace.run(n, lid, sessionId)
  }

  /** False when another message stands under the new key. */
  const save = (sessionId: string, before: StoredMessage, after: MessageRow): boolean => {
    const stays = after.chatId === before.row.chatId && after.sender === before.row.sender
    if (!stays && move.run(after.chatId, after.sender, before.n).changes === 0) return false
    update.run(bodyOf(after), before.n)
    if (after.raw !== before.row.raw) updateRaw.run(after.raw, before.n)
    traceAll(sessionId, before.n, lidsIn(after))
    return true
  }

  const drop = (n: number): void => {
    remove.run(n)
    untrace.run(n)
  }

  /** True when the stored message gave way. */
  const replace = (sessionId: string, put: MessageRow): boolean => {
    const there = stored(sessionId, put)
    const replaced = there === null ? null : replacedMessage(there.row, put)
    return there !== null && replaced !== null && save(sessionId, there, replaced)
  }

  const change = (sessionId: string, { key, event }: { readonly key: MessageKey; readonly event?: LogEntry }, changed: (message: MessageRow) => MessageRow | null): void => {
    const before = stored(sessionId, key)
    const after = before === null ? null : changed(before.row)
    if (before === null || after === null) return
    save(sessionId, before, after)
    append(sessionId, event)
  }

  /** As `change`, for what leaves the key and the bytes as they are. */
  const changeView = (sessionId: string, { key, event }: { readonly key: MessageKey; readonly event?: LogEntry }, changed: (message: MessageView) => MessageView | null): void => {
    const before = storedView(sessionId, key)
    const after = before === null ? null : changed(before.row)
    if (before === null || after === null) return
    update.run(bodyOf(after), before.n)
    traceAll(sessionId, before.n, lidsIn(after))
    append(sessionId, event)
  }

  return {
    'message.put': (sessionId, { message, touch: touched, event }) => {
      const { changes, rowid } = insert.run(sessionId, message.chatId, message.id, message.sender, message.timestamp, bodyOf(message), message.raw)
      if (changes > 0) traceAll(sessionId, rowid, lidsIn(message))
      else if (!replace(sessionId, message)) return
      if (touched !== undefined) touch(sessionId, message.chatId, message.timestamp, touched.unread)
      append(sessionId, event)
    },
    'message.state': (sessionId, state) => changeView(sessionId, state, (message) => advancedMessage(message, state)),
    'message.edit': (sessionId, edit) => change(sessionId, edit, (message) => editedMessage(message, edit)),
    'message.delete': (sessionId, deletion) => change(sessionId, deletion, (message) => deletedMessage(message, deletion)),
    'message.react': (sessionId, reaction) => changeView(sessionId, reaction, (message) => reactedMessage(message, reaction)),
    'message.remove': (sessionId, { key, event }) => {
      const found = stored(sessionId, key)
      if (found === null) return
      drop(found.n)
      append(sessionId, event)
    },
    clear: (sessionId, chatId) => {
      untraceChat.run(sessionId, chatId)
      return removeChat.run(sessionId, chatId).changes > 0
    },
    rename: (sessionId, from, to) => {
      const places = new Set([...traced.all(sessionId, from), ...inChat.all(sessionId, from)].map(([n]) => n))
      if (places.size === 0) return
      for (const n of [...places].toSorted((one, other) => one - other)) {
        const before = at(n)
        if (before === null) continue
        const after = renamedMessage(before.row, from, to)
        if (save(sessionId, before, after)) continue
        drop(n)
        replace(sessionId, after)
      }
      untraceLid.run(sessionId, from)
    },
  }
}
