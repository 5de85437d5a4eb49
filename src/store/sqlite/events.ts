import type { EventRow, PlacedEventRow } from '../store.ts'
import type { Connection } from './connection.ts'
import type { Append, Writes } from './write.ts'

type Columns = [seq: number, id: string, type: string, chatId: string | null, data: string, at: number]

const toRow = ([seq, id, type, chatId, data, at]: Columns): EventRow => ({ seq, id, type, chatId, data, at })

type PlacedColumns = [...Columns, sessionId: string, place: number]

/** A log with nothing to read answers one row of nulls. */
const isPlaced = (columns: PlacedColumns | [seq: null]): columns is PlacedColumns => columns[0] !== null

const toPlacedRow = ([seq, id, type, chatId, data, at, sessionId, place]: PlacedColumns): PlacedEventRow => ({ seq, id, type, chatId, data, at, sessionId, place })

/** More than any log holds. */
const ALL = Number.MAX_SAFE_INTEGER

/** Reads of the log. */
export function eventQueries(db: Connection) {
  const after = db.query<Columns>('SELECT seq, id, type, chat, data, at FROM events WHERE session = ? AND seq > ? ORDER BY seq LIMIT ?')
  const first = db.query<[seq: number]>('SELECT seq FROM events WHERE session = ? ORDER BY seq LIMIT 1')
  const head = db.query<[seq: number]>('SELECT seq FROM heads WHERE session = ?')
  const heads = db.query<[session: string, seq: number]>('SELECT session, seq FROM heads')
  // One statement, so that what is removed meanwhile is either among the rows or counted.
  const everywhere = db.query<[removed: number, ...PlacedColumns] | [removed: number, seq: null]>(
    'SELECT r.place, e.seq, e.id, e.type, e.chat, e.data, e.at, e.session, e.place FROM removed r LEFT JOIN events e ON e.place > ? WHERE r.n = 1 ORDER BY e.place LIMIT ?',
  )
  const newest = db.query<[place: number | null]>('SELECT max(place) FROM events')
  const removed = db.query<[place: number]>('SELECT place FROM removed WHERE n = 1')
  return {
    everywhere(place: number, limit: number): { rows: PlacedEventRow[]; removed: number } {
      const found = everywhere.all(place, limit)
      return { rows: found.flatMap(([, ...columns]) => (isPlaced(columns) ? [toPlacedRow(columns)] : [])), removed: found[0]?.[0] ?? 0 }
    },
    everywhereBounds: (): { last: number; removed: number } => ({ last: newest.get()?.[0] ?? 0, removed: removed.get()?.[0] ?? 0 }),
    heads: (): Map<string, number> => new Map(heads.all()),
    after: (sessionId: string, seq: number, limit: number): EventRow[] => after.all(sessionId, seq, limit).map(toRow),
    bounds: (sessionId: string): { first: number; last: number } => ({ first: first.get(sessionId)?.[0] ?? 0, last: head.get(sessionId)?.[0] ?? 0 }),
  }
}

/** The last seq of each session while a transaction is under way: it is written once, however many entries there are. */
export interface Heads {
  /** Writes those that have moved; to be called before the transaction, or its part, is taken. */
  settle(): void
  /** The transaction, or its part, was taken back. */
  forget(): void
}

/** Writes of the log; `append` serves every change that carries an entry. */
export function eventWrites(db: Connection): Writes<'event.append' | 'event.restore' | 'event.prune'> & { readonly append: Append; readonly heads: Heads } {
  const head = db.query<[seq: number]>('SELECT seq FROM heads WHERE session = ?')
  const advance = db.query('INSERT INTO heads (session, seq) VALUES (?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq')
  const insert = db.query('INSERT INTO events (session, seq, id, type, chat, data, at) VALUES (?, ?, ?, ?, ?, ?, ?)')
  const restore = db.query('INSERT INTO events (place, session, seq, id, type, chat, data, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING')
  const kept = db.query<[seq: number]>('SELECT seq FROM events WHERE session = ? AND at >= ? ORDER BY seq LIMIT 1')
  const bounds = db.query<[first: number | null, last: number | null]>('SELECT min(seq), max(seq) FROM events WHERE session = ?')
  const placeOf = db.query<[place: number]>('SELECT place FROM events WHERE session = ? AND seq = ?')
  const remove = db.query('DELETE FROM events WHERE session = ? AND seq < ?')
  const noteRemoved = db.query('UPDATE removed SET place = max(place, ?) WHERE n = 1')
  /** Nobody else writes, so what was read or written once stays true. */
  const seqs = new Map<string, number>()
  const moved = new Set<string>()
  const append: Append = (sessionId, entry) => {
    if (entry === undefined) return
    const seq = (seqs.get(sessionId) ?? head.get(sessionId)?.[0] ?? 0) + 1
    seqs.set(sessionId, seq)
    moved.add(sessionId)
    insert.run(sessionId, seq, entry.id, entry.type, entry.chatId, entry.data, entry.at)
  }
  return {
    append,
    heads: {
      settle() {
        for (const sessionId of moved) advance.run(sessionId, seqs.get(sessionId) ?? 0)
        moved.clear()
      },
      forget() {
        seqs.clear()
        moved.clear()
      },
    },
    'event.append': (sessionId, { event }) => append(sessionId, event),
    'event.restore': (sessionId, { entries, removed }) => {
      for (const { seq, place, id, type, chatId, data, at } of entries) {
        restore.run(place, sessionId, seq, id, type, chatId, data, at)
        seqs.set(sessionId, Math.max(seq, seqs.get(sessionId) ?? 0))
      }
      moved.add(sessionId)
      noteRemoved.run(removed)
    },
    'event.prune': (sessionId, { before, keep = ALL, limit = ALL }) => {
      const [first, last] = bounds.get(sessionId) ?? [null, null]
      if (first === null || last === null) return
      const due = Math.max(kept.get(sessionId, before)?.[0] ?? last, last - keep + 1)
      const from = Math.min(due, last, first + limit)
      if (from <= first) return
      noteRemoved.run(placeOf.get(sessionId, from - 1)?.[0] ?? 0)
      remove.run(sessionId, from)
    },
  }
}
