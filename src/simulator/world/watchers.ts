import type { Account, Device } from './accounts.ts'
import type { Storage } from './storage.ts'

/** Which devices have asked for whose device list, and so keep a copy of it. */
export type Watchers = {
  add(account: Account, watcher: Device): void
  of(account: Account): Iterable<string>
  /** Forgets a device that is no more. */
  remove(watcherKey: string): void
}

/** Opens the register kept in storage. */
export const openWatchers = (storage: Storage): Watchers => {
  const rows = storage.collection<Set<string>>('watchers')
  return {
    add: (account, watcher) => {
      const keys = rows.get(account.lid) ?? new Set()
      if (keys.has(watcher.key)) return
      keys.add(watcher.key)
      rows.set(account.lid, keys)
    },
    of: (account) => rows.get(account.lid) ?? [],
    remove: (watcherKey) => {
      for (const [lid, keys] of rows.entries()) if (keys.delete(watcherKey)) rows.set(lid, keys)
    },
  }
}
