import { createHash } from 'node:crypto'
import { downloadMediaMessage, generateWAMessageFromContent, getContentType, type AnyMessageContent, type WAMessage } from '@whiskeysockets/baileys'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SAMPLES } from '../../src/simulator/samples.ts'
import { linkClient, mediaOptions, type Client } from '../support/client.ts'
import { startLoneSimulator, type LoneSimulator } from '../support/lone-simulator.ts'
import { jid } from '../support/town.ts'
import { until } from '../support/wait.ts'

const ADA = '34600000001'
const BOB = '34600000002'
const EVE = '34600000003'
const LOLA = '34600000009'

let simulator: LoneSimulator
let ada: Client
let bob: Client
let eve: Client

type State = { accounts: { phone: string; lid: string }[]; unknownStanzas: unknown[]; groups: { id: string; participants: string[] }[] }
const lidOf = (client: Client): string => `${client.state.creds.me?.lid?.split(/[:@]/)[0] ?? ''}@lid`
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** What arrived of a message that was sent, its content included. */
const arrival = async (to: Client, sent: WAMessage): Promise<WAMessage> =>
  to.message(({ key, message }) => key.id === sent.key.id && Boolean(message), `the message ${sent.key.id}`)
const send = async (from: Client, to: string, content: AnyMessageContent, options: { quoted?: WAMessage } = {}): Promise<WAMessage> => {
  const sent = await from.sock.sendMessage(to, content, options)
  if (!sent) throw new Error('nothing was sent')
  return sent
}
const download = async (message: WAMessage): Promise<Buffer> =>
  downloadMediaMessage(message, 'buffer', { options: mediaOptions(simulator.mediaUrl).options ?? {} }, {
    logger: pino({ level: 'silent' }), reuploadRequest: async () => message,
  })
const without = (message: WAMessage, field: 'url' | 'directPath'): WAMessage => ({
  key: message.key,
  message: { imageMessage: { ...message.message?.imageMessage, [field]: '' } },
})

beforeAll(async () => {
  simulator = await startLoneSimulator()
  ada = await linkClient(simulator, { phone: ADA, name: 'Ada' })
  bob = await linkClient(simulator, { phone: BOB, name: 'Bob' })
  eve = await linkClient(simulator, { phone: EVE, name: 'Eve' })
}, 60_000)

afterAll(async () => {
  await Promise.all([ada, bob, eve].map(async (client) => client?.end()))
  await simulator?.stop()
})

