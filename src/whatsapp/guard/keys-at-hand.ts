import type { LRUCache } from 'lru-cache'
import { newest } from '../cache.ts'

/** Sessions that are kept, and texts. */
const MOST = 1000

/** Keys of one socket's session as they were written last. */
export interface KeysAtHand {
  /** Libsignal copies what it reads of a session (src/session_record.js, deserialize) and writes another object, so these need not be fresh. */
  readonly sessions: LRUCache<string, object>
  /** Texts by type and id, null for what is absent. */
  readonly texts: LRUCache<string, { readonly value: string | null }>
  /** Writes of keys so far: a read that began before one must not put an older key at hand. */
  steps(): number
  step(): void
}

/** No keys yet. They belong to one socket: a write that fails ends it, and with it goes what was kept of that write. */
export function keysAtHand(): KeysAtHand {
  const sessions = newest<object>(MOST)
  const texts = newest<{ readonly value: string | null }>(MOST)
  let steps = 0
  return {
    sessions,
    texts,
    steps: () => steps,
    step: () => void (steps += 1),
  }
}
