import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { LiveChannel } from '../events/live.ts'
import type { LiveFact } from '../events/logged.ts'
import { hearChannel } from '../store/redis/ears.ts'

/** A channel that reaches the streams of every node. */
export interface SharedLive extends LiveChannel {
  close(): void
}

/** What is told on one node's channel is told on all of them, through a channel of Redis. What Redis does not take now is heard here alone: it only held for the moment. */
export async function shareLive(own: LiveChannel, redis: Redis, channel: string): Promise<SharedLive> {
  const node = randomUUID()
  const close = await hearChannel(redis, channel, (said) => {
    const told = toldIn(said)
    if (told !== null && told.from !== node) own.tell(told.sessionId, told.fact)
  })
  return {
    tell(sessionId, fact) {
      own.tell(sessionId, fact)
      redis.publish(channel, JSON.stringify([node, sessionId, fact])).catch(() => undefined)
    },
    listen: own.listen,
    close,
  }
}

/** Null for what no node of this version says. */
function toldIn(said: string): { readonly from: string; readonly sessionId: string; readonly fact: LiveFact } | null {
  try {
    const [from, sessionId, fact] = JSON.parse(said) as [string, string, LiveFact]
    return { from, sessionId, fact }
  } catch {
    return null
  }
}
