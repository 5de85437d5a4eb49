import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mortalGateway, type Mortal } from '../../faults/gateway.ts'
import { startLoneSimulator, type LoneSimulator } from '../../support/lone-simulator.ts'
import { hasRedis, startRedis, type TestRedis } from '../../support/redis.ts'
import { tempFolder } from '../../support/temp.ts'
import { assertNothingUnknown } from '../../support/unknown-stanzas.ts'
import { until } from '../../support/wait.ts'

const SESSIONS = 6
const READER = '15550700001'
const PATIENCE_MS = 180_000
const OPEN_MS = 60_000
/** How long sessions of a node that died may take to be open elsewhere. */
const ELSEWHERE_MS = 20_000
/** How long the sessions of a node that stops in order may take, each. */
const HANDED_OVER_MS = 3000

const idOf = (place: number): string => `shared-${place}`
const phoneOf = (place: number): string => `1555080000${place}`
const ids = Array.from({ length: SESSIONS }, (_, place) => idOf(place))

let redis: TestRedis
let simulator: LoneSimulator
beforeAll(async () => {
  if (!hasRedis) return
  redis = await startRedis()
  simulator = await startLoneSimulator()
})
afterAll(async () => {
  if (!hasRedis) return
  const manifest = await simulator.control<{ unknownStanzas: { what: string; count: number }[] }>('GET', '/sandbox')
  await simulator.stop()
  await redis.stop()
  assertNothingUnknown(manifest)
})

interface Cluster {
  readonly sessions: readonly { readonly id: string; readonly nodeId: string | null }[]
  readonly nodes: readonly { readonly id: string }[]
}

describe.skipIf(!hasRedis)('three nodes on one Redis', () => {
  it('run the sessions together, take over from one that dies or stops, and lose nothing that any of them accepted', { timeout: PATIENCE_MS }, async () => {
    const nodes = Array.from({ length: 3 }, (_, place) =>
      mortalGateway({ dataDir: tempFolder(), sandbox: simulator.controlUrl, env: { REDIS_URL: redis.url, REDIS_PREFIX: 'nodes', NODE_ID: `node-${place}` } }))
    const [first, second, third] = nodes as [Mortal, Mortal, Mortal]
    const posted: string[] = []
    const post = async (node: Mortal, place: number, name: string): Promise<number> => {
      const text = `${name} from ${place}`
      const { status } = await node.call('POST', `/sessions/${idOf(place)}/chats/${READER}/messages`, { text }, { 'idempotency-key': text.replaceAll(' ', '-') })
      if (status < 300) posted.push(text)
      return status
    }
    const read = async (): Promise<readonly string[]> =>
      (await simulator.control<{ text: string }[]>('GET', `/sandbox/contacts/${READER}/messages`)).map(({ text }) => text)
    const arrived = (): Promise<boolean> => until(async () => {
      const texts = new Set(await read())
      return posted.every((text) => texts.has(text))
    }, 'every accepted message to arrive', OPEN_MS)
    const owners = async (node: Mortal): Promise<Map<string, string | null>> => {
      const { sessions } = (await node.call('GET', '/cluster')).body as unknown as Cluster
      return new Map(sessions.map(({ id, nodeId }) => [id, nodeId]))
    }

    try {
      await simulator.control('POST', '/sandbox/contacts', { phone: READER, name: 'Reader' })
      for (const node of nodes) await node.start()
      for (const [place, id] of ids.entries()) {
        // Any node can be asked for anything: the code is shown by whichever has the session.
        await (nodes[place % 3] as Mortal).call('POST', `/sessions/${id}?wait=25`)
        const { body } = await (nodes[(place + 1) % 3] as Mortal).call('GET', `/sessions/${id}/qr?wait=25`)
        await simulator.scan(String(body['qr']), { phone: phoneOf(place) })
      }
      await third.allOpen(ids, OPEN_MS)
      expect(new Set((await owners(first)).values())).toEqual(new Set(['node-0', 'node-1', 'node-2']))

      for (const [turn, node] of nodes.entries()) for (const place of ids.keys()) expect(await post(node, place, `open ${turn}`)).toBe(201)
      await arrived()

      const died = Date.now()
      await second.kill()
      for (const place of ids.keys()) expect([201, 202]).toContain(await post(first, place, 'while one is dead'))
      await until(async () => ![...(await owners(first)).values()].some((owner) => owner === null || owner === 'node-1'), 'the sessions of the dead node to be taken', ELSEWHERE_MS)
      await first.allOpen(ids, ELSEWHERE_MS)
      expect(Date.now() - died).toBeLessThan(ELSEWHERE_MS)
      await arrived()

      const stopped = Date.now()
      const theirs = [...(await owners(first))].filter(([, owner]) => owner === 'node-2').map(([id]) => id)
      await third.stop()
      await first.allOpen(ids, OPEN_MS)
      expect(Date.now() - stopped).toBeLessThan(theirs.length * HANDED_OVER_MS + HANDED_OVER_MS)
      for (const place of ids.keys()) expect(await post(first, place, 'alone')).toBe(201)
      await arrived()

      // A single node does not wait for its own dead leases.
      await first.kill()
      await first.start()
      await first.allOpen(ids, OPEN_MS)
      expect(Date.now() - first.spawnedAt()).toBeLessThan(10_000)
      for (const place of ids.keys()) expect(await post(first, place, 'again')).toBe(201)
      await arrived()
      const texts = await read()
      expect(new Set(texts).size).toBe(posted.length)
    } finally {
      for (const node of nodes) await node.kill()
    }
  })
})
