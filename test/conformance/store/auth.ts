import { describe, expect, it } from 'vitest'
import type { Change } from '../../../src/store/store.ts'
import type { Bench } from '../store.ts'

type Key = Extract<Change, { kind: 'auth.put' }>['keys'][number]

/** Keys and credentials. */
export function testAuth(bench: Bench): void {
  const set = (session: string, ...keys: Key[]) => bench.store.commit(session, [{ kind: 'auth.put', keys }])

  describe('auth', () => {
    it('gives back what is there and leaves out what is not', async () => {
      const id = bench.newSession()
      const check = async () => expect(await bench.store.auth.get(id, 'session', ['a', 'b', 'c'])).toEqual(new Map([['a', '1'], ['c', '']]))
      await bench.seen(set(id, { type: 'session', id: 'a', value: '1' }, { type: 'session', id: 'c', value: '' }, { type: 'sender-key', id: 'b', value: 'other type' }), check)
    })

    it('sees each write at once, also over one that is not durable yet', async () => {
      const id = bench.newSession()
      const commits = []
      for (let step = 0; step < 50; step++) {
        commits.push(set(id, { type: 'creds', id: '', value: `step ${step}` }))
        expect((await bench.store.auth.get(id, 'creds', [''])).get('')).toBe(`step ${step}`)
      }
      await Promise.all(commits)
      expect((await bench.store.auth.get(id, 'creds', [''])).get('')).toBe('step 49')
    })

    it('deletes single keys', async () => {
      const id = bench.newSession()
      void set(id, { type: 't', id: 'a', value: '1' }, { type: 't', id: 'b', value: '2' })
      await bench.seen(set(id, { type: 't', id: 'a', value: null }, { type: 't', id: 'absent', value: null }), async () => expect(await bench.store.auth.get(id, 't', ['a', 'b', 'absent'])).toEqual(new Map([['b', '2']])))
    })

    it('clears all of the session, and writes after it stand', async () => {
      const [id, other] = [bench.newSession(), bench.newSession()]
      await set(id, { type: 'old', id: 'a', value: '1' })
      void set(id, { type: 'fresh', id: 'a', value: '1' })
      void set(other, { type: 'old', id: 'a', value: '1' })
      const clear = bench.store.commit(id, [{ kind: 'auth.put', keys: [{ type: 'gone', id: 'a', value: '1' }] }, { kind: 'auth.clear' }, { kind: 'auth.put', keys: [{ type: 'kept', id: 'a', value: '2' }] }])
      await bench.seen(clear, async () => {
        for (const type of ['old', 'fresh', 'gone']) expect((await bench.store.auth.get(id, type, ['a'])).size).toBe(0)
        expect((await bench.store.auth.get(id, 'kept', ['a'])).get('a')).toBe('2')
        expect((await bench.store.auth.get(other, 'old', ['a'])).get('a')).toBe('1')
      })
    })

    it('knows the highest number among the ids of a type', async () => {
      const id = bench.newSession()
      expect(await bench.store.auth.highest(id, 'pre-key')).toBeNull()
      const keys = ['2', '10', '9', 'x', '', '1a'].map((number) => ({ type: 'pre-key', id: number, value: 'v' }))
      await bench.seen(set(id, ...keys, { type: 'other', id: '99', value: 'v' }), async () => expect(await bench.store.auth.highest(id, 'pre-key')).toBe(10))
      await bench.seen(set(id, { type: 'pre-key', id: '10', value: null }), async () => expect(await bench.store.auth.highest(id, 'pre-key')).toBe(9))
    })

    it('forgets the keys of a deleted session at once', async () => {
      const id = bench.newSession()
      await set(id, { type: 'creds', id: '', value: 'durable' })
      void set(id, { type: 'session', id: 'x', value: 'enqueued' })
      await bench.seen(bench.store.commit(id, [{ kind: 'session.delete' }]), async () => {
        expect((await bench.store.auth.get(id, 'creds', [''])).size).toBe(0)
        expect((await bench.store.auth.get(id, 'session', ['x'])).size).toBe(0)
      })
    })
  })
}
