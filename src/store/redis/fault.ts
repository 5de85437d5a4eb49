import { StoreFailed } from '../faults.ts'

/** What Redis says, by how its answers begin, and what to do about it. */
const SENTENCES: Readonly<Record<string, (place: string) => string>> = {
  READONLY: (place) => `Redis at ${place} takes no writes: it is a replica, or the old master after a failover.`,
  OOM: (place) => `Redis at ${place} is full: give it more memory.`,
  MISCONF: (place) => `Redis at ${place} cannot write to its disk: free some space, or look into its log.`,
  LOADING: (place) => `Redis at ${place} is still reading its data.`,
  NOAUTH: (place) => `Redis at ${place} wants a password: put it into REDIS_URL.`,
  WRONGPASS: (place) => `Redis at ${place} refuses the password in REDIS_URL.`,
  NOPERM: (place) => `Redis at ${place} does not allow the user of REDIS_URL what Puente needs.`,
}

const codeOf = (message: string): string | null => /^[A-Z]{2,}(?= )/.exec(message)?.[0] ?? null

/** What to do about an error of Redis, in a sentence; `place` is where it is, without a password. */
export function sentenceOf(error: unknown, place: string): string {
  const message = error instanceof Error ? error.message : String(error)
  return SENTENCES[codeOf(message) ?? '']?.(place) ?? `Redis at ${place} cannot be reached or refused: ${message}`
}

/** The error a caller of the running store gets. */
export function storeFailed(error: unknown, place: string): StoreFailed {
  if (error instanceof StoreFailed) return error
  const message = error instanceof Error ? error.message : String(error)
  return new StoreFailed(sentenceOf(error, place), { cause: new Error(message), code: codeOf(message) ?? 'CONNECTION' })
}
