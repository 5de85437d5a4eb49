import { describe, expect, it } from 'vitest'
import { Problem } from '../../src/errors.ts'
import type { Change } from '../../src/store/store.ts'
import { OWN_PHONE, testApp } from '../support/app.ts'

const ANA = '34600000002@s.whatsapp.net'
const GROUP = '120363000000000001@g.us'
const touch = (id: string, timestamp: number, unread = 0): Change => ({ kind: 'chat.touch', id, timestamp, unread })

const people: Change[] = [
  { kind: 'contact.merge', phone: '34600000002', lid: '222', fields: { name: 'Ana', pushName: 'anita' } },
  { kind: 'contact.merge', phone: null, lid: '333', fields: { pushName: 'Ben' } },
]
const group: Change = {
  kind: 'group.put',
  group: { id: GROUP, subject: 'Team', description: null, owner: ANA, createdAt: 1, announce: false, locked: false, ephemeralExpiration: null, participants: [{ id: ANA, role: 'admin' }, { id: '333@lid', role: 'member' }, { id: `${OWN_PHONE}@s.whatsapp.net`, role: 'member' }], raw: '{}' },
}

describe('GET /sessions/:session_id/chats', () => {
  it('200 newest first, with the names people go by', async () => {
    const { ask, link } = await testApp()
    await link('a', [...people, group, touch(ANA, 10, 2), touch(GROUP, 30), touch('333@lid', 20), touch('34600000009@s.whatsapp.net', 5), touch(`${OWN_PHONE}@s.whatsapp.net`, 1)])
    const answer = await ask('GET', '/sessions/a/chats')
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject([
      { id: GROUP, name: 'Team', isGroup: true, isMe: false, participant: null, conversationTimestamp: 30 },
      { id: '333@lid', name: 'Ben', isGroup: false },
      { id: ANA, name: 'Ana', unreadCount: 2 },
      { id: '34600000009@s.whatsapp.net', name: null },
      { id: `${OWN_PHONE}@s.whatsapp.net`, name: 'Me', isMe: true },
    ])
  })

  it('200 page by page, each chat once', async () => {
    const { ask, link } = await testApp()
    await link('a', Array.from({ length: 25 }, (_, number) => touch(`3460000${String(1000 + number)}@s.whatsapp.net`, 100)))
    const seen = new Set<string>()
    let pages = 0
    for (let url: string | undefined = '/sessions/a/chats?limit=10'; url; pages++) {
      const answer = await ask('GET', url)
      for (const { id } of answer.json<{ id: string }[]>()) seen.add(id)
      url = /^<(.+)>; rel="next"$/.exec(String(answer.headers.link ?? ''))?.[1]
    }
    expect([seen.size, pages]).toEqual([25, 3])
  })

  it('404 for an unknown session', async () => {
    const { ask } = await testApp()
    expect((await ask('GET', '/sessions/a/chats')).json()).toMatchObject({ code: 'SESSION_NOT_FOUND' })
  })
})

describe('GET /sessions/:session_id/chats/:chat_id', () => {
  it.each(['34600000002', '+34600000002', ANA, '34600000002@c.us', '34600000002:7@s.whatsapp.net', '222@lid'])('200 for the chat under %s', async (id) => {
    const { ask, link } = await testApp()
    await link('a', [...people, touch(ANA, 10)])
    const answer = await ask('GET', `/sessions/a/chats/${encodeURIComponent(id)}`)
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({ id: ANA, name: 'Ana', participant: null })
  })

  it('200 for a group, with its members', async () => {
    const { ask, link } = await testApp()
    await link('a', [...people, group, touch(GROUP, 30)])
    expect((await ask('GET', `/sessions/a/chats/${GROUP}`)).json()).toMatchObject({
      name: 'Team',
      participant: [
        { id: ANA, phone: '34600000002', lid: '222', name: 'Ana' },
        { id: '333@lid', phone: null, lid: '333', name: 'Ben' },
        { id: `${OWN_PHONE}@s.whatsapp.net`, phone: OWN_PHONE, lid: '111', name: 'Me' },
      ],
    })
  })

  it('200 for the chat with oneself, under the own LID', async () => {
    const { ask, link } = await testApp()
    await link('a', [touch(`${OWN_PHONE}@s.whatsapp.net`, 1)])
    expect((await ask('GET', '/sessions/a/chats/111@lid')).json()).toMatchObject({ isMe: true })
  })

  it.each(['hello', '0600', '12', '34600000001@example.com', 'x@g.us', '@s.whatsapp.net', '346000000011111111111'])('400 for %s', async (id) => {
    const { ask, link } = await testApp()
    await link('a')
    const answer = await ask('GET', `/sessions/a/chats/${encodeURIComponent(id)}`)
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: '/params/chat_id' }] })
  })

  it('404 for a number without a chat', async () => {
    const { ask, link } = await testApp()
    await link('a', people)
    const answer = await ask('GET', '/sessions/a/chats/34600000002')
    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toMatchObject({ code: 'CHAT_NOT_FOUND' })
  })
})

describe('PUT /sessions/:session_id/chats/refresh', () => {
  const progress = { chatsCount: 3, loadedChatsCount: 1, requestedChatsCount: 2 }

  it('200 when done, 202 while it runs', async () => {
    const asked: unknown[] = []
    const { ask, link } = await testApp({
      whatsapp: {
        async refresh(id, what, waitMs) {
          asked.push([id, what, waitMs])
          return { status: what.chats === 5 ? 'running' : 'ok', ...progress }
        },
      },
    })
    await link('a')
    const done = await ask('PUT', '/sessions/a/chats/refresh')
    expect([done.statusCode, done.json()]).toEqual([200, { status: 'ok', ...progress }])
    expect((await ask('PUT', '/sessions/a/chats/refresh?chats=5&messages=10')).statusCode).toBe(202)
    expect(asked).toEqual([['a', { chats: 20, messages: 50 }, 15_000], ['a', { chats: 5, messages: 10 }, 15_000]])
  })

  it('400 for more than 50 messages', async () => {
    const { ask } = await testApp()
    expect((await ask('PUT', '/sessions/a/chats/refresh?messages=51')).statusCode).toBe(400)
  })

  it('409 when not linked', async () => {
    const { ask } = await testApp({ whatsapp: { refresh: () => Promise.reject(new Problem('NOT_LINKED', 'Link it first.')) } })
    expect((await ask('PUT', '/sessions/a/chats/refresh')).json()).toMatchObject({ code: 'NOT_LINKED', status: 409 })
  })
})

describe('GET /sessions/:session_id/chats/:chat_id/contact', () => {
  it('200 for a number without a chat, asked by its canonical id', async () => {
    const { ask, link } = await testApp()
    await link('a', people)
    const answer = await ask('GET', '/sessions/a/chats/222@lid/contact')
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({ id: ANA })
  })

  it('400 for a group', async () => {
    const { ask, link } = await testApp()
    await link('a', [group])
    expect((await ask('GET', `/sessions/a/chats/${GROUP}/contact`)).statusCode).toBe(400)
  })
})
