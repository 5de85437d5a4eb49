import type { Redis } from 'ioredis'
import type { DeviceListRow } from '../store.ts'
import type { Writes } from './commit.ts'
import { restAfter, sortable, type Keys, type SessionKeys } from './keys.ts'
import type { Source } from './source.ts'

const toRow = (text: string | null | undefined): DeviceListRow | null => (text === null || text === undefined ? null : (JSON.parse(text) as DeviceListRow))

const memberOf = (user: string, at: number): string => `${sortable(at)}${user}`

/** Reads of device lists. */
export function deviceReads(redis: Redis, source: Source, keys: Keys) {
  return {
    async get(sessionId: string, users: readonly string[]): Promise<Map<string, DeviceListRow>> {
      const found = await source.fields(keys.session(sessionId).devices, users)
      return new Map(users.flatMap((user, place) => {
        const row = toRow(found[place])
        return row === null ? [] : [[user, row]]
      }))
    },
    async excess(sessionId: string, before: number, keep: number): Promise<number> {
      const { deviceAges } = keys.session(sessionId)
      const [old, all] = await Promise.all([redis.zlexcount(deviceAges, '-', `(${sortable(before)}`), redis.zcard(deviceAges)])
      return Math.max(old, all - keep, 0)
    },
  }
}

/** The oldest lists that are due to go: those from before `before`, and all but the newest `keep`; ties by user. */
async function due(source: Source, { deviceAges }: SessionKeys, before: number, keep: number, limit: number): Promise<readonly string[]> {
  const members = await source.members(deviceAges, { count: limit })
  const excess = (await source.size(deviceAges)) - keep
  return members.filter((member, place) => place < excess || member < sortable(before))
}

/** Writes of device lists. */
export const deviceWrites: Writes<'devices.put' | 'devices.prune'> = {
  async 'devices.put'({ draft }, { lists, at }) {
    const { devices, deviceAges } = draft.keys
    for (const { user, value } of lists) {
      const stored = toRow(await draft.field(devices, user))
      if (stored !== null) draft.take(deviceAges, memberOf(user, stored.at))
      if (value === null) draft.drop(devices, user)
      else {
        draft.put(devices, user, JSON.stringify({ value, at }))
        draft.add(deviceAges, memberOf(user, at))
      }
    }
  },
  async 'devices.prune'({ draft }, { before, keep, limit }) {
    for (const member of await due(draft, draft.keys, before, keep, limit)) {
      draft.take(draft.keys.deviceAges, member)
      draft.drop(draft.keys.devices, restAfter(member, 1))
    }
  },
}
