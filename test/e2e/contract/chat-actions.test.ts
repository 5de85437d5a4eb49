import { beforeAll, describe, expect, it } from 'vitest'
import type { Chat } from '../../../schemas/chat.ts'
import type { Message, SentMessage } from '../../../schemas/message.ts'
import { linkNamed, refusesStrangers, useGateway } from '../../support/rows.ts'
import { until } from '../../support/wait.ts'

const gateway = useGateway()
const OWNER = '15550330001'
const ANA = '15550430001'
const BEN = '15550430002'
const jid = (phone: string): string => `${phone}@s.whatsapp.net`
const CHAT = `/sessions/home/chats/${ANA}`

beforeAll(async () => {
  gateway.simulator.addContact({ phone: BEN, name: 'Ben', addressing: 'pn' })
  await linkNamed(gateway, 'home', OWNER, 'Olga')
  // The other side is a session too, which tells what it sees.
  await linkNamed(gateway, 'ana', ANA, 'Ana')
  await gateway.call('POST', '/sessions/unlinked')
  await heard('first')
})

const call = <Body = Chat>(method: string, path: string, body?: unknown) => gateway.call<Body>(method, path, body === undefined ? {} : { body })
/** Ana writes. */
async function heard(text: string): Promise<string> {
  const { body: { messageId } } = await gateway.call<SentMessage>('POST', `/sessions/ana/chats/${OWNER}/messages`, { body: { text } })
  await gateway.message('home', jid(ANA), ({ id }) => id === messageId)
  return messageId
}
const theirs = async (id: string): Promise<Message> => (await gateway.call<Message>('GET', `/sessions/ana/chats/${OWNER}/messages/${id}`)).body
/** What was written into the settings that all devices of the account share. */
const setting = (collection: string, index: string[]) => until(async () =>
  (await gateway.simulator.settingsOf(OWNER)).findLast((entry) => entry.collection === collection && JSON.stringify(entry.index) === JSON.stringify(index)), index.join(' '))

describe('PATCH /sessions/:session_id/chats/:chat_id', () => {
  refusesStrangers(gateway, 'PATCH', CHAT)

  it('200: archived, pinned, muted, unread, and back, on every device', async () => {
    const muted = await call('PATCH', CHAT, { archived: true, pinned: true, mutedUntil: '2031-01-01T00:00:00Z', unread: true })
    expect([muted.status, muted.body]).toMatchObject([200, { archived: true, pin: expect.any(Number), mute: Date.parse('2031-01-01T00:00:00Z') / 1000, unreadCount: -1 }])
    expect((await setting('regular_low', ['archive', jid(ANA)])).value).toMatchObject({ archiveChatAction: { archived: true } })
    expect((await setting('regular_low', ['pin_v1', jid(ANA)])).value).toMatchObject({ pinAction: { pinned: true } })
    expect((await setting('regular_high', ['mute', jid(ANA)])).value).toMatchObject({ muteAction: { muted: true } })
    expect((await setting('regular_low', ['markChatAsRead', jid(ANA)])).value).toMatchObject({ markChatAsReadAction: { read: false } })
    const back = await call('PATCH', CHAT, { archived: false, pinned: false, mutedUntil: null, unread: false })
    expect(back.body).toMatchObject({ archived: false, pin: null, mute: null, unreadCount: 0 })
    expect((await call('GET', CHAT)).body).toEqual(back.body)
    const told = (await gateway.call<{ data: { changes: object } }[]>('GET', '/sessions/home/events?types=chat.updated&limit=200')).body
    expect(told.some(({ data }) => JSON.stringify(data).includes('"archived":true'))).toBe(true)
  })

  it.each([[{}, '/body'], [{ archived: 'yes' }, '/body/archived'], [{ mutedUntil: 'soon' }, '/body/mutedUntil'], [{ colour: 'red' }, '/body/colour']])('400 for %j', async (body, path) => {
    expect(await call('PATCH', CHAT, body)).toBeProblem('VALIDATION_FAILED', path)
  })

  it('404 without such a chat, 409 before linking', async () => {
    expect(await call('PATCH', `/sessions/home/chats/15559990000`, { archived: true })).toBeProblem('CHAT_NOT_FOUND')
    expect(await call('PATCH', `/sessions/unlinked/chats/${ANA}`, { archived: true })).toBeProblem('NOT_LINKED')
  })
})

