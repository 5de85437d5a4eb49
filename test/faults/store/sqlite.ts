import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Libsql from 'libsql'
import type { EventType } from '../../../schemas/event.ts'
import { storeFile, struckFile } from '../faults-env.ts'
import type { FaultStore, KeyRow } from './store.ts'

/** The ways in which the disk fails, as preload.ts makes it. */
const FAULTS = ['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_READ reads', 'SQLITE_FULL once'] as const

/** The file in a gateway's data folder. */
export function sqliteUnderFire(dataDir: string): FaultStore {
  const fault = storeFile(dataDir)

  function rows<Row>(sql: string, ...values: readonly string[]): Row[] {
    const db = new Libsql(join(dataDir, 'store.db'), { readonly: true, timeout: 5000 })
    try {
      return db.prepare(sql).all(...values) as Row[]
    } finally {
      db.close()
    }
  }

  return {
    env: {},
    faults: FAULTS,
    async record() {
      const events = rows<{ session: string; seq: number; type: EventType; data: string }>('SELECT session, seq, type, data FROM events ORDER BY session, seq')
      const own = rows<{ session: string; id: string; body: string }>("SELECT session, id, body FROM messages WHERE sender = ''")
      return {
        events: events.map(({ data, ...entry }) => ({ ...entry, data: JSON.parse(data) as Record<string, unknown> })),
        own: own.map(({ session, id, body }) => ({ session, id, state: (JSON.parse(body) as { state?: string | null }).state ?? null })),
        unread: rows<{ body: string }>('SELECT body FROM messages').filter(({ body }) => (JSON.parse(body) as { type?: string }).type === 'undecryptable').length,
        heads: new Map(rows<{ session: string; seq: number }>('SELECT session, seq FROM heads').map(({ session, seq }) => [session, seq])),
      }
    },
    async openSends() {
      try {
        const open = rows<{ id: string; state: string | null }>(`SELECT outbox.id, json_extract(messages.body, '$.state') AS state
          FROM outbox LEFT JOIN messages ON messages.session = outbox.session AND messages.id = outbox.id AND messages.sender = ''`)
        return { waiting: open.map(({ id }) => id), sending: open.flatMap(({ id, state }) => (state === 'sending' ? [id] : [])) }
      } catch {
        return null
      }
    },
    keys: async (type) => rows<KeyRow>('SELECT session, id, value FROM auth WHERE type = ?', type),
    async fail(kind) {
      rmSync(struckFile(fault), { force: true })
      writeFileSync(fault, kind)
    },
    isFelt: async () => existsSync(struckFile(fault)),
    heal: async () => rmSync(fault, { force: true }),
    close: async () => undefined,
  }
}
