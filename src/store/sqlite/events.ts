import type { EventRow } from '../store.ts'
import type { Connection } from './connection.ts'
import type { Append, Writes } from './write.ts'

type Columns = [seq: number, id: string, type: string, chatId: string | null, data: string, at: number]

const toRow = ([seq, id, type, chatId, data, at]: Columns): EventRow => ({ seq, id, type, chatId, data, at })

/** Reads of the log. */
export function eventQueries(db: Connection) {
  const after = db.query<Columns>('SELECT seq, id, type, chat, data, at FROM events WHERE session = ? AND seq > ? ORDER BY seq LIMIT ?')
  const first = db.query<[seq: number]>('SELECT seq FROM events WHERE session = ? ORDER BY seq LIMIT 1')
  const head = db.query<[seq: number]>('SELECT seq FROM heads WHERE session = ?')
  const heads = db.query<[session: string, seq: number]>('SELECT session, seq FROM heads')
  return {
    heads: (): Map<string, number> => new Map(heads.all()),
    after: (sessionId: string, seq: number, limit: number): EventRow[] => after.all(sessionId, seq, limit).map(toRow),
    bounds: (sessionId: string): { first: number; last: number } => ({ first: first.get(sessionId)?.[0] ?? 0, last: head.get(sessionId)?.[0] ?? 0 }),
  }
}

/** Writes of the log; `append` serves every change that carries an entry. */
export function eventWrites(db: Connection): Writes<'event.append' | 'event.prune'> & { readonly append: Append } {
  const advance = db.query<[seq: number]>('INSERT INTO heads (session, seq) VALUES (?, 1) ON CONFLICT DO UPDATE SET seq = seq + 1 RETURNING seq')
  const insert = db.query('INSERT INTO events (session, seq, id, type, chat, data, at) VALUES (?, ?, ?, ?, ?, ?, ?)')
  const prune = db.query('DELETE FROM events WHERE session = ? AND seq < (SELECT coalesce(min(seq), (SELECT max(seq) FROM events WHERE session = ?)) FROM events WHERE session = ? AND at >= ?)')
  const append: Append = (sessionId, entry) => {
    if (entry === undefined) return
    const seq = advance.get(sessionId)?.[0] ?? 1
    insert.run(sessionId, seq, entry.id, entry.type, entry.chatId, entry.data, entry.at)
  }
  return {
    append,
    'event.append': (sessionId, { event }) => append(sessionId, event),
    'event.prune': (sessionId, { before }) => void prune.run(sessionId, sessionId, sessionId, before),
  }
}
