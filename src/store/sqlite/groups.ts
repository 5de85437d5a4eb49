import type { GroupRow } from '../store.ts'
import type { Connection } from './connection.ts'
import type { Writes } from './write.ts'

/** Reads of stored groups. */
export function groupQueries(db: Connection) {
  const one = db.query<[body: string, raw: string]>('SELECT body, raw FROM groups WHERE session = ? AND id = ?')
  return {
    get: (sessionId: string, id: string): GroupRow | null => {
      const columns = one.get(sessionId, id)
      return columns === null ? null : { ...(JSON.parse(columns[0]) as Omit<GroupRow, 'raw'>), raw: columns[1] }
    },
  }
}

/** Writes of groups. */
export function groupWrites(db: Connection): Writes<'group.put' | 'group.delete'> {
  const put = db.query('INSERT INTO groups (session, id, body, raw) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body, raw = excluded.raw')
  const remove = db.query('DELETE FROM groups WHERE session = ? AND id = ?')
  return {
    'group.put': (sessionId, { group: { raw, ...body } }) => void put.run(sessionId, body.id, JSON.stringify(body), raw),
    'group.delete': (sessionId, { id }) => void remove.run(sessionId, id),
  }
}
