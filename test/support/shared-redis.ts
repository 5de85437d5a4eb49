import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { connectRedis } from '../../src/store/redis/connection.ts'
import { until } from './wait.ts'

const URL_NAME = 'TEST_REDIS_URL'
const START_MS = 10_000

/** The part of vitest that a global set-up is given. */
interface Project {
  readonly config: { readonly env?: Partial<Record<string, string>> | undefined }
}

/** Runs one Redis for all tests of a project, on the socket that its environment names; answers what ends it. */
export default async function start({ config: { env } }: Project): Promise<() => Promise<void>> {
  const socket = new URL(env?.[URL_NAME] ?? '').pathname
  const folder = dirname(socket)
  mkdirSync(folder, { recursive: true })
  const server = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always', '--save', '', '--maxmemory-policy', 'noeviction'], { stdio: 'ignore' })
  const redis = connectRedis(`unix:${socket}`)
  redis.on('error', () => undefined)
  await until(() => redis.connect().then(() => true, () => false), 'redis-server', START_MS)
  redis.disconnect()
  return async () => {
    const exit = once(server, 'exit')
    server.kill('SIGKILL')
    await exit
    rmSync(folder, { recursive: true, force: true })
  }
}
