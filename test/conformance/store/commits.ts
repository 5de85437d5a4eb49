import { describe, expect, it } from 'vitest'
import type { Change } from '../../../src/store/store.ts'
import type { Bench } from '../store.ts'
import { message, put, session } from './rows.ts'

/** What not every store can keep: one that cannot even be sent to a thread, one that a database refuses. */
const BROKEN: Readonly<Record<string, Change>> = {
  'a function': { kind: 'outbox.put', id: 'O', chatId: 'c', content: (() => 'not data') as unknown as string, acceptedAt: 1, expiresAt: 2 },
  'not a number': { kind: 'outbox.put', id: 'O', chatId: 'c', content: '{}', acceptedAt: NaN, expiresAt: 2 },
}

/** What a commit promises. */
export function testCommits(bench: Bench): void {
  describe('commits', () => {
    it('resolve in the order of the calls', async () => {
      const resolved: number[] = []
      await Promise.all(Array.from({ length: 50 }, (_, index) => bench.store.commit(`order-${index % 3}`, [{ kind: 'chat.touch', id: 'c', timestamp: index, unread: 1 }]).then(() => resolved.push(index))))
      expect(resolved).toEqual(Array.from({ length: 50 }, (_, index) => index))
    })

    it('apply in the order of the calls, each change after the one before', async () => {
      const id = bench.newSession()
      const commits = []
      for (let round = 0; round < 20; round++) commits.push(bench.store.commit(id, [{ kind: 'chat.merge', id: 'c', fields: { name: `${round}a` } }, { kind: 'chat.touch', id: 'c', timestamp: round, unread: 1 }, { kind: 'chat.merge', id: 'c', fields: { name: `${round}b` } }]))
      expect(await bench.store.chats.get(id, 'c')).toMatchObject({ name: '19b', unreadCount: 20, conversationTimestamp: 19 })
      await Promise.all(commits)
    })

    it('are seen until they are durable, whatever became durable before', async () => {
      const id = bench.newSession()
      const step = (value: string): Promise<void> => bench.store.commit(id, [{ kind: 'auth.put', keys: [{ type: 't', id: 'k', value }] }, { kind: 'session.put', session: session(id, { reason: value }) }, { kind: 'chat.merge', id: 'c', fields: { name: value } }])
      const first = step('first')
      const long = bench.store.commit(id, Array.from({ length: 3_000 }, (_, index) => put({ id: `long ${index}` })))
      const last = step('last')
      await first
      expect((await bench.store.auth.get(id, 't', ['k'])).get('k')).toBe('last')
      expect((await bench.store.sessions.get(id))?.reason).toBe('last')
      expect((await bench.store.chats.get(id, 'c'))?.name).toBe('last')
      await Promise.all([long, last])
    })

    it('may be empty', async () => {
      await expect(bench.store.commit(bench.newSession(), [])).resolves.toBeUndefined()
    })

    it('are seen by lists at once', async () => {
      const id = bench.newSession()
      const commit = bench.store.commit(id, [put(), { kind: 'chat.touch', id: message().chatId, timestamp: 1, unread: 1 }])
      expect((await bench.store.messages.page(id, message().chatId, { limit: 1, cursor: null })).rows).toHaveLength(1)
      expect((await bench.store.chats.page(id, { limit: 1, cursor: null })).rows).toHaveLength(1)
      expect(await bench.store.chats.count(id)).toBe(1)
      await commit
    })

    it.each(Object.entries(BROKEN))('are kept whole, or reject alone and leave nothing: %s', async (_name, broken) => {
      const id = bench.newSession()
      const keys = (value: string): Change => ({ kind: 'auth.put', keys: [{ type: 't', id: 'k', value }] })
      const around = Array.from({ length: 10 }, () => bench.store.commit(id, [keys('before')]))
      const failing = bench.store.commit(id, [keys('failing'), put(), broken]).then(() => null, (error: unknown) => error)
      around.push(bench.store.commit(id, [{ kind: 'chat.merge', id: 'after', fields: {} }]))
      await Promise.all(around)
      const rejected = (await failing) !== null
      expect((await bench.store.auth.get(id, 't', ['k'])).get('k')).toBe(rejected ? 'before' : 'failing')
      expect(await bench.store.messages.get(id, message().chatId, 'M1')).toEqual(rejected ? null : message())
      expect(await bench.store.outbox.count(id)).toBe(rejected ? 0 : 1)
      expect(await bench.store.chats.get(id, 'after')).not.toBeNull()
    })
  })
}
