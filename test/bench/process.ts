import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A program of this build in a process of its own, whose garbage is collected at SIGWINCH. */
export interface Program {
  readonly child: ChildProcess
  readonly pid: number
  /** Ends it with SIGTERM, or SIGKILL after some seconds. */
  stop(): Promise<void>
}

const GRACE_MS = 10_000
const KEPT_CHARACTERS = 4_000
const COLLECT = "data:text/javascript,process.on('SIGWINCH',()=>{gc();gc()})"

const running = new Set<ChildProcess>()
const folders = new Set<string>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

/** A folder that goes when the benchmark ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'puente-bench-'))
  folders.add(folder)
  return folder
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', resolve)
  })
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** How a program is run. */
export interface RunOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly ipc?: boolean
  /** Modules that are loaded before it. */
  readonly imports?: readonly string[]
  /** The one core that it may use. */
  readonly core?: number
}

/** Runs a built module, its path relative to this one. An end that nobody asked for ends the benchmark, with its last words. */
export function run(module: string, options: RunOptions): Program {
  const imports = [COLLECT, ...(options.imports ?? [])].flatMap((first) => ['--import', first])
  const command = [process.execPath, '--expose-gc', ...imports, fileURLToPath(new URL(module, import.meta.url)), ...(options.args ?? [])]
  const [file = '', ...args] = options.core === undefined ? command : ['taskset', '-c', String(options.core), ...command]
  const child = spawn(file, args, {
    cwd: temporaryFolder(),
    env: { PATH: process.env['PATH'] ?? '', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', ...(options.ipc ? (['ipc'] as const) : [])],
  })
  running.add(child)
  let words = ''
  let isStopping = false
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-KEPT_CHARACTERS)
    })
  }
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      running.delete(child)
      resolve()
      if (isStopping) return
      process.stderr.write(`${module} ended by itself (${signal ?? code}):\n${words}\n`)
      process.exit(1)
    })
  })
  return {
    child,
    pid: child.pid ?? 0,
    async stop() {
      isStopping = true
      child.kill('SIGTERM')
      const forced = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
      await ended
      clearTimeout(forced)
    },
  }
}

const SETTLE_MS = 500
const SAMPLES = 3

/** Resident memory in MiB after a collection: the least of some samples. */
export async function residentMiB(pid: number): Promise<number> {
  const samples: number[] = []
  for (let sample = 0; sample < SAMPLES; sample++) {
    process.kill(pid, 'SIGWINCH')
    await delay(SETTLE_MS)
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    samples.push(Number(kib) / 1024)
  }
  return Math.min(...samples)
}

/** Unix milliseconds with fractions, comparable between processes. */
export const now = (): number => performance.timeOrigin + performance.now()

/** Milliseconds of the one clock that all processes of a machine share and nobody sets: CLOCK_MONOTONIC. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6

const DEADLINE_MS = 180_000
const POLL_MS = 5

/** Repeats every `stepMs` until the answer is not null, and answers it; throws in words after some minutes. */
export async function poll<T>(what: string, probe: () => Promise<T | null>, stepMs = POLL_MS): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS
  for (;;) {
    const found = await probe()
    if (found !== null) return found
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${DEADLINE_MS / 1000} s`)
    await delay(stepMs)
  }
}
