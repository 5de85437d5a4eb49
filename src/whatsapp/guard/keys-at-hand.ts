import type { LRUCache } from 'lru-cache'
import type { Store } from '../../store/store.ts'
import { newest } from '../cache.ts'

/** Sessions that are kept, and texts. */
const MOST = 1000

/** Keys of one session as they were written last. */
export interface KeysAtHand {
  /** Libsignal copies what it reads of a session (src/session_record.js, deserialize) and writes another object, so these need not be fresh. */
  readonly sessions: LRUCache<string, object>
  /** Texts by type and id, null for what is absent. */
  readonly texts: LRUCache<string, { readonly value: string | null }>
  /** Writes of keys so far: a read that began before one must not put an older key at hand. */
  steps(): number
  step(): void
  /** The keys are gone from the store. */
  clear(): void
}

const ofStores = new WeakMap<Store, Map<string, WeakRef<KeysAtHand>>>()

/**
 * The keys at hand of a session, shared by all who work on it: a socket that has ended may still be busy with what it heard last when
 * the next one works, and an older ratchet than the other's would be a key used twice.
 */
export function keysAtHand(store: Store, sessionId: string): KeysAtHand {
  const ofStore = ofStores.get(store) ?? new Map<string, WeakRef<KeysAtHand>>()
  ofStores.set(store, ofStore)
  const kept = ofStore.get(sessionId)?.deref() ?? empty()
  ofStore.set(sessionId, new WeakRef(kept))
  return kept
}

function empty(): KeysAtHand {
  const sessions = newest<object>(MOST)
  const texts = newest<{ readonly value: string | null }>(MOST)
  let steps = 0
  return {
    sessions,
    texts,
    steps: () => steps,
    step: () => void (steps += 1),
    clear() {
      steps += 1
      sessions.clear()
      texts.clear()
    },
  }
}
