import { join } from 'node:path'
import { now, run, temporaryFolder, type Program } from './process.ts'
import type { SimulatorProcess } from './simulator.ts'
import type { Subject } from './subject.ts'

/** What the raw process is told. */
export type RawCommand =
  | { readonly kind: 'link'; readonly id: string }
  | { readonly kind: 'save'; readonly file: string }
  | { readonly kind: 'resume'; readonly file: string }
  | RawSend
  /** Notes the messages that Baileys emits of this session from now on, until it is asked for them. */
  | { readonly kind: 'watch' | 'report'; readonly id: string }

/** So many texts to these chats in turn, so many at the same time. */
export interface RawSend {
  readonly kind: 'send'
  readonly id: string
  readonly chats: readonly string[]
  readonly count: number
  readonly inFlight: number
}

/** What the raw process tells; `at` in {@link now} time. */
export type RawEvent =
  /** It listens. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'qr'; readonly id: string; readonly qr: string }
  | { readonly kind: 'open'; readonly id: string; readonly at: number }
  | { readonly kind: 'history'; readonly id: string; readonly messages: number; readonly at: number }
  | { readonly kind: 'saved' }
  | { readonly kind: 'sent'; readonly id: string }
  | { readonly kind: 'seen'; readonly id: string; readonly seen: readonly Seen[] }

/** A message's id, and when it was heard of first, in `monotonicMs` time. */
export type Seen = readonly [id: string, atMs: number]

const TIMEOUT_MS = 180_000

/** Raw Baileys on this simulator. */
export function startRaw(simulator: SimulatorProcess): Subject {
  const file = join(temporaryFolder(), 'identities.json')
  const begin = (): Program => run('./raw-program.js', { ipc: true, args: [simulator.wsUrl, simulator.mediaUrl] })
  let program = begin()

  /** The event that `take` makes something of. */
  function event<T>(what: string, take: (event: RawEvent) => T | null): Promise<T> {
    const { child } = program
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`raw: ${what} did not come`)), TIMEOUT_MS)
      const listen = (message: unknown): void => {
        const found = take(message as RawEvent)
        if (found === null) return
        clearTimeout(timer)
        child.off('message', listen)
        resolve(found)
      }
      child.on('message', listen)
    })
  }

  const command = (told: RawCommand): void => void program.child.send(told)
  const opened = (id: string): Promise<number> => event('open', (told) => (told.kind === 'open' && told.id === id ? told.at : null))

  async function scanned(id: string, phone: string): Promise<number> {
    const code = event('a QR code', (told) => (told.kind === 'qr' && told.id === id ? told.qr : null))
    command({ kind: 'link', id })
    return await simulator.scan(await code, phone)
  }

  return {
    get pid() {
      return program.pid
    },
    async link(id, phone) {
      const open = opened(id)
      const from = await scanned(id, phone)
      return (await open) - from
    },
    async linkWithHistory(id, phone, { chats, messagesPerChat }) {
      let left = chats * messagesPerChat
      const complete = event('the history', (told) => {
        if (told.kind !== 'history' || told.id !== id) return null
        left -= told.messages
        return left <= 0 ? told.at : null
      })
      const from = await scanned(id, phone)
      return (await complete) - from
    },
    async restart(sessions) {
      const saved = event('the copy', (told) => (told.kind === 'saved' ? true : null))
      command({ kind: 'save', file })
      await saved
      await program.stop()
      const from = now()
      program = begin()
      const open = new Set<string>()
      const complete = event('the last session', (told) => {
        if (told.kind !== 'open') return null
        return open.add(told.id).size === sessions ? told.at : null
      })
      command({ kind: 'resume', file })
      return (await complete) - from
    },
    stop: () => program.stop(),
  }
}
