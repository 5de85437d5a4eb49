import type { Redis } from 'ioredis'
import { StoreRefused } from '../faults.ts'
import { connectRedis } from './connection.ts'
import { sentenceOf } from './fault.ts'
import { promisesOf } from './layout.ts'

/** What is asked of a Redis before it is trusted. */
export interface Entry {
  readonly url: string
  /** For the words of errors. */
  readonly place: string
  /** Whether to go on although Redis may lose what it is given. */
  readonly isUnsafe: boolean
  readonly warn: (words: string) => void
}

/** Connects to Redis and sees what it promises. Rejects with {@link StoreRefused}. */
export async function enterRedis({ url, place, isUnsafe, warn }: Entry): Promise<Redis> {
  const redis = connectRedis(url)
  // An error shows in what was asked; the connection tries again by itself.
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    const { refused, warnings } = await promisesOf(redis, place)
    if (refused.length > 0 && !isUnsafe) throw new StoreRefused(`${refused.join(' ')} Or set REDIS_UNSAFE=true and expect losses.`)
    for (const words of [...refused, ...warnings]) warn(words)
    return redis
  } catch (error) {
    redis.disconnect()
    throw error instanceof StoreRefused ? error : new StoreRefused(sentenceOf(error, place), { cause: error })
  }
}
