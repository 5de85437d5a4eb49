import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { Message, SentMessage } from '../../../schemas/message.ts'
import type { Session, SessionStart } from '../../../schemas/session.ts'
import type { AccountView } from '../../../src/simulator/verbs/people.ts'
import type { MessageView } from '../../../src/simulator/verbs/writing.ts'
import { killGateways, startGatewayProcess, type GatewayProcess } from '../../support/gateway-process.ts'
import { startLoneSimulator, type LoneSimulator } from '../../support/lone-simulator.ts'
import { tempFolder } from '../../support/temp.ts'
import { assertNothingUnknown } from '../../support/unknown-stanzas.ts'
import { until } from '../../support/wait.ts'

const KEY = 'key-of-the-tests'
const OWNER = '15550500001'
const READER = '15550600001'
const WRITER = '15550600002'
const KILLS = 3
const PATIENCE_MS = 180_000

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

const env = (dataDir: string): Record<string, string> => ({ API_KEY: KEY, DATA_DIR: dataDir, SANDBOX: simulator.controlUrl, LOG_LEVEL: 'silent' })
const accounts = async (): Promise<readonly AccountView[]> => (await simulator.control<{ accounts: AccountView[] }>('GET', '/sandbox')).accounts
const devicesOf = async (phone: string) => (await accounts()).find((account) => account.phone === phone)?.devices ?? []
const opened = (gateway: GatewayProcess, id: string) => until(async () => (await gateway.call<Session>('GET', `/sessions/${id}`)).body.isLoggedIn, `session ${id} to be open`, 60_000)
const say = (text: string) => simulator.control('POST', `/sandbox/contacts/${WRITER}/messages`, { to: OWNER, type: 'text', text })

async function showQr(gateway: GatewayProcess, id: string): Promise<string> {
  const start = await gateway.call<SessionStart>('POST', `/sessions/${id}?wait=25`)
  expect(start.body.status).toBe('qr')
  return (await gateway.call<{ qr: string }>('GET', `/sessions/${id}/qr?wait=25`)).body.qr
}

/** The newest messages of a chat. */
async function listed(gateway: GatewayProcess, phone: string): Promise<readonly Message[]> {
  const { status, body } = await gateway.call<Message[]>('GET', `/sessions/one/chats/${phone}/messages?limit=100`)
  return status === 200 ? body : []
}

/** Every message of a chat, oldest first. */
async function whole(gateway: GatewayProcess, phone: string): Promise<readonly Message[]> {
  const messages: Message[] = []
  for (let next: string | undefined = `/sessions/one/chats/${phone}/messages?limit=100`; next !== undefined; ) {
    const { body, headers }: Awaited<ReturnType<typeof gateway.call<Message[]>>> = await gateway.call<Message[]>('GET', next)
    messages.push(...body)
    next = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1]
  }
  return messages.toReversed()
}

/** A random sequence that the printed seed repeats. */
function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x7fffffff
  }
}

it('kill -9 while messages flow: no new link, nothing that a caller was told is missing, and what people wrote is there once and in order', async () => {
  const seed = Date.now() & 0x7fffffff
  process.stderr.write(`kill test, seed ${seed}\n`)
  const random = sequence(seed)
  const folder = tempFolder()
  let gateway = await startGatewayProcess(env(folder))
  await simulator.scan(await showQr(gateway, 'one'), { phone: OWNER })
  await opened(gateway, 'one')
  await simulator.control('POST', '/sandbox/contacts', { phone: READER, name: 'Reader' })
  await simulator.control('POST', '/sandbox/contacts', { phone: WRITER, name: 'Writer' })
  const [device] = await devicesOf(OWNER)

  /** What the API answered for: texts accepted to be sent, and ids that it has listed. */
  const accepted: string[] = []
  const shown = new Set<string>()
  /** What the writer's phone has sent. */
  const said: string[] = []

  for (let round = 0; round < KILLS; round += 1) {
    const mortal = gateway
    const dead = new AbortController()
    const flow = async (work: (place: number) => Promise<void>): Promise<void> => {
      for (let place = 0; !dead.signal.aborted; place += 1) await work(place).catch(() => undefined)
    }
    const flows = [
      flow(async (place) => {
        const text = `mine ${round}/${place}`
        const answer = await mortal.call<SentMessage>('POST', `/sessions/one/chats/${READER}/messages`, { body: { text }, headers: { prefer: 'respond-async' } })
        if (answer.status === 202 || answer.status === 201) accepted.push(text)
      }),
      flow(async (place) => {
        const text = `theirs ${round}/${place}`
        await say(text)
        said.push(text)
      }),
      flow(async () => {
        for (const { id } of await listed(mortal, WRITER)) shown.add(id)
      }),
    ]
    const enough = accepted.length + 5 + Math.floor(random() * 25)
    await until(() => accepted.length >= enough, 'sends to be accepted', 60_000)
    await mortal.end('SIGKILL')
    dead.abort()
    await Promise.all(flows)
    gateway = await startGatewayProcess(env(folder))
    const { body } = await gateway.call<Session>('GET', '/sessions/one')
    expect(body).toMatchObject({ linked: true, user: { phone: OWNER } })
    expect(['reconnecting', 'starting', 'connecting', 'open']).toContain(body.state)
    await opened(gateway, 'one')
  }

  await say('the last one')
  await until(async () => (await listed(gateway, WRITER)).some(({ text }) => text === 'the last one'), 'the last message')
  expect((await devicesOf(OWNER)).map(({ id, linkedAt }) => ({ id, linkedAt }))).toEqual([{ id: device?.id, linkedAt: device?.linkedAt }])
  const arrived = await until(async () => {
    const all = (await simulator.control<MessageView[]>('GET', `/sandbox/contacts/${READER}/messages`)).map(({ text }) => text)
    return accepted.every((text) => all.includes(text)) && all
  }, 'all accepted sends to arrive', 60_000)
  expect(arrived.filter((text) => accepted.includes(text ?? ''))).toEqual(accepted)
  const theirs = await whole(gateway, WRITER)
  expect(theirs.map(({ text }) => text)).toEqual([...said, 'the last one'])
  const stored = new Set(theirs.map(({ id }) => id))
  expect([...shown].filter((id) => !stored.has(id))).toEqual([])
  const ours = (await whole(gateway, READER)).map(({ text }) => text)
  expect(ours.filter((text) => accepted.includes(text ?? ''))).toEqual(accepted)
  expect(await gateway.end()).toEqual({ code: 0, signal: null })
}, PATIENCE_MS)
