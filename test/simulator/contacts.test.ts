import { afterEach, beforeEach, expect, it } from 'vitest'
import { downloadMediaMessage, proto } from '@whiskeysockets/baileys'
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import { linkClient, mediaOptions, type Client } from '../support/client.ts'
import { assertNothingUnknown } from '../support/unknown-stanzas.ts'
import { until } from '../support/wait.ts'

const { CIPHERTEXT } = proto.WebMessageInfo.StubType
const ADA = '15550100001'
const CARL = '15550200001'

let simulator: Simulator
let ada: Client
const jid = (phone: string): string => `${phone}@s.whatsapp.net`

beforeEach(async () => {
  simulator = await startSimulator()
  ada = await linkClient(simulator, { phone: ADA, name: 'Ada' })
})
afterEach(async () => {
  const manifest = simulator.manifest()
  await ada.end()
  await simulator.close()
  assertNothingUnknown(manifest)
})

const lastOf = (phone: string) => simulator.messagesOf(phone).at(-1)

it.each(['lid', 'pn'] as const)('talks both ways with a contact that writes from its %s', async (addressing) => {
  simulator.addContact({ phone: CARL, name: 'Carl', addressing, autoReceipts: 'read' })
  const { id } = await simulator.say(CARL, { to: ADA, type: 'text', text: 'hi Ada' })
  const got = await ada.message((message) => message.key.id === id)
  expect(got.message?.conversation).toBe('hi Ada')
  expect(got.pushName).toBe('Carl')
  expect(got.key.remoteJid?.endsWith(addressing === 'lid' ? '@lid' : '@s.whatsapp.net')).toBe(true)
  const sent = await ada.sock.sendMessage(got.key.remoteJid ?? '', { text: 'hi Carl' })
  await until(() => lastOf(CARL)?.text === 'hi Carl', 'the answer')
  expect(simulator.messagesOf(CARL)).toMatchObject([{ id: sent?.key.id, from: ADA, chat: jid(ADA), type: 'text', copies: 1, undecryptable: 0 }])
  await until(() => ada.statusOf(sent?.key.id) === 4, 'the read receipt')
})

it('answers with no receipts, or by hand, when the contact is told so', async () => {
  simulator.addContact({ phone: CARL, name: 'Carl', autoReceipts: 'none' })
  const sent = await ada.sock.sendMessage(jid(CARL), { text: 'silence' })
  const id = sent?.key.id ?? ''
  await until(() => lastOf(CARL)?.id === id, 'the message')
  expect(ada.statusOf(id) ?? 0).toBeLessThan(3)
  simulator.receipt(CARL, [id], 'delivered')
  await until(() => ada.statusOf(id) === 3, 'delivered')
  simulator.receipt(CARL, [id], 'read')
  await until(() => ada.statusOf(id) === 4, 'read')
})

it('edits, reacts, deletes and quotes, both ways', async () => {
  simulator.addContact({ phone: CARL, name: 'Carl' })
  const first = await simulator.say(CARL, { to: ADA, type: 'text', text: 'helo' })
  const got = await ada.message((message) => message.key.id === first.id)
  await simulator.edit(CARL, first.id, 'hello')
  await ada.event('messages.update', (updates) => updates.some(({ key, update }) => key.id === first.id && Boolean(update.message?.editedMessage)))
  await simulator.react(CARL, first.id, '👍')
  await ada.event('messages.reaction', (reactions) => reactions.some(({ key, reaction }) => key.id === first.id && reaction.text === '👍'))
  await simulator.delete(CARL, first.id)
  await ada.event('messages.update', (updates) => updates.some(({ key, update }) => key.id === first.id && update.message === null))

  const sent = await ada.sock.sendMessage(got.key.remoteJid ?? '', { text: 'mine' }, { quoted: got })
  if (!sent) throw new Error('nothing was sent')
  // Baileys writes into the key it gave out.
  const key = { ...sent.key }
  await ada.sock.sendMessage(got.key.remoteJid ?? '', { text: 'mine, better', edit: { ...key } })
  await ada.sock.sendMessage(got.key.remoteJid ?? '', { react: { text: '❤️', key: got.key } })
  await ada.sock.sendMessage(got.key.remoteJid ?? '', { delete: { ...key } })
  await until(() => simulator.messagesOf(CARL).length === 4, 'all four')
  expect(simulator.messagesOf(CARL)).toMatchObject([
    { type: 'text', text: 'mine' },
    { type: 'edit', text: 'mine, better', target: key.id },
    { type: 'reaction', text: '❤️', target: first.id },
    { type: 'delete', target: key.id },
  ])
})

