import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startRedis } from '../support/redis.ts'
import { startFront } from './front.ts'
import { mortalGateway, type Answer, type Mortal } from './gateway.ts'
import { seeded, type Random } from './random.ts'
import type { Row } from './row.ts'
import { startFarSimulator, type FarSimulator } from './simulator.ts'
import { phoneOf } from './town.ts'
import { until } from './until.ts'
import { watchful } from './watchful.ts'

/** The size of the part about several nodes on one Redis. */
export interface ClusterSize {
  readonly seed: number
  readonly sessions: number
  /** Calls to random nodes while each of them is restarted in turn. */
  readonly calls: number
}

const NODES = 3
const READER = '15554000001'
const OPEN_MS = 120_000
const ARRIVE_MS = 60_000
const AT_ONCE = 12
const AGAIN_MS = 50
const MOST_TRIES = 400
/** The goals. */
const ELSEWHERE_MS = 20_000
const ELSEWHERE_P50_MS = 14_000
const HANDED_OVER_MS = 3000
const OWN_LEASES_MS = 5000
const MOST_UNAVAILABLE = 0.01

interface Load {
  readonly accepted: string[]
  readonly statuses: Map<number, number>
  /** What was answered with 503, by its code. */
  readonly unavailable: Map<string, number>
}

/** Three nodes share the sessions: one dies, one stops in order, all are restarted under load; nothing accepted is lost. */
export async function clusterPart({ seed, sessions: count, calls }: ClusterSize): Promise<readonly Row[]> {
  const random = seeded(seed, 'cluster')
  const redis = await startRedis()
  const simulator = await startFarSimulator()
  const front = await startFront(simulator.started)
  const folders = Array.from({ length: NODES }, () => mkdtempSync(join(tmpdir(), 'puente-node-')))
  const nodes = folders.map((dataDir, place) =>
    mortalGateway({ dataDir, sandbox: front.url, env: { REDIS_URL: redis.url, REDIS_PREFIX: 'cluster', NODE_ID: `node-${place}` } }))
  const ids = Array.from({ length: count }, (_, place) => `shared-${place}`)
  const watch = watchful(`seed ${seed}`, { linked: count, calls })
  const load: Load = { accepted: [], statuses: new Map(), unavailable: new Map() }
  const rows: Row[] = []
  const row = (name: string, goal: string, found: string, good: boolean): void => void rows.push({ part: 'cluster', name, goal, found, good })
  try {
    await simulator.addContact({ phone: READER, name: 'Reader', answersRetries: false, autoReceipts: 'delivered' })
    for (const node of nodes) await node.start()
    for (const [place, id] of ids.entries()) {
      await linkThrough(pick(nodes, random), simulator, id, phoneOf(place))
      watch.count('linked')
    }
    await (nodes[0] as Mortal).allOpen(ids, OPEN_MS)
    const shares = [...(await ownersSeenBy(nodes[0] as Mortal)).values()]
    row('sessions of each node after linking', 'told', nodes.map((_, place) => shares.filter((owner) => owner === `node-${place}`).length).join(' / '), true)

    const [first, second, third] = nodes as [Mortal, Mortal, Mortal]
    const theirs = await ownedBy(first, 'node-1')
    const died = Date.now()
    await second.kill()
    const moved = await timesToOpen(first, theirs, 'node-1', died)
    row(`kill -9 of a node with ${theirs.length} sessions: open elsewhere, worst`, `<= ${ELSEWHERE_MS} ms`, `${Math.max(...moved)} ms`, Math.max(...moved) <= ELSEWHERE_MS)
    row('the same, median', `<= ${ELSEWHERE_P50_MS} ms`, `${median(moved)} ms`, median(moved) <= ELSEWHERE_P50_MS)

    await second.start()
    const handed = await ownedBy(first, 'node-2')
    const stopped = Date.now()
    await third.stop()
    const handedOver = await timesToOpen(first, handed, 'node-2', stopped)
    row(`SIGTERM of a node with ${handed.length} sessions: open elsewhere, a session`, `<= ${HANDED_OVER_MS} ms`, `${Math.round(Math.max(...handedOver) / Math.max(1, handed.length))} ms (the last after ${Math.max(...handedOver)} ms)`, Math.max(...handedOver) <= HANDED_OVER_MS * Math.max(1, handed.length))
    await third.start()

    const isRestarted = { value: false }
    const restarts = (async () => {
      while (!isRestarted.value) {
        for (const node of nodes) {
          await node.stop()
          await node.start()
          await delay(1000)
          if (isRestarted.value) return
        }
      }
    })()
    await everyCall(nodes, ids, calls, seed, load, () => watch.count('calls'))
    isRestarted.value = true
    await restarts
    const total = [...load.statuses.values()].reduce((sum, some) => sum + some, 0)
    const unavailable = load.statuses.get(503) ?? 0
    const broken = [...load.statuses].filter(([status]) => status >= 500 && status !== 503)
    row(`${total} calls to random nodes while each was restarted in turn: 503`, `<= ${100 * MOST_UNAVAILABLE} %`, `${((100 * unavailable) / total).toFixed(2)} % (${[...load.unavailable].map(([code, some]) => `${some} x ${code}`).join(', ')})`, unavailable <= MOST_UNAVAILABLE * total)
    row('other 5xx', '0', broken.map(([status, some]) => `${some} x ${status}`).join(', ') || '0', broken.length === 0)

    await first.allOpen(ids, OPEN_MS)
    const missing = await until(async () => {
      const texts = new Map<string, number>()
      for (const { text } of await simulator.messagesOf(READER)) if (text !== null && text !== undefined) texts.set(text, (texts.get(text) ?? 0) + 1)
      const value = load.accepted.filter((text) => !texts.has(text))
      return { value, done: value.length === 0 }
    }, ARRIVE_MS)
    row(`accepted sends that did not arrive, of ${load.accepted.length}`, '0', String(missing.length), missing.length === 0)

    for (const node of [second, third]) await node.stop()
    await first.allOpen(ids, OPEN_MS)
    await first.kill()
    await first.start()
    await first.allOpen(ids, OPEN_MS)
    const backMs = Date.now() - first.spawnedAt()
    row(`one gateway, kill -9: ${count} sessions open again, from spawn`, `<= ${OWN_LEASES_MS} ms`, `${backMs} ms`, backMs <= OWN_LEASES_MS)
    const { accounts } = await simulator.manifest()
    const links = accounts.filter(({ devices }) => devices.length > 1).length
    row('links made again', '0', String(links), links === 0)
    return rows
  } finally {
    watch.stop()
    for (const node of nodes) await node.kill()
    simulator.stop()
    await front.close()
    await redis.stop()
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
}

const pick = (nodes: readonly Mortal[], random: Random): Mortal => random.pick(nodes)

async function linkThrough(node: Mortal, simulator: FarSimulator, id: string, phone: string): Promise<void> {
  await node.call('POST', `/sessions/${id}?wait=25`)
  const { body } = await node.call('GET', `/sessions/${id}/qr?wait=25`)
  await simulator.scan(String(body['qr']), { phone, name: id })
  await node.allOpen([id], OPEN_MS)
}

async function ownersSeenBy(node: Mortal): Promise<ReadonlyMap<string, string | null>> {
  const { sessions } = (await node.call('GET', '/cluster')).body as unknown as { sessions: readonly { id: string; nodeId: string | null }[] }
  return new Map(sessions.map(({ id, nodeId }) => [id, nodeId]))
}

const ownedBy = async (node: Mortal, nodeId: string): Promise<string[]> => [...(await ownersSeenBy(node))].flatMap(([id, owner]) => (owner === nodeId ? [id] : []))

/** How long after the moment each session was open on another node. */
async function timesToOpen(node: Mortal, ids: readonly string[], before: string, since: number): Promise<number[]> {
  const times = new Map<string, number>()
  await until(async () => {
    const owners = await ownersSeenBy(node)
    await Promise.all(ids.filter((id) => !times.has(id) && owners.get(id) !== before && owners.get(id) !== null).map(async (id) => {
      const { body } = await node.call('GET', `/sessions/${id}`)
      if (body['state'] === 'open') times.set(id, Date.now() - since)
    }))
    return { value: null, done: times.size === ids.length }
  }, OPEN_MS, AGAIN_MS)
  return ids.map((id) => times.get(id) ?? OPEN_MS)
}

/** Calls of every kind; a send is tried under its key until some node has taken it. */
async function everyCall(nodes: readonly Mortal[], ids: readonly string[], count: number, seed: number, { accepted, statuses, unavailable }: Load, onCall: () => void): Promise<void> {
  let place = 0
  const tell = (answer: Answer | null): void => {
    if (answer === null) return
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
    const code = String(answer.body['code'])
    if (answer.status === 503) unavailable.set(code, (unavailable.get(code) ?? 0) + 1)
    onCall()
  }
  async function one(random: Random, number: number): Promise<void> {
    const id = random.pick(ids)
    const kind = random.whole(0, 9)
    if (kind < 4) return tell(await pick(nodes, random).call('GET', random.pick([`/sessions/${id}`, `/sessions/${id}/chats`, '/sessions', `/sessions/${id}/events?limit=5`])).catch(() => null))
    if (kind < 5) return tell(await pick(nodes, random).call('GET', `/sessions/${id}/chats/${READER}/contact`).catch(() => null))
    const text = `mixed ${number}`
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const answer = await pick(nodes, random).call('POST', `/sessions/${id}/chats/${READER}/messages`, { text }, { 'idempotency-key': `mixed-${number}`, prefer: 'respond-async' }).catch(() => null)
      tell(answer)
      if (answer !== null && answer.status < 300) {
        accepted.push(text)
        return
      }
      await delay(AGAIN_MS)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, async (_, lane) => {
    const random = seeded(seed, `calls ${lane}`)
    while (place < count) await one(random, place++)
  }))
}

const median = (values: readonly number[]): number => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
