import { afterEach, beforeEach, expect, it } from 'vitest'
import { downloadMediaMessage, type WAMessage } from '@whiskeysockets/baileys'
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import { linkClient, mediaOptions, type Client } from '../support/client.ts'
import { assertNothingUnknown } from '../support/unknown-stanzas.ts'
import { until } from '../support/wait.ts'

const ADA = '15550100001'
const BOB = '15550100002'
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

let simulator: Simulator
const clients: Client[] = []
const link = async (phone: string, name: string): Promise<Client> => {
  const client = await linkClient(simulator, { phone, name })
  clients.push(client)
  return client
}
const jid = (phone: string): string => `${phone}@s.whatsapp.net`
const says = (text: string) => (message: WAMessage): boolean =>
  (message.message?.conversation ?? message.message?.extendedTextMessage?.text) === text
const idOf = (message: WAMessage | undefined): string => message?.key.id ?? ''

beforeEach(async () => {
  simulator = await startSimulator()
})
afterEach(async () => {
  const manifest = simulator.manifest()
  await Promise.all(clients.splice(0).map((client) => client.end()))
  await simulator.close()
  assertNothingUnknown(manifest)
})

it('carries texts both ways between two linked clients, with receipts', async () => {
  const ada = await link(ADA, 'Ada')
  const bob = await link(BOB, 'Bob')
  const sent = await ada.sock.sendMessage(jid(BOB), { text: 'hello Bob' })
  const got = await bob.message(says('hello Bob'))
  expect(got.key.id).toBe(idOf(sent))
  expect(got.pushName).toBe('Ada')
  await until(() => ada.statusOf(idOf(sent)) === 3, 'the delivered receipt')
  await bob.sock.readMessages([got.key])
  await until(() => ada.statusOf(idOf(sent)) === 4, 'the read receipt')
  await bob.sock.sendMessage(got.key.remoteJid ?? '', { text: 'hello Ada' }, { quoted: got })
  const back = await ada.message(says('hello Ada'))
  expect(back.message?.extendedTextMessage?.contextInfo?.stanzaId).toBe(idOf(sent))
})

it('carries every kind of content between two linked clients, and what changes it', async () => {
  const ada = await link(ADA, 'Ada')
  const bob = await link(BOB, 'Bob')
  const image = await ada.sock.sendMessage(jid(BOB), { image: PIXEL, mimetype: 'image/png', caption: 'a pixel', jpegThumbnail: '' })
  const got = await bob.message((message) => message.key.id === idOf(image))
  const bytes = await downloadMediaMessage(got, 'buffer', { options: mediaOptions(simulator.mediaUrl).options ?? {} })
  expect(bytes.equals(PIXEL)).toBe(true)
  const kinds = {
    video: await ada.sock.sendMessage(jid(BOB), { video: PIXEL, jpegThumbnail: '' }),
    voice: await ada.sock.sendMessage(jid(BOB), { audio: PIXEL, ptt: true, seconds: 1, mimetype: 'audio/ogg; codecs=opus' }),
    document: await ada.sock.sendMessage(jid(BOB), { document: PIXEL, mimetype: 'image/png', fileName: 'pixel.png' }),
    sticker: await ada.sock.sendMessage(jid(BOB), { sticker: PIXEL }),
    poll: await ada.sock.sendMessage(jid(BOB), { poll: { name: 'Tea?', values: ['yes', 'no'] } }),
    card: await ada.sock.sendMessage(jid(BOB), { contacts: { contacts: [{ displayName: 'D', vcard: 'BEGIN:VCARD\nEND:VCARD' }] } }),
    forward: await ada.sock.sendMessage(jid(BOB), { forward: got }),
  }
  for (const [kind, sent] of Object.entries(kinds)) {
    await bob.message((message) => message.key.id === idOf(sent) && Boolean(message.message), kind)
  }
  const text = await ada.sock.sendMessage(jid(BOB), { text: 'first words' })
  const id = idOf(text)
  const original = await bob.message(says('first words'))
  await ada.sock.sendMessage(jid(BOB), { text: 'second words', edit: { remoteJid: jid(BOB), fromMe: true, id } })
  await bob.event('messages.update', (updates) => updates.some(({ key, update }) => key.id === id && Boolean(update.message?.editedMessage)))
  await bob.sock.sendMessage(original.key.remoteJid ?? '', { react: { text: '🎉', key: { ...original.key } } })
  await ada.event('messages.reaction', (reactions) => reactions.some(({ key, reaction }) => key.id === id && reaction.text === '🎉'))
  await ada.sock.sendMessage(jid(BOB), { delete: { remoteJid: jid(BOB), fromMe: true, id } })
  const deleted = await bob.event('messages.update', (updates) => updates.some(({ key, update }) => key.id === id && update.message === null))
  expect(deleted).toHaveLength(1)
})

