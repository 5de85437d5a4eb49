import type { Event } from '../../schemas/event.ts'
import type { Store } from '../store/store.ts'
import type { EventFilter } from './filter.ts'
import { makeLatch } from './latch.ts'
import type { EventLog } from './log.ts'
import { writePosition, type Position } from './position.ts'
import { toEvents, toEventsOfAll, toLiveEvent } from './view.ts'

/** How long a client waits before it connects again. */
const RETRY_MS = 2000
/** How often a silent stream says that it lives, so that no proxy ends it. */
export const HEARTBEAT_MS = 15_000
/** How much text is handed on at once. */
const PIECE_LENGTH = 64 * 1024
/** Live events that wait for a reader; older ones go, for they no longer hold. */
const MAX_LIVE = 100

/** What streams are made of. */
export interface StreamParts {
  readonly store: Store
  readonly log: EventLog
  readonly filter: EventFilter
  readonly heartbeatMs?: number
}

/** A session's events after the seq `after` as Server-Sent Events (WHATWG HTML, section 9.2): `id` is the seq. */
export function sessionStream(parts: StreamParts, sessionId: string, after: number, signal: AbortSignal): AsyncGenerator<string, void, void> {
  const { store, log, filter } = parts
  async function* logged(): AsyncGenerator<string, void, void> {
    for await (const step of log.follow(sessionId, after, signal)) {
      if (step.kind === 'gap') yield frame('gap', String(step.to), { session: sessionId, from: step.from, to: step.to })
      else {
        const events = await toEvents(store, sessionId, step.rows.filter(({ type }) => filter(type)))
        yield* framesOf(events.map((event) => [String(event.seq), event]), String(step.rows.at(-1)?.seq))
      }
    }
  }
  return stream(parts, sessionId, logged(), signal)
}

/** The events of all sessions after a position; `id` is the opaque cursor. */
export function everywhereStream(parts: StreamParts, from: Position, signal: AbortSignal): AsyncGenerator<string, void, void> {
  const { store, log, filter } = parts
  async function* logged(): AsyncGenerator<string, void, void> {
    for await (const step of log.followEverywhere(from, signal)) {
      if (step.kind === 'gap') yield frame('gap', writePosition(step.position), { session: null, from: null, to: null })
      else {
        const idOf = (place: number): string => writePosition({ place, removed: step.removed })
        const wanted = step.rows.filter(({ type }) => filter(type))
        const events = await toEventsOfAll(store, wanted)
        yield* framesOf(events.map((event, index) => [idOf(wanted[index]?.place ?? 0), event]), idOf(step.rows.at(-1)?.place ?? 0))
      }
    }
  }
  return stream(parts, null, logged(), signal)
}

/** What the log says, what is told live, and a heartbeat, one after another. */
async function* stream({ store, log, filter, heartbeatMs = HEARTBEAT_MS }: StreamParts, sessionId: string | null, logged: AsyncGenerator<string, void, void>, signal: AbortSignal): AsyncGenerator<string, void, void> {
  const latch = makeLatch(signal)
  const live: (() => Promise<string>)[] = []
  let read: IteratorResult<string, void> | null = null
  let fault: { readonly error: unknown } | null = null
  let beat = false

  const readOn = (): void => {
    logged.next().then((result) => (read = result), (error: unknown) => (fault = { error })).finally(latch.ring)
  }
  const silence = log.live.listen(sessionId, (from, fact) => {
    if (!filter(fact.type)) return
    if (live.length >= MAX_LIVE) live.shift()
    const nowMs = Date.now()
    live.push(async () => frame(fact.type, null, await toLiveEvent(store, from, fact, nowMs)))
    latch.ring()
  })
  const heart = setInterval(() => {
    beat = true
    latch.ring()
  }, heartbeatMs)
  /** What there is to say now, read by the loop below between its waits. */
  const told = (): { read: typeof read; fault: typeof fault; beat: boolean } => {
    const now = { read, fault, beat }
    read = null
    beat = false
    return now
  }

  try {
    yield `retry: ${RETRY_MS}\n\n`
    readOn()
    while (!signal.aborted) {
      await latch.rung()
      if (signal.aborted) return
      const now = told()
      if (now.fault !== null) throw now.fault.error
      if (now.read?.done === true) return
      if (now.read) {
        readOn()
        yield now.read.value
      }
      for (const render of live.splice(0)) yield await render()
      if (now.beat) yield ': heartbeat\n\n'
    }
  } finally {
    clearInterval(heart)
    silence()
    logged.return().catch(() => undefined)
  }
}

const frame = (type: string, id: string | null, data: object): string => `${id === null ? '' : `id: ${id}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`

/** Frames of events under their ids in pieces of some size, and the id of the last entry that was read, which alone moves a reader past what it does not want. */
function* framesOf(events: readonly (readonly [id: string, event: Event])[], last: string): Generator<string> {
  let piece = ''
  for (const [id, event] of events) {
    piece += frame(event.type, id, event)
    if (piece.length < PIECE_LENGTH) continue
    yield piece
    piece = ''
  }
  if (events.at(-1)?.[0] !== last) piece += `id: ${last}\n\n`
  if (piece !== '') yield piece
}
