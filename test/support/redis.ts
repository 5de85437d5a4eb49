import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectRedis } from '../../src/store/redis/connection.ts'
import { until } from './wait.ts'

/** False where redis-server is not installed, and tests that need it skip themselves; under CI that is a failure of theirs instead. */
export const hasRedis = process.env['CI'] === 'true' || spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0
if (!hasRedis) console.warn('redis-server is not installed: the tests that need it are skipped. Install it with your package manager to run them.')

/** A Redis of the test's own, on a socket in a temporary folder. */
export interface TestRedis {
  readonly url: string
  /** The process, to be stopped and resumed. */
  readonly pid: number
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  /** Starts it again on the same files. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Settings of a test's Redis that differ from those which Puente asks for. */
export type RedisSettings = Readonly<Record<string, string>>

/** Starts Debian's redis-server, with all that Puente asks of it, on the socket `redis.sock` in a folder that goes with it. */
export async function startRedis(settings: RedisSettings = {}, folder = mkdtempSync(join(tmpdir(), 'puente-redis-'))): Promise<TestRedis> {
  const socket = join(folder, 'redis.sock')
  const all = { port: '0', unixsocket: socket, bind: '127.0.0.1', dir: folder, appendonly: 'yes', appendfsync: 'always', save: '', 'maxmemory-policy': 'noeviction', 'enable-debug-command': 'yes', ...settings }
  const url = `unix:${socket}`
  let child: ChildProcess | null = null

  async function start(): Promise<void> {
    const started = spawn('redis-server', Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]), { stdio: 'ignore' })
    child = started
    const ended = once(started, 'exit').then(([code]) => {
      throw new Error(`redis-server ended with ${String(code)}`)
    })
    ended.catch(() => undefined)
    await Promise.race([ended, until(answers, 'redis-server')])
  }
  async function answers(): Promise<boolean> {
    const redis = connectRedis(url)
    redis.on('error', () => undefined)
    try {
      await redis.connect()
      return (await redis.ping()) === 'PONG'
    } catch {
      return false
    } finally {
      redis.disconnect()
    }
  }
  async function end(signal: NodeJS.Signals): Promise<void> {
    const running = child
    child = null
    if (running === null || running.exitCode !== null || running.signalCode !== null) return
    const exit = once(running, 'exit')
    running.kill(signal)
    await exit
  }

  await start()
  return {
    url,
    get pid() {
      return child?.pid ?? 0
    },
    start,
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
