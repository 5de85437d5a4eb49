import type { Dump } from '../dump.ts'
import { StoreRefused } from '../faults.ts'
import type { Change, ContactRow } from '../store.ts'
import type { CursorRow, WebhookRow } from '../webhooks.ts'
import { chatQueries } from './chats.ts'
import { connect, type Connection, type Value } from './connection.ts'
import { eventQueries } from './events.ts'
import { claimFolder, holdsDatabase } from './folder.ts'
import { groupQueries } from './groups.ts'
import { prepareDatabase } from './layout.ts'
import { messageQueries } from './messages.ts'
import { outboxQueries } from './outbox.ts'
import { sessionQueries } from './sessions.ts'
import { webhookQueries } from './webhooks.ts'

const CHUNK = 500

/** Opens the store in a data folder to be read whole. Throws {@link StoreRefused} while a gateway runs on it, or where it holds nothing. */
export function openSqliteDump(dataDir: string, mode: 'live' | 'sandbox'): Dump {
  const folder = claimFolder(dataDir)
  try {
    if (!holdsDatabase(folder)) throw new StoreRefused(`The data folder ${dataDir} holds no store.`)
    // A store of an older version is brought up to this one first.
    prepareDatabase(folder, mode)
    return dumpOf(connect(folder.database), folder.unlock)
  } catch (error) {
    folder.unlock()
    throw error
  }
}

function dumpOf(db: Connection, unlock: () => void): Dump {
  const sessions = sessionQueries(db)
  const messages = messageQueries(db)
  const chats = chatQueries(db)
  const groups = groupQueries(db)
  const outbox = outboxQueries(db)
  const webhooks = webhookQueries(db)
  const events = eventQueries(db)
  const keys = db.query<[n: number, type: string, id: string, value: string]>('SELECT rowid, type, id, value FROM auth WHERE session = ? AND rowid > ? ORDER BY rowid LIMIT ?')
  const archived = db.query<[type: string, id: string, value: string, at: number]>('SELECT type, id, value, at FROM archived_auth WHERE session = ?')
  const contacts = db.query<[n: number, phone: string | null, lid: string | null, name: string | null, shortName: string | null, pushName: string | null, verifiedName: string | null]>(
    'SELECT n, phone, lid, name, short_name, push_name, verified_name FROM contacts WHERE session = ? AND n > ? ORDER BY n LIMIT ?')
  const places = db.query<[n: number]>('SELECT n FROM messages WHERE session = ? AND n > ? ORDER BY n LIMIT ?')
  const groupIds = db.query<[id: string]>('SELECT id FROM groups WHERE session = ?')
  const journal = db.query<[hash: string, messageId: string, plaintext: Uint8Array, open: Uint8Array | null, at: number]>('SELECT hash, message, plaintext, open, at FROM journal WHERE session = ? ORDER BY n')
  const devices = db.query<[user: string, value: string, at: number]>('SELECT user, value, at FROM devices WHERE session = ?')
  const deliveries = db.query<[n: number, session: string, webhook: string, seq: number]>('SELECT n, session, webhook, seq FROM deliveries WHERE n > ? ORDER BY n LIMIT ?')

  /** Rows in the order of a number that their first column holds. */
  async function* inOrder<Row extends readonly [number, ...Value[]]>(ask: (after: number) => Row[]): AsyncGenerator<Row[]> {
    for (let rows = ask(0); rows.length > 0; rows = ask(rows.at(-1)?.[0] ?? 0)) yield rows
  }

  return {
    async sessions() {
      const all = []
      let cursor: string | null = null
      do {
        const page: ReturnType<typeof sessions.page> = sessions.page({ limit: CHUNK, cursor })
        all.push(...page.rows)
        cursor = page.next
      } while (cursor !== null)
      return all.toReversed()
    },
    async *keys(sessionId) {
      for await (const rows of inOrder((after) => keys.all(sessionId, after, CHUNK))) yield rows.map(([, type, id, value]) => ({ type, id, value }))
    },
    async archived(sessionId) {
      const rows = archived.all(sessionId)
      const [first] = rows
      return first === undefined ? null : { keys: rows.map(([type, id, value]) => ({ type, id, value })), at: first[3] }
    },
    async *contacts(sessionId) {
      for await (const rows of inOrder((after) => contacts.all(sessionId, after, CHUNK))) {
        yield rows.map(([, phone, lid, name, shortName, pushName, verifiedName]): Omit<ContactRow, 'id'> => ({ phone, lid, name, shortName, pushName, verifiedName }))
      }
    },
    async *chats(sessionId) {
      let cursor: string | null = null
      do {
        const page: ReturnType<typeof chats.page> = chats.page(sessionId, { limit: CHUNK, cursor })
        yield page.rows
        cursor = page.next
      } while (cursor !== null)
    },
    async *messages(sessionId) {
      for await (const rows of inOrder((after) => places.all(sessionId, after, CHUNK))) yield rows.flatMap(([n]) => messages.at(n)?.row ?? [])
    },
    async *rest(sessionId) {
      for (const [id] of groupIds.all(sessionId)) {
        const group = groups.get(sessionId, id)
        if (group !== null) yield [{ kind: 'group.put', group }]
      }
      const waiting = outbox.pending(sessionId, 0, Number.MAX_SAFE_INTEGER)
      if (waiting.length > 0) yield waiting.map(({ id, chatId, content, acceptedAt, expiresAt }): Change => ({ kind: 'outbox.put', id, chatId, content, acceptedAt, expiresAt }))
      const decrypted = journal.all(sessionId)
      if (decrypted.length > 0) yield decrypted.map(([hash, messageId, plaintext, open, at]): Change => ({ kind: 'journal.put', row: { hash, messageId, plaintext, open, at } }))
      const lists = devices.all(sessionId)
      if (lists.length > 0) yield lists.map(([user, value, at]): Change => ({ kind: 'devices.put', lists: [{ user, value }], at }))
    },
    async *log(after) {
      for (let { rows } = events.everywhere(after, CHUNK); rows.length > 0; { rows } = events.everywhere(rows.at(-1)?.place ?? 0, CHUNK)) yield rows
    },
    removed: async () => events.everywhereBounds().removed,
    async webhooks() {
      const all: WebhookRow[] = []
      let cursor: string | null = null
      do {
        const page: ReturnType<typeof webhooks.page> = webhooks.page({ limit: CHUNK, cursor })
        all.push(...page.rows)
        cursor = page.next
      } while (cursor !== null)
      return all
    },
    cursors: async (): Promise<CursorRow[]> => webhooks.cursors(),
    async *deliveries() {
      for await (const rows of inOrder((after) => deliveries.all(after, CHUNK))) yield rows.flatMap(([, session, webhook, seq]) => webhooks.recorded(session, webhook, seq - 1, seq))
    },
    async close() {
      db.close()
      unlock()
    },
  }
}
