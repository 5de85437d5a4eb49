import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Redis } from 'ioredis'

/** The key callers must send, and where it came from. */
export interface ApiKey {
  readonly value: string
  /** `configured` by API_KEY, `kept` from an earlier start, or `generated` now. */
  readonly origin: 'configured' | 'kept' | 'generated'
  /** Where it is kept, in words; null when it is configured. */
  readonly place: string | null
}

const KEY_BYTES = 32
const newKey = (): string => randomBytes(KEY_BYTES).toString('base64url')
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
  if (configured !== null) return { value: configured, origin: 'configured', place: null }
  const file = join(dataDir, 'api-key')
  const kept = read(file)
  if (kept !== null) return { value: kept, origin: 'kept', place: file }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const value = newKey()
  return keep(file, value) ? { value, origin: 'generated', place: file } : resolveApiKey(null, dataDir)
}

/** The configured key, else the one that the nodes share in Redis under a name, else a new one that is kept there. */
export async function sharedApiKey(configured: string | null, redis: Redis, name: string): Promise<ApiKey> {
  if (configured !== null) return { value: configured, origin: 'configured', place: null }
  const made = newKey()
  const isNew = (await redis.setnx(name, made)) === 1
  return { value: isNew ? made : ((await redis.get(name)) ?? made), origin: isNew ? 'generated' : 'kept', place: 'Redis' }
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
