import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A gateway in a process of its own, with a sandbox and a folder that goes with it. */
export interface Gateway {
  readonly url: string
  readonly key: string
  /** The last lines it printed, for when something goes wrong. */
  output(): string
  /** Asks it to stop, waits, and removes its folder. */
  stop(): Promise<void>
  /** Ends it at once and removes its folder, for the last moments of this process. */
  kill(): void
}

const READY_MS = 15_000
const POLL_MS = 50
const GRACE_MS = 4_000
const KEPT_LINES = 20

/** Starts the built gateway on a free port and waits until it is ready. Throws in words when it is not. */
export async function startGateway(): Promise<Gateway> {
  const folder = mkdtempSync(join(tmpdir(), 'puente-demo-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const key = randomBytes(16).toString('hex')
  const server = fileURLToPath(new URL('../server.js', import.meta.url))
  // An environment of its own: the demo must never touch the caller's store.
  const env = { SANDBOX: 'true', HOST: '127.0.0.1', PORT: String(port), DATA_DIR: join(folder, 'data'), API_KEY: key, LOG_LEVEL: 'warn' }
  // In a process group of its own: a Ctrl-C is for the demo, which then ends the gateway; one that ended first would look like a failure.
  const child = spawn(process.execPath, [server], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      lines.push(...text.split('\n').filter((line) => line !== ''))
      lines.splice(0, lines.length - KEPT_LINES)
    })
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const isEnded = (): boolean => child.exitCode !== null || child.signalCode !== null

  const gateway: Gateway = {
    url,
    key,
    output: () => lines.join('\n'),
    kill() {
      if (!isEnded()) child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    },
    async stop() {
      child.kill('SIGTERM')
      await Promise.race([ended, delay(GRACE_MS, undefined, { ref: false })])
      if (!isEnded()) child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }

  const deadline = Date.now() + READY_MS
  while (!(await isReady(url))) {
    if (!isEnded() && Date.now() < deadline) {
      await delay(POLL_MS)
      continue
    }
    const words = isEnded() ? 'The gateway ended while it started.' : `The gateway was not ready after ${READY_MS / 1000} s.`
    gateway.kill()
    throw new Error(`${words}\n${gateway.output()}`)
  }
  return gateway
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`)).ok
  } catch {
    return false
  }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', resolve)
  })
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
