import { describe, expect, it } from 'vitest'
import type { Change } from '../../../src/store/store.ts'
import type { Bench } from '../store.ts'

/** Device lists. */
export function testDevices(bench: Bench): void {
  const put = (at: number, ...lists: [user: string, value: string | null][]): Change => ({ kind: 'devices.put', lists: lists.map(([user, value]) => ({ user, value })), at })
  const users = async (id: string): Promise<string[]> => [...(await bench.store.devices.get(id, ['a', 'b', 'c', 'd'])).keys()]

  describe('device lists', () => {
    it('are there at once, each with the time of its last write, and go one by one', async () => {
      const id = bench.newSession()
      await bench.seen(bench.store.commit(id, [put(1, ['a', 'x'], ['b', 'y']), put(2, ['a', 'z'], ['c', null])]), async () =>
        expect(await bench.store.devices.get(id, ['a', 'b', 'c'])).toEqual(new Map([['a', { value: 'z', at: 2 }], ['b', { value: 'y', at: 1 }]])),
      )
      await bench.seen(bench.store.commit(id, [put(3, ['a', null])]), async () => expect(await users(id)).toEqual(['b']))
      expect(await users(bench.newSession())).toEqual([])
    })

    it.each<Change>([{ kind: 'auth.clear' }, { kind: 'auth.archive', at: 1 }, { kind: 'session.delete' }])('go with the keys they belong to: $kind', async (change) => {
      const [id, other] = [bench.newSession(), bench.newSession()]
      await bench.store.commit(id, [put(1, ['a', 'x'])])
      await bench.store.commit(other, [put(1, ['a', 'x'])])
      void bench.store.commit(id, [put(1, ['b', 'x'])])
      await bench.seen(bench.store.commit(id, [change]), async () => expect(await users(id)).toEqual([]))
      expect(await users(other)).toEqual(['a'])
    })

    it('are cut by age and by number, the oldest first, a bounded number at a time', async () => {
      const id = bench.newSession()
      const { store } = bench
      await store.commit(id, [put(4, ['d', 'x']), put(3, ['c', 'x']), put(2, ['b', 'x']), put(1, ['a', 'x'])])
      expect([await store.devices.excess(id, 3, 10), await store.devices.excess(id, 0, 1), await store.devices.excess(id, 0, 10)]).toEqual([2, 3, 0])
      const prune = (before: number, keep: number, limit: number) => store.commit(id, [{ kind: 'devices.prune', before, keep, limit }])
      await bench.seen(prune(3, 10, 1), async () => expect(await users(id)).toEqual(['b', 'c', 'd']))
      await prune(3, 10, 5)
      expect(await users(id)).toEqual(['c', 'd'])
      await prune(0, 1, 5)
      expect(await users(id)).toEqual(['d'])
    })
  })
}
