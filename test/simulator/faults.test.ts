import { proto } from '@whiskeysockets/baileys'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import type { FaultRequest } from '../../src/simulator/faults.ts'
import { linkClient, type Client } from '../support/client.ts'
import { assertNothingUnknown } from '../support/unknown-stanzas.ts'
import { until } from '../support/wait.ts'

const { CIPHERTEXT } = proto.WebMessageInfo.StubType
const ADA = '15550100001'
const CARL = '15550200001'

let simulator: Simulator
let ada: Client
const to = `${CARL}@s.whatsapp.net`

beforeEach(async () => {
  simulator = await startSimulator()
  simulator.addContact({ phone: CARL, name: 'Carl' })
  ada = await linkClient(simulator, { phone: ADA, name: 'Ada' })
})
afterEach(async () => {
  const manifest = simulator.manifest()
  await ada.end()
  await simulator.close()
  assertNothingUnknown(manifest)
})

it.each<[string, Omit<FaultRequest, 'account'>, number]>([
  ['a cut transport', { kind: 'drop' }, 428],
  ['a stream error', { kind: 'streamError' }, 503],
  ['another stream error', { kind: 'streamError', code: 500 }, 500],
  ['a device taken off', { kind: 'unlink' }, 401],
  ['a replaced socket', { kind: 'replaced' }, 440],
  ['a downgrade', { kind: 'downgrade' }, 411],
  ['an ended stream', { kind: 'xmlstreamend' }, 428],
])('ends a live socket with %s', async (_words, fault, code) => {
  simulator.addFault({ ...fault, account: ADA })
  await until(() => ada.closes.at(-1) === code, `the close with ${code}`)
  expect(simulator.faults()).toMatchObject([{ kind: fault.kind, struck: 1, left: 0 }])
})

it('strikes only the account it is meant for', async () => {
  simulator.addFault({ kind: 'drop', account: '15550100099' })
  await ada.sock.sendMessage(to, { text: 'still there' })
  await until(() => simulator.messagesOf(CARL).length === 1, 'the message')
  expect(simulator.faults()).toMatchObject([{ struck: 0, left: 1 }])
})

it('refuses a login with any code', async () => {
  await ada.sock.end(undefined)
  simulator.addFault({ kind: 'failure', account: ADA, code: 403 })
  ada.connect()
  await until(() => ada.closes.at(-1) === 403, 'the refusal')
  ada.connect()
  expect(await until(() => ada.isOpen, 'the next login')).toBe(true)
})

it('refuses messages with a code', async () => {
  simulator.addFault({ kind: 'ackError', account: ADA, code: 463 })
  const sent = await ada.sock.sendMessage(to, { text: 'refused' })
  await until(() => ada.statusOf(sent?.key.id) === 0, 'the refusal')
  await ada.sock.sendMessage(to, { text: 'taken' })
  await until(() => simulator.messagesOf(CARL).length === 1, 'the second message')
  expect(simulator.messagesOf(CARL)).toMatchObject([{ text: 'taken' }])
})

it('acks late, or never', async () => {
  const acks: string[] = []
  ada.sock.ws.on('CB:ack,class:message', ({ attrs }: { attrs: Record<string, string> }) => acks.push(attrs['id'] ?? ''))
  simulator.addFault({ kind: 'slowAck', account: ADA, delayMs: 200 })
  const late = await ada.sock.sendMessage(to, { text: 'late' })
  await until(() => simulator.messagesOf(CARL).length === 1, 'the message')
  expect(acks).toEqual([])
  await until(() => acks.includes(late?.key.id ?? ''), 'the late ack')
  simulator.addFault({ kind: 'noAck', account: ADA })
  const never = await ada.sock.sendMessage(to, { text: 'never' })
  const next = await ada.sock.sendMessage(to, { text: 'next' })
  await until(() => acks.includes(next?.key.id ?? ''), 'the next ack')
  expect(acks).not.toContain(never?.key.id)
})

it('sends a message twice', async () => {
  simulator.addFault({ kind: 'duplicate', account: ADA })
  const arrived: string[] = []
  ada.sock.ws.on('CB:message', ({ attrs }: { attrs: Record<string, string> }) => arrived.push(attrs['id'] ?? ''))
  const { id } = await simulator.say(CARL, { to: ADA, type: 'text', text: 'double' })
  expect(await until(() => arrived.filter((each) => each === id).length === 2, 'both copies')).toBe(true)
})

it('has no keys for a device', async () => {
  simulator.addFault({ kind: 'missingBundle', account: ADA, times: 0 })
  await expect(ada.sock.sendMessage(to, { text: 'no keys' })).rejects.toMatchObject({ data: 404 })
})

it('holds messages back until the next login', async () => {
  simulator.addFault({ kind: 'offlineQueue', account: ADA })
  const held = await simulator.say(CARL, { to: ADA, type: 'text', text: 'held' })
  const live = await simulator.say(CARL, { to: ADA, type: 'text', text: 'live' })
  await ada.message((message) => message.key.id === live.id)
  expect(ada.messages.some((message) => message.key.id === held.id)).toBe(false)
  await ada.sock.end(undefined)
  await until(() => ada.closes.length === 2, 'the close')
  ada.connect()
  await ada.message((message) => message.key.id === held.id)
})

it('sends only word of a message whose content is on the phone, which the phone gives when asked', async () => {
  simulator.addFault({ kind: 'unavailable', account: ADA })
  const { id } = await simulator.say(CARL, { to: ADA, type: 'text', text: 'on the phone' })
  await ada.message((message) => message.key.id === id && message.messageStubType === CIPHERTEXT)
  const given = await ada.message((message) => message.key.id === id && message.message?.conversation === 'on the phone')
  expect(given.key.fromMe).toBe(false)
})

it('answers the upgrade with an error', async () => {
  await ada.sock.end(undefined)
  simulator.addFault({ kind: 'httpError', code: 502 })
  ada.connect()
  await until(() => simulator.faults()[0]?.struck === 1, 'the strike')
  expect(ada.isOpen).toBe(false)
  ada.connect()
  await until(() => ada.isOpen, 'the next attempt')
})

it('leaves one kind of request without an answer', async () => {
  simulator.addFault({ kind: 'silentIq', account: ADA, xmlns: 'status', times: 1 })
  let isAnswered = false
  void ada.sock.updateProfileStatus('unheard').then(() => (isAnswered = true), () => undefined)
  await until(() => simulator.faults()[0]?.struck === 1, 'the strike')
  expect(await ada.sock.onWhatsApp(CARL)).toHaveLength(1)
  expect(isAnswered).toBe(false)
})

it('repeats a random fault by its seed', async () => {
  const run = async (seed: number): Promise<boolean[]> => {
    simulator.clearFaults()
    simulator.addFault({ kind: 'ackError', account: ADA, times: 0, chance: 0.5, seed })
    const refused: boolean[] = []
    for (let place = 0; place < 8; place++) {
      const sent = await ada.sock.sendMessage(to, { text: `${seed}/${place}` })
      const struck = await until(() => ada.statusOf(sent?.key.id) === 0 ? 'refused' : (ada.statusOf(sent?.key.id) ?? 0) >= 3 && 'taken')
      refused.push(struck === 'refused')
    }
    return refused
  }
  const first = await run(7)
  expect(await run(7)).toEqual(first)
  expect(new Set(first).size).toBe(2)
})
