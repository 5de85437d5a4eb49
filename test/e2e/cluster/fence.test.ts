import { existsSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { mortalGateway, type Mortal } from '../../faults/gateway.ts'
import { startProxy } from '../../faults/proxy.ts'
import { startLoneSimulator, type LoneSimulator } from '../../support/lone-simulator.ts'
import { hasRedis, startRedis, type TestRedis } from '../../support/redis.ts'
import { tempFolder } from '../../support/temp.ts'
import { assertNothingUnknown } from '../../support/unknown-stanzas.ts'
import { until } from '../../support/wait.ts'

/** How often each harm is done; the long form asks for more. */
const ROUNDS = Number(process.env['CLUSTER_ROUNDS'] ?? 1)
const ROUND_MS = 90_000
/** How long a stopped owner stays so in the long form, whoever has its session meanwhile. */
const STOPPED_MS = 30_000
const OPEN_MS = 60_000
const READER = '15550710001'
const ID = 'fenced'

let redis: TestRedis
let redisPort: number
let simulator: LoneSimulator
let phones = 0
beforeAll(async () => {
  if (!hasRedis) return
  redisPort = await freePort()
  redis = await startRedis({ port: String(redisPort) })
  simulator = await startLoneSimulator()
  await simulator.control('POST', '/sandbox/contacts', { phone: READER, name: 'Reader' })
})
afterAll(async () => {
  if (!hasRedis) return
  const manifest = await simulator.control<{ unknownStanzas: { what: string; count: number }[] }>('GET', '/sandbox')
  await simulator.stop()
  await redis.stop()
  assertNothingUnknown(manifest)
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A node whose frames are written down, and which reaches Redis at this port. */
interface Watched {
  readonly name: string
  readonly gateway: Mortal
  /** When each frame left, Unix milliseconds. */
  frames(): readonly number[]
}

function watched(name: string, prefix: string, port: number): Watched {
  const dataDir = tempFolder()
  const file = join(dataDir, 'frames')
  const gateway = mortalGateway({ dataDir, sandbox: simulator.controlUrl, env: { REDIS_URL: `redis://127.0.0.1:${port}`, REDIS_PREFIX: prefix, NODE_ID: name, FAULTS_FRAMES_FILE: file } })
  onTestFinished(() => gateway.kill())
  return { name, gateway, frames: () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : []) }
}

interface Seen {
  readonly nodeId: string | null
  readonly since: string | null
}

async function ownerSeenBy({ gateway }: Watched): Promise<Seen> {
  const { sessions } = (await gateway.call('GET', '/cluster')).body as unknown as { sessions: readonly (Seen & { readonly id: string })[] }
  return sessions.find(({ id }) => id === ID) ?? { nodeId: null, since: null }
}

async function link(node: Watched): Promise<void> {
  await node.gateway.call('POST', `/sessions/${ID}?wait=25`)
  const { body } = await node.gateway.call('GET', `/sessions/${ID}/qr?wait=25`)
  phones += 1
  await simulator.scan(String(body['qr']), { phone: `1555081000${phones}` })
  await node.gateway.allOpen([ID], OPEN_MS)
}

/** Sends through a node and waits until the contact has it; the number of copies of each text stays one. */
async function exchange(node: Watched, text: string): Promise<void> {
  const { status } = await node.gateway.call('POST', `/sessions/${ID}/chats/${READER}/messages`, { text }, { prefer: 'wait=20' })
  expect([201, 202]).toContain(status)
  await until(async () => (await simulator.control<{ text: string }[]>('GET', `/sandbox/contacts/${READER}/messages`)).some((message) => message.text === text), `'${text}' to arrive`, OPEN_MS)
}

/** Harms the owner until another node has its session, and mends the harm. Answers when the old owner spoke after the other had begun: never. */
async function fenced(nodes: readonly [Watched, Watched], round: string, harm: (owner: Watched) => void, mend: (owner: Watched) => void): Promise<readonly number[]> {
  const [one, other] = nodes
  const before = (await ownerSeenBy(one)).nodeId
  const [owner, heir] = before === one.name ? [one, other] : [other, one]
  harm(owner)
  const harmedAt = Date.now()
  const taken = await until(async () => {
    const now = await ownerSeenBy(heir)
    return now.nodeId === heir.name && now
  }, `${heir.name} to take the session`, OPEN_MS)
  await heir.gateway.allOpen([ID], OPEN_MS)
  if (ROUNDS > 1) await until(() => Date.now() - harmedAt >= STOPPED_MS, 'the time of the harm to pass', 2 * STOPPED_MS)
  mend(owner)
  await exchange(heir, `${round}: from the heir`)
  await owner.gateway.allOpen([ID], OPEN_MS)
  // Whoever is asked, the session speaks through its owner.
  await exchange(owner, `${round}: through the old owner`)
  return owner.frames().filter((at) => at >= Date.parse(taken.since ?? ''))
}

describe.skipIf(!hasRedis)('a session speaks through one node only', () => {
  it('when its owner is stopped for longer than its lease and goes on', { timeout: ROUNDS * ROUND_MS }, async () => {
    const nodes = [watched('a', 'stopped', redisPort), watched('b', 'stopped', redisPort)] as const
    for (const { gateway } of nodes) await gateway.start()
    await link(nodes[0])
    for (let round = 1; round <= ROUNDS; round += 1) {
      const late = await fenced(nodes, `stopped ${round}`, ({ gateway }) => process.kill(gateway.pid(), 'SIGSTOP'), ({ gateway }) => process.kill(gateway.pid(), 'SIGCONT'))
      expect(late).toEqual([])
    }
  })

  it('when its owner does not reach Redis any more', { timeout: ROUNDS * ROUND_MS }, async () => {
    const proxies = [await startProxy(`redis://127.0.0.1:${redisPort}/`), await startProxy(`redis://127.0.0.1:${redisPort}/`)] as const
    const ports = proxies.map(({ wsUrl }) => Number(new URL(wsUrl).port))
    const nodes = [watched('a', 'cut', ports[0] ?? 0), watched('b', 'cut', ports[1] ?? 0)] as const
    for (const { gateway } of nodes) await gateway.start()
    await link(nodes[0])
    const proxyOf = (node: Watched) => (node.name === 'a' ? proxies[0] : proxies[1])
    for (let round = 1; round <= ROUNDS; round += 1) {
      const late = await fenced(nodes, `cut ${round}`, (owner) => proxyOf(owner).cut(), (owner) => proxyOf(owner).heal())
      expect(late).toEqual([])
    }
    for (const { gateway } of nodes) await gateway.stop()
    for (const proxy of proxies) await proxy.close()
  })

  it('when Redis itself is killed and started again', { timeout: ROUNDS * ROUND_MS }, async () => {
    const nodes = [watched('a', 'restarted', redisPort), watched('b', 'restarted', redisPort)] as const
    for (const { gateway } of nodes) await gateway.start()
    await link(nodes[0])
    for (let round = 1; round <= ROUNDS; round += 1) {
      await redis.kill()
      const { status } = await nodes[0].gateway.call('POST', `/sessions/${ID}/chats/${READER}/messages`, { text: 'into the void' })
      expect(status).toBe(503)
      // What needs the owner asks Redis who that is.
      expect((await nodes[0].gateway.call('GET', `/sessions/${ID}/chats/${READER}/contact`)).status).toBe(503)
      expect((await nodes[1].gateway.call('GET', '/cluster')).status).toBe(503)
      await redis.start()
      for (const { gateway } of nodes) await gateway.allOpen([ID], OPEN_MS)
      for (const node of nodes) await exchange(node, `restarted ${round}: through ${node.name}`)
    }
    const { body } = await nodes[1].gateway.call('GET', `/sessions/${ID}`)
    expect(body['state']).toBe('open')
  })
})
