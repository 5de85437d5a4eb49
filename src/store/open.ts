import type { Store, StoreOptions } from './store.ts'

/** Opens the store; a backend is loaded only when it is used. Rejects with `StoreRefused` when the start must not go on. */
export async function openStore(options: StoreOptions): Promise<Store> {
  if (options.redis !== undefined) {
    const { openRedis } = await import('./redis/redis.ts')
    return openRedis({ mode: options.mode, ...options.redis })
  }
  const { openSqlite } = await import('./sqlite/sqlite.ts')
  return openSqlite(options)
}
