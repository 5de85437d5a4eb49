import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Chat } from '../../../schemas/chat.ts'
import type { Media, Message, SentMessage } from '../../../schemas/message.ts'
import { samplePng } from '../../../src/simulator/samples.ts'
import type { Saying } from '../../../src/simulator/verbs/writing.ts'
import { allPages, lidOf, linkNamed, personOf, refusesBadChatIds, refusesBadSessionIds, refusesStrangers, refusesUnknownSessions, TIME, useGateway } from '../../support/rows.ts'
import { until } from '../../support/wait.ts'

const gateway = useGateway()
const OWNER = '15550100001'
const ANA = '15550200001'
const BEN = '15550200002'
const jid = (phone: string): string => `${phone}@s.whatsapp.net`
const ana = () => personOf(gateway, ANA, 'Ana')
const me = () => personOf(gateway, OWNER, 'Olga')

/** What somebody says, to the account when nobody else is named. */
type Speech<S = Saying> = S extends Saying ? Omit<S, 'to'> & { to?: string } : never

/** Somebody writes to the account or a group; resolves with the message as the API has it. */
async function said(phone: string, saying: Speech): Promise<Message> {
  const to = saying.to ?? OWNER
  const { id } = await gateway.simulator.say(phone, { ...saying, to })
  return gateway.message('home', to === OWNER ? phone : to, (message) => message.id === id && message.from.phone === phone)
}

/** The message as it stands now. */
const get = async (chatId: string, id: string) => gateway.call<Message>('GET', `/sessions/home/chats/${encodeURIComponent(chatId)}/messages/${id}`)
const changed = (chatId: string, id: string, fits: (message: Message) => boolean) => gateway.message('home', chatId, (message) => message.id === id && fits(message))
const sent = async (chatId: string, text: string): Promise<string> => (await gateway.call<SentMessage>('POST', `/sessions/home/chats/${chatId}/messages`, { body: { text } })).body.messageId
const group = (subject: string) => gateway.simulator.createGroup({ subject, participants: [ANA, OWNER, BEN] }).id

/** A message of somebody else, fields that say nothing left as they are. */
const plain = (message: Partial<Message>) => ({
  id: expect.any(String), chatId: jid(ANA), from: ana(), fromMe: false, type: 'text', text: null, content: null, timestamp: expect.any(Number), state: null, stateTimes: null, error: null, quoted: null, mentions: [], reactions: [],
  edited: false, editedAt: null, deleted: false, deletedAt: null, media: null, ...message,
})

beforeAll(async () => {
  gateway.simulator.addContact({ phone: ANA, name: 'Ana', addressing: 'lid' })
  gateway.simulator.addContact({ phone: BEN, name: 'Ben', addressing: 'pn' })
  await linkNamed(gateway, 'home', OWNER, 'Olga')
  await said(ANA, { type: 'text', text: 'the first' })
})

