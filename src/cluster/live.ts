import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { LiveChannel } from '../events/live.ts'
import type { LiveFact } from '../events/logged.ts'

/** A channel that reaches the streams of every node. */
export interface SharedLive extends LiveChannel {
  close(): void
}

/** What is told on one node's channel is told on all of them, through a channel of Redis. What Redis does not take now is heard here alone: it only held for the moment. */
export async function shareLive(own: LiveChannel, redis: Redis, channel: string): Promise<SharedLive> {
  const node = randomUUID()
  const ears = redis.duplicate({ enableAutoPipelining: false })
  // The connection tries again by itself.
  ears.on('error', () => undefined)
  ears.on('message', (_channel: string, said: string) => {
    const [from, sessionId, fact] = JSON.parse(said) as [string, string, LiveFact]
    if (from !== node) own.tell(sessionId, fact)
  })
  await ears.connect()
  await ears.subscribe(channel)
  return {
    tell(sessionId, fact) {
      own.tell(sessionId, fact)
      redis.publish(channel, JSON.stringify([node, sessionId, fact])).catch(() => undefined)
    },
    listen: own.listen,
    close: () => ears.disconnect(),
  }
}
