/**
 * Loaded before the gateway by a fault test, never by the gateway itself: it makes the process die at a chosen commit or frame,
 * slows the disk down, or makes it fail as long as a file says so. All by what its environment names.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import workerThreads, { type WorkerOptions } from 'node:worker_threads'
import { syncBuiltinESMExports } from 'node:module'
import Libsql from 'libsql'
import { WebSocket } from 'ws'

const { isMainThread, Worker } = workerThreads
const env = process.env
const [place, side, number] = (env['FAULTS_CRASH'] ?? '').split(':')
const commitMs = Number(env['FAULTS_COMMIT_MS'] ?? 0)
const faultFile = env['FAULTS_STORE_FILE']
const crashAt = Number(number ?? 0)

let passed = 0
const die = (): void => void process.kill(process.pid, 'SIGKILL')

/** Does the work, and dies before or after it when its turn has come. */
function counted<T>(what: 'commit' | 'frame', work: () => T): T {
  if (what !== place) return work()
  passed += 1
  if (passed === crashAt && side === 'before') die()
  const result = work()
  if (passed === crashAt && side === 'after') die()
  return result
}

/** The fault of the store that is on now: `SQLITE_FULL`, `SQLITE_IOERR_WRITE`, or with ` reads` behind it for reads as well, or with ` once` for one commit. */
const storeFault = (): string => (faultFile !== undefined && existsSync(faultFile) ? readFileSync(faultFile, 'utf8').trim() : '')
const failure = (fault: string): Error => Object.assign(new Error('the disk fails on purpose'), { code: fault.split(' ')[0] })

if (isMainThread) {
  // The writer's thread takes no options of the main thread, so it is given this module by hand.
  workerThreads.Worker = class extends Worker {
    constructor(entry: string | URL, options: WorkerOptions = {}) {
      super(entry, { ...options, execArgv: ['--import', import.meta.url] })
    }
  }
  syncBuiltinESMExports()
  const send = WebSocket.prototype.send as (this: WebSocket, ...args: unknown[]) => void
  WebSocket.prototype.send = function (this: WebSocket, ...args: unknown[]): void {
    counted('frame', () => send.apply(this, args))
  }
  if (faultFile !== undefined) {
    const prepare = Libsql.prototype.prepare as (this: Libsql.Database, sql: string) => Libsql.Statement
    Reflect.set(Libsql.prototype, 'prepare', function (this: Libsql.Database, sql: string): Libsql.Statement {
      const statement = prepare.call(this, sql)
      for (const name of ['get', 'all'] as const) {
        const read = statement[name].bind(statement)
        statement[name] = (...values: unknown[]) => {
          const fault = storeFault()
          if (fault.endsWith(' reads')) throw failure(fault)
          return read(...values) as never
        }
      }
      return statement
    })
  }
} else {
  const clock = new Int32Array(new SharedArrayBuffer(4))
  const exec = Libsql.prototype.exec
  Libsql.prototype.exec = function (this: Libsql.Database, sql: string): Libsql.Database {
    if (sql !== 'COMMIT') return exec.call(this, sql)
    if (commitMs > 0) Atomics.wait(clock, 0, 0, commitMs)
    const fault = storeFault()
    if (fault.endsWith(' once')) rmSync(faultFile ?? '', { force: true })
    if (fault !== '') throw failure(fault)
    return counted('commit', () => exec.call(this, sql))
  }
}
