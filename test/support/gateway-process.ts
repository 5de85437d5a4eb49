import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { storeEnv } from './store-env.ts'
import { until } from './wait.ts'
import type { Answer, Call } from './gateway.ts'

const SCRIPT = join(import.meta.dirname, '../../dist/src/server.js')
const LISTENS = /Puente listens on (http:\S+) /

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** The built gateway as a process of its own, as `npm start` runs it. */
export interface GatewayProcess {
  readonly pid: number
  /** Where it listens. */
  readonly url: string
  readonly exited: Promise<Exit>
  /** All it wrote so far. */
  stdout(): string
  stderr(): string
  call<Body = unknown>(method: string, path: string, call?: Call): Promise<Answer<Body>>
  /** Sends the signal and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<Exit>
}

/** What a start that ends by itself left behind. */
export interface Refusal extends Exit {
  readonly stdout: string
  readonly stderr: string
}

interface Child {
  readonly pid: number
  readonly exited: Promise<Exit>
  isOver(): boolean
  stdout(): string
  stderr(): string
  kill(signal: NodeJS.Signals): void
}

const running = new Set<Child>()

function run(env: Readonly<Record<string, string>>): Child {
  const spawned = spawn(process.execPath, [SCRIPT], { env: { PATH: process.env['PATH'] ?? '', ...storeEnv(env['DATA_DIR'] ?? ''), ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  let over = false
  spawned.stdout.setEncoding('utf8').on('data', (piece: string) => (stdout += piece))
  spawned.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr += piece))
  const child: Child = {
    pid: spawned.pid ?? 0,
    exited: once(spawned, 'close').then(([code, signal]: unknown[]) => {
      over = true
      running.delete(child)
      return { code: code as number | null, signal: signal as NodeJS.Signals | null }
    }),
    isOver: () => over,
    stdout: () => stdout,
    stderr: () => stderr,
    kill: (signal) => void spawned.kill(signal),
  }
  running.add(child)
  return child
}

async function ask<Body>(url: string, key: string, method: string, { body, headers = {} }: Call = {}): Promise<Answer<Body>> {
  const answer = await fetch(url, {
    method,
    headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false
  return { status: answer.status, headers: answer.headers, body: (isJson ? JSON.parse(text) : text) as Body }
}

/** Starts the gateway with exactly these settings, on a port that the system chooses, and waits until it listens; its key is the value of API_KEY, or `key`. */
export async function startGatewayProcess(env: Readonly<Record<string, string>>, key = env['API_KEY'] ?? ''): Promise<GatewayProcess> {
  const child = run({ PORT: '0', ...env })
  const url = await until(() => LISTENS.exec(child.stdout())?.[1] ?? (child.isOver() && 'none'), 'the gateway to listen', 60_000)
  if (url === 'none') throw new Error(`the gateway did not start: ${child.stderr()}`)
  return {
    pid: child.pid,
    url,
    exited: child.exited,
    stdout: child.stdout,
    stderr: child.stderr,
    call: <Body>(method: string, path: string, call?: Call) => ask<Body>(url + path, key, method, call),
    async end(signal = 'SIGTERM') {
      child.kill(signal)
      return child.exited
    },
  }
}

/** Starts the gateway with settings that it must refuse, and waits for its end. */
export async function refusedStart(env: Readonly<Record<string, string>>): Promise<Refusal> {
  const child = run({ PORT: '0', ...env })
  const exit = await child.exited
  return { ...exit, stdout: child.stdout(), stderr: child.stderr() }
}

/** Kills, by their ids, all gateways that were started here and still run. */
export async function killGateways(): Promise<void> {
  await Promise.all([...running].map(async (child) => {
    child.kill('SIGKILL')
    await child.exited
  }))
}
