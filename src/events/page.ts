import type { StoredEvent } from '../../schemas/event.ts'
import { invalidField, Problem, sessionNotFound } from '../errors.ts'
import type { Store } from '../store/store.ts'
import type { EventFilter } from './filter.ts'
import { LATEST, readPosition, readSeq, writePosition, type Position } from './position.ts'
import { toEvents, toEventsOfAll } from './view.ts'

/** Entries that one page looks through at most, so that a rare type costs no more than a common one. */
const SCANNED = 1000

/** A cursor as it was sent, and where: `/query/after`, say. */
export interface Cursor {
  readonly text: string
  readonly field: string
}

/** What a page of events is asked with. */
export interface EventPageRequest {
  /** Null is the oldest entry that is kept. */
  readonly cursor: Cursor | null
  readonly filter: EventFilter
  readonly limit: number
}

/** A page of events, ascending. */
export interface EventPage {
  readonly events: readonly StoredEvent[]
  /** The cursor of what comes after the page. */
  readonly after: string
  /** Whether there is more already. */
  readonly more: boolean
}

/** The seq after which a reader of a session's log goes on, and the oldest seq that is kept. SESSION_NOT_FOUND where there never was a log, VALIDATION_FAILED for a cursor that is none of this log. */
export async function seqAt(store: Store, sessionId: string, cursor: Cursor | null): Promise<{ after: number; oldest: number }> {
  const { first, last } = await store.events.bounds(sessionId)
  if (last === 0 && (await store.sessions.get(sessionId)) === null) throw sessionNotFound(sessionId)
  const oldest = Math.max(1, first)
  if (cursor === null) return { after: oldest - 1, oldest }
  if (cursor.text === LATEST) return { after: last, oldest }
  const after = readSeq(cursor.text, cursor.field)
  if (after > last) throw invalidField(cursor.field, `is ahead of the log, whose newest event has the seq ${last}`)
  return { after, oldest }
}

/** The same over all sessions. */
export async function positionAt(store: Store, cursor: Cursor | null): Promise<Position> {
  const { last, removed } = await store.events.everywhereBounds()
  if (cursor === null) return { place: 0, removed }
  if (cursor.text === LATEST) return { place: last, removed }
  const position = readPosition(cursor.text, cursor.field)
  if (position.place > last || position.removed > removed) throw invalidField(cursor.field, 'is ahead of the log')
  return position
}

/** The problem for events of a session that are no longer kept, with where to go on: `oldest` is the seq of the oldest one that is. */
export const eventsGone = (sessionId: string, oldest: number): Problem =>
  new Problem('EVENTS_GONE', `Events of session '${sessionId}' up to seq ${oldest - 1} are no longer kept; the oldest one is ${oldest}.`, { resume: { oldestSeq: oldest, after: String(oldest - 1) } })

/** A page of one session's events; EVENTS_GONE when the cursor stands before what is kept. */
export async function eventPage(store: Store, sessionId: string, { cursor, filter, limit }: EventPageRequest): Promise<EventPage> {
  const { after, oldest } = await seqAt(store, sessionId, cursor)
  if (after < oldest - 1) throw eventsGone(sessionId, oldest)
  const scanned = await store.events.after(sessionId, after, SCANNED)
  // Some may have been removed since the bounds were read.
  const first = scanned[0]?.seq ?? after + 1
  if (cursor !== null && first > after + 1) throw eventsGone(sessionId, first)
  const { taken, read } = take(scanned, filter, limit)
  const end = read.at(-1)?.seq ?? after
  return { events: await toEvents(store, sessionId, taken), after: String(end), more: read.length < scanned.length || scanned.length === SCANNED }
}

/** A page of the events of all sessions; EVENTS_GONE when some after the cursor are no longer kept. */
export async function everywherePage(store: Store, { cursor, filter, limit }: EventPageRequest): Promise<EventPage> {
  const position = await positionAt(store, cursor)
  const { rows: scanned, removed } = await store.events.everywhere(position.place, SCANNED)
  if (cursor !== null && removed > Math.max(position.place, position.removed)) {
    throw new Problem('EVENTS_GONE', 'Some events after this cursor are no longer kept; `after` holds a cursor that reads those that are.', { resume: { after: writePosition({ ...position, removed }) } })
  }
  const { taken, read } = take(scanned, filter, limit)
  const place = read.at(-1)?.place ?? position.place
  const events = await toEventsOfAll(store, taken)
  return { events, after: writePosition({ place, removed: Math.max(removed, position.removed) }), more: read.length < scanned.length || scanned.length === SCANNED }
}

/** The first `limit` rows that the filter wants, and all that had to be read for them. */
function take<Row extends { readonly type: string }>(rows: readonly Row[], filter: EventFilter, limit: number): { taken: readonly Row[]; read: readonly Row[] } {
  const taken: Row[] = []
  for (const [index, row] of rows.entries()) {
    if (!filter(row.type)) continue
    taken.push(row)
    if (taken.length === limit) return { taken, read: rows.slice(0, index + 1) }
  }
  return { taken, read: rows }
}
