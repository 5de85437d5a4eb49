import { describe, expect, it } from 'vitest'
import type { Bench } from '../store.ts'
import { group, message, put } from './rows.ts'

const TEXTS = {
  'emoji and joined emoji': '😀 👩‍👩‍👧‍👦 🇲🇽',
  'right to left': 'مرحبا \u202bשלום\u202c',
  'NUL bytes': 'a\u0000b\u0000',
  'NUL first': '\u0000',
  'other controls': '\u0001\u0002\u0001\u0000\u0001\u001f\u007f',
  'quotes and percent signs': `o'clock "%" _ \\ ; -- DROP TABLE messages`,
  'combining marks': 'e\u0301 é',
  '65,536 characters': 'ñ'.repeat(65_536),
  empty: '',
}

/** Texts and ids that stores like to break. */
export function testTexts(bench: Bench): void {
  describe('texts survive', () => {
    it.each(Object.entries(TEXTS))('%s', async (_name, text) => {
      const id = bench.newSession()
      const { store } = bench
      const row = message({ text, chatId: `${text}@c`, id: `${text}id`, sender: `${text}s`, quoted: { id: text, sender: text, type: 'text', text }, mentions: [text], reactions: [{ from: text, emoji: text, timestamp: 1 }] })
      const commit = store.commit(id, [
        { kind: 'message.put', message: row },
        put({ chatId: row.chatId, sender: '', id: row.id }),
        { kind: 'chat.merge', id: row.chatId, fields: { name: text, labels: [text] } },
        { kind: 'auth.put', keys: [{ type: text, id: text, value: text }] },
        { kind: 'contact.merge', phone: '5215550001', lid: null, fields: { pushName: text } },
        { kind: 'group.put', group: group({ subject: text, raw: text }) },
        { kind: 'outbox.put', id: text, chatId: text, content: text, acceptedAt: 1, expiresAt: 9_999_999_999_999 },
      ])
      await bench.seen(commit, async () => {
        expect(await store.messages.find(id, row)).toEqual(row)
        expect((await store.messages.page(id, row.chatId, { limit: 2, cursor: null })).rows[1]?.text).toBe(text)
        expect((await store.messages.own(id, row.id))?.chatId).toBe(row.chatId)
        expect(await store.chats.get(id, row.chatId)).toMatchObject({ id: row.chatId, name: text, labels: [text] })
        expect((await store.chats.page(id, { limit: 2, cursor: null })).rows[0]?.id).toBe(row.chatId)
        expect(await store.auth.get(id, text, [text])).toEqual(new Map([[text, text]]))
        expect((await store.contacts.get(id, ['5215550001@s.whatsapp.net'])).get('5215550001@s.whatsapp.net')?.pushName).toBe(text)
        expect(await store.groups.get(id, group().id)).toMatchObject({ subject: text, raw: text })
        expect((await store.outbox.pending(id, 0, 1))[0]).toMatchObject({ id: text, chatId: text, content: text })
      })
    })

    it('and like-looking ids are not mixed up', async () => {
      const id = bench.newSession()
      const ids = ['a', 'A', 'a%', 'a_', "a'", 'a\u0000', 'a\u0001', 'a\u0001\u0001', 'a\u0000b', 'á', 'a\u0301', ' a', 'a ']
      await bench.store.commit(id, ids.map((chat) => ({ kind: 'chat.merge', id: chat, fields: { name: `name of ${chat}` } }) as const))
      for (const chat of ids) expect((await bench.store.chats.get(id, chat))?.name).toBe(`name of ${chat}`)
      expect(await bench.store.chats.count(id)).toBe(ids.length)
    })
  })
}
