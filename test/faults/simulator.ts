import { fork } from 'node:child_process'
import type { Manifest, Simulator } from '../../src/simulator/simulator.ts'
import { built } from './built.ts'

/** A call of a verb in the simulator's process. */
export interface Verb {
  readonly id: number
  readonly verb: string
  readonly args: readonly unknown[]
}

/** What the simulator's process counts. */
export interface Tally {
  /** Messages that a phone could not decrypt, each copy: who, which and why. */
  readonly undecryptable: string[]
  /** Pre-keys uploaded under an id that had held another key. */
  reusedPreKeys: number
  preKeys: number
  /** Copies that somebody could not read and asked for again. */
  retries: number
}

type Verbs = Omit<Simulator, 'world' | 'wsUrl' | 'mediaUrl' | 'rootKey' | 'close'>
type Far<Work> = Work extends (...args: infer Args) => infer Result ? (...args: Args) => Promise<Awaited<Result>> : never

/** The simulator in a process of its own: each verb answers a promise. */
export type FarSimulator = { [Name in keyof Verbs]: Far<Verbs[Name]> } & {
  readonly started: Manifest
  tally(): Promise<Tally>
  stop(): void
}

interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

/** Starts it, with a world that lives as long as the process. */
export async function startFarSimulator(): Promise<FarSimulator> {
  const child = fork(built('test/faults/simulator-program.js'), [], { env: { PATH: process.env['PATH'] ?? '' }, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let last = 0
  const reply = (id: number): Promise<unknown> => new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
  child.on('message', ({ id, value, error }: Answer) => {
    const call = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) call?.resolve(value)
    else call?.reject(new Error(error))
  })
  child.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the simulator is gone'))
  })
  const started = (await reply(0)) as Manifest
  const ask = (verb: string, args: readonly unknown[]): Promise<unknown> => {
    const id = ++last
    const answer = reply(id)
    child.send({ id, verb, args } satisfies Verb)
    return answer
  }
  const own = { started, stop: () => void child.kill('SIGKILL') }
  return new Proxy(own, {
    get: (target, name) => {
      // A promise of this object must not take it for another promise.
      if (typeof name !== 'string' || name === 'then') return undefined
      return name in target ? Reflect.get(target, name) : (...args: unknown[]) => ask(name, args)
    },
  }) as unknown as FarSimulator
}
