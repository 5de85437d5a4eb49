import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { StoreRefused } from '../faults.ts'
import { connect, type Connection } from './connection.ts'
import { faultOf, sentenceOf } from './fault.ts'

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600

/** Where the store's files are. */
export interface Folder {
  readonly path: string
  readonly database: string
  /** Lets other processes in. */
  unlock(): void
}

/** Makes the folder if need be and keeps every other process out of it. Throws {@link StoreRefused}. */
export function claimFolder(path: string): Folder {
  makeFolder(path)
  const lock = lockFolder(path)
  return { path, database: join(path, 'store.db'), unlock: () => lock.close() }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: FOLDER_MODE })
  } catch (cause) {
    throw new StoreRefused(`The data folder ${path} cannot be made: choose another DATA_DIR, or make its parent writable for the user that runs Puente.`, { cause })
  }
  try {
    chmodSync(path, FOLDER_MODE)
  } catch {
    // A mounted volume may belong to somebody else; the files in it are still ours alone.
  }
}

// A transaction held open on a file of its own: the kernel frees it however the process ends, which no pid file does.
function lockFolder(path: string): Connection {
  const file = join(path, 'lock.db')
  try {
    makeFile(file)
  } catch (cause) {
    throw new StoreRefused(`The data folder ${path} cannot be written: make it writable for the user that runs Puente.`, { cause })
  }
  let lock: Connection | null = null
  try {
    lock = connect(file, 0)
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (cause) {
    lock?.close()
    const fault = faultOf(cause)
    if (fault.code?.startsWith('SQLITE_BUSY') === true) throw new StoreRefused(`Another Puente runs on the data folder ${path}: stop it, or give this one a DATA_DIR of its own.`, { cause })
    throw new StoreRefused(sentenceOf(fault, path), { cause })
  }
}

/** Creates an empty file that only we may read; SQLite gives its journals the mode of the database. */
export function makeFile(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'a', FILE_MODE))
}

/** True when the folder holds a database. Throws {@link StoreRefused} where one was and is gone or cut off: that must not look like a first start. */
export function holdsDatabase({ path, database }: Folder): boolean {
  const advice = `restore the folder from a backup, or move it away to start with no sessions`
  if (!existsSync(database)) {
    if (existsSync(`${database}-wal`)) throw new StoreRefused(`The data folder ${path} holds the journal of a database, but not the database store.db: ${advice}.`)
    return false
  }
  if (statSync(database).size === 0) throw new StoreRefused(`The database store.db in ${path} is empty, so it was cut off: ${advice}.`)
  return true
}

/** Makes the database under another name and puts it in place whole, so that a crash meanwhile leaves no half of one. */
export function createDatabase({ path, database }: Folder, fill: (db: Connection) => void): void {
  const draft = join(path, 'store.new.db')
  for (const leftover of [draft, `${draft}-journal`]) rmSync(leftover, { force: true })
  makeFile(draft)
  const db = connect(draft)
  try {
    fill(db)
  } finally {
    db.close()
  }
  renameSync(draft, database)
  const folder = openSync(path, 'r')
  fsyncSync(folder)
  closeSync(folder)
}
