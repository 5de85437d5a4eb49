import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { makeBell, mayTell, type Bell } from '../bell.ts'
import { Fenced, storeClosed, StoreFailed } from '../faults.ts'
import { Pending, type PendingCommit } from '../pending.ts'
import type { Change } from '../store.ts'
import { apply } from './apply.ts'
import { draftOf, type Meta } from './draft.ts'
import { storeFailed } from './fault.ts'
import type { Keys } from './keys.ts'
import { write } from './script.ts'
import type { Source } from './source.ts'
import { warm } from './warm.ts'

/** The way to Redis: commits go in order, and are known to {@link Pending} until they are durable. */
export interface Queue {
  readonly pending: Pending
  /** Rings for what became durable here. */
  readonly bell: Bell
  /** Names this queue in what it tells the others. */
  readonly writer: string
  commit(sessionId: string, changes: readonly Change[], fence?: string): Promise<void>
  /** Throws once the store is closed. */
  assertOpen(): void
  /** Waits for all that was committed. */
  close(): Promise<void>
}

/** How much goes at once, so that nobody waits long for somebody else's import. */
const MAX_CHANGES = 2000

/** How often a commit is made anew because another node wrote meanwhile. */
const MAX_TRIES = 100
const MAX_PAUSE_MS = 20

interface Waiting extends PendingCommit {
  readonly fence: string
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** What became of each commit: null when it is durable. */
type Outcomes = ReadonlyMap<Waiting, Error | null>

/** Starts the queue on an open connection; `place` is where Redis is, for the words of errors. */
export function startQueue(redis: Redis, source: Source, keys: Keys, place: string): Queue {
  const pending = new Pending()
  const bell = makeBell()
  const writer = randomUUID()
  let waiting: Waiting[] = []
  let numbers = 0
  let running: Promise<void> = Promise.resolve()
  let isRunning = false
  let gone: StoreFailed | null = null

  /** The first commits in line that can go together: those of one session with one fence. */
  function nextBatch(): Waiting[] {
    const fences = new Map<string, string>()
    let size = 0
    let count = 0
    for (const { sessionId, fence, changes } of waiting) {
      if (size >= MAX_CHANGES || (fences.get(sessionId) ?? fence) !== fence) break
      fences.set(sessionId, fence)
      size += changes.length
      count += 1
    }
    return waiting.splice(0, count)
  }

  async function metaOf(sessionId: string): Promise<Meta> {
    const [version, taken, head] = await source.fields(keys.session(sessionId).meta, ['version', 'numbers', 'head'])
    return { version: Number(version ?? 0), numbers: Number(taken ?? 0), head: Number(head ?? 0) }
  }

  /** Writes commits of one session; one that cannot be written at all fails alone. */
  async function writeAll(sessionId: string, all: readonly Waiting[], outcomes: Map<Waiting, Error | null>): Promise<void> {
    const fence = all[0]?.fence ?? ''
    let commits = all
    for (let tries = 0; commits.length > 0; ) {
      const draft = draftOf(source, keys.session(sessionId), await metaOf(sessionId))
      const changes = commits.flatMap((commit) => commit.changes)
      const deliveries = changes.filter(({ kind }) => kind === 'delivery.put').length
      let delivery = deliveries === 0 ? 0 : (await redis.incrby(keys.gateway.deliveryPlace, deliveries)) - deliveries
      const writing = { draft, gateway: keys.gateway, nextDelivery: () => ++delivery }
      await Promise.all(changes.flatMap((change) => warm(draft, keys.gateway, change)))
      const broken = await firstBroken(commits, async (change) => apply(writing, change))
      if (broken !== null) {
        outcomes.set(broken.commit, storeFailed(broken.error, place))
        commits = commits.filter((commit) => commit !== broken.commit)
        continue
      }
      const outcome = await write(redis, keys.gateway, draft, fence, `${writer} ${sessionId}`)
      if (outcome === 'written') return
      if (outcome === 'fenced') throw new Fenced()
      tries += 1
      if (tries >= MAX_TRIES) throw new StoreFailed('Other nodes kept writing to the session.', { code: 'MOVED' })
      await sleep(Math.random() * Math.min(tries, MAX_PAUSE_MS))
    }
  }

  async function writeBatch(batch: readonly Waiting[]): Promise<Outcomes> {
    const outcomes = new Map<Waiting, Error | null>()
    const sessions = new Map<string, Waiting[]>()
    for (const commit of batch) sessions.set(commit.sessionId, [...(sessions.get(commit.sessionId) ?? []), commit])
    await Promise.all([...sessions].map(async ([sessionId, commits]) => {
      try {
        await writeAll(sessionId, commits, outcomes)
      } catch (error) {
        const failure = storeFailed(error, place)
        // What was enqueued behind it may build on it.
        const behind = failure instanceof Fenced ? waiting.filter((commit) => commit.sessionId === sessionId && commit.fence !== '') : waiting.filter((commit) => commit.sessionId === sessionId)
        waiting = waiting.filter((commit) => !behind.includes(commit))
        for (const commit of [...commits, ...behind]) if (!outcomes.has(commit)) outcomes.set(commit, failure)
      }
    }))
    for (const commit of batch) if (!outcomes.has(commit)) outcomes.set(commit, null)
    return outcomes
  }

  function settle(commit: Waiting, failure: Error | null): void {
    pending.remove(commit)
    if (failure !== null) {
      commit.reject(failure)
      return
    }
    commit.resolve()
    if (mayTell(commit.changes)) bell.ring(commit.sessionId)
  }

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const outcomes = await writeBatch(nextBatch())
      for (const [commit, failure] of [...outcomes].toSorted(([one], [other]) => one.number - other.number)) settle(commit, failure)
    }
    isRunning = false
  }

  const assertOpen = (): void => {
    if (gone !== null) throw gone
  }
  return {
    pending,
    bell,
    writer,
    assertOpen,
    commit(sessionId, changes, fence = '') {
      if (gone !== null) return Promise.reject(gone)
      const durable = new Promise<void>((resolve, reject) => {
        const commit: Waiting = { number: ++numbers, sessionId, changes, fence, resolve, reject, settled: () => durable.then(nothing, nothing) }
        waiting.push(commit)
        pending.add(commit)
      })
      if (!isRunning) {
        isRunning = true
        // Commits of one turn go together.
        running = new Promise<void>((resolve) => setImmediate(resolve)).then(run)
      }
      return durable
    },
    async close() {
      gone ??= storeClosed()
      await running
    },
  }
}

/** The first commit that cannot be written, and why; a store that fails rejects. */
async function firstBroken(commits: readonly Waiting[], into: (change: Change) => Promise<void>): Promise<{ commit: Waiting; error: unknown } | null> {
  for (const commit of commits) {
    try {
      for (const change of commit.changes) await into(change)
    } catch (error) {
      if (error instanceof StoreFailed) throw error
      return { commit, error }
    }
  }
  return null
}

const nothing = (): void => {}
