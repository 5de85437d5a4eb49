import { beforeAll, describe, expect, it } from 'vitest'
import type { Message, SentMessage } from '../../../schemas/message.ts'
import type { Speech } from '../../../src/simulator/contents.ts'
import type { Problem } from '../../../schemas/problem.ts'
import { lidOf, linkNamed, personOf, useGateway } from '../../support/rows.ts'
import { until } from '../../support/wait.ts'

const gateway = useGateway()
const OWNER = '15550310001'
const ANA = '15550410001'
const BEN = '15550410002'
const jid = (phone: string): string => `${phone}@s.whatsapp.net`
const URL = `/sessions/home/chats/${ANA}/messages`

let group: string
beforeAll(async () => {
  gateway.simulator.addContact({ phone: ANA, name: 'Ana', addressing: 'lid' })
  gateway.simulator.addContact({ phone: BEN, name: 'Ben', addressing: 'pn' })
  await linkNamed(gateway, 'home', OWNER, 'Olga')
  group = gateway.simulator.createGroup({ subject: 'Team', participants: [ANA, BEN, OWNER] }).id
  await until(async () => (await gateway.call('GET', `/sessions/home/chats/${group}`)).status === 200, 'the group')
})

const send = (body: unknown, path = URL) => gateway.call<SentMessage>('POST', path, { body })
const get = async (id: string, path = URL): Promise<Message> => (await gateway.call<Message>('GET', `${path}/${id}`)).body
/** What the phone of a contact decrypted, as WhatsApp encodes it. */
const at = (phone: string, id: string) => until(() => gateway.simulator.messagesOf(phone).find((message) => message.id === id), `the message at ${phone}`)

/** Sends, and answers what the contact has and what is listed. */
async function round(body: object, path = URL, reader = ANA) {
  const { status, body: sent } = await send(body, path)
  expect([status, sent]).toMatchObject([201, { status: 'sent' }])
  await at(reader, sent.messageId)
  const { content, ...arrived } = gateway.simulator.messageOf(reader, sent.messageId)
  expect(arrived).toMatchObject({ undecryptable: 0, copies: 1 })
  return { id: sent.messageId, sent, arrived, content, listed: await get(sent.messageId, path) }
}

