import { describe, expect, it, vi } from 'vitest'
import type { Change, LogEntry } from '../../../src/store/store.ts'
import type { Bench } from '../store.ts'
import { message } from './rows.ts'

const entry = (type: string, at = 1): LogEntry => ({ id: `evt_${type}`, type, chatId: 'c', data: '{}', at })

/** The log and the journal. */
export function testLogAndJournal(bench: Bench): void {
  describe('log', () => {
    const told = async (id: string): Promise<[number, string][]> => (await bench.store.events.after(id, 0, 100)).map(({ seq, type }) => [seq, type])

    it('counts from 1 without gaps, each session for itself', async () => {
      const [id, other] = [bench.newSession(), bench.newSession()]
      const { store } = bench
      await Promise.all([
        store.commit(id, [{ kind: 'event.append', event: entry('a') }, { kind: 'event.append', event: entry('b') }]),
        store.commit(other, [{ kind: 'event.append', event: entry('x') }]),
        store.commit(id, [{ kind: 'event.append', event: entry('c') }]),
      ])
      expect(await told(id)).toEqual([[1, 'a'], [2, 'b'], [3, 'c']])
      expect(await told(other)).toEqual([[1, 'x']])
      expect((await store.events.after(id, 1, 1)).map(({ type }) => type)).toEqual(['b'])
      expect(await store.events.bounds(id)).toEqual({ first: 1, last: 3 })
      expect(await store.events.bounds(bench.newSession())).toEqual({ first: 0, last: 0 })
    })

    it('can be read without what is on its way, which is never half of a commit', async () => {
      const id = bench.newSession()
      const { store } = bench
      const from = (await store.events.everywhereBounds()).last
      await store.commit(id, [{ kind: 'event.append', event: entry('a') }])
      const durable = async (): Promise<string[][]> => [await store.events.durableAfter(id, 0, 100), (await store.events.durableEverywhere(from, 100)).rows].map((rows) => rows.map(({ type }) => type))
      expect(await durable()).toEqual([['a'], ['a']])
      const later = store.commit(id, [{ kind: 'event.append', event: entry('b') }, { kind: 'event.append', event: entry('c') }])
      for (const types of await durable()) expect([['a'], ['a', 'b', 'c']]).toContainEqual(types)
      await later
      expect(await durable()).toEqual([['a', 'b', 'c'], ['a', 'b', 'c']])
    })

    it('tells a message once, and counts it once', async () => {
      const id = bench.newSession()
      const put = (row = message({ id: 'A' })): Change => ({ kind: 'message.put', message: row, touch: { unread: 1 }, event: entry(row.type) })
      await bench.store.commit(id, [put(message({ id: 'A', type: 'undecryptable' })), put(), put()])
      expect(await told(id)).toEqual([[1, 'undecryptable'], [2, 'text']])
      expect((await bench.store.chats.get(id, message({}).chatId))?.unreadCount).toBe(2)
    })

    it('is silent about what changes nothing', async () => {
      const id = bench.newSession()
      const key = { chatId: 'c', id: 'A', sender: '' }
      const row = message({ ...key, state: 'sent' })
      await bench.store.commit(id, [
        { kind: 'message.state', key, state: 'sent', at: 1, event: entry('before it is there') },
        { kind: 'message.put', message: row },
        { kind: 'message.state', key, state: 'sending', at: 1, event: entry('back') },
        { kind: 'message.state', key, state: 'read', at: 1, event: entry('read') },
        { kind: 'message.edit', key, text: 'new', at: 5, raw: null, event: entry('edit') },
        { kind: 'message.edit', key, text: 'new', at: 5, raw: null, event: entry('same edit') },
        { kind: 'message.edit', key, text: 'newer', at: 5, raw: null, event: entry('edit of the same second') },
        { kind: 'message.edit', key, text: 'old', at: 4, raw: null, event: entry('older edit') },
        { kind: 'message.react', key, from: 'b', emoji: '👍', timestamp: 1, event: entry('reaction') },
        { kind: 'message.react', key, from: 'b', emoji: '👍', timestamp: 1, event: entry('same reaction') },
        { kind: 'message.delete', key, at: 6, event: entry('delete') },
        { kind: 'message.delete', key, at: 7, event: entry('delete again') },
      ])
      expect((await told(id)).map(([, type]) => type)).toEqual(['read', 'edit', 'edit of the same second', 'reaction', 'delete'])
    })

    it('is silent about chats and contacts that are as they were', async () => {
      const id = bench.newSession()
      const row = message({ id: 'A', chatId: '901@lid' })
      await bench.store.commit(id, [
        { kind: 'chat.clear', id: row.chatId, event: entry('clear of nothing') },
        { kind: 'chat.delete', id: row.chatId, event: entry('delete of nothing') },
        { kind: 'message.remove', key: row, event: entry('remove of nothing') },
        { kind: 'chat.merge', id: row.chatId, fields: { unreadCount: 0 }, event: entry('a new chat without anything') },
        { kind: 'chat.merge', id: row.chatId, fields: { archived: true, labels: ['1'] }, event: entry('archive') },
        { kind: 'chat.merge', id: row.chatId, fields: { archived: true, labels: ['1'] }, event: entry('archive again') },
        { kind: 'contact.merge', phone: '5215550001', lid: null, fields: { name: 'Ana' }, event: entry('contact') },
        { kind: 'contact.merge', phone: '5215550001', lid: null, fields: { name: 'Ana' }, event: entry('contact again') },
        { kind: 'contact.merge', phone: '5215550001', lid: '901', fields: {}, event: entry('pair'), moved: entry('move') },
        { kind: 'contact.merge', phone: '5215550001', lid: '901', fields: {}, event: entry('pair again'), moved: entry('move again') },
        { kind: 'message.put', message: { ...row, chatId: '5215550001@s.whatsapp.net' } },
        { kind: 'message.remove', key: { ...row, chatId: '5215550001@s.whatsapp.net' }, event: entry('remove') },
        { kind: 'message.put', message: row },
        { kind: 'chat.clear', id: row.chatId, event: entry('clear') },
        { kind: 'chat.delete', id: '5215550001@s.whatsapp.net', event: entry('delete') },
      ])
      expect((await told(id)).map(([, type]) => type)).toEqual(['archive', 'contact', 'pair', 'move', 'remove', 'clear', 'delete'])
    })

    it('outlives its session, and goes on counting', async () => {
      const id = bench.newSession()
      await bench.store.commit(id, [{ kind: 'event.append', event: entry('a') }, { kind: 'session.delete' }, { kind: 'event.append', event: entry('gone') }])
      await bench.store.commit(id, [{ kind: 'event.append', event: entry('again') }])
      expect(await told(id)).toEqual([[1, 'a'], [2, 'gone'], [3, 'again']])
    })

    it('is cut by age, but for its newest entry', async () => {
      const id = bench.newSession()
      await bench.store.commit(id, ['a', 'b', 'c'].map((type, index) => ({ kind: 'event.append', event: entry(type, index + 1) })))
      await bench.store.commit(id, [{ kind: 'event.prune', before: 2 }])
      expect(await told(id)).toEqual([[2, 'b'], [3, 'c']])
      await bench.store.commit(id, [{ kind: 'event.prune', before: 0 }])
      expect(await told(id)).toEqual([[2, 'b'], [3, 'c']])
      await bench.store.commit(id, [{ kind: 'event.prune', before: 100 }])
      expect(await told(id)).toEqual([[3, 'c']])
      expect(await bench.store.events.bounds(id)).toEqual({ first: 3, last: 3 })
    })

    it('is cut by number, a bounded piece at a time', async () => {
      const id = bench.newSession()
      const first = async (): Promise<number> => (await bench.store.events.bounds(id)).first
      await bench.store.commit(id, Array.from({ length: 10 }, (_, n) => ({ kind: 'event.append', event: entry(`e${n}`, n) })))
      await bench.store.commit(id, [{ kind: 'event.prune', before: 0, keep: 6, limit: 3 }])
      expect(await first()).toBe(4)
      await bench.store.commit(id, [{ kind: 'event.prune', before: 0, keep: 6, limit: 3 }])
      expect(await first()).toBe(5)
      await bench.store.commit(id, [{ kind: 'event.prune', before: 0, keep: 0 }])
      expect(await bench.store.events.bounds(id)).toEqual({ first: 10, last: 10 })
    })
  })

  describe('log of all sessions', () => {
    it('has one order, in which that of each session is kept and no reader can be overtaken', async () => {
      const [one, other] = [bench.newSession(), bench.newSession()]
      const { store } = bench
      const from = (await store.events.everywhereBounds()).last
      const commits: Promise<void>[] = []
      for (let n = 0; n < 20; n += 1) commits.push(store.commit(n % 3 === 0 ? other : one, [{ kind: 'event.append', event: entry(`e${n}`, n) }]))
      const { rows } = await store.events.everywhere(from, 100)
      for (const [id, rest] of [[other, [0]], [one, [1, 2]]] as const) {
        const types = Array.from({ length: 20 }, (_, n) => n).filter((n) => rest.some((some) => n % 3 === some)).map((n) => `e${n}`)
        const own = rows.filter(({ sessionId }) => sessionId === id)
        expect(own.map(({ type }) => type)).toEqual(types)
        expect(own.map(({ seq }) => seq)).toEqual(types.map((_, place) => place + 1))
      }
      expect(rows.map(({ place }) => place)).toEqual(rows.map(({ place }) => place).toSorted((a, b) => a - b))
      expect((await store.events.everywhere(rows[4]?.place ?? 0, 2)).rows).toEqual(rows.slice(5, 7))
      const { last, removed } = await store.events.everywhereBounds()
      expect([last, removed < from]).toEqual([rows.at(-1)?.place, true])
      await Promise.all(commits)
    })

    it('says up to where entries may be missing, and gives no place twice', async () => {
      const [one, other] = [bench.newSession(), bench.newSession()]
      const { store } = bench
      const append = (id: string, at: number): Promise<void> => store.commit(id, [{ kind: 'event.append', event: entry('x', at) }])
      const from = (await store.events.everywhereBounds()).last
      for (const [id, at] of [[one, 1], [other, 1], [one, 2], [one, 9]] as const) await append(id, at)
      const before = (await store.events.everywhere(from, 100)).rows
      await store.commit(one, [{ kind: 'event.prune', before: 5 }])
      await store.commit(other, [{ kind: 'event.prune', before: 5 }])
      expect((await store.events.everywhereBounds()).removed).toBe(before[2]?.place)
      for (const place of [from, before.at(-1)?.place ?? 0]) expect((await store.events.everywhere(place, 100)).removed).toBe(before[2]?.place)
      await store.commit(one, [{ kind: 'session.delete' }])
      expect((await store.events.everywhere(from, 100)).rows.map(({ sessionId, at }) => [sessionId, at])).toEqual([[other, 1], [one, 9]])
      await append(other, 10)
      expect((await store.events.everywhere(before.at(-1)?.place ?? 0, 100)).rows.map(({ at }) => at)).toEqual([10])
    })
  })

  describe('the bell', () => {
    const append: Change = { kind: 'event.append', event: entry('x') }

    it('rings for each session, once its entries are durable, and for all', async () => {
      const [one, other] = [bench.newSession(), 'error']
      const { store } = bench
      const rung: string[] = []
      const silent = [store.onTold(one, () => rung.push('one')), store.onTold(other, () => rung.push('other')), store.onTold(null, (session) => rung.push(session === one || session === other ? 'any' : session))]
      const until = async (count: number): Promise<void> => vi.waitFor(() => expect(rung.length).toBeGreaterThanOrEqual(count), { interval: 1 })
      await store.commit(one, [append])
      await until(2)
      expect(rung.splice(0).toSorted()).toEqual(['any', 'one'])
      await store.commit(one, [{ kind: 'auth.put', keys: [{ type: 'creds', id: '', value: 'x' }] }])
      await store.commit(other, [append])
      await until(2)
      expect(rung.splice(0).toSorted()).toEqual(['any', 'other'])
      for (const stop of silent) stop()
      const last = new Promise<void>((resolve) => {
        const stop = store.onTold(one, () => {
          stop()
          resolve()
        })
      })
      await store.commit(one, [append])
      await last
      expect(rung).toEqual([])
    })

    it('stays silent for a commit that failed', async () => {
      const id = bench.newSession()
      const rung: string[] = []
      const stop = bench.store.onTold(id, () => rung.push('rung'))
      const broken = { kind: 'event.append', event: { ...entry('x'), data: null } } as unknown as Change
      const failed = await bench.store.commit(id, [broken]).then(() => false, () => true)
      await bench.store.commit(id, [append])
      await vi.waitFor(() => expect(rung.length).toBeGreaterThanOrEqual(1), { interval: 1 })
      expect(rung.length).toBe(failed ? 1 : 2)
      stop()
    })
  })

  describe('journal', () => {
    const row = (hash: string, open: Uint8Array | null = null) => ({ hash, messageId: `message of ${hash}`, plaintext: Buffer.from(hash), open, at: 5 })

    it('answers at once, keeps the first, and forgets what is not open', async () => {
      const id = bench.newSession()
      const { store } = bench
      await bench.seen(store.commit(id, [{ kind: 'journal.put', row: row('a') }, { kind: 'journal.put', row: row('b', Buffer.from('notice')) }, { kind: 'journal.put', row: { ...row('a'), at: 9 } }]), async () => {
        expect((await store.journal.get(id, 'a'))?.at).toBe(5)
        expect(Buffer.from((await store.journal.get(id, 'a'))?.plaintext ?? []).toString()).toBe('a')
        expect((await store.journal.open(id)).map(({ hash }) => hash)).toEqual(['b'])
      })
      const forgetBoth: Change = { kind: 'journal.forget', hashes: ['a', 'b'] }
      await store.commit(id, [forgetBoth])
      expect([await store.journal.get(id, 'a'), (await store.journal.get(id, 'b'))?.hash]).toEqual([null, 'b'])
      await store.commit(id, [{ kind: 'journal.close', hash: 'b' }])
      expect(await store.journal.open(id)).toEqual([])
      await store.commit(id, [forgetBoth])
      expect(await store.journal.get(id, 'b')).toBeNull()
    })

    it('is cut by age and goes with its session', async () => {
      const id = bench.newSession()
      const { store } = bench
      await store.commit(id, [{ kind: 'journal.put', row: row('old', Buffer.from('x')) }, { kind: 'journal.put', row: { ...row('new'), at: 6 } }])
      await store.commit(id, [{ kind: 'journal.prune', before: 6, limit: 9 }])
      expect([await store.journal.get(id, 'old'), (await store.journal.get(id, 'new'))?.hash]).toEqual([null, 'new'])
      await store.commit(id, [{ kind: 'session.delete' }])
      expect(await store.journal.get(id, 'new')).toBeNull()
    })
  })

  it('the journal is cut a bounded piece at a time, the oldest first', async () => {
    const id = bench.newSession()
    const { store } = bench
    const row = (hash: string, at: number): Change => ({ kind: 'journal.put', row: { hash, messageId: hash, plaintext: Buffer.alloc(1), open: null, at } })
    expect(await store.journal.oldest(id)).toBeNull()
    await store.commit(id, [row('c', 3), row('a', 1), row('b', 2)])
    expect(await store.journal.oldest(id)).toBe(1)
    await bench.seen(store.commit(id, [{ kind: 'journal.prune', before: 3, limit: 1 }]), async () => expect(await store.journal.oldest(id)).toBe(2))
    await store.commit(id, [{ kind: 'journal.prune', before: 3, limit: 5 }])
    expect(await store.journal.oldest(id)).toBe(3)
  })

  it('archived credentials are out of the way', async () => {
    const id = bench.newSession()
    await bench.seen(bench.store.commit(id, [{ kind: 'auth.put', keys: [{ type: 'creds', id: '', value: 'c' }] }, { kind: 'auth.archive', at: 1 }]), async () => {
      expect(await bench.store.auth.get(id, 'creds', [''])).toEqual(new Map())
    })
    await bench.store.commit(id, [{ kind: 'auth.put', keys: [{ type: 'creds', id: '', value: 'd' }] }, { kind: 'auth.archive', at: 2 }])
    expect(await bench.store.auth.get(id, 'creds', [''])).toEqual(new Map())
  })
}
