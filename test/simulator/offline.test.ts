import { afterEach, beforeEach, expect, it } from 'vitest'
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import { linkClient, type Client } from '../support/client.ts'
import { assertNothingUnknown } from '../support/unknown-stanzas.ts'
import { until } from '../support/wait.ts'

const ADA = '15550100001'
const CARL = '15550200001'

let simulator: Simulator
let ada: Client
const queue = () => simulator.world.delivery.pending(device()?.key ?? '')
const device = () => simulator.world.accounts.byPhone(ADA)?.companions[0]
const settled = (): Promise<boolean> => until(() => device()?.historySent === true && queue().length === 0, 'an empty queue')
const leave = async (): Promise<void> => {
  await settled()
  const before = ada.closes.length
  await ada.sock.end(undefined)
  await until(() => ada.closes.length > before && !simulator.manifest().accounts[0]?.devices[0]?.online, 'the close')
}

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

it('keeps messages in order for a client that is away, and marks them offline', async () => {
  await leave()
  const texts = Array.from({ length: 30 }, (_value, place) => `number ${place}`)
  for (const text of texts) await simulator.say(CARL, { to: ADA, type: 'text', text })
  expect(queue()).toHaveLength(30)
  ada.connect()
  await until(() => ada.messages.filter((message) => message.message?.conversation?.startsWith('number')).length === 30, 'all of them')
  expect(ada.messages.flatMap((message) => message.message?.conversation ?? [])).toEqual(texts)
  const kinds = ada.events['messages.upsert']?.filter(({ messages }) => messages.some((message) => message.message?.conversation))
  expect(new Set(kinds?.map(({ type }) => type))).toEqual(new Set(['append']))
  await settled()
})

it('keeps receipts for a client that is away', async () => {
  const sent = await ada.sock.sendMessage(`${CARL}@s.whatsapp.net`, { text: 'read me' })
  const id = sent?.key.id ?? ''
  await until(() => ada.statusOf(id) === 3, 'delivered')
  await leave()
  simulator.receipt(CARL, [id], 'read')
  expect(queue().map(({ stanza }) => stanza.tag)).toEqual(['receipt'])
  ada.connect()
  await until(() => ada.statusOf(id) === 4, 'read')
  await settled()
})

it('sends again what was not acked when a link dies, and forgets it exactly at the ack', async () => {
  await settled()
  simulator.addFault({ kind: 'silent', account: ADA })
  await simulator.say(CARL, { to: ADA, type: 'text', text: 'into the void' })
  expect(queue()).toHaveLength(1)
  simulator.clearFaults()
  await ada.sock.end(undefined)
  await until(() => ada.closes.length === 2, 'the close')
  ada.connect()
  await ada.message((message) => message.message?.conversation === 'into the void')
  await settled()
})
