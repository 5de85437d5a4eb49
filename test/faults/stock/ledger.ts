import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { BufferJSON, initAuthCreds, proto, type AuthenticationCreds, type SignalDataSet, type SignalDataTypeMap, type SignalKeyStore } from '@whiskeysockets/baileys'
import Libsql from 'libsql'

/** One thing that a session tells. */
export interface Told {
  readonly chat: string
  readonly id: string
  readonly sender: string
  readonly type: 'message.received' | 'message.edited' | 'message.reaction' | 'message.undecryptable'
  readonly data: Record<string, unknown>
}

/** What the stock gateway keeps, in the tables that the checker reads. */
export interface Ledger {
  /** The credentials of a session, fresh ones when there are none. */
  creds(session: string): AuthenticationCreds
  saveCreds(session: string, creds: AuthenticationCreds): void
  keys(session: string): SignalKeyStore
  /** Forgets a session that was logged out. */
  forget(session: string): void
  sessions(): readonly string[]
  /** Appends to the log what was not told before; content may follow what could not be read. */
  tell(session: string, told: Told): void
  /** Keeps a message of ours, so that it can be sent again to whoever could not read it. */
  keepSent(session: string, chat: string, id: string, message: proto.IMessage): void
  sent(session: string, id: string): proto.IMessage | undefined
  close(): void
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS auth (session TEXT, type TEXT, id TEXT, value TEXT, PRIMARY KEY (session, type, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS messages (session TEXT, chat TEXT, id TEXT, sender TEXT, body TEXT, raw BLOB, PRIMARY KEY (session, chat, id, sender));
  CREATE TABLE IF NOT EXISTS events (session TEXT, seq INTEGER, type TEXT, data TEXT, PRIMARY KEY (session, seq)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS heads (session TEXT PRIMARY KEY, seq INTEGER);
  CREATE TABLE IF NOT EXISTS outbox (session TEXT, id TEXT);
`

const READ = JSON.stringify({ type: 'text' })
const UNREAD = JSON.stringify({ type: 'undecryptable' })

/** Opens it in a folder: durable commits, as a careful integrator makes them. */
export function openLedger(dataDir: string): Ledger {
  mkdirSync(dataDir, { recursive: true })
  const db = new Libsql(join(dataDir, 'store.db'), { timeout: 5000 })
  db.prepare('PRAGMA journal_mode = WAL').get()
  db.exec('PRAGMA synchronous = FULL')
  db.exec(TABLES)
  const key = db.prepare('SELECT value FROM auth WHERE session = ? AND type = ? AND id = ?')
  const putKey = db.prepare('INSERT OR REPLACE INTO auth (session, type, id, value) VALUES (?, ?, ?, ?)')
  const dropKey = db.prepare('DELETE FROM auth WHERE session = ? AND type = ? AND id = ?')
  const dropAll = db.prepare('DELETE FROM auth WHERE session = ?')
  const known = db.prepare("SELECT DISTINCT session FROM auth WHERE type = 'creds'")
  const stored = db.prepare('SELECT body, raw FROM messages WHERE session = ? AND id = ? AND sender = ?')
  const put = db.prepare('INSERT OR REPLACE INTO messages (session, chat, id, sender, body, raw) VALUES (?, ?, ?, ?, ?, ?)')
  const head = db.prepare('SELECT seq FROM heads WHERE session = ?')
  const putHead = db.prepare('INSERT OR REPLACE INTO heads (session, seq) VALUES (?, ?)')
  const append = db.prepare('INSERT INTO events (session, seq, type, data) VALUES (?, ?, ?, ?)')

  const read = (session: string, type: string, id: string): unknown => {
    const row = key.get([session, type, id]) as { value: string } | undefined
    return row ? JSON.parse(row.value, BufferJSON.reviver) : undefined
  }
  const write = (session: string, type: string, id: string, value: unknown): void => {
    if (value === null || value === undefined) dropKey.run([session, type, id])
    else putKey.run([session, type, id, JSON.stringify(value, BufferJSON.replacer)])
  }

  return {
    creds: (session) => (read(session, 'creds', '') as AuthenticationCreds | undefined) ?? initAuthCreds(),
    saveCreds: (session, creds) => write(session, 'creds', '', creds),
    keys: (session) => ({
      async get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
        const found: { [id: string]: SignalDataTypeMap[T] } = {}
        for (const id of ids) {
          const value = read(session, type, id)
          if (value !== undefined) found[id] = (type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(value as Record<string, unknown>) : value) as SignalDataTypeMap[T]
        }
        return found
      },
      async set(data: SignalDataSet) {
        db.transaction(() => {
          for (const [type, values] of Object.entries(data)) for (const [id, value] of Object.entries(values ?? {})) write(session, type, id, value)
        })()
      },
    }),
    forget: (session) => void dropAll.run([session]),
    sessions: () => (known.all() as { session: string }[]).map(({ session }) => session),
    tell(session, { chat, id, sender, type, data }) {
      const before = stored.get([session, id, sender]) as { body: string } | undefined
      if (before && (type === 'message.undecryptable' || before.body !== UNREAD)) return
      db.transaction(() => {
        put.run([session, chat, id, sender, type === 'message.undecryptable' ? UNREAD : READ, null])
        const seq = ((head.get([session]) as { seq: number } | undefined)?.seq ?? 0) + 1
        append.run([session, seq, type, JSON.stringify(data)])
        putHead.run([session, seq])
      })()
    },
    keepSent: (session, chat, id, message) => void put.run([session, chat, id, '', JSON.stringify({ state: 'sent' }), Buffer.from(proto.Message.encode(message).finish())]),
    sent(session, id) {
      const row = stored.get([session, id, '']) as { raw: Uint8Array | null } | undefined
      return row?.raw ? proto.Message.decode(new Uint8Array(row.raw)) : undefined
    },
    close: () => void db.close(),
  }
}
