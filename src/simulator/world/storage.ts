import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import Database from 'libsql'

/** Rows of one kind, all in memory, written through to the world's file before the next frame leaves. */
export type Collection<T> = {
  get(key: string): T | undefined
  /** Stores (again) under the key; call it after changing an object in place. */
  set(key: string, value: T): void
  delete(key: string): boolean
  has(key: string): boolean
  keys(): IterableIterator<string>
  values(): IterableIterator<T>
  entries(): IterableIterator<[string, T]>
  readonly size: number
}

/** Large values, kept on disk only and written at once. */
export type Blobs = {
  get(key: string): Buffer | undefined
  put(key: string, value: Uint8Array): void
  delete(key: string): void
}

/** Everything the small WhatsApp remembers: one SQLite file, or memory alone. */
export type Storage = {
  collection<T>(name: string): Collection<T>
  blobs(name: string): Blobs
  /** Writes all changes so far in one transaction; what a frame depends on is stored before it leaves. */
  flush(): void
  /** Forgets everything but the named collections. */
  clear(keep: readonly string[]): void
  close(): void
}

const FILE_NAME = 'world.db'
const LOCK_NAME = 'world-lock.db'

type Dirty = { collection: string; key: string; value: unknown; gone: boolean; isNew: boolean }

/** A stored value as bytes: libsql gives some out as Buffer, some as ArrayBuffer. */
const valueOf = (row: unknown): Buffer | undefined => {
  if (row === undefined) return undefined
  if (typeof row === 'object' && row !== null && 'value' in row) {
    if (Buffer.isBuffer(row.value)) return row.value
    if (row.value instanceof ArrayBuffer) return Buffer.from(row.value)
  }
  throw new Error('the world holds a row that cannot be read')
}

const keyOf = (row: unknown): string => {
  if (typeof row === 'object' && row !== null && 'key' in row && typeof row.key === 'string') return row.key
  throw new Error('the world holds a row without a key')
}

const nameOf = (row: unknown): string[] =>
  typeof row === 'object' && row !== null && 'name' in row && typeof row.name === 'string' ? [row.name] : []

/**
 * Takes the folder for this process alone (two would each answer clients from a world of their own) until the returned
 * function is called or the process dies, however it dies.
 */
const takeFolder = (dataDir: string): (() => void) => {
  const lock = new Database(join(dataDir, LOCK_NAME))
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    lock.close()
    throw new Error(`another process uses the world in ${dataDir}`, { cause })
  }
  return () => {
    lock.exec('ROLLBACK')
    lock.close()
  }
}

/** Opens the world under a folder, or in memory without one; says which folder it is that cannot be used. */
export const openStorage = (dataDir?: string): Storage => {
  try {
    return openIn(dataDir)
  } catch (cause) {
    throw new Error(`The simulated WhatsApp cannot use its folder ${dataDir ?? ''}: ${(cause as Error).message}`, { cause })
  }
}

const openIn = (dataDir: string | undefined): Storage => {
  if (dataDir) mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = dataDir ? join(dataDir, FILE_NAME) : ':memory:'
  const leaveFolder = dataDir === undefined ? undefined : takeFolder(dataDir)
  const db = new Database(file)
  if (dataDir) chmodSync(file, 0o600)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  db.exec('CREATE TABLE IF NOT EXISTS rows (collection TEXT, key TEXT, value BLOB, PRIMARY KEY (collection, key)) WITHOUT ROWID')
  db.exec('CREATE TABLE IF NOT EXISTS blobs (name TEXT, key TEXT, value BLOB, PRIMARY KEY (name, key))')
  const put = db.prepare('INSERT INTO rows VALUES (?, ?, ?) ON CONFLICT (collection, key) DO UPDATE SET value = excluded.value')
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const remove = db.prepare('DELETE FROM rows WHERE collection = ? AND key = ?')
  const load = db.prepare('SELECT key, value FROM rows WHERE collection = ? ORDER BY key')
  const clearRows = db.prepare('DELETE FROM rows WHERE collection = ?')
  const putBlob = db.prepare('INSERT OR REPLACE INTO blobs VALUES (?, ?, ?)')
  const getBlob = db.prepare('SELECT value FROM blobs WHERE name = ? AND key = ?')
  const removeBlob = db.prepare('DELETE FROM blobs WHERE name = ? AND key = ?')

  const dirty = new Map<string, Dirty>()
  const collections = new Map<string, Map<string, unknown>>()
  let scheduled: NodeJS.Immediate | undefined
  let closed = false

  const write = (item: Dirty): void => {
    if (item.gone) remove.run(item.collection, item.key)
    else put.run(item.collection, item.key, serialize(item.value))
  }

  const flush = (): void => {
    if (scheduled) clearImmediate(scheduled)
    scheduled = undefined
    if (dirty.size === 0 || closed) return
    if (dirty.size === 1) {
      for (const item of dirty.values()) write(item)
    } else {
      begin.run()
      try {
        for (const item of dirty.values()) write(item)
        commit.run()
      } catch (error) {
        db.exec('ROLLBACK')
        throw error
      }
    }
    dirty.clear()
  }

  const mark = (item: Dirty): void => {
    // A world in memory is its maps: there is nothing to write through to.
    if (dataDir === undefined) return
    const id = `${item.collection}\n${item.key}`
    const waiting = dirty.get(id)
    if (waiting?.isNew && item.gone) {
      dirty.delete(id)
      return
    }
    dirty.set(id, waiting ? { ...item, isNew: waiting.isNew } : item)
    scheduled ??= setImmediate(flush)
  }

  const rowsOf = (name: string): Map<string, unknown> => {
    const known = collections.get(name)
    if (known) return known
    const rows = new Map<string, unknown>()
    for (const row of load.all(name)) rows.set(keyOf(row), deserialize(valueOf(row) ?? Buffer.alloc(0)))
    collections.set(name, rows)
    return rows
  }

  return {
    collection: <T>(name: string): Collection<T> => {
      const rows = rowsOf(name) as Map<string, T>
      return {
        get: (key) => rows.get(key),
        set: (key, value) => {
          const isNew = !rows.has(key)
          rows.set(key, value)
          mark({ collection: name, key, value, gone: false, isNew })
        },
        delete: (key) => {
          if (!rows.delete(key)) return false
          mark({ collection: name, key, value: undefined, gone: true, isNew: false })
          return true
        },
        has: (key) => rows.has(key),
        keys: () => rows.keys(),
        values: () => rows.values(),
        entries: () => rows.entries(),
        get size() {
          return rows.size
        },
      }
    },
    blobs: (name) => ({
      get: (key) => valueOf(getBlob.get(name, key)),
      put: (key, value) => void putBlob.run(name, key, Buffer.from(value)),
      delete: (key) => void removeBlob.run(name, key),
    }),
    flush,
    clear: (keep) => {
      flush()
      for (const [name, rows] of collections) if (!keep.includes(name)) rows.clear()
      const names = db.prepare('SELECT DISTINCT collection AS name FROM rows').all()
      for (const name of names.flatMap(nameOf)) if (!keep.includes(name)) clearRows.run(name)
      db.exec('DELETE FROM blobs')
    },
    close: () => {
      if (closed) return
      flush()
      closed = true
      db.close()
      leaveFolder?.()
    },
  }
}
