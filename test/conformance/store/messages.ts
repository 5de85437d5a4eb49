import { describe, expect, it } from 'vitest'
import type { MessageRow } from '../../../src/store/store.ts'
import type { Bench } from '../store.ts'
import { message, put, walk } from './rows.ts'

const CHAT = message().chatId

/** Messages as they are read. */
export function testMessages(bench: Bench): void {
  describe('messages', () => {
    it('gives back every field', async () => {
      const id = bench.newSession()
      const full: MessageRow = message({
        sender: '',
        type: 'image',
        state: 'read',
        stateTimes: { queued: 1, sent: 2, read: 3 },
        error: 'none',
        quoted: { id: 'Q', sender: null, type: 'sticker', text: null },
        mentions: ['1@lid', '2@s.whatsapp.net'],
        reactions: [{ from: '', emoji: '❤️', timestamp: 5 }],
        editedAt: 6,
        deletedAt: null,
        media: { mimetype: 'image/jpeg', fileName: null, sizeBytes: 3, durationSeconds: null, width: 4, height: 5, sha256: 'x' },
        raw: new Uint8Array([0, 255, 0, 128]),
      })
      const bare = message({ id: 'bare', raw: null, text: null, state: null, timestamp: 0 })
      const { raw: _, ...view } = full
      await bench.seen(bench.store.commit(id, [{ kind: 'message.put', message: full }, { kind: 'message.put', message: bare }]), async () => {
        expect(await bench.store.messages.get(id, CHAT, 'M1')).toEqual(full)
        expect(await bench.store.messages.find(id, full)).toEqual(full)
        expect(await bench.store.messages.own(id, 'M1')).toEqual(view)
        expect(await bench.store.messages.get(id, CHAT, 'bare')).toEqual(bare)
        expect((await bench.store.messages.page(id, CHAT, { limit: 1, cursor: null })).rows).toEqual([view])
      })
    })

    it('keeps only the bytes of a view of a larger buffer', async () => {
      const id = bench.newSession()
      await bench.store.commit(id, [put({ raw: new Uint8Array([9, 1, 2, 9]).subarray(1, 3) }), put({ id: 'pooled', raw: Buffer.from('pooled') })])
      expect((await bench.store.messages.get(id, CHAT, 'M1'))?.raw).toEqual(new Uint8Array([1, 2]))
      expect(Buffer.from((await bench.store.messages.get(id, CHAT, 'pooled'))?.raw ?? []).toString()).toBe('pooled')
    })

    it('tells apart one id in several chats and of several senders; get finds the one stored first', async () => {
      const id = bench.newSession()
      const rows = [put({ sender: 'b', text: 'first', timestamp: 9 }), put({ sender: 'a', text: 'second', timestamp: 1 }), put({ sender: '', text: 'mine' }), put({ chatId: 'other', sender: 'b', text: 'elsewhere' })]
      await bench.seen(bench.store.commit(id, rows), async () => {
        expect((await bench.store.messages.get(id, CHAT, 'M1'))?.text).toBe('first')
        expect((await bench.store.messages.find(id, { chatId: CHAT, id: 'M1', sender: 'a' }))?.text).toBe('second')
        expect((await bench.store.messages.find(id, { chatId: 'other', id: 'M1', sender: 'b' }))?.text).toBe('elsewhere')
        expect((await bench.store.messages.own(id, 'M1'))?.text).toBe('mine')
        expect(await bench.store.messages.find(id, { chatId: 'other', id: 'M1', sender: 'a' })).toBeNull()
        expect(await bench.store.messages.own(id, 'M2')).toBeNull()
      })
    })

    it('finds no message of another session', async () => {
      const [id, other] = [bench.newSession(), bench.newSession()]
      await bench.store.commit(id, [put({ sender: '' })])
      expect(await bench.store.messages.get(other, CHAT, 'M1')).toBeNull()
      expect(await bench.store.messages.own(other, 'M1')).toBeNull()
      expect((await bench.store.messages.page(other, CHAT, { limit: 1, cursor: null })).rows).toEqual([])
    })

    it('pages by timestamp, the one stored last first within a second, complete and without repeats while messages come', async () => {
      const id = bench.newSession()
      const stored = Array.from({ length: 40 }, (_, index) => ({ id: `m${index}`, timestamp: Math.floor(((index * 7) % 40) / 9) }))
      await bench.store.commit(id, stored.map((fields) => put(fields)))
      const expected = stored.map((fields, place) => ({ ...fields, place })).toSorted((one, other) => other.timestamp - one.timestamp || other.place - one.place)
      let added = 0
      const walked = await walk(3, async (request) => {
        const page = await bench.store.messages.page(id, CHAT, request)
        void bench.store.commit(id, [put({ id: `new${++added}`, timestamp: 100 }), put({ id: `tie${added}`, timestamp: 4 })])
        return page
      })
      const old = walked.filter((row) => row.id.startsWith('m'))
      expect(old.map((row) => row.id)).toEqual(expected.map((row) => row.id))
      expect(new Set(walked.map((row) => row.id)).size).toBe(walked.length)
    })

    it('knows the oldest and the newest with bytes', async () => {
      const id = bench.newSession()
      expect(await bench.store.messages.oldest(id, CHAT)).toBeNull()
      expect(await bench.store.messages.newest(id, CHAT)).toBeNull()
      const rows = [put({ id: 'a', timestamp: 1, raw: null }), put({ id: 'c', timestamp: 3 }), put({ id: 'b', timestamp: 2 }), put({ id: 'd', timestamp: 3 }), put({ id: 'e', timestamp: 9, raw: null }), put({ chatId: 'other', timestamp: 0 })]
      await bench.seen(bench.store.commit(id, rows), async () => {
        expect((await bench.store.messages.oldest(id, CHAT))?.id).toBe('b')
        expect((await bench.store.messages.newest(id, CHAT))?.id).toBe('d')
        expect((await bench.store.messages.newest(id, CHAT))?.raw).toEqual(new Uint8Array([1, 2, 3]))
      })
    })
  })
}
