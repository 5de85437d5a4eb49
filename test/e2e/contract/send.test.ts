import { beforeAll, describe, expect, it } from 'vitest'
import type { Chat } from '../../../schemas/chat.ts'
import type { Message, SentMessage } from '../../../schemas/message.ts'
import type { Call } from '../../support/gateway.ts'
import { API_KEY } from '../../support/gateway.ts'
import { askRaw, lidOf, linkNamed, personOf, refusesBadChatIds, refusesBadSessionIds, refusesStrangers, refusesUnknownSessions, useGateway } from '../../support/rows.ts'
import { until } from '../../support/wait.ts'

const gateway = useGateway()
const OWNER = '15550100001'
const ANA = '15550200001'
const BEN = '15550200002'
const CAL = '15550200003'
const ISO: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
const HELLO = { text: 'hello' }
const URL = `/sessions/home/chats/${ANA}/messages`
const jid = (phone: string): string => `${phone}@s.whatsapp.net`

const send = async (chatId: string, text: string, more: Call = {}) => gateway.call<SentMessage>('POST', `/sessions/home/chats/${encodeURIComponent(chatId)}/messages`, { body: { text }, ...more })
const get = async (chatId: string, id: string) => (await gateway.call<Message>('GET', `/sessions/home/chats/${encodeURIComponent(chatId)}/messages/${id}`)).body
const until201 = async (chatId: string, id: string, state: Message['state']) => until(async () => {
  const message = await get(chatId, id)
  return message.state === state && message
}, `message ${id} to be ${state ?? ''}`)
/** What the phone of a contact has under an id. */
const got = (phone: string, id: string) => gateway.simulator.messagesOf(phone).filter((message) => message.id === id)
const arrived = async (phone: string, id: string) => until(() => got(phone, id)[0], 'the message at the contact')

beforeAll(async () => {
  gateway.simulator.addContact({ phone: ANA, name: 'Ana', addressing: 'lid' })
  gateway.simulator.addContact({ phone: BEN, name: 'Ben', addressing: 'pn' })
  gateway.simulator.addContact({ phone: CAL, name: 'Cal', addressing: 'lid' })
  await linkNamed(gateway, 'home', OWNER, 'Olga')
  await gateway.call('POST', '/sessions/unlinked')
})