describe('between two people', () => {
  it('texts go both ways, with receipts', async () => {
    const sent = await send(ada, jid(BOB), { text: 'hello' })
    const got = await arrival(bob, sent)
    expect(got).toMatchObject({ pushName: 'Ada', key: { fromMe: false, remoteJidAlt: jid(ADA) } })
    await until(() => ada.statusOf(sent.key.id) === 3, 'delivered')
    await bob.sock.readMessages([got.key])
    await until(() => ada.statusOf(sent.key.id) === 4, 'read')
    const back = await send(bob, jid(ADA), { text: 'hello yourself' }, { quoted: got })
    expect((await arrival(ada, back)).message?.extendedTextMessage?.contextInfo?.stanzaId).toBe(sent.key.id)
  })

  it('an edit changes the text', async () => {
    const sent = await send(ada, jid(BOB), { text: 'a tpyo' })
    const got = await arrival(bob, sent)
    await send(ada, jid(BOB), { text: 'a typo', edit: sent.key })
    const edits = () => (bob.events['messages.update'] ?? []).flat().find(({ key }) => key.id === got.key.id)?.update.message?.editedMessage
    const edit = await until(edits, 'the edit')
    expect(edit.message?.conversation ?? edit.message?.extendedTextMessage?.text).toBe('a typo')
  })

  it('a reaction comes and goes', async () => {
    const sent = await send(ada, jid(BOB), { text: 'react to me' })
    const got = await arrival(bob, sent)
    for (const text of ['❤️', '']) {
      await send(bob, jid(ADA), { react: { text, key: got.key } })
      await ada.event('messages.reaction', (all) => all.some(({ key, reaction }) => key.id === sent.key.id && (reaction.text ?? '') === text))
    }
    expect((ada.events['messages.reaction'] ?? []).flat().filter(({ key }) => key.id === sent.key.id)).toHaveLength(2)
  })

  it('a deletion takes the message back', async () => {
    const sent = await send(ada, jid(BOB), { text: 'forget this' })
    // The client writes the deletion's key over that of the message it still buffers.
    const { id } = sent.key
    await arrival(bob, sent)
    await send(ada, jid(BOB), { delete: { ...sent.key } })
    const revoked = await until(() => (bob.events['messages.update'] ?? []).flat().find(({ key, update }) => key.id === id && update.message === null), 'the deletion')
    expect(revoked.update.messageStubType).toBe(1)
  })

  it('a forwarded message says so', async () => {
    const original = await send(ada, jid(BOB), { text: 'pass it on' })
    const got = await arrival(bob, original)
    const sent = await send(bob, jid(EVE), { forward: got, force: true })
    expect((await arrival(eve, sent)).message?.extendedTextMessage).toMatchObject({ text: 'pass it on', contextInfo: { isForwarded: true } })
  })

  const media: [string, AnyMessageContent, string, Buffer][] = [
    ['image', { image: SAMPLES.jpeg().bytes, caption: 'a picture', mimetype: 'image/jpeg' }, 'imageMessage', SAMPLES.jpeg().bytes],
    ['video', { video: SAMPLES.video().bytes, caption: 'a film' }, 'videoMessage', SAMPLES.video().bytes],
    ['voice note', { audio: SAMPLES.audio().bytes, ptt: true, mimetype: 'audio/ogg; codecs=opus' }, 'audioMessage', SAMPLES.audio().bytes],
    ['document', { document: SAMPLES.document().bytes, fileName: 'paper.pdf', mimetype: 'application/pdf' }, 'documentMessage', SAMPLES.document().bytes],
    ['sticker', { sticker: SAMPLES.sticker().bytes }, 'stickerMessage', SAMPLES.sticker().bytes],
  ]
  it.each(media)('%s: sent, received, downloaded', async (_name, content, kind, bytes) => {
    const got = await arrival(bob, await send(ada, jid(BOB), content))
    expect(getContentType(got.message ?? undefined)).toBe(kind)
    expect(sha(await download(got))).toBe(sha(bytes))
  })

  it('a large file comes whole', async () => {
    const bytes = Buffer.alloc(3_000_001, 'puente')
    const got = await arrival(bob, await send(ada, jid(BOB), { document: bytes, fileName: 'big.bin', mimetype: 'application/octet-stream' }))
    expect(sha(await download(got))).toBe(sha(bytes))
  })

  it('a poll', async () => {
    const sent = await send(ada, jid(BOB), { poll: { name: 'Lunch?', values: ['Yes', 'No'], selectableCount: 1 } })
    const got = await arrival(bob, sent)
    expect(got.message?.pollCreationMessageV3?.options?.map(({ optionName }) => optionName)).toEqual(['Yes', 'No'])
    expect(got.message?.messageContextInfo?.messageSecret).toHaveLength(32)
  })

  it('a contact card', async () => {
    const vcard = 'BEGIN:VCARD\nVERSION:3.0\nFN:Lola\nTEL;type=CELL;waid=34600000009:+34600000009\nEND:VCARD'
    const got = await arrival(bob, await send(ada, jid(BOB), { contacts: { displayName: 'Lola', contacts: [{ vcard }] } }))
    expect(got.message?.contactMessage?.vcard).toBe(vcard)
  })

  it('a location', async () => {
    const got = await arrival(bob, await send(ada, jid(BOB), { location: { degreesLatitude: 40.4, degreesLongitude: -3.7, name: 'Madrid' } }))
    expect(got.message?.locationMessage).toMatchObject({ name: 'Madrid', degreesLatitude: 40.4 })
  })

  it('media is found by url alone and by direct path alone', async () => {
    const got = await arrival(bob, await send(ada, jid(BOB), { image: SAMPLES.jpeg().bytes }))
    expect(got.message?.imageMessage?.url).toBe(`https://mmg.whatsapp.net${got.message?.imageMessage?.directPath}`)
    expect(sha(await download(without(got, 'directPath')))).toBe(sha(SAMPLES.jpeg().bytes))
    expect(sha(await download(without(got, 'url')))).toBe(sha(SAMPLES.jpeg().bytes))
  })

  it('a chat by hidden identities carries text and media', async () => {
    const text = await arrival(bob, await send(ada, lidOf(bob), { text: 'by LID' }))
    expect(text.key.remoteJid).toBe(lidOf(ada))
    const got = await arrival(ada, await send(bob, lidOf(ada), { image: SAMPLES.jpeg().bytes, caption: 'by LID, too' }))
    expect(got.message?.imageMessage?.caption).toBe('by LID, too')
    expect(sha(await download(got))).toBe(sha(SAMPLES.jpeg().bytes))
  })

  it('quoted media can be downloaded from the quote', async () => {
    const image = await arrival(bob, await send(ada, jid(BOB), { image: SAMPLES.jpeg().bytes, caption: 'look' }))
    const got = await arrival(ada, await send(bob, jid(ADA), { text: 'nice' }, { quoted: image }))
    const context = got.message?.extendedTextMessage?.contextInfo
    const quoted = generateWAMessageFromContent(jid(ADA), context?.quotedMessage ?? {}, { userJid: jid(BOB) })
    expect(quoted.message?.imageMessage?.caption).toBe('look')
    expect(sha(await download(quoted))).toBe(sha(SAMPLES.jpeg().bytes))
  })
})