describe('what is sent arrives, and is listed as what it is', () => {
  it('location', async () => {
    const { arrived, content, listed, sent } = await round({ type: 'location', latitude: 40.4169, longitude: -3.7033, name: 'Sol', address: 'Madrid', url: 'https://example.com/sol' })
    expect([arrived.type, sent.message]).toEqual(['location', null])
    expect(content.locationMessage).toMatchObject({ degreesLatitude: 40.4169, degreesLongitude: -3.7033, name: 'Sol', address: 'Madrid', url: 'https://example.com/sol' })
    expect(listed).toMatchObject({ type: 'location', text: null, content: { type: 'location', latitude: 40.4169, longitude: -3.7033, name: 'Sol', address: 'Madrid', url: 'https://example.com/sol' } })
  })

  it('contacts: one card, and several', async () => {
    const one = await round({ type: 'contacts', contacts: [{ name: 'Ana; María', phone: '+34600000001', organization: 'A, B' }] })
    expect(one.content.contactMessage?.vcard).toBe('BEGIN:VCARD\nVERSION:3.0\nFN:Ana\\; María\nORG:A\\, B;\nTEL;type=CELL;type=VOICE;waid=34600000001:+34600000001\nEND:VCARD')
    expect(one.listed.content).toMatchObject({ type: 'contacts', contacts: [{ name: 'Ana; María', phones: ['34600000001'] }] })
    const two = await round({ type: 'contacts', contacts: [{ name: 'Ana', phone: '34600000001' }, { name: 'Ben', phone: '34600000002' }] })
    expect(two.content.contactsArrayMessage?.contacts).toHaveLength(2)
    expect(two.listed.content).toMatchObject({ type: 'contacts', contacts: [{ name: 'Ana', phones: ['34600000001'] }, { name: 'Ben', phones: ['34600000002'] }] })
  })

  it('poll: its options, which can be voted for', async () => {
    const { id, content, listed } = await round({ type: 'poll', question: 'Lunch?', options: ['Yes', 'No', 'Later'], selectableCount: 1 })
    expect(content.pollCreationMessageV3?.options?.map(({ optionName }) => optionName)).toEqual(['Yes', 'No', 'Later'])
    expect(listed).toMatchObject({ type: 'poll', text: 'Lunch?', content: { type: 'poll', question: 'Lunch?', options: ['Yes', 'No', 'Later'], selectableCount: 1 } })
    await gateway.simulator.vote(ANA, id, ['No'])
    const votes = async () => (await gateway.call<{ type: string; data: { selected?: unknown[] } }[]>('GET', '/sessions/home/events?types=poll.vote')).body
    const [vote] = await until(async () => (await votes()).length > 0 && votes(), 'the vote')
    expect(vote).toMatchObject({ type: 'poll.vote', data: { by: personOf(gateway, ANA, 'Ana') } })
    expect(JSON.stringify(vote)).toContain('No')
    expect((await round({ type: 'poll', question: 'Any?', options: ['a', 'b'], selectableCount: 0 })).listed.content).toMatchObject({ selectableCount: 0 })
  })

  it('event', async () => {
    const { content, listed } = await round({ type: 'event', name: 'Dinner', description: 'Bring wine', startsAt: '2030-01-31T20:00:00Z', endsAt: '2030-01-31T23:00:00Z', place: 'At home' })
    expect(content.eventMessage).toMatchObject({ name: 'Dinner', description: 'Bring wine', location: { name: 'At home' } })
    expect(listed).toMatchObject({
      type: 'event', text: 'Dinner',
      content: { type: 'event', name: 'Dinner', description: 'Bring wine', startsAt: '2030-01-31T20:00:00.000Z', endsAt: '2030-01-31T23:00:00.000Z', place: 'At home', joinLink: null, canceled: false },
    })
  })

  it('groupInvite', async () => {
    const { content, listed } = await round({ type: 'groupInvite', groupId: group, code: 'AbCdEfGh12345678', name: 'Team', expiresAt: '2030-01-31T20:00:00Z', text: 'Come in' })
    expect(content.groupInviteMessage).toMatchObject({ groupJid: group, inviteCode: 'AbCdEfGh12345678', groupName: 'Team', caption: 'Come in' })
    expect(listed).toMatchObject({ type: 'groupInvite', text: 'Come in', content: { type: 'groupInvite', groupId: group, name: 'Team', code: 'AbCdEfGh12345678', expiresAt: '2030-01-31T20:00:00.000Z' } })
  })

  it('a text that mentions people, in a group', async () => {
    const path = `/sessions/home/chats/${group}/messages`
    const { content, listed } = await round({ text: `Ask @${ANA} or @${BEN}`, mentions: [`${lidOf(gateway, ANA)}@lid`, BEN] }, path, BEN)
    expect(content.extendedTextMessage?.contextInfo?.mentionedJid).toEqual([jid(ANA), jid(BEN)])
    expect(listed.mentions).toEqual([jid(ANA), jid(BEN)])
  })

  it('an answer: to what a contact wrote, to our own, to one that answers itself', async () => {
    const { id: theirs } = await gateway.simulator.say(ANA, { to: OWNER, type: 'text', text: 'What?' })
    await gateway.message('home', jid(ANA), ({ id }) => id === theirs)
    const first = await round({ text: 'This', replyTo: theirs })
    expect(first.content.extendedTextMessage?.contextInfo).toMatchObject({ stanzaId: theirs, participant: jid(ANA), quotedMessage: { conversation: 'What?' } })
    expect(first.listed.quoted).toEqual({ id: theirs, from: personOf(gateway, ANA, 'Ana'), type: 'text', text: 'What?' })
    const second = await round({ type: 'location', latitude: 1, longitude: 2, replyTo: first.id })
    const context = second.content.locationMessage?.contextInfo
    expect(context).toMatchObject({ stanzaId: first.id, participant: jid(OWNER), quotedMessage: { extendedTextMessage: { text: 'This' } } })
    expect(context?.quotedMessage?.extendedTextMessage?.contextInfo ?? null).toBeNull()
    expect(second.listed.quoted).toMatchObject({ id: first.id, text: 'This' })
  })

  it('404 for an answer to nothing, and nothing is sent', async () => {
    const before = gateway.simulator.messagesOf(ANA).length
    const { status, body } = await send({ text: 'To what?', replyTo: 'NOTHING' })
    expect([status, body]).toMatchObject([404, { code: 'MESSAGE_NOT_FOUND', errors: [{ path: '/body/replyTo' }] }])
    await round({ text: 'the next one' })
    expect(gateway.simulator.messagesOf(ANA)).toHaveLength(before + 1)
  })

  it('400 for a mention that is nobody', async () => {
    const { status, body } = await send({ text: 'Hi', mentions: [group] })
    expect([status, body as unknown as Problem]).toMatchObject([400, { code: 'VALIDATION_FAILED', errors: [{ path: '/body/mentions/0' }] }])
  })
})

describe('what a contact writes is listed as what it is, and told so', () => {
  const cases: readonly (readonly [speech: Speech, message: object])[] = [
    [{ type: 'location', latitude: 1.5, longitude: -2.5, name: 'Here', address: 'There' }, { type: 'location', content: { type: 'location', latitude: 1.5, longitude: -2.5, name: 'Here', address: 'There', url: null } }],
    [{ type: 'contacts', contacts: [{ name: 'Cal', phone: '34600000003' }] }, { type: 'contacts', content: { type: 'contacts', contacts: [{ name: 'Cal', phones: ['34600000003'] }] } }],
    [{ type: 'contacts', contacts: [{ name: 'Cal', phone: '34600000003' }, { name: 'Dan', phone: '34600000004' }] }, { content: { type: 'contacts', contacts: [{ name: 'Cal' }, { name: 'Dan' }] } }],
    [{ type: 'poll', text: 'When?', options: ['Now', 'Then'], selectableCount: 1 }, { type: 'poll', text: 'When?', content: { type: 'poll', question: 'When?', options: ['Now', 'Then'], selectableCount: 1 } }],
    [{ type: 'event', text: 'Party', description: 'Loud', startsAt: '2030-02-01T20:00:00Z' }, { type: 'event', content: { type: 'event', name: 'Party', description: 'Loud', startsAt: '2030-02-01T20:00:00.000Z', endsAt: null } }],
  ]
  it.each(cases)('%o', async (speech, expected) => {
    const { id } = await gateway.simulator.say(ANA, { to: OWNER, ...speech })
    expect(await gateway.message('home', jid(ANA), (message) => message.id === id)).toMatchObject(expected)
    const told = (await gateway.call<{ data: { message: Message } }[]>('GET', '/sessions/home/events?types=message.received&limit=200')).body
    expect(told.find(({ data }) => data.message.id === id)?.data.message).toMatchObject(expected)
  })
})