it('copies what one companion writes to the other companion and the phone', async () => {
  const ada = await link(ADA, 'Ada')
  const second = await link(ADA, 'Ada')
  const bob = await link(BOB, 'Bob')
  const sent = await ada.sock.sendMessage(jid(BOB), { text: 'from the first' })
  const copy = await second.message((message) => message.key.id === idOf(sent) && Boolean(message.message))
  expect(copy.key.fromMe).toBe(true)
  expect(copy.key.remoteJid).toBe(jid(BOB))
  const got = await bob.message((message) => message.key.id === idOf(sent))
  await bob.sock.sendMessage(got.key.remoteJid ?? '', { text: 'to both' })
  await ada.message(says('to both'))
  await second.message(says('to both'))
  await until(() => simulator.messagesOf(ADA).length === 2, 'both on the phone')
  expect(simulator.messagesOf(ADA)).toMatchObject([{ fromMe: true, chat: jid(BOB) }, { fromMe: false, from: BOB }])
})

it('tells a companion what another one read', async () => {
  const ada = await link(ADA, 'Ada')
  const second = await link(ADA, 'Ada')
  simulator.addContact({ phone: BOB, name: 'Bob' })
  const { id } = await simulator.say(BOB, { to: ADA, type: 'text', text: 'read me' })
  await second.message((message) => message.key.id === id)
  const got = await ada.message((message) => message.key.id === id)
  await ada.sock.readMessages([got.key])
  await until(() => second.statusOf(id) === 4, 'the news on the other companion')
  expect(simulator.world.mailboxes.sent(simulator.world.accounts.ensure({ phone: BOB }), id)?.receipts).toEqual({ [ADA]: 'read' })
})

it('reaches a device that was linked after the last message, and no longer one that was taken off', async () => {
  const ada = await link(ADA, 'Ada')
  const bob = await link(BOB, 'Bob')
  await ada.sock.sendMessage(jid(BOB), { text: 'to one device' })
  await bob.message(says('to one device'))
  const second = await link(BOB, 'Bob')
  await until(() => simulator.world.delivery.pending(ada.state.creds.me?.lid?.replace('@lid', '') ?? '').length === 0, 'the news')
  await ada.sock.sendMessage(jid(BOB), { text: 'to two devices' })
  await bob.message(says('to two devices'))
  await second.message(says('to two devices'))
  simulator.unlink(BOB, 2)
  await until(() => second.closes.at(-1) === 401, 'the removal')
  await ada.sock.sendMessage(jid(BOB), { text: 'to one again' })
  await bob.message(says('to one again'))
  expect(second.messages.some(says('to one again'))).toBe(false)
})

it('lets a client ask another one again for what it could not read', async () => {
  const ada = await link(ADA, 'Ada')
  const bob = await link(BOB, 'Bob')
  simulator.addFault({ kind: 'corruptCiphertext', account: BOB })
  const sent = await ada.sock.sendMessage(jid(BOB), { text: 'once more' })
  const got = await bob.message(says('once more'))
  expect(got.key.id).toBe(idOf(sent))
  expect(simulator.faults()).toMatchObject([{ struck: 1 }])
})

it('writes to oneself', async () => {
  const ada = await link(ADA, 'Ada')
  const second = await link(ADA, 'Ada')
  await ada.sock.sendMessage(jid(ADA), { text: 'note to self' })
  const note = await second.message(says('note to self'))
  expect(note.key).toMatchObject({ fromMe: true, remoteJid: jid(ADA) })
})

it('asks a client for more prekeys when they run low', async () => {
  const ada = await link(ADA, 'Ada')
  const companion = simulator.world.accounts.byPhone(ADA)?.companions[0]
  if (!companion) throw new Error('nobody is linked')
  while (simulator.world.preKeys.count(companion) > 5) simulator.world.preKeys.take(companion)
  await simulator.say(BOB, { to: ADA, type: 'text', text: 'uses one up' })
  await ada.message(says('uses one up'))
  await until(() => simulator.world.preKeys.count(companion) > 5, 'the new keys')
  expect(simulator.world.preKeys.count(companion)).toBe(9)
})
