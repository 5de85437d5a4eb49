import type { StoredEvent } from '../../schemas/event.ts'
import type { EventRow, PlacedEventRow, Store } from '../store/store.ts'
import { makeLatch } from './latch.ts'
import { liveChannel, type LiveChannel } from './live.ts'
import type { Position } from './position.ts'
import { toEvents } from './view.ts'

/** Entries that are read from the store at once. */
const BATCH = 200

/** What a follower meets, in order: entries, or that entries it never saw were removed by age or number. */
export type LogStep =
  | { readonly kind: 'rows'; readonly rows: readonly EventRow[] }
  | { readonly kind: 'gap'; /** The seq of the first that is missing. */ readonly from: number; /** And of the last. */ readonly to: number }

/** The same over all sessions. */
export type EverywhereStep =
  | { readonly kind: 'rows'; readonly rows: readonly PlacedEventRow[]; readonly removed: number }
  | { readonly kind: 'gap'; readonly position: Position }

/** The way out of the log: everybody reads it by a cursor of their own. */
export interface EventLog {
  /** What is told live, beside the log. */
  readonly live: LiveChannel
  /**
   * Entries of a session after the seq `after`, as they become durable, and on and on until the signal aborts. Entries of an iteration are
   * handed over before more are read, so a slow follower holds one batch. A store that fails rejects.
   */
  follow(sessionId: string, after: number, signal: AbortSignal): AsyncGenerator<LogStep, void, void>
  /** The same over all sessions, in the order of writing. */
  followEverywhere(from: Position, signal: AbortSignal): AsyncGenerator<EverywhereStep, void, void>
  /** Entries of one session as callers see them. */
  toEvents(sessionId: string, rows: readonly EventRow[]): Promise<readonly StoredEvent[]>
}

/** The outlets of a store's log, and of what is told beside it. */
export function eventLog(store: Store, live: LiveChannel = liveChannel()): EventLog {
  /** Hands over what `read` finds, each time there may be something new; `read` answers null for nothing. */
  async function* steps<Step>(sessionId: string | null, signal: AbortSignal, read: () => Promise<Step | null>): AsyncGenerator<Step, void, void> {
    const bell = makeLatch(signal)
    const silence = store.onTold(sessionId, bell.ring)
    try {
      while (!signal.aborted) {
        const step = await read()
        if (signal.aborted) return
        if (step === null) await bell.rung()
        else yield step
      }
    } finally {
      silence()
    }
  }

  return {
    live,
    follow(sessionId, after, signal) {
      let at = after
      let ahead: readonly EventRow[] = []
      return steps<LogStep>(sessionId, signal, async () => {
        const rows = ahead.length > 0 ? ahead : await store.events.durableAfter(sessionId, at, BATCH)
        const [first, last] = [rows[0], rows.at(-1)]
        ahead = []
        if (first === undefined || last === undefined) return null
        if (first.seq > at + 1) {
          const gap = { kind: 'gap', from: at + 1, to: first.seq - 1 } as const
          at = gap.to
          ahead = rows
          return gap
        }
        at = last.seq
        return { kind: 'rows', rows }
      })
    },
    followEverywhere(from, signal) {
      let { place, removed } = from
      return steps<EverywhereStep>(null, signal, async () => {
        const { rows, ...now } = await store.events.durableEverywhere(place, BATCH)
        if (now.removed > Math.max(place, removed)) {
          removed = now.removed
          return { kind: 'gap', position: { place, removed } }
        }
        const last = rows.at(-1)
        if (last === undefined) return null
        place = last.place
        return { kind: 'rows', rows, removed }
      })
    },
    toEvents: (sessionId, rows) => toEvents(store, sessionId, rows),
  }
}
