import { createHash } from 'node:crypto'

/** Whether this test run puts everything into Redis. */
export const isOverRedis = process.env['TEST_REDIS_URL'] !== undefined

/**
 * What puts a gateway's data into the Redis of this test run, where TEST_REDIS_URL names one: each data folder stands for a store of its own,
 * so that a test starts a gateway again on what an earlier one left, whichever store it is.
 */
export function storeEnv(dataDir: string): Record<string, string> {
  const url = process.env['TEST_REDIS_URL']
  if (url === undefined) return {}
  return { REDIS_URL: url, REDIS_PREFIX: `t-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}` }
}
