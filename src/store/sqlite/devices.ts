import type { DeviceListRow } from '../store.ts'
import type { Connection } from './connection.ts'
import type { Writes } from './write.ts'

/** Reads of device lists. */
export function deviceQueries(db: Connection) {
  const get = db.query<[value: string, at: number]>('SELECT value, at FROM devices WHERE session = ? AND user = ?')
  const old = db.query<[number]>('SELECT count(*) FROM devices WHERE session = ? AND at < ?')
  const count = db.query<[number]>('SELECT count(*) FROM devices WHERE session = ?')
  return {
    get: (sessionId: string, users: readonly string[]): Map<string, DeviceListRow> => {
      const found = new Map<string, DeviceListRow>()
      for (const user of users) {
        const columns = get.get(sessionId, user)
        if (columns !== null) found.set(user, { value: columns[0], at: columns[1] })
      }
      return found
    },
    excess: (sessionId: string, before: number, keep: number): number => Math.max(old.get(sessionId, before)?.[0] ?? 0, (count.get(sessionId)?.[0] ?? 0) - keep, 0),
  }
}

/** Writes of device lists; `clear` forgets those of a session. */
export function deviceWrites(db: Connection): Writes<'devices.put' | 'devices.prune'> & { readonly clear: (sessionId: string) => void } {
  const { excess } = deviceQueries(db)
  const put = db.query('INSERT INTO devices (session, user, value, at) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at')
  const remove = db.query('DELETE FROM devices WHERE session = ? AND user = ?')
  const prune = db.query('DELETE FROM devices WHERE session = ? AND user IN (SELECT user FROM devices WHERE session = ? ORDER BY at, user LIMIT ?)')
  const clear = db.query('DELETE FROM devices WHERE session = ?')
  return {
    'devices.put': (sessionId, { lists, at }) => {
      for (const { user, value } of lists) {
        if (value === null) remove.run(sessionId, user)
        else put.run(sessionId, user, value, at)
      }
    },
    'devices.prune': (sessionId, { before, keep, limit }) => void prune.run(sessionId, sessionId, Math.min(limit, excess(sessionId, before, keep))),
    clear: (sessionId) => void clear.run(sessionId),
  }
}
