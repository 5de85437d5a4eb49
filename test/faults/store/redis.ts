import type { Redis } from 'ioredis'
import type { EventType } from '../../../schemas/event.ts'
import { connectRedis } from '../../../src/store/redis/connection.ts'
import { openRedisDump } from '../../../src/store/redis/dump.ts'
import { keysOf } from '../../../src/store/redis/keys.ts'
import { storedIn } from '../../../src/store/redis/messages.ts'
import type { OutboxRow } from '../../../src/store/store.ts'
import { startRedis } from '../../support/redis.ts'
import type { Entry, FaultStore, KeyRow, OwnRow } from './store.ts'
import { until } from '../until.ts'

const PREFIX = 'faults'
/** The settings of a replica without a master, and of a Redis without room for anything. */
const NOBODY = ['127.0.0.1', 1] as const
const NO_ROOM = '1'
const CUT_EVERY_MS = 20
const READY_MS = 60_000

/** The ways in which Redis fails, all of them its own. */
const FAULTS = ['killed', 'read-only', 'full', 'links cut'] as const

/** A Redis of its own, for one gateway. */
export async function redisUnderFire(): Promise<FaultStore> {
  const server = await startRedis()
  const redis = connectRedis(server.url)
  redis.on('error', () => undefined)
  await redis.connect()
  const keys = keysOf(PREFIX)
  const sessionIds = (): Promise<string[]> => redis.hkeys(keys.gateway.sessions)
  let cutting: NodeJS.Timeout | undefined
  let failing: string | null = null

  return {
    env: { REDIS_URL: server.url, REDIS_PREFIX: PREFIX },
    faults: FAULTS,
    async record() {
      const dump = await openRedisDump(redis, PREFIX, server.url)
      const events: Entry[] = []
      for await (const rows of dump.log(0)) {
        for (const { sessionId: session, seq, type, data } of rows) events.push({ session, seq, type: type as EventType, data: JSON.parse(data) as Record<string, unknown> })
      }
      const own: OwnRow[] = []
      let unread = 0
      for (const session of await sessionIds()) {
        for await (const rows of dump.messages(session)) {
          own.push(...rows.filter(({ sender }) => sender === '').map(({ id, state }) => ({ session, id, state })))
          unread += rows.filter(({ type }) => type === 'undecryptable').length
        }
      }
      const heads = Object.entries(await redis.hgetall(keys.gateway.heads))
      return { events: events.toSorted((one, other) => (one.session === other.session ? one.seq - other.seq : one.session < other.session ? -1 : 1)), own, unread, heads: new Map(heads.map(([session, seq]) => [session, Number(seq)])) }
    },
    async openSends() {
      try {
        const waiting: string[] = []
        const sending: string[] = []
        for (const session of await sessionIds()) {
          const own = keys.session(session)
          for (const { id, chatId } of (await redis.hvals(own.outbox)).map((text) => JSON.parse(text) as OutboxRow)) {
            waiting.push(id)
            const stored = storedIn(chatId, id, await redis.hget(own.messages(chatId), id))
            if (stored.some(({ row }) => row.sender === '' && row.state === 'sending')) sending.push(id)
          }
        }
        return { waiting, sending }
      } catch {
        return null
      }
    },
    async keys(type) {
      const found: KeyRow[] = []
      for (const session of await sessionIds()) found.push(...Object.entries(await redis.hgetall(keys.session(session).auth(type))).map(([id, value]) => ({ session, id, value })))
      return found
    },
    async fail(fault, gateway, ids) {
      // Else a session that still logs in would be taken for one that felt it.
      await gateway.allOpen(ids, READY_MS)
      failing = fault
      if (fault === 'killed') await server.kill()
      else if (fault === 'read-only') await redis.replicaof(...NOBODY)
      else if (fault === 'full') await redis.config('SET', 'maxmemory', NO_ROOM)
      else cutting = setInterval(() => void cutLinks(redis), CUT_EVERY_MS)
    },
    async isFelt(gateway, ids) {
      const states = await Promise.all(ids.map((id) => gateway.call('GET', `/sessions/${id}`).then(({ body }) => body['state'], () => null)))
      return states.some((state) => state !== 'open')
    },
    async heal() {
      clearInterval(cutting)
      if (failing === 'killed') await server.start()
      await until(async () => ({ value: null, done: redis.status === 'ready' && (await redis.ping().catch(() => '')) === 'PONG' }), READY_MS, CUT_EVERY_MS)
      if (failing === 'read-only') await redis.replicaof('NO', 'ONE')
      if (failing === 'full') await redis.config('SET', 'maxmemory', '0')
      failing = null
    },
    async close() {
      clearInterval(cutting)
      redis.disconnect()
      await server.stop()
    },
  }
}

/** Every link but the one that asks for it: what was under way has no answer, and what was said is not heard. */
const cutLinks = (redis: Redis): Promise<unknown> => Promise.all(['normal', 'pubsub'].map((type) => redis.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes').catch(() => undefined)))
