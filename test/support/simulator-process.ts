import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Outcome } from './simulator-runner.ts'

const root = join(import.meta.dirname, '../..')
// Under node_modules, so that what is compiled there finds its packages.
const outDir = join(root, 'node_modules/.cache/puente-simulator', String(process.pid))

/** A simulator in a process of its own, which a test may kill. */
export type SimulatorProcess = {
  readonly wsUrl: string
  readonly mediaUrl: string
  readonly pid: number
  /** Calls a verb of the simulator in that process. */
  call<T>(verb: string, ...args: unknown[]): Promise<T>
  /** Kills it as a power switch would, and waits until it is gone. */
  kill(): Promise<void>
}

let isBuilt = false

/** Compiles the simulator for a plain Node process, once. */
const build = (): string => {
  const runner = join(outDir, 'test/support/simulator-runner.js')
  if (isBuilt) return runner
  mkdirSync(outDir, { recursive: true })
  process.once('exit', () => rmSync(outDir, { recursive: true, force: true }))
  const config = join(outDir, 'tsconfig.json')
  writeFileSync(config, JSON.stringify({
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { outDir, rootDir: root, sourceMap: false },
    include: [],
    files: [join(root, 'test/support/simulator-runner.ts'), join(root, 'src/simulator/signal/libsignal.d.ts')],
  }))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', config], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the simulator does not compile: ${stdout}`)
  isBuilt = true
  return runner
}

/** Starts a simulator process over a folder. */
export const startSimulatorProcess = async (dataDir: string, wsPort = 0, mediaPort = 0): Promise<SimulatorProcess> => {
  const child: ChildProcess = fork(build(), [dataDir, String(wsPort), String(mediaPort)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let last = 0
  child.on('message', (outcome: Outcome) => {
    const call = waiting.get(outcome.id)
    waiting.delete(outcome.id)
    if (outcome.error === undefined) call?.resolve(outcome.value)
    else call?.reject(Object.assign(new Error(outcome.error), { code: outcome.code }))
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  void gone.then(() => {
    for (const { reject } of waiting.values()) reject(new Error('the simulator process is gone'))
  })
  const reply = (id: number): Promise<unknown> => new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
  const started = (await reply(0)) as { wsUrl: string; mediaUrl: string }
  return {
    ...started,
    pid: child.pid ?? 0,
    call: <T>(verb: string, ...args: unknown[]): Promise<T> => {
      const id = ++last
      const outcome = reply(id) as Promise<T>
      child.send({ id, verb, args })
      return outcome
    },
    kill: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}
