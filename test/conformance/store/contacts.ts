import { describe, expect, it } from 'vitest'
import type { Change } from '../../../src/store/store.ts'
import type { Bench } from '../store.ts'
import { message, put } from './rows.ts'

const PHONE = '5215550001'
const LID = '900100200'
const P = `${PHONE}@s.whatsapp.net`
const L = `${LID}@lid`
const GROUP = '120363000000000001@g.us'
const NAMES = { name: null, shortName: null, pushName: null, verifiedName: null }

const merge = (phone: string | null, lid: string | null, fields: Extract<Change, { kind: 'contact.merge' }>['fields'] = {}): Change => ({ kind: 'contact.merge', phone, lid, fields })

/** Contacts, and what moves when the phone behind a LID becomes known. */
export function testContacts(bench: Bench): void {
  const commit = (session: string, ...changes: Change[]) => bench.store.commit(session, changes)

  describe('contacts', () => {
    it('finds one row under both ids, and leaves out who is absent', async () => {
      const id = bench.newSession()
      const row = { id: P, phone: PHONE, lid: LID, ...NAMES, pushName: 'Ana' }
      await bench.seen(commit(id, merge(PHONE, LID, { pushName: 'Ana' })), async () => expect(await bench.store.contacts.get(id, [P, L, '1234567@lid'])).toEqual(new Map([[P, row], [L, row]])))
      await bench.seen(commit(id, merge(PHONE, null, { name: 'Ana B.' })), async () => expect((await bench.store.contacts.get(id, [L])).get(L)).toEqual({ ...row, name: 'Ana B.' }))
      await bench.seen(commit(id, merge(null, LID, { pushName: null, verifiedName: 'AB' })), async () => expect((await bench.store.contacts.get(id, [P])).get(P)).toEqual({ ...row, name: 'Ana B.', pushName: null, verifiedName: 'AB' }))
    })

    it('is listed under its LID until the phone is known', async () => {
      const id = bench.newSession()
      await bench.seen(commit(id, merge(null, LID, { pushName: 'Ana' })), async () => expect((await bench.store.contacts.get(id, [L])).get(L)).toEqual({ id: L, phone: null, lid: LID, ...NAMES, pushName: 'Ana' }))
      await bench.seen(commit(id, merge(PHONE, LID)), async () => expect((await bench.store.contacts.get(id, [L])).get(L)).toEqual({ id: P, phone: PHONE, lid: LID, ...NAMES, pushName: 'Ana' }))
    })

    it('joins two rows, the phone\'s names first', async () => {
      const id = bench.newSession()
      void commit(id, merge(null, LID, { pushName: 'of the lid', shortName: 'short' }))
      void commit(id, merge(PHONE, null, { pushName: 'of the phone' }))
      await bench.seen(commit(id, merge(PHONE, LID, { verifiedName: 'v' })), async () => {
        const row = { id: P, phone: PHONE, lid: LID, name: null, shortName: 'short', pushName: 'of the phone', verifiedName: 'v' }
        expect(await bench.store.contacts.get(id, [P, L])).toEqual(new Map([[P, row], [L, row]]))
      })
    })

    it('gives a LID to another phone, and a phone another LID', async () => {
      const id = bench.newSession()
      await commit(id, merge('5215550002', LID, { name: 'old number' }))
      await bench.seen(commit(id, merge(PHONE, LID, { name: 'new number' })), async () => {
        const found = await bench.store.contacts.get(id, [P, L, '5215550002@s.whatsapp.net'])
        expect(found.get(L)?.id).toBe(P)
        expect(found.get(P)?.name).toBe('new number')
        expect(found.get('5215550002@s.whatsapp.net')).toEqual({ id: '5215550002@s.whatsapp.net', phone: '5215550002', lid: null, ...NAMES, name: 'old number' })
      })
      await bench.seen(commit(id, merge(PHONE, '77')), async () => {
        const found = await bench.store.contacts.get(id, [P, L, '77@lid'])
        expect([...found.keys()]).toEqual([P, '77@lid'])
      })
    })
  })

  describe('a LID whose phone becomes known', () => {
    it('moves the chat', async () => {
      const id = bench.newSession()
      void commit(id, { kind: 'chat.merge', id: L, fields: { name: 'Ana', unreadCount: 2, conversationTimestamp: 9, labels: ['x'] } })
      await bench.seen(commit(id, merge(PHONE, LID)), async () => {
        expect(await bench.store.chats.get(id, L)).toBeNull()
        expect(await bench.store.chats.get(id, P)).toMatchObject({ id: P, name: 'Ana', unreadCount: 2, conversationTimestamp: 9, labels: ['x'] })
      })
    })

    it('makes two chats one: later timestamp, both counts, the phone\'s fields where set', async () => {
      const id = bench.newSession()
      void commit(id, { kind: 'chat.merge', id: L, fields: { name: 'of lid', unreadCount: 2, conversationTimestamp: 9, pin: 4, mute: 6 } })
      void commit(id, { kind: 'chat.merge', id: P, fields: { name: 'of phone', unreadCount: 3, conversationTimestamp: 5, mute: 8, archived: true } })
      await bench.seen(commit(id, merge(PHONE, LID)), async () => {
        expect(await bench.store.chats.count(id)).toBe(1)
        expect(await bench.store.chats.get(id, P)).toMatchObject({ name: 'of phone', unreadCount: 5, conversationTimestamp: 9, pin: 4, mute: 8, archived: true })
      })
    })

    it('moves messages: chat, sender, quoted sender, mentions and reactions, in every chat', async () => {
      const id = bench.newSession()
      const other = '5@lid'
      await commit(
        id,
        put({ chatId: L, sender: L, id: 'in', timestamp: 1 }),
        put({ chatId: L, sender: '', id: 'out', timestamp: 2, state: 'queued' }),
        put({ chatId: GROUP, sender: L, id: 'sent', timestamp: 1 }),
        put({ chatId: GROUP, sender: other, id: 'quoting', timestamp: 2, quoted: { id: 'sent', sender: L, type: 'text', text: 'hola' } }),
        put({ chatId: GROUP, sender: '', id: 'mentioning', timestamp: 3, mentions: [other, L] }),
        put({ chatId: GROUP, sender: '', id: 'reacted', timestamp: 4 }),
        { kind: 'message.react', key: { chatId: GROUP, id: 'reacted', sender: '' }, from: L, emoji: '👍', timestamp: 5 },
        put({ chatId: GROUP, sender: other, id: 'untouched', timestamp: 5 }),
      )
      const untouched = await bench.store.messages.get(id, GROUP, 'untouched')
      await bench.seen(commit(id, merge(PHONE, LID)), async () => {
        expect((await bench.store.messages.own(id, 'out'))?.chatId).toBe(P)
        expect(await bench.store.messages.find(id, { chatId: P, sender: P, id: 'in' })).toMatchObject({ text: 'hola', raw: new Uint8Array([1, 2, 3]) })
        expect((await bench.store.messages.page(id, P, { limit: 9, cursor: null })).rows.map((row) => [row.id, row.sender])).toEqual([['out', ''], ['in', P]])
        expect(await bench.store.messages.get(id, L, 'in')).toBeNull()
        expect(await bench.store.messages.find(id, { chatId: GROUP, sender: L, id: 'sent' })).toBeNull()
        expect((await bench.store.messages.get(id, GROUP, 'sent'))?.sender).toBe(P)
        expect((await bench.store.messages.get(id, GROUP, 'quoting'))?.quoted).toEqual({ id: 'sent', sender: P, type: 'text', text: 'hola' })
        expect((await bench.store.messages.get(id, GROUP, 'mentioning'))?.mentions).toEqual([other, P])
        expect((await bench.store.messages.own(id, 'reacted'))?.reactions).toEqual([{ from: P, emoji: '👍', timestamp: 5 }])
        expect(await bench.store.messages.get(id, GROUP, 'untouched')).toEqual(untouched)
      })
      await commit(id, merge('5215550009', '5'))
      expect((await bench.store.messages.get(id, GROUP, 'quoting'))?.sender).toBe('5215550009@s.whatsapp.net')
    })

    it('keeps the phone\'s message where both chats have it, unless that one is undecryptable', async () => {
      const id = bench.newSession()
      await commit(
        id,
        put({ chatId: P, sender: P, id: 'both', text: 'phone', timestamp: 1 }),
        put({ chatId: L, sender: L, id: 'both', text: 'lid', timestamp: 1 }),
        put({ chatId: P, sender: P, id: 'stub', type: 'undecryptable', text: null, timestamp: 2 }),
        put({ chatId: L, sender: L, id: 'stub', text: 'lid', timestamp: 2 }),
        put({ chatId: P, sender: P, id: 'last', timestamp: 2 }),
        put({ chatId: L, sender: L, id: 'earlier', text: 'lid', timestamp: 3 }),
        put({ chatId: P, sender: P, id: 'earlier', type: 'undecryptable', text: null, timestamp: 3 }),
      )
      await bench.seen(commit(id, merge(PHONE, LID)), async () =>
        expect((await bench.store.messages.page(id, P, { limit: 9, cursor: null })).rows.map((row) => [row.id, row.text])).toEqual([['earlier', 'lid'], ['last', 'hola'], ['stub', 'lid'], ['both', 'phone']]),
      )
    })

    it('keeps one reaction and one mention a person', async () => {
      const id = bench.newSession()
      const reactions = [{ from: L, emoji: 'old', timestamp: 1 }, { from: '', emoji: 'mine', timestamp: 1 }, { from: P, emoji: 'new', timestamp: 2 }]
      void commit(id, put({ chatId: GROUP, id: 'R', reactions, mentions: [P, L] }))
      await bench.seen(commit(id, merge(PHONE, LID)), async () => {
        const row = await bench.store.messages.get(id, GROUP, 'R')
        expect(row?.mentions).toEqual([P])
        expect(row?.reactions).toHaveLength(2)
        expect(row?.reactions).toContainEqual({ from: P, emoji: 'new', timestamp: 2 })
      })
    })

    it('moves accepted sends', async () => {
      const id = bench.newSession()
      void commit(id, { kind: 'outbox.put', id: 'O', chatId: L, content: '{}', acceptedAt: 1, expiresAt: 2 })
      await bench.seen(commit(id, merge(PHONE, LID)), async () => expect((await bench.store.outbox.pending(id, 0, 5))[0]?.chatId).toBe(P))
    })

    it('moves again what was written under the LID after that', async () => {
      const id = bench.newSession()
      await commit(id, merge(PHONE, LID))
      void commit(id, { kind: 'chat.touch', id: L, timestamp: 4, unread: 1 }, put({ chatId: L, sender: L, id: 'late' }))
      await bench.seen(commit(id, merge(PHONE, LID)), async () => {
        expect((await bench.store.chats.get(id, P))?.unreadCount).toBe(1)
        expect((await bench.store.messages.get(id, P, 'late'))?.sender).toBe(P)
      })
    })

    it('touches no other session', async () => {
      const [id, other] = [bench.newSession(), bench.newSession()]
      await commit(other, { kind: 'chat.touch', id: L, timestamp: 4, unread: 1 }, put({ chatId: L, sender: L }))
      await commit(id, merge(PHONE, LID))
      expect(await bench.store.chats.get(other, L)).not.toBeNull()
      expect(await bench.store.messages.get(other, L, message().id)).not.toBeNull()
      expect((await bench.store.contacts.get(other, [P, L])).size).toBe(0)
    })
  })
}
