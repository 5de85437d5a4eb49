import { describe, expect, it } from 'vitest'
import type { SendMessage } from '../../schemas/send-message.ts'
import { Problem } from '../../src/errors.ts'
import type { Change, MessageRow } from '../../src/store/store.ts'
import { OWN_PHONE, testApp } from '../support/app.ts'

const ANA = '34600000002@s.whatsapp.net'
const URL = '/sessions/a/chats/34600000002/messages'

const message = (fields: Partial<MessageRow>): Change => ({
  kind: 'message.put',
  message: { chatId: ANA, id: 'M1', sender: ANA, type: 'text', text: 'hola', content: null, timestamp: 100, state: null, stateTimes: {}, error: null, fingerprint: null, quoted: null, mentions: [], reactions: [], editedAt: null, deletedAt: null, media: null, raw: null, ...fields },
})
const chat: Change[] = [
  { kind: 'contact.merge', phone: '34600000002', lid: '222', fields: { name: 'Ana' } },
  { kind: 'chat.touch', id: ANA, timestamp: 100, unread: 0 },
]
const ana = { id: ANA, phone: '34600000002', lid: '222', name: 'Ana' }
const me = { id: `${OWN_PHONE}@s.whatsapp.net`, phone: OWN_PHONE, lid: '111', name: 'Me' }

describe('GET .../messages', () => {
  it('200 newest first, naming everybody', async () => {
    const { ask, link } = await testApp()
    await link('a', [...chat, message({}), message({
      id: 'M2', sender: '', text: 'qué tal', content: null, timestamp: 200, state: 'read', stateTimes: { sent: 1_700_000_000_000, read: 1_700_000_001_500 }, editedAt: 1_700_000_000_000, mentions: [ANA],
      quoted: { id: 'M1', sender: ANA, type: 'text', text: 'hola' },
      reactions: [{ from: ANA, emoji: '👍', timestamp: 300 }, { from: '', emoji: '❤️', timestamp: 301 }],
      media: { mimetype: 'image/png', fileName: null, sizeBytes: 10, durationSeconds: null, width: 1, height: 1, sha256: null },
    })])
    const answer = await ask('GET', URL)
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual([
      {
        id: 'M2', chatId: ANA, from: me, fromMe: true, type: 'text', text: 'qué tal', content: null, timestamp: 200, state: 'read', stateTimes: { sentAt: '2023-11-14T22:13:20.000Z', readAt: '2023-11-14T22:13:21.500Z' }, error: null,
        quoted: { id: 'M1', from: ana, type: 'text', text: 'hola' }, mentions: [ANA],
        reactions: [{ from: ana, emoji: '👍', timestamp: 300 }, { from: me, emoji: '❤️', timestamp: 301 }],
        edited: true, editedAt: '2023-11-14T22:13:20.000Z', deleted: false, deletedAt: null,
        media: { mimetype: 'image/png', fileName: null, sizeBytes: 10, durationSeconds: null, width: 1, height: 1, sha256: null },
      },
      {
        id: 'M1', chatId: ANA, from: ana, fromMe: false, type: 'text', text: 'hola', content: null, timestamp: 100, state: null, stateTimes: null, error: null,
        quoted: null, mentions: [], reactions: [], edited: false, editedAt: null, deleted: false, deletedAt: null, media: null,
      },
    ])
  })

  it('200 page by page, each message once though all are of one second', async () => {
    const { ask, link } = await testApp()
    await link('a', [...chat, ...Array.from({ length: 23 }, (_, number) => message({ id: `M${number}` }))])
    const seen: string[] = []
    for (let url: string | undefined = `${URL}?limit=10`; url;) {
      const answer = await ask('GET', url)
      seen.push(...answer.json<{ id: string }[]>().map(({ id }) => id))
      url = /^<(.+)>; rel="next"$/.exec(String(answer.headers.link ?? ''))?.[1]
    }
    expect(seen).toEqual(Array.from({ length: 23 }, (_, number) => `M${22 - number}`))
  })

  it('404 without a chat', async () => {
    const { ask, link } = await testApp()
    await link('a')
    expect((await ask('GET', URL)).json()).toMatchObject({ code: 'CHAT_NOT_FOUND' })
  })
})

describe('GET .../messages/:message_id', () => {
  it('200', async () => {
    const { ask, link } = await testApp()
    await link('a', [...chat, message({})])
    expect((await ask('GET', `${URL}/M1`)).json()).toMatchObject({ id: 'M1', text: 'hola', from: ana })
  })

  it('404 for an unknown message', async () => {
    const { ask, link } = await testApp()
    await link('a', chat)
    const answer = await ask('GET', `${URL}/M9`)
    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toMatchObject({ code: 'MESSAGE_NOT_FOUND' })
  })
})

