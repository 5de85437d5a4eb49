import { join } from 'node:path'
import Libsql from 'libsql'
import type { EventType } from '../../schemas/event.ts'

/** One entry of a log as it lies in the file. */
export interface Entry {
  readonly session: string
  readonly seq: number
  readonly type: EventType
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
    const events = all<{ session: string; seq: number; type: EventType; data: string }>('SELECT session, seq, type, data FROM events ORDER BY session, seq')
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

/** The ids of accepted sends without an ack, and of those of them that were handed to a socket; read while the gateway runs or lies dead, null when the file cannot be read now. */
export function openSends(dataDir: string): { readonly waiting: readonly string[]; readonly sending: readonly string[] } | null {
  try {
    const rows = read<{ id: string; state: string | null }>(dataDir, `SELECT outbox.id, json_extract(messages.body, '$.state') AS state
      FROM outbox LEFT JOIN messages ON messages.session = outbox.session AND messages.id = outbox.id AND messages.sender = ''`)
    return { waiting: rows.map(({ id }) => id), sending: rows.flatMap(({ id, state }) => (state === 'sending' ? [id] : [])) }
  } catch {
    return null
  }
}

/** The base keys in each Signal session record, by `session address`. */
export type SignalSessions = ReadonlyMap<string, ReadonlySet<string>>

/** libsignal keeps this many closed sessions in a record (src/session_record.js, CLOSED_SESSIONS_MAX). */
const MOST_CLOSED = 40

/** The Signal session records of all sessions. */
export const signalSessionsOf = (dataDir: string): SignalSessions =>
  new Map(read<{ session: string; id: string; value: string }>(dataDir, "SELECT session, id, value FROM auth WHERE type = 'session'")
    .map(({ session, id, value }) => [`${session} ${id}`, new Set(Object.keys((JSON.parse(value) as { _sessions?: object })._sessions ?? {}))]))

/** The records that were begun anew as if there had been none: a record grows, and only drops its oldest when it is full. */
export const lostBaseKeys = (before: SignalSessions, now: SignalSessions): readonly string[] =>
  [...before].flatMap(([name, keys]) => {
    const kept = now.get(name)
    return kept !== undefined && (kept.size >= MOST_CLOSED || [...keys].every((key) => kept.has(key))) ? [] : [name]
  })

/** What makes each session the same device: its identity key and registration id. */
export const identitiesOf = (dataDir: string): ReadonlyMap<string, string> =>
  new Map(read<{ session: string; value: string }>(dataDir, "SELECT session, value FROM auth WHERE type = 'creds'").map(({ session, value }) => {
    const { signedIdentityKey, registrationId } = JSON.parse(value) as { signedIdentityKey: unknown; registrationId: number }
    return [session, `${JSON.stringify(signedIdentityKey)} ${registrationId}`]
  }))

/** The one-time pre-keys of a session whose private halves are stored: `id key`, the public key in base64. */
export const storedPreKeys = (dataDir: string, session: string): ReadonlySet<string> =>
  new Set(read<{ session: string; id: string; value: string }>(dataDir, "SELECT session, id, value FROM auth WHERE type = 'pre-key'").flatMap((row) =>
    row.session === session ? [`${row.id} ${(JSON.parse(row.value) as { public: { data: string } }).public.data}`] : []))

function read<Row>(dataDir: string, sql: string): Row[] {
  const db = openFile(dataDir)
  try {
    return db.prepare(sql).all() as Row[]
  } finally {
    db.close()
  }
}