describe('POST /sessions/:session_id/chats/:chat_id/messages', () => {
  refusesStrangers(gateway, 'POST', URL)
  refusesBadSessionIds(gateway, 'POST', `/chats/${ANA}/messages`, HELLO)
  refusesUnknownSessions(gateway, 'POST', `/chats/${ANA}/messages`, HELLO)
  refusesBadChatIds(gateway, 'POST', 'home', '/messages', HELLO)

  it("201 once WhatsApp's server has the message, which the contact reads", async () => {
    const before = Math.floor(Date.now() / 1000)
    const { status, body } = await send(ANA, 'hello Ana')
    expect([status, body]).toEqual([201, { status: 'sent', messageId: expect.stringMatching(/^3EB0[0-9A-F]{18}$/), timestamp: expect.any(Number), message: 'hello Ana' }])
    expect(body.timestamp).toBeGreaterThanOrEqual(before)
    expect(await arrived(ANA, body.messageId)).toMatchObject({ from: OWNER, type: 'text', text: 'hello Ana', copies: 1, undecryptable: 0 })
    expect(await until201(ANA, body.messageId, 'delivered')).toEqual({
      id: body.messageId, chatId: jid(ANA), from: personOf(gateway, OWNER, 'Olga'), fromMe: true, type: 'text', text: 'hello Ana', content: null, timestamp: body.timestamp, state: 'delivered', error: null,
      stateTimes: { queuedAt: ISO, sendingAt: ISO, sentAt: ISO, deliveredAt: ISO },
      quoted: null, mentions: [], reactions: [], edited: false, editedAt: null, deleted: false, deletedAt: null, media: null,
    })
    expect((await gateway.call<Chat>('GET', `/sessions/home/chats/${ANA}`)).body).toMatchObject({ id: jid(ANA), unreadCount: 0, conversationTimestamp: body.timestamp })
  })

  it('tells when each state was reached, in their order', async () => {
    const { body: { messageId: id } } = await send(ANA, 'step by step')
    await until201(ANA, id, 'delivered')
    gateway.simulator.receipt(ANA, [id], 'read')
    const { stateTimes } = await until201(ANA, id, 'read')
    const { queuedAt = '', sendingAt = '', sentAt = '', deliveredAt = '', readAt = '' } = stateTimes ?? {}
    expect([queuedAt, sendingAt, sentAt].toSorted()).toEqual([queuedAt, sendingAt, sentAt])
    expect([deliveredAt, readAt].toSorted()).toEqual([deliveredAt, readAt])
    expect(Object.keys(stateTimes ?? {})).toHaveLength(5)
  })

  it.each([`+${ANA}`, jid(ANA), `${ANA}@c.us`, 'LID'])('201 to the same chat under %s', async (spelling) => {
    const { status, body } = await send(spelling === 'LID' ? `${lidOf(gateway, ANA)}@lid` : spelling, `to ${spelling}`)
    expect(status).toBe(201)
    await arrived(ANA, body.messageId)
    expect(await get(ANA, body.messageId)).toMatchObject({ text: `to ${spelling}`, chatId: jid(ANA) })
  })

  it('gives a contact one token of trust, however many messages follow', async () => {
    const { tokens } = gateway.simulator.world
    const { issue } = tokens
    let given = 0
    tokens.issue = (from, to) => {
      if (to.phone === CAL) given += 1
      return issue(from, to)
    }
    await send(CAL, 'the first')
    await until(() => given > 0, 'the token')
    for (let place = 0; place < 5; place += 1) expect((await send(CAL, `then ${place}`)).status).toBe(201)
    tokens.issue = issue
    expect(given).toBe(1)
  })

  it('201 to a contact that knows phone numbers only', async () => {
    const { status, body } = await send(BEN, 'hello Ben')
    expect(status).toBe(201)
    expect(await arrived(BEN, body.messageId)).toMatchObject({ text: 'hello Ben', copies: 1 })
  })

  it('201 to a group, for each member', async () => {
    const { id } = gateway.simulator.createGroup({ subject: 'All', participants: [ANA, OWNER, BEN] })
    const { status, body } = await send(id, 'hello all')
    expect([status, body]).toMatchObject([201, { status: 'sent', message: 'hello all' }])
    for (const phone of [ANA, BEN]) expect(await arrived(phone, body.messageId)).toMatchObject({ chat: id, from: OWNER, text: 'hello all', copies: 1, undecryptable: 0 })
    expect(await get(id, body.messageId)).toMatchObject({ chatId: id, fromMe: true })
  })

  it('201 to oneself', async () => {
    const { status, body } = await send(OWNER, 'note')
    expect(status).toBe(201)
    expect(await get(OWNER, body.messageId)).toMatchObject({ fromMe: true, text: 'note' })
    await until(() => got(OWNER, body.messageId)[0]?.text === 'note', 'the note on the phone')
  })

  it.each([['emoji', '👩‍👩‍👧‍👦 🏳️‍🌈'], ['right to left', 'مرحبا ‏שלום‏ \u202e'], ['NUL bytes', 'a\u0000b\u0000'], ['blanks', ' \n\t '], ['what looks like markup', '*bold* _it_ </script> {{x}} %s'], ['65,536 characters', '€'.repeat(65_536)]])('201 with %s, byte for byte there and back', async (_name, text) => {
    const { status, body } = await send(ANA, text)
    expect([status, body.message]).toEqual([201, text])
    expect((await arrived(ANA, body.messageId)).text).toBe(text)
    expect((await get(ANA, body.messageId)).text).toBe(text)
    const { id } = await gateway.simulator.say(ANA, { to: OWNER, type: 'text', text })
    expect((await gateway.message('home', ANA, (message) => message.id === id)).text).toBe(text)
  })

  it('201 for many at once, each delivered once and in the order of their acceptance', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, number) => send(BEN, `burst ${number}`)))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
    const ids = new Set(answers.map(({ body }) => body.messageId))
    expect(ids.size).toBe(20)
    const received = await until(() => {
      const found = gateway.simulator.messagesOf(BEN).filter(({ id }) => ids.has(id))
      return found.length === 20 && found
    }, 'all of them')
    expect(received.every(({ copies }) => copies === 1)).toBe(true)
    const listed = (await gateway.messages('home', BEN)).filter(({ id }) => ids.has(id)).toReversed()
    expect(received.map(({ text }) => text)).toEqual(listed.map(({ text }) => text))
  })

  it.each([
    [{}, '/body/text'], [{ text: '' }, '/body/text'], [{ text: 1 }, '/body/text'], [{ text: null }, '/body/text'], [{ text: ['a'] }, '/body/text'],
    [{ text: 'a', colour: 'red' }, '/body/colour'], [{ message: 'a' }, '/body/message'], [['a'], '/body'], ['a', '/body'], [undefined, '/body'],
  ])('400 for the body %j', async (body, path) => {
    expect(await gateway.call('POST', URL, { body, headers: { 'content-type': 'application/json' } })).toBeProblem('VALIDATION_FAILED', path)
  })

  it.each(['{', '{"text":"a"', 'text=a'])('400 for the malformed body %s', async (body) => {
    expect(await askRaw(gateway, 'POST', URL, { 'x-api-key': API_KEY, 'content-type': 'application/json' }, body)).toBeProblem('MALFORMED_JSON')
  })

  it('404 for a route below a message that does not exist', async () => {
    expect(await gateway.call('POST', `${URL}/more/parts`, { body: HELLO })).toBeProblem('ROUTE_NOT_FOUND')
  })

  it('409 before linking', async () => {
    expect(await gateway.call('POST', `/sessions/unlinked/chats/${ANA}/messages`, { body: HELLO })).toBeProblem('NOT_LINKED')
    expect((await gateway.call('GET', '/sessions/unlinked/chats')).body).toEqual([])
  })

  it('413 for a body over the limit', async () => {
    expect(await send(ANA, 'x'.repeat(1_100_000))).toBeProblem('BODY_TOO_LARGE')
  })

  it('415 for a body that is not JSON', async () => {
    expect(await askRaw(gateway, 'POST', URL, { 'x-api-key': API_KEY, 'content-type': 'text/plain' }, 'hello')).toBeProblem('UNSUPPORTED_MEDIA_TYPE')
  })

  it('422 for a number without WhatsApp: nothing is stored, and no chat is made', async () => {
    const nobody = '15559999998'
    gateway.simulator.addContact({ phone: nobody, name: 'Nobody', registered: false })
    for (const id of [nobody, '15559999997', '99999999999999@lid']) {
      expect(await send(id, 'anybody?')).toBeProblem('NOT_ON_WHATSAPP', '/params/chat_id')
      expect(await gateway.call('GET', `/sessions/home/chats/${id}`)).toBeProblem('CHAT_NOT_FOUND')
    }
    expect(gateway.simulator.messagesOf(nobody)).toEqual([])
  })

  it('422 for a group that does not exist or that the account is not in', async () => {
    expect(await send('120363999999999999@g.us', 'anybody?')).toBeProblem('NOT_ON_WHATSAPP', '/params/chat_id')
    const { id } = gateway.simulator.createGroup({ subject: 'Others', participants: [ANA, BEN] })
    expect(await send(id, 'let me in')).toBeProblem('CHAT_NOT_WRITABLE', '/params/chat_id')
    expect(await gateway.call('GET', `/sessions/home/chats/${id}`)).toBeProblem('CHAT_NOT_FOUND')
  })

  it.each(['status@broadcast', '120363999999999999@newsletter'])('422 for %s', async (id) => {
    expect(await send(id, 'hello')).toBeProblem('CHAT_NOT_WRITABLE', '/params/chat_id')
  })

  it('422 for 65,537 characters: nothing is stored', async () => {
    const before = await gateway.messages('home', ANA)
    expect(await send(ANA, 'x'.repeat(65_537))).toBeProblem('TEXT_TOO_LONG', '/body/text')
    expect(await gateway.messages('home', ANA)).toEqual(before)
  })

  it('422 when WhatsApp refuses the message, which is then kept as failed', async () => {
    gateway.simulator.addFault({ kind: 'ackError', account: OWNER, code: 475 })
    const answer = await send(ANA, 'refused')
    expect(answer).toBeProblem('MESSAGE_REJECTED')
    expect(JSON.stringify(answer.body)).toContain('475')
    const [message] = await gateway.messages('home', ANA)
    expect(message).toMatchObject({ text: 'refused', state: 'failed', error: expect.stringContaining('475') })
    expect(message?.stateTimes).toEqual({ queuedAt: ISO, sendingAt: ISO, failedAt: ISO })
    expect(got(ANA, message?.id ?? '')).toEqual([])
    expect((await send(ANA, 'accepted again')).status).toBe(201)
  })
})

