import { describe, expect, it } from 'vitest'
import { MESSAGE_STATES, type MessageState } from '../../../schemas/message.ts'
import type { Change, MessageRow } from '../../../src/store/store.ts'
import type { Bench } from '../store.ts'
import { message, put } from './rows.ts'

const CHAT = message().chatId
const key = { chatId: CHAT, id: 'M1', sender: message().sender }
const own = { ...key, sender: '' }

const ORDER: Record<MessageState, number> = { queued: 0, sending: 1, failed: 2, expired: 2, sent: 3, delivered: 4, read: 5, played: 6 }

/** What each change makes of a message. */
export function testMessageChanges(bench: Bench): void {
  const commit = (session: string, ...changes: Change[]) => bench.store.commit(session, changes)
  const get = (session: string) => bench.store.messages.get(session, CHAT, 'M1')

  describe('message.put', () => {
    it('leaves a stored message as it is', async () => {
      const id = bench.newSession()
      void commit(id, put({ text: 'first' }))
      await bench.seen(commit(id, put({ text: 'again', timestamp: 5, raw: null })), async () => expect(await get(id)).toEqual(message({ text: 'first' })))
    })

    it('replaces an undecryptable one in its place, keeping what came meanwhile', async () => {
      const id = bench.newSession()
      await commit(
        id,
        put({ type: 'undecryptable', text: null, raw: null, timestamp: 7 }),
        put({ id: 'after', timestamp: 7 }),
        { kind: 'message.react', key, from: 'x', emoji: '👍', timestamp: 8 },
      )
      await bench.seen(commit(id, put({ text: 'content', timestamp: 9 })), async () => {
        expect(await get(id)).toEqual(message({ text: 'content', timestamp: 7, reactions: [{ from: 'x', emoji: '👍', timestamp: 8 }] }))
        expect((await bench.store.messages.page(id, CHAT, { limit: 5, cursor: null })).rows.map((row) => row.id)).toEqual(['after', 'M1'])
      })
    })

    it('keeps the edit of an undecryptable one', async () => {
      const id = bench.newSession()
      await commit(id, put({ type: 'undecryptable', text: null, raw: null }), { kind: 'message.edit', key, text: 'edited', at: 5, raw: null })
      await commit(id, put({ text: 'original' }))
      expect(await get(id)).toEqual(message({ text: 'edited', editedAt: 5 }))
    })

    it('does not bring back a deleted one', async () => {
      const id = bench.newSession()
      await commit(id, put({ type: 'undecryptable', text: null, raw: null }), { kind: 'message.delete', key, at: 5 })
      await commit(id, put({ text: 'content' }))
      expect(await get(id)).toEqual(message({ type: 'undecryptable', text: null, raw: null, deletedAt: 5 }))
    })
  })

  describe('message.state', () => {
    it('moves forward only, from each state to each', async () => {
      for (const from of MESSAGE_STATES) {
        for (const to of MESSAGE_STATES) {
          const id = bench.newSession()
          void commit(id, put({ sender: '', state: from, stateTimes: { [from]: 1 }, error: 'before' }))
          void commit(id, { kind: 'message.state', key: own, state: to, at: 2, ...(to === 'failed' && { error: 'why' }) })
          const moved: Partial<MessageRow> = { state: to, stateTimes: { [from]: 1, [to]: 2 }, error: to === 'failed' ? 'why' : null }
          const stays: Partial<MessageRow> = { state: from, stateTimes: { [from]: 1 }, error: 'before' }
          expect(await bench.store.messages.own(id, 'M1'), `${from} -> ${to}`).toMatchObject(ORDER[to] > ORDER[from] ? moved : stays)
        }
      }
    })

    it('ignores the absent and the messages of others', async () => {
      const id = bench.newSession()
      await commit(id, { kind: 'message.state', key: own, state: 'sent', at: 2 }, put(), { kind: 'message.state', key, state: 'read', at: 2 })
      expect(await get(id)).toEqual(message())
    })
  })

  describe('message.edit and message.delete', () => {
    it('takes the newest edit', async () => {
      const id = bench.newSession()
      void commit(id, put())
      const edit = (text: string, at: number, raw: Uint8Array | null) => commit(id, { kind: 'message.edit', key, text, at, raw })
      await bench.seen(edit('two', 20, new Uint8Array([2])), async () => expect(await get(id)).toEqual(message({ text: 'two', editedAt: 20, raw: new Uint8Array([2]) })))
      await bench.seen(edit('one', 10, null), async () => expect((await get(id))?.text).toBe('two'))
      await bench.seen(edit('three', 30, null), async () => expect(await get(id)).toEqual(message({ text: 'three', editedAt: 30, raw: new Uint8Array([2]) })))
    })

    it('drops the content of a deleted message and lets no edit back', async () => {
      const id = bench.newSession()
      const media = { mimetype: 'a/b', fileName: null, sizeBytes: null, durationSeconds: null, width: null, height: null, sha256: null }
      void commit(id, put({ media, quoted: { id: 'q', sender: null, type: 'text', text: 't' }, mentions: ['m'] }))
      const deleted = message({ text: null, raw: null, mentions: ['m'], deletedAt: 40 })
      await bench.seen(commit(id, { kind: 'message.delete', key, at: 40 }), async () => expect(await get(id)).toEqual(deleted))
      await bench.seen(commit(id, { kind: 'message.edit', key, text: 'x', at: 50, raw: null }, { kind: 'message.delete', key, at: 60 }), async () => expect(await get(id)).toEqual(deleted))
      expect(await bench.store.messages.newest(id, CHAT)).toBeNull()
    })

    it('removes a row', async () => {
      const id = bench.newSession()
      void commit(id, put(), put({ sender: '' }))
      await bench.seen(commit(id, { kind: 'message.remove', key }, { kind: 'message.remove', key: { ...key, id: 'absent' } }), async () => expect((await get(id))?.sender).toBe(''))
    })

    it('ignores the absent', async () => {
      const id = bench.newSession()
      await commit(id, { kind: 'message.edit', key, text: 'x', at: 1, raw: null }, { kind: 'message.delete', key, at: 1 }, { kind: 'message.react', key, from: '', emoji: 'x', timestamp: 1 })
      expect(await get(id)).toBeNull()
    })
  })

  describe('message.react', () => {
    it('keeps the newest reaction of each person', async () => {
      const id = bench.newSession()
      void commit(id, put())
      const react = (from: string, emoji: string | null, timestamp: number) => commit(id, { kind: 'message.react', key, from, emoji, timestamp })
      const reactions = async () => (await get(id))?.reactions.map((reaction) => [reaction.from, reaction.emoji])
      await bench.seen(react('a', '👍', 10), async () => expect(await reactions()).toEqual([['a', '👍']]))
      await bench.seen(react('', '❤️', 11), async () => expect(await reactions()).toEqual([['a', '👍'], ['', '❤️']]))
      await bench.seen(react('a', '👎', 9), async () => expect(await reactions()).toEqual([['a', '👍'], ['', '❤️']]))
      await bench.seen(react('a', '🎉', 12), async () => expect(await reactions()).toEqual(expect.arrayContaining([['a', '🎉'], ['', '❤️']])))
      await bench.seen(react('a', null, 11), async () => expect(await reactions()).toHaveLength(2))
      await bench.seen(react('a', null, 13), async () => expect(await reactions()).toEqual([['', '❤️']]))
      await bench.seen(react('absent', null, 13), async () => expect(await reactions()).toEqual([['', '❤️']]))
    })
  })
}
