/**
 * Loaded before the gateway by a fault test, never by the gateway itself: it makes the process die at a chosen commit or frame,
 * holds it between a decrypt and its receipt, slows the disk down or makes it fail, and shortens the keep-alive.
 * All by what its environment names, see faults-env.ts.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'
import workerThreads, { type WorkerOptions } from 'node:worker_threads'
import Libsql from 'libsql'
import { WebSocket } from 'ws'
import { armedFile, GRACE_MS, heldFile, KEEP_ALIVE_MS, struckFile, type Mark } from './faults-env.ts'
import { wrapRedisCommits } from './store/commits.ts'

const { isMainThread, Worker } = workerThreads
const env = process.env
const [, mark, place, side, number] = /^(?:(\w+)\/)?(\w+):(\w+):(\d+)$/.exec(env['FAULTS_CRASH'] ?? '') ?? []
const crashAt = Number(number ?? 0)
const commitMs = Number(env['FAULTS_COMMIT_MS'] ?? 0)
const faultFile = env['FAULTS_STORE_FILE']
const holdFile = env['FAULTS_HOLD_FILE']
const framesFile = env['FAULTS_FRAMES_FILE']
const keepAliveMs = Number(env['FAULTS_KEEP_ALIVE_MS'] ?? KEEP_ALIVE_MS)
/** How long the writer is held at most. */
const LONGEST_HOLD_MS = 10_000

/** What both threads know: whether the mark of the crash point was passed. */
const shared = isMainThread ? new Int32Array(new SharedArrayBuffer(4)) : (workerThreads.workerData as { readonly faults: Int32Array }).faults
if (mark === undefined) Atomics.store(shared, 0, 1)

let passed = 0
const die = (): void => void process.kill(process.pid, 'SIGKILL')

/** Counts a commit or frame that is about to be made, and dies when its turn has come; answers whether to die after it. */
function dueAfter(what: 'commit' | 'frame'): boolean {
  if (what !== place || Atomics.load(shared, 0) === 0) return false
  passed += 1
  if (passed === crashAt && side === 'before') die()
  return passed === crashAt && side === 'after'
}

/** Does the work, and dies before or after it when its turn has come. */
function counted<T>(what: 'commit' | 'frame', work: () => T): T {
  const isDue = dueAfter(what)
  const result = work()
  if (isDue) die()
  return result
}

/** The fault of the disk that is on now: a code of SQLite, with ` reads` behind it where only reads fail, or ` once` where one commit does; each ends with its file. */
const storeFault = (): string => (faultFile !== undefined && existsSync(faultFile) ? readFileSync(faultFile, 'utf8').trim() : '')

function fail(fault: string): never {
  writeFileSync(struckFile(faultFile ?? ''), '')
  throw Object.assign(new Error('the disk fails on purpose'), { code: fault.split(' ')[0] })
}

/** Whether a statement of the writer, with these values, is the mark from which a crash point counts. */
const MARKS: Readonly<Record<Mark, (sql: string, values: readonly unknown[]) => boolean>> = {
  // The values are session, type, id and value.
  prekey: (sql, [, type]) => sql.startsWith('INSERT INTO auth ') && type === 'pre-key',
  // The values are session, hash, message, plaintext and what is left open.
  peer: (sql, [, , , , open]) => sql.startsWith('INSERT INTO journal ') && open !== null,
}
const setsMark = mark === undefined ? () => false : MARKS[mark as Mark]

/** A link's keep-alive in a shorter time: Baileys looks at the clock in each tick, so the clock of the tick goes on by what it did not wait. */
function shortenKeepAlive(): void {
  const every = globalThis.setInterval
  const now = Date.now
  const shiftMs = KEEP_ALIVE_MS + GRACE_MS - keepAliveMs * (1 + GRACE_MS / KEEP_ALIVE_MS)
  globalThis.setInterval = ((tick: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    if (ms !== KEEP_ALIVE_MS) return every(tick, ms, ...args)
    return every(() => {
      Date.now = () => now() + shiftMs
      try {
        tick(...args)
      } finally {
        Date.now = now
      }
    }, keepAliveMs)
  }) as typeof setInterval
}

function failReads(): void {
  const prepare = Libsql.prototype.prepare as (this: Libsql.Database, sql: string) => Libsql.Statement
  Reflect.set(Libsql.prototype, 'prepare', function (this: Libsql.Database, sql: string): Libsql.Statement {
    const statement = prepare.call(this, sql)
    for (const name of ['get', 'all'] as const) {
      const read = statement[name].bind(statement)
      statement[name] = (...values: unknown[]) => {
        const fault = storeFault()
        if (fault.endsWith(' reads')) fail(fault)
        return read(...values) as never
      }
    }
    return statement
  })
}

