import { beforeAll, describe, expect, it } from 'vitest'
import type { EventOf, EventType, StoredEvent } from '../../../schemas/event.ts'
import type { SentMessage } from '../../../schemas/message.ts'
import { API_KEY, type Answer } from '../../support/gateway.ts'
import { linkNamed, personOf, useGateway } from '../../support/rows.ts'
import { contractOf } from '../../support/contract.ts'
import { openEvents } from '../../support/event-source.ts'
import { until } from '../../support/wait.ts'

const gateway = useGateway()
const OWNER = '15550300001'
const ANA = '15550400001'
const BEN = '15550400002'
const CAM = '15550400003'
const jid = (phone: string): string => `${phone}@s.whatsapp.net`
const ana = () => personOf(gateway, ANA, 'Ana')
const me = () => personOf(gateway, OWNER, 'Olga')

/** Every event of the session so far. */
async function all(): Promise<StoredEvent[]> {
  const found: StoredEvent[] = []
  for (let after: string | null = '0'; after !== null; ) {
    const answer: Answer<StoredEvent[]> = await gateway.call<StoredEvent[]>('GET', `/sessions/home/events?after=${after}&limit=200`)
    found.push(...answer.body)
    after = answer.headers.has('link') ? answer.headers.get('x-next-after') : null
  }
  return found
}

/** The one event of a type that fits; a second one that fits fails. */
async function told<T extends EventType>(type: T, fits: (data: EventOf<T>['data']) => boolean): Promise<EventOf<T>['data']> {
  const fitting = async (): Promise<EventOf<T>[]> => ((await all()) as unknown as EventOf<T>[]).filter((event) => event.type === type && fits(event.data))
  await until(async () => (await fitting()).length > 0, type)
  const found = await fitting()
  expect(found).toHaveLength(1)
  return (found[0] as EventOf<T>).data
}

const send = async (chat: string, text: string): Promise<string> => (await gateway.call<SentMessage>('POST', `/sessions/home/chats/${chat}/messages`, { body: { text } })).body.messageId
const says = async (text: string): Promise<string> => (await gateway.simulator.say(ANA, { to: OWNER, type: 'text', text })).id

beforeAll(async () => {
  gateway.simulator.addContact({ phone: ANA, name: 'Ana', addressing: 'lid', autoReceipts: 'read' })
  gateway.simulator.addContact({ phone: BEN, name: 'Ben', addressing: 'pn' })
  await linkNamed(gateway, 'home', OWNER, 'Olga')
  await says('the first')
  await told('message.received', ({ message }) => message.text === 'the first')
})

