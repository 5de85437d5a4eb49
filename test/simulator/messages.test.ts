import { afterEach, beforeEach, expect, it } from 'vitest'
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import { linkClient, type Client } from '../support/client.ts'
import { assertNothingUnknown } from '../support/unknown-stanzas.ts'
import { until } from '../support/wait.ts'

const ADA = '15550100001'
const BOB = '15550100002'

let simulator: Simulator
const clients: Client[] = []
const link = async (phone: string, name: string): Promise<Client> => {
  const client = await linkClient(simulator, { phone, name })
  clients.push(client)
  return client
}
const jid = (phone: string): string => `${phone}@s.whatsapp.net`

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
  const got = await bob.message((message) => message.message?.extendedTextMessage?.text === 'hello Bob')
  expect(got.key.id).toBe(sent?.key.id)
  expect(got.pushName).toBe('Ada')
  await until(() => ada.statusOf(sent?.key.id) === 3, 'the delivered receipt')
  await bob.sock.readMessages([got.key])
  await until(() => ada.statusOf(sent?.key.id) === 4, 'the read receipt')
  await bob.sock.sendMessage(got.key.remoteJid ?? '', { text: 'hello Ada' }, { quoted: got })
  const back = await ada.message((message) => message.message?.extendedTextMessage?.text === 'hello Ada')
  expect(back.message?.extendedTextMessage?.contextInfo?.stanzaId).toBe(sent?.key.id)
})

it('copies what one companion writes to the other companion and the phone', async () => {
  const ada = await link(ADA, 'Ada')
  const second = await link(ADA, 'Ada')
  const bob = await link(BOB, 'Bob')
  const sent = await ada.sock.sendMessage(jid(BOB), { text: 'from the first' })
  const copy = await second.message((message) => message.key.id === sent?.key.id && Boolean(message.message))
  expect(copy.key.fromMe).toBe(true)
  expect(copy.key.remoteJid).toBe(jid(BOB))
  const got = await bob.message((message) => message.key.id === sent?.key.id)
  await bob.sock.sendMessage(got.key.remoteJid ?? '', { text: 'to both' })
  await ada.message((message) => message.message?.extendedTextMessage?.text === 'to both')
  await second.message((message) => message.message?.extendedTextMessage?.text === 'to both')
  const account = simulator.world.accounts.byPhone(ADA)
  await until(() => account && simulator.world.mailboxes.list(account).length === 2, 'both on the phone')
})
