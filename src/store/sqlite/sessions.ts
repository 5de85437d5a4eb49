import type { SessionState } from '../../../schemas/session.ts'
import { readCursor, writeCursor } from '../cursor.ts'
import type { Page, PageRequest, SessionRow } from '../store.ts'
import type { Connection } from './connection.ts'
import { cut } from '../cut.ts'
import type { Writes } from './write.ts'

type Columns = [id: string, createdAt: string, linked: number, wanted: number, state: string, reason: string | null, stateSince: string, user: string | null, secret: string]

const COLUMNS = 'id, created_at, linked, wanted, state, reason, state_since, user, secret'
const TABLES = ['sessions', 'auth', 'chats', 'contacts', 'messages', 'lid_traces', 'groups', 'outbox', 'journal', 'archived_auth', 'devices'] as const

const toRow = ([id, createdAt, linked, wanted, state, reason, stateSince, user, secret]: Columns): SessionRow => ({
  id,
  state: state as SessionState,
  reason,
  stateSince,
  linked: linked === 1,
  wanted: wanted === 1,
  user: user === null ? null : (JSON.parse(user) as SessionRow['user']),
  createdAt,
  secret,
})

/** Reads of stored sessions. */
export function sessionQueries(db: Connection) {
  const one = db.query<Columns>(`SELECT ${COLUMNS} FROM sessions WHERE id = ?`)
  const first = db.query<Columns>(`SELECT ${COLUMNS} FROM sessions ORDER BY created_at DESC, id DESC LIMIT ?`)
  const after = db.query<Columns>(`SELECT ${COLUMNS} FROM sessions WHERE (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?`)
  const resumable = db.query<Columns>(`SELECT ${COLUMNS} FROM sessions WHERE wanted = 1 AND linked = 1`)
  return {
    get: (id: string): SessionRow | null => {
      const columns = one.get(id)
      return columns === null ? null : toRow(columns)
    },
    page: ({ limit, cursor }: PageRequest): Page<SessionRow> => {
      const from = readCursor('sessions', cursor)
      const found = (from === null ? first.all(limit + 1) : after.all(...from, limit + 1)).map(toRow)
      return cut(found, limit, ({ createdAt, id }) => writeCursor('sessions', [createdAt, id]))
    },
    resumable: (): SessionRow[] => resumable.all().map(toRow),
  }
}

/** Writes of sessions; a deletion takes all that belongs to the session. */
export function sessionWrites(db: Connection): Writes<'session.put' | 'session.delete'> {
  const put = db.query(`INSERT OR REPLACE INTO sessions (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const removals = TABLES.map((table) => db.query(`DELETE FROM ${table} WHERE ${table === 'sessions' ? 'id' : 'session'} = ?`))
  return {
    'session.put': (sessionId, { session: { createdAt, linked, wanted, state, reason, stateSince, user, secret } }) =>
      void put.run(sessionId, createdAt, Number(linked), Number(wanted), state, reason, stateSince, user === null ? null : JSON.stringify(user), secret),
    'session.delete': (sessionId) => {
      for (const removal of removals) removal.run(sessionId)
    },
  }
}
