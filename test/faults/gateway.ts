import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { storeEnv } from '../support/store-env.ts'
import { built } from './built.ts'

/** The key of every gateway here. */
export const KEY = 'key-of-the-faults'
const LISTENS = / listens on (http:\S+) /
const START_MS = 60_000
const REQUEST_MS = 30_000
const POLL_MS = 50

/** An answer of the gateway. */
export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** The gateway as a process that dies and is started again on the same data. */
export interface Mortal {
  /** `more` is its environment for this one life, such as where it dies. */
  start(more?: Readonly<Record<string, string>>): Promise<void>
  /** Resolves when it has ended by itself, or after this long. */
  gone(withinMs: number): Promise<void>
  /** True when it has ended by itself, or was ended. */
  isGone(): boolean
  /** Ends it without a word, and waits until it is gone. */
  kill(): Promise<void>
  /** Ends it in order. */
  stop(): Promise<void>
  /** Unix milliseconds of the last spawn. */
  spawnedAt(): number
  pid(): number
  url(): string
  /** Throws when the gateway is down or does not answer. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** Waits until each of these sessions is open. */
  allOpen(ids: readonly string[], withinMs: number): Promise<void>
}

/** What a gateway is started with. */
export interface MortalOptions {
  readonly dataDir: string
  readonly sandbox: string
  /** The compiled module to run, ours unless told otherwise. */
  readonly program?: string | undefined
  readonly env?: Readonly<Record<string, string>>
}

const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** A gateway that is not started yet. */
export function mortalGateway({ dataDir, sandbox, program = 'src/server.js', env = {} }: MortalOptions): Mortal {
  let child: ChildProcess | null = null
  let url = 'http://127.0.0.1:9'
  let spawned = 0

  async function end(signal: NodeJS.Signals): Promise<void> {
    const dying = child
    child = null
    if (!dying || dying.exitCode !== null || dying.signalCode !== null) return
    const gone = once(dying, 'exit')
    dying.kill(signal)
    await gone
  }

  async function call(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const response = await fetch(url + path, {
      method,
      signal: AbortSignal.timeout(REQUEST_MS),
      headers: { 'x-api-key': KEY, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) }
  }

  return {
    async start(more = {}) {
      spawned = Date.now()
      const isPlain = Object.keys({ ...env, ...more }).every((name) => !name.startsWith('FAULTS_'))
      const made = spawn(process.execPath, [...(isPlain ? [] : ['--import', built('test/faults/preload.js')]), built(program)], {
        env: { PATH: process.env['PATH'] ?? '', PORT: '0', API_KEY: KEY, DATA_DIR: dataDir, SANDBOX: sandbox, LOG_LEVEL: process.env['FAULTS_LOG_LEVEL'] ?? 'silent', ...storeEnv(dataDir), ...env, ...more },
        stdio: ['ignore', 'pipe', process.env['FAULTS_LOG_LEVEL'] === undefined ? 'ignore' : 'inherit'],
      })
      child = made
      children.add(made)
      made.once('exit', () => children.delete(made))
      let words = ''
      const listens = new Promise<string>((resolve, reject) => {
        made.stdout?.setEncoding('utf8').on('data', (piece: string) => {
          if (process.env['FAULTS_LOG_LEVEL'] !== undefined) process.stderr.write(piece)
          words = (words + piece).slice(-4000)
          const found = LISTENS.exec(words)?.[1]
          if (found !== undefined) resolve(found)
        })
        made.once('exit', (code, signal) => reject(new Error(`the gateway ended before it listened (${signal ?? code})`)))
        setTimeout(() => reject(new Error('the gateway does not listen')), START_MS).unref()
      })
      url = await listens
    },
    async gone(withinMs) {
      const dying = child
      if (!dying || dying.exitCode !== null || dying.signalCode !== null) return
      await Promise.race([once(dying, 'exit'), delay(withinMs)])
    },
    isGone: () => !child || child.exitCode !== null || child.signalCode !== null,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    spawnedAt: () => spawned,
    pid: () => child?.pid ?? 0,
    url: () => url,
    call,
    async allOpen(ids, withinMs) {
      const deadline = Date.now() + withinMs
      for (;;) {
        const states = await Promise.all(ids.map((id) => call('GET', `/sessions/${id}`).then(({ body }) => body['state'], () => 'down')))
        if (states.every((state) => state === 'open')) return
        if (Date.now() > deadline) throw new Error(`after ${withinMs} ms the sessions are ${states.join(', ')}`)
        await delay(POLL_MS)
      }
    },
  }
}