describe('GET /sessions/:session_id/chats/:chat_id/messages', () => {
  refusesStrangers(gateway, 'GET', `/sessions/home/chats/${ANA}/messages`)
  refusesBadSessionIds(gateway, 'GET', `/chats/${ANA}/messages`)
  refusesUnknownSessions(gateway, 'GET', `/chats/${ANA}/messages`)
  refusesBadChatIds(gateway, 'GET', 'home', '/messages')

  it.each(['limit=0', 'limit=201', 'limit=1.5', 'cursor=', 'cursor=nonsense', 'text=a'])('400 for ?%s', async (query) => {
    expect(await gateway.call('GET', `/sessions/home/chats/${ANA}/messages?${query}`)).toBeProblem('VALIDATION_FAILED', `/query/${query.split('=')[0] ?? ''}`)
  })

  it('404 for a number without a chat', async () => {
    expect(await gateway.call('GET', '/sessions/home/chats/15559999999/messages')).toBeProblem('CHAT_NOT_FOUND')
  })

  it('200 with the exact shape of a text', async () => {
    const before = Math.floor(Date.now() / 1000)
    const message = await said(ANA, { type: 'text', text: 'hello' })
    expect(message).toEqual(plain({ text: 'hello' }))
    expect(message.timestamp).toBeGreaterThanOrEqual(before - 1)
    expect(message.timestamp).toBeLessThanOrEqual(Date.now() / 1000 + 1)
  })

  it.each([['emoji', '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽'], ['right to left', 'שלום ‏عليكم‏ \u202eabc'], ['NUL bytes', 'a\u0000b\u0000'], ['blank', ' \n\t '], ['65,536 characters', 'ñ'.repeat(65_536)]])('200 with a text of %s as it was written', async (_name, text) => {
    const message = await said(ANA, { type: 'text', text })
    expect(message.text).toBe(text)
  })

  it('200: a person with a LID and one with a number are each named in full', async () => {
    expect((await said(ANA, { type: 'text', text: 'by LID' })).from).toEqual(ana())
    expect((await said(BEN, { type: 'text', text: 'by number' })).from).toEqual(personOf(gateway, BEN, 'Ben'))
  })

  it('200: what the account wrote on its phone is from me', async () => {
    const { id } = await gateway.simulator.say(OWNER, { to: ANA, type: 'text', text: 'from the phone' })
    expect(await gateway.message('home', ANA, (message) => message.id === id)).toEqual(plain({ id, text: 'from the phone', fromMe: true, from: me(), state: 'sent', stateTimes: { sentAt: expect.stringMatching(/Z$/) } }))
    expect(await gateway.call<Chat[]>('GET', '/sessions/home/chats')).toMatchObject({ body: expect.not.arrayContaining([expect.objectContaining({ id: jid(OWNER) })]) })
  })

  it('200 newest first, and the pages lead to all', async () => {
    for (let number = 1; number <= 5; number += 1) await said(BEN, { type: 'text', text: `number ${number}` })
    const pages = await allPages<Message>(gateway, `/sessions/home/chats/${BEN}/messages?limit=2`)
    expect(pages.map((page) => page.length)).toEqual([2, 2, 2])
    expect(pages.flat().map(({ text }) => text)).toEqual(['number 5', 'number 4', 'number 3', 'number 2', 'number 1', 'by number'])
  })

  it('200: a page stays where it was while messages come in', async () => {
    const { headers } = await gateway.call('GET', `/sessions/home/chats/${BEN}/messages?limit=2`)
    await said(BEN, { type: 'text', text: 'number 6' })
    const next = /^<(.+)>;/.exec(headers.get('link') ?? '')?.[1] ?? ''
    expect((await gateway.call<Message[]>('GET', next)).body.map(({ text }) => text)).toEqual(['number 3', 'number 2'])
  })
})

