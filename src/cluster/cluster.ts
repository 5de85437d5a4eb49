import type { Redis } from 'ioredis'
import type { Log } from '../log.ts'
import { hearChannel } from '../store/redis/ears.ts'
import { storeFailed } from '../store/redis/fault.ts'
import type { Keys } from '../store/redis/keys.ts'
import { livingNodes } from '../store/redis/living.ts'
import type { Lease, Node, Ownership } from './lease.ts'
import { clusterScripts } from './scripts.ts'

/** How long a lease, and a node's sign of life, hold without being renewed. */
const LEASE_MS = 10_000
/** How much earlier the owner itself holds a lease for lost. */
const MARGIN_MS = 2000
const RENEW_MS = 3000
const CLAIM_MS = 2000
/** How much the moments of claims differ from node to node. */
const JITTER = 0.5
/** How often leases that were not renewed in time are looked for. */
const LOOK_MS = 200
/** How long a session may take to end when its node stops. */
const DRAIN_MS = 5000

/** A session and the node that runs it. */
export interface LeaseRow {
  readonly sessionId: string
  /** Null while nobody runs it. */
  readonly nodeId: string | null
  /** When it was claimed, Unix milliseconds. */
  readonly claimedAt: number | null
}

/** One node among others. */
export interface ClusterNode extends Ownership {
  readonly node: Node
  nodes(): Promise<readonly Node[]>
  /** Every session, and who runs it. */
  leases(): Promise<readonly LeaseRow[]>
  /** Takes what an earlier start of this node had, and everything where no other node lives: no session of it may look connected before it is. */
  reclaim(): Promise<void>
  /** Begins to claim sessions; `url` is where the other nodes reach this one. */
  start(url: string): Promise<void>
  /** Claims no more, and gives back what runs here once it has ended. */
  drain(): Promise<void>
  isDraining(): boolean
  /** Any other node that lives, or null. */
  another(): Promise<Node | null>
}

/** What a node works with. */
export interface ClusterParts {
  readonly redis: Redis
  readonly keys: Keys
  readonly nodeId: string
  /** Where Redis is, for the words of errors. */
  readonly place: string
  readonly log: Log
  /** Unix milliseconds and a clock that only goes forward; only tests give others. */
  readonly clock?: () => number
}

interface Held extends Lease {
  /** Until when it is ours without being renewed, on our own clock. */
  until: number
  readonly end: AbortController
}

