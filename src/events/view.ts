import { v7 as uuid } from 'uuid'
import type { LiveEvent, StoredEvent, StoredEventType } from '../../schemas/event.ts'
import { peopleOf, toPerson, type People } from '../contacts/people.ts'
import { isPerson } from '../jid.ts'
import type { EventRow, PlacedEventRow, Store } from '../store/store.ts'
import type { LiveFact } from './logged.ts'
import { RENDERERS } from './rendering.ts'

type Render = (logged: unknown, people: People) => unknown

/** Entries of one session's log as callers see them, in the same order; the people in them as they are known now, read in one go. */
export async function toEvents(store: Store, sessionId: string, rows: readonly EventRow[]): Promise<readonly StoredEvent[]> {
  const entries = rows.map((row) => ({ row, logged: JSON.parse(row.data) as unknown, render: RENDERERS[row.type as StoredEventType] as Render }))
  const named = new Set<string>()
  const noting: People = (id) => {
    named.add(id)
    return toPerson(id, undefined)
  }
  for (const { logged, render } of entries) render(logged, noting)
  const people = await namesOf(store, sessionId, named)
  return entries.map(({ row: { id, type, seq, at }, logged, render }) => ({ id, type, session: sessionId, seq, timestamp: new Date(at).toISOString(), data: render(logged, people) }) as StoredEvent)
}

/** Entries of several sessions as callers see them, in the same order; each session's people are read in one go. */
export async function toEventsOfAll(store: Store, rows: readonly PlacedEventRow[]): Promise<readonly StoredEvent[]> {
  const events = new Map<string, StoredEvent>()
  for (const sessionId of new Set(rows.map((row) => row.sessionId))) {
    for (const event of await toEvents(store, sessionId, rows.filter((row) => row.sessionId === sessionId))) events.set(event.id, event)
  }
  return rows.flatMap(({ id }) => events.get(id) ?? [])
}

/** What only holds for the moment, as callers see it. */
export async function toLiveEvent(store: Store, sessionId: string, { chatId, participant, presence, lastSeenAt, onlineCount }: LiveFact, nowMs: number): Promise<LiveEvent> {
  const people = await namesOf(store, sessionId, new Set([chatId, participant]))
  return {
    id: `evt_${uuid()}`,
    type: 'presence.updated',
    session: sessionId,
    seq: null,
    timestamp: new Date(nowMs).toISOString(),
    data: {
      chatId: isPerson(chatId) ? people(chatId).id : chatId,
      contact: people(participant),
      presence,
      lastSeenAt: lastSeenAt === null ? null : new Date(lastSeenAt * 1000).toISOString(),
      onlineCount,
    },
  }
}

/** A session that was deleted has no account and knows nobody any more; its log still names people by their ids. */
async function namesOf(store: Store, sessionId: string, ids: ReadonlySet<string>): Promise<People> {
  const session = await store.sessions.get(sessionId)
  return peopleOf(store, { id: sessionId, user: session?.user ?? null }, [...ids].filter(isPerson))
}