it('exchanges media, polls, places and cards', async () => {
  simulator.addContact({ phone: CARL, name: 'Carl' })
  const { id } = await simulator.say(CARL, { to: ADA, type: 'image', text: 'a picture' })
  const got = await ada.message((message) => message.key.id === id)
  expect(got.message?.imageMessage?.caption).toBe('a picture')
  const bytes = await downloadMediaMessage(got, 'buffer', { options: mediaOptions(simulator.mediaUrl).options ?? {} })
  expect(bytes.length).toBeGreaterThan(10)

  const image = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
  const to = jid(CARL)
  await ada.sock.sendMessage(to, { image, caption: 'one pixel', jpegThumbnail: '' })
  await ada.sock.sendMessage(to, { document: image, mimetype: 'image/png', fileName: 'pixel.png' })
  await ada.sock.sendMessage(to, { location: { degreesLatitude: 1, degreesLongitude: 2, name: 'Here' } })
  await ada.sock.sendMessage(to, { contacts: { displayName: 'Dora', contacts: [{ displayName: 'Dora', vcard: 'BEGIN:VCARD\nEND:VCARD' }] } })
  await ada.sock.sendMessage(to, { poll: { name: 'Tea?', values: ['yes', 'no'], selectableCount: 1 } })
  await ada.sock.sendMessage(to, { forward: got })
  await until(() => simulator.messagesOf(CARL).length === 6, 'all six')
  expect(simulator.messagesOf(CARL).map(({ type }) => type)).toEqual(['image', 'document', 'location', 'contacts', 'poll', 'image'])
})

it('sends again, under the same id, what the client could not read', async () => {
  simulator.addContact({ phone: CARL, name: 'Carl' })
  simulator.addFault({ kind: 'corruptCiphertext', account: ADA })
  const { id } = await simulator.say(CARL, { to: ADA, type: 'text', text: 'twice' })
  const read = await ada.message((message) => message.key.id === id && message.message?.conversation === 'twice')
  expect(read.messageStubType ?? 0).toBe(0)
  expect(simulator.faults()).toMatchObject([{ struck: 1, left: 0 }])
})

it('leaves it unread when the contact does not answer retries', async () => {
  simulator.addContact({ phone: CARL, name: 'Carl', answersRetries: false })
  simulator.addFault({ kind: 'corruptCiphertext', account: ADA })
  const { id } = await simulator.say(CARL, { to: ADA, type: 'text', text: 'lost' })
  await ada.message((message) => message.key.id === id && message.messageStubType === CIPHERTEXT)
  const after = await simulator.say(CARL, { to: ADA, type: 'text', text: 'found' })
  await ada.message((message) => message.key.id === after.id && message.message?.conversation === 'found')
  expect(ada.messages.some((message) => message.message?.conversation === 'lost')).toBe(false)
})

it('asks the client again for what the contact could not read', async () => {
  simulator.addContact({ phone: CARL, name: 'Carl' })
  await ada.sock.sendMessage(jid(CARL), { text: 'first' })
  await until(() => simulator.messagesOf(CARL).length === 1, 'the first')
  const carl = simulator.world.accounts.byPhone(CARL)
  const phone = carl?.phoneDevice
  const own = simulator.world.accounts.byPhone(ADA)?.companions[0]
  if (!phone || !own) throw new Error('nobody is there')
  // The contact's phone loses its session, as after a restored backup.
  simulator.world.storage.collection('signal-sessions').delete(`${phone.key}/${own.key}`)
  const sent = await ada.sock.sendMessage(jid(CARL), { text: 'second' })
  await until(() => lastOf(CARL)?.id === sent?.key.id, 'the second, sent again')
  expect(lastOf(CARL)).toMatchObject({ text: 'second', copies: 1, undecryptable: 1 })
})

it('counts copies of one id', async () => {
  simulator.addContact({ phone: CARL, name: 'Carl' })
  await ada.sock.sendMessage(jid(CARL), { text: 'same' }, { messageId: '3EB0AAAAAAAAAAAAAAAAAA' })
  await ada.sock.sendMessage(jid(CARL), { text: 'same' }, { messageId: '3EB0AAAAAAAAAAAAAAAAAA' })
  await until(() => lastOf(CARL)?.copies === 2, 'both copies')
  expect(simulator.messagesOf(CARL)).toHaveLength(1)
})

