import type { CacheStore, SocketConfig } from '@whiskeysockets/baileys'
import type { LRUCache } from 'lru-cache'
import { DEVICE_LISTS_KEPT_MS } from '../../store/retention.ts'
import type { DeviceListRow, Store } from '../../store/store.ts'
import { newest } from '../cache.ts'
import type { WriteBehind } from './write-behind.ts'

/** Lists that a running session keeps at hand. */
const AT_HAND = 5000

/** The lists that a session has at hand; they outlive its sockets. */
export type DeviceLists = LRUCache<string, DeviceListRow>

/** No lists yet. */
export const deviceLists = (): DeviceLists => newest<DeviceListRow>(AT_HAND)

/** What a device cache works with; `now` in Unix milliseconds. */
export interface DeviceCacheParts {
  readonly sessionId: string
  readonly store: Store
  readonly writes: WriteBehind
  readonly lists: DeviceLists
  readonly now?: () => number
}

/** The device lists of the people a session writes to, in the shape Baileys asks for. */
export interface DeviceCache {
  readonly cache: NonNullable<SocketConfig['userDevicesCache']>
  /** The next send to these users asks WhatsApp again. */
  forget(users: readonly string[]): void
}

/** Keeps the lists in the store, so that a restart does not ask for everybody's again. What is written is at hand at once. */
export function deviceCache({ sessionId, store, writes, lists, now = Date.now }: DeviceCacheParts): DeviceCache {
  const isFresh = ({ at }: DeviceListRow): boolean => at > now() - DEVICE_LISTS_KEPT_MS

  /** An error is not an absent list: nothing more is said on this connection. */
  function unreadable(error: unknown): never {
    writes.fail(error instanceof Error ? error : new Error('the device lists could not be read'))
    throw error
  }

  async function read(users: readonly string[]): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = Object.create(null) as Record<string, unknown>
    const missing = users.filter((user) => !lists.has(user))
    const stored = missing.length === 0 ? null : await store.devices.get(sessionId, missing).catch(unreadable)
    for (const [user, list] of stored ?? []) if (!lists.has(user)) lists.set(user, list)
    for (const user of users) {
      const list = lists.get(user) ?? stored?.get(user)
      if (list !== undefined && isFresh(list)) found[user] = JSON.parse(list.value)
    }
    return found
  }

  function write(entries: readonly { readonly key: string; readonly value: unknown }[]): void {
    if (entries.length === 0) return
    const at = now()
    const rows = entries.map(({ key, value }) => ({ user: key, value: value === null ? null : JSON.stringify(value) }))
    writes.write([{ kind: 'devices.put', lists: rows, at }])
    for (const { user, value } of rows) {
      if (value === null) lists.delete(user)
      else lists.set(user, { value, at })
    }
  }

  const forget = (users: readonly string[]): void => write(users.map((key) => ({ key, value: null })))
  const one: CacheStore = {
    get: async (user) => (await read([user]))[user] as never,
    set: async (user, value) => write([{ key: user, value }]),
    del: async (user) => forget([user]),
    flushAll: async () => forget([...lists.keys()]),
  }
  return {
    forget,
    cache: {
      ...one,
      mget: async (users) => (await read(users)) as never,
      mset: async (entries) => write(entries),
    },
  }
}
