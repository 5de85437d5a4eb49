import type { Redis } from 'ioredis'
import { StoreRefused } from '../faults.ts'
import type { StoreOptions } from '../store.ts'
import { sentenceOf } from './fault.ts'
import type { GatewayKeys } from './keys.ts'

/** The version of the keys and of what is in them. */
const VERSION = '1'

/** The first version that knows all that is used here. */
const OLDEST_REDIS = [6, 2] as const

/** What Redis must promise; a sentence for each thing that it does not. */
export interface Promises {
  readonly refused: readonly string[]
  readonly warnings: readonly string[]
}

/** Asks Redis for its settings; null where that is forbidden. */
async function settingsOf(redis: Redis): Promise<ReadonlyMap<string, string> | null> {
  try {
    const words = await redis.config('GET', 'append*', 'maxmemory-policy')
    return new Map(words.flatMap((word, place) => (place % 2 === 0 ? [[word, words[place + 1] ?? '']] : [])))
  } catch {
    return null
  }
}

/** Whether what is written stays: on the disk at once, and never thrown out for want of memory. */
export async function promisesOf(redis: Redis, place: string): Promise<Promises> {
  const settings = await settingsOf(redis)
  if (settings === null) return { refused: [], warnings: [`Redis at ${place} does not tell its settings: see that "appendonly yes" and "maxmemory-policy noeviction" are set, or messages can be lost.`] }
  const refused = [
    ...(settings.get('appendonly') === 'yes' ? [] : [`Redis at ${place} keeps nothing over a restart: set "appendonly yes".`]),
    ...(settings.get('maxmemory-policy') === 'noeviction' ? [] : [`Redis at ${place} may throw keys out: set "maxmemory-policy noeviction".`]),
  ]
  const warnings = settings.get('appendfsync') === 'always' ? [] : [`Redis at ${place} may lose the last second in a power cut: set "appendfsync always" against that.`]
  return { refused, warnings: refused.length > 0 ? [] : warnings }
}

/** Refuses a Redis that is too old. */
async function assertVersion(redis: Redis, place: string): Promise<void> {
  const version = /redis_version:(\d+)\.(\d+)/.exec(await redis.info('server'))
  const [major, minor] = [Number(version?.[1] ?? 0), Number(version?.[2] ?? 0)]
  if (major < OLDEST_REDIS[0] || (major === OLDEST_REDIS[0] && minor < OLDEST_REDIS[1])) throw new StoreRefused(`Redis at ${place} is too old: Puente needs ${OLDEST_REDIS.join('.')} or newer.`)
}

/** Sees that the store is there, ours, and of this mode; makes an empty one. Throws {@link StoreRefused}. */
export async function prepareRedis(redis: Redis, { layout }: GatewayKeys, mode: StoreOptions['mode'], place: string): Promise<void> {
  try {
    await assertVersion(redis, place)
    await redis.setnx(layout, `${VERSION} ${mode}`)
    const [version = '', stored = ''] = ((await redis.get(layout)) ?? '').split(' ')
    if (version !== VERSION) throw new StoreRefused(`The store in Redis at ${place} has the layout ${version}, this version knows ${VERSION}: use the version of Puente that made it, or another REDIS_PREFIX.`)
    if (stored !== mode) throw new StoreRefused(`The store in Redis at ${place} holds ${stored === 'live' ? 'real sessions' : "a sandbox's sessions"}: give ${mode === 'live' ? 'the live gateway' : 'the sandbox'} another REDIS_PREFIX.`)
  } catch (error) {
    throw error instanceof StoreRefused ? error : new StoreRefused(sentenceOf(error, place), { cause: error })
  }
}