describe('a send that takes its time', () => {
  it('201 when WhatsApp leaves the first question about a LID unanswered', async () => {
    const phone = '15550200006'
    gateway.simulator.addContact({ phone, name: 'Fay' })
    gateway.simulator.addFault({ kind: 'usyncTimeout', account: OWNER })
    const { status, body } = await send(`${lidOf(gateway, phone)}@lid`, 'still there?', { headers: { prefer: 'wait=25' } })
    expect([status, body.status]).toEqual([201, 'sent'])
    expect(await arrived(phone, body.messageId)).toMatchObject({ text: 'still there?', copies: 1 })
  })

  it('202 after the wait, and sent when the ack comes', async () => {
    gateway.simulator.addFault({ kind: 'slowAck', account: OWNER, delayMs: 2500 })
    const before = Date.now()
    const { status, body } = await send(ANA, 'patience', { headers: { prefer: 'wait=1' } })
    expect(Date.now() - before).toBeGreaterThanOrEqual(1000)
    expect([status, body]).toEqual([202, { status: 'queued', messageId: expect.stringMatching(/^3EB0/), timestamp: expect.any(Number), message: 'patience' }])
    await until(async () => ['sent', 'delivered'].includes((await get(ANA, body.messageId)).state ?? ''), 'the ack')
    expect(await arrived(ANA, body.messageId)).toMatchObject({ copies: 1 })
  })

  it('201 when the ack comes within the wait', async () => {
    gateway.simulator.addFault({ kind: 'slowAck', account: OWNER, delayMs: 1000 })
    expect(await send(ANA, 'a second')).toMatchObject({ status: 201, body: { status: 'sent' } })
  })

  it('202 at once when asked not to wait', async () => {
    const { status, body } = await send(ANA, 'no hurry', { headers: { prefer: 'respond-async' } })
    expect([status, body.status]).toEqual([202, 'queued'])
    expect(await arrived(ANA, body.messageId)).toMatchObject({ text: 'no hurry', copies: 1 })
    await until(async () => ['sent', 'delivered'].includes((await get(ANA, body.messageId)).state ?? ''), 'the ack')
  })

  it('202 while reconnecting, and sent afterwards, once and in order', async () => {
    gateway.simulator.addFault({ kind: 'httpError', times: 2 })
    gateway.simulator.addFault({ kind: 'drop', account: OWNER })
    await gateway.state('home', 'reconnecting')
    const [first, second] = [await send(ANA, 'while away 1'), await send(ANA, 'while away 2')]
    expect([first, second]).toMatchObject([{ status: 202, body: { status: 'queued' } }, { status: 202, body: { status: 'queued' } }])
    expect(await get(ANA, first.body.messageId)).toMatchObject({ state: 'queued', text: 'while away 1' })
    expect(await arrived(ANA, second.body.messageId)).toMatchObject({ text: 'while away 2', copies: 1 })
    expect(got(ANA, first.body.messageId)).toMatchObject([{ copies: 1 }])
    const order = gateway.simulator.messagesOf(ANA).map(({ id }) => id)
    expect(order.indexOf(first.body.messageId)).toBeLessThan(order.indexOf(second.body.messageId))
    await until201(ANA, second.body.messageId, 'delivered')
  })

  it('202 on a connection that has fallen silent, and sent once on the next one', async () => {
    gateway.simulator.addFault({ kind: 'silent', account: OWNER })
    const { status, body } = await send(ANA, 'into the void', { headers: { prefer: 'wait=1' } })
    expect([status, body.status]).toEqual([202, 'queued'])
    gateway.simulator.addFault({ kind: 'drop', account: OWNER })
    expect(await arrived(ANA, body.messageId)).toMatchObject({ text: 'into the void' })
    await until201(ANA, body.messageId, 'delivered')
    expect(got(ANA, body.messageId)).toHaveLength(1)
  })

  it('202 when the ack is lost with the connection: the same id goes again, and the contact has one message', async () => {
    gateway.simulator.addFault({ kind: 'noAck', account: OWNER })
    const { status, body } = await send(ANA, 'acked never', { headers: { prefer: 'wait=1' } })
    expect(status).toBe(202)
    gateway.simulator.addFault({ kind: 'drop', account: OWNER })
    await until(async () => ['sent', 'delivered'].includes((await get(ANA, body.messageId)).state ?? ''), 'the ack')
    expect(got(ANA, body.messageId)).toHaveLength(1)
    expect((await gateway.messages('home', ANA)).filter(({ id }) => id === body.messageId)).toHaveLength(1)
  })

  it('202 while stopped but linked, and sent after the start', async () => {
    await gateway.call('POST', '/sessions/home/stop')
    const { status, body } = await send(ANA, 'later')
    expect([status, body.status]).toEqual([202, 'queued'])
    await gateway.call('POST', '/sessions/home')
    expect(await arrived(ANA, body.messageId)).toMatchObject({ text: 'later', copies: 1 })
  })

  it('a number without WhatsApp, accepted while reconnecting, fails and is never called sent', async () => {
    gateway.simulator.addFault({ kind: 'httpError' })
    gateway.simulator.addFault({ kind: 'drop', account: OWNER })
    await gateway.state('home', 'reconnecting')
    const { status, body } = await send('15559999996', 'hello?')
    expect(status).toBe(202)
    expect(await until201('15559999996', body.messageId, 'failed')).toMatchObject({ error: 'NOT_ON_WHATSAPP' })
  })
})