describe('what is told of messages', () => {
  it('message.received, in the shape that the message itself has', async () => {
    const id = await says('hola')
    const { message } = await told('message.received', (data) => data.message.id === id)
    const read = await gateway.message('home', ANA, (one) => one.id === id)
    expect(message).toEqual(read)
    expect(message).toMatchObject({ from: ana(), chatId: jid(ANA), text: 'hola' })
  })

  it('message.sent and message.updated, each state once', async () => {
    const id = await send(ANA, 'from here')
    expect(await told('message.sent', ({ message }) => message.id === id)).toMatchObject({ source: 'api', message: { from: me(), fromMe: true, chatId: jid(ANA), text: 'from here', state: 'queued' } })
    await told('message.updated', ({ message, state }) => message.id === id && state === 'read')
    const steps = (await all()).flatMap((event) => (event.type === 'message.updated' && event.data.message.id === id ? [event.data] : []))
    expect(steps.map(({ state }) => state)).toEqual(expect.arrayContaining(['sending', 'sent', 'read']))
    expect(new Set(steps.map(({ state }) => state)).size).toBe(steps.length)
    expect(steps.at(-1)).toMatchObject({ message: { id, chatId: jid(ANA), from: me(), fromMe: true }, error: null, reachedAt: expect.stringMatching(/Z$/) })
  })

  it('message.sent of what is written on the phone', async () => {
    const { id } = await gateway.simulator.say(OWNER, { to: ANA, type: 'text', text: 'from my phone' })
    expect(await told('message.sent', ({ message }) => message.id === id)).toMatchObject({ source: 'phone', message: { text: 'from my phone', fromMe: true } })
  })

  it('message.edited, message.reaction, message.deleted', async () => {
    const id = await says('one')
    await told('message.received', ({ message }) => message.id === id)
    await gateway.simulator.edit(ANA, id, 'two')
    expect(await told('message.edited', ({ message }) => message.id === id)).toMatchObject({ message: { id, from: ana(), chatId: jid(ANA) }, text: 'two' })
    await gateway.simulator.react(ANA, id, '👍')
    expect(await told('message.reaction', ({ message }) => message.id === id)).toMatchObject({ by: ana(), emoji: '👍' })
    await gateway.simulator.delete(ANA, id)
    expect(await told('message.deleted', ({ message }) => message.id === id)).toMatchObject({ by: ana() })
  })

  it('poll.vote with the names of the options, in a chat and in a group', async () => {
    const group = gateway.simulator.createGroup({ subject: 'Votes', participants: [ANA, OWNER, BEN] }).id
    for (const [author, to, voter] of [[ANA, OWNER, ANA], [ANA, group, BEN], [BEN, group, ANA]] as const) {
      const { id } = await gateway.simulator.say(author, { to, type: 'poll', text: 'Lunch?', options: ['Yes', 'No'] })
      await told('message.received', ({ message }) => message.id === id)
      await gateway.simulator.vote(voter, id, ['No'])
      expect(await told('poll.vote', ({ message, options }) => message.id === id && options?.length === 1)).toMatchObject({ by: { phone: voter }, options: ['No'], message: { from: { phone: author } } })
      await gateway.simulator.vote(voter, id, [])
      expect(await told('poll.vote', ({ message, options }) => message.id === id && options?.length === 0)).toMatchObject({ by: { phone: voter } })
    }
  })
})

describe('what is told of answers', () => {
  it('event.answer once, opened, in a chat and in a group', async () => {
    const group = gateway.simulator.createGroup({ subject: 'Parties', participants: [ANA, OWNER, BEN] }).id
    for (const [author, to, guest, answer] of [[ANA, OWNER, ANA, 'GOING'], [ANA, group, BEN, 'NOT_GOING'], [BEN, group, ANA, 'MAYBE']] as const) {
      const { id } = await gateway.simulator.say(author, { to, type: 'event', text: 'Dinner', startsAt: '2030-01-01T20:00:00Z' })
      await told('message.received', ({ message }) => message.id === id)
      await gateway.simulator.answerEvent(guest, id, answer)
      // By then Baileys has told all that it makes of the answer.
      const after = await says('and now?')
      await told('message.received', ({ message }) => message.id === after)
      expect(await told('event.answer', ({ message }) => message.id === id)).toMatchObject({ by: { phone: guest }, answer: answer.toLowerCase(), message: { from: { phone: author } } })
    }
  })
})

