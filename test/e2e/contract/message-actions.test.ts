import { beforeAll, describe, expect, it } from 'vitest'
import type { Message, SentMessage } from '../../../schemas/message.ts'
import { linkNamed, personOf, refusesStrangers, useGateway } from '../../support/rows.ts'
import { until } from '../../support/wait.ts'

const gateway = useGateway()
const OWNER = '15550320001'
const ANA = '15550420001'
const BEN = '15550420002'
const jid = (phone: string): string => `${phone}@s.whatsapp.net`
const CHAT = `/sessions/home/chats/${ANA}/messages`

let team: string
let theirs: string
beforeAll(async () => {
  gateway.simulator.addContact({ phone: ANA, name: 'Ana', addressing: 'lid' })
  gateway.simulator.addContact({ phone: BEN, name: 'Ben', addressing: 'pn' })
  await linkNamed(gateway, 'home', OWNER, 'Olga')
  // Who creates a group is its admin.
  team = gateway.simulator.createGroup({ subject: 'Ours', participants: [OWNER, ANA, BEN] }).id
  theirs = gateway.simulator.createGroup({ subject: 'Theirs', participants: [ANA, OWNER, BEN] }).id
  for (const group of [team, theirs]) await until(async () => (await gateway.call('GET', `/sessions/home/chats/${group}`)).status === 200, 'the group')
})

const send = async (text: string, path = CHAT): Promise<string> => (await gateway.call<SentMessage>('POST', path, { body: { text } })).body.messageId
const get = async (id: string, path = CHAT): Promise<Message> => (await gateway.call<Message>('GET', `${path}/${id}`)).body
const call = (method: string, path: string, body?: unknown) => gateway.call<Message>(method, path, body === undefined ? {} : { body })
/** What a contact's phone has of what was done to a message. */
const done = (phone: string, type: string, target: string) => until(() => gateway.simulator.messagesOf(phone).find((message) => message.type === type && message.target === target), `${type} at ${phone}`)
const receive = async (from: string, to: string, chatId: string, text: string): Promise<string> => {
  const { id } = await gateway.simulator.say(from, { to, type: 'text', text })
  await gateway.message('home', chatId, (message) => message.id === id)
  return id
}
const told = async (type: string, id: string): Promise<unknown[]> =>
  (await gateway.call<{ data: { message: { id: string } } }[]>('GET', `/sessions/home/events?types=${type}&limit=200`)).body.filter(({ data }) => data.message.id === id)

describe('PUT and DELETE .../reaction', () => {
  refusesStrangers(gateway, 'PUT', `${CHAT}/X/reaction`)

  it('200: the contact sees it, the message shows it, the last one counts, and none when taken back', async () => {
    const id = await receive(ANA, OWNER, jid(ANA), 'react!')
    const set = await call('PUT', `${CHAT}/${id}/reaction`, { emoji: '👍' })
    expect([set.status, set.body.reactions]).toEqual([200, [{ from: personOf(gateway, OWNER, 'Olga'), emoji: '👍', timestamp: expect.any(Number) }]])
    expect(await done(ANA, 'reaction', id)).toMatchObject({ from: OWNER, text: '👍', undecryptable: 0 })
    expect((await call('PUT', `${CHAT}/${id}/reaction`, { emoji: '👩‍👩‍👧‍👦' })).body.reactions).toMatchObject([{ emoji: '👩‍👩‍👧‍👦' }])
    const taken = await call('DELETE', `${CHAT}/${id}/reaction`)
    expect([taken.status, taken.body.reactions]).toEqual([200, []])
    await until(() => gateway.simulator.messagesOf(ANA).some((message) => message.type === 'reaction' && message.target === id && message.text === ''), 'the reaction to be taken back')
    expect(await told('message.reaction', id)).toMatchObject([{ data: { by: personOf(gateway, OWNER, 'Olga'), emoji: '👍' } }, {}, { data: { emoji: null } }])
  })

  it('200 for a message of our own, and in a group for somebody else', async () => {
    const own = await send('mine')
    expect((await call('PUT', `${CHAT}/${own}/reaction`, { emoji: '❤️' })).status).toBe(200)
    await done(ANA, 'reaction', own)
    const path = `/sessions/home/chats/${theirs}/messages`
    const id = await receive(BEN, theirs, theirs, 'in the group')
    expect((await call('PUT', `${path}/${id}/reaction`, { emoji: '🎉' })).body.reactions).toMatchObject([{ emoji: '🎉' }])
    for (const phone of [ANA, BEN]) await done(phone, 'reaction', id)
  })

  it.each(['', 'a', '👍👍', ':+1:', ' '])('400 for %j', async (emoji) => {
    const id = await receive(ANA, OWNER, jid(ANA), 'no emoji')
    expect(await call('PUT', `${CHAT}/${id}/reaction`, { emoji })).toBeProblem('VALIDATION_FAILED', '/body/emoji')
    expect((await get(id)).reactions).toEqual([])
  })

  it('404 for an unknown message', async () => {
    expect(await call('PUT', `${CHAT}/NONE/reaction`, { emoji: '👍' })).toBeProblem('MESSAGE_NOT_FOUND')
  })

  it('202 while the session reconnects, and done afterwards', async () => {
    const id = await receive(ANA, OWNER, jid(ANA), 'later')
    gateway.simulator.addFault({ kind: 'silent', account: OWNER })
    const answer = await gateway.call<Message>('PUT', `${CHAT}/${id}/reaction`, { body: { emoji: '👍' }, headers: { prefer: 'wait=1' } })
    expect([answer.status, answer.body.reactions]).toEqual([202, []])
    gateway.simulator.clearFaults('silent')
    await gateway.call('POST', '/sessions/home/restart')
    await gateway.state('home', 'open')
    await until(async () => (await get(id)).reactions.length === 1, 'the reaction')
    await done(ANA, 'reaction', id)
  })
})

