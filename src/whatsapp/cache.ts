import type { CacheStore } from '@whiskeysockets/baileys'
import { LRUCache } from 'lru-cache'

/** The newest `max` entries, each for `ttlMs` (0: for ever). Bounded by weight, as lru-cache reserves room for a `max` at once: half a megabyte a session. */
export const newest = <Value extends {}>(max: number, ttlMs = 0): LRUCache<string, Value> =>
  new LRUCache<string, Value>({ maxSize: max, sizeCalculation: () => 1, ttl: ttlMs })

/** A bounded cache in the shape Baileys asks for; no timers, so an idle session costs nothing. */
export function boundedCache(max: number, ttlMs: number): CacheStore {
  const entries = newest<{ readonly value: unknown }>(max, ttlMs)
  return {
    get: (key) => entries.get(key)?.value as never,
    set: (key, value) => {
      entries.set(key, { value })
    },
    del: (key) => {
      entries.delete(key)
    },
    flushAll: () => entries.clear(),
  }
}
