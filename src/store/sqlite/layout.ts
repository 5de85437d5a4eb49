import { StoreRefused } from '../faults.ts'
import type { StoreOptions } from '../store.ts'
import type { Connection } from './connection.ts'
import { connect } from './connection.ts'
import { faultOf, sentenceOf } from './fault.ts'
import { createDatabase, holdsDatabase, type Folder } from './folder.ts'
import { migrations } from './migrations/index.ts'

/** Brings the folder's database to this program's layout, creating it if need be. Throws {@link StoreRefused}, having changed nothing. */
export function prepareDatabase(folder: Folder, mode: StoreOptions['mode']): void {
  try {
    if (!holdsDatabase(folder)) createDatabase(folder, (db) => migrate(db, 0, mode))
    const db = connect(folder.database)
    try {
      const version = versionOf(db)
      assertFit(folder.path, version, modeOf(db), mode)
      migrate(db, version, mode)
      db.query('PRAGMA journal_mode = WAL').get()
    } finally {
      db.close()
    }
  } catch (cause) {
    throw cause instanceof StoreRefused ? cause : new StoreRefused(sentenceOf(faultOf(cause), folder.path), { cause })
  }
}

const versionOf = (db: Connection): number => db.query<[number]>('PRAGMA user_version').get()?.[0] ?? 0

const modeOf = (db: Connection): string | null => db.query<[string]>("SELECT value FROM meta WHERE key = 'mode'").get()?.[0] ?? null

function assertFit(place: string, version: number, stored: string | null, mode: StoreOptions['mode']): void {
  if (version > migrations.length) {
    throw new StoreRefused(`The database in ${place} was written by a newer Puente (layout ${version}, this one knows up to ${migrations.length}): start that version, or a newer one.`)
  }
  if (stored !== mode) {
    throw new StoreRefused(
      stored === 'live'
        ? `The data folder ${place} holds real WhatsApp sessions, and the sandbox must not touch them: give the sandbox a DATA_DIR of its own.`
        : `The data folder ${place} holds sandbox sessions, which WhatsApp does not know: give the live gateway a DATA_DIR of its own.`,
    )
  }
}

function migrate(db: Connection, from: number, mode: StoreOptions['mode']): void {
  if (from === migrations.length) return
  db.exec('BEGIN IMMEDIATE')
  for (const step of migrations.slice(from)) db.exec(step)
  if (from === 0) db.query("INSERT INTO meta (key, value) VALUES ('mode', ?)").run(mode)
  db.exec(`PRAGMA user_version = ${migrations.length}`)
  db.exec('COMMIT')
}
