import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { move, type Dump, type Target } from '../../src/store/dump.ts'
import { openMemory } from '../../src/store/memory.ts'
import { openStore } from '../../src/store/open.ts'
import { connectRedis } from '../../src/store/redis/connection.ts'
import { assertQuiet, openRedisDump } from '../../src/store/redis/dump.ts'
import { keysOf } from '../../src/store/redis/keys.ts'
import { openSqliteDump } from '../../src/store/sqlite/dump.ts'
import type { Change, Store } from '../../src/store/store.ts'
import { GATEWAY, type DeliveryRow, type WebhookRow } from '../../src/store/webhooks.ts'
import { anyCommit, seen } from '../conformance/store/model.ts'
import { session, walk } from '../conformance/store/rows.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'

const RUNS = Number(process.env['STORE_MOVE_RUNS'] ?? 12)
const IDS = ['one', 'two']
const HOOK = 'whk_1'

const webhook: WebhookRow = {
  id: HOOK, url: 'https://example.com/hook', sessions: null, events: null, headers: { 'X-Key': 'secret' }, ordering: 'chat', enabled: true, disabledReason: null, disabledAt: null, enabledAt: 1,
  secrets: [{ secret: 'whsec_bmV3', expiresAt: null }], createdAt: 1, updatedAt: 1,
}
const delivery = (seq: number, state: DeliveryRow['state']): Change => ({
  kind: 'delivery.put',
  delivery: { webhookId: HOOK, seq, eventId: `evt_${seq}`, type: 'message.received', chatId: null, state, apart: state === 'parked', attempts: 1, step: 0, nextAt: state === 'parked' ? seq : null, status: 200, error: null, at: seq, durationMs: 3 },
})

let server: TestRedis
let redis: Redis
let stores = 0
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

const target = (store: Store): Target => ({
  sessions: async () => (await walk(10, (request) => store.sessions.page(request))).map(({ id }) => id),
  place: async () => (await store.events.everywhereBounds()).last,
  commit: (id, changes) => store.commit(id, changes),
})

async function everything(store: Store): Promise<unknown> {
  const deliveries = await walk(3, (request) => store.webhooks.deliveries(HOOK, null, request))
  const waiting = await Promise.all(IDS.map((id) => store.webhooks.waiting(id, HOOK, 9)))
  const cursors = (await store.webhooks.cursors()).toSorted((one, other) => (one.sessionId < other.sessionId ? -1 : 1))
  const log = await store.events.everywhere(0, 10_000)
  return { sessions: await Promise.all(IDS.map((id) => seen(store, id))), webhooks: await walk(9, (request) => store.webhooks.page(request)), cursors, deliveries, waiting, log: log.rows.map((row) => ({ ...row, place: null })) }
}

async function moved(from: Dump, store: Store): Promise<unknown> {
  try {
    await move(from, target(store), () => undefined)
    return await everything(store)
  } finally {
    await store.close()
    await from.close()
  }
}

