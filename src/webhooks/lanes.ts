import type { EventRow } from '../store/store.ts'

/** An event that a webhook has still to get. */
export interface Entry {
  readonly seq: number
  readonly eventId: string
  readonly type: string
  readonly chatId: string | null
  /** The event itself, while it costs little to keep; else it is read again. */
  row: EventRow | null
  /** How often it was tried, and its place on the schedule. */
  attempts: number
  step: number
}

/** Events that go one after another. */
export interface Lane {
  readonly key: string
  readonly entries: Entry[]
}

/** Events on their way, each in its lane; a lane gives its first event and no other until that one is dealt with. */
export interface Lanes {
  /** In order of seq. `holdMs`: how long the lane waits first, for an event that was tried before. */
  add(entry: Entry, holdMs?: number): void
  /** The next lane whose first event can go; it is taken until it is given back. */
  take(): { readonly lane: Lane; readonly entry: Entry } | null
  /** The first event of a taken lane is dealt with. */
  advance(lane: Lane): void
  /** The first event of a taken lane goes again after this long. */
  hold(lane: Lane, delayMs: number): void
  /** Lets a held lane that begins with this event go at once; false when there is none. */
  release(seq: number): boolean
  isReady(): boolean
  size(): number
  /** The lowest seq that is not dealt with, leaving these aside, or null. */
  first(aside: ReadonlySet<number>): number | null
  /** Forgets everything and stops all clocks. */
  clear(): void
}

/** Rows that are kept in a lane; what stands behind them is read again when its turn comes. */
const ROWS_A_LANE = 4
/** A timer takes no longer one. */
const MAX_TIMER_MS = 2_147_000_000

/** Lanes by what `keyOf` says of an event; `wake` is called when a held lane can go again. */
export function lanesBy(keyOf: (entry: Pick<Entry, 'chatId'>) => string, wake: () => void): Lanes {
  const lanes = new Map<string, Lane>()
  const ready: Lane[] = []
  const held = new Map<Lane, NodeJS.Timeout>()
  /** Ascending, since events are added in order. */
  const seqs = new Set<number>()

  function hold(lane: Lane, delayMs: number): void {
    for (const entry of lane.entries) entry.row = null
    held.set(lane, setTimeout(() => letGo(lane), Math.min(delayMs, MAX_TIMER_MS)))
  }

  function letGo(lane: Lane): void {
    clearTimeout(held.get(lane))
    held.delete(lane)
    ready.push(lane)
    wake()
  }

  return {
    add(entry, holdMs = 0) {
      seqs.add(entry.seq)
      const key = keyOf(entry)
      const known = lanes.get(key)
      if (known !== undefined) {
        if (held.has(known) || known.entries.length >= ROWS_A_LANE) entry.row = null
        known.entries.push(entry)
        return
      }
      const lane: Lane = { key, entries: [entry] }
      lanes.set(key, lane)
      if (holdMs > 0) hold(lane, holdMs)
      else ready.push(lane)
    },
    take() {
      const lane = ready.shift()
      const entry = lane?.entries[0]
      return lane === undefined || entry === undefined ? null : { lane, entry }
    },
    advance(lane) {
      const done = lane.entries.shift()
      if (done !== undefined) seqs.delete(done.seq)
      if (lane.entries.length > 0) ready.push(lane)
      else if (lanes.get(lane.key) === lane) lanes.delete(lane.key)
    },
    hold,
    release(seq) {
      const lane = [...held.keys()].find(({ entries }) => entries[0]?.seq === seq)
      if (lane !== undefined) letGo(lane)
      return lane !== undefined
    },
    isReady: () => ready.length > 0,
    size: () => seqs.size,
    first(aside) {
      for (const seq of seqs) if (!aside.has(seq)) return seq
      return null
    },
    clear() {
      for (const timer of held.values()) clearTimeout(timer)
      held.clear()
      lanes.clear()
      ready.length = 0
      seqs.clear()
    },
  }
}
