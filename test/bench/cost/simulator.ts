import type { Manifest, Simulator } from '../../../src/simulator/simulator.ts'
import { startFront } from '../../faults/front.ts'
import { run } from '../process.ts'

/** A call of a verb in the simulator's process. */
export interface Verb {
  readonly id: number
  readonly verb: string
  readonly args: readonly unknown[]
}

/** What was counted from the first to the last of some messages. */
export interface Span {
  readonly perSecond: number
  /** From the moment that counting began. */
  readonly elapsedMs: number
  /** What the simulator's process used meanwhile. */
  readonly cpuMs: number
  /** Copies that somebody could not read, since the start. */
  readonly retries: number
}

/** Sends to be counted: how many of whose. */
export interface Send {
  readonly account: string
  readonly count: number
}

/** Messages to be prepared: from whom to whom, every fourth one in a group where there is any. */
export interface Replay extends Send {
  readonly contacts: readonly string[]
  readonly groups: readonly string[]
}

/** Messages at a pace: so many to each account, from these contacts in turn, every fourth in a group of all. */
export interface Paced extends Omit<Replay, 'account'> {
  readonly accounts: readonly string[]
  /** To each account. */
  readonly perSecond: number
}

/** A message that was handed to the wire, in `monotonicMs` time. */
export interface Handed {
  readonly account: string
  readonly id: string
  readonly atMs: number
}

/** A simulated WhatsApp whose phones can be told not to decrypt. */
export interface CostSimulator {
  readonly manifest: Manifest
  /** What a gateway is told to use as its sandbox. */
  readonly frontUrl: string
  scan: Far<Simulator['scan']>
  addContact: Far<Simulator['addContact']>
  createGroup: Far<Simulator['createGroup']>
  say: Far<Simulator['say']>
  messagesOf: Far<Simulator['messagesOf']>
  /** Acks and counts the account's next sends, and decrypts none of them. */
  countSends(send: Send): Promise<Span>
  /** Encrypts messages and keeps them; answers how many. */
  prepare(replay: Replay): Promise<number>
  /** Lets them go, so many ahead of their receipts; answers when the last receipt is there. */
  replay(ahead: number): Promise<Span>
  /** Encrypts messages, then hands them over at a pace that waits for nobody; answers when each went. */
  pace(paced: Paced): Promise<readonly Handed[]>
  /** How many stanzas it did not know. */
  unknown(): Promise<number>
  stop(): Promise<void>
}

type Far<Work> = Work extends (...args: infer Args) => infer Result ? (...args: Args) => Promise<Awaited<Result>> : never

interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

/** Starts it, with a world that lives as long as the process. */
export async function startCostSimulator(): Promise<CostSimulator> {
  const program = run('./cost/simulator-program.js', { ipc: true })
  const waiting = new Map<number, (answer: Answer) => void>()
  let last = 0
  const reply = (id: number): Promise<unknown> =>
    new Promise((resolve, reject) => waiting.set(id, ({ value, error }) => (error === undefined ? resolve(value) : reject(new Error(error)))))
  program.child.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  const manifest = (await reply(0)) as Manifest
  const front = await startFront(manifest)
  const far = (verb: string) =>
    ((...args: readonly unknown[]) => {
      const id = ++last
      const answer = reply(id)
      program.child.send({ id, verb, args } satisfies Verb)
      return answer
    }) as never
  return {
    manifest,
    frontUrl: front.url,
    scan: far('scan'),
    addContact: far('addContact'),
    createGroup: far('createGroup'),
    say: far('say'),
    messagesOf: far('messagesOf'),
    countSends: far('countSends'),
    prepare: far('prepare'),
    replay: far('replay'),
    pace: far('pace'),
    unknown: far('unknown'),
    async stop() {
      await program.stop()
      await front.close()
    },
  }
}
