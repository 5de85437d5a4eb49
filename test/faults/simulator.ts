import { fork } from 'node:child_process'
import type { Manifest, Simulator } from '../../src/simulator/simulator.ts'
import { built } from './built.ts'

/** A call of a verb in the simulator's process. */
export interface Verb {
  readonly id: number
  readonly verb: string
  readonly args: readonly unknown[]
}

/** A copy of a message that a phone could not decrypt. */
export interface Unread {
  readonly phone: string
  readonly id: string
  readonly reason: string
  /** Unix milliseconds. */
  readonly at: number
}

/** A copy that somebody could not read and asked for again. */
export interface Again {
  readonly id: string
  /** Who asked, and which device was asked. */
  readonly from: string
  readonly to: string
  /** How often it was asked for so far. */
  readonly count: string
  /** Unix milliseconds. */
  readonly at: number
}

/** What the simulator's process counts. */
export interface Tally {
  /** Copies that a phone could not decrypt. */
  readonly undecryptable: Unread[]
  /** Pre-keys uploaded under an id that had held another key. */
  reusedPreKeys: number
  preKeys: number
  /** Copies that somebody could not read and asked for again. */
  readonly retries: Again[]
}

type Verbs = Omit<Simulator, 'world' | 'wsUrl' | 'mediaUrl' | 'rootKey' | 'close'>
type Far<Work> = Work extends (...args: infer Args) => infer Result ? (...args: Args) => Promise<Awaited<Result>> : never

/** The simulator in a process of its own: each verb answers a promise. */
export type FarSimulator = { [Name in keyof Verbs]: Far<Verbs[Name]> } & {
  readonly started: Manifest
  tally(): Promise<Tally>
  /** True while a message of this id waits for some device's receipt. */
  waits(id: string): Promise<boolean>
  /** Hands out one-time pre-keys of an account's companion until it is told that few are left. */
  drainPreKeys(phone: string): Promise<void>
  /** The one-time pre-keys that the server holds of an account's companions: `id key`, the key in base64. */
  preKeysOf(phone: string): Promise<readonly string[]>
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
