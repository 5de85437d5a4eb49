import type { Redis } from 'ioredis'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { clusterNode, type ClusterNode } from '../../src/cluster/cluster.ts'
import { connectRedis } from '../../src/store/redis/connection.ts'
import { keysOf } from '../../src/store/redis/keys.ts'
import { asItStands } from '../../src/sessions/view.ts'
import { session } from '../conformance/store/rows.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { until } from '../support/wait.ts'

/** Longer than an owner holds a lease for its own without renewing it. */
const LOST_MS = 9000
const ID = 'one'

let server: TestRedis
let redis: Redis
let prefixes = 0
beforeAll(async () => {
  if (!hasRedis) return
  server = await startRedis()
  redis = connectRedis(server.url)
  await redis.connect()
})
afterAll(async () => {
  if (!hasRedis) return
  redis.disconnect()
  await server.stop()
})

interface Scene {
  readonly node: ClusterNode
  /** Goes on by so much. */
  pass(ms: number): void
}

async function started(name: string, prefix: string): Promise<Scene> {
  let passed = 0
  const node = clusterNode({ redis, keys: keysOf(prefix), nodeId: name, place: server.url, log: pino({ level: 'silent' }), clock: () => performance.now() + passed })
  await node.start(`http://${name}`)
  onTestFinished(() => node.drain())
  return { node, pass: (ms) => void (passed += ms) }
}

const fresh = (): string => `cluster-${(prefixes += 1)}`

describe.skipIf(!hasRedis)('a node', () => {
  it('tells of one session one at a time: what is lost while it begins ends after that', async () => {
    const { node, pass } = await started('a', fresh())
    const told: string[] = []
    let lost: AbortSignal | null = null
    let go = (): void => undefined
    const begun = new Promise<void>((resolve) => (go = resolve))
    node.follow(async (_id, lease) => {
      const what = lease === null ? 'end' : 'begin'
      told.push(what)
      lost ??= lease?.lost ?? null
      if (lease !== null) await begun
      told.push(`${what} done`)
    })
    const taking = node.take(ID)
    await until(() => told.length === 1, 'the session to begin')
    pass(LOST_MS)
    await until(() => lost?.aborted === true, 'the node to notice that the lease is lost')
    go()
    await taking
    await until(() => told.length === 4, 'the end')
    expect(told).toEqual(['begin', 'begin done', 'end', 'end done'])
  })

  it('takes nothing any more once it gives back, not even what it still holds, and names another node', async () => {
    const prefix = fresh()
    const { node: a } = await started('a', prefix)
    const { node: b } = await started('b', prefix)
    let go = (): void => undefined
    const ended = new Promise<void>((resolve) => (go = resolve))
    a.follow(async (_id, lease) => {
      if (lease === null) await ended
    })
    expect(await a.take(ID)).not.toBeNull()
    const draining = a.drain()
    await until(() => a.isDraining(), 'the node to close')
    expect([await a.take(ID), await b.take(ID), (await a.another())?.id]).toEqual([null, null, 'b'])
    go()
    await draining
    expect([a.lease(ID), (await b.take(ID)) !== null, (await b.ownerOf(ID))?.id, await b.another()]).toEqual([null, true, 'b', null])
  })
})

describe.skipIf(!hasRedis)('a session as it stands', () => {
  it('is not open where no node runs it, whatever was stored of it last', async () => {
    const { node } = await started('a', fresh())
    const row = session(ID, { state: 'open' })
    expect(await asItStands(row, node)).toMatchObject({ state: 'reconnecting', reason: expect.any(String) })
    await node.take(ID)
    expect(await asItStands(row, node)).toBe(row)
    const stopped = session('other', { state: 'stopped' })
    expect(await asItStands(stopped, node)).toBe(stopped)
  })
})
