import { join } from 'node:path'
import Libsql from 'libsql'

/** One entry of a log as it lies in the file. */
export interface Entry {
  readonly session: string
  readonly seq: number
  readonly type: string
  readonly data: Record<string, unknown>
}

/** One of our own messages as it lies in the file. */
export interface OwnRow {
  readonly session: string
  readonly id: string
  readonly state: string | null
}

/** What a gateway's file holds. */
export interface GatewayRecord {
  readonly events: readonly Entry[]
  readonly own: readonly OwnRow[]
  /** Rows that still stand as undecryptable. */
  readonly unread: number
  /** The last seq of each session. */
  readonly heads: ReadonlyMap<string, number>
}

const openFile = (dataDir: string): Libsql.Database => new Libsql(join(dataDir, 'store.db'), { readonly: true, timeout: 5000 })

/** Reads the file of a gateway that has ended. */
export function readRecord(dataDir: string): GatewayRecord {
  const db = openFile(dataDir)
  try {
    const all = <Row>(sql: string): Row[] => db.prepare(sql).all() as Row[]
    const events = all<{ session: string; seq: number; type: string; data: string }>('SELECT session, seq, type, data FROM events ORDER BY session, seq')
    const own = all<{ session: string; id: string; body: string }>("SELECT session, id, body FROM messages WHERE sender = ''")
    const heads = all<{ session: string; seq: number }>('SELECT session, seq FROM heads')
    return {
      events: events.map(({ data, ...entry }) => ({ ...entry, data: JSON.parse(data) as Record<string, unknown> })),
      own: own.map(({ session, id, body }) => ({ session, id, state: (JSON.parse(body) as { state?: string | null }).state ?? null })),
      unread: all<{ body: string }>('SELECT body FROM messages').filter(({ body }) => (JSON.parse(body) as { type?: string }).type === 'undecryptable').length,
      heads: new Map(heads.map(({ session, seq }) => [session, seq])),
    }
  } finally {
    db.close()
  }
}

/** Accepted sends without an ack, and those of them that were handed to a socket; read while the gateway runs or lies dead, null when the file cannot be read now. */
export function openSends(dataDir: string): { readonly waiting: number; readonly sending: number } | null {
  try {
    const db = openFile(dataDir)
    try {
      return db.prepare(`SELECT count(*) AS waiting, coalesce(sum(json_extract(messages.body, '$.state') = 'sending'), 0) AS sending
        FROM outbox LEFT JOIN messages ON messages.session = outbox.session AND messages.id = outbox.id AND messages.sender = ''`).get() as { waiting: number; sending: number }
    } finally {
      db.close()
    }
  } catch {
    return null
  }
}
