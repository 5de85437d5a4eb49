import type { Change } from '../store.ts'
import { authWrites } from './auth.ts'
import { chatTouch, chatWrites } from './chats.ts'
import type { Connection } from './connection.ts'
import { contactWrites } from './contacts.ts'
import { deviceWrites } from './devices.ts'
import { eventWrites, type Heads } from './events.ts'
import { groupWrites } from './groups.ts'
import { journalWrites } from './journal.ts'
import { messageWrites } from './message-writes.ts'
import { outboxWrites } from './outbox.ts'
import { sessionWrites } from './sessions.ts'
import { webhookWrites } from './webhooks.ts'
import type { Writes } from './write.ts'

/** What writes inside a transaction. */
export interface Apply {
  change(sessionId: string, change: Change): void
  readonly heads: Heads
}

/** What writes every kind of change on this connection. */
export function changesOf(db: Connection): Apply {
  const { append, heads, ...events } = eventWrites(db)
  const { clear, rename: renameInMessages, ...messages } = messageWrites(db, { touch: chatTouch(db), append })
  const { rename: moveChat, ...chats } = chatWrites(db, { clear, append })
  const { rename: renameInOutbox, ...outbox } = outboxWrites(db)
  const { clear: clearDevices, ...devices } = deviceWrites(db)
  const contacts = contactWrites(db, { moveChat, moves: [renameInMessages, renameInOutbox], append })
  const writes: Writes<Change['kind']> = { ...sessionWrites(db), ...authWrites(db, clearDevices), ...chats, ...contacts, ...messages, ...groupWrites(db), ...outbox, ...journalWrites(db), ...devices, ...events, ...webhookWrites(db) }
  return { heads, change: (sessionId, change) => (writes[change.kind] as (sessionId: string, change: Change) => void)(sessionId, change) }
}
