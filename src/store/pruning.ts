import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../log.ts'
import { DEVICE_LISTS_KEPT_MS, JOURNAL_KEPT_MS, MAX_DEVICE_LISTS, type EventRetention } from './retention.ts'
import type { Change, Store } from './store.ts'

/** Rows that go in one commit: the writer is never held long. */
const BATCH = 500
/** Soon after the start, for gateways that are restarted often, then every hour; both give or take {@link JITTER}, so that several do not meet. */
const FIRST_MS = 2 * 60_000
const EVERY_MS = 3_600_000
const JITTER = 0.2

/** One kind of row of a session that ages: how to tell that some are due, and what removes a batch of them. */
interface Ageing {
  isDue(): Promise<boolean>
  readonly change: Change
}

function ageingOf(store: Store, sessionId: string, now: number, { keptMs, maxPerSession }: EventRetention): readonly Ageing[] {
  const journal = now - JOURNAL_KEPT_MS
  const events = now - keptMs
  const devices = now - DEVICE_LISTS_KEPT_MS
  return [
    {
      isDue: async () => ((await store.journal.oldest(sessionId)) ?? now) < journal,
      change: { kind: 'journal.prune', before: journal, limit: BATCH },
    },
    {
      // The newest entry stays, so that the oldest one there is can always be told.
      async isDue() {
        const [oldest, next] = await store.events.after(sessionId, 0, 2)
        if (oldest === undefined || next === undefined) return false
        return oldest.at < events || (await store.events.bounds(sessionId)).last - oldest.seq >= maxPerSession
      },
      change: { kind: 'event.prune', before: events, keep: maxPerSession, limit: BATCH },
    },
    {
      isDue: async () => (await store.devices.excess(sessionId, devices, MAX_DEVICE_LISTS)) > 0,
      change: { kind: 'devices.prune', before: devices, keep: MAX_DEVICE_LISTS, limit: BATCH },
    },
  ]
}

/** Removes what is older than it is kept, or more, of all sessions and of the logs that outlived theirs, batch by batch. `now` in Unix milliseconds. */
export async function prune(store: Store, retention: EventRetention, now: number, signal: AbortSignal): Promise<void> {
  for (const sessionId of await sessionsOf(store)) {
    for (const { isDue, change } of ageingOf(store, sessionId, now, retention)) {
      while (!signal.aborted && (await isDue())) await store.commit(sessionId, [change])
    }
  }
}

async function sessionsOf(store: Store): Promise<ReadonlySet<string>> {
  const ids = new Set((await store.events.heads()).keys())
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<Store['sessions']['page']>> = await store.sessions.page({ limit: 200, cursor })
    for (const { id } of page.rows) ids.add(id)
    cursor = page.next
  } while (cursor !== null)
  return ids
}

/** A running pruning; `stop` resolves when it writes no more. */
export interface Pruning {
  stop(): Promise<void>
}

/** What a pruning works with; time itself only to be replaced by a test. */
export interface PruningParts {
  readonly store: Store
  readonly events: EventRetention
  readonly log: Log
  /** Unix milliseconds. */
  readonly now?: () => number
  /** Resolves after so long, or at once when it is aborted. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

const quietly = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal, ref: false }).catch(() => undefined)

/** Prunes every hour. A store that fails is tried again in the next. */
export function startPruning({ store, events, log, now = Date.now, wait = quietly }: PruningParts): Pruning {
  const stopping = new AbortController()
  const { signal } = stopping

  async function run(): Promise<void> {
    for (let waitMs = FIRST_MS; !signal.aborted; waitMs = EVERY_MS) {
      await wait(waitMs * (1 + JITTER * (2 * Math.random() - 1)), signal)
      if (!signal.aborted) await prune(store, events, now(), signal).catch((error: unknown) => log.warn({ error: (error as Error).name }, 'old rows could not be removed'))
    }
  }

  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}