describe.skipIf(!hasRedis)('a move', () => {
  it('to Redis and back keeps every row, whatever was committed', { timeout: 120_000 }, async () => {
    const seed = Number(process.env['STORE_MOVE_SEED'] ?? Date.now() % 2_147_483_647)
    console.info(`store move: STORE_MOVE_SEED=${seed}`)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(...IDS), anyCommit), { minLength: 1, maxLength: 25 }), async (commits) => {
        const folders = [mkdtempSync(join(tmpdir(), 'puente-move-')), mkdtempSync(join(tmpdir(), 'puente-move-'))]
        const prefix = `move-${++stores}`
        try {
          const model = openMemory()
          const first = await openStore({ mode: 'live', dataDir: folders[0] ?? '' })
          const write = async (id: string, changes: readonly Change[]): Promise<void> => {
            await first.commit(id, changes)
            await model.commit(id, changes)
          }
          for (const id of IDS) await write(id, [{ kind: 'session.put', session: session(id) }])
          for (const [id, { changes }] of commits) await write(id, changes)
          // A session that was deleted is no part of a move, its log and deliveries are.
          for (const id of IDS) await write(id, [{ kind: 'session.put', session: session(id) }])
          await write(GATEWAY, [{ kind: 'webhook.put', webhook }])
          for (const id of IDS) await write(id, [delivery(3, 'parked'), delivery(1, 'delivered'), delivery(2, 'failed'), { kind: 'webhook.cursor', cursor: { webhookId: HOOK, seq: 3, failingSince: 7, succeededAt: 8 } }])
          const before = await everything(first)
          expect(before).toEqual(await everything(model))
          await first.close()

          const shared = await openStore({ mode: 'live', dataDir: '', redis: { redis, prefix, place: 'here' } })
          expect(await moved(openSqliteDump(folders[0] ?? '', 'live'), shared)).toEqual(before)
          const back = await openStore({ mode: 'live', dataDir: folders[1] ?? '' })
          expect(await moved(await openRedisDump(redis, prefix, 'here'), back)).toEqual(before)
        } finally {
          for (const folder of folders) rmSync(folder, { recursive: true, force: true })
        }
      }),
      { numRuns: RUNS, seed },
    )
  })

  it('goes on where it was broken off, whatever it had come to', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'puente-move-'))
    try {
      const first = await openStore({ mode: 'live', dataDir: folder })
      for (const id of IDS) {
        await first.commit(id, [{ kind: 'session.put', session: session(id) }, { kind: 'auth.put', keys: [{ type: 'creds', id: '', value: 'old' }] }, { kind: 'auth.archive', at: 5 }])
        await first.commit(id, [{ kind: 'auth.put', keys: [{ type: 'creds', id: '', value: id }] }, { kind: 'chat.merge', id: 'c', fields: { name: id } }])
        for (let n = 0; n < 5; n += 1) await first.commit(id, [{ kind: 'event.append', event: { id: `${id}${n}`, type: 'x', chatId: null, data: '{}', at: n } }])
      }
      const before = await everything(first)
      await first.close()
      const shared = await openStore({ mode: 'live', dataDir: '', redis: { redis, prefix: 'broken-off', place: 'here' } })
      const messages: (string | null)[] = []
      for (let commits = 1; messages.at(-1) !== null; commits += 1) {
        const dump = openSqliteDump(folder, 'live')
        let left = commits
        const failing: Target = { ...target(shared), commit: (id, changes) => (--left < 0 ? Promise.reject(new Error('broken off')) : shared.commit(id, changes)) }
        messages.push(await move(dump, failing, () => undefined).then(() => null, (reason: unknown) => (reason as Error).message))
        await dump.close()
      }
      expect(new Set(messages)).toEqual(new Set(['broken off', null]))
      expect(await everything(shared)).toEqual(before)
      expect(Object.values(await redis.hgetall(keysOf('broken-off').session('one').archive))).toEqual([JSON.stringify({ value: 'old', at: 5 })])
      await shared.close()
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('refuses while a gateway runs at either end, and into a store that holds others', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'puente-move-'))
    try {
      const first = await openStore({ mode: 'live', dataDir: folder })
      expect(() => openSqliteDump(folder, 'live')).toThrow('Another Puente runs')
      await first.commit('one', [{ kind: 'session.put', session: session('one') }])
      await first.close()
      const { gateway } = keysOf('busy')
      await redis.zadd(gateway.nodeEnds, Date.now() + 10_000, 'node-a')
      await expect(assertQuiet(redis, 'busy', 'here')).rejects.toThrow("'node-a' runs")
      const other = await openStore({ mode: 'live', dataDir: '', redis: { redis, prefix: 'other', place: 'here' } })
      await other.commit('stranger', [{ kind: 'session.put', session: session('stranger') }])
      const dump = openSqliteDump(folder, 'live')
      await expect(move(dump, target(other), () => undefined)).rejects.toThrow("'stranger'")
      await dump.close()
      await other.close()
      await expect(openRedisDump(redis, 'nothing', 'here')).rejects.toThrow('holds no store')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