describe('in a group', () => {
  let group = ''

  it('creation is heard by its members', async () => {
    const made = await ada.sock.groupCreate('Friends', [jid(BOB)])
    group = made.id
    expect(made.participants).toHaveLength(2)
    expect((await bob.event('groups.upsert', ([first]) => first?.id === group))[0]?.subject).toBe('Friends')
  })

  it('people are added', async () => {
    expect(await ada.sock.groupParticipantsUpdate(group, [jid(EVE)], 'add')).toMatchObject([{ status: '200' }])
    await eve.event('groups.upsert', ([first]) => first?.id === group)
    const heard = await bob.event('group-participants.update', ({ id, action }) => id === group && action === 'add')
    expect(heard.participants[0]).toMatchObject({ id: lidOf(eve), phoneNumber: jid(EVE) })
  })

  it('messages and reactions reach everybody', async () => {
    const sent = await send(ada, group, { text: 'hello all' })
    const got = await arrival(bob, sent)
    expect(got.key).toMatchObject({ remoteJid: group, participant: lidOf(ada), participantAlt: jid(ADA) })
    await arrival(eve, sent)
    await send(bob, group, { react: { text: '🎉', key: got.key } })
    for (const client of [ada, eve]) {
      const heard = await client.event('messages.reaction', (all) => all.some(({ key }) => key.id === sent.key.id))
      expect(heard[0]?.reaction.text).toBe('🎉')
    }
  })

  it('media and mentions reach everybody', async () => {
    const sent = await send(eve, group, { image: SAMPLES.jpeg().bytes, caption: '@Ada look', mentions: [lidOf(ada)] })
    for (const client of [ada, bob]) {
      const got = await arrival(client, sent)
      expect(got.message?.imageMessage?.contextInfo?.mentionedJid).toEqual([lidOf(ada)])
      expect(sha(await download(got))).toBe(sha(SAMPLES.jpeg().bytes))
    }
  })

  it('members are promoted and demoted', async () => {
    for (const [action, admin] of [['promote', 'admin'], ['demote', null]] as const) {
      expect(await ada.sock.groupParticipantsUpdate(group, [jid(BOB)], action)).toMatchObject([{ status: '200' }])
      await eve.event('group-participants.update', (update) => update.id === group && update.action === action)
      const { participants } = await eve.sock.groupMetadata(group)
      expect(participants.find(({ id }) => id === lidOf(bob))?.admin).toBe(admin)
    }
  })

  it('its metadata is changed and read', async () => {
    await ada.sock.groupUpdateSubject(group, 'Best friends')
    await ada.sock.groupUpdateDescription(group, 'About us')
    await bob.event('groups.update', ([update]) => update?.subject === 'Best friends')
    expect(await bob.sock.groupMetadata(group)).toMatchObject({ subject: 'Best friends', desc: 'About us', size: 3, addressingMode: 'lid' })
  })

  it('a contact writes in it and reads it', async () => {
    await simulator.control('POST', '/sandbox/contacts', { phone: LOLA, name: 'Lola' })
    await ada.sock.groupParticipantsUpdate(group, [jid(LOLA)], 'add')
    const { id } = await simulator.control<{ id: string }>('POST', `/sandbox/contacts/${LOLA}/messages`, { to: group, type: 'text', text: 'Lola here' })
    expect((await bob.message(({ key }) => key.id === id)).pushName).toBe('Lola')
    const sent = await send(bob, group, { text: 'welcome Lola' })
    const received = async () => (await simulator.control<{ id: string; text: string; chat: string }[]>('GET', `/sandbox/contacts/${LOLA}/messages`)).find((message) => message.id === sent.key.id)
    expect(await until(received, 'Lola to read it')).toMatchObject({ text: 'welcome Lola', chat: group, copies: 1 })
  })

  it('people are removed and hear no more', async () => {
    expect(await ada.sock.groupParticipantsUpdate(group, [jid(EVE)], 'remove')).toMatchObject([{ status: '200' }])
    await eve.event('group-participants.update', ({ id, action }) => id === group && action === 'remove')
    const sent = await send(bob, group, { text: 'without Eve' })
    await arrival(ada, sent)
    expect(eve.messages.some(({ key }) => key.id === sent.key.id)).toBe(false)
    await expect(eve.sock.groupMetadata(group)).rejects.toMatchObject({ data: 403 })
  })
})

describe('the simulator', () => {
  it('knew every stanza, and wrote one line', async () => {
    const state = await simulator.control<State>('GET', '/sandbox')
    expect(state.unknownStanzas).toEqual([])
    expect(state.accounts.map(({ phone }) => phone)).toEqual([ADA, BOB, EVE])
    expect(simulator.output).toEqual([JSON.stringify({ wsUrl: simulator.wsUrl, mediaUrl: simulator.mediaUrl, controlUrl: simulator.controlUrl })])
  })
})
