import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { Message, SentMessage } from '../../../schemas/message.ts'
import type { Session, SessionStart } from '../../../schemas/session.ts'
import type { FaultView } from '../../../src/simulator/verbs/world.ts'
import { killGateways, startGatewayProcess, type GatewayProcess } from '../../support/gateway-process.ts'
import { openLeft } from '../../support/left-store.ts'
import { startLoneSimulator, type LoneSimulator } from '../../support/lone-simulator.ts'
import { tempFolder } from '../../support/temp.ts'
import { assertNothingUnknown } from '../../support/unknown-stanzas.ts'
import { until } from '../../support/wait.ts'

const KEY = 'key-of-the-tests'
const OWNER = '15550700001'
const READER = '15550700002'
const PATIENCE_MS = 90_000

let simulator: LoneSimulator
beforeAll(async () => {
  simulator = await startLoneSimulator()
})
afterEach(killGateways)
afterAll(async () => {
  const manifest = await simulator.control<{ unknownStanzas: { what: string; count: number }[] }>('GET', '/sandbox')
  await simulator.stop()
  assertNothingUnknown(manifest)
})

const start = (dataDir: string): Promise<GatewayProcess> => startGatewayProcess({ API_KEY: KEY, DATA_DIR: dataDir, SANDBOX: simulator.controlUrl, LOG_LEVEL: 'silent' })

async function opened(gateway: GatewayProcess, id: string): Promise<void> {
  await until(async () => (await gateway.call<Session>('GET', `/sessions/${id}`)).body.isLoggedIn, `session ${id} to be open`, 60_000)
}

async function link(gateway: GatewayProcess, id: string, phone: string): Promise<void> {
  expect((await gateway.call<SessionStart>('POST', `/sessions/${id}?wait=25`)).body.status).toBe('qr')
  await simulator.scan((await gateway.call<{ qr: string }>('GET', `/sessions/${id}/qr?wait=25`)).body.qr, { phone })
  await opened(gateway, id)
}

async function send(gateway: GatewayProcess, text: string): Promise<void> {
  expect((await gateway.call<SentMessage>('POST', `/sessions/writer/chats/${READER}/messages`, { body: { text } })).body).toMatchObject({ status: 'sent' })
}

/** Waits until one more device of the reader, a session of another gateway, lists the text. */
const read = (gateway: GatewayProcess, text: string): Promise<Message> =>
  until(async () => {
    const { status, body } = await gateway.call<Message[]>('GET', `/sessions/reader/chats/${OWNER}/messages`)
    return status === 200 && body.find((message) => message.text === text)
  }, `'${text}' at the reader's other device`)

/** Whose device list is asked for from now on: each question of the writer goes unanswered and is counted. */
const deafen = (): Promise<FaultView> => simulator.control<FaultView>('POST', '/sandbox/faults', { kind: 'usyncTimeout', account: OWNER, times: 0 })
const questions = async (): Promise<number> => (await simulator.control<FaultView[]>('GET', '/sandbox/faults')).reduce((sum, { struck }) => sum + struck, 0)

it('kill -9 makes nobody ask for the devices of the contacts again, yet a new and a removed one are noticed', async () => {
  const folder = tempFolder()
  let gateway = await start(folder)
  await simulator.control('POST', '/sandbox/contacts', { phone: READER, name: 'Reader', autoReceipts: 'none' })
  await link(gateway, 'writer', OWNER)
  await send(gateway, 'one')

  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    await gateway.end(signal)
    await deafen()
    gateway = await start(folder)
    await opened(gateway, 'writer')
    await send(gateway, `after ${signal}`)
    expect(await questions()).toBe(0)
    await simulator.control('DELETE', '/sandbox/faults')
  }

  // The contact links a device while the gateway is down, and takes it off while it is down again.
  const others = await start(tempFolder())
  await gateway.end('SIGKILL')
  await link(others, 'reader', READER)
  gateway = await start(folder)
  await opened(gateway, 'writer')
  await send(gateway, 'for both')
  await read(others, 'for both')
  await deafen()
  await send(gateway, 'for both again')
  await read(others, 'for both again')
  await gateway.end('SIGKILL')
  expect((await others.call<{ remote: boolean }>('DELETE', '/sessions/reader')).body).toMatchObject({ remote: true })
  gateway = await start(folder)
  await opened(gateway, 'writer')
  await send(gateway, 'for one')
  expect(await questions()).toBe(0)
  await simulator.control('DELETE', '/sandbox/faults')
  await Promise.all([gateway.end(), others.end()])

  const store = await openLeft(folder)
  try {
    const lists = await store.devices.get('writer', [READER])
    expect(JSON.parse(lists.get(READER)?.value ?? '[]')).toMatchObject([{ user: READER, device: 0 }])
    const lid = await store.auth.get('writer', 'lid-mapping', [READER])
    const address = `${JSON.parse(lid.get(READER) ?? '""') as string}_1.0`
    const record = JSON.parse((await store.auth.get('writer', 'session', [address])).get(address) ?? '{}') as { _sessions?: object }
    expect(Object.keys(record._sessions ?? {})).toHaveLength(1)
  } finally {
    await store.close()
  }
  const received = await simulator.control<{ text: string; copies: number }[]>('GET', `/sandbox/contacts/${READER}/messages`)
  expect(received.map(({ text, copies }) => [text, copies])).toEqual(['one', 'after SIGKILL', 'after SIGTERM', 'for both', 'for both again', 'for one'].map((text) => [text, 1]))
}, PATIENCE_MS)