/** The same for a store in Redis, whose commits leave from this thread. Redis fails by itself, see store/redis.ts. */
function harmRedisCommits(): void {
  wrapRedisCommits(async ({ decrypted, isMark }, write) => {
    const marked = mark !== undefined && isMark(mark as Mark)
    if (commitMs > 0) await delay(commitMs)
    if (marked && place === 'commit') Atomics.store(shared, 0, 1)
    const isDue = dueAfter('commit')
    const outcome = await write()
    if (isDue) die()
    if (marked) Atomics.store(shared, 0, 1)
    if (holdFile !== undefined && decrypted !== null && isHeld(holdFile, decrypted)) {
      for (let waitedMs = 0; waitedMs < LONGEST_HOLD_MS && existsSync(heldFile(holdFile)); waitedMs += 2) await delay(2)
    }
    return outcome
  })
}

/** Tells the supervisor of a decrypted message, if it wants to hear of one. */
function isHeld(file: string, id: string): boolean {
  if (!existsSync(armedFile(file))) return false
  rmSync(armedFile(file), { force: true })
  writeFileSync(`${file}-draft`, id)
  renameSync(`${file}-draft`, heldFile(file))
  return true
}

if (isMainThread) {
  harmRedisCommits()
  // The writer's thread takes no options of the main thread, so it is given this module by hand.
  workerThreads.Worker = class extends Worker {
    constructor(entry: string | URL, options: WorkerOptions = {}) {
      super(entry, { ...options, workerData: { ...(options.workerData as object), faults: shared }, execArgv: ['--import', import.meta.url] })
    }
  }
  syncBuiltinESMExports()
  const send = WebSocket.prototype.send as (this: WebSocket, ...args: unknown[]) => void
  WebSocket.prototype.send = function (this: WebSocket, ...args: unknown[]): void {
    if (framesFile !== undefined) appendFileSync(framesFile, `${Date.now()}\n`)
    counted('frame', () => send.apply(this, args))
  }
  if (faultFile !== undefined) failReads()
  if (keepAliveMs !== KEEP_ALIVE_MS) shortenKeepAlive()
} else {
  const clock = new Int32Array(new SharedArrayBuffer(4))
  const sleep = (ms: number): void => void Atomics.wait(clock, 0, 0, ms)
  /** The last decrypted message in the transaction at hand, and whether the mark is in it. */
  let decrypted: string | null = null
  let marked = false

  /** Nobody hears of the commit, so the receipt waits, until the supervisor has done what it wants. */
  const hold = (file: string, id: string): void => {
    if (!isHeld(file, id)) return
    for (let waitedMs = 0; waitedMs < LONGEST_HOLD_MS && existsSync(heldFile(file)); waitedMs += 2) sleep(2)
  }

  const prepare = Libsql.prototype.prepare as (this: Libsql.Database, sql: string) => Libsql.Statement
  Reflect.set(Libsql.prototype, 'prepare', function (this: Libsql.Database, sql: string): Libsql.Statement {
    const statement = prepare.call(this, sql)
    if (!sql.startsWith('INSERT INTO')) return statement
    const run = statement.run.bind(statement)
    statement.run = (...values: unknown[]) => {
      const result = run(...values)
      const bound = values[0] as readonly unknown[]
      // A ciphertext that came again changes nothing.
      if (result.changes === 0) return result
      if (sql.startsWith('INSERT INTO journal ')) decrypted = String(bound[2])
      marked ||= setsMark(sql, bound)
      return result
    }
    return statement
  })
  const exec = Libsql.prototype.exec
  Libsql.prototype.exec = function (this: Libsql.Database, sql: string): Libsql.Database {
    if (sql !== 'COMMIT') {
      if (sql.startsWith('BEGIN')) {
        decrypted = null
        marked = false
      }
      return exec.call(this, sql)
    }
    if (commitMs > 0) sleep(commitMs)
    const fault = storeFault()
    if (fault !== '' && !fault.endsWith(' reads')) {
      if (fault.endsWith(' once')) rmSync(faultFile ?? '', { force: true })
      fail(fault)
    }
    if (marked && place === 'commit') Atomics.store(shared, 0, 1)
    const result = counted('commit', () => exec.call(this, sql))
    // Frames count from here: those that left before waited for other commits.
    if (marked) Atomics.store(shared, 0, 1)
    if (holdFile !== undefined && decrypted !== null) hold(holdFile, decrypted)
    return result
  }
}
