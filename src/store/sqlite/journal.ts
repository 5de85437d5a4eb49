import type { JournalRow } from '../store.ts'
import type { Connection } from './connection.ts'
import type { Writes } from './write.ts'

type Columns = [hash: string, messageId: string, plaintext: Uint8Array, open: Uint8Array | null, at: number]

const COLUMNS = 'hash, message, plaintext, open, at'

const toRow = ([hash, messageId, plaintext, open, at]: Columns): JournalRow => ({ hash, messageId, plaintext, open, at })

/** Reads of the journal. */
export function journalQueries(db: Connection) {
  const get = db.query<Columns>(`SELECT ${COLUMNS} FROM journal WHERE session = ? AND hash = ?`)
  const open = db.query<Columns>(`SELECT ${COLUMNS} FROM journal WHERE session = ? AND open IS NOT NULL ORDER BY n`)
  const oldest = db.query<[at: number]>('SELECT at FROM journal WHERE session = ? ORDER BY at LIMIT 1')
  const hashes = db.query<[hash: string]>('SELECT hash FROM journal WHERE session = ? LIMIT ?')
  return {
    hashes: (sessionId: string, limit: number): string[] => hashes.all(sessionId, limit).map(([hash]) => hash),
    get: (sessionId: string, hash: string): JournalRow | null => {
      const columns = get.get(sessionId, hash)
      return columns === null ? null : toRow(columns)
    },
    open: (sessionId: string): JournalRow[] => open.all(sessionId).map(toRow),
    oldest: (sessionId: string): number | null => oldest.get(sessionId)?.[0] ?? null,
  }
}

/** Writes of the journal. */
export function journalWrites(db: Connection): Writes<'journal.put' | 'journal.close' | 'journal.forget' | 'journal.prune'> {
  const put = db.query(`INSERT INTO journal (session, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
  const close = db.query('UPDATE journal SET open = NULL WHERE session = ? AND hash = ?')
  const forget = db.query('DELETE FROM journal WHERE session = ? AND hash = ? AND open IS NULL')
  const prune = db.query('DELETE FROM journal WHERE n IN (SELECT n FROM journal WHERE session = ? AND at < ? ORDER BY at, n LIMIT ?)')
  return {
    'journal.put': (sessionId, { row: { hash, messageId, plaintext, open, at } }) => void put.run(sessionId, hash, messageId, plaintext, open, at),
    'journal.close': (sessionId, { hash }) => void close.run(sessionId, hash),
    'journal.forget': (sessionId, { hashes }) => {
      for (const hash of hashes) forget.run(sessionId, hash)
    },
    'journal.prune': (sessionId, { before, limit }) => void prune.run(sessionId, before, limit),
  }
}
