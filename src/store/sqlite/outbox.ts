import type { OutboxRow } from '../store.ts'
import type { Connection } from './connection.ts'
import type { Rename, Writes } from './write.ts'

type Columns = [id: string, position: number, chatId: string, content: string, acceptedAt: number, expiresAt: number]

/** Reads of stored sends. */
export function outboxQueries(db: Connection) {
  const pending = db.query<Columns>('SELECT id, position, chat, content, accepted_at, expires_at FROM outbox WHERE session = ? AND position > ? ORDER BY position LIMIT ?')
  const count = db.query<[number]>('SELECT count(*) FROM outbox WHERE session = ?')
  return {
    pending: (sessionId: string, after: number, limit: number): OutboxRow[] =>
      pending.all(sessionId, after, limit).map(([id, position, chatId, content, acceptedAt, expiresAt]) => ({ id, position, chatId, content, acceptedAt, expiresAt })),
    count: (sessionId: string): number => count.get(sessionId)?.[0] ?? 0,
  }
}

/** Writes of accepted sends. */
export function outboxWrites(db: Connection): Writes<'outbox.put' | 'outbox.delete'> & { readonly rename: Rename } {
  const put = db.query('INSERT INTO outbox (session, id, chat, content, accepted_at, expires_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING')
  const remove = db.query('DELETE FROM outbox WHERE session = ? AND id = ?')
  const move = db.query('UPDATE outbox SET chat = ? WHERE session = ? AND chat = ?')
  return {
    'outbox.put': (sessionId, { id, chatId, content, acceptedAt, expiresAt }) => void put.run(sessionId, id, chatId, content, acceptedAt, expiresAt),
    'outbox.delete': (sessionId, { id }) => void remove.run(sessionId, id),
    rename: (sessionId, from, to) => void move.run(to, sessionId, from),
  }
}
