import type { Redis } from 'ioredis'
import type { GatewayKeys } from './keys.ts'

/** The nodes that have given a sign of life in time, by Redis' own clock. */
export async function livingNodes(redis: Redis, { nodeEnds }: Pick<GatewayKeys, 'nodeEnds'>): Promise<string[]> {
  const [seconds, micros] = await redis.time()
  return redis.zrangebyscore(nodeEnds, Number(seconds) * 1000 + Number(micros) / 1000, '+inf')
}
