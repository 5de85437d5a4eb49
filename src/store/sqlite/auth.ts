import type { Connection } from './connection.ts'
import type { Writes } from './write.ts'

/** Reads of stored keys, blind to what is still on its way to the disk. */
export function authQueries(db: Connection) {
  const value = db.query<[value: string]>('SELECT value FROM auth WHERE session = ? AND type = ? AND id = ?')
  const highest = db.query<[id: number | null]>("SELECT max(CAST(id AS INTEGER)) FROM auth WHERE session = ? AND type = ? AND id <> '' AND id NOT GLOB '*[^0-9]*'")
  return {
    get: (sessionId: string, type: string, id: string): string | null => value.get(sessionId, type, id)?.[0] ?? null,
    highest: (sessionId: string, type: string): number | null => highest.get(sessionId, type)?.[0] ?? null,
  }
}

/** Writes of keys and credentials; `cleared` is told when all of a session's go. */
export function authWrites(db: Connection, cleared: (sessionId: string) => void): Writes<'auth.put' | 'auth.clear' | 'auth.archive'> {
  const put = db.query('INSERT INTO auth (session, type, id, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
  const remove = db.query('DELETE FROM auth WHERE session = ? AND type = ? AND id = ?')
  const clear = db.query('DELETE FROM auth WHERE session = ?')
  const emptyArchive = db.query('DELETE FROM archived_auth WHERE session = ?')
  const archive = db.query('INSERT INTO archived_auth (session, type, id, value, at) SELECT session, type, id, value, ? FROM auth WHERE session = ?')
  return {
    'auth.put': (sessionId, { keys }) => {
      for (const { type, id, value } of keys) {
        if (value === null) remove.run(sessionId, type, id)
        else put.run(sessionId, type, id, value)
      }
    },
    'auth.clear': (sessionId) => {
      clear.run(sessionId)
      cleared(sessionId)
    },
    'auth.archive': (sessionId, { at }) => {
      emptyArchive.run(sessionId)
      archive.run(at, sessionId)
      clear.run(sessionId)
      cleared(sessionId)
    },
  }
}
