import { describe, expect, it } from 'vitest'
import type { Bench } from '../store.ts'
import { group } from './rows.ts'

/** Groups and accepted sends. */
export function testGroupsAndOutbox(bench: Bench): void {
  describe('groups', () => {
    it('are put, replaced and deleted', async () => {
      const id = bench.newSession()
      const { store } = bench
      await bench.seen(store.commit(id, [{ kind: 'group.put', group: group() }]), async () => expect(await store.groups.get(id, group().id)).toEqual(group()))
      const changed = group({ subject: 'Otra', description: 'd', owner: null, participants: [], raw: '' })
      await bench.seen(store.commit(id, [{ kind: 'group.put', group: changed }]), async () => expect(await store.groups.get(id, group().id)).toEqual(changed))
      await bench.seen(store.commit(id, [{ kind: 'group.delete', id: group().id }]), async () => expect(await store.groups.get(id, group().id)).toBeNull())
    })
  })

  describe('outbox', () => {
    const accept = (id: string, content = id) => ({ kind: 'outbox.put', id, chatId: 'c', content, acceptedAt: 1_700_000_000_123, expiresAt: 9_999_999_999_999 }) as const

    it('keeps the order of acceptance and what was first put under an id', async () => {
      const id = bench.newSession()
      const { store } = bench
      await bench.seen(store.commit(id, [accept('b'), accept('a'), accept('b', 'again'), accept('c')]), async () => {
        const rows = await store.outbox.pending(id, 0, 10)
        expect(rows.map((row) => [row.id, row.content])).toEqual([['b', 'b'], ['a', 'a'], ['c', 'c']])
        expect(rows[0]).toMatchObject({ chatId: 'c', acceptedAt: 1_700_000_000_123 })
        expect(rows.map((row) => row.position)).toEqual(rows.map((row) => row.position).toSorted((one, other) => one - other))
        expect(await store.outbox.count(id)).toBe(3)
      })
    })

    it('goes on after a position, and never gives one twice', async () => {
      const id = bench.newSession()
      const { store } = bench
      await store.commit(id, [accept('a'), accept('b'), accept('c')])
      const [first, , last] = await store.outbox.pending(id, 0, 10)
      expect((await store.outbox.pending(id, first?.position ?? 0, 1)).map((row) => row.id)).toEqual(['b'])
      void store.commit(id, [{ kind: 'outbox.delete', id: 'c' }, { kind: 'outbox.delete', id: 'absent' }])
      await bench.seen(store.commit(id, [accept('d')]), async () => {
        expect((await store.outbox.pending(id, last?.position ?? 0, 10)).map((row) => row.id)).toEqual(['d'])
        expect(await store.outbox.count(id)).toBe(3)
      })
    })

    it('is each session\'s own', async () => {
      const [id, other] = [bench.newSession(), bench.newSession()]
      await Promise.all([bench.store.commit(id, [accept('a')]), bench.store.commit(other, [accept('a', 'theirs')])])
      await bench.store.commit(id, [{ kind: 'outbox.delete', id: 'a' }])
      expect(await bench.store.outbox.count(id)).toBe(0)
      expect((await bench.store.outbox.pending(other, 0, 5)).map((row) => row.content)).toEqual(['theirs'])
    })
  })
}