/** A node that has not started yet. */
export function clusterNode({ redis, keys, nodeId, place, log, clock = () => performance.now() }: ClusterParts): ClusterNode {
  const scripts = clusterScripts(redis)
  const held = new Map<string, Held>()
  const listeners: ((sessionId: string, lease: Lease | null) => Promise<void>)[] = []
  const taking = new Map<string, Promise<Held | null>>()
  let node: Node = { id: nodeId, url: '', startedAt: Date.now() }
  let living = 1
  /** Sessions that nobody had at the last look. */
  let wereFree = new Set<string>()
  let isDraining = false
  let timers: NodeJS.Timeout[] = []
  let claiming: Promise<void> | null = null
  /** No longer hears when another node gives its sessions back. */
  let deafen = (): void => undefined
  /** What the listeners are still told of each session: never two things at once. */
  const telling = new Map<string, Promise<void>>()

  /** What Redis does not answer is a store that cannot be read. */
  const asked = <T>(answer: Promise<T>): Promise<T> =>
    answer.catch((error: unknown) => {
      throw storeFailed(error, place)
    })
  const warn = (error: unknown, words: string): void => log.warn({ error: (error as Error).name }, words)

  function told(sessionId: string, lease: Lease | null): Promise<void> {
    const next = (telling.get(sessionId) ?? Promise.resolve()).catch(() => undefined).then(async () => {
      for (const listener of listeners) await listener(sessionId, lease)
    }).finally(() => {
      if (telling.get(sessionId) === next) telling.delete(sessionId)
    })
    telling.set(sessionId, next)
    return next
  }

  async function claim(sessionId: string): Promise<Held | null> {
    const session = keys.session(sessionId)
    const from = clock()
    const fence = await asked(scripts.puenteClaim(session.meta, session.lease, nodeId, LEASE_MS))
    if (fence === null) return null
    const end = new AbortController()
    const lease: Held = { fence, until: from + LEASE_MS - MARGIN_MS, end, lost: end.signal, isHeld: () => !end.signal.aborted && clock() < lease.until }
    held.set(sessionId, lease)
    return lease
  }

  /** Two callers get the same lease. */
  async function take(sessionId: string): Promise<Held | null> {
    if (isDraining) return null
    const known = held.get(sessionId)
    if (known?.isHeld() === true) return known
    const under = taking.get(sessionId) ?? gain(sessionId).finally(() => taking.delete(sessionId))
    taking.set(sessionId, under)
    return under
  }

  async function gain(sessionId: string): Promise<Held | null> {
    const lease = await claim(sessionId)
    if (lease !== null) await told(sessionId, lease)
    return lease
  }

  /** Nothing more is said or written for the session; whoever runs it is told to end it. */
  async function lose(sessionId: string, lease: Held): Promise<void> {
    if (held.get(sessionId) === lease) held.delete(sessionId)
    lease.end.abort()
    await told(sessionId, null)
  }

  function look(): void {
    for (const [sessionId, lease] of held) if (!lease.isHeld()) void lose(sessionId, lease).catch((error: unknown) => warn(error, 'a session that is lost could not be ended'))
  }

  async function live(): Promise<void> {
    if (isDraining) return
    const words = await scripts.puenteLive(keys.gateway.nodeEnds, keys.gateway.nodes, nodeId, LEASE_MS, JSON.stringify(node))
    living = words.length
  }

  async function renewAll(): Promise<void> {
    const from = clock()
    const kept = await Promise.all([...held].map(async ([sessionId, lease]) => {
      const session = keys.session(sessionId)
      return { sessionId, lease, isKept: (await scripts.puenteRenew(session.meta, session.lease, nodeId, LEASE_MS, lease.fence)) === 1 }
    }))
    for (const { sessionId, lease, isKept } of kept) {
      if (isKept) lease.until = from + LEASE_MS - MARGIN_MS
      else await lose(sessionId, lease)
    }
    await live()
  }

  /** All that need an owner: every session, and every log that outlived its own, for its webhooks. */
  async function all(): Promise<string[]> {
    const [sessions, logs] = await Promise.all([redis.hkeys(keys.gateway.sessions), redis.hkeys(keys.gateway.heads)])
    return [...new Set([...sessions, ...logs])]
  }

  async function freeOnes(): Promise<{ free: string[]; mine: string[]; count: number }> {
    const ids = await all()
    const owners = ids.length === 0 ? [] : await Promise.all(ids.map((id) => redis.get(keys.session(id).lease)))
    const mine = ids.filter((id, at) => !held.has(id) && owners[at] === nodeId)
    return { free: [...mine, ...ids.filter((id, at) => !held.has(id) && owners[at] === null)], mine, count: ids.length }
  }

  /** Takes free sessions: its share of all at once, more only where nobody else has taken them since the last look. */
  async function claimSome(): Promise<void> {
    const { free, count } = await freeOnes()
    const share = Math.max(0, Math.ceil(count / Math.max(1, living)) - held.size)
    const left = shuffled(free)
    const wanted = [...left.slice(0, share), ...left.slice(share).filter((id) => wereFree.has(id))]
    wereFree = new Set(free)
    await Promise.all(wanted.map((id) => take(id)))
  }

  async function claimNow(): Promise<void> {
    if (isDraining) return
    claiming ??= claimSome().catch((error: unknown) => warn(error, 'free sessions could not be claimed')).finally(() => (claiming = null))
    await claiming
  }

  function again(work: () => Promise<void>, everyMs: number, jitter: number): void {
    const timer = setTimeout(() => {
      timers = timers.filter((other) => other !== timer)
      void work().catch((error: unknown) => warn(error, 'Redis did not answer a node')).finally(() => {
        if (!isDraining) again(work, everyMs, jitter)
      })
    }, everyMs * (1 + jitter * (Math.random() - 0.5)))
    timers.push(timer)
  }

  return {
    isShared: true,
    get node() {
      return node
    },
    lease(sessionId) {
      const lease = held.get(sessionId)
      return lease?.isHeld() === true ? lease : null
    },
    take,
    async ownerOf(sessionId) {
      const owner = await asked(redis.get(keys.session(sessionId).lease))
      const words = owner === null ? null : await asked(redis.hget(keys.gateway.nodes, owner))
      return words === null ? null : (JSON.parse(words) as Node)
    },
    follow: (listener) => void listeners.push(listener),
    isDraining: () => isDraining,
    async another() {
      const [id] = (await asked(livingNodes(redis, keys.gateway))).filter((other) => other !== nodeId)
      const words = id === undefined ? null : await asked(redis.hget(keys.gateway.nodes, id))
      return words === null ? null : (JSON.parse(words) as Node)
    },
    nodes: async () => Object.values(await asked(redis.hgetall(keys.gateway.nodes))).map((words) => JSON.parse(words) as Node),
    leases: async () =>
      asked(Promise.all((await asked(all())).map(async (sessionId): Promise<LeaseRow> => {
        const session = keys.session(sessionId)
        const [owner, claimedAt] = await Promise.all([redis.get(session.lease), redis.hget(session.meta, 'claimedAt')])
        return { sessionId, nodeId: owner, claimedAt: owner === null ? null : Number(claimedAt ?? 0) }
      }))),
    async reclaim() {
      const [{ mine, free }, others] = await Promise.all([freeOnes(), livingNodes(redis, keys.gateway)])
      await Promise.all((others.every((id) => id === nodeId) ? free : mine).map((id) => take(id)))
    },
    async start(url) {
      node = { ...node, url }
      // What was taken before this node listened is some seconds old.
      await renewAll()
      await claimNow()
      deafen = await hearChannel(redis, keys.gateway.freed, () => void claimNow())
      again(renewAll, RENEW_MS, 0)
      again(claimNow, CLAIM_MS, JITTER)
      const looking = setInterval(look, LOOK_MS)
      looking.unref()
      timers.push(looking)
    },
    async drain() {
      isDraining = true
      deafen()
      await claiming
      await Promise.allSettled(taking.values())
      const patience = new Promise<void>((resolve) => setTimeout(resolve, DRAIN_MS).unref())
      await Promise.race([patience, Promise.all([...held].map(async ([sessionId]) => told(sessionId, null).catch((error: unknown) => warn(error, 'a session could not be ended in order'))))])
      for (const timer of timers) clearTimeout(timer)
      await Promise.allSettled([...held].map(async ([sessionId, lease]) => {
        const session = keys.session(sessionId)
        lease.end.abort()
        await scripts.puenteRelease(session.meta, session.lease, nodeId, lease.fence)
      }))
      held.clear()
      await Promise.allSettled([redis.zrem(keys.gateway.nodeEnds, nodeId), redis.hdel(keys.gateway.nodes, nodeId)])
      await redis.publish(keys.gateway.freed, nodeId).catch(() => 0)
    },
  }
}

function shuffled<T>(list: readonly T[]): T[] {
  return list.map((item) => ({ item, key: Math.random() })).toSorted((one, other) => one.key - other.key).map(({ item }) => item)
}
