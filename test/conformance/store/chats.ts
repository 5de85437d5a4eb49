import { describe, expect, it } from 'vitest'
import type { ChatRow } from '../../../src/store/store.ts'
import type { Bench } from '../store.ts'
import { put, walk } from './rows.ts'

const CHAT = '5215550001@s.whatsapp.net'
const empty = (id: string): ChatRow => ({ id, name: null, unreadCount: 0, conversationTimestamp: 0, archived: false, pin: null, mute: null, ephemeralExpiration: null, ephemeralSettingTimestamp: null, labels: [] })

/** Chats: defaults, touches, pages, deletion. */
export function testChats(bench: Bench): void {
  describe('chats', () => {
    it('creates a chat with defaults and changes only what is given', async () => {
      const id = bench.newSession()
      expect(await bench.store.chats.get(id, CHAT)).toBeNull()
      await bench.seen(bench.store.commit(id, [{ kind: 'chat.merge', id: CHAT, fields: {} }]), async () => expect(await bench.store.chats.get(id, CHAT)).toEqual(empty(CHAT)))
      const full = { name: 'Ana', unreadCount: -1, conversationTimestamp: 7, archived: true, pin: 1, mute: -1, ephemeralExpiration: 86_400, ephemeralSettingTimestamp: 5, labels: ['a', "b'%"] }
      await bench.seen(bench.store.commit(id, [{ kind: 'chat.merge', id: CHAT, fields: full }]), async () => expect(await bench.store.chats.get(id, CHAT)).toEqual({ id: CHAT, ...full }))
      await bench.seen(bench.store.commit(id, [{ kind: 'chat.merge', id: CHAT, fields: { pin: null, archived: false } }]), async () =>
        expect(await bench.store.chats.get(id, CHAT)).toEqual({ id: CHAT, ...full, pin: null, archived: false }),
      )
    })

    it('is touched by messages that come and go', async () => {
      const id = bench.newSession()
      const touch = (timestamp: number, unread: number) => bench.store.commit(id, [{ kind: 'chat.touch', id: CHAT, timestamp, unread }])
      const state = async () => {
        const chat = await bench.store.chats.get(id, CHAT)
        return [chat?.conversationTimestamp, chat?.unreadCount]
      }
      await bench.seen(touch(10, 1), async () => expect(await state()).toEqual([10, 1]))
      await bench.seen(touch(5, 1), async () => expect(await state()).toEqual([10, 2]))
      await bench.seen(touch(11, 0), async () => expect(await state()).toEqual([11, 2]))
      await bench.seen(touch(11, -5), async () => expect(await state()).toEqual([11, 0]))
      void bench.store.commit(id, [{ kind: 'chat.merge', id: CHAT, fields: { unreadCount: -1, name: 'kept' } }])
      await bench.seen(touch(12, 1), async () => expect(await state()).toEqual([12, 1]))
      expect((await bench.store.chats.get(id, CHAT))?.name).toBe('kept')
    })

    it('is known at once to a new message, whatever else is on its way', async () => {
      const id = bench.newSession()
      expect(await bench.store.chats.known(id, CHAT)).toBeNull()
      await bench.seen(bench.store.commit(id, [put({ chatId: CHAT })]), async () => expect(await bench.store.chats.known(id, CHAT)).toBeNull())
      await bench.seen(bench.store.commit(id, [{ kind: 'chat.touch', id: CHAT, timestamp: 10, unread: 1 }]), async () => expect(await bench.store.chats.known(id, CHAT)).toMatchObject({ ephemeralExpiration: null }))
      await bench.seen(bench.store.commit(id, [{ kind: 'chat.merge', id: CHAT, fields: { ephemeralExpiration: 60 } }]), async () => expect(await bench.store.chats.known(id, CHAT)).toMatchObject({ ephemeralExpiration: 60 }))
      await bench.seen(bench.store.commit(id, [{ kind: 'chat.delete', id: CHAT }]), async () => expect(await bench.store.chats.known(id, CHAT)).toBeNull())
    })

    it('pages newest first, ties by id, complete and without repeats while chats are added', async () => {
      const id = bench.newSession()
      const chats = Array.from({ length: 23 }, (_, index) => ({ id: `${index}@g.us`, timestamp: Math.floor(index / 7) }))
      await bench.store.commit(id, chats.map((chat) => ({ kind: 'chat.touch', id: chat.id, timestamp: chat.timestamp, unread: 0 }) as const))
      const expected = chats.toSorted((one, other) => other.timestamp - one.timestamp || (one.id < other.id ? 1 : -1)).map((chat) => chat.id)
      let added = 0
      const walked = await walk(4, async (request) => {
        const page = await bench.store.chats.page(id, request)
        void bench.store.commit(id, [{ kind: 'chat.touch', id: `new-${++added}@g.us`, timestamp: 1_000 + added, unread: 0 }])
        return page
      })
      expect(walked.map((chat) => chat.id)).toEqual(expected)
      expect(await bench.store.chats.count(id)).toBe(chats.length + added)
    })

    it('ends with null on a page that is exactly full', async () => {
      const id = bench.newSession()
      await bench.store.commit(id, [{ kind: 'chat.merge', id: 'a', fields: {} }, { kind: 'chat.merge', id: 'b', fields: {} }])
      expect((await bench.store.chats.page(id, { limit: 2, cursor: null })).next).toBeNull()
      expect(await bench.store.chats.page(bench.newSession(), { limit: 2, cursor: null })).toEqual({ rows: [], next: null })
    })

    it('is deleted with its messages, or cleared of them', async () => {
      const id = bench.newSession()
      await bench.store.commit(id, [put({ chatId: CHAT }), put({ chatId: 'other' }), { kind: 'chat.touch', id: CHAT, timestamp: 3, unread: 1 }])
      await bench.seen(bench.store.commit(id, [{ kind: 'chat.clear', id: CHAT }]), async () => {
        expect(await bench.store.messages.get(id, CHAT, 'M1')).toBeNull()
        expect((await bench.store.chats.get(id, CHAT))?.conversationTimestamp).toBe(3)
      })
      void bench.store.commit(id, [put({ chatId: CHAT })])
      await bench.seen(bench.store.commit(id, [{ kind: 'chat.delete', id: CHAT }]), async () => {
        expect(await bench.store.chats.get(id, CHAT)).toBeNull()
        expect(await bench.store.messages.get(id, CHAT, 'M1')).toBeNull()
        expect((await bench.store.messages.page(id, CHAT, { limit: 5, cursor: null })).rows).toEqual([])
        expect(await bench.store.messages.get(id, 'other', 'M1')).not.toBeNull()
      })
    })
  })
}