describe('PATCH .../messages/:message_id', () => {
  it('200: the contact and the list have the new text', async () => {
    const id = await send('tpyo')
    const { status, body } = await call('PATCH', `${CHAT}/${id}`, { text: 'typo' })
    expect([status, body]).toMatchObject([200, { id, text: 'typo', edited: true, editedAt: expect.any(String) }])
    expect(await done(ANA, 'edit', id)).toMatchObject({ text: 'typo', undecryptable: 0 })
    expect(await told('message.edited', id)).toMatchObject([{ data: { text: 'typo' } }])
  })

  it("422 for somebody else's, for another kind, for a deleted one; nothing is sent", async () => {
    const other = await receive(ANA, OWNER, jid(ANA), 'hers')
    expect(await call('PATCH', `${CHAT}/${other}`, { text: 'mine' })).toBeProblem('MESSAGE_NOT_EDITABLE')
    const poll = (await gateway.call<SentMessage>('POST', CHAT, { body: { type: 'poll', question: 'A?', options: ['a', 'b'] } })).body.messageId
    expect(await call('PATCH', `${CHAT}/${poll}`, { text: 'B?' })).toBeProblem('MESSAGE_NOT_EDITABLE')
    const gone = await send('gone')
    await call('DELETE', `${CHAT}/${gone}`)
    expect(await call('PATCH', `${CHAT}/${gone}`, { text: 'back' })).toBeProblem('MESSAGE_DELETED')
    expect(gateway.simulator.messagesOf(ANA).filter(({ type, target }) => type === 'edit' && [other, poll, gone].includes(target ?? ''))).toEqual([])
  })

  it.each([[{}, '/body/text'], [{ text: '' }, '/body/text'], [{ text: 'a', type: 'text' }, '/body/type']])('400 for %j', async (body, path) => {
    expect(await call('PATCH', `${CHAT}/X`, body)).toBeProblem('VALIDATION_FAILED', path)
  })
})

describe('DELETE .../messages/:message_id', () => {
  it('200: it is gone for the contact, and listed without its content', async () => {
    const id = await send('delete me')
    const { status, body } = await call('DELETE', `${CHAT}/${id}?for=everyone`)
    expect([status, body]).toMatchObject([200, { id, text: null, deleted: true, deletedAt: expect.any(String) }])
    await done(ANA, 'delete', id)
    expect(await told('message.deleted', id)).toMatchObject([{ data: { by: personOf(gateway, OWNER, 'Olga') } }])
    expect(await call('DELETE', `${CHAT}/${id}`)).toBeProblem('MESSAGE_DELETED')
  })

  it("200 for an admin and somebody else's message; 422 for a member, and in a chat of two", async () => {
    const mine = await receive(BEN, team, team, 'delete this')
    expect((await call('DELETE', `/sessions/home/chats/${team}/messages/${mine}`)).body).toMatchObject({ deleted: true })
    await done(ANA, 'delete', mine)
    const hers = await receive(BEN, theirs, theirs, 'keep this')
    expect(await call('DELETE', `/sessions/home/chats/${theirs}/messages/${hers}`)).toBeProblem('MESSAGE_NOT_DELETABLE')
    const direct = await receive(ANA, OWNER, jid(ANA), 'keep this too')
    expect(await call('DELETE', `${CHAT}/${direct}`)).toBeProblem('MESSAGE_NOT_DELETABLE')
  })

  it('400 for anybody else', async () => {
    expect(await call('DELETE', `${CHAT}/X?for=nobody`)).toBeProblem('VALIDATION_FAILED', '/query/for')
  })
})