describe('POST .../messages', () => {
  it('201 once the server has it', async () => {
    const { ask, link } = await testApp()
    await link('a')
    const answer = await ask('POST', URL, { body: { text: 'hola' } })
    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toEqual({ status: 'sent', messageId: '3EB0', timestamp: 1_700_000_000, message: 'hola' })
  })

  it('202 while it is queued', async () => {
    const { ask, link } = await testApp({ whatsapp: { send: async () => ({ sent: { status: 'queued', messageId: 'X', timestamp: 1, message: 'hola' }, replayed: false }) } })
    await link('a')
    expect((await ask('POST', URL, { body: { text: 'hola' } })).statusCode).toBe(202)
  })

  it.each([
    [undefined, 10_000], ['respond-async', 0], ['wait=3', 3000], ['wait=100', 25_000], ['respond-async, wait=3', 0], ['return=minimal; x=1, wait="4"', 4000], ['wait=soon', 10_000],
  ])('waits as Prefer: %s says', async (prefer, waitMs) => {
    let waited = -1
    const { ask, link } = await testApp({
      whatsapp: {
        async send(_id, _chat, _message, how) {
          waited = how.waitMs
          return { sent: { status: 'sent', messageId: 'X', timestamp: 1, message: null }, replayed: false }
        },
      },
    })
    await link('a')
    await ask('POST', URL, { body: { text: 'hola' }, headers: prefer === undefined ? {} : { prefer } })
    expect(waited).toBe(waitMs)
  })

  it('tells a replay, and hands on the key', async () => {
    const keys: (string | null)[] = []
    const { ask, link } = await testApp({
      whatsapp: {
        async send(_id, _chat, _message, { key }) {
          keys.push(key)
          return { sent: { status: 'sent', messageId: 'X', timestamp: 1, message: 'hola' }, replayed: key !== null }
        },
      },
    })
    await link('a')
    const replay = await ask('POST', URL, { body: { text: 'hola' }, headers: { 'idempotency-key': 'order-1' } })
    const fresh = await ask('POST', URL, { body: { text: 'hola' } })
    expect([replay.headers['idempotent-replayed'], fresh.headers['idempotent-replayed']]).toEqual(['true', undefined])
    expect(keys).toEqual(['order-1', null])
  })

  it.each(['a\u0000b', '👩‍👩‍👧‍👦', ' ', '\n', '{{{', '\u202e', 'ñ'.repeat(60_000)])('201 with the text as it is: %j', async (text) => {
    const sent: string[] = []
    const { ask, link } = await testApp({
      whatsapp: {
        async send(_id, _chat, body) {
          if (body.type === 'text') sent.push(body.text)
          return { sent: { status: 'sent', messageId: 'X', timestamp: 1, message: text }, replayed: false }
        },
      },
    })
    await link('a')
    expect((await ask('POST', URL, { body: { text } })).json()).toMatchObject({ message: text })
    expect(sent).toEqual([text])
  })

  it.each([[{}, '/body/text'], [{ text: '' }, '/body/text'], [{ text: 1 }, '/body/text'], [{ text: null }, '/body/text'], [{ text: 'a', colour: 'red' }, '/body/colour'], [['a'], '/body'], [undefined, '/body'], ['"text"', '/body']])('400 for %j', async (body, path) => {
    const { ask, link } = await testApp()
    await link('a')
    const answer = await ask('POST', URL, { body, headers: { 'content-type': 'application/json' } })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path }] })
  })

  it.each([
    [{ type: 'telegram', text: 'a' }, '/body'], [{ type: 'text', text: 'a', mentions: 'all' }, '/body/mentions'], [{ text: 'a', replyTo: '' }, '/body/replyTo'],
    [{ type: 'location', latitude: 91, longitude: 0 }, '/body/latitude'], [{ type: 'location', latitude: 1 }, '/body/longitude'], [{ type: 'location', latitude: 1, longitude: 2, url: 'here' }, '/body/url'],
    [{ type: 'contacts', contacts: [] }, '/body/contacts'], [{ type: 'contacts', contacts: [{ name: 'Ana', phone: 'none' }] }, '/body/contacts/0/phone'],
    [{ type: 'poll', question: 'A?', options: ['one'] }, '/body/options'], [{ type: 'poll', question: 'A?', options: Array.from({ length: 13 }, (_, place) => String(place)) }, '/body/options'],
    [{ type: 'poll', question: 'A?', options: ['one', 'one'] }, '/body/options'], [{ type: 'event', name: 'Dinner', startsAt: 'soon' }, '/body/startsAt'], [{ type: 'event', name: 'Dinner' }, '/body/startsAt'],
    [{ type: 'groupInvite', groupId: 'team', code: 'AbCdEfGh', name: 'Team' }, '/body/groupId'], [{ type: 'location', latitude: 1, longitude: 2, text: 'a' }, '/body/text'],
  ])('400 for %j', async (body, path) => {
    const { ask, link } = await testApp()
    await link('a')
    const answer = await ask('POST', URL, { body })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path }] })
  })

  it('hands on what a message is, a text where nothing is said', async () => {
    const sent: SendMessage[] = []
    const { ask, link } = await testApp({
      whatsapp: {
        async send(_id, _chat, body) {
          sent.push(body)
          return { sent: { status: 'sent', messageId: 'X', timestamp: 1, message: null }, replayed: false }
        },
      },
    })
    await link('a')
    await ask('POST', URL, { body: { text: 'hola', replyTo: 'M1' } })
    await ask('POST', URL, { body: { type: 'poll', question: 'A?', options: ['one', 'two'] } })
    expect(sent).toEqual([{ type: 'text', text: 'hola', replyTo: 'M1' }, { type: 'poll', question: 'A?', options: ['one', 'two'], selectableCount: 1 }])
  })

  it('404 for an unknown session', async () => {
    const { ask } = await testApp()
    expect((await ask('POST', URL, { body: { text: 'hola' } })).json()).toMatchObject({ code: 'SESSION_NOT_FOUND' })
  })

  it.each([['NOT_LINKED', 409], ['NOT_ON_WHATSAPP', 422], ['TEXT_TOO_LONG', 422], ['MESSAGE_REJECTED', 422], ['QUEUE_FULL', 429], ['WHATSAPP_UNAVAILABLE', 503]] as const)('%s answers %i', async (code, status) => {
    const { ask, link } = await testApp({ whatsapp: { send: () => Promise.reject(new Problem(code, 'Because.')) } })
    await link('a')
    const answer = await ask('POST', URL, { body: { text: 'hola' } })
    expect(answer.statusCode).toBe(status)
    expect(answer.json()).toMatchObject({ code })
    expect(answer.headers['retry-after']).toBe(status === 429 || status === 503 ? '5' : undefined)
  })
})