it('429 when too many messages wait, and none of those accepted is lost', async () => {
  await gateway.link('full', '15550100002')
  await gateway.call('POST', '/sessions/full/stop')
  const path = `/sessions/full/chats/${BEN}/messages`
  const statuses: number[] = []
  const write = async (): Promise<void> => {
    while (statuses.length < 1000) {
      statuses.push(0)
      const place = statuses.length - 1
      statuses[place] = (await gateway.call('POST', path, { body: { text: `waiting ${place}` } })).status
    }
  }
  await Promise.all(Array.from({ length: 16 }, write))
  expect(new Set(statuses)).toEqual(new Set([202]))
  const answer = await gateway.call('POST', path, { body: { text: 'one too many' } })
  expect(answer).toBeProblem('QUEUE_FULL')
  expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
  expect((await gateway.call<Message[]>('GET', `/sessions/full/chats/${BEN}/messages?limit=1`)).body[0]?.text).toMatch(/^waiting/)
  await gateway.call('DELETE', '/sessions/full')
}, 60_000)

it('409 after logout, with nothing left to send', async () => {
  await gateway.state('home', 'open')
  await gateway.call('POST', '/sessions/home/logout')
  expect(await send(ANA, 'gone')).toBeProblem('NOT_LINKED')
  expect((await gateway.messages('home', ANA)).some(({ text }) => text === 'gone')).toBe(false)
})
