import type { Redis } from 'ioredis'
import type { Writes } from './commit.ts'
import type { Draft } from './draft.ts'
import type { Keys } from './keys.ts'

/** Reads of keys and credentials. */
export function authReads(redis: Redis, keys: Keys) {
  return {
    async get(sessionId: string, type: string, ids: readonly string[]): Promise<Map<string, string>> {
      const found = ids.length === 0 ? [] : await redis.hmget(keys.session(sessionId).auth(type), ...ids)
      return new Map(ids.flatMap((id, place) => {
        const value = found[place]
        return value === null || value === undefined ? [] : [[id, value]]
      }))
    },
    async highest(sessionId: string, type: string): Promise<number | null> {
      const ids = (await redis.hkeys(keys.session(sessionId).auth(type))).filter((id) => /^\d+$/.test(id)).map(Number)
      return ids.length === 0 ? null : Math.max(...ids)
    },
  }
}

/** Forgets the keys of a session, and the device lists, which belong to the same link. */
export async function clearAuth(draft: Draft): Promise<void> {
  const { keys } = draft
  for (const type of (await draft.hash(keys.authTypes)).keys()) draft.unlink(keys.auth(type))
  for (const key of [keys.authTypes, keys.devices, keys.deviceAges]) draft.unlink(key)
}

/** Writes of keys and credentials. */
export const authWrites: Writes<'auth.put' | 'auth.clear' | 'auth.archive'> = {
  async 'auth.put'({ draft }, change) {
    const { keys } = draft
    for (const { type, id, value } of change.keys) {
      if (value === null) draft.drop(keys.auth(type), id)
      else {
        draft.put(keys.auth(type), id, value)
        if ((await draft.field(keys.authTypes, type)) === null) draft.put(keys.authTypes, type, '')
      }
    }
  },
  'auth.clear': ({ draft }) => clearAuth(draft),
  async 'auth.archive'({ draft }, { at }) {
    const { keys } = draft
    const kept: [string, string][] = []
    for (const type of (await draft.hash(keys.authTypes)).keys()) {
      for (const [id, value] of await draft.hash(keys.auth(type))) kept.push([JSON.stringify([type, id]), JSON.stringify({ value, at })])
    }
    draft.unlink(keys.archive)
    for (const [name, value] of kept) draft.put(keys.archive, name, value)
    await clearAuth(draft)
  },
}
