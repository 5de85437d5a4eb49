import type { CacheStore } from '@whiskeysockets/baileys'
import { LRUCache } from 'lru-cache'

/** A bounded cache in the shape Baileys asks for; no timers, so an idle session costs nothing. */
export function boundedCache(max: number, ttlMs: number): CacheStore {
  const entries = new LRUCache<string, { readonly value: unknown }>({ max, ttl: ttlMs })
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
