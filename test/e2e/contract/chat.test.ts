import { beforeAll, describe, expect, it } from 'vitest'
import type { Chat } from '../../../schemas/chat.ts'
import type { SentMessage } from '../../../schemas/message.ts'
import { lidOf, linkNamed, personOf, refusesBadChatIds, refusesBadSessionIds, refusesStrangers, refusesUnknownSessions, useGateway } from '../../support/rows.ts'
import { until } from '../../support/wait.ts'

const gateway = useGateway()
const OWNER = '15550100001'
const ANA = '15550200001'
const BEN = '15550200002'
const CARL = '15550200003'
const jid = (phone: string): string => `${phone}@s.whatsapp.net`
const chat = async (id: string) => gateway.call<Chat>('GET', `/sessions/home/chats/${encodeURIComponent(id)}`)

beforeAll(async () => {
  gateway.simulator.addContact({ phone: ANA, name: 'Ana', addressing: 'lid' })
  gateway.simulator.addContact({ phone: BEN, name: 'Ben', addressing: 'pn' })
  await linkNamed(gateway, 'home', OWNER, 'Olga')
})

describe('GET /sessions/:session_id/chats/:chat_id', () => {
  refusesStrangers(gateway, 'GET', `/sessions/home/chats/${ANA}`)
  refusesBadSessionIds(gateway, 'GET', `/chats/${ANA}`)
  refusesUnknownSessions(gateway, 'GET', `/chats/${ANA}`)
  refusesBadChatIds(gateway, 'GET', 'home')

  it.each([[ANA, 'Ana', 'lid'], [BEN, 'Ben', 'pn']])('200 for %s, %s, who writes from the %s: one person is one chat under every name', async (phone, name) => {
    const { id } = await gateway.simulator.say(phone, { to: OWNER, type: 'text', text: 'hello' })
    const message = await gateway.message('home', phone, (one) => one.id === id)
    const { status, body } = await chat(phone)
    expect([status, body]).toEqual([200, {
      id: jid(phone), name, isGroup: false, isMe: false, unreadCount: 1, conversationTimestamp: message.timestamp, participant: null,
      ephemeralExpiration: null, ephemeralSettingTimestamp: null, mute: null, pin: null, archived: false, labels: [],
    }])
    for (const spelling of [`+${phone}`, jid(phone), `${phone}@c.us`, `${phone}:5@s.whatsapp.net`, `${lidOf(gateway, phone)}@lid`]) expect(await chat(spelling)).toMatchObject({ status: 200, body })
    expect((await gateway.chats('home')).filter(({ id: one }) => one.includes(phone) || one.includes(lidOf(gateway, phone)))).toHaveLength(1)
  })

  it('200: the unread count rises with each message, falls when the phone reads, and not with our own', async () => {
    const ids: string[] = []
    for (const text of ['one', 'two', 'three']) ids.push((await gateway.simulator.say(ANA, { to: OWNER, type: 'text', text })).id)
    await until(async () => (await chat(ANA)).body.unreadCount === 4, 'four unread messages')
    const own = await gateway.simulator.say(OWNER, { to: BEN, type: 'text', text: 'from my phone' })
    await gateway.message('home', BEN, ({ id }) => id === own.id)
    expect((await chat(BEN)).body.unreadCount).toBe(1)
    gateway.simulator.receipt(OWNER, ids, 'read')
    await until(async () => (await chat(ANA)).body.unreadCount === 0, 'the phone to have read')
    expect((await chat(BEN)).body.unreadCount).toBe(1)
  })

  it('200 for a group: subject as name, and its members', async () => {
    const { id } = gateway.simulator.createGroup({ subject: 'Weekend', participants: [ANA, OWNER, BEN] })
    const { body } = await until(async () => {
      const answer = await chat(id)
      return answer.status === 200 && answer.body.participant !== null && answer
    }, 'the group')
    expect(body).toEqual({
      id, name: 'Weekend', isGroup: true, isMe: false, unreadCount: 0, conversationTimestamp: expect.any(Number), participant: expect.any(Array),
      ephemeralExpiration: null, ephemeralSettingTimestamp: null, mute: null, pin: null, archived: false, labels: [],
    })
    expect(body.participant).toHaveLength(3)
    expect(body.participant).toEqual(expect.arrayContaining([personOf(gateway, ANA, 'Ana'), personOf(gateway, BEN, 'Ben'), personOf(gateway, OWNER, 'Olga')]))
    await gateway.simulator.say(BEN, { to: id, type: 'text', text: 'shall we?' })
    await until(async () => (await chat(id)).body.unreadCount === 1, 'the message')
  })

  it('200: what the phone does to the chat shows', async () => {
    const mutedUntil = Date.now() + 3_600_000
    await gateway.simulator.changeChat(OWNER, { chat: BEN, archived: true, mutedUntil, contactName: 'Ben Bakery' })
    const { body } = await until(async () => {
      const answer = await chat(BEN)
      return answer.body.archived && answer.body.mute !== null && answer.body.name !== 'Ben' && answer
    }, 'the changes')
    expect(body).toMatchObject({ name: 'Ben Bakery', archived: true, mute: Math.floor(mutedUntil / 1000), pin: null })
    expect(await gateway.messages('home', BEN)).toEqual(expect.arrayContaining([expect.objectContaining({ from: personOf(gateway, BEN, 'Ben Bakery') })]))
    await gateway.simulator.changeChat(OWNER, { chat: BEN, archived: false, pinned: true, mutedUntil: null, read: true })
    expect(await until(async () => {
      const answer = (await chat(BEN)).body
      return !answer.archived && answer.pin !== null && answer.mute === null && answer.unreadCount === 0 && answer
    }, 'the changes back')).toMatchObject({ pin: expect.any(Number), name: 'Ben Bakery' })
    await gateway.simulator.changeChat(OWNER, { chat: BEN, read: false })
    await until(async () => (await chat(BEN)).body.unreadCount === -1, 'the mark')
    await gateway.simulator.changeChat(OWNER, { chat: BEN, deleted: true })
    await until(async () => (await chat(BEN)).status === 404, 'the chat to go')
    expect(await gateway.call('GET', `/sessions/home/chats/${BEN}/messages`)).toBeProblem('CHAT_NOT_FOUND')
  })

  it('200: what admins do to a group shows', async () => {
    const { id } = gateway.simulator.createGroup({ subject: 'Before', participants: [ANA, OWNER] })
    await until(async () => (await chat(id)).body.participant?.length === 2, 'the group')
    gateway.simulator.editGroup(id, { subject: 'After', ephemeralSeconds: 86_400 })
    gateway.simulator.changeMembers(id, { action: 'add', participants: [BEN] })
    expect(await until(async () => {
      const { body } = await chat(id)
      return body.name === 'After' && body.participant?.length === 3 && body.ephemeralExpiration !== null && body
    }, 'the changes')).toMatchObject({ ephemeralExpiration: 86_400, participant: expect.arrayContaining([expect.objectContaining({ phone: BEN })]) })
    gateway.simulator.changeMembers(id, { action: 'remove', participants: [BEN] })
    await until(async () => (await chat(id)).body.participant?.length === 2, 'the removal')
    const { id: message } = await gateway.simulator.say(ANA, { to: id, type: 'text', text: 'this goes', expirationSeconds: 86_400 })
    expect(await gateway.message('home', id, (one) => one.id === message)).toMatchObject({ type: 'text', text: 'this goes' })
  })

  it('200 for the chat with oneself', async () => {
    await gateway.simulator.say(OWNER, { to: OWNER, type: 'text', text: 'note to self' })
    const { body } = await until(async () => {
      const answer = await chat(OWNER)
      return answer.status === 200 && answer
    }, 'the note')
    expect(body).toMatchObject({ id: jid(OWNER), isMe: true, name: 'Olga', unreadCount: 0 })
    expect((await chat(`${lidOf(gateway, OWNER)}@lid`)).body).toEqual(body)
    expect((await gateway.messages('home', OWNER))).toMatchObject([{ text: 'note to self', fromMe: true, from: personOf(gateway, OWNER, 'Olga') }])
  })

  it('200: a chat known by its LID alone moves under the phone when that is told', async () => {
    gateway.simulator.addContact({ phone: CARL, name: 'Carl', addressing: 'lid' })
    const lid = `${lidOf(gateway, CARL)}@lid`
    const sent = await gateway.call<SentMessage>('POST', `/sessions/home/chats/${lid}/messages`, { body: { text: 'who are you?' } })
    expect(sent.status).toBe(201)
    expect((await chat(lid)).body).toMatchObject({ id: lid, name: null })
    const { id } = await gateway.simulator.say(CARL, { to: OWNER, type: 'text', text: 'Carl' })
    await gateway.message('home', CARL, (message) => message.id === id)
    const { body } = await chat(CARL)
    expect(body).toMatchObject({ id: jid(CARL), name: 'Carl', unreadCount: 1 })
    expect((await chat(lid)).body).toEqual(body)
    expect((await gateway.messages('home', lid)).map(({ text, chatId }) => [text, chatId])).toEqual([['Carl', jid(CARL)], ['who are you?', jid(CARL)]])
    expect((await gateway.chats('home')).some((one) => one.id === lid)).toBe(false)
  })

  it.each(['15559999999', '1234567890@lid', '120363999999999999@g.us', '120363999999999999@newsletter'])('404 for %s, with whom there is no chat', async (id) => {
    gateway.simulator.addContact({ phone: '15559999999', name: 'Stranger' })
    expect(await chat(id)).toBeProblem('CHAT_NOT_FOUND')
    expect(await gateway.call('GET', `/sessions/home/chats/${id}/messages`)).toBeProblem('CHAT_NOT_FOUND')
  })
})
