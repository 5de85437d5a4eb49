import { Worker } from 'node:worker_threads'
import { makeBell, mayTell, type Bell } from '../bell.ts'
import { storeClosed, StoreFailed } from '../faults.ts'
import type { Change } from '../store.ts'
import { toCrossing } from './crossing.ts'
import { faultOf, storeFailed } from './fault.ts'
import { Pending, type PendingCommit } from '../pending.ts'
import type { FromWriter, ToWriter, CrossingCommit, WriterData } from './protocol.ts'

/** The way to the disk: commits go to the writer's thread in order, and are known to {@link Pending} until they are durable. */
export interface Queue {
  readonly pending: Pending
  /** Rings for what became durable. */
  readonly bell: Bell
  commit(sessionId: string, changes: readonly Change[]): Promise<void>
  /** Throws once the store is closed or its writer is gone. */
  assertOpen(): void
  /** Waits for all that was committed, then ends the writer. */
  close(): Promise<void>
}

/** The compiled writer, also when the sources themselves run, which no thread of Node 20 can. */
const entry = (): URL => new URL(import.meta.url.endsWith('.ts') ? '../../../dist/src/store/sqlite/writer.js' : './writer.js', import.meta.url)

/**
 * Each crossing wakes the other thread and each transaction writes whole pages, so under load those cost more than the commits themselves.
 * After a pause a commit leaves at once; what follows gathers for so long, and for a millisecond more for each commit of the last gathering.
 */
const GATHER_MS = 2
const LONGEST_GATHER_MS = 16

interface Waiting extends PendingCommit {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Starts the writer on a prepared database; `place` is the data folder, for the words of errors. */
export async function startQueue(database: string, place: string): Promise<Queue> {
  // The options of the main thread are not the writer's: some, such as --input-type, would keep it from starting.
  const worker = new Worker(entry(), { workerData: { database } satisfies WriterData, execArgv: [] })
  const pending = new Pending()
  const bell = makeBell()
  const waiting = new Map<number, Waiting>()
  let numbers = 0
  let told = 0
  let gone: StoreFailed | null = null
  /** Commits that have not crossed to the thread yet. */
  let leaving: CrossingCommit[] = []
  let leftAt = -LONGEST_GATHER_MS
  let gatherMs = GATHER_MS
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))

  const settle = (number: number, failure: Error | null): void => {
    const commit = waiting.get(number)
    if (commit === undefined) return
    waiting.delete(number)
    pending.remove(commit)
    if (failure !== null) {
      commit.reject(failure)
      return
    }
    commit.resolve()
    if (mayTell(commit.changes)) bell.ring(commit.sessionId)
  }
  const fail = (failure: StoreFailed): void => {
    gone ??= failure
    for (const number of waiting.keys()) settle(number, failure)
  }
  const receive = (message: FromWriter): void => {
    if (message.kind === 'ready') return
    told = Math.max(told, ...message.written, ...message.failed.map(([number]) => number))
    for (const number of message.written) settle(number, null)
    for (const [number, fault] of message.failed) settle(number, storeFailed(fault, place))
  }
  worker.on('message', receive)
  worker.once('error', (error) => fail(storeFailed(faultOf(error), place)))
  worker.once('exit', () => fail(new StoreFailed('The writer of the store has ended.')))
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
    worker.once('exit', () => reject(new StoreFailed('The writer of the store ended before it was ready.')))
  })

  const post = (message: ToWriter): void => worker.postMessage(message, [])
  const flush = (): void => {
    if (leaving.length === 0) return
    leftAt = performance.now()
    gatherMs = Math.min(GATHER_MS + leaving.length, LONGEST_GATHER_MS)
    const commits = leaving
    leaving = []
    try {
      post({ kind: 'commits', commits })
    } catch {
      // One of them cannot cross: it fails alone.
      for (const commit of commits) {
        try {
          post({ kind: 'commits', commits: [commit] })
        } catch (error) {
          settle(commit.number, storeFailed(faultOf(error), place))
        }
      }
    }
  }

  const leaveSoon = (): void => {
    const waitMs = leftAt + gatherMs - performance.now()
    if (waitMs > 0) setTimeout(flush, waitMs)
    else setImmediate(flush)
  }

  const assertOpen = (): void => {
    if (gone !== null) throw gone
  }
  return {
    pending,
    bell,
    assertOpen,
    commit(sessionId, changes) {
      if (gone !== null) return Promise.reject(gone)
      const number = ++numbers
      const durable = new Promise<void>((resolve, reject) => {
        if (leaving.length === 0) leaveSoon()
        leaving.push({ number, sessionId, changes: changes.map(toCrossing), told })
        const commit: Waiting = { number, sessionId, changes, resolve, reject, settled: () => durable.then(nothing, nothing) }
        waiting.set(number, commit)
        pending.add(commit)
      })
      return durable
    },
    async close() {
      gone ??= storeClosed()
      flush()
      await Promise.allSettled([...waiting.values()].map((commit) => commit.settled()))
      post({ kind: 'close' })
      await exited
    },
  }
}

const nothing = (): void => {}
