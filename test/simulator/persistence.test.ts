import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { MessageView } from '../../src/simulator/verbs/writing.ts'
import { linkClient, makeClient, type Client } from '../support/client.ts'
import { startSimulatorProcess, type SimulatorProcess } from '../support/simulator-process.ts'
import { until } from '../support/wait.ts'

const ADA = '15550100001'
const CARL = '15550200001'
const ROUNDS = 6
const PER_ROUND = 8

let dataDir: string
let simulator: SimulatorProcess
const clients: Client[] = []

const link = async (phone: string, name: string): Promise<Client> => {
  const { wsUrl, mediaUrl } = simulator
  const client = await linkClient({ wsUrl, mediaUrl, scan: (qr, scanner) => simulator.call('scan', qr, scanner) }, { phone, name })
  clients.push(client)
  return client
}
const restart = async (): Promise<void> => {
  const { wsUrl, mediaUrl } = simulator
  await simulator.kill()
  simulator = await startSimulatorProcess(dataDir, Number(new URL(wsUrl).port), Number(new URL(mediaUrl).port))
}
const received = (): Promise<MessageView[]> => simulator.call('messagesOf', CARL)

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'world-'))
  simulator = await startSimulatorProcess(dataDir)
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()))
  await simulator.kill()
  await rm(dataDir, { recursive: true })
})

it('keeps its world over kill -9: links, sessions, queues, mailboxes and its own identity', async () => {
  await simulator.call('addContact', { phone: CARL, name: 'Carl' })
  const ada = await link(ADA, 'Ada')
  await simulator.call('say', CARL, { to: ADA, type: 'text', text: 'before' })
  await ada.message((message) => message.message?.conversation === 'before')
  await ada.sock.sendMessage(`${CARL}@s.whatsapp.net`, { text: 'to Carl' })
  await until(async () => (await received()).length === 1, 'the message to Carl')
  const { rootKey } = await simulator.call<{ rootKey: string }>('manifest')

  await ada.sock.end(undefined)
  await until(() => ada.closes.length === 2, 'the close')
  await simulator.call('say', CARL, { to: ADA, type: 'text', text: 'while away' })
  await restart()
  expect(await received()).toMatchObject([{ text: 'to Carl', copies: 1 }])
  expect((await simulator.call<{ rootKey: string }>('manifest')).rootKey).toBe(rootKey)

  ada.connect()
  await ada.message((message) => message.message?.conversation === 'while away')
  await ada.sock.sendMessage(`${CARL}@s.whatsapp.net`, { text: 'after' })
  await until(async () => (await received()).at(-1)?.text === 'after', 'the message after')
  expect((await received()).map(({ undecryptable }) => undecryptable)).toEqual([0, 0])
}, 60_000)

it('loses no message and spoils no session when it is killed again and again in the midst of things', async () => {
  await simulator.call('addContact', { phone: CARL, name: 'Carl', answersRetries: false })
  const first = await link(ADA, 'Ada')
  await first.end()
  let sequence = 0
  const spoken: string[] = []
  // What comes over the wire counts: a stock client loses some of what it received when its socket ends.
  const arrived = new Set<string>()
  const open = async (): Promise<Client> => {
    const client = makeClient(simulator, first.state)
    clients.push(client)
    client.connect()
    client.sock.ws.on('CB:message', ({ attrs }: { attrs: Record<string, string> }) => arrived.add(attrs['id'] ?? ''))
    await until(() => client.isOpen, 'the client to open')
    return client
  }
  for (let round = 0; round < ROUNDS; round++) {
    const client = await open()
    const before = arrived.size
    const talk = Array.from({ length: PER_ROUND }, () => {
      const id = `SAID${String(++sequence).padStart(4, '0')}`
      return simulator.call('say', CARL, { to: ADA, type: 'text', text: id, id }).then(() => spoken.push(id), () => undefined)
    })
    await until(() => arrived.size >= before + PER_ROUND / 2, 'some of them')
    await restart()
    await Promise.all(talk)
    await client.end()
  }
  const last = await open()
  await until(() => spoken.every((id) => arrived.has(id)), `all ${spoken.length} that were accepted`)
  await simulator.call('addContact', { phone: CARL, answersRetries: true })
  const { id } = await simulator.call<{ id: string }>('say', CARL, { to: ADA, type: 'text', text: 'still here' })
  await last.message((message) => message.key.id === id && message.message?.conversation === 'still here')
  expect(spoken.length).toBeGreaterThan(ROUNDS)
}, 90_000)