describe('POST .../read', () => {
  it('200: nothing is unread, and the writer is told of each message', async () => {
    const ids = [await heard('one'), await heard('two')]
    await until(async () => (await call('GET', CHAT)).body.unreadCount >= 2, 'both to be unread')
    const { status, body } = await call('POST', `${CHAT}/read`)
    expect([status, body.unreadCount]).toEqual([200, 0])
    for (const id of ids) await until(async () => (await theirs(id)).state === 'read', `message ${id} to be read`)
    expect((await call('POST', `${CHAT}/read`)).status).toBe(200)
  })
})

describe('PUT .../presence', () => {
  it.each(['composing', 'recording', 'paused'])('204 for %s', async (state) => {
    expect((await call('PUT', `${CHAT}/presence`, { state })).status).toBe(204)
  })

  it('400 for anything else', async () => {
    expect(await call('PUT', `${CHAT}/presence`, { state: 'dancing' })).toBeProblem('VALIDATION_FAILED', '/body/state')
  })
})

describe('PUT and DELETE .../star', () => {
  it('204: on every device, and told', async () => {
    const id = await heard('starred')
    expect((await call('PUT', `${CHAT}/messages/${id}/star`)).status).toBe(204)
    expect((await setting('regular_low', ['star', jid(ANA), id, '0', '0'])).value).toMatchObject({ starAction: { starred: true } })
    expect((await call('DELETE', `${CHAT}/messages/${id}/star`)).status).toBe(204)
    const told = (await gateway.call<{ data: { message: { id: string }; starred: boolean } }[]>('GET', '/sessions/home/events?types=message.starred')).body
    expect(told.filter(({ data }) => data.message.id === id).map(({ data }) => data.starred)).toEqual([true, false])
  })

  it('404 for an unknown message', async () => {
    expect(await call('PUT', `${CHAT}/messages/NONE/star`)).toBeProblem('MESSAGE_NOT_FOUND')
  })
})

describe('DELETE .../messages/:message_id?for=me', () => {
  it("204: it is gone here and on the account's devices, and the other side keeps it", async () => {
    const id = await heard('only for me')
    expect((await call('DELETE', `${CHAT}/messages/${id}?for=me`)).status).toBe(204)
    expect(await call('GET', `${CHAT}/messages/${id}`)).toBeProblem('MESSAGE_NOT_FOUND')
    await setting('regular_high', ['deleteMessageForMe', jid(ANA), id, '0', '0'])
    expect((await theirs(id)).deleted).toBe(false)
  })
})

describe('while there is no connection', () => {
  it('503 NOT_CONNECTED, and nothing has changed', async () => {
    await gateway.call('POST', '/sessions/home/stop')
    for (const [method, path, body] of [['PATCH', CHAT, { archived: true }], ['POST', `${CHAT}/read`], ['PUT', `${CHAT}/presence`, { state: 'composing' }], ['DELETE', CHAT]] as const) {
      expect(await call(method, path, body)).toBeProblem('NOT_CONNECTED')
    }
    expect((await call('GET', CHAT)).body.archived).toBe(false)
    await gateway.call('POST', '/sessions/home')
    await gateway.state('home', 'open')
  })
})

describe('DELETE /sessions/:session_id/chats/:chat_id', () => {
  it('204: the chat is gone, and comes back with the next message', async () => {
    expect((await call('DELETE', CHAT)).status).toBe(204)
    expect(await call('GET', CHAT)).toBeProblem('CHAT_NOT_FOUND')
    await setting('regular_high', ['deleteChat', jid(ANA), '1'])
    await heard('I am back')
    expect((await call<Message[]>('GET', `${CHAT}/messages`)).body.map(({ text }) => text)).toEqual(['I am back'])
  })
})
