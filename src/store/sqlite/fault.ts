import { StoreFailed } from '../faults.ts'

/** What went wrong in SQLite, small enough to cross from the writer's thread. */
export interface Fault {
  readonly code: string | null
  readonly message: string
}

const BEYOND_ONE_COMMIT = ['SQLITE_FULL', 'SQLITE_IOERR', 'SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_READONLY', 'SQLITE_CANTOPEN', 'SQLITE_NOMEM', 'SQLITE_BUSY', 'SQLITE_PROTOCOL'] as const

const SENTENCES: Partial<Record<(typeof BEYOND_ONE_COMMIT)[number], (place: string) => string>> = {
  SQLITE_FULL: (place) => `The disk under ${place} is full: free some space.`,
  SQLITE_IOERR: (place) => `The disk under ${place} cannot be read or written: check it and its file system.`,
  SQLITE_CORRUPT: (place) => `The database in ${place} is damaged: restore the folder from a backup, or move it away to start with no sessions.`,
  SQLITE_NOTADB: (place) => `The file in ${place} is not a database of Puente, or it is damaged: restore the folder from a backup, or move it away to start with no sessions.`,
  SQLITE_READONLY: (place) => `The database in ${place} cannot be written: make the folder and its files writable for the user that runs Puente.`,
  SQLITE_CANTOPEN: (place) => `The database in ${place} cannot be opened: make the folder and its files readable and writable for the user that runs Puente.`,
  SQLITE_BUSY: (place) => `The database in ${place} is locked by another program: close it.`,
}

/** libsql names a failed open only by SQLite's number at the end of the message. */
const OPEN_CODES: Readonly<Record<string, string>> = { '10': 'SQLITE_IOERR', '11': 'SQLITE_CORRUPT', '14': 'SQLITE_CANTOPEN', '26': 'SQLITE_NOTADB' }

/** The fault in anything that was thrown. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return { code: null, message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' && error.code !== '' ? error.code : (OPEN_CODES[/: (\d+)"?\)?$/.exec(error.message)?.[1] ?? ''] ?? null)
  return { code, message: error.message }
}

const familyOf = ({ code }: Fault) => BEYOND_ONE_COMMIT.find((family) => code === family || code?.startsWith(`${family}_`) === true)

/** True when the fault lies in the disk or the file, so that no other commit would fare better. */
export const concernsAll = (fault: Fault): boolean => familyOf(fault) !== undefined

/** What to do about the fault, in a sentence; `place` is the data folder. */
export function sentenceOf(fault: Fault, place: string): string {
  const family = familyOf(fault)
  return (family === undefined ? undefined : SENTENCES[family]?.(place)) ?? `The database in ${place} refused: ${fault.message}.`
}

/** The error a caller of the running store gets. */
export const storeFailed = (fault: Fault, place: string): StoreFailed => new StoreFailed(sentenceOf(fault, place), { cause: new Error(fault.message), code: fault.code })
