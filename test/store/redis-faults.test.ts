import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clusterScripts } from '../../src/cluster/scripts.ts'
import { Fenced, StoreFailed } from '../../src/store/faults.ts'
import { connectRedis } from '../../src/store/redis/connection.ts'
import { enterRedis } from '../../src/store/redis/enter.ts'
import { keysOf } from '../../src/store/redis/keys.ts'
import { openRedis } from '../../src/store/redis/redis.ts'
import type { Change, Store } from '../../src/store/store.ts'
import { session } from '../conformance/store/rows.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { until } from '../support/wait.ts'

const event = (n: number): Change => ({ kind: 'event.append', event: { id: `e${n}`, type: 'x', chatId: null, data: '{}', at: n } })
const touch: Change = { kind: 'chat.touch', id: 'c', timestamp: 1, unread: 1 }

let server: TestRedis
/** Says to the server what its settings are. */
let admin: Redis
const opened: { store: Store; redis: Redis }[] = []
beforeAll(async () => {
  if (!hasRedis) return
  server = await startRedis()
  admin = await connected()
})
afterAll(async () => {
  if (!hasRedis) return
  for (const { store, redis } of opened) {
    await store.close()
    redis.disconnect()
  }
  admin.disconnect()
  await server.stop()
})

async function connected(): Promise<Redis> {
  const redis = connectRedis(server.url)
  redis.on('error', () => undefined)
  await redis.connect()
  return redis
}

async function open(prefix: string): Promise<Store> {
  const redis = await connected()
  const store = await openRedis({ redis, prefix, place: 'here', mode: 'live' })
  opened.push({ store, redis })
  return store
}

const refused = (work: Promise<unknown>): Promise<Error> => work.then(() => new Error('it was not refused'), (error: Error) => error)

