import Libsql from 'libsql'
import { fromStored, toStored } from './text.ts'

/** What SQLite stores for us. */
export type Value = string | number | Uint8Array | null

/** A prepared statement; a row is its columns in order. */
export interface Query<Row extends readonly Value[]> {
  get(...values: readonly Value[]): Row | null
  all(...values: readonly Value[]): Row[]
  run(...values: readonly Value[]): { readonly changes: number; readonly rowid: number }
}

/** One connection to a database file. Every text and byte string comes back as it went in. */
export interface Connection {
  query<Row extends readonly Value[]>(sql: string): Query<Row>
  exec(sql: string): void
  readonly inTransaction: boolean
  close(): void
}

/** How long a statement waits for another program that looks into the file, such as a backup; our own connections never wait for each other. */
const BUSY_TIMEOUT_MS = 5_000

/** Opens the file, creating it if need be. */
export function connect(path: string, busyTimeoutMs = BUSY_TIMEOUT_MS): Connection {
  const database = new Libsql(path, { timeout: busyTimeoutMs })
  return {
    query: (sql) => prepared(database, sql),
    exec: (sql) => void database.exec(sql),
    get inTransaction() {
      return database.inTransaction
    },
    close: () => void database.close(),
  }
}

// libsql takes one array as the list of values; single values spread would be mistaken for named parameters when they are objects.
function prepared<Row extends readonly Value[]>(database: Libsql.Database, sql: string): Query<Row> {
  const statement = database.prepare(sql)
  if (statement.reader) statement.raw()
  return {
    get: (...values) => {
      const row = statement.get(values.map(toBound)) as Value[] | undefined
      return row === undefined ? null : (row.map(fromColumn) as readonly Value[] as Row)
    },
    all: (...values) => (statement.all(values.map(toBound)) as Value[][]).map((row) => row.map(fromColumn) as readonly Value[] as Row),
    run: (...values) => {
      const { changes, lastInsertRowid } = statement.run(values.map(toBound))
      return { changes, rowid: Number(lastInsertRowid) }
    },
  }
}

const toBound = (value: Value): Value => (typeof value === 'string' ? toStored(value) : value)

function fromColumn(value: Value): Value {
  if (typeof value === 'string') return fromStored(value)
  return value instanceof Uint8Array ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : value
}
