import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The key callers must send, and where it came from. */
export interface ApiKey {
  readonly value: string
  /** `configured` by API_KEY, `kept` from an earlier start, or `generated` now. */
  readonly origin: 'configured' | 'kept' | 'generated'
  /** The file that keeps it; null when it is configured. */
  readonly file: string | null
}

const KEY_BYTES = 32
const KEY = /^[\x21-\x7e]{16,256}$/

/** Thrown when the file of the key cannot be used. */
export class ApiKeyUnusable extends Error {
  constructor(file: string) {
    super(`${file} does not hold an API key; remove it to have a new one made, or set API_KEY.`)
    this.name = 'ApiKeyUnusable'
  }
}

/** The configured key, else the one kept in the data folder, else a new one that is kept there with mode 0600. */
export function resolveApiKey(configured: string | null, dataDir: string): ApiKey {
  if (configured !== null) return { value: configured, origin: 'configured', file: null }
  const file = join(dataDir, 'api-key')
  const kept = read(file)
  if (kept !== null) return { value: kept, origin: 'kept', file }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const value = randomBytes(KEY_BYTES).toString('base64url')
  return keep(file, value) ? { value, origin: 'generated', file } : resolveApiKey(null, dataDir)
}

function read(file: string): string | null {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  if (!KEY.test(text)) throw new ApiKeyUnusable(file)
  return text
}

/** Written apart and linked, so that a crash leaves a whole file or none; false when another start was faster. */
function keep(file: string, value: string): boolean {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${value}\n`, { mode: 0o600 })
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}