it('refuses a message without any ciphertext, as a ghost send makes it', async () => {
  simulator.addFault({ kind: 'usyncTimeout', account: ADA })
  const quick = await linkClient(simulator, { phone: '15550100009', name: 'Quick' }, { defaultQueryTimeoutMs: 300 })
  simulator.addFault({ kind: 'usyncTimeout', account: '15550100009', times: 5 })
  const sent = await quick.sock.sendMessage(jid(CARL), { text: 'ghost' })
  expect(await until(() => quick.statusOf(sent?.key.id) === 0, 'the refusal')).toBe(true)
  await quick.end()
})

it('shows presence and typing', async () => {
  simulator.addContact({ phone: CARL, name: 'Carl' })
  const { id } = await simulator.say(CARL, { to: ADA, type: 'text', text: 'hi' })
  const { remoteJid } = (await ada.message((message) => message.key.id === id)).key
  await ada.sock.presenceSubscribe(remoteJid ?? '')
  simulator.presence(CARL, 'composing', ADA)
  await ada.event('presence.update', ({ presences }) => Object.values(presences).some(({ lastKnownPresence }) => lastKnownPresence === 'composing'))
  await until(() => simulator.world.accounts.byPhone(CARL), 'Carl')
  simulator.presence(CARL, 'available')
  await ada.event('presence.update', ({ id: from, presences }) => from === remoteJid && Object.values(presences).some(({ lastKnownPresence }) => lastKnownPresence === 'available'))
  simulator.presence(CARL, 'unavailable')
  const gone = await ada.event('presence.update', ({ presences }) => Object.values(presences).some(({ lastSeen }) => lastSeen !== undefined))
  expect(Object.values(gone.presences)).toMatchObject([{ lastKnownPresence: 'unavailable' }])
})

it('calls, is rejected, or gives up', async () => {
  simulator.addContact({ phone: CARL, name: 'Carl' })
  const { id } = simulator.call(CARL, ADA, true)
  const [offer] = await ada.event('call', ([call]) => call?.id === id && call.status === 'offer')
  expect(offer).toMatchObject({ isVideo: true, callerPn: jid(CARL) })
  await ada.sock.rejectCall(id, offer?.from ?? '')
  expect(() => simulator.endCall(id)).toThrow('no such call')
  const second = simulator.call(CARL, ADA)
  await ada.event('call', ([call]) => call?.id === second.id && call.status === 'offer')
  simulator.endCall(second.id)
  await ada.event('call', ([call]) => call?.id === second.id && call.status === 'timeout')
  expect(await ada.sock.createCallLink('video')).toMatch(/\S/)
})

it('knows who is on WhatsApp, abouts, privacy and blocks', async () => {
  simulator.addContact({ phone: CARL, name: 'Carl' })
  simulator.addContact({ phone: '15550200002', name: 'Nobody', registered: false })
  const found = await ada.sock.onWhatsApp(CARL, '15550200002', '15550200003')
  expect(found).toEqual([{ jid: jid(CARL), exists: true }])
  await ada.sock.updateProfileStatus('busy')
  expect(simulator.world.accounts.byPhone(ADA)?.about).toBe('busy')
  const [about] = (await ada.sock.fetchStatus(jid(ADA))) ?? []
  expect(about).toMatchObject({ status: { status: 'busy' } })
  await ada.sock.updateLastSeenPrivacy('contacts')
  expect(await ada.sock.fetchPrivacySettings(true)).toMatchObject({ last: 'contacts', readreceipts: 'all' })
  await ada.sock.getUSyncDevices([jid(CARL)], false, false)
  await ada.sock.updateBlockStatus(jid(CARL), 'block')
  expect(await ada.sock.fetchBlocklist()).toHaveLength(1)
  await ada.sock.updateBlockStatus(jid(CARL), 'unblock')
  expect(await ada.sock.fetchBlocklist()).toHaveLength(0)
  await ada.sock.updateDefaultDisappearingMode(86400)
  expect(await ada.sock.getBusinessProfile(jid(CARL))).toBeUndefined()
  expect((await ada.sock.fetchAccountReachoutTimelock()).isActive).toBe(false)
})