describe('media on the way in', () => {
  const file = samplePng(20)
  const media = (more: Partial<Media>): Media => ({ mimetype: 'image/png', fileName: null, sizeBytes: file.length, durationSeconds: null, width: 16, height: 16, sha256: createHash('sha256').update(file).digest('base64'), ...more })
  const base64 = file.toString('base64')

  it('200 for an image with a caption', async () => {
    expect(await said(ANA, { type: 'image', text: 'look', base64, mimetype: 'image/png' })).toEqual(plain({ type: 'image', text: 'look', media: media({}) }))
  })

  it('200 for an image without one', async () => {
    expect(await said(ANA, { type: 'image' })).toEqual(plain({ type: 'image', text: null, media: expect.objectContaining({ mimetype: expect.stringMatching(/^image\//) }) }))
  })

  it.each(['video', 'gif'] as const)('200 for a %s', async (type) => {
    expect(await said(ANA, { type, text: 'moving', base64, mimetype: 'video/mp4' })).toEqual(plain({ type, text: 'moving', media: media({ mimetype: 'video/mp4', durationSeconds: 1 }) }))
  })

  it('200 for a video note', async () => {
    expect(await said(ANA, { type: 'videoNote', base64, mimetype: 'video/mp4' })).toEqual(plain({ type: 'videoNote', media: media({ mimetype: 'video/mp4', durationSeconds: 1 }) }))
  })

  it.each(['audio', 'voice'] as const)('200 for %s', async (type) => {
    expect(await said(ANA, { type, base64, mimetype: 'audio/ogg; codecs=opus' })).toEqual(plain({ type, media: media({ mimetype: 'audio/ogg; codecs=opus', durationSeconds: 1, width: null, height: null }) }))
  })

  it.each([['without', undefined], ['with', 'please sign']])('200 for a document %s caption', async (_name, text) => {
    const saying = { type: 'document' as const, base64, mimetype: 'application/pdf', fileName: 'Contract – ñ.pdf', ...(text === undefined ? {} : { text }) }
    expect(await said(ANA, saying)).toEqual(plain({ type: 'document', text: text ?? null, media: media({ mimetype: 'application/pdf', fileName: 'Contract – ñ.pdf', width: null, height: null }) }))
  })

  it('200 for a sticker', async () => {
    expect(await said(ANA, { type: 'sticker', base64, mimetype: 'image/webp' })).toEqual(plain({ type: 'sticker', media: media({ mimetype: 'image/webp' }) }))
  })

  it('200 for what may be looked at once', async () => {
    const { id } = await gateway.simulator.say(ANA, { to: OWNER, type: 'image', base64, mimetype: 'image/png', viewOnce: true })
    expect(await gateway.message('home', ANA, (message) => message.id === id)).toMatchObject({ type: 'image', media: { mimetype: 'image/png' } })
  })
})

describe('other kinds on the way in', () => {
  it('200 for a location', async () => {
    expect(await said(ANA, { type: 'location', latitude: 36.72, longitude: -4.42, name: 'Málaga' })).toEqual(plain({ type: 'location', content: { type: 'location', latitude: 36.72, longitude: -4.42, name: 'Málaga', address: null, url: null } }))
  })

  it.each([1, 2])('200 for %d contact card(s)', async (count) => {
    const contacts = [{ name: 'Dora', phone: '34600000009' }, { name: 'Emil', phone: '34600000010' }].slice(0, count)
    expect(await said(ANA, { type: 'contacts', contacts })).toEqual(plain({ type: 'contacts', content: { type: 'contacts', contacts: contacts.map(({ name, phone }) => ({ name, phones: [phone], vcard: expect.stringContaining('BEGIN:VCARD') as string })) } }))
  })

  it('200 for a poll', async () => {
    expect(await said(ANA, { type: 'poll', text: 'Tea?', options: ['yes', 'no'] })).toEqual(plain({ type: 'poll', text: 'Tea?', content: { type: 'poll', question: 'Tea?', options: ['yes', 'no'], selectableCount: 1 } }))
  })

  it('200 for an event', async () => {
    expect(await said(ANA, { type: 'event', text: 'Dinner', startsAt: '2030-01-01T20:00:00Z' })).toEqual(plain({ type: 'event', text: 'Dinner', content: { type: 'event', name: 'Dinner', description: null, startsAt: '2030-01-01T20:00:00.000Z', endsAt: null, place: null, joinLink: null, canceled: false } }))
  })

  it('200 for an answer, with what it answers', async () => {
    const question = await said(ANA, { type: 'text', text: 'question' })
    expect(await said(ANA, { type: 'text', text: 'and?', quoted: question.id })).toEqual(plain({ text: 'and?', quoted: { id: question.id, from: ana(), type: 'text', text: 'question' } }))
    const ours = await sent(ANA, 'our question')
    await until(() => gateway.simulator.messagesOf(ANA).some(({ id }) => id === ours), 'our question')
    expect(await said(ANA, { type: 'text', text: 'her answer', quoted: ours })).toEqual(plain({ text: 'her answer', quoted: { id: ours, from: me(), type: 'text', text: 'our question' } }))
    const picture = await said(ANA, { type: 'image', text: 'caption' })
    expect(await said(ANA, { type: 'text', text: 'see above', quoted: picture.id })).toMatchObject({ quoted: { id: picture.id, type: 'image', text: 'caption' } })
  })
})

describe('what happens to a message later', () => {
  it('200: reactions, one a person, the last one counts, and none when taken back', async () => {
    const { id } = await said(ANA, { type: 'text', text: 'react!' })
    await gateway.simulator.react(ANA, id, '👍')
    expect((await changed(ANA, id, ({ reactions }) => reactions.length > 0)).reactions).toEqual([{ from: ana(), emoji: '👍', timestamp: expect.any(Number) }])
    await gateway.simulator.react(OWNER, id, '❤️')
    const both = await changed(ANA, id, ({ reactions }) => reactions.length === 2)
    expect(both.reactions).toEqual(expect.arrayContaining([{ from: me(), emoji: '❤️', timestamp: expect.any(Number) }]))
    await gateway.simulator.react(ANA, id, '🎉')
    await changed(ANA, id, ({ reactions }) => reactions.some(({ from, emoji }) => from.phone === ANA && emoji === '🎉'))
    await gateway.simulator.react(ANA, id, '')
    expect((await changed(ANA, id, ({ reactions }) => reactions.length === 1)).reactions).toMatchObject([{ emoji: '❤️' }])
  })

  it('200: a reaction to what we sent', async () => {
    const id = await sent(ANA, 'do you like it?')
    await until(() => gateway.simulator.messagesOf(ANA).some((message) => message.id === id), 'the message')
    await gateway.simulator.react(ANA, id, '😍')
    expect((await changed(ANA, id, ({ reactions }) => reactions.length > 0)).reactions).toEqual([{ from: ana(), emoji: '😍', timestamp: expect.any(Number) }])
  })

  it('200: an edit', async () => {
    const before = await said(ANA, { type: 'text', text: 'helo' })
    await gateway.simulator.edit(ANA, before.id, 'hello')
    expect(await changed(ANA, before.id, ({ edited }) => edited)).toEqual({ ...before, text: 'hello', edited: true, editedAt: expect.stringMatching(TIME) })
    await gateway.simulator.edit(ANA, before.id, 'hello!')
    await changed(ANA, before.id, ({ text }) => text === 'hello!')
    expect((await gateway.messages('home', ANA)).filter(({ text }) => text?.startsWith('hello')).map(({ text }) => text)).toContain('hello!')
  })

  it('200: an edit of what the account wrote on its phone', async () => {
    const { id } = await gateway.simulator.say(OWNER, { to: ANA, type: 'text', text: 'mine' })
    await gateway.message('home', ANA, (message) => message.id === id)
    await gateway.simulator.edit(OWNER, id, 'mine, better')
    expect(await changed(ANA, id, ({ edited }) => edited)).toMatchObject({ text: 'mine, better', fromMe: true })
  })

  it('200: a deletion leaves the place and nothing of what was said', async () => {
    const before = await said(ANA, { type: 'image', text: 'secret' })
    await gateway.simulator.delete(ANA, before.id)
    expect(await changed(ANA, before.id, ({ deleted }) => deleted)).toEqual({ ...before, text: null, media: null, deleted: true, deletedAt: expect.stringMatching(TIME) })
    expect((await get(ANA, before.id)).body).toMatchObject({ deleted: true, text: null })
  })

  it('200: delivered, read and played, in that order and never back', async () => {
    gateway.simulator.addContact({ phone: '15550200004', name: 'Dan', autoReceipts: 'none' })
    const dan = '15550200004'
    const id = await sent(dan, 'are you there?')
    await until(() => gateway.simulator.messagesOf(dan).length === 1, 'the message')
    expect((await get(dan, id)).body).toMatchObject({ state: 'sent', fromMe: true, from: me(), text: 'are you there?', error: null })
    for (const state of ['delivered', 'read', 'played'] as const) {
      gateway.simulator.receipt(dan, [id], state)
      await changed(dan, id, (message) => message.state === state)
    }
    gateway.simulator.receipt(dan, [id], 'delivered')
    const { id: mark } = await gateway.simulator.say(dan, { to: OWNER, type: 'text', text: 'after' })
    await gateway.message('home', dan, (message) => message.id === mark)
    expect((await get(dan, id)).body.state).toBe('played')
  })

  it('200: a contact that answers by itself is seen to have read', async () => {
    gateway.simulator.addContact({ phone: '15550200005', name: 'Eva', autoReceipts: 'read' })
    const id = await sent('15550200005', 'quick')
    expect(await changed('15550200005', id, ({ state }) => state === 'read')).toMatchObject({ text: 'quick', fromMe: true })
  })

  it('200: a message that could not be read at first is there once, whole', async () => {
    gateway.simulator.addFault({ kind: 'corruptCiphertext', account: OWNER })
    const message = await said(ANA, { type: 'text', text: 'twice' })
    expect(await changed(ANA, message.id, ({ type }) => type === 'text')).toMatchObject({ text: 'twice' })
    expect((await gateway.messages('home', ANA)).filter(({ id }) => id === message.id)).toHaveLength(1)
  })

  it('200: a message that WhatsApp delivers twice is there once', async () => {
    const before = (await gateway.call<Chat>('GET', `/sessions/home/chats/${BEN}`)).body.unreadCount
    gateway.simulator.addFault({ kind: 'duplicate', account: OWNER })
    const message = await said(BEN, { type: 'text', text: 'double' })
    await said(BEN, { type: 'text', text: 'after the double' })
    expect((await gateway.messages('home', BEN)).filter(({ id }) => id === message.id)).toHaveLength(1)
    expect((await gateway.call<Chat>('GET', `/sessions/home/chats/${BEN}`)).body.unreadCount).toBe(before + 2)
  })
})

describe('messages in a group', () => {
  it('200 with the member as writer, and ourselves', async () => {
    const id = group('Talk')
    const first = await said(ANA, { to: id, type: 'text', text: 'hi all' })
    expect(first).toEqual(plain({ chatId: id, text: 'hi all' }))
    expect(await said(BEN, { to: id, type: 'image', text: 'pic' })).toMatchObject({ chatId: id, from: personOf(gateway, BEN, 'Ben'), fromMe: false, type: 'image', text: 'pic' })
    const own = await gateway.simulator.say(OWNER, { to: id, type: 'text', text: 'me too' })
    expect(await gateway.message('home', id, (message) => message.id === own.id)).toMatchObject({ from: me(), fromMe: true })
    expect((await gateway.call<Chat>('GET', `/sessions/home/chats/${id}`)).body).toMatchObject({ name: 'Talk', isGroup: true })
    expect((await gateway.messages('home', id)).filter(({ type }) => type !== 'system').map(({ text }) => text)).toEqual(['me too', 'pic', 'hi all'])
  })

  it('200: mentions, answers, reactions, edits and deletions name members', async () => {
    const id = group('Busy')
    const first = await said(ANA, { to: id, type: 'text', text: 'who comes?' })
    expect(await said(BEN, { to: id, type: 'text', text: '@Olga you?', mentions: [OWNER], quoted: first.id })).toMatchObject({
      mentions: [jid(OWNER)], quoted: { id: first.id, from: ana(), type: 'text', text: 'who comes?' },
    })
    await gateway.simulator.react(BEN, first.id, '🙋')
    expect((await changed(id, first.id, ({ reactions }) => reactions.length > 0)).reactions).toMatchObject([{ from: personOf(gateway, BEN, 'Ben'), emoji: '🙋' }])
    await gateway.simulator.edit(ANA, first.id, 'who comes today?')
    expect(await changed(id, first.id, ({ edited }) => edited)).toMatchObject({ text: 'who comes today?', from: ana() })
    await gateway.simulator.delete(ANA, first.id)
    expect(await changed(id, first.id, ({ deleted }) => deleted)).toMatchObject({ text: null, from: ana() })
  })

  it('200: receipts of members move what we sent', async () => {
    const id = group('Receipts')
    await said(ANA, { to: id, type: 'text', text: 'ready' })
    gateway.simulator.addContact({ phone: ANA, autoReceipts: 'none' })
    gateway.simulator.addContact({ phone: BEN, autoReceipts: 'none' })
    const message = await sent(encodeURIComponent(id), 'to all')
    await until(() => [ANA, BEN].every((phone) => gateway.simulator.messagesOf(phone).some((one) => one.id === message)), 'both members')
    gateway.simulator.receipt(BEN, [message], 'read')
    expect(await changed(id, message, ({ state }) => state === 'read')).toMatchObject({ text: 'to all', fromMe: true })
    for (const phone of [ANA, BEN]) gateway.simulator.addContact({ phone, autoReceipts: 'delivered' })
  })
})

describe('a message under an id that exists already', () => {
  it('changes nothing when its writer has used it before', async () => {
    const before = await said(ANA, { type: 'text', text: 'original' })
    await gateway.simulator.say(ANA, { to: OWNER, type: 'text', text: 'forged', id: before.id })
    await said(ANA, { type: 'text', text: 'after' })
    expect((await gateway.messages('home', ANA)).filter(({ id }) => id === before.id)).toEqual([before])
  })

  it('changes nothing of ours when a contact takes our id', async () => {
    const id = await sent(ANA, 'ours')
    await changed(ANA, id, ({ state }) => state === 'delivered')
    const before = (await get(ANA, id)).body
    await gateway.simulator.say(ANA, { to: OWNER, type: 'text', text: 'forged', id })
    await said(ANA, { type: 'text', text: 'after' })
    expect((await get(ANA, id)).body).toEqual(before)
    expect((await gateway.messages('home', ANA)).filter((one) => one.id === id && one.fromMe)).toEqual([before])
  })

  it('changes nothing in another chat', async () => {
    const before = await said(ANA, { type: 'text', text: 'to be copied' })
    const copy = await said(BEN, { type: 'text', text: 'copied', id: before.id })
    expect(copy).toMatchObject({ chatId: jid(BEN), text: 'copied' })
    expect((await get(ANA, before.id)).body).toEqual(before)
    expect((await get(BEN, before.id)).body).toEqual(copy)
  })

  it('changes nothing of another member in a group', async () => {
    const id = group('Forgers')
    const before = await said(ANA, { to: id, type: 'text', text: 'from Ana' })
    const other = await said(BEN, { to: id, type: 'text', text: 'from Ben', id: before.id })
    const own = await sent(encodeURIComponent(id), 'from us')
    const forged = await said(BEN, { to: id, type: 'text', text: 'not from us', id: own })
    await gateway.simulator.edit(BEN, forged.id, 'edited')
    await changed(id, own, ({ fromMe, edited }) => !fromMe && edited)
    const all = await gateway.messages('home', id)
    expect(all.filter((message) => message.id === before.id)).toEqual(expect.arrayContaining([before, other]))
    expect(all.find((message) => message.id === own && message.fromMe)).toMatchObject({ text: 'from us', edited: false })
  })
})

describe('GET /sessions/:session_id/chats/:chat_id/messages/:message_id', () => {
  refusesStrangers(gateway, 'GET', `/sessions/home/chats/${ANA}/messages/3EB0`)
  refusesBadSessionIds(gateway, 'GET', `/chats/${ANA}/messages/3EB0`)
  refusesUnknownSessions(gateway, 'GET', `/chats/${ANA}/messages/3EB0`)
  refusesBadChatIds(gateway, 'GET', 'home', '/messages/3EB0')

  it('200 under every name of the chat', async () => {
    const message = await said(ANA, { type: 'text', text: 'one' })
    for (const name of [ANA, `+${ANA}`, jid(ANA), `${lidOf(gateway, ANA)}@lid`]) expect(await get(name, message.id)).toMatchObject({ status: 200, body: message })
  })

  it('404 for a message that is not in the chat', async () => {
    const message = await said(ANA, { type: 'text', text: 'only here' })
    expect(await get(ANA, '3EB0UNKNOWN')).toBeProblem('MESSAGE_NOT_FOUND')
    expect(await get(BEN, message.id)).toBeProblem('MESSAGE_NOT_FOUND')
    expect(await get('15559999999', message.id)).toBeProblem('MESSAGE_NOT_FOUND')
  })
})