describe('what is told of chats, people and groups', () => {
  it('chat.updated when a field changed, and not when it did not', async () => {
    await gateway.simulator.changeChat(OWNER, { chat: ANA, archived: true })
    expect(await told('chat.updated', ({ changes }) => changes.archived === true)).toMatchObject({ chatId: jid(ANA), previousId: null })
    const before = (await all()).length
    expect((await gateway.call('PUT', '/sessions/home/chats/refresh?chats=0')).status).toBe(200)
    expect((await all()).slice(before).filter(({ type }) => type === 'chat.updated' || type === 'contact.updated')).toEqual([])
  })

  it('contact.updated when the address book has another name', async () => {
    await gateway.simulator.changeChat(OWNER, { chat: BEN, contactName: 'Ben Bakery' })
    expect(await told('contact.updated', ({ changes }) => changes.name === 'Ben Bakery')).toMatchObject({ contact: { phone: BEN, name: 'Ben Bakery' } })
  })

  it('chat.deleted', async () => {
    const { id } = await gateway.simulator.say(BEN, { to: OWNER, type: 'text', text: 'delete me' })
    await told('message.received', ({ message }) => message.id === id)
    await gateway.simulator.changeChat(OWNER, { chat: BEN, deleted: true })
    expect(await told('chat.deleted', ({ chatId }) => chatId === jid(BEN))).toEqual({ chatId: jid(BEN) })
  })

  it('group.updated, group.participants_changed, group.left', async () => {
    const group = gateway.simulator.createGroup({ subject: 'Team', participants: [ANA, OWNER] }).id
    expect((await told('group.updated', ({ groupId, group: now }) => groupId === group && now !== null)).group).toMatchObject({ subject: 'Team', size: 2 })
    gateway.simulator.editGroup(group, { subject: 'Team two' })
    expect(await told('group.updated', ({ groupId, changes }) => groupId === group && changes.subject === 'Team two')).toMatchObject({ by: ana(), group: { subject: 'Team two' } })
    gateway.simulator.changeMembers(group, { action: 'add', participants: [CAM] })
    expect(await told('group.participants_changed', ({ groupId, action }) => groupId === group && action === 'add')).toMatchObject({ participants: [{ phone: CAM }], by: ana() })
    const { id: fault } = gateway.simulator.addFault({ kind: 'duplicate', account: OWNER })
    gateway.simulator.changeMembers(group, { action: 'promote', participants: [CAM] })
    await until(() => gateway.simulator.faults().find(({ id }) => id === fault)?.struck === 1, 'the notice to be delivered twice')
    gateway.simulator.changeMembers(group, { action: 'demote', participants: [CAM] })
    await told('group.participants_changed', ({ groupId, action }) => groupId === group && action === 'demote')
    await told('group.participants_changed', ({ groupId, action }) => groupId === group && action === 'promote')
    gateway.simulator.changeMembers(group, { action: 'remove', participants: [OWNER] })
    expect(await told('group.left', ({ groupId }) => groupId === group)).toMatchObject({ by: ana() })
  })
})

describe('what is told of all else', () => {
  it('call.received and call.updated', async () => {
    const { id } = gateway.simulator.call(ANA, OWNER, true)
    expect(await told('call.received', ({ callId }) => callId === id)).toMatchObject({ from: ana(), chatId: jid(ANA), video: true, status: 'offer', groupId: null })
    gateway.simulator.endCall(id)
    expect(await told('call.updated', ({ callId, status }) => callId === id && (status === 'terminate' || status === 'timeout'))).toMatchObject({ from: ana() })
  })

  it('history.progress, and no message of a history as received', async () => {
    await gateway.simulator.seedHistory(OWNER, { chats: 2, messagesPerChat: 3 })
    const { length } = await all()
    expect((await gateway.call('PUT', '/sessions/home/chats/refresh?chats=2&messages=5')).status).toBe(200)
    await until(async () => (await all()).some(({ type }) => type === 'history.progress'), 'the history')
    expect((await all()).slice(length).filter(({ type }) => type.startsWith('message.'))).toEqual([])
  })

  it('presence.updated live on the stream', async () => {
    const source = openEvents(`${gateway.url}/sessions/home/events?after=latest&types=presence.*`, { headers: { 'x-api-key': API_KEY } })
    await source.opened
    await until(() => {
      gateway.simulator.presence(ANA, 'composing', OWNER)
      return source.told.length > 0
    }, 'somebody to write')
    source.cut()
    expect(JSON.parse(source.told[0]?.data ?? '')).toMatchObject({ type: 'presence.updated', seq: null, data: { contact: ana(), chatId: jid(ANA), presence: 'composing' } })
  })

  it('session.* for each state, with the account', async () => {
    const states = (await all()).filter(({ type }) => type.startsWith('session.'))
    expect(states.map(({ type }) => type)).toEqual(expect.arrayContaining(['session.created', 'session.starting', 'session.qr', 'session.connecting', 'session.open']))
    await gateway.call('POST', '/sessions/home/stop')
    expect(await told('session.stopped', ({ reason }) => reason === 'stopped by the API')).toMatchObject({ linked: true, user: me() })
  })

  it('each event with a seq of its own, without gaps, in the documented shape', async () => {
    const events = await all()
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
    const { operations, fault } = contractOf(gateway.app)
    const operation = operations.find(({ id }) => id === 'listSessionEvents')
    if (operation === undefined) throw new Error('the document has no such operation')
    for (let after = 0; after < events.length; after += 200) {
      expect(fault(operation, await gateway.app.inject({ url: `/sessions/home/events?limit=200&after=${after}`, headers: { 'x-api-key': API_KEY } }))).toBeNull()
    }
  })
})
