import type { proto } from '@whiskeysockets/baileys'
import type { OutboxRow, Store } from '../store/store.ts'
import { actingIn, type Acting } from './outbound/action.ts'

const PAGE = 50

/** An accepted send whose turn comes. */
export interface Turn extends Pick<OutboxRow, 'id' | 'chatId' | 'expiresAt'> {
  /** What to send; null where it has to be read. */
  readonly content: proto.IMessage | null
  /** What is done to a message, where that is what waits. */
  readonly acting: Acting | null
}

/** The accepted sends of one open connection. */
export interface SendQueue {
  /** Adds a send that has just become durable; to be called in the order of acceptance. */
  add(turn: Turn): void
  /** The store may hold sends that another node accepted. */
  look(): void
  /** Each send in order of acceptance: first those that the store holds, then each as it is added. Ends with the signal. */
  turns(): AsyncGenerator<Turn, void>
}

/** A queue of a session whose sends other nodes accept too: only the store knows their order. */
export function sharedQueue(store: Store, sessionId: string, signal: AbortSignal): SendQueue {
  let isRung = false
  let wake = (): void => undefined
  signal.addEventListener('abort', () => wake(), { once: true })
  const look = (): void => {
    isRung = true
    wake()
  }
  return {
    add: look,
    look,
    async *turns() {
      for (let after = 0; !signal.aborted; ) {
        isRung = false
        const rows = await store.outbox.pending(sessionId, after, PAGE)
        for (const { id, chatId, expiresAt, position, content } of rows) {
          yield { id, chatId, expiresAt, content: null, acting: actingIn(content) }
          after = position
        }
        if (rows.length === 0 && !isRung && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve))
      }
    },
  }
}

/** A queue that reads from the store only what was accepted before it: a read would wait for the disk after every send. */
export function sendQueue(store: Store, sessionId: string, signal: AbortSignal): SendQueue {
  const added: Turn[] = []
  let wake = (): void => undefined
  signal.addEventListener('abort', () => wake(), { once: true })

  /** What the store holds, up to the first that was added: from there on all were. */
  async function* stored(read: Set<string>): AsyncGenerator<Turn, void> {
    for (let after = 0; ; ) {
      const rows = await store.outbox.pending(sessionId, after, PAGE)
      if (rows.length === 0) return
      for (const { id, chatId, expiresAt, position, content } of rows) {
        if (added[0]?.id === id) return
        read.add(id)
        yield { id, chatId, expiresAt, content: null, acting: actingIn(content) }
        after = position
      }
    }
  }

  return {
    look: () => undefined,
    add(turn) {
      added.push(turn)
      wake()
    },
    async *turns() {
      const read = new Set<string>()
      yield* stored(read)
      while (!signal.aborted) {
        const turn = added.shift()
        if (turn === undefined) await new Promise<void>((resolve) => (wake = resolve))
        else if (!read.delete(turn.id)) yield turn
      }
    },
  }
}
