import { beforeAll, describe, expect, it } from 'vitest'
import type { Chat } from '../../../schemas/chat.ts'
import type { Message } from '../../../schemas/message.ts'
import { allPages, lidOf, linkNamed, personOf, refusesBadSessionIds, refusesStrangers, refusesUnknownSessions, useGateway } from '../../support/rows.ts'
import { until } from '../../support/wait.ts'

const gateway = useGateway()
const OWNER = '15550100001'
const CHATS = 25
const MESSAGES = 60
const OLDER = 20

/** The chats of the invented past, newest first, as the simulator names them. */
let past: readonly string[] = []
/** The API's chats once the whole history has arrived. */
let chats: readonly Chat[] = []

beforeAll(async () => {
  past = (await gateway.simulator.seedHistory(OWNER, { chats: CHATS, messagesPerChat: MESSAGES, olderPerChat: OLDER })).chats
  await linkNamed(gateway, 'past', OWNER, 'Olga')
  await gateway.call('POST', '/sessions/unlinked')
  chats = await until(async () => {
    const found = await gateway.chats('past')
    return found.length >= CHATS && found.every(({ conversationTimestamp }) => conversationTimestamp > 0) && found
  }, 'the history')
  await until(async () => (await gateway.messages('past', chats.at(-1)?.id ?? '')).length === 50, 'the last chat of the history')
})

describe('GET /sessions/:session_id/chats', () => {
  refusesStrangers(gateway, 'GET', '/sessions/past/chats')
  refusesBadSessionIds(gateway, 'GET', '/chats')
  refusesUnknownSessions(gateway, 'GET', '/chats')

  it('200 with every chat of the history once, newest first', async () => {
    expect(chats).toHaveLength(CHATS)
    const lids = new Map(gateway.simulator.manifest().contacts.map(({ phone, lid }) => [`${lid}@lid`, `${phone}@s.whatsapp.net`]))
    expect(chats.map(({ id }) => id)).toEqual(past.map((chat) => lids.get(chat) ?? chat))
    const times = chats.map(({ conversationTimestamp }) => conversationTimestamp)
    expect(times).toEqual([...times].sort((a, b) => b - a))
  })

  it('200 with the exact shape of a chat with a person', async () => {
    const contact = gateway.simulator.manifest().contacts.find(({ lid }) => `${lid}@lid` === past[1])
    expect(chats[1]).toEqual({
      id: `${contact?.phone ?? ''}@s.whatsapp.net`, name: contact?.name, isGroup: false, isMe: false, unreadCount: 1, conversationTimestamp: expect.any(Number), participant: null,
      ephemeralExpiration: null, ephemeralSettingTimestamp: null, mute: null, pin: null, archived: false, labels: [],
    })
    expect(chats.slice(0, 5).map(({ unreadCount }) => unreadCount)).toEqual([0, 1, 2, 3, 4])
  })

  it('200 with the exact shape of a group', () => {
    expect(chats[2]).toEqual({
      id: past[2], name: 'Group 3', isGroup: true, isMe: false, unreadCount: 2, conversationTimestamp: expect.any(Number), participant: null,
      ephemeralExpiration: null, ephemeralSettingTimestamp: null, mute: null, pin: null, archived: false, labels: [],
    })
  })

  it('200 page by page, in the same order', async () => {
    const pages = await allPages<Chat>(gateway, '/sessions/past/chats?limit=10')
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5])
    expect(pages.flat()).toEqual(chats)
  })

  it('200 without any before linking', async () => {
    expect((await gateway.call('GET', '/sessions/unlinked/chats')).body).toEqual([])
  })

  it('200: a new message brings its chat to the top and raises its unread count', async () => {
    const last = chats.at(-1)
    const phone = last?.id.split('@')[0] ?? ''
    await gateway.simulator.say(phone, { to: OWNER, type: 'text', text: 'first again' })
    const [first, ...others] = await until(async () => {
      const found = await gateway.chats('past')
      return found[0]?.id === last?.id && found[0]?.unreadCount !== last?.unreadCount && found
    }, 'the chat to rise')
    expect(first).toMatchObject({ unreadCount: (last?.unreadCount ?? 0) + 1 })
    expect(others.map(({ id }) => id)).toEqual(chats.slice(0, -1).map(({ id }) => id))
  })

  it.each(['limit=0', 'limit=201', 'limit=x', 'cursor=', 'cursor=nonsense', 'order=up'])('400 for ?%s', async (query) => {
    expect(await gateway.call('GET', `/sessions/past/chats?${query}`)).toBeProblem('VALIDATION_FAILED', `/query/${query.split('=')[0] ?? ''}`)
  })
})

describe('GET /sessions/:session_id/chats/:chat_id/messages of a history', () => {
  const messages = (chat: Chat | undefined) => `/sessions/past/chats/${chat?.id ?? ''}/messages`

  it('200 newest first, every message once, page by page', async () => {
    for (const chat of [chats[1], chats[2]]) {
      const pages = await allPages<Message>(gateway, `${messages(chat)}?limit=25`)
      const all = pages.flat()
      expect(pages.map((page) => page.length)).toEqual([25, 25, 10])
      // The simulator numbers what it invents, older messages that stay on the phone first.
      expect(all.map(({ text }) => Number(/\((\d+)\)$/.exec(text ?? '')?.[1]))).toEqual(Array.from({ length: MESSAGES }, (_, place) => OLDER + MESSAGES - place))
      expect(new Set(all.map(({ id }) => id)).size).toBe(MESSAGES)
      expect(all.map(({ timestamp }) => timestamp)).toEqual(all.map(({ timestamp }) => timestamp).sort((a, b) => b - a))
    }
  })

  it('200 with 50 when no limit is given', async () => {
    expect((await gateway.call<Message[]>('GET', messages(chats[3]))).body).toHaveLength(50)
  })

  it('200 with who wrote what', async () => {
    const { body } = await gateway.call<Message[]>('GET', `${messages(chats[1])}?limit=200`)
    const phone = chats[1]?.id.split('@')[0] ?? ''
    const theirs = body.find(({ fromMe }) => !fromMe)
    const ours = body.find(({ fromMe }) => fromMe)
    expect(theirs).toMatchObject({ chatId: chats[1]?.id, type: 'text', state: null, from: { id: `${phone}@s.whatsapp.net`, phone, lid: lidOf(gateway, phone), name: chats[1]?.name } })
    expect(ours).toMatchObject({ chatId: chats[1]?.id, state: 'read', from: personOf(gateway, OWNER, 'Olga') })
  })

  it('200 with the member as writer in a group', async () => {
    const { body } = await gateway.call<Message[]>('GET', `${messages(chats[2])}?limit=200`)
    const members = gateway.simulator.manifest().groups.find(({ id }) => id === past[2])?.participants ?? []
    const writers = new Set(body.filter(({ fromMe }) => !fromMe).map(({ from }) => from.phone))
    expect(writers.size).toBeGreaterThan(1)
    expect(members).toEqual(expect.arrayContaining([...writers]))
  })

  it.each(['limit=0', 'limit=201', 'limit=x', 'cursor=', 'cursor=nonsense', 'since=1'])('400 for ?%s', async (query) => {
    expect(await gateway.call('GET', `${messages(chats[0])}?${query}`)).toBeProblem('VALIDATION_FAILED', `/query/${query.split('=')[0] ?? ''}`)
  })
})
