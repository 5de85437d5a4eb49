import { openStore } from '../../src/store/open.ts'
import { connectRedis } from '../../src/store/redis/connection.ts'
import type { Store } from '../../src/store/store.ts'
import { storeEnv } from './store-env.ts'

/** Opens what a sandbox's gateway that has ended left, in its data folder or in the Redis of this test run. */
export async function openLeft(dataDir: string): Promise<Store> {
  const { REDIS_URL: url, REDIS_PREFIX: prefix = '' } = storeEnv(dataDir)
  if (url === undefined) return openStore({ mode: 'sandbox', dataDir })
  const redis = connectRedis(url)
  redis.on('error', () => undefined)
  await redis.connect()
  const store = await openStore({ mode: 'sandbox', dataDir, redis: { redis, prefix, place: url } })
  return {
    ...store,
    async close() {
      await store.close()
      redis.disconnect()
    },
  }
}
