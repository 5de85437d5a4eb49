import { afterAll, beforeAll, describe } from 'vitest'
import { connectRedis } from '../../src/store/redis/connection.ts'
import { openRedis } from '../../src/store/redis/redis.ts'
import type { Store } from '../../src/store/store.ts'
import { testStore } from '../conformance/store.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'

let server: TestRedis | null = null
beforeAll(async () => {
  if (hasRedis) server = await startRedis()
})
afterAll(() => server?.stop())

const open = async (): Promise<Store> => {
  const redis = connectRedis(server?.url ?? '')
  await redis.connect()
  const store = await openRedis({ redis, prefix: 'puente', place: server?.url ?? '', mode: 'live' })
  return {
    ...store,
    async close() {
      await store.close()
      redis.disconnect()
    },
  }
}

describe.skipIf(!hasRedis)('in a Redis', () => {
  testStore('Redis', open)
})