describe.skipIf(!hasRedis)('a store in Redis', () => {
  it.each([
    ['takes no writes', 'READONLY', () => admin.replicaof('127.0.0.1', 1), () => admin.replicaof('NO', 'ONE')],
    ['is full', 'OOM', () => admin.config('SET', 'maxmemory', '1'), () => admin.config('SET', 'maxmemory', '0')],
  ] as const)('fails in words when Redis %s, writes nothing, and goes on when that is over', async (_name, code, harm, mend) => {
    const store = await open(`harm-${code}`)
    await store.commit('one', [{ kind: 'session.put', session: session('one') }, event(1)])
    await harm()
    const failed = await Promise.all([refused(store.commit('one', [touch, event(2)])), refused(store.commit('one', [touch]))])
    for (const error of failed) {
      expect(error).toBeInstanceOf(StoreFailed)
      expect((error as StoreFailed).code).toBe(code)
      expect(error.message).toMatch(/^Redis at here /)
    }
    expect((await store.sessions.get('one'))?.id).toBe('one')
    await mend()
    expect(await store.chats.get('one', 'c')).toBeNull()
    await store.commit('one', [touch, event(3)])
    expect((await store.chats.get('one', 'c'))?.unreadCount).toBe(1)
    expect((await store.events.after('one', 0, 9)).map(({ seq, id }) => [seq, id])).toEqual([[1, 'e1'], [2, 'e3']])
  })

  it('never takes a Redis that is gone for an empty one, and finds all when it is back', async () => {
    const store = await open('gone')
    await store.commit('one', [{ kind: 'session.put', session: session('one') }, { kind: 'auth.put', keys: [{ type: 'creds', id: '', value: 'identity' }] }])
    await server.kill()
    for (const work of [store.auth.get('one', 'creds', ['']), store.sessions.get('one'), store.commit('one', [touch])]) expect(await refused(work)).toBeInstanceOf(StoreFailed)
    await server.start()
    await until(() => store.auth.get('one', 'creds', ['']).then((found) => found.get('') === 'identity', () => false), 'Redis to be reached again')
    await store.commit('one', [touch])
    expect((await store.chats.get('one', 'c'))?.unreadCount).toBe(1)
  })

  it('takes the commits of several nodes one after another, loses none and tells the others', async () => {
    const [one, other] = [await open('two'), await open('two')]
    const heard: string[] = []
    other.onTold('s', () => heard.push('s'))
    await Promise.all([one, other].flatMap((store, place) => Array.from({ length: 100 }, (_, n) => store.commit('s', [touch, event(place * 100 + n)]))))
    expect((await one.chats.get('s', 'c'))?.unreadCount).toBe(200)
    const rows = await other.events.after('s', 0, 500)
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1))
    expect(new Set(rows.map(({ id }) => id)).size).toBe(200)
    const before = heard.length
    await one.commit('s', [event(999)])
    await until(() => heard.length > before, 'the other node to hear of it')
  })

  it('refuses what an owner writes once another node has the session, and takes what any node may write', async () => {
    const store = await open('fence')
    const { meta, lease } = keysOf('fence').session('s')
    const scripts = clusterScripts(admin)
    const first = (await scripts.puenteClaim(meta, lease, 'a', 60_000)) ?? ''
    await store.commit('s', [touch], first)
    expect(await scripts.puenteClaim(meta, lease, 'b', 60_000)).toBeNull()
    await admin.del(lease)
    const second = (await scripts.puenteClaim(meta, lease, 'b', 60_000)) ?? ''
    expect(Number(second)).toBeGreaterThan(Number(first))
    expect(await refused(store.commit('s', [touch], first))).toBeInstanceOf(Fenced)
    expect(await scripts.puenteRenew(meta, lease, 'a', 60_000, first)).toBe(0)
    await Promise.all([store.commit('s', [touch]), store.commit('s', [touch], second)])
    expect((await store.chats.get('s', 'c'))?.unreadCount).toBe(3)
    await scripts.puenteRelease(meta, lease, 'a', first)
    expect(await admin.get(lease)).toBe('b')
    await scripts.puenteRelease(meta, lease, 'b', second)
    expect(await admin.get(lease)).toBeNull()
  })

  it('is not opened in the other mode, nor with a layout that it does not know', async () => {
    await open('mode')
    const redis = await connected()
    expect((await refused(openRedis({ redis, prefix: 'mode', place: 'here', mode: 'sandbox' }))).message).toContain('holds real sessions')
    await admin.set(keysOf('later').gateway.layout, '99 live')
    expect((await refused(openRedis({ redis, prefix: 'later', place: 'here', mode: 'live' }))).message).toContain('has the layout 99')
    redis.disconnect()
  })

  it.each([
    ['keeps nothing', { appendonly: 'no' }, 'appendonly yes'],
    ['throws keys out', { 'maxmemory-policy': 'allkeys-lru' }, 'noeviction'],
  ])('is not trusted to a Redis that %s, unless told so', async (_name, settings, words) => {
    const other = await startRedis(settings)
    const warnings: string[] = []
    const entry = { url: other.url, place: 'there', warn: (warning: string) => void warnings.push(warning) }
    expect((await refused(enterRedis({ ...entry, isUnsafe: false }))).message).toContain(words)
    const redis = await enterRedis({ ...entry, isUnsafe: true })
    expect(warnings.join(' ')).toContain(words)
    redis.disconnect()
    await other.stop()
  })

  it('says that Redis cannot be reached, without its password', async () => {
    const { message } = await refused(enterRedis({ url: 'redis://:hunter2@127.0.0.1:1', place: '127.0.0.1:1', isUnsafe: false, warn: () => undefined }))
    expect(message).toContain('127.0.0.1:1')
    expect(message).not.toContain('hunter2')
  })

  it('warns of a Redis that may lose the last second', async () => {
    const other = await startRedis({ appendfsync: 'everysec' })
    const warnings: string[] = []
    const redis = await enterRedis({ url: other.url, place: 'there', isUnsafe: false, warn: (warning) => void warnings.push(warning) })
    expect(warnings.join(' ')).toContain('appendfsync always')
    redis.disconnect()
    await other.stop()
  })
})
